"""The examiner: one pytest session that judges submission after submission with the same hidden tests.

Tests are collected once. The session's run loop then takes submissions instead of ending, and runs every test item
anew for each: a pytest start costs more than a small submission. Nothing of the student's is imported here; what the
sandbox answers is data.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import Assignment, TestSpec, derive_seed
from autograder.errors import CourseError, SandboxError, SubmissionError
from autograder.examine import _context
from autograder.examine._context import Trace
from autograder.examine.diagnosis import Diagnostician, Failure
from autograder.examine.race import Race
from autograder.examine.reference import Reference, StandIn, plain
from autograder.examine.student import Student, StudentError, StudentMissing, StudentTimeout, printable
from autograder.notebook import Found, Submission, fingerprint, read_submission
from autograder.result import CellError, Difference, Outcome, Result, Status, TestResult
from autograder.sandbox.client import Zygote
from autograder.testing import Mismatch, assert_matches

_OPTIONS = "--assert=plain --import-mode=importlib --noconftest --strict-markers -s -W ignore".split()
_PLUGINS_OFF = (
    "cacheprovider terminal logging junitxml doctest unittest faulthandler threadexception unraisableexception "
    "setuponly setupplan stepwise debugging pastebin warnings"
).split()
_LONGEST_MESSAGE = 1500
_AUTOMATIC_ID = re.compile(r"^[a-z_]+\d+(-[a-z_]+\d+)*$")
"""pytest's own name for a parameter that has none: says nothing to a student."""


