"""What is kept of a person can be handed out whole, and erased whole."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.commands import export, grade, override
from autograder.course import Course
from autograder.errors import GraderError
from autograder.gradebook import Gradebook
from autograder.privacy import erase_person, export_person
from tests.conftest import COURSE_TOML, RIGHT, notebook, write_course

ROSTER = (
    "student_id,username,email,name,github_username\n"
    "22020001,an.nv,an@vnu.edu.vn,Nguyễn Văn An,an-hub\n22020002,binh.tt,binh@vnu.edu.vn,Trần Thị Bình,\n"
)
EXTENSION = (
    '[[extensions]]\nstudent = "22020001"\nassignment = "doubling"\nuntil = 2026-12-09T23:59:00+07:00\nreason = "ill"\n'
)


@pytest.fixture
def graded(tmp_path: Path) -> Course:
    course = write_course(tmp_path / "course", course=COURSE_TOML + EXTENSION)
    (course.root / "class.csv").write_text(ROSTER, encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(course.root / "class.csv")
    for student in ("22020001", "22020002"):
        folder = course.root / "submitted" / student / "doubling"
        folder.mkdir(parents=True)
        text = notebook(RIGHT.replace("return 2 * x", "raise RuntimeError('of my own')"))
        (folder / "doubling.ipynb").write_text(text, encoding="utf-8")
    grade(course=course.root, assignment="doubling", paths=[course.root / "submitted"])
    for score in (50, 60):
        override(
            course=course.root, student="an.nv", assignment="doubling", score=score, reason="oral exam", author="Lan"
        )
    return course


def test_an_export_holds_everything_of_the_person_and_nothing_of_others_or_of_hidden_tests(graded: Course) -> None:
    path = export_person(course=graded.root, student="an-hub")
    assert path == graded.root / "exports" / "person-22020001.json"
    text = path.read_text(encoding="utf-8")
    found = json.loads(text)
    assert found["student"] | {"language": ""} == {
        "id": "22020001", "name": "Nguyễn Văn An", "email": "an@vnu.edu.vn", "section": "", "language": "", "state": "enrolled",
    }  # fmt: skip
    assert {(one["kind"], one["value"]) for one in found["ids"]} >= {
        ("login", "an.nv"), ("e-mail address", "an@vnu.edu.vn"), ("GitHub login", "an-hub"),
    }  # fmt: skip
    assert found["submitted_files"] == [str(graded.root / "submitted/22020001/doubling/doubling.ipynb")]
    assert [(one["score"], one["reason"]) for one in found["overrides"]] == [(50, "oral exam"), (60, "oral exam")]
    assert [(one["assignment"], one["reason"]) for one in found["extensions"]] == [("doubling", "ill")]
    (result,) = found["results"]
    assert any("of my own" in test["message"] for test in result["tests"])
    for hidden in ("test_values", "hidden-input-42", "22020002", "binh"):
        assert hidden not in text


def test_an_export_replaces_an_earlier_one_and_no_roster(graded: Course) -> None:
    roster = graded.root / "class.csv"
    with pytest.raises(GraderError, match=r"another file is here, which would be lost\..* --force replaces it"):
        export_person(course=graded.root, student="an-hub", to=roster)
    assert roster.read_text(encoding="utf-8") == ROSTER
    assert export_person(course=graded.root, student="an-hub") == export_person(course=graded.root, student="an-hub")
    export_person(course=graded.root, student="an-hub", to=roster, force=True)
    assert json.loads(roster.read_bytes())["student"]["id"] == "22020001"


def test_who_is_erased_leaves_no_byte_in_the_gradebook_and_no_trace_in_exports(graded: Course) -> None:
    kept = erase_person(course=graded.root, student="an@vnu.edu.vn")
    assert (kept.student, kept.results, kept.overrides) == ("22020001", 1, 2)
    for path in graded.root.glob("gradebook.db*"):
        for word in ("22020001", "Văn An", "an-hub", "oral exam"):
            assert word.encode() not in path.read_bytes(), path.name
    with Gradebook.open(graded.root) as book:
        assert [student.id for student in book.students(left=True)] == ["22020002"]
        assert book.latest("22020002", "doubling")
    write_course(graded.root)
    export(course=graded.root, assignment="doubling", format="csv")
    assert "22020001" not in (graded.root / "exports" / "doubling.csv").read_text(encoding="utf-8-sig")


def test_erasing_asks_first_and_says_what_remains_elsewhere(graded: Course) -> None:
    export_person(course=graded.root, student="22020001")
    arguments = ["--course", str(graded.root), "person", "erase", "AN.NV"]
    refused = CliRunner().invoke(main, arguments, input="n\n")
    assert refused.exit_code == 1
    assert "22020001 (Nguyễn Văn An): name and roster data" in refused.output
    assert "1 result and 2 scores set or withdrawn by hand" in refused.output
    with Gradebook.open(graded.root) as book:
        assert book.student("22020001").name == "Nguyễn Văn An"
    done = CliRunner().invoke(main, arguments, input="y\n")
    assert done.exit_code == 0
    for place in ("submitted/22020001\n", "exports", "course.toml", "would bring them back"):
        assert place in done.output
    unknown = CliRunner().invoke(main, [*arguments, "--yes"])
    assert unknown.exit_code == 1
    assert "No student has the id 'AN.NV'" in unknown.output


def test_every_place_that_holds_something_of_the_erased_is_named_once(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However its path was given when it was graded, and whichever of their ids a folder is called after; nothing of others."""
    root = graded.root
    monkeypatch.chdir(root)
    (root / "submitted/22020001/doubling/data.csv").write_text("beside")
    (root / "loose").mkdir()
    (root / "loose" / "an.nv_doubling.py").write_text(RIGHT)
    packed = root / "submitted" / "AN@vnu.edu.vn" / "doubling" / "hw.zip"
    packed.parent.mkdir(parents=True)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.ipynb", notebook(RIGHT))
        archive.writestr("layers.py", "x = 1")
    for paths in ([packed], [Path("submitted/22020001")], [root / "loose"], [Path("loose")]):
        grade(assignment="doubling", paths=paths)
    for name in ("faults.log", "faults.old.log"):
        (root / name).write_text("22020001")
    monkeypatch.chdir(root.parent)
    places = erase_person(course=root, student="22020001").elsewhere
    told = [place.partition(": ")[2] for place in places if place.startswith("what they handed in")]
    assert told == [
        str(root / place)
        for place in ("loose/an.nv_doubling.py", "submitted/22020001", "submitted/AN@vnu.edu.vn", "unpacked/22020001")
    ]
    assert sum("faults.log" in place for place in places) == sum("faults.old.log" in place for place in places) == 1
