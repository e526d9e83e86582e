"""The late policy in sentences, for students: before they hand in, and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.text import count, number

if TYPE_CHECKING:
    from autograder.scores.final import Row


def policy_sentences(course: Course, assignment: Assignment) -> list[str]:
    """What being late costs, as everybody may read it before the due date; empty if there is no due date.

    Nothing in it is of one student: extensions, and the free days that somebody has left, are told by `free_days`.
    """
    if assignment.due is None:
        return []
    late = course.late
    told = []
    if late.grace_minutes:
        told.append(f"Up to {_minutes(late.grace_minutes)} late is on time.")
    begins = "Then each" if late.grace_minutes else "Each"
    if late.percent_per_day:
        told.append(
            f"{begins} day begun after the due date costs {number(late.percent_per_day)} % of the points earned."
        )
    if late.max_days is not None:
        than = f"more than {count(late.max_days, 'day')} late" if late.max_days else "late"
        told.append(f"What comes {than} earns nothing.")
    if not late.percent_per_day and late.max_days is None:
        return [*told, "Being late costs no points."]
    if late.tokens:
        told.append(
            f"You have {count(late.tokens, 'free late day')} in the whole course, for the first days that anything of yours is late, "
            "in the order of due dates. You need not ask; where you have an extension, none is taken."
        )
    return told


def free_days(row: Row) -> str:
    """What a submission took of the free late days that its student had left; empty if none may be used for it."""
    if not row.tokens:
        return ""
    took = f"took {row.tokens.used} of {row.tokens.before}" if row.tokens.used else "took none"
    return f"Free late days: this submission {took}; {row.tokens.after} left after it."


def free_days_left(course: Course, rows: Iterable[Row]) -> int:
    """How many a student has left, of their rows for all assignments."""
    return course.late.tokens - sum(row.tokens.used for row in rows if row.tokens)


def _minutes(many: float) -> str:
    hours = many / 60
    return count(int(hours), "hour") if hours == int(hours) else f"{number(many)} minute{'s' * (many != 1)}"
