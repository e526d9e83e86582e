"""The examiner: one pytest session that judges submission after submission with the same hidden tests.

Tests are collected once. The session's run loop then takes submissions instead of ending, and runs every test item
anew for each: a pytest start costs more than a small submission. Nothing of the student's is imported here; what the
sandbox answers is data.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.beside import BOUNDS
from autograder.course import Assignment, TestSpec, derive_seed
from autograder.errors import CourseError, SandboxError, SubmissionError
from autograder.examine import _context
from autograder.examine._context import Trace
from autograder.examine.check_item import CheckItem
from autograder.examine.diagnosis import Diagnostician, Failure
from autograder.examine.fault import Rehearsal, describe_fault
from autograder.examine.proxy import Proxy
from autograder.examine.race import Race
from autograder.examine.reference import Listening, Reference, StandIn
from autograder.examine.remark import refuse_another, remark
from autograder.examine.student import Processes, Student
from autograder.examine.verdict import Judge, clean, failed_by_itself, first_problem, may_be_the_tests_fault
from autograder.notebook import Code, Found, Submission, read_submission
from autograder.result import Difference, Outcome, Result, Status, TestResult
from autograder.sandbox.client import Zygote
from autograder.testing import Mismatch
from autograder.text import file_name, shortened

_OPTIONS = "--assert=plain --import-mode=importlib --noconftest --strict-markers -s -W ignore".split()
_PLUGINS_OFF = (
    "cacheprovider terminal logging junitxml doctest unittest faulthandler threadexception unraisableexception "
    "setuponly setupplan stepwise debugging pastebin warnings"
).split()
_AUTOMATIC_ID = re.compile(r"^[a-z_]+\d+(-[a-z_]+\d+)*$")
"""pytest's own name for a parameter that has none: says nothing to a student."""
_ONLY_REFUSES = "An error is raised here, as it should be. This counts once another hidden test of this question passes, one that wants an answer."
_MOST_KEPT = 32 * 2**20
"""Bytes of answers of failed tests that are kept for the diagnosis; what comes after these is not diagnosed."""
_Item = tuple[pytest.Item, TestSpec, float]
"""A test, what is known of it, and its points."""


