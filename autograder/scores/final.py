"""Final scores: the newest result with overrides, late policy and extensions, one row for every student."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.language import N_, _, joined, known_language, ngettext
from autograder.result import Result, Status
from autograder.scores.late import Tokens, days_late, penalty, percent_lost, spend, unknown_time
from autograder.scores.outline import Outline, outline_of
from autograder.text import number, one_line

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook, Override, Student

MISSING = N_("missing")
BY_HAND = N_("set by hand")


@dataclass(frozen=True)
class Row:
    """One student's standing in one assignment. Scores are None while nobody can tell: not gradable and no override."""

    student: Student
    status: str
    """That of the result; without one `missing`, or `set by hand` if the instructor gave points all the same."""
    result: Result | None
    """The newest; None if there is none, and in the rows of a whole course, which do without."""
    due: datetime | None
    """With the student's extension."""
    extended: bool
    """Whether ``due`` is the student's own."""
    days_late: int
    tokens: Tokens | None
    """The free late days that there are and that this submission takes; None if the course has none, or none may be used here."""
    graded_score: float | None
    """As graded, with what was set by hand for single questions, before anything else."""
    raw_score: float | None
    """After overrides, before the late penalty."""
    penalty: float
    late_loss: float
    """What lateness takes from the graded score, also where a whole score set by hand puts that aside."""
    late_percent: float
    """The same in percent of the graded score, as the course's policy says it, before points are rounded."""
    score: float | None
    """The final one, which the school has."""
    max_score: float
    """The assignment's, whatever the result was graded with."""
    questions: dict[str, float | None]
    """Question id -> points, after overrides, in the assignment's order."""
    overrides: tuple[Override, ...]
    """Those in force."""
    remarks: tuple[str, ...]
    """What whoever enters the score should know."""

    @property
    def by_hand(self) -> bool:
        """Whether the score, or some of it, was set by hand."""
        return self.score is not None and bool(self.overrides)

    @property
    def counts(self) -> bool:
        """Whether the score says what somebody can do, as means should: of what was graded, or given by hand."""
        return self.score is not None and (self.status == Status.GRADED or self.by_hand)


def final_rows(
    *, course: Course, assignment: Assignment, gradebook: Gradebook, students: Collection[str] | None = None
) -> list[Row]:
    """One row for everyone in the gradebook, submission or not, sorted by student.

    A question's override replaces what the question earned. An override of the whole score is the score: neither
    questions nor lateness change it. Whoever submitted nothing has 0.

    Args:
        students: these only, by default everyone who has not left.
    """
    results = {result.student: result for result in gradebook.latest_results(assignment.name, students)}
    overrides = {assignment.name: gradebook.overrides(assignment.name)}
    spent: Mapping[str, Mapping[str, Tokens]] = {}
    if course.late.tokens:
        dated = [one for one in course.assignments() if one.due is not None]
        overrides = {one.name: gradebook.overrides(one.name) for one in dated} | overrides
        spent = _tokens(course, dated, by_assignment(gradebook.outlines(students)), overrides)
    everybody = gradebook.students(left=students is not None)
    chosen = [one for one in everybody if students is None or one.id in students]
    return rows_of(course, assignment, chosen, results, overrides[assignment.name], spent)


def rows_of(
    course: Course,
    assignment: Assignment,
    students: Sequence[Student],
    results: Mapping[str, Result],
    overrides: Iterable[Override] = (),
    spent: Mapping[str, Mapping[str, Tokens]] | None = None,
) -> list[Row]:
    """The students' rows of what is at hand.

    Args:
        results: student -> the newest.
        overrides: of all students, oldest first.
        spent: student -> assignment -> free late days.
    """
    newest = {student: outline_of(result) for student, result in results.items()}
    return [
        replace(row, result=results.get(row.student.id))
        for row in _rows(course, assignment, students, newest, overrides, spent or {})
    ]


def course_rows(
    *,
    course: Course,
    assignments: Sequence[Assignment],
    gradebook: Gradebook,
    students: Sequence[Student],
    newest: Mapping[str, Mapping[str, Outline]],
) -> dict[str, list[Row]]:
    """Assignment -> the rows of these students, as `final_rows` makes them, in few queries and without results.

    Args:
        assignments: all of the course: free late days go from one to the next.
        newest: assignment -> student -> outline, of all students.
    """
    overrides = {one.name: gradebook.overrides(one.name) for one in assignments}
    spent: Mapping[str, Mapping[str, Tokens]] = {}
    if course.late.tokens:
        spent = _tokens(course, assignments, newest, overrides)
    return {
        one.name: _rows(course, one, students, newest.get(one.name, {}), overrides[one.name], spent)
        for one in assignments
    }


