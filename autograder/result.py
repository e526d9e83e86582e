"""The one type in which every submission ends, whatever happened to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from autograder.language import ENGLISH, _, ngettext

MOST_BYTES = 256_000
"""Of a result as JSON in ASCII, which is its longest form."""
MOST_CELL_ERRORS = 20
LONGEST_ID = 200
_KEPT_WHOLE = {
    "student",
    "assignment",
    "path",
    "test",
    "question",
    "status",
    "outcome",
    "mistake",
    "function",
    "language",
}
_CUT = " ... (cut)"


class Outcome(StrEnum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"  # ran and gave a wrong answer; a slow race may still earn half
    ERROR = "error"  # the student's code raised or its process died
    TIMEOUT = "timeout"
    SKIPPED = "skipped"  # not run, because something it stands on is missing
    NOT_GRADABLE = "not gradable"  # no verdict: unreadable file, or the grader's own fault


class Status(StrEnum):
    """What became of a submission as a whole."""

    GRADED = "graded"
    UNREADABLE = "unreadable"  # no notebook in the file: scores 0
    NOT_GRADABLE = "not gradable"  # no score yet: the grader's own fault, or nothing that can be graded as it is


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Difference(_Model):
    """The first two-dimensional plane in which an answer differs from the expected one, cut to at most 16 x 16."""

    case: str
    where: str = ""
    """Which plane of a larger array this is, as in ``[0, 1, :, :]``; empty if it is the whole."""
    signs: tuple[str, ...] = ()
    """A string for each row, a character for each value: ``.`` right, ``+`` too large, ``-`` too small, ``x`` right but for
    its sign, ``?`` not finite."""
    actual: list[list[float]] | None = None
    """The student's values and, below, the right ones; NaN and infinities allowed. Public checks only, None for hidden tests."""
    expected: list[list[float]] | None = None


class Diagnosis(_Model):
    """Which mistake a failed test points to. It never changes a score."""

    mistake: str = ""
    """The mistake's id in the assignment's catalogue; empty if a general pattern was found and not a known mistake."""
    function: str = ""
    """The function that makes the mistake, should it be another one than the test is about."""
    hint: str
    """For the student; holds no expected value."""
    english: str = ""
    """A pattern's hint in English, if it is in another language: by that, alike ones are counted together."""

    @property
    def label(self) -> str:
        """What the hint tells of: a mistake that is known, or only a pattern."""
        return _("What went wrong") if self.mistake else _("What stands out")

    @property
    def text(self) -> str:
        """The hint, and whose fault it is if it is another function's."""
        if not self.function:
            return self.hint
        return _("This follows from {function}: {hint}", function=self.function, hint=self.hint)


class TestResult(_Model):
    """One test's outcome and points."""

    __test__ = False  # pytest: not a test class

    test: str
    """Unique within the assignment, as in ``test_bias`` or ``test_cases[2]``."""
    question: str
    title: str
    """What the student reads as the test's name."""
    public: bool = False
    points: float
    earned: float = 0.0
    outcome: Outcome
    message: str = ""
    """For the student; plain text, leaks nothing hidden."""
    english: str = ""
    """The message in English, if it is in another language: by that, alike ones are counted together."""
    fault: str = ""
    """For the instructor only: what the test itself raised, and where, if it fails the reference as well."""
    difference: Difference | None = None
    diagnosis: Diagnosis | None = None
    ratio: float | None = None
    """CPU time as a multiple of the reference's, for races."""
    limits: tuple[float, float] | None = None
    """The ratios up to which a race earns all and half of its points."""
    seconds: float = 0.0

    @property
    def hint(self) -> str:
        """What is known of why it failed, in a sentence for the student; empty if nothing is."""
        if not self.diagnosis:
            return ""
        return _("{label}: {text}", label=self.diagnosis.label, text=self.diagnosis.text)