class CheckItem(pytest.Item):
    """A public check cell: run in the sandbox with the student's names, compared here with the reference's answers."""

    def __init__(self, *, source: str, line: int, examiner: Examiner, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._source, self._line, self._examiner = source, line, examiner

    def runtest(self) -> None:
        student = self._examiner.student
        if isinstance(student, StandIn):
            student.check(self._source)
            return
        expected = self._examiner.reference.expected(self._source, self._line)
        reply = student.check(self._examiner.reference.given, self._source)
        seen = reply["seen"]
        for position, want in enumerate(expected):
            answer = _context.Answer(want.label)
            _context.record(answer)
            if position >= len(seen) or seen[position][0] != want.label:
                try:
                    student.raise_error(reply, want.label)
                except StudentError as error:
                    answer.error, answer.judged[None] = error, False
                    raise
                raise Mismatch(f"{want.label}: your code did not get as far as this comparison.")
            answer.value = plain(seen[position][1])
            assert_matches(answer.value, plain(want.value), atol=want.atol, label=want.label)


class Examiner:
    """A pytest plugin whose run loop grades.

    Args:
        secret: the course's; random inputs are derived from it.
        serve: called with `grade` once everything is ready; when it returns, the session ends.
    """

    def __init__(
        self, assignment: Assignment, secret: bytes, zygote: Zygote, serve: Callable[[Callable[[Found], Result]], None]
    ) -> None:
        self.assignment = assignment
        self.reference = Reference(assignment)
        self.student: Student | StandIn
        self._secret = secret
        self._zygote = zygote
        self._serve = serve
        self._racer: Student | None = None
        self._collect_error = ""
        self._name = ""
        self._said: dict[tuple[str, str], str] = {}
        self._race: Race | None = None
        self._caught: BaseException | None = None
        self._items: list[tuple[pytest.Item, TestSpec, float]] = []
        self._diagnostician = Diagnostician(assignment, self.reference, self.run_with)

    def run(self) -> None:
        """Collect the hidden tests, then serve.

        Raises:
            CourseError: the hidden tests cannot be collected.
        """
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("PYTEST_ADDOPTS", None)
        off = [option for name in _PLUGINS_OFF for option in ("-p", f"no:{name}")]
        path = self.assignment.hidden_tests_path
        code = pytest.main([*_OPTIONS, "-c", os.devnull, *off, f"--rootdir={path.parent}", str(path)], plugins=[self])
        if self._collect_error or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise CourseError(f"{path}: the hidden tests cannot be collected. {self._collect_error}".strip())

    # pytest's hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "question(id, points): the question a hidden test belongs to, and its points"
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._collect_error = str(report.longrepr)[-1000:]

    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        checks: list[pytest.Item] = [
            CheckItem.from_parent(
                session, name=f"check[{cell.check.title}]", source=cell.source, line=cell.line, examiner=self
            )
            for cell in self.assignment.cells
            if cell.check
        ]
        # Races last: they want a warm process, and a submission that runs out of time loses them, not the rest.
        items[:] = checks + sorted(items, key=lambda item: "race" in getattr(item, "fixturenames", ()))
        specs = {spec.name: spec for spec in self.assignment.tests}
        names = [getattr(item, "originalname", None) or item.name for item in items]
        counts = Counter(names)
        self._items = [
            (item, specs[name], specs[name].points / counts[name]) for item, name in zip(items, names, strict=True)
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not session.testsfailed:
            self._serve(self.grade)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
        """Keep the exception and make an empty report: pytest's own formats a traceback, which nobody is shown."""
        if call.excinfo is not None and self._caught is None:
            self._caught = call.excinfo.value
        if call.when == "collect":
            return None
        return pytest.TestReport(item.nodeid, item.location, {}, "passed", None, call.when, duration=call.duration)

    @pytest.fixture(name="student")
    def _student_fixture(self) -> Student | StandIn:
        return self.student

    @pytest.fixture(name="reference")
    def _reference_fixture(self) -> Any:
        return self.reference.names

    @pytest.fixture(name="rng")
    def _rng_fixture(self, request: pytest.FixtureRequest) -> np.random.Generator:
        return self._rng(request.node.name)

    @pytest.fixture(name="race")
    def _race_fixture(self, request: pytest.FixtureRequest) -> Race:
        if not isinstance(self.student, Student):
            pytest.skip("the reference does not race against itself here")
        if self._racer is None:
            self._racer = Student(
                self._zygote, self.reference.cells, self.assignment.limits.model_copy(update={"submission_seconds": 10**6}),
                self.reference.signatures, self.reference.probes,
            )  # fmt: skip
        self._race = Race(self.student, self._racer, self._rng(request.node.name))
        return self._race

    def _rng(self, test: str) -> np.random.Generator:
        return np.random.default_rng(derive_seed(self._secret, self._name, self.assignment.name, test))

    # Grading

    def grade(self, found: Found) -> Result:
        """Judge one submission, whatever is in it.

        Raises:
            SandboxError: the grader's own fault.
        """
        started = time.monotonic()
        submission: Submission | None = None
        tests: list[TestResult] = []
        status, message = Status.GRADED, ""
        student: Student | None = None
        try:
            submission = read_submission(found.path, max_bytes=int(self.assignment.limits.file_mb * 2**20))
            if not submission.cells:
                message = "The notebook holds no code."
            self._name = found.student
            self.student = student = Student(
                self._zygote, self.reference.to_run(submission.cells), self.assignment.limits, self.reference.signatures, self.reference.probes
            )  # fmt: skip
            tests = self._run_tests()
        except SubmissionError as error:
            status, message = Status.UNREADABLE, str(error)
        finally:
            if student:
                student.close()
        tests = tests or [self._result(spec, item, points, Outcome.NOT_GRADABLE) for item, spec, points in self._items]
        if any(test.outcome is Outcome.NOT_GRADABLE for test in tests) and status is Status.GRADED:
            status, message = Status.NOT_GRADABLE, "A hidden test itself failed; the instructor must look at it."
        return Result(
            student=found.student,
            assignment=self.assignment.name,
            status=status,
            message=message,
            tests=tuple(tests),
            cell_errors=_worth_telling(student.cell_errors) if student else (),
            path=str(found.path),
            submitted_at=found.submitted_at,
            graded_at=datetime.now(UTC),
            seconds=round(time.monotonic() - started, 3),
            submission_fingerprint=submission.fingerprint if submission else fingerprint(found.path),
            assignment_fingerprint=self.assignment.fingerprint,
            isolation=self._zygote.isolation,
        )

    def _run_tests(self) -> list[TestResult]:
        results: list[TestResult] = []
        failures: dict[int, Failure] = {}
        self._said.clear()
        for item, spec, points in self._items:
            started = time.monotonic()
            caught, trace = self._run_item(item)
            if isinstance(caught, AssertionError) and not trace.mismatches:
                trace.blame_the_last()
            if trace.mismatches and not isinstance(caught, SandboxError | KeyboardInterrupt | MemoryError):
                caught = trace.mismatches[0]  # whatever came after it may be its consequence
            outcome, message = self._judge(caught, item, spec)
            race, self._race = self._race, None
            share = 1.0 if outcome is Outcome.PASSED else race.share if race else 0.0
            if outcome in (Outcome.FAILED, Outcome.ERROR) and not race:
                failures[len(results)] = Failure(item, spec.question, trace)
            results.append(
                self._result(
                    spec,
                    item,
                    points,
                    outcome,
                    earned=points * share,
                    message=_clean(message or " ".join(trace.remarks)),
                    difference=_shown(caught, spec),
                    ratio=round(race.ratio, 3) if race and race.ratio is not None else None,
                    limits=race.limits if race else None,
                    seconds=round(time.monotonic() - started, 4),
                )
            )
        for position, diagnosis in zip(failures, self._diagnostician.explain(list(failures.values())), strict=True):
            results[position] = results[position].model_copy(update={"diagnosis": diagnosis})
        return results

    def _run_item(self, item: pytest.Item) -> tuple[BaseException | None, Trace]:
        trace = _context.begin(soft=True)
        self._caught = None
        # Whatever comes next, the fixtures of this test are torn down after it, and those of the module are not.
        other = next((one for one, _, _ in self._items if one is not item), None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=other)
        caught, self._caught = self._caught, None
        return caught, trace

    def run_with(self, stand_in: StandIn, item: pytest.Item) -> BaseException | None:
        """Run a test with someone in the student's place, and return what it raised."""
        self.student, student = stand_in, self.student
        try:
            caught, trace = self._run_item(item)
        finally:
            self.student = student
        return caught or next(iter(trace.mismatches), None)

    def _judge(self, caught: BaseException | None, item: pytest.Item, spec: TestSpec) -> tuple[Outcome, str]:
        """Outcome and message of what a test raised."""
        match caught:
            case None:
                return Outcome.PASSED, ""
            case StudentMissing():
                return Outcome.SKIPPED, f"Not run: {caught.summary}."
            case StudentError(again=True):
                return Outcome.SKIPPED, f"{caught.call} {caught.summary}.".strip()
            case StudentTimeout():
                return Outcome.TIMEOUT, f"{caught.call} {caught.summary}.".strip()
            case StudentError():
                if caught.place and (first := self._said.get((caught.kind, caught.place))):
                    return Outcome.SKIPPED, f"The same {caught.kind} as in “{first}”, {caught.place}."
                self._said[caught.kind, caught.place] = spec.title
                return Outcome.ERROR, _sentence(caught)
            case SandboxError() | KeyboardInterrupt() | MemoryError():
                raise caught
            case Mismatch():
                return Outcome.FAILED, str(caught)
            case AssertionError():
                text = str(caught).partition("\nassert ")[0]
                return Outcome.FAILED, text or "The property that this test checks does not hold."
            case pytest.skip.Exception():
                return Outcome.SKIPPED, str(caught)
            case pytest.fail.Exception():
                missed = "DID NOT RAISE" in str(caught)
                return Outcome.FAILED, "The call should raise an error, but returned." if missed else str(caught)
        # The test itself broke: over a strange answer, or because it is wrong. The reference in the student's
        # place tells which.
        if self.run_with(StandIn(self.reference, self.reference.names), item) is None:
            return Outcome.FAILED, "Your answer is of a kind that this test cannot work with."
        return Outcome.NOT_GRADABLE, "This test itself failed; the instructor must look at it."

    def _result(self, spec: TestSpec, item: pytest.Item, points: float, outcome: Outcome, **rest: Any) -> TestResult:
        case = getattr(getattr(item, "callspec", None), "id", "")
        title = spec.title if not case or _AUTOMATIC_ID.match(case) else f"{spec.title}: {case}"
        return TestResult(
            test=item.name, question=spec.question, title=title, public=spec.public, points=points, outcome=outcome, **rest
        )  # fmt: skip


def _worth_telling(errors: list[CellError]) -> tuple[CellError, ...]:
    """Without the notebook's own checks that failed and stubs that were called: the tests say both, and better."""
    return tuple(error for error in errors if not error.error.startswith(("AssertionError", "NotImplementedError")))


def _shown(caught: BaseException | None, spec: TestSpec) -> Difference | None:
    """Where the answer differs; the numbers themselves for public checks only."""
    difference = caught.difference if isinstance(caught, Mismatch) else None
    if difference is None or spec.public:
        return difference
    return difference.model_copy(update={"actual": None, "expected": None}) if difference.signs else None


def _sentence(error: StudentError) -> str:
    text = f"{error.call} {error.summary}" if error.call else error.summary
    return f"{text}\n{error.traceback}" if error.traceback else text


def _clean(text: str) -> str:
    """A message of bounded length; the student may have had a part in it."""
    text = printable(text)
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " ..."


def examine(
    root: Path, name: str, secret: bytes, namespaces: bool, serve: Callable[[Callable[[Found], Result]], None]
) -> None:
    """Start a sandbox and an examiner for one assignment and serve until ``serve`` returns."""
    assignment = Assignment(root, name)
    with Zygote(assignment.packages, namespaces=namespaces) as zygote:
        examiner = Examiner(assignment, secret, zygote, serve)
        zygote.wait_until_ready()
        examiner.run()