def by_assignment(outlines: Iterable[Outline]) -> dict[str, dict[str, Outline]]:
    """Assignment -> student -> outline."""
    found: dict[str, dict[str, Outline]] = {}
    for outline in outlines:
        found.setdefault(outline.assignment, {})[outline.student] = outline
    return found


def _rows(
    course: Course,
    assignment: Assignment,
    students: Sequence[Student],
    results: Mapping[str, Outline],
    overrides: Iterable[Override],
    spent: Mapping[str, Mapping[str, Tokens]],
) -> list[Row]:
    by_hand = _in_force(overrides)
    fingerprint = assignment.fingerprint
    return [
        _row(
            course, assignment, student, results.get(student.id), by_hand.get(student.id, {}),
            spent.get(student.id, {}).get(assignment.name), fingerprint,
        )
        for student in students
    ]  # fmt: skip


def language_of(student: Student, course: Course) -> str:
    """The code of the language that a student reads: their own, or the course's."""
    return known_language(student.language or "") or course.language


def refuse_ungraded(assignment: Assignment, rows: Iterable[Row]) -> None:
    """Whoever has handed in nothing has 0 points; where nothing has been graded yet, that would be everybody.

    Raises:
        GraderError: nobody has a result, or points given by hand.
    """
    if not any(row.status != MISSING for row in rows):
        name = assignment.name
        raise GraderError(f"Nothing has been graded for {name} yet: run `grader grade {name} PATH`.")


def in_a_sentence(row: Row) -> str:
    """How the score came about, for the student: ``95, 10 % late (1 day): 85.5; set to 90 by the instructor: typing error``.

    The number alone where nothing changed what was graded; empty where nobody can tell a score yet. Students read this.
    """
    by_hand = {override.question: override for override in row.overrides}
    whole = by_hand.pop(None, None)
    parts = []
    if row.status == MISSING:
        return _("{score}: nothing was handed in", score=number(row.score or 0))
    if row.status == BY_HAND:
        parts.append(_("nothing was handed in"))
    if row.graded_score is not None and (row.status != BY_HAND or by_hand):
        text = number(row.graded_score)
        if by_hand:
            changes = joined(
                ", ",
                [
                    _(
                        "{name} set to {score} ({reason})",
                        name=name,
                        score=number(one.score),
                        reason=one_line(one.reason),
                    )
                    for name, one in by_hand.items()
                ],
            )
            text = _("{score} with {changes} by the instructor", score=text, changes=changes)
        if row.days_late:
            text = joined(", ", [text, _late(row)])
        parts.append(text)
    if whole:
        text = _("set to {score} by the instructor: {reason}", score=number(whole.score), reason=one_line(whole.reason))
        parts.append(text)
    return joined("; ", parts)


def reasons(row: Row) -> str:
    """`in_a_sentence`, where it says more than the number."""
    sentence = in_a_sentence(row)
    return "" if row.score is not None and sentence == number(row.score) else sentence


def _late(row: Row) -> str:
    days = ngettext("{n} day", "{n} days", row.days_late)
    free = ""
    if row.tokens and row.tokens.used:
        left = ngettext(
            "of {n} free day, {left} left", "of {n} free days, {left} left", row.tokens.before, left=row.tokens.after
        )
        if row.tokens.used < row.days_late:
            free = _(", {many} of them free: {left}", many=row.tokens.used, left=left)
        else:
            free = _(", free: {left}", left=left)
    if not row.late_loss or not row.graded_score:
        return _("{days} late{free}", days=days, free=free or _(", which costs nothing here"))
    rest = number(row.graded_score - row.late_loss)
    if row.late_loss >= row.graded_score:
        return _("{days} late, which is too late for points{free}: {score}", days=days, free=free, score=rest)
    return _(
        "{share} late ({days}{free}): {score}", share=f"{row.late_percent:.4g} %", days=days, free=free, score=rest
    )


