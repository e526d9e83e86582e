"""What a test's end means: outcome and message, the same for every way in which a test can end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.errors import SandboxError
from autograder.examine._context import Trace
from autograder.examine.student import StudentError, StudentMissing, StudentTimeout
from autograder.result import Outcome
from autograder.testing import Mismatch
from autograder.text import printable

_LONGEST_MESSAGE = 1500


def first_problem(caught: BaseException | None, trace: Trace) -> BaseException | None:
    """What a test is judged by: the first comparison that failed, or what it raised, if nothing failed before.

    What comes after a failed comparison may be its consequence.
    """
    if isinstance(caught, SandboxError | KeyboardInterrupt) or not trace.mismatches:
        return caught
    return trace.mismatches[0]


class Judge:
    """Judges the tests of one submission, one after the other."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], str] = {}
        """Kind and place of an error in the student's code -> the first test that it ended."""

    def __call__(
        self, problem: BaseException | None, title: str, reference_passes: Callable[[], bool]
    ) -> tuple[Outcome, str]:
        """Outcome and message of a test.

        Args:
            problem: as `first_problem` gives it.
            title: the test's.
            reference_passes: tells a broken test from a strange answer.

        Raises:
            SandboxError, KeyboardInterrupt: the grader's own fault.
        """
        match problem:
            case None:
                return Outcome.PASSED, ""
            case StudentMissing():
                return Outcome.SKIPPED, f"Not run: {problem.summary}."
            case StudentError(again=True):
                return Outcome.SKIPPED, f"{problem.call} {problem.summary}.".strip()
            case StudentTimeout():
                return Outcome.TIMEOUT, f"{problem.call} {problem.summary}.".strip()
            case StudentError():
                if problem.place and (first := self._told.get((problem.kind, problem.place))):
                    return Outcome.SKIPPED, f"The same {problem.kind} as in “{first}”, {problem.place}."
                self._told[problem.kind, problem.place] = title
                return Outcome.ERROR, _sentence(problem)
            case SandboxError() | KeyboardInterrupt():
                raise problem
            case Mismatch():
                return Outcome.FAILED, str(problem)
            case AssertionError():
                text = str(problem).partition("\nassert ")[0]
                return Outcome.FAILED, text or "The property that this test checks does not hold."
            case pytest.skip.Exception():
                return Outcome.SKIPPED, str(problem)
            case pytest.fail.Exception():
                missed = "DID NOT RAISE" in str(problem)
                return Outcome.FAILED, "The call should raise an error, but returned." if missed else str(problem)
        # The test itself broke: over a strange answer, or because it is wrong.
        if reference_passes():
            return Outcome.FAILED, "Your answer is of a kind that this test cannot work with."
        return Outcome.NOT_GRADABLE, "This test itself failed; the instructor must look at it."


def _sentence(error: StudentError) -> str:
    text = f"{error.call} {error.summary}" if error.call else error.summary
    return f"{text}\n{error.traceback}" if error.traceback else text


def clean(text: str) -> str:
    """A message of bounded length; the student may have had a part in it."""
    text = printable(text)
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " ..."
