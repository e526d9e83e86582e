"""What became of one submission, question by question, with every cause told once."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.language import N_, _
from autograder.report.picture import Picture, SignMap, picture, sign_map
from autograder.result import Diagnosis, Outcome, Result, TestResult

_FAILED = (Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT)
_ARGUMENTS = re.compile(r"^(\w+)\(.*\) (?=was not run)")


@dataclass(frozen=True)
class Cause:
    """A diagnosis that several failed tests of a question share."""

    number: int
    """From 1 within the question; 0 if there is no other."""
    diagnosis: Diagnosis
    explained: int
    failed: int
    """All tests of the question that failed."""

    @property
    def extent(self) -> str:
        """How much of the question it explains, in a sentence."""
        every = self.explained == self.failed
        if self.diagnosis.mistake:
            text = (
                N_("This explains all {failed} tests that failed.")
                if every
                else N_("This explains {many} of the {failed} tests that failed.")
            )
        else:
            text = (
                N_("This holds for all {failed} tests that failed.")
                if every
                else N_("This holds for {many} of the {failed} tests that failed.")
            )
        return _(text, failed=self.failed, **({} if every else {"many": self.explained}))

    @property
    def reference(self) -> str:
        """What a test that it explains says of it."""
        return _("See above ({number}).", number=self.number) if self.number else _("See above.")


@dataclass(frozen=True)
class Item:
    """A test, as a student reads of it."""

    test: TestResult
    part: str
    """Tells cases of the same title apart without naming hidden ones."""
    picture: Picture | None
    map: SignMap | None
    cause: Cause | None = None
    """Told at the question's head."""
    first: bool = True
    """Whether no test before it draws the same cause."""

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is told at the test itself."""
        return None if self.cause else self.test.diagnosis

    @property
    def message(self) -> tuple[str, str]:
        """What is said, and the traceback below it, whose lines are indented."""
        lines = self.test.message.strip().split("\n")
        end = next((number for number, line in enumerate(lines) if line.startswith("  ")), len(lines))
        return "\n".join(lines[:end]), textwrap.dedent("\n".join(lines[end:]))


@dataclass
class Row:
    """One test, or several that were skipped for the same reason."""

    reason: str
    items: list[Item] = field(default_factory=list)

    @property
    def points(self) -> float:
        return sum(item.test.points for item in self.items)

    @property
    def earned(self) -> float:
        return sum(item.test.earned for item in self.items)


@dataclass
class QuestionFeedback:
    question: str
    causes: list[Cause]
    rows: list[Row]


def feedback(result: Result) -> list[QuestionFeedback]:
    """In the order in which the questions first appear."""
    questions: dict[str, list[TestResult]] = {}
    for test in result.tests:
        questions.setdefault(test.question, []).append(test)
    return [_question(question, tests) for question, tests in questions.items()]


def _question(question: str, tests: Sequence[TestResult]) -> QuestionFeedback:
    causes = _causes(tests)
    repeated = Counter(test.title for test in tests)
    seen: Counter[str] = Counter()
    drawn: set[Diagnosis] = set()
    skipped: dict[str, Row] = {}
    rows: list[Row] = []
    for test in tests:
        seen[test.title] += 1
        cause = causes.get(test.diagnosis) if test.diagnosis else None
        item = Item(
            test,
            part=_("{earned} of {points}", earned=seen[test.title], points=repeated[test.title])
            if repeated[test.title] > 1
            else "",
            picture=picture(test),
            map=sign_map(test),
            cause=cause,
            first=cause is None or cause.diagnosis not in drawn,
        )
        if cause and (item.picture or item.map):
            drawn.add(cause.diagnosis)
        # A function that is not called any more is the same reason, whatever the arguments would have been.
        reason = _ARGUMENTS.sub(r"\1 ", test.message.strip()) if test.outcome is Outcome.SKIPPED else ""
        row = skipped.setdefault(reason, Row(reason)) if reason else Row("")
        if not row.items:
            rows.append(row)
        row.items.append(item)
    return QuestionFeedback(question, list(causes.values()), rows)


def _causes(tests: Sequence[TestResult]) -> dict[Diagnosis, Cause]:
    """The diagnoses of more than one test, those that explain most first."""
    counts = Counter(test.diagnosis for test in tests if test.diagnosis)
    shared = [(diagnosis, many) for diagnosis, many in counts.most_common() if many > 1]
    failed = sum(test.diagnosis is not None or (test.outcome in _FAILED and not is_unrun_race(test)) for test in tests)
    return {
        diagnosis: Cause(number if len(shared) > 1 else 0, diagnosis, many, failed)
        for number, (diagnosis, many) in enumerate(shared, 1)
    }


def is_unrun_race(test: TestResult) -> bool:
    """Speed is not measured where answers are wrong: it fails for whatever made them so."""
    return test.limits is not None and test.ratio is None
