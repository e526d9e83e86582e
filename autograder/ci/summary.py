"""The summary of a grading run in Markdown: a table of the class, and below it what went wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.ci.findings import Finding
from autograder.course import Assignment
from autograder.report import statistics
from autograder.report.words import count, counted, number, plain
from autograder.scores.final import MISSING, Row, reasons

SUMMARY_BYTES = 2**20
"""GitHub shows no summary of a step that is larger than this."""
_RESERVE = 400
"""For the sentence that says what is left out."""


def summary(
    assignment: Assignment,
    rows: Sequence[Row],
    found: Sequence[Finding],
    *,
    most_bytes: int = SUMMARY_BYTES,
) -> str:
    """The Markdown text, of at most so many bytes: students, then findings are left out, and it is said how many."""
    everyone = sorted(rows, key=lambda row: (row.result is None, row.student.id))
    title = escape(assignment.title)
    heads = [f"{escape(entry.id)} ({number(entry.points)})" for entry in assignment.questions]
    columns = ["Student", "Status", f"Score ({number(assignment.points)})", *heads]
    lines = [f"## {title}", "", _counts(everyone), ""]
    table = ["| " + " | ".join(columns) + " |", "|---|---|" + "--:|" * (len(columns) - 2)]
    students = [_row(row) for row in everyone]
    changed = [f"- **{escape(row.student.id)}**: {escape(why)}" for row in everyone if (why := _reasons(row))]
    details = [
        f"- {'❌' if finding.level == 'error' else '⚠️'} **{escape(finding.student)}**, {escape(finding.about)}: {escape(finding.message)}"
        for finding in sorted(found, key=lambda finding: finding.student)
    ]
    left = most_bytes - _RESERVE - sum(len(line.encode()) + 1 for line in lines + table)
    if left < 0:
        return ""
    shown, left = _fitting(students, left)
    told, left = _fitting(changed, left - len("\n### How scores came about\n\n"))
    listed, left = _fitting(details, left - len("\n### What went wrong\n\n"))
    lines += table + shown
    if told:
        lines += ["", "### How scores came about", "", *told]
    if listed:
        lines += ["", "### What went wrong", "", *listed]
    if left_out := len(students) - len(shown) + len(changed) - len(told) + len(details) - len(listed):
        lines += [
            "",
            f"{count(left_out, 'line')} left out: the summary would be too long. Everything is in the JUnit file.",
        ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text as a part of one line of Markdown that shows just this text: no markup, no HTML, no table cell's end."""
    line = " ".join(plain(text).split())
    # GitHub makes links of http:// and www. without being asked.
    return re.sub(r"([&*<>@\[\\\]_`|~$]|:(?=/)|(?<=www)\.)", r"\\\1", line, flags=re.IGNORECASE)


def _row(row: Row) -> str:
    points = ["-" if value is None or row.status == MISSING else number(value) for value in row.questions.values()]
    return _line([row.student.id, row.status, "-" if row.score is None else number(row.score), *points])


def _reasons(row: Row) -> str:
    return reasons(row) if row.status != MISSING else ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"


def _counts(rows: Sequence[Row]) -> str:
    scores = [row.score for row in rows if row.counts and row.score is not None]
    text = counted(rows)
    if spread := statistics.spread(scores):
        text += f" Mean {spread.mean:.1f}, median {number(spread.median)}, from {number(spread.lowest)} to {number(spread.highest)}."
    return text


def _fitting(lines: Sequence[str], most_bytes: int) -> tuple[list[str], int]:
    """As many of the lines as there is room for, and the room that is left."""
    shown: list[str] = []
    for line in lines:
        size = len(line.encode()) + 1
        if size > most_bytes:
            break
        shown.append(line)
        most_bytes -= size
    return shown, most_bytes
