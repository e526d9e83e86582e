"""Results in the terminal: one in full for `grader show`, and a class in one table after grading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment
from autograder.report import statistics, words
from autograder.report.feedback import Item, Row, feedback
from autograder.report.picture import SignMap
from autograder.result import Diagnosis, Outcome, Result, Status
from autograder.scores.final import MISSING, reasons
from autograder.scores.final import Row as Standing
from autograder.scores.policy import free_days

STYLES: Mapping[str, str] = {
    Outcome.PASSED: "green",
    words.PARTLY: "yellow",
    Outcome.FAILED: "red",
    Outcome.ERROR: "bold red",
    Outcome.TIMEOUT: "bold magenta",
    Outcome.SKIPPED: "dim",
    Outcome.NOT_GRADABLE: "bold yellow",
}
_MAP_STYLES: Mapping[str, str] = {"+": "blue", "-": "yellow", "x": "magenta", "?": "bold red", ".": "dim"}
_MOST_NAMED = 3
_MOST_ROWS = 60
"""A class larger than this is not listed in full."""
_LOWEST = 10
_MOST_ODD = 15
"""Of a larger class, so many without a grade are listed, and as many of the lowest scores and of who is missing as `_LOWEST` says."""


def render_result(row: Standing) -> RenderableType:
    """One result: the final score and its reasons, failed cells, and every test under its question. Passed tests take one line each.

    Whatever students wrote is shown as text: no markup, no escape sequences.
    """
    result = row.result
    parts: list[RenderableType] = [_head(row)]
    if result is None:
        return Group(*parts)
    if result.cell_errors:
        parts.append(Rule(Text("Cells that failed", style="bold"), align="left", style="dim"))
    for error in result.cell_errors:
        where = words.plain(error.where)
        parts.append(
            Text.assemble((f"{words.SIGNS[Outcome.ERROR]} {where}: ", STYLES[Outcome.ERROR]), words.plain(error.told))
        )
        if error.traceback:
            parts.append(Padding(Text(words.plain(error.traceback.strip("\n")), style="dim"), (0, 0, 0, 2)))
    if result.status is Status.GRADED or result.partial:
        questions = feedback(result)
        if any(item.map and item.first for entry in questions for row in entry.rows for item in row.items):
            parts.append(Text.assemble("In maps of where an answer differs: ", _map_legend()))
        totals = result.by_question()
        by_hand = {override.question: override.score for override in row.overrides}
        for entry in questions:
            earned, points = totals[entry.question]
            earned = by_hand.get(entry.question, earned)
            title = Text.assemble(
                (words.plain(entry.question), "bold"), f"  {words.number(earned)} of {words.number(points)}"
            )
            parts.append(Rule(title, align="left", style="dim"))
            for cause in entry.causes:
                number = f"({cause.number}) " if cause.number else ""
                parts.append(Text.assemble(number, _why(cause.diagnosis), " ", (cause.extent, "dim")))
            parts.append(_tests(entry.rows))
    return Group(*parts)


def render_summary(rows: Sequence[Standing], assignment: Assignment, *, list_missing: bool = True) -> RenderableType:
    """A class: counts, then a line for each student with name, status, final score and points by question, and a note below it;
    then the most frequent mistakes, if any.

    Of more than 60 students only those without a graded result and the lowest scores are listed.

    Args:
        list_missing: whether who has handed in nothing is listed, and not only counted.
    """
    everyone = sorted(rows, key=lambda row: row.student.id)
    present = [row for row in everyone if row.status != MISSING]
    missing = [row for row in everyone if row.status == MISSING]
    unlisted = 0 if list_missing else len(missing)
    if len(everyone) - unlisted <= _MOST_ROWS:
        listed, absent, left_out = present, missing if list_missing else [], 0
    else:
        lowest = sorted((row for row in present if row.counts), key=lambda row: row.score or 0)
        odd = [row for row in present if not row.counts]
        listed, absent = odd[:_MOST_ODD] + lowest[:_LOWEST], missing[:_LOWEST] if list_missing else []
        left_out = len(everyone) - unlisted - len(listed) - len(absent)
    results = [row.result for row in everyone if row.result]
    scores = [row.score for row in present if row.counts and row.score is not None]
    spread = statistics.spread(scores)
    parts: list[RenderableType] = [_counts(everyone, spread, assignment)]
    if listed or absent:
        parts += [_listing(listed + absent, everyone, spread, assignment), _legend(assignment)]
    if frequent := _mistakes(results):
        parts.append(Text(frequent))
    if left_out:
        parts.append(
            Text(
                f"Listed are submissions without a grade and the {_LOWEST} lowest scores; {left_out} more are left out here. "
                f"All are in `grader report {assignment.name}`."
            )
        )
    return Group(*parts)


def _head(row: Standing) -> RenderableType:
    result = row.result
    name, student = words.plain(row.student.name), words.plain(row.student.id)
    score = (
        f"{words.number(row.score)} of {words.number(row.max_score)}"
        if row.score is not None
        else f"no score yet, {result.so_far}"
        if result and result.partial
        else "no score"
    )
    lines = [
        Text.assemble(
            (f"{name} ({student})" if name else student, "bold"), f"  {words.plain(result.assignment)}" if result else "", "  ",
            (score, "bold"), f"  {row.status}",
        )
    ]  # fmt: skip
    if why := reasons(row):
        lines.append(Text(words.plain(why)))
    if free := free_days(row):
        lines.append(Text(free))
    if result is None:
        return Group(*lines)
    lines.append(Text(words.summary(result, {}, by_hand=row.by_hand)))
    if result.message:
        lines.append(Text(words.plain(result.message)))
    when = f"{result.graded_at:%Y-%m-%d %H:%M %Z}".strip()
    lines.append(
        Text(
            f"{words.plain(result.path)}, {_handed_in(row, result)}graded {when} in {words.duration(result.seconds)}",
            style="dim",
        )
    )
    return Group(*lines)


def _handed_in(row: Standing, result: Result) -> str:
    if words.time_unknown(row):
        return "handed in: time unknown, "
    if result.submitted_at is None:
        return ""
    zone = row.due.tzinfo if row.due and result.submitted_at.tzinfo else None
    return f"handed in {result.submitted_at.astimezone(zone) if zone else result.submitted_at:%Y-%m-%d %H:%M %Z}, "


def _tests(rows: Sequence[Row]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for row in rows:
        outcome = words.shown(row.items[0].test)
        several = len(row.items) > 1
        table.add_row(
            Text(f"{words.SIGNS[outcome]} {outcome}", style=STYLES[outcome]),
            Text(f"{words.count(len(row.items), 'test')}: {words.plain(row.reason)}")
            if several
            else _test(row.items[0]),
            f"{words.number(row.earned)} of {words.number(row.points)}",
        )
    return table


def _test(item: Item) -> Text:
    test = item.test
    what = Text(words.plain(test.title))
    if test.test != f"check[{test.title}]":
        what.append(f"  {words.plain(test.test)}", style="dim")
    if test.ratio is not None:
        what.append(f"  {test.ratio:.3g} times the reference", style="dim")
    if test.message.strip():
        what.append("\n" + words.plain(test.message.strip()), style="dim" if test.outcome is Outcome.PASSED else "")
    if test.fault:
        what.append("\nFor you, not for students:\n" + words.plain(test.fault), style=STYLES[Outcome.NOT_GRADABLE])
    if item.cause:
        what.append(f"{' ' if test.message.strip() else chr(10)}{item.cause.reference}", style="dim")
    if item.diagnosis:
        what.append("\n").append(_why(item.diagnosis))
    if item.picture:
        caption = item.picture.caption.replace(", outlined below", "")
        what.append(f"\n{words.plain(item.picture.case)}: {caption}", style="dim")
    # Nine maps of one mistake say no more than one.
    if item.map and item.first:
        what.append("\n").append(_map(item.map))
    return what


def _why(diagnosis: Diagnosis) -> Text:
    return Text.assemble((f"{diagnosis.label}: ", "bold"), words.plain(diagnosis.text))


def _map(drawn: SignMap) -> Text:
    """Signs with spaces between them: a terminal's characters are twice as high as they are wide."""
    facts = " ".join(filter(None, (drawn.where, f"({drawn.part})" if drawn.part else "")))
    text = Text(f"Where it differs{f', {words.plain(facts)}' if facts else ''}:", style="dim")
    for row in drawn.rows:
        text.append("\n ")
        for sign in row:
            text.append(f" {sign}", style=_MAP_STYLES[sign])
    return text


