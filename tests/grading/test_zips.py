"""Zips that are graded as they were handed in: told whole, looked at again by `status`, replayed."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.commands import grade, replay, status
from autograder.course import Course
from autograder.gradebook import Gradebook
from autograder.grading.told import told
from autograder.status.waiting import for_instructor
from tests.conftest import RIGHT, notebook

CLASS = "student_id,name,email,language\nan,Nguyễn An,,en\nbinh,Trần Bình,,vi\n"


@pytest.fixture
def enrolled(course: Course) -> Course:
    (course.root / "class.csv").write_text(CLASS, encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(course.root / "class.csv")
    return course


def pack(course: Course, student: str, files: Mapping[str, str | bytes]) -> Path:
    path = course.root / "submitted" / student / "doubling" / "bài nộp.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def waiting(course: Course) -> list[str]:
    return [one.what for one in for_instructor(status(course=course.root)) if "doubling" in one.students]


def test_what_could_not_be_had_is_told_to_the_instructor_and_to_the_student(enrolled: Course) -> None:
    for student in ("an", "binh"):
        pack(enrolled, student, {"bài.ipynb": notebook(RIGHT), "data.csv": b"0,1\n" * 800_000})
    run = grade(course=enrolled.root, assignment="doubling", paths=[enrolled.root / "submitted"])
    assert [result.score for result in run.results] == [100, 100]
    assert not run.complete
    lines = "\n".join(told(run))
    assert "Not graded as handed in: 2 paths." in lines
    assert "an (Nguyễn An): " in lines
    assert 'bài nộp.zip": is graded without what could not be had of it: data.csv (larger than 2 MB)' in lines
    an, binh = run.results
    assert an.message.startswith("What could not be had of your zip: data.csv (larger than 2 MB).")
    assert binh.message.startswith("Những gì không lấy được từ tệp zip của bạn: data.csv (")
    result = CliRunner().invoke(
        main, ["--course", str(enrolled.root), "grade", "doubling", str(enrolled.root / "submitted")]
    )
    assert result.exit_code == 1  # it is no other zip than before
    assert "0 graded" in result.output


def test_a_zip_that_has_changed_is_seen_and_graded_again_by_the_command_that_is_named(enrolled: Course) -> None:
    path = pack(enrolled, "an", {"bài/x.ipynb": notebook("from layers import *"), "bài/layers.py": RIGHT})
    (result,) = grade(course=enrolled.root, assignment="doubling", paths=[enrolled.root / "submitted"]).results
    assert (result.path, result.score) == (str(path), 100)
    assert "The file has changed since it was graded" not in waiting(enrolled)
    again = replay(course=enrolled.root, student="an", assignment="doubling", test="test_untouched")
    assert (again.now.outcome, again.remarks) == (again.recorded.outcome, ())
    pack(
        enrolled,
        "an",
        {"bài/x.ipynb": notebook("from layers import *"), "bài/layers.py": RIGHT.replace("2 * x", "3 * x")},
    )
    found = next(
        one for one in for_instructor(status(course=enrolled.root)) if one.what.startswith("The file has changed")
    )
    assert [student.id for student in found.students["doubling"]] == ["an"]
    command = found.command("doubling").split(" ", 3)
    (result,) = grade(course=enrolled.root, assignment="doubling", paths=[Path(command[3].strip("'"))]).results
    assert result.score < 100
    assert "The file has changed since it was graded" not in waiting(enrolled)


def test_what_students_handed_in_who_have_left_is_told_and_makes_no_run_fail(enrolled: Course) -> None:
    for student in ("an", "binh"):
        pack(enrolled, student, {"x.ipynb": notebook(RIGHT)})
    (enrolled.root / "class.csv").write_text(CLASS[: CLASS.index("binh")], encoding="utf-8")
    with Gradebook.open(enrolled.root) as book:
        book.import_roster(enrolled.root / "class.csv", sync=True)
    arguments = ["--course", str(enrolled.root), "grade", "doubling", str(enrolled.root / "submitted")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "because their students have left the class: 1 submission." in words
    assert "binh (Trần Bình): " in words
    assert not (enrolled.root / "unpacked" / "binh").exists()
    result = CliRunner().invoke(main, [*arguments, "--anyone"])
    assert (enrolled.root / "unpacked" / "binh").exists()
