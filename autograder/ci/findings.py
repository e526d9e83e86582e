"""What an instructor is told about submissions in CI: one finding for each failed cell, and for each question that lost points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from autograder.course import Assignment
from autograder.report.words import count, number
from autograder.result import Outcome, Result, Status, TestResult

_MOST_CHARACTERS = 600
"""Of one message: a finding is a pointer, the report has the whole."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one submission. Its texts hold whatever students wrote: escape them."""

    level: Literal["error", "warning"]
    student: str
    path: str
    """The notebook's, from the folder that the CI system works in, where it lies in that."""
    about: str
    """A question's id, ``cell 3``, or ``submission``."""
    message: str


def findings(results: Sequence[Result], assignment: Assignment) -> list[Finding]:
    """The first finding of each student, then the second of each, and so on: CI systems show a few only.

    A question without any points, a cell that failed and a submission without a verdict are errors; a question with part
    of its points is a warning.
    """
    ranked = [
        (rank, finding)
        for result in sorted(results, key=lambda result: result.student)
        for rank, finding in enumerate(_of_one(result, assignment))
    ]
    return [finding for _, finding in sorted(ranked, key=lambda entry: entry[0])]


def _of_one(result: Result, assignment: Assignment) -> list[Finding]:
    path = _relative(result.path)

    def finding(level: Literal["error", "warning"], about: str, message: str) -> Finding:
        short = message if len(message) <= _MOST_CHARACTERS else message[: _MOST_CHARACTERS - 1] + "…"
        return Finding(level, result.student, path, about, short)

    if result.status is not Status.GRADED:
        return [finding("error", "submission", f"{str(result.status).capitalize()}: {result.message}")]
    found = []
    for error in result.cell_errors:
        found.append(finding("error", error.called, f"{error.where}: {error.told}"))
    totals = result.by_question()
    for question in assignment.questions:
        earned, points = totals.get(question.id, (0.0, question.points))
        if earned < points:
            tests = [test for test in result.tests if test.question == question.id and test.earned < test.points]
            says = f"{number(earned)} of {number(points)} points. {_first(tests)}".strip()
            found.append(finding("warning" if earned else "error", question.id, says))
    return found


def _first(tests: Sequence[TestResult]) -> str:
    """The first test that failed, rather than one that was skipped because of it."""
    first = next((test for test in tests if test.outcome is not Outcome.SKIPPED), next(iter(tests), None))
    if first is None:
        return ""
    parts = [f"{first.title}: {first.message.strip().partition(chr(10))[0] or first.outcome}"]
    if first.diagnosis:
        parts.append(f"{first.diagnosis.label}: {first.diagnosis.text}")
    if len(tests) > 1:
        parts.append(f"(and {count(len(tests) - 1, 'more test')})")
    return " ".join(parts)


def _relative(path: str) -> str:
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or os.getcwd()
    whole = os.path.abspath(path)
    return PurePath(os.path.relpath(whole, root) if PurePath(whole).is_relative_to(root) else whole).as_posix()
