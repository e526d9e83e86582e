"""The late policy in sentences, for students: before they hand in, and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.language import N_, _, ngettext
from autograder.text import number

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
        told.append(_("Up to {time} late is on time.", time=_minutes(late.grace_minutes)))
    percent = number(late.percent_per_day)
    if late.percent_per_day and late.grace_minutes:
        told.append(
            _("Then each day begun after the due date costs {share} of the points earned.", share=f"{percent} %")
        )
    elif late.percent_per_day:
        told.append(_("Each day begun after the due date costs {share} of the points earned.", share=f"{percent} %"))
    if late.max_days is not None:
        than = ngettext(
            "What comes more than {n} day late earns nothing.",
            "What comes more than {n} days late earns nothing.",
            late.max_days,
        )
        told.append(than if late.max_days else _("What comes late earns nothing."))
    if not late.percent_per_day and late.max_days is None:
        return [*told, _("Being late costs no points.")]
    if late.tokens:
        told.append(
            ngettext(
                "You have {n} free late day in the whole course, for the first days that anything of yours is late, "
                "in the order of due dates. You need not ask; where you have an extension, none is taken.",
                "You have {n} free late days in the whole course, for the first days that anything of yours is late, "
                "in the order of due dates. You need not ask; where you have an extension, none is taken.",
                late.tokens,
            )
        )
    return told


def free_days(row: Row) -> str:
    """What a submission took of the free late days that its student had left; empty if none may be used for it."""
    if not row.tokens:
        return ""
    tokens = row.tokens
    if not tokens.used:
        return _("Free late days: this submission took none; {left} left after it.", left=tokens.after)
    text = N_("Free late days: this submission took {used} of {before}; {left} left after it.")
    return _(text, used=tokens.used, before=tokens.before, left=tokens.after)


def free_days_left(course: Course, rows: Iterable[Row]) -> int:
    """How many a student has left, of their rows for all assignments."""
    return course.late.tokens - sum(row.tokens.used for row in rows if row.tokens)


def _minutes(many: float) -> str:
    hours = many / 60
    if hours == int(hours):
        return ngettext("{n} hour", "{n} hours", int(hours))
    return _("1 minute") if many == 1 else _("{minutes} minutes", minutes=number(many))
