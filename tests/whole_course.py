"""A course of several small assignments, and a class that has handed in what a class does: for views of the whole course."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.gradebook import Gradebook
from autograder.result import Outcome, Result, Status
from tests.pooling_course import make_tests

NAMES = (
    "conv_forward sizing pooling backprop pytorch_cnn inception resnet densenet mobilenet segmentation detection "
    "transfer visualize quiz_of_all_the_architectures_of_convolutional_networks"
).split()
FIRST_DUE = datetime(2026, 9, 7, 16, 59, tzinfo=UTC)
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Công Tằng Tôn Nữ")
GIVEN = ("Văn An", "Thị Ánh", "Minh Đức", "Thu Hà", "Quốc Huy", "Khánh Linh", "Hoài Nam", "Bảo Ngọc", "Hữu Phước")
QUESTIONS = """
[[questions]]
id = "max_pool2d"
title = "Largest"
points = 60

[[questions]]
id = "avg_pool2d"
title = "Mean"
points = 40
"""


def make_course(
    root: Path, names: list[str], more: str = "", dues: Mapping[str, datetime | None] | None = None
) -> Course:
    """A course whose assignments are due a week after each other, each of 100 points.

    Args:
        more: of `course.toml`, below the title.
        dues: other due dates; None for no date.
    """
    folder = root / "assignments"
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        due = {name: FIRST_DUE + timedelta(weeks=number), **(dues or {})}[name]
        (folder / name).mkdir(exist_ok=True)
        head = f'title = "{name.replace("_", " ").capitalize()}"\n' + (f"due = {due.isoformat()}\n" if due else "")
        (folder / name / "assignment.toml").write_text(head + QUESTIONS, encoding="utf-8")
    head = 'title = "Convolutional Neural Networks"\ncode = "INT3414"\nterm = "2026-1"\n'
    (folder / "course.toml").write_text(head + more, encoding="utf-8")
    return Course(root)


def enrol(course: Course, gradebook: Gradebook, size: int) -> list[str]:
    """A roster of this many; returns their ids."""
    students = [f"{22020001 + number}" for number in range(size)]
    rows = [f"{one},{FAMILY[i % 11]} {GIVEN[i * 7 % 9]},{one}@vnu.edu.vn" for i, one in enumerate(students)]
    path = course.root / "roster.csv"
    path.write_text("\n".join(["student_id,name,email", *rows]), encoding="utf-8")
    gradebook.import_roster(path)
    return students


def make_result(assignment: Assignment, student: str, score: float = 100, days: float = 0, **values: Any) -> Result:
    """A result of three tests that earned this many of 100 points together, handed in so many days after the due date, or an hour before."""
    shares = ({"earned": points * score / 100, **({} if score == 100 else {"outcome": Outcome.FAILED})} for points in (20, 40, 40))  # fmt: skip
    due = assignment.due or FIRST_DUE
    defaults: dict[str, Any] = {
        "student": student,
        "assignment": assignment.name,
        "status": Status.GRADED,
        "tests": make_tests(*shares),
        "path": f"submitted/{student}/{assignment.name}/{assignment.name}.ipynb",
        "submitted_at": due + timedelta(days=days) if days else due - timedelta(hours=1),
        "graded_at": due + timedelta(days=10),
        "submission_fingerprint": "s1",
        "assignment_fingerprint": assignment.fingerprint,
    }
    return Result(**{**defaults, **values})


def fill(course: Course, gradebook: Gradebook, students: list[str], seed: int = 1, graded: int | None = None) -> None:
    """Results of the first assignments, by default all: most are graded, some late, some missing, a few with something for the instructor."""
    rng = random.Random(seed)
    assignments = sorted(course.assignments(), key=lambda one: (str(one.due), one.name))
    for assignment in assignments[:graded]:
        for student in students:
            fate, score = rng.random(), round(100 * rng.betavariate(4, 1.3))
            values: dict[str, Any] = {}
            if fate < 0.06:
                continue
            if fate < 0.08:
                broken = {"earned": 0, "outcome": Outcome.NOT_GRADABLE, "fault": "ZeroDivisionError"}
                values = {
                    "status": Status.NOT_GRADABLE,
                    "message": "A hidden test itself failed.",
                    "tests": make_tests(broken),
                }
            elif fate < 0.10:
                values = {
                    "status": Status.NOT_GRADABLE,
                    "message": "2 files were submitted and it is not clear which one counts.",
                    "tests": (),
                }
            elif fate < 0.12:
                values = {"submitted_at": None}
            elif fate < 0.13:
                values = {"assignment_fingerprint": "old"}
            gradebook.record(make_result(assignment, student, score, rng.choice([0] * 8 + [0.5, 1.5]), **values))
            if fate > 0.98:
                gradebook.add_override(
                    student=student, assignment=assignment, question=None, score=90, reason="office hour", author="T"
                )