class CellError(_Model):
    """A notebook cell that raised, ran over its time or ended the process."""

    cell: int
    """Counted from 1 among all cells. Students are shown its name: no editor shows this number."""
    name: str = ""
    """The cell in words, as in ``the cell that defines `conv2d```; empty in results from before there were names."""
    line: int | None = None
    text: str = ""
    """What is written in that line, or the beginning of it."""
    error: str
    """``NameError: name 'x' is not defined``, or a sentence."""
    english: str = ""
    """The error in English, if that is a sentence in another language."""
    advice: str = ""
    """What to do, where that is known."""
    rest_defined: bool = False
    """Whether functions, classes, imports or constants of the cell that were not reached were defined all the same."""
    timeout: bool = False
    """Whether it ran over its time; False in results from before this was noted."""
    traceback: str = ""
    """The student's own frames only; empty if there is but one, which says no more than ``name``, ``line`` and ``text``."""

    @property
    def called(self) -> str:
        """The cell in words."""
        return self.name or _("cell {number}", number=self.cell)

    @property
    def where(self) -> str:
        """``The cell that defines `conv2d`, line 3, `return x +```."""
        where = self.called[:1].upper() + self.called[1:]
        if self.line is None or (self.text and f"`{self.text}`" in where):
            return where
        if self.text:
            return _("{cell}, line {line}, `{text}`", cell=where, line=self.line, text=self.text)
        return _("{cell}, line {line}", cell=where, line=self.line)

    @property
    def told(self) -> str:
        """The error, what to do about it, and what became of the rest of the cell."""
        return "\n".join(filter(None, (self.error, self.advice, self.remark)))

    @property
    def remark(self) -> str:
        """What became of the rest of the cell; empty if there is nothing to say."""
        if not self.rest_defined:
            return ""
        return _(
            "Of what was not reached, statements that only define functions, classes, imports or constants were run "
            "all the same; others were not, and names that the cell had defined before were kept."
        )


class Result(_Model):
    """Everything known about one graded submission."""

    format: Literal[1] = 1
    student: str
    assignment: str
    status: Status
    message: str = ""
    """Why the status is not ``graded``, or a remark on the whole submission."""
    tests: tuple[TestResult, ...]
    """Every test of the assignment, whatever the status, in the assignment's order; a parametrised test that was never
    run is one entry."""
    cell_errors: tuple[CellError, ...] = ()
    path: str
    """The submitted file."""
    submitted_at: datetime | None = None
    """None while nobody can tell."""
    late: bool = False
    """Whether the system it was handed in to calls it late, and tells no time."""
    hand_in_again: bool = False
    """Whether there is no verdict because of what was handed in, such as a print, and not by the grader's own fault."""
    graded_at: datetime
    seconds: float = Field(default=0.0, ge=0)
    submission_fingerprint: str
    assignment_fingerprint: str
    isolation: tuple[str, ...] = ()
    """The sandbox layers that were in force."""
    language: str = ENGLISH
    """Of its messages: one of `autograder.language.LANGUAGES`."""

    @property
    def score(self) -> float:
        return round(sum(test.earned for test in self.tests), 2)

    @property
    def max_score(self) -> float:
        return round(sum(test.points for test in self.tests), 2)

    @property
    def json_bytes(self) -> int:
        """How many bytes it takes as JSON in ASCII."""
        return _json_bytes(self.model_dump())

    def bounded(self) -> Result:
        """This result, of at most `MOST_BYTES`: if it is larger, its longest texts are cut, which they say, and then its differences left out.

        What an assignment names, such as its tests, is cut last; more than 500 tests may be too many all the same.
        """
        few = self.model_copy(update={"cell_errors": first_cell_errors(self.cell_errors)})
        if few._most_json_bytes() <= MOST_BYTES or _json_bytes(values := few.model_dump()) <= MOST_BYTES:
            return few
        smaller = values
        for smaller in _smaller(values):
            if _json_bytes(smaller) <= MOST_BYTES:
                break
        return Result.model_validate(smaller)

    def _most_json_bytes(self) -> int:
        """At least `json_bytes`, found out faster."""
        texts = [self.student, self.assignment, self.message, self.path, *self.isolation]
        texts += [self.submission_fingerprint, self.assignment_fingerprint]
        size = 1000
        for error in self.cell_errors:
            texts += [error.name, error.text, error.error, error.english, error.advice, error.traceback]
            size += 100
        for test in self.tests:
            texts += [test.test, test.question, test.title, test.message, test.english, test.fault]
            size += 500
            if test.diagnosis:
                texts += [test.diagnosis.mistake, test.diagnosis.function, test.diagnosis.hint, test.diagnosis.english]
            if test.difference:
                texts += [test.difference.case, test.difference.where, *test.difference.signs]
                size += 30 * sum(
                    len(row) + 1 for rows in (test.difference.actual, test.difference.expected) for row in rows or ()
                )
        return size + sum(len(json.dumps(text)) + 4 for text in texts)

    @property
    def partial(self) -> bool:
        """Whether there is no score only because hidden tests failed by themselves: the others have been judged."""
        return self.status is Status.NOT_GRADABLE and any(test.fault for test in self.tests)

    @property
    def so_far(self) -> str:
        """What the tests that have been judged earned, in words."""
        judged = [test for test in self.tests if test.outcome is not Outcome.NOT_GRADABLE]
        earned, points = sum(test.earned for test in judged), sum(test.points for test in judged)
        return _("{earned} of {points} points so far", earned=f"{earned:g}", points=f"{points:g}")

    def by_question(self) -> dict[str, tuple[float, float]]:
        """Question id -> (earned, points), in the assignment's order."""
        return by_question(self.tests)

    def settled(self) -> dict[str, tuple[float, float]]:
        """The same of the questions that have a score: all, unless the grader's own fault has left tests without a verdict."""
        if self.status is not Status.NOT_GRADABLE:
            return self.by_question()
        if not self.partial:
            return {}
        open_ = {test.question for test in self.tests if test.outcome is Outcome.NOT_GRADABLE}
        return {question: score for question, score in self.by_question().items() if question not in open_}