def _map_legend() -> Text:
    parts = [((sign, _MAP_STYLES[sign]), f" {meaning}") for sign, meaning in words.MAP_SIGNS.items()]
    return Text("  ").join(Text.assemble(*part) for part in parts)


def _counts(rows: Sequence[Standing], spread: statistics.Spread | None, assignment: Assignment) -> Text:
    text = words.counted(rows)
    if spread:
        text += (
            f" Of {words.number(assignment.points)} points: mean {spread.mean:.1f}, median {words.number(spread.median)}, "
            f"from {words.number(spread.lowest)} to {words.number(spread.highest)}."
        )
    return Text.assemble((words.plain(assignment.title), "bold"), "\n", text)


@dataclass(frozen=True)
class _Listing:
    """A table of one line for each student, with the notes that there are between its lines: a note has the whole width, and is never cut.

    Where columns of points leave no room for names, names begin the notes.
    """

    table: Table
    nameless: Table
    names: Sequence[str]
    notes: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table, notes = self.table, self.notes
        if Measurement.get(console, options.update(max_width=10_000), table).minimum > options.max_width:
            table = self.nameless
            notes = [": ".join(filter(None, both)) for both in zip(self.names, self.notes, strict=True)]
        head = 2  # the columns' names and the line below them
        for number, line in enumerate(console.render_lines(table, options, pad=False), -head):
            yield from (*line, Segment.line())
            if 0 <= number < len(notes) and notes[number]:
                yield Padding(Text(notes[number], style="dim"), (0, 0, 0, 4))


