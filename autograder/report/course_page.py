"""The page of the whole course: a table of students and assignments, with the grade and its reasons."""

from __future__ import annotations

from autograder.language import N_, _, speaking
from autograder.report.html import _render
from autograder.report.words import number
from autograder.scores.course import rounded
from autograder.scores.final import MISSING, Row, in_a_sentence
from autograder.scores.policy import free_days_left
from autograder.status.overview import Overview, is_unreadable


def course_page(view: Overview) -> str:
    """One page that stands alone, in the course's language; a score's reasons show when one rests on it."""
    with speaking(view.course.language):
        return _course_page(view)


def _course_page(view: Overview) -> str:
    people = []
    for student in view.students:
        rows = view.of_student(student.id)
        made = view.grade(student.id)
        cells = []
        for row in rows.values():
            known = row.score is not None and not view.is_open(row)
            why = _("not due yet") if view.is_open(row) else in_a_sentence(row) or _(row.status)
            cells.append((row.score if known else None, _marks(row) if known else {}, why))
        left = free_days_left(view.course, rows.values()) if view.course.late.tokens else None
        people.append((student, cells, left, made, view.why(student.id)))
    return _render(
        "course.html.j2",
        course=view.course,
        assignments=view.assignments,
        people=people,
        when=view.now,
        scale=number(view.course.final.scale) if view.course.final else "",
        rounded=rounded,
        weightless=view.weightless,
    )


def _marks(row: Row) -> dict[str, str]:
    """Class of the field -> what stands in it beside the score."""
    if row.status == MISSING:
        return {"missing": MISSING}
    if is_unreadable(row):
        return {"unreadable": N_("unreadable")}
    late = {"late": N_("late")} if row.days_late else {}
    return late | ({"by-hand": N_("by hand")} if row.overrides else {})