class Examiner:
    """A pytest plugin whose run loop grades.

    Args:
        secret: the course's; random inputs are derived from it.
        serve: called with this examiner once everything is ready; when it returns, the session ends.
    """

    def __init__(
        self, assignment: Assignment, secret: bytes, zygote: Processes, serve: Callable[[Examiner], None]
    ) -> None:
        self.assignment = assignment
        self.reference = Reference(assignment)
        self._given = tuple(sorted(assignment.shipped.items()))
        self.student: Student | StandIn = StandIn(self.reference, self.reference.names)
        self._secret = secret
        self._zygote = zygote
        self._serve = serve
        self._racer: Student | None = None
        self._collect_error = ""
        self._serving = False
        self._ended_by: Exception | None = None
        self._name = ""
        self._code = Code(())
        self._keep = self._in_kernel = False
        self._race: Race | None = None
        self._caught: BaseException | None = None
        self._items: list[_Item] = []
        self._diagnostician = Diagnostician(assignment, self.reference, self.run_with)

    def run(self) -> None:
        """Collect the hidden tests, then serve.

        Raises:
            CourseError: the hidden tests cannot be collected.
            Exception: whatever ``serve`` raised.
        """
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("PYTEST_ADDOPTS", None)
        off = [option for name in _PLUGINS_OFF for option in ("-p", f"no:{name}")]
        path = self.assignment.hidden_tests_path
        sys.modules.pop(path.stem, None)  # another assignment's
        code = pytest.main([*_OPTIONS, "-c", os.devnull, *off, f"--rootdir={path.parent}", str(path)], plugins=[self])
        if self._ended_by:
            raise self._ended_by
        if not self._serving and (
            self._collect_error or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        ):
            raise CourseError(
                f"{path}: the hidden tests cannot be collected. {self._collect_error or f'pytest ended with {code}.'}"
            )

    def close(self) -> None:
        """End the sandbox that the reference runs its races in, and remove its files."""
        if self._racer:
            self._racer.close()
        self.reference.close()

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
            self._serving = True
            try:
                self._serve(self)
            except Exception as error:  # pytest would make an exit code of it, as of tests that cannot be collected
                self._ended_by = error
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
    def _student_fixture(self) -> Proxy:
        return Proxy(self.student, self.reference)

    @pytest.fixture(name="reference")
    def _reference_fixture(self) -> Any:
        return self.reference.names

    @pytest.fixture(name="rng")
    def _rng_fixture(self, request: pytest.FixtureRequest) -> np.random.Generator:
        return self._rng(request.node.name)

    @pytest.fixture(name="race")
    def _race_fixture(self, request: pytest.FixtureRequest) -> Race | Rehearsal:
        if not isinstance(self.student, Student):
            return Rehearsal(self.student, self._rng(request.node.name))
        if self._racer is None:
            self._racer = self.reference_process(self.reference.probes)
        self._race = Race(self.student, self._racer, self._rng(request.node.name), self.reference.require)
        return self._race

    def reference_process(self, probes: str) -> Student:
        """The reference in a sandbox of its own, which the caller closes."""
        limits = self.assignment.limits.model_copy(update={"submission_seconds": 10**6})
        return Student(
            self._zygote, Code(self.reference.cells, given=self._given), limits, self.reference.signatures, probes
        )

    def _rng(self, test: str) -> np.random.Generator:
        seed = derive_seed(self._secret, self._name, self.assignment.name, test, self._code.fingerprint)
        return np.random.default_rng(seed)

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
            submission = self._read(found)
            student, tests = self._judge_again_if_killed(found, submission)
            said = [remark(self.assignment, submission, tests), *self._about_files(submission)]
            message = clean(" ".join(filter(None, said)))
        except SubmissionError as error:
            status, message = Status.UNREADABLE, str(error)
        tests = tests or [self._result(spec, item, points, Outcome.NOT_GRADABLE) for item, spec, points in self._items]
        if (broken := [test.test for test in tests if test.fault]) and status is Status.GRADED:
            status, message = Status.NOT_GRADABLE, failed_by_itself(broken)
        return Result(
            student=found.student,
            assignment=self.assignment.name,
            status=status,
            message=message,
            tests=tuple(tests),
            cell_errors=tuple(student.cell_errors) if student else (),
            path=str(found.path),
            submitted_at=found.submitted_at,
            graded_at=datetime.now(UTC),
            seconds=round(time.monotonic() - started, 3),
            submission_fingerprint=submission.fingerprint if submission else found.fingerprint,
            assignment_fingerprint=self.assignment.fingerprint,
            isolation=self._zygote.isolation,
        ).bounded()

    def _judge_again_if_killed(self, found: Found, submission: Submission) -> tuple[Student, list[TestResult]]:
        """What is killed from outside, its own process or the reference's, is not the submission's doing, unless it happens again."""
        try:
            student, tests = self._judge(found, submission)
        except SandboxError:
            if not (self._racer and self._racer.killed):
                raise
            self._racer.close()
            self._racer = None
        else:
            if not student.killed:
                return student, tests
        return self._judge(found, submission)

    def _judge(self, found: Found, submission: Submission) -> tuple[Student, list[TestResult]]:
        student = self._take(found, submission)
        try:
            return student, self._run_tests(self._items, [])
        finally:
            student.close()

    def grade_names(self, namespace: dict[str, Any], question: str) -> list[TestResult]:
        """Judge one question of a notebook that this very process runs, by its names."""
        from autograder.kernel.process import Kernel

        self._in_kernel = True
        self.student = Student(
            Kernel(namespace), self._code, self.assignment.limits, self.reference.signatures, self.reference.probes
        )
        return self._run_tests([one for one in self._items if one[1].question == question], [])

    def replay(self, found: Found, test: str) -> tuple[TestResult, Trace, str]:
        """Run one test of a submission again, on the same inputs; its result, what happened, and the test's source.

        Raises:
            CourseError: there is no such test.
            SubmissionError: the submission cannot be read.
            SandboxError: the grader's own fault.
        """
        names = [item.name for item, _, _ in self._items]
        if test not in names:
            raise CourseError(f"{self.assignment.name} has no test '{test}'. It has: {', '.join(names)}.")
        chosen = self._items[names.index(test)]
        traces: list[Trace] = []
        student = self._take(found, self._read(found))
        self._keep = True
        try:
            (result,) = self._run_tests([chosen], traces)
        finally:
            self._keep = False
            student.close()
        item = chosen[0]
        return result, traces[0], item.source if isinstance(item, CheckItem) else inspect.getsource(item.obj)  # type: ignore[attr-defined]  # a pytest.Function, which has one

    def _read(self, found: Found) -> Submission:
        most = int(self.assignment.limits.file_mb * 2**20)
        submission = read_submission(found.path, max_bytes=most, beside=found.read_beside())
        refuse_another(self.assignment, submission)
        return submission

    def _about_files(self, submission: Submission) -> Iterator[str]:
        """What the student should know of the files beside the notebook: which are not there when it is run."""
        if left_out := submission.beside.left_out:
            yield f"Not there when your notebook was run, of the files beside it: {', '.join(left_out)}. There may be {BOUNDS}."
        if replaced := shortened([file_name(path) for path in self._code.replaced]):
            yield f"Your own version of {', '.join(replaced)} was not used: your notebook was run with the one that came with the assignment."

    def _take(self, found: Found, submission: Submission) -> Student:
        """Have this submission judged from now on."""
        self._name = found.student
        cells = self.reference.to_run(submission.cells)
        self._code = Code(cells, submission.beside.files, self._given, self.assignment.packages)
        self.student = student = Student(
            self._zygote, self._code, self.assignment.limits, self.reference.signatures, self.reference.probes,
            submission.texts,
        )  # fmt: skip
        return student

    def _run_tests(self, items: Sequence[_Item], traces: list[Trace]) -> list[TestResult]:
        """Run tests and judge them; ``traces`` collects what the student answered in each."""
        results: list[TestResult] = []
        failures: dict[int, Failure] = {}
        passed: list[tuple[pytest.Item, str]] = []
        refusals: list[int] = []
        answered: set[str] = set()
        """Questions with a right answer to something hidden. Raising an error is no knowledge: it is often right by chance, and
        which tests want one can be learned from feedback."""
        kept = 0
        judge = Judge()
        for item, spec, points in items:
            started = time.monotonic()
            caught, trace = self._run_item(item)
            if self._keep:
                traces.append(trace)
            if isinstance(caught, AssertionError) and not trace.mismatches:
                trace.blame_the_last()
                if isinstance(caught, Mismatch):
                    trace.mismatches.append(caught)
            problem = first_problem(caught, trace)
            fault = ""
            right: list[_context.Answer] = []
            if may_be_the_tests_fault(problem, self._race, public=spec.public):
                fault, right = self._fault_of(item)
            outcome, message = judge(problem, spec.title, fault, list(zip(trace.answers, right, strict=False)))
            for error in (caught, *trace.mismatches, *(answer.error for answer in trace.answers)):
                if error is not None:  # a traceback holds all that the test and the sandbox have made
                    error.__traceback__ = error.__context__ = None
            race, self._race = self._race, None
            if problem is None and not spec.public:
                if race or not trace.complete or any(answer.error is None for answer in trace.answers):
                    answered.add(spec.question)
                else:
                    refusals.append(len(results))
            share = 1.0 if outcome is Outcome.PASSED else race.share if race else 0.0
            if problem is None and not race:
                passed.append((item, spec.question))
            # What was skipped or stopped has shown no wrong answer of its own.
            wrong = outcome in (Outcome.FAILED, Outcome.ERROR) and trace.answers and trace.complete and not race
            if wrong and kept + trace.size <= _MOST_KEPT:
                kept += trace.size
                failures[len(results)] = Failure(item, spec.question, spec.public, trace)
            results.append(
                self._result(
                    spec,
                    item,
                    points,
                    outcome,
                    earned=points * share,
                    message=clean(message or trace.told()),
                    fault=clean(fault),
                    difference=None if fault else _shown(problem, spec),
                    ratio=round(race.ratio, 3) if race and race.ratio is not None else None,
                    limits=race.limits if race else None,
                    seconds=round(time.monotonic() - started, 4),
                )
            )
        open_ = {one.question for one in results if one.fault}
        for position in refusals if len(items) > 1 else ():  # a test that is replayed stands alone
            if (question := results[position].question) not in answered:
                outcome = Outcome.NOT_GRADABLE if question in open_ else Outcome.SKIPPED
                results[position] = results[position].model_copy(
                    update={"outcome": outcome, "earned": 0.0, "message": _ONLY_REFUSES}
                )
        for position, diagnosis in zip(
            failures, self._diagnostician.explain(list(failures.values()), passed), strict=True
        ):
            results[position] = results[position].model_copy(update={"diagnosis": diagnosis})
        return results

    def _run_item(self, item: pytest.Item, *, soft: bool = True) -> tuple[BaseException | None, Trace]:
        trace = _context.begin(soft=soft, keep=self._keep)
        self._caught = None
        # Whatever comes next, the fixtures of this test are torn down after it, and those of the module are not.
        other = next((one for one, _, _ in self._items if one is not item), None)
        # In a notebook's own kernel, it is the student's functions that run in this process, and in their own folder.
        with contextlib.nullcontext() if self._in_kernel else self.reference.in_its_folder():
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
        return first_problem(caught, trace)

    def right_answers(self, name: str) -> dict[str, str]:
        """What the reference answers to this student's hidden tests, races apart: a test's id -> a digest, or an empty text if it answers nothing."""
        self._name = name
        answers = {}
        for item in self._hidden_items():
            listening = Listening(self.reference)
            self.run_with(listening, item)
            heard = "\n".join(listening.heard)
            answers[item.name] = heard and hashlib.sha256(heard.encode()).hexdigest()
        return answers

    def passed_by(self, name: str, stand_in: StandIn) -> list[str]:
        """The ids of this student's hidden tests, races apart, that someone in the student's place passes."""
        self._name = name
        return [item.name for item in self._hidden_items() if self.run_with(stand_in, item) is None]

    def _hidden_items(self) -> list[pytest.Item]:
        return [
            item for item, spec, _ in self._items if not (spec.public or "race" in getattr(item, "fixturenames", ()))
        ]

    def _fault_of(self, item: pytest.Item) -> tuple[str, list[_context.Answer]]:
        """What a test that fails the reference, too, comes to grief over: then it is no verdict on anybody. Empty if it passes.

        Beside it, what the reference answers.
        """
        self.student, student = StandIn(self.reference, self.reference.names), self.student
        kept, self._race, self._keep = (self._race, self._keep), None, False
        try:
            problem, trace = self._run_item(item, soft=False)
        finally:
            self.student = student
            self._race, self._keep = kept
        if isinstance(problem, SandboxError | KeyboardInterrupt):
            raise problem
        return describe_fault(problem, self.assignment.hidden_tests_path) if problem else "", trace.answers

    def _result(self, spec: TestSpec, item: pytest.Item, points: float, outcome: Outcome, **rest: Any) -> TestResult:
        case = getattr(getattr(item, "callspec", None), "id", "")
        title = spec.title if not case or _AUTOMATIC_ID.match(case) else f"{spec.title}: {case}"
        return TestResult(
            test=item.name, question=spec.question, title=title, public=spec.public, points=points, outcome=outcome, **rest
        )  # fmt: skip


def _shown(caught: BaseException | None, spec: TestSpec) -> Difference | None:
    """Where the answer differs; the numbers themselves for public checks only."""
    difference = caught.difference if isinstance(caught, Mismatch) else None
    if difference is None or spec.public:
        return difference
    return difference.model_copy(update={"actual": None, "expected": None}) if difference.signs else None


def examine(root: Path, name: str, secret: bytes, namespaces: bool, serve: Callable[[Examiner], None]) -> None:
    """Start a sandbox and an examiner for one assignment and serve until ``serve`` returns."""
    assignment = Assignment(root, name)
    with Zygote(assignment.packages, namespaces=namespaces) as zygote:
        examiner = Examiner(assignment, secret, zygote, serve)
        zygote.wait_until_ready()
        try:
            examiner.run()
        finally:
            examiner.close()
