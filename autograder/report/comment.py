"""Feedback as a plain block of text, for systems that show a comment at each question."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from autograder.course import Question
from autograder.language import _, ngettext
from autograder.report.feedback import Item, QuestionFeedback, feedback
from autograder.report.words import SIGNS, number, plain, shown
from autograder.result import Outcome, Result, Status
from autograder.scores.final import Row, reasons

_WIDTH = 100


def comment(result: Result | None, question: Question, *, by_hand: bool = False) -> str:
    """What became of one question: its points, causes and failed tests, as an indented block of Markdown.

    In such a block, text is shown as it is: nothing in it can be markup, and it reads as well where nothing is rendered.

    Args:
        by_hand: the instructor set the points, whatever is told.
    """
    lines = [_("The points were set by the instructor, who can tell you why.")] if by_hand else []
    if result is not None and result.status is Status.GRADED:
        told = next((entry for entry in feedback(result) if entry.question == question.id), None)
        earned, points = result.by_question().get(question.id, (0.0, question.points))
        lines.append(f"{question.title}: {_points(earned, points)}.")
        lines += _question(told) if told else ()
    elif result is not None:
        lines.append(result.message)
    return block("\n".join(lines))


def remarks(row: Row) -> str:
    """What concerns the whole submission: how its score came about, its message, cells that failed; empty if there is nothing."""
    result = row.result
    lines = [why] if (why := reasons(row)) else []
    if result is not None and result.status is Status.GRADED:
        lines += [result.message] if result.message else []
        for error in result.cell_errors:
            lines.append(f"{error.where}: {error.told}")
    return block("\n".join(lines))


def block(text: str) -> str:
    """An indented block: whatever the text is, it stays inside."""
    lines = [
        part
        for line in plain(text).split("\n")
        for part in textwrap.wrap(line, _WIDTH, subsequent_indent=" " * (len(line) - len(line.lstrip()) + 2)) or [""]
    ]
    return "\n".join(f"    {line}".rstrip() for line in lines).strip("\n")


def _question(told: QuestionFeedback) -> Iterator[str]:
    for cause in told.causes:
        label = f"({cause.number}) {cause.diagnosis.label}" if cause.number else cause.diagnosis.label
        yield f"{label}: {cause.diagnosis.text} {cause.extent}"
    passed = 0
    for row in told.rows:
        outcome = shown(row.items[0].test)
        if outcome == Outcome.PASSED:
            passed += len(row.items)
        elif len(row.items) > 1:
            tests = ngettext("{n} test", "{n} tests", len(row.items))
            yield f"{SIGNS[outcome]} {tests} {_(outcome)}: {row.reason}"
        else:
            yield from _test(row.items[0], outcome)
    if passed:
        good = ngettext("{n} test passed.", "{n} tests passed.", passed)
        yield f"{SIGNS[Outcome.PASSED]} {good}"


def _points(earned: float, points: float) -> str:
    return _("{earned} of {points} points", earned=number(earned), points=number(points))


def _test(item: Item, outcome: str) -> Iterator[str]:
    test = item.test
    head = f"{SIGNS[outcome]} {item.test.title}: {_(outcome)}, {_points(test.earned, test.points)}."
    yield " ".join(filter(None, (head, item.cause.reference if item.cause else "")))
    for text in "\n".join(item.message).split("\n"):
        if text.strip():
            yield f"  {text}"
    if item.diagnosis:
        yield f"  {item.diagnosis.label}: {item.diagnosis.text}"
