"""What a run says and does when the time changes at which the same work was handed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.commands import Grading, grade, import_
from autograder.course import Course
from autograder.gradebook import Gradebook
from autograder.grading.told import told
from tests.conftest import RIGHT, notebook

EARLY, LATE = "2026-12-01 10:00:00 UTC", "2026-12-09 10:00:00 UTC"


@pytest.fixture
def folder(course: Course) -> Path:
    """The folder of a student who is in the roster."""
    (course.root / "class.csv").write_text("student_id,name\nan,Nguyễn An\n", encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(course.root / "class.csv")
    return course.root / "submitted" / "an" / "doubling"


def graded(course: Course, *, force: bool = False) -> tuple[Grading, str, str]:
    """The run, the time that counts, and what is told."""
    run = grade(course=course.root, assignment="doubling", paths=[course.root / "submitted"], force=force)
    with Gradebook.open(course.root) as book:
        result = book.latest("an", "doubling")
    assert result is not None
    return run, f"{result.submitted_at:%Y-%m-%d %H:%M:%S %Z}", "\n".join(told(run))


def hand_in(folder: Path, time: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "doubling.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    (folder / "timestamp.txt").write_text(time, encoding="utf-8")


def test_a_later_time_of_the_same_work_is_passed_over_with_a_word(course: Course, folder: Path) -> None:
    hand_in(folder, EARLY)
    assert graded(course)[2] == ""
    hand_in(folder, LATE)
    for force in (False, True):
        run, counts, said = graded(course, force=force)
        assert counts == EARLY
        assert run.complete
        assert "with a later time, so that the earlier one stays: 1 submission." in said
        assert "  an (Nguyễn An): 2026-12-01 10:00 +0000, and not 2026-12-09 10:00 +0000" in said
    # What is named makes the later one count.
    (course.root / "times.csv").write_text(f"student_id,submitted_at\nan,{LATE}\n", encoding="utf-8")
    import_(
        course=course.root,
        source=course.root / "submitted",
        assignment="doubling",
        to=course.root,
        times=course.root / "times.csv",
    )
    run, counts, said = graded(course)
    assert (counts, run.graded) == (LATE, [])
    assert "  an (Nguyễn An): 2026-12-09 10:00 +0000, and not 2026-12-01 10:00 +0000" in said
    assert graded(course)[2] == ""


def test_what_the_instructor_corrects_after_an_import_counts_be_it_later(course: Course, folder: Path) -> None:
    hand_in(course.root / "elsewhere" / "submitted" / "an" / "doubling", EARLY)
    import_(course=course.root, source=course.root / "elsewhere", assignment="doubling", to=course.root)
    assert graded(course)[1] == EARLY
    (folder / "timestamp.txt").write_text(LATE, encoding="utf-8")
    run, counts, said = graded(course)
    assert (counts, run.graded) == (LATE, [])
    assert "The same as before, by another time: 1 submission. Nothing of it was graded again." in said
