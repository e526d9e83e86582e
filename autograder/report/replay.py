"""A replayed test in the terminal, for the instructor: with inputs and expected answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from autograder.report import words
from autograder.report.terminal import STYLES
from autograder.result import TestResult

if TYPE_CHECKING:
    from autograder.commands import Replay

_MOST_VALUES = 2000


def render_replay(replay: Replay) -> RenderableType:
    """Verdicts, source, calls and comparisons. What students wrote is shown as text: no markup, no escape sequences."""
    now, recorded = replay.now, replay.recorded
    parts: list[RenderableType] = [
        Text(words.plain(str(replay.path)), style="dim"),
        Text(words.plain(now.title), style="bold"),
        Text(f"{now.test}, question {now.question}", style="dim"),
        _verdict("recorded", recorded),
        _verdict("now", now),
    ]
    if (now.outcome, now.earned) != (recorded.outcome, recorded.earned):
        remarks = replay.remarks or (
            "The verdicts differ although nothing has changed: report this as a fault of grader.",
        )
        parts += [Text(remark, style="bold yellow") for remark in remarks]
    else:
        parts += [Text(remark, style="yellow") for remark in replay.remarks]
    if now.message:
        parts += [_heading("The student reads"), Text(words.plain(now.message))]
        # The whole submission tells which mistake it is; one test alone may not.
        if diagnosis := recorded.diagnosis or now.diagnosis:
            about = f" ({diagnosis.mistake})" if diagnosis.mistake else ""
            parts.append(Text(words.plain(diagnosis.hint) + about, style="italic"))
    if now.fault:
        parts += [_heading("The test failed by itself"), Text(words.plain(now.fault))]
    parts += [_heading("The test"), Syntax(replay.source.rstrip(), "python", word_wrap=True)]
    if replay.trace.rounds:
        title = "CPU time of each round: student with transport, reference without, transport"
        parts.append(_heading(title))
        parts += [Text("".join(f"{1000 * seconds:9.2f} ms" for seconds in times)) for times in replay.trace.rounds]
    for number, answer in enumerate(replay.trace.answers, 1):
        parts.append(_heading(f"Call {number}: {words.plain(answer.call)}"))
        for name, value in answer.arguments.items():
            parts.append(_value(name, value))
        parts.append(
            _value("answer", answer.value) if answer.error is None else Text(words.plain(str(answer.error)), "red")
        )
        if answer.changed:
            parts.append(Text(f"changed: {', '.join(answer.changed)}", style="yellow"))
    for comparison in replay.trace.comparisons:
        sign, style = ("✓", "green") if comparison.right else ("×", "red")
        parts.append(_heading(f"{sign} {words.plain(comparison.what)}", style))
        if not comparison.right:
            parts += [_value("answer", comparison.actual), _value("expected", comparison.expected)]
    return Group(*parts)


def _verdict(when: str, test: TestResult) -> Text:
    outcome = words.shown(test)
    text = Text.assemble(
        f"{when:9}", (outcome, STYLES[outcome]), f"  {words.number(test.earned)} of {words.number(test.points)}"
    )
    return text.append(f"  {test.ratio:.3g} times the reference") if test.ratio is not None else text


def _heading(text: str, style: str = "bold") -> RenderableType:
    """A line like a rule, but one that wraps: calls may be long, and are what one replays a test for."""
    return Text.assemble(("── ", "dim"), (text, style))


@dataclass(frozen=True)
class _Array:
    """An array's numbers, as many in a line as there is room for."""

    value: np.ndarray[Any, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(
            np.array2string(
                self.value, threshold=_MOST_VALUES, max_line_width=options.max_width, precision=6, suppress_small=True
            )
        )


def _value(name: str, value: Any) -> RenderableType:
    if isinstance(value, np.ndarray):
        return Group(Text(f"{name}  {value.dtype} {value.shape}", style="bold"), Padding(_Array(value), (0, 0, 0, 2)))
    return Text.assemble((f"{name}  ", "bold"), words.plain(repr(value))[:2000])
