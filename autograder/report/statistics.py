"""A class in numbers: plain functions of results, without a word about how they are drawn."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.result import Outcome, Result, Status, TestResult

FEWEST = 10
"""Of fewer students, a correlation says nothing."""
_FEWEST_APART = 3
"""So many students must pass, and as many not, before a test is said to tell them apart the wrong way."""
_VARYING = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Spread:
    """Of scores."""

    count: int
    mean: float
    median: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Bin:
    """Scores from ``low``, included, to ``high``, excluded except in the last bin."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class QuestionStatistics:
    """How the graded submissions did on one question."""

    question: str
    points: float
    share: float
    """Mean of earned / points, 0 to 1."""
    full: int
    none: int


@dataclass(frozen=True)
class TestStatistics:
    """How the graded submissions did on one test."""

    __test__ = False  # pytest: not a test class

    test: str
    question: str
    title: str
    public: bool
    points: float
    passed: int
    total: int
    discrimination: float | None
    """See `discrimination`."""

    @property
    def share(self) -> float:
        return self.passed / self.total if self.total else 0.0

    @property
    def case(self) -> str:
        """Which case of a hidden test it is, as in ``[3x3]``; empty if the title says it, or there is but one."""
        _, bracket, rest = self.test.partition("[")
        return "" if self.public or not bracket or self.title.endswith(rest.removesuffix("]")) else f"[{rest}"


@dataclass(frozen=True)
class Noteworthy:
    """Tests that tell nobody apart, or the wrong way."""

    nobody: list[TestStatistics]
    everybody: list[TestStatistics]
    inverse: list[TestStatistics]
    """Who passes them does worse elsewhere than who does not."""


@dataclass(frozen=True)
class MistakeShare:
    """Of those who lost points in a question, how many made a mistake there."""

    question: str
    made: int
    lost: int


@dataclass(frozen=True)
class MistakeStatistics:
    """A mistake, or a pattern, and the students in whose answers it was found."""

    mistake: str
    """Empty for a pattern."""
    hint: str
    students: tuple[Result, ...]
    shares: tuple[MistakeShare, ...]
    """For each question whose functions make it, most students first."""


@dataclass(frozen=True)
class RaceStatistics:
    """The speed ratios of one race, smallest first, and its limits for all and for half the points, if known."""

    test: str
    title: str
    entries: tuple[tuple[Result, TestResult, float], ...]
    limits: tuple[float, float] | None


def graded(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.status is Status.GRADED]


def spread(scores: Sequence[float]) -> Spread | None:
    """None if there are none."""
    if not scores:
        return None
    return Spread(len(scores), statistics.fmean(scores), statistics.median(scores), min(scores), max(scores))


def histogram(scores: Sequence[float], top: float, bins: int = 10) -> list[Bin]:
    """Equal bins from 0 to ``top``; a score beyond either end counts in the nearest bin."""
    counts = (
        Counter(min(max(math.floor(score / top * bins + 1e-9), 0), bins - 1) for score in scores)
        if top > 0
        else Counter()
    )
    return [Bin(top * i / bins, top * (i + 1) / bins, counts[i]) for i in range(bins)]


def by_question(results: Sequence[Result]) -> list[QuestionStatistics]:
    """In the assignment's order."""
    shares: dict[str, list[float]] = {}
    points: dict[str, float] = {}
    for result in graded(results):
        for question, (earned, most) in result.by_question().items():
            shares.setdefault(question, []).append(earned / most if most else 1.0)
            points[question] = most
    return [
        QuestionStatistics(
            question,
            points[question],
            statistics.fmean(own),
            sum(share >= 1 for share in own),
            sum(share <= 0 for share in own),
        )
        for question, own in shares.items()
    ]


def by_test(results: Sequence[Result]) -> list[TestStatistics]:
    """Every test of the graded submissions (or of all, if none was graded), grouped by question."""
    first: dict[str, TestResult] = {}
    passed: dict[str, list[bool]] = {}
    rest: dict[str, list[float]] = {}
    for result in graded(results):
        for test in result.tests:
            first.setdefault(test.test, test)
            passed.setdefault(test.test, []).append(test.outcome is Outcome.PASSED)
            rest.setdefault(test.test, []).append(result.score - test.earned)
    if not first:
        first = {test.test: test for result in results for test in result.tests}
    questions = list(dict.fromkeys(test.question for test in first.values()))
    return [
        TestStatistics(
            name,
            test.question,
            test.title,
            test.public,
            test.points,
            passed=sum(passed.get(name, ())),
            total=len(passed.get(name, ())),
            discrimination=discrimination(passed.get(name, ()), rest.get(name, ())),
        )
        for name, test in sorted(first.items(), key=lambda item: questions.index(item[1].question))
    ]