def first_cell_errors(errors: Sequence[CellError]) -> tuple[CellError, ...]:
    """The first `MOST_CELL_ERRORS`; if there are more, one more that says how many."""
    more = len(errors) - MOST_CELL_ERRORS
    if more <= 1:
        return tuple(errors)
    first = errors[MOST_CELL_ERRORS]
    text = ngettext(
        "raised an error, and so did {n} more after it, which is not listed",
        "raised an error, and so did {n} more after it, which are not listed",
        more - 1,
    )
    return (*errors[:MOST_CELL_ERRORS], CellError(cell=first.cell, name=first.name, error=text))


def short_id(student: str) -> str:
    """An id that any database takes as a key: itself, or its beginning and part of its SHA-256 if it is longer than 200 characters."""
    if len(student) <= LONGEST_ID:
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{student[: LONGEST_ID - 13]}-{digest}"


def _json_bytes(values: dict[str, Any]) -> int:
    return len(json.dumps(values, default=str))


def _smaller(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same, smaller and smaller."""
    for longest in (4000, 2000, 1000, 500, 200):
        yield _cut(values, longest, _KEPT_WHOLE)
    tests = [test | {"difference": None} for test in values["tests"]]
    values = values | {"tests": tests, "student": short_id(values["student"])}
    yield _cut(values, 200, _KEPT_WHOLE)
    yield _cut(values, 50, _KEPT_WHOLE)
    yield _cut(values, 50, {"student", "status", "outcome"})


def _cut(value: Any, longest: int, kept: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {key: item if key in kept else _cut(item, longest, kept) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(item, longest, kept) for item in value]
    if type(value) is str and len(value) > longest:
        return value[: longest - len(_CUT)] + _CUT
    return value


def by_question(tests: Iterable[TestResult]) -> dict[str, tuple[float, float]]:
    """Question id -> (earned, points), in the order in which the questions first appear."""
    totals: dict[str, tuple[float, float]] = {}
    for test in tests:
        earned, points = totals.get(test.question, (0.0, 0.0))
        totals[test.question] = (earned + test.earned, points + test.points)
    return {name: (round(earned, 2), round(points, 2)) for name, (earned, points) in totals.items()}
