"""A small course, and a gradebook to export from."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.gradebook import Gradebook
from autograder.result import Outcome, Result, Status, TestResult

COURSE = """
title = "Convolutional Neural Networks"
code = "INT3414"
term = "2026-1"

[late]
grace_minutes = 15
percent_per_day = 10
max_days = 5

[[extensions]]
student = "chi"
assignment = "pooling"
until = 2026-12-10T23:59:00+07:00
reason = "ill"
"""
ASSIGNMENT = """
title = "Pooling"
due = 2026-12-07T23:59:00+07:00

[[questions]]
id = "max_pool2d"
title = "Largest"
points = 60

[[questions]]
id = "avg_pool2d"
title = "Mean"
points = 40
"""
ROSTER = (
    "student_id,name,email\nan,Nguyễn An,an@vnu.edu.vn\nbinh,Trần Bình,binh@vnu.edu.vn\nchi,Lê Chi,chi@vnu.edu.vn\n"
)

MakeResult = Callable[..., Result]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    folder = tmp_path / "course" / "assignments" / "pooling"
    folder.mkdir(parents=True)
    (folder.parent / "course.toml").write_text(COURSE, encoding="utf-8")
    (folder / "assignment.toml").write_text(ASSIGNMENT, encoding="utf-8")
    return Course(tmp_path / "course")


@pytest.fixture
def assignment(course: Course) -> Assignment:
    return course.assignment("pooling")


@pytest.fixture
def gradebook(course: Course) -> Iterator[Gradebook]:
    """Holds the roster of An, Bình and Chi, and no results."""
    roster = course.root / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    with Gradebook.open(course.root) as opened:
        opened.import_roster(roster)
        yield opened


@pytest.fixture
def make_result(assignment: Assignment) -> MakeResult:
    """Makes results of three tests: all passed, or as the arguments say."""

    def make(student: str = "an", **values: Any) -> Result:
        defaults: dict[str, Any] = {
            "student": student,
            "assignment": "pooling",
            "status": Status.GRADED,
            "tests": make_tests(),
            "path": f"submitted/{student}.ipynb",
            "submitted_at": datetime(2026, 12, 7, 12, tzinfo=UTC),
            "graded_at": datetime(2026, 12, 8, 12, tzinfo=UTC),
            "seconds": 1.25,
            "submission_fingerprint": "s1",
            "assignment_fingerprint": assignment.fingerprint,
        }
        return Result(**{**defaults, **values})

    return make


def make_tests(*changes: dict[str, Any]) -> tuple[TestResult, ...]:
    """A public test of 20 points, a hidden one and a race of 40 each; the n-th argument changes the n-th."""
    right = {"outcome": Outcome.PASSED}
    tests: list[dict[str, Any]] = [
        {
            **right,
            "test": "check[4x4]",
            "question": "max_pool2d",
            "title": "4x4",
            "public": True,
            "points": 20,
            "earned": 20,
        },
        {**right, "test": "test_max", "question": "max_pool2d", "title": "Hidden", "points": 40, "earned": 40},
        {
            **right,
            "test": "test_race",
            "question": "avg_pool2d",
            "title": "Speed",
            "points": 40,
            "earned": 40,
            "ratio": 3.5,
        },
    ]
    for test, change in zip(tests, changes, strict=False):
        test.update(change)
    return tuple(TestResult(**test) for test in tests)


@pytest.fixture
def tests() -> Callable[..., tuple[TestResult, ...]]:
    return make_tests