def discrimination(passed: Sequence[bool], rest: Sequence[float]) -> float | None:
    """The item-rest correlation of a test: point-biserial, of passing it with the score on everything else.

    Args:
        passed: whether each student passes the test.
        rest: each student's score without it.

    Returns:
        From -1 to 1, or None if it is not defined: all or none pass, all other scores are alike, or there are
        fewer than `FEWEST` students.
    """
    scores = [round(score, 6) for score in rest]  # sums of points; what is beyond is rounding, not a difference
    if len(passed) < FEWEST or len(set(passed)) < 2 or len(set(scores)) < 2:
        return None
    return min(1.0, max(-1.0, statistics.correlation([float(one) for one in passed], scores)))


def noteworthy(tests: Sequence[TestStatistics]) -> Noteworthy:
    """Nobody and everybody are at least two students."""
    several = [test for test in tests if test.total > 1]
    return Noteworthy(
        nobody=[test for test in several if test.passed == 0],
        everybody=[test for test in several if test.passed == test.total],
        inverse=[
            test
            for test in several
            if test.discrimination is not None
            and round(test.discrimination, 2) < 0
            and _FEWEST_APART <= test.passed <= test.total - _FEWEST_APART
        ],
    )


def mistakes(results: Sequence[Result], owners: Mapping[str, str]) -> list[MistakeStatistics]:
    """The diagnoses of the graded submissions, most students first.

    Mistakes are counted by their id, patterns by their hint, numbers left out. A student counts once for each.

    Args:
        owners: function -> the question that asks for it.
    """
    found: dict[tuple[str, str], list[tuple[Result, str, str]]] = {}
    lost: dict[str, set[str]] = {}
    for result in graded(results):
        for question, (earned, points) in result.by_question().items():
            if earned < points:
                lost.setdefault(question, set()).add(result.student)
        for test in result.tests:
            if one := test.diagnosis:
                key = (one.mistake, "" if one.mistake else _VARYING.sub("#", one.english or one.hint))
                where = owners.get(one.function, test.question)
                found.setdefault(key, []).append((result, where, one.hint))
    every = [_mistake(mistake, sightings, lost) for (mistake, _), sightings in found.items()]
    return sorted(every, key=lambda one: (-len(one.students), one.mistake, one.hint))


def _mistake(
    mistake: str, sightings: Sequence[tuple[Result, str, str]], lost: Mapping[str, set[str]]
) -> MistakeStatistics:
    questions = list(dict.fromkeys(question for _, question, _ in sightings))
    shares = [
        MistakeShare(question, len(made & lost[question]), len(lost[question]))
        for question in questions
        if question in lost
        for made in [{result.student for result, where, _ in sightings if where == question}]
    ]
    return MistakeStatistics(
        mistake,
        hint=Counter(hint for _, _, hint in sightings).most_common(1)[0][0],
        students=tuple({result.student: result for result, _, _ in sightings}.values()),
        shares=tuple(sorted(shares, key=lambda share: -share.made)),
    )


def races(results: Sequence[Result]) -> list[RaceStatistics]:
    """Every test that measured a ratio."""
    entries: dict[str, list[tuple[Result, TestResult, float]]] = {}
    limits: dict[str, tuple[float, float]] = {}
    for result in results:
        for test in result.tests:
            if test.ratio is None or not math.isfinite(test.ratio) or test.ratio <= 0:
                continue
            entries.setdefault(test.test, []).append((result, test, test.ratio))
            if test.limits:
                limits[test.test] = test.limits
    return [
        RaceStatistics(name, own[0][1].title, tuple(sorted(own, key=lambda entry: entry[2])), limits.get(name))
        for name, own in entries.items()
    ]


def log_axis(values: Sequence[float]) -> tuple[float, float, list[float]]:
    """Ends and ticks of a logarithmic axis that holds all ``values`` (positive), at 1, 2 and 5 times powers of ten."""
    exponents = range(math.floor(math.log10(min(values))) - 1, math.ceil(math.log10(max(values))) + 2)
    steps = [mantissa * 10.0**exponent for exponent in exponents for mantissa in (1, 2, 5)]
    low = max(step for step in steps if step <= min(values) / 1.05)
    high = min(step for step in steps if step >= max(values) * 1.05)
    ticks = [step for step in steps if low <= step <= high]
    powers = [tick for tick in ticks if math.log10(tick) == round(math.log10(tick))]
    return low, high, powers if len(ticks) > 8 else ticks


def slowest(results: Sequence[Result], most: int) -> list[Result]:
    return sorted(results, key=lambda result: -result.seconds)[:most]
