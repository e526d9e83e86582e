"""What a run of `grade` tells of what it has not graded, and of what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.grading.run import Grading
from autograder.intake.claims import told as at
from autograder.intake.passed_over import PassedOver
from autograder.language import in_english
from autograder.people.match import id_and_name
from autograder.report.identical import identical
from autograder.report.identical import told as told_identical
from autograder.report.words import time_unknown
from autograder.scores.final import Row
from autograder.text import count, file_name, shortened

_MOST = 20
"""Lines of one kind."""


def told(run: Grading) -> list[str]:
    """A line for each thing, under one for each kind; empty if all was graded."""
    lines: list[str] = []
    if run.unknown:
        lines.append(
            f"Not graded, because nobody in the roster has the id: {count(len(run.unknown), 'submission')}. Rename them, add the ids "
            "(`grader roster`), or grade them with --anyone."
        )
        lines += shortened(
            [
                f"  {one.student}: {file_name(str(one.path))}{_hint(run.likeliest.get(one.student, ()), run)}"
                for one in run.unknown
            ],
            _MOST,
        )
    if run.left:
        lines.append(
            f"Not graded, because their students have left the class: {count(len(run.left), 'submission')}. `grader roster` takes back whoever "
            "its file names; --anyone grades them all the same."
        )
        lines += shortened([f"  {_named(one.student, run)}: {file_name(str(one.path))}" for one in run.left], _MOST)
    if run.passed_over:
        lines.append(f"Not graded as handed in: {count(len(run.passed_over), 'path')}.")
        lines += shortened(
            [f"  {_owner(one, run)}{file_name(str(one.path))}: {in_english(one.problem)}." for one in run.passed_over],
            _MOST,
        )
    if run.unclear:
        lines.append(
            f"Counted as on time, because the time cannot be read: {count(len(run.unclear), 'submission')}. Mend it, or `grader import --times`."
        )
        lines += shortened([f"  {one.student}: {one.unclear}" for one in run.unclear], _MOST)
    if run.retimed:
        lines.append(
            f"The same as before, by another time: {count(len(run.retimed), 'submission')}. Nothing of it was graded again."
        )
        lines += shortened(
            [f"  {_named(who, run)}: {at(now)}, and not {at(old)}" for who, old, now in run.retimed], _MOST
        )
    if run.earlier:
        lines.append(
            f"The same as before, with a later time, so that the earlier one stays: {count(len(run.earlier), 'submission')}. If the later one "
            f"is right: `grader import FOLDER --assignment {run.assignment.name} --to . --times FILE.csv`."
        )
        lines += shortened(
            [f"  {_named(who, run)}: {at(old)}, and not {at(now)}" for who, old, now in run.earlier], _MOST
        )
    if run.scripts:
        names = ", ".join(shortened([file_name(path.name) for path in run.scripts], 5))
        lines.append(f"No submissions, because they define nothing that is asked for: {names}.")
    return lines + told_identical(identical(run.results, run.assignment))


def of_unknown_times(run: Grading, rows: Iterable[Row]) -> list[str]:
    """A line on the submissions of which nobody knows whether they came in time, if there are any.

    Args:
        rows: the final scores of those whom the run was about.
    """
    unclear = {one.student for one in run.unclear}
    found = [row for row in rows if time_unknown(row) and row.student.id not in unclear]
    if not found:
        return []
    called_late = any(row.days_late for row in found)
    counted = (
        "counted as on time, or as one day late where they were called late" if called_late else "counted as on time"
    )
    names = ", ".join(shortened([id_and_name(row.student) for row in found], 5))
    return [
        f"For {len(found)} nobody knows when {'it was' if len(found) == 1 else 'they were'} handed in, {counted}: {names}. If you know: "
        f"`grader import DOWNLOAD --assignment {run.assignment.name} --to . --times FILE.csv`."
    ]


def _owner(one: PassedOver, run: Grading) -> str:
    if not one.owner:
        return ""
    return f"{_named(one.owner, run)}{_hint(one.likeliest, run)}: "


def _hint(likeliest: Sequence[str], run: Grading) -> str:
    """Whom an unknown id may mean, with the names."""
    return f", likeliest {' or '.join(_named(one, run) for one in likeliest)}" if likeliest else ""


def _named(student: str, run: Grading) -> str:
    return f"{student} ({run.names[student]})" if student in run.names else student
