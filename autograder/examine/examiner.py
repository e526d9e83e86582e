"""The examiner: judges submission after submission with the hidden tests of one session."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, TestSpec
from autograder.errors import CourseError, SandboxError, SubmissionError
from autograder.examine._context import Answer, Trace
from autograder.examine.check_item import CheckItem
from autograder.examine.diagnosis import Diagnostician, Failure
from autograder.examine.remark import refuse_another, remark
from autograder.examine.session import Item, Session
from autograder.examine.student import Processes, Student
from autograder.examine.verdict import Judge, clean, failed_by_itself, first_problem, may_be_the_tests_fault
from autograder.language import N_, _, joined, original, speaking
from autograder.notebook import Code, Found, Submission, read_submission
from autograder.result import Difference, Outcome, Result, Status, TestResult
from autograder.sandbox.client import Zygote
from autograder.testing import Mismatch
from autograder.text import file_name, shortened

_AUTOMATIC_ID = re.compile(r"^[a-z_]+\d+(-[a-z_]+\d+)*$")
"""pytest's own name for a parameter that has none: says nothing to a student."""
_ONLY_REFUSES = N_(
    "An error is raised here, as it should be. This counts once another hidden test of this question passes, one that wants an answer."
)
_MOST_KEPT = 32 * 2**20
"""Bytes of answers of failed tests that are kept for the diagnosis; what comes after these is not diagnosed."""


class Examiner(Session):
    """A session that grades."""

    def __init__(self, assignment: Assignment, secret: bytes, zygote: Processes) -> None:
        super().__init__(assignment, secret, zygote)
        self._diagnostician = Diagnostician(assignment, self.reference, self.run_with)

    def grade(self, found: Found) -> Result:
        """Judge one submission, whatever is in it, and tell its student in their language.

        Raises:
            SandboxError: the grader's own fault.
        """
        with speaking(found.language):
            return self._grade(found)

    def _grade(self, found: Found) -> Result:
        started = time.monotonic()
        submission: Submission | None = None
        tests: list[TestResult] = []
        status, message = Status.GRADED, ""
        student: Student | None = None
        try:
            submission = self._read(found)
            student, tests = self._judge_again_if_killed(found, submission)
            said = [remark(self.assignment, submission, tests), *self._about_files(submission)]
            message = clean(joined(" ", filter(None, said)))
        except SubmissionError as error:
            status, message = Status.UNREADABLE, str(error)
        tests = tests or [self._result(spec, item, points, Outcome.NOT_GRADABLE) for item, spec, points in self.items]
        if (broken := [test.test for test in tests if test.fault]) and status is Status.GRADED:
            status, message = Status.NOT_GRADABLE, failed_by_itself(broken)
        return Result(
            student=found.student,
            assignment=self.assignment.name,
            status=status,
            message=message,
            tests=tuple(tests),
            cell_errors=tuple(student.cell_errors) if student else (),
            path=str(found.handed_in_at),
            submitted_at=found.submitted_at,
            late=found.late,
            graded_at=datetime.now(UTC),
            seconds=round(time.monotonic() - started, 3),
            submission_fingerprint=submission.fingerprint if submission else found.fingerprint,
            assignment_fingerprint=self.assignment.fingerprint,
            isolation=self._zygote.isolation,
            language=found.language,
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
            return student, self._run_tests(self.items)
        finally:
            student.close()

    def grade_names(self, namespace: dict[str, Any], question: str) -> list[TestResult]:
        """Judge one question of a notebook that this very process runs, by its names."""
        from autograder.kernel.process import Kernel

        self._in_kernel = True
        self.student = Student(
            Kernel(namespace), self._code, self.assignment.limits, self.reference.signatures, self.reference.probes
        )
        return self._run_tests([one for one in self.items if one[1].question == question])

    def replay(self, found: Found, test: str) -> tuple[TestResult, Trace, str]:
        """Run one test of a submission again, on the same inputs; its result, what happened, and the test's source.

        Raises:
            CourseError: there is no such test.
            SubmissionError: the submission cannot be read.
            SandboxError: the grader's own fault.
        """
        names = [item.name for item, *_rest in self.items]
        if test not in names:
            raise CourseError(f"{self.assignment.name} has no test '{test}'. It has: {', '.join(names)}.")
        chosen = self.items[names.index(test)]
        traces: list[Trace] = []
        student = self._take(found, self._read(found))
        try:
            (result,) = self._run_tests([chosen], traces)
        finally:
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
            yield _(
                "Not there when your notebook was run, of the files beside it: {files}.", files=joined(", ", left_out)
            )
        if replaced := shortened([file_name(path) for path in self._code.replaced]):
            yield _(
                "Your own version of {files} was not used: your notebook was run with the one that came with the assignment.",
                files=joined(", ", replaced),
            )

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

    @property
    def _cell_seconds(self) -> float:
        """Which are no test's own."""
        return self.student.cell_seconds if isinstance(self.student, Student) else 0.0

    def _run_tests(self, items: Sequence[Item], traces: list[Trace] | None = None) -> list[TestResult]:
        """Run tests and judge them; ``traces``, if given, collects all that happened in each."""
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
            started, cells = time.monotonic(), self._cell_seconds
            caught, trace = self._run_item(item, keep=traces is not None)
            if traces is not None:
                traces.append(trace)
            if isinstance(caught, AssertionError) and not trace.mismatches:
                trace.blame_the_last()
                if isinstance(caught, Mismatch):
                    trace.mismatches.append(caught)
            problem = first_problem(caught, trace)
            fault = ""
            right: list[Answer] = []
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
                    **_told(message or trace.told()),
                    fault=clean(fault),
                    difference=None if fault else _shown(problem, spec),
                    ratio=round(race.ratio, 3) if race and race.ratio is not None else None,
                    limits=race.limits if race else None,
                    seconds=round(time.monotonic() - started - (self._cell_seconds - cells), 4),
                )
            )
        open_ = {one.question for one in results if one.fault}
        for position in refusals if len(items) > 1 else ():  # a test that is replayed stands alone
            if (question := results[position].question) not in answered:
                outcome = Outcome.NOT_GRADABLE if question in open_ else Outcome.SKIPPED
                results[position] = results[position].model_copy(
                    update={"outcome": outcome, "earned": 0.0, **_told(_(_ONLY_REFUSES))}
                )
        for position, diagnosis in zip(
            failures, self._diagnostician.explain(list(failures.values()), passed), strict=True
        ):
            results[position] = results[position].model_copy(update={"diagnosis": diagnosis})
        return results

    def _result(self, spec: TestSpec, item: pytest.Item, points: float, outcome: Outcome, **rest: Any) -> TestResult:
        case = getattr(getattr(item, "callspec", None), "id", "")
        title = spec.title if not case or _AUTOMATIC_ID.match(case) else f"{spec.title}: {case}"
        return TestResult(
            test=item.name, question=spec.question, title=title, public=spec.public, points=points, outcome=outcome, **rest
        )  # fmt: skip


def _told(message: str) -> dict[str, str]:
    """A message, and what it is in English if it is in another language."""
    return {"message": clean(message), "english": clean(original(message))}


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
        examiner = Examiner(assignment, secret, zygote)
        zygote.wait_until_ready()
        try:
            examiner.run(lambda: serve(examiner))
        finally:
            examiner.close()
