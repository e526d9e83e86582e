"""Why a class lost points, where no mistake is recognised: failed cells and messages of tests, each cause once.

One cause has many wordings: a message names the call and its numbers, a hidden call tells less of an error than a public one, and what
follows from a failed cell quotes it. So causes are compared without what differs from test to test.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.language import N_
from autograder.report.feedback import is_unrun_race
from autograder.result import Outcome, Result, TestResult

_NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![A-Za-z_])|\d+(?:x\d+)+")
_NUMBERS = re.compile(r"[(\[](?:#[,x ]*)+[)\]]")
_EXCEPTION = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Iteration)\b(?:: .*)?")
_CALL = re.compile(r"\w\(")
_FUNCTION = re.compile(r"(?<![\w.])[\w.]+\(\)")
_LONGEST = 80
"""Characters by which causes are told apart: of a hidden call's error, about a hundred are told."""
_LONGEST_LABEL = 60
_OPEN, _CLOSED = "([{", ")]}"
FAILED_CELL = N_("failed cell")


@dataclass
class Cause:
    """What went wrong, in its most frequent wording, and whose answers it was found in."""

    text: str = ""
    kinds: list[str] = field(default_factory=list)
    """Outcomes of tests, and `FAILED_CELL`; the most frequent first."""
    questions: list[str] = field(default_factory=list)
    students: list[Result] = field(default_factory=list)


def causes(results: Sequence[Result], functions: Collection[str] = ()) -> list[Cause]:
    """Most students first. A student counts once for each cause, whatever fails by it.

    Left out is what is told elsewhere or follows from something else: tests with a diagnosis, races that were not run, tests skipped
    because of an error that is counted already, and what the grader could not judge.

    Args:
        functions: the names that the assignment asks for: an error is the same in whichever of them.
    """
    names = re.compile(rf"\b(?:{'|'.join(map(re.escape, functions))})\b") if functions else None
    found: dict[str, Cause] = {}
    texts: dict[str, Counter[str]] = {}
    kinds: dict[str, Counter[str]] = {}
    for result in results:
        for english, text, kind, question in _sightings(result):
            key = _key(english, names)
            cause = found.setdefault(key, Cause())
            texts.setdefault(key, Counter())[text] += 1
            kinds.setdefault(key, Counter())[kind] += 1
            if not cause.students or cause.students[-1] is not result:
                cause.students.append(result)
            if question and question not in cause.questions:
                cause.questions.append(question)
    for key, cause in found.items():
        cause.text = texts[key].most_common(1)[0][0]
        cause.kinds = [kind for kind, _ in kinds[key].most_common()]
    return sorted(found.values(), key=lambda cause: -len(cause.students))


def _sightings(result: Result) -> Iterator[tuple[str, str, str, str]]:
    """What went wrong in English and as it is told, kind and question of each failed cell, and of each test that failed by itself."""
    told: list[str] = []
    ended: set[str] = set()
    for error in result.cell_errors:
        if text := _of_cell(error.english or error.error):
            told.append(text)
            yield text, _of_cell(error.error), FAILED_CELL, ""
    skipped: list[tuple[TestResult, str]] = []
    for test in result.tests:
        line = _first_line(test.english or test.message)
        if test.diagnosis:
            ended.add(test.question)
        if not line or test.diagnosis or test.outcome in (Outcome.PASSED, Outcome.NOT_GRADABLE) or is_unrun_race(test):
            continue
        if test.outcome is Outcome.SKIPPED:
            skipped.append((test, line))
            continue
        text = _problem(line, test.outcome)
        told += [text, *(f"“{title}”" for title in (test.title, test.title.rpartition(": ")[0]))]
        ended.add(test.question)
        yield text, _problem(_first_line(test.message), test.outcome), test.outcome, test.question
    # What was skipped says why: by a cell or a test that failed, or by nothing else in its question.
    for test, line in skipped:
        if test.question not in ended and not any(text.rstrip(".") in line for text in told):
            yield line, _first_line(test.message), test.outcome, test.question


def _of_cell(error: str) -> str:
    """The error without what became of the rest of the cell."""
    line = _first_line(error)
    return line if _EXCEPTION.match(line) else line.partition("; ")[0]


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0].strip()


def _problem(line: str, outcome: Outcome) -> str:
    """What a message says is wrong, without the call, the check or the part of an answer that it says it of."""
    if outcome is Outcome.ERROR and (raised := _EXCEPTION.search(_after_call(line))):
        return raised[0]
    rest = _after_call(line)
    if rest is line:
        label, colon, after = line.partition(": ")
        while colon and len(label) <= _LONGEST_LABEL and not _is_sentence(label):
            rest = after
            label, colon, after = rest.partition(": ")
    return rest


def _after_call(line: str) -> str:
    """What follows ``conv2d(x 1x3x4x6): ``; the line itself, if it holds no call."""
    call = _CALL.search(line)
    if not call:
        return line.removeprefix("This check ")
    depth = 0
    for position in range(call.end() - 1, len(line)):
        depth += (line[position] in _OPEN) - (line[position] in _CLOSED)
        if not depth:
            return line[position + 1 :].lstrip(": ") or line
    cut = line.rfind("): ")  # a long argument is cut, brackets and all
    return line[cut + 3 :] if cut >= 0 else line


def _is_sentence(label: str) -> bool:
    return label.startswith("expected ")


def _key(text: str, names: re.Pattern[str] | None) -> str:
    text = _FUNCTION.sub("f()", names.sub("f", text) if names else text)
    return _NUMBERS.sub("#", _NUMBER.sub("#", text)).rstrip(" .")[:_LONGEST]