def _listing(
    listed: Sequence[Standing], everyone: Sequence[Standing], spread: statistics.Spread | None, assignment: Assignment
) -> RenderableType:
    named = any(row.student.name for row in listed)
    with_names, without = (_table(listed, everyone, spread, assignment, named=one) for one in (named, False))
    return _Listing(with_names, without, [_line(row.student.name) for row in listed], [_note(row) for row in listed])


def _table(
    listed: Sequence[Standing],
    everyone: Sequence[Standing],
    spread: statistics.Spread | None,
    assignment: Assignment,
    *,
    named: bool,
) -> Table:
    table = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, show_footer=True, padding=(0, 1) if named else (0, 1, 0, 0)
    )
    counted = [row for row in everyone if row.counts]
    table.add_column("student", "mean", no_wrap=True, max_width=24)
    if named:
        table.add_column("name", min_width=12, max_width=30)  # the only column that gives way on a narrow terminal
    table.add_column("status", no_wrap=True)
    table.add_column("score", f"{spread.mean:.1f}" if spread else "", justify="right", no_wrap=True)
    for number, question in enumerate(assignment.questions, 1):
        # Of the points that stand above, with those set by hand.
        points = [value for row in counted if (value := row.questions[question.id]) is not None]
        share = fmean(points) / question.points if points and question.points else 1.0
        table.add_column(f"Q{number}", f"{100 * share:.0f}%" if points else "", justify="right", no_wrap=True)
    for row in listed:
        style = "" if row.status == Status.GRADED else STYLES[Outcome.NOT_GRADABLE] if row.result else "dim"
        cells = [
            "-" if value is None or row.status == MISSING else words.number(value) for value in row.questions.values()
        ]
        table.add_row(
            Text(_line(row.student.id)),
            *([Text(_line(row.student.name), no_wrap=True, overflow="ellipsis")] if named else []),
            Text(row.status, style=style),
            Text("-" if row.score is None else words.number(row.score), style="bold"),
            *cells,
        )
    return table


def _legend(assignment: Assignment) -> Text:
    questions = (
        f"Q{i} {question.id} ({words.number(question.points)})" for i, question in enumerate(assignment.questions, 1)
    )
    return Text("   ".join(questions), style="dim")


def _mistakes(results: Sequence[Result]) -> str:
    """The most frequent mistakes in one sentence; empty if none was recognised."""
    found = [one for one in statistics.mistakes(results, {}) if one.mistake]
    named = [
        f"{words.plain(words.in_words(one.mistake))} ({words.count(len(one.students), 'student')})"
        for one in found[:_MOST_NAMED]
    ]
    return f"Most frequent {'mistake' if len(found) == 1 else 'mistakes'}: {', '.join(named)}." if named else ""


def _note(row: Standing) -> str:
    """The most useful remark on a score, in one line."""
    result = row.result
    if row.status != MISSING and (why := reasons(row)):
        return _line(why)
    if result is None:
        return ""
    if result.message:
        return _line(result.message)
    if result.cell_errors:
        first, more = result.cell_errors[0], len(result.cell_errors) - 1
        return _line(f"{first.error} ({first.called})") + (f" (and {words.count(more, 'more cell')})" if more else "")
    outcomes = Counter(words.shown(test) for test in result.tests)
    return ", ".join(f"{outcomes[kind]} {kind}" for kind in STYLES if outcomes[kind] and kind != Outcome.PASSED)


def _line(text: str) -> str:
    return " ".join(words.plain(text).split())
