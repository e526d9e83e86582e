"""What students read of the late policy."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from autograder.course import Assignment, Course
from autograder.gradebook import Gradebook
from autograder.report import render_result, student_page
from autograder.result import Result
from autograder.scores import final_rows
from autograder.scores.policy import free_days, free_days_left, policy_sentences


@pytest.fixture
def with_late(course: Course) -> Callable[..., Course]:
    def make(**values: Any) -> Course:
        path = course.root / "assignments" / "course.toml"
        head = path.read_text(encoding="utf-8").partition("[late]")[0]
        extension = '[[extensions]]\nstudent = "chi"\nassignment = "pooling"\nuntil = 2026-12-10T23:59:00+07:00\n'
        entries = "".join(f"{name} = {value}\n" for name, value in values.items())
        path.write_text(f"{head}[late]\n{entries}{extension}", encoding="utf-8")
        return Course(course.root)

    return make


@pytest.mark.parametrize(
    ("late", "told"),
    [
        ({}, ["Being late costs no points."]),
        (
            {"grace_minutes": 15, "percent_per_day": 10, "max_days": 5},
            [
                "Up to 15 minutes late is on time.",
                "Then each day begun after the due date costs 10 % of the points earned.",
                "What comes more than 5 days late earns nothing.",
            ],
        ),
        ({"grace_minutes": 120, "max_days": 0}, ["Up to 2 hours late is on time.", "What comes late earns nothing."]),
        (
            {"percent_per_day": 12.5, "tokens": 1},
            [
                "Each day begun after the due date costs 12.5 % of the points earned.",
                "You have 1 free late day in the whole course, for the first days that anything of yours is late, in the order "
                "of due dates. You need not ask; where you have an extension, none is taken.",
            ],
        ),
        ({"tokens": 3}, ["Being late costs no points."]),
    ],
)
def test_the_policy_is_said_before_the_due_date(
    with_late: Callable[..., Course], late: dict[str, float], told: list[str]
) -> None:
    course = with_late(**late)
    assert policy_sentences(course, course.assignment("pooling")) == told


def test_without_a_due_date_nothing_is_late(course: Course, assignment: Assignment) -> None:
    text = assignment.toml_path.read_text(encoding="utf-8").replace("due =", "# due =")
    assignment.toml_path.write_text(text, encoding="utf-8")
    assert policy_sentences(course, course.assignment("pooling")) == []


def test_after_it_each_reads_what_the_submission_took(
    with_late: Callable[..., Course], gradebook: Gradebook, make_result: Callable[..., Result]
) -> None:
    course = with_late(percent_per_day=10, tokens=3)
    chosen = course.assignment("pooling")
    assert chosen.due is not None
    for student, days in {"an": 1, "binh": 0, "chi": 1}.items():  # Chi has an extension
        gradebook.record(make_result(student, submitted_at=chosen.due + timedelta(days=days)))
    rows = {row.student.id: row for row in final_rows(course=course, assignment=chosen, gradebook=gradebook)}
    assert free_days(rows["an"]) == "Free late days: this submission took 1 of 3; 2 left after it."
    assert free_days(rows["binh"]) == "Free late days: this submission took none; 3 left after it."
    assert free_days(rows["chi"]) == ""
    assert [free_days_left(course, [row]) for row in rows.values()] == [2, 3, 3]


def test_it_is_shown_with_the_result_and_on_the_students_page(
    with_late: Callable[..., Course], gradebook: Gradebook, make_result: Callable[..., Result]
) -> None:
    course = with_late(percent_per_day=10, tokens=3)
    chosen = course.assignment("pooling")
    assert chosen.due is not None
    gradebook.record(make_result("an", submitted_at=chosen.due + timedelta(days=2)))
    gradebook.record(make_result("chi", submitted_at=chosen.due))
    an, _, chi = final_rows(course=course, assignment=chosen, gradebook=gradebook)
    told = "Free late days: this submission took 2 of 3; 1 left after it."
    for row, is_told in ((an, True), (chi, False)):
        out = io.StringIO()
        Console(file=out, width=120).print(render_result(row))
        for text in (out.getvalue(), student_page(course=course, assignment=chosen, row=row)):
            assert (told in text) == is_told
            assert ("Free late days" in text) == is_told
