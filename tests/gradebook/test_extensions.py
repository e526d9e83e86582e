"""An extension is for somebody whom the gradebook knows by this id, or it is refused before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.commands import export, grade, override, report, show
from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook import Gradebook
from tests.conftest import COURSE_TOML, write_course

ROSTER = "student_id,username,email,name\n22020001,an.nv,an@vnu.edu.vn,Nguyễn Văn An\n22020002,binh.tt,,Trần Thị Bình\n"


def course_with(folder: Path, student: str) -> Course:
    extension = f'[[extensions]]\nstudent = "{student}"\nassignment = "doubling"\nuntil = 2026-12-09T23:59:00+07:00\n'
    course = write_course(folder, course=COURSE_TOML + extension)
    (folder / "class.csv").write_text(ROSTER, encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(folder / "class.csv")
    return course


@pytest.mark.parametrize("student", ["22020001", " 22020001"])
def test_an_extension_by_the_own_id_holds(tmp_path: Path, student: str) -> None:
    course = course_with(tmp_path, student)
    Gradebook.of(course).close()
    due = course.due(course.assignment("doubling"), "22020001")
    assert due
    assert due.day == 9


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("2202001", r"nobody in the gradebook is '2202001'; did you mean 22020001 \(Nguyễn Văn An\)"),
        ("an.nv", r"'an.nv' is another id of 22020001 \(Nguyễn Văn An\). Write the id .*: \"22020001\""),
        ("AN@vnu.edu.vn", r"'AN@vnu.edu.vn' is another id of 22020001"),
        ("Tran Thi Binh", r"nobody in the gradebook is .*; did you mean 22020002 \(Trần Thị Bình\)\?"),
        ("zoe", r"nobody in the gradebook is 'zoe'. Add them to the roster, or take the extension out"),
    ],
)
def test_an_extension_of_a_stranger_stops_every_command_that_would_count_it(
    tmp_path: Path, student: str, says: str
) -> None:
    root = course_with(tmp_path, student).root
    says = rf"course.toml:6: extensions.student: {says}"
    with pytest.raises(CourseError, match=says):
        grade(course=root, assignment="doubling", paths=[root])
    with pytest.raises(CourseError, match=says):
        export(course=root, assignment="doubling", format="csv")
    with pytest.raises(CourseError, match=says):
        report(course=root, assignment="doubling")
    with pytest.raises(CourseError, match=says):
        show(course=root, student="22020001", assignment="doubling")
    with pytest.raises(CourseError, match=says):
        override(course=root, student="22020001", assignment="doubling", score=1, reason="r", author="a")


def test_without_a_roster_nothing_is_known_of_anybody(tmp_path: Path) -> None:
    extension = '[[extensions]]\nstudent = "an"\nassignment = "doubling"\nuntil = 2026-12-09T23:59:00+07:00\n'
    Gradebook.of(write_course(tmp_path, course=COURSE_TOML + extension)).close()


def test_an_extension_of_somebody_who_has_left_does_no_harm(tmp_path: Path) -> None:
    course = course_with(tmp_path, "22020002")
    (tmp_path / "class.csv").write_text("".join(ROSTER.splitlines(keepends=True)[:2]), encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(tmp_path / "class.csv", sync=True)
        assert [student.id for student in book.students()] == ["22020001"]
    Gradebook.of(course).close()
