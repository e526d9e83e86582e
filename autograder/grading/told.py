"""What a run of `grade` tells of what it has not graded, and of what to look at."""

from __future__ import annotations

from autograder.grading.run import Grading
from autograder.intake.passed_over import PassedOver
from autograder.language import in_english
from autograder.report.identical import identical
from autograder.report.identical import told as told_identical
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
                f"  {one.student}: {file_name(str(one.path))}{_hint(run.likeliest.get(one.student, ''), run)}"
                for one in run.unknown
            ],
            _MOST,
        )
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
    if run.scripts:
        names = ", ".join(shortened([file_name(path.name) for path in run.scripts], 5))
        lines.append(f"No submissions, because they define nothing that is asked for: {names}.")
    return lines + told_identical(identical(run.results, run.assignment))


def _owner(one: PassedOver, run: Grading) -> str:
    if not one.owner:
        return ""
    name = f" ({run.names[one.owner]})" if one.owner in run.names else ""
    return f"{one.owner}{name}{_hint(one.likeliest, run)}: "


def _hint(likeliest: str, run: Grading) -> str:
    """Whom an unknown id may mean, with the name."""
    if not likeliest:
        return ""
    student = likeliest.rpartition(" ")[2]
    return f", {likeliest} ({run.names[student]})" if student in run.names else f", {likeliest}"
