"""What a test's end means: outcome and message, the same for every way in which a test can end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from autograder.errors import SandboxError
from autograder.examine._context import Answer, Trace, ordinal
from autograder.examine.kinds import shape, wrong_kind
from autograder.examine.race import Race
from autograder.examine.student_errors import StudentCrash, StudentError, StudentMissing, StudentTimeout
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


def may_be_the_tests_fault(problem: BaseException | None, race: Race | None, *, public: bool) -> bool:
    """Whether it is worth seeing if the reference fails, too.

    Not if the student's code was not there or ran out of its time, nor if a race was lost. Public checks compare the
    reference with itself.
    """
    match problem:
        case None | StudentMissing() | StudentTimeout() | StudentCrash() | StudentError(again=True):
            return False
        case StudentError() | AssertionError():
            return not public and not (race and race.ratio is not None)
    return not isinstance(problem, SandboxError | KeyboardInterrupt)


def failed_by_itself(tests: Sequence[str]) -> str:
    """What is said of a submission for which these tests have no verdict."""
    one = len(tests) == 1
    return (
        f"{'A hidden test' if one else 'Hidden tests'} failed by {'itself' if one else 'themselves'}: {', '.join(tests)}. "
        f"The other tests have given their points. There is no score until the instructor has mended {'it' if one else 'them'} and graded again."
    )


class Judge:
    """Judges the tests of one submission, one after the other."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], str] = {}
        """Kind and place of an error in the student's code -> the first test that it ended."""

    def __call__(
        self, problem: BaseException | None, title: str, fault: str, answers: Sequence[tuple[Answer, Answer]] = ()
    ) -> tuple[Outcome, str]:
        """Outcome and message of a test.

        Args:
            problem: as `first_problem` gives it.
            title: the test's.
            fault: the test's own, which fails the reference as well.
            answers: the student's in this test, each with the reference's.

        Raises:
            SandboxError, KeyboardInterrupt: the grader's own fault.
        """
        if fault:
            return Outcome.NOT_GRADABLE, "This test itself failed; the instructor must look at it."
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
                return Outcome.FAILED, text or _strange(answers) or "The property that this test checks does not hold."
            case pytest.skip.Exception():
                return Outcome.SKIPPED, str(problem)
            case pytest.fail.Exception():
                missed = "DID NOT RAISE" in str(problem)
                return Outcome.FAILED, "The call should raise an error, but returned." if missed else str(problem)
        # The test itself broke, and not with the reference: over a strange answer.
        return Outcome.FAILED, _strange(answers) or "Your answer is of a kind that this test cannot work with."


def _strange(answers: Sequence[tuple[Answer, Answer]]) -> str:
    """What is strange about the first answer that is of another kind or shape than the reference's; empty if none is."""
    for answer, other in answers:
        if answer.error or other.error:
            continue
        what = answer.call or "your answer"
        if problem := wrong_kind(answer.value, other.value):
            return f"{what}: {problem}"
        if isinstance(other.value, np.ndarray) and np.ndim(answer.value) and answer.value.shape != other.value.shape:
            return f"{what}: the shape is {shape(answer.value.shape)}, expected {shape(other.value.shape)}."
        for position, (part, wanted) in enumerate(
            zip(answer.value, other.value, strict=True) if isinstance(other.value, tuple | list) else ()
        ):
            if problem := wrong_kind(part, wanted):
                return f"{ordinal(position)} of {what}: {problem}"
    return ""


def _sentence(error: StudentError) -> str:
    text = f"{error.call} {error.summary}" if error.call else error.summary
    return "\n".join(filter(None, (text, error.advice, error.traceback)))


def clean(text: str) -> str:
    """A message of bounded length; the student may have had a part in it."""
    text = printable(text)
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " ..."
