"""Gradescope: a `results.json` for each student, in a folder of the student's name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.course import Assignment
from autograder.errors import GraderError
from autograder.export.exporter import Export, Exporter
from autograder.files import strict_json
from autograder.language import _, speaking
from autograder.people.file_names import to_file_name
from autograder.result import Outcome, Result, TestResult
from autograder.scores.final import MISSING, Row, language_of, reasons
from autograder.text import count


def write(export: Export) -> None:
    """Write ``to/<student>/results.json`` for each student who has a score, if not for handing in nothing.

    Raises:
        GraderError: there is no such student, or other things lie in the folder; or results were graded with another version of
            the assignment, so that their points do not add up to the assignment's: Gradescope refuses such files.
    """
    assignment = export.assignment
    chosen = [row for row in export.rows if row.status != MISSING and row.score is not None]
    stale = [row.student.id for row in chosen if row.result and abs(row.result.max_score - assignment.points) > 1e-6]
    if stale:
        raise GraderError(
            f"{assignment.name}: {count(len(stale), 'result')} of another version of the assignment, whose points "
            f"do not add up to {assignment.points:g} ({', '.join(stale[:5])}{' ...' if len(stale) > 5 else ''}). "
            f"Run `grader grade {assignment.name}` on the submissions again, then export."
        )
    if not chosen:
        raise GraderError(
            f"{assignment.name}: nobody has a score, so there is nothing to write. `grader status {assignment.name}` says why."
        )
    export.refuse_another_folder(("*/results.json",))
    for row in chosen:
        with speaking(language_of(row.student, export.course)):
            content = strict_json(_document(assignment, row))
        export.save(content, f"{to_file_name(row.student.id)}/results.json")


def _document(assignment: Assignment, row: Row) -> dict[str, Any]:
    if row.result is None:
        return {"score": row.score, "output": reasons(row), "output_format": "text"}
    notes = [reasons(row), row.result.message]
    # overrides the sum of the tests': it holds penalty and overrides
    return document(assignment, row.result, score=row.score, notes=notes)


def document(
    assignment: Assignment, result: Result, *, score: float | None, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """A `results.json`; ``notes`` are shown above the tests."""
    document: dict[str, Any] = {
        "score": score,
        "execution_time": round(result.seconds, 3) if math.isfinite(result.seconds) else 0,
        "output": "\n".join(note for note in notes if note),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "tests": _tests(assignment, result),
    }
    if races := _leaderboard(result):
        document["leaderboard"] = races
    return document


def _tests(assignment: Assignment, result: Result) -> list[dict[str, Any]]:
    numbers = {question.id: number for number, question in enumerate(assignment.questions, 1)}
    counts = dict.fromkeys(numbers, 0)
    tests = []
    for test, largest in zip(result.tests, _to_hundredths(test.points for test in result.tests), strict=True):
        counts[test.question] = counts.get(test.question, 0) + 1
        tests.append(
            {
                "name": f"{test.question}: {test.title}",
                "number": f"{numbers.get(test.question, len(numbers) + 1)}.{counts[test.question]}",
                "score": largest if test.earned == test.points else min(largest, round(test.earned, 2)),
                "max_score": largest,
                "status": "passed" if test.outcome is Outcome.PASSED else "failed",
                "output": _output(test),
                "output_format": "text",
                "tags": [test.question, str(test.outcome)],
                "visibility": "visible" if test.public else "after_published",
            }
        )
    return tests


def _output(test: TestResult) -> str:
    plain = test.outcome in (Outcome.PASSED, Outcome.FAILED)
    message = test.message if plain else f"{_(test.outcome.value).capitalize()}. {test.message}".strip()
    return "\n".join(filter(None, (message, test.hint)))


def _leaderboard(result: Result) -> list[dict[str, Any]]:
    """The races: CPU time as a multiple of the reference's, the smallest first."""
    return [
        {
            "name": _("{title} (times the reference)", title=f"{test.question}: {test.title}"),
            "value": test.ratio,
            "order": "asc",
        }
        for test in result.tests
        if test.ratio is not None and math.isfinite(test.ratio)
    ]


def _to_hundredths(points: Iterable[float]) -> list[float]:
    """Points rounded to hundredths whose sum is the sum's: thirds of 10 points become 3.33, 3.34 and 3.33."""
    rounded: list[float] = []
    exact = before = 0.0
    for value in points:
        exact += value
        after = round(exact, 2)
        rounded.append(round(after - before, 2))
        before = after
    return rounded


EXPORTER = Exporter(write)