def _tokens(
    course: Course,
    assignments: Iterable[Assignment],
    newest: Mapping[str, Mapping[str, Outline]],
    overrides: Mapping[str, Iterable[Override]],
) -> Mapping[str, Mapping[str, Tokens]]:
    """Student -> assignment -> free late days, of every assignment's newest results and overrides."""
    days: dict[str, dict[str, int]] = {}
    order = sorted(
        (one for one in assignments if one.due is not None),
        key=lambda one: (one.due.timestamp() if one.due else 0.0, one.name),
    )
    for assignment in order:
        by_hand = _in_force(overrides[assignment.name])
        for student, outline in newest.get(assignment.name, {}).items():
            due = course.due(assignment, student)
            own = by_hand.get(student, {})
            # A free day and an extension are never charged for the same submission; nor is one where the score is set by
            # hand, or where there are no points that lateness could take.
            if due == assignment.due and None not in own and _total(_points(assignment, outline, own)):
                days.setdefault(student, {})[assignment.name] = days_late(course.late, due, outline.arrival)
    return {student: spend(course.late, list(found), found) for student, found in days.items()}


def _in_force(overrides: Iterable[Override]) -> dict[str, dict[str | None, Override]]:
    """Student -> question, or None for the whole score, -> the override that counts."""
    from autograder.gradebook import in_force

    by_student: dict[str, list[Override]] = {}
    for override in overrides:
        by_student.setdefault(override.student_id, []).append(override)
    return {student: in_force(those) for student, those in by_student.items()}


def _points(
    assignment: Assignment, newest: Outline | None, overrides: Mapping[str | None, Override]
) -> dict[str, float | None]:
    """Question -> points with what was set by hand, not rounded; None where nobody can tell."""
    return {
        one.id: overrides[one.id].score if one.id in overrides else newest.points(one.id) if newest else 0.0
        for one in assignment.questions
    }


def _total(points: Mapping[str, float | None]) -> float | None:
    known = [value for value in points.values() if value is not None]
    return round(sum(known), 2) if len(known) == len(points) else None


def _row(
    course: Course,
    assignment: Assignment,
    student: Student,
    result: Outline | None,
    overrides: Mapping[str | None, Override],
    tokens: Tokens | None,
    fingerprint: str,
) -> Row:
    due = course.due(assignment, student.id)
    extended = due != assignment.due
    days = 0
    if result:
        days = days_late(course.late, due, result.arrival, extended=extended)
    points = _points(assignment, result, overrides)
    graded = _total(points)
    whole = overrides.get(None)
    raw = whole.score if whole else graded
    charged_days = days - (tokens.used if tokens else 0)
    lost = penalty(course.late, graded, charged_days) if graded is not None else 0.0
    charged = 0.0 if whole else lost
    return Row(
        student=student,
        status=str(result.status) if result else BY_HAND if overrides else MISSING,
        result=None,
        due=due,
        extended=extended,
        days_late=days,
        tokens=tokens,
        graded_score=graded,
        raw_score=raw,
        penalty=charged,
        late_loss=lost,
        late_percent=percent_lost(course.late, charged_days),
        score=None if raw is None else round(raw - charged, 2),
        max_score=assignment.points,
        questions={name: None if value is None else round(value, 2) for name, value in points.items()},
        overrides=tuple(overrides[name] for name in (None, *points) if name in overrides),
        remarks=tuple(_remarks(course, assignment, fingerprint, result, due, extended, days, charged_days, whole)),
    )


def _remarks(
    course: Course,
    assignment: Assignment,
    fingerprint: str,
    result: Outline | None,
    due: datetime | None,
    extended: bool,
    days: int,
    charged_days: int,
    whole: Override | None,
) -> list[str]:
    remarks: list[str] = []
    if extended and due is not None:
        remarks.append(f"Due date extended to {due:%Y-%m-%d %H:%M %z}.")
    if result is None:
        return remarks
    if result.message:
        remarks.append(result.message)
    if result.assignment_fingerprint != fingerprint:
        remarks.append("Graded with another version of the assignment or of the grader; grade again.")
    if unknown_time(due, result):
        remarks.append(_unknown_time(result, extended))
    if days and whole:
        remarks.append("Late, but the whole score was set by hand: no penalty.")
    elif course.late.max_days is not None and charged_days > course.late.max_days:
        remarks.append(f"More than {course.late.max_days} days late: no points.")
    return remarks


def _unknown_time(result: Outline, extended: bool) -> str:
    if result.submitted_at is not None:
        return "The submission time has no time zone: counted as on time."
    if result.late and extended:
        return "Called late where it was handed in, which knows nothing of the extension; the time is unknown: counted as on time."
    if result.late:
        return "Called late where it was handed in, and nothing says by how much: counted as one day."
    return "The submission time is unknown: counted as on time."
