"""What a test's end means: outcome and message, the same for every way in which a test can end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from autograder.errors import SandboxError
from autograder.examine._context import Answer, Trace, part_of
from autograder.examine.kinds import shape, wrong_kind
from autograder.examine.race import Race
from autograder.examine.student_errors import StudentCrash, StudentError, StudentMissing, StudentTimeout
from autograder.language import _, joined, ngettext
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
    return ngettext(
        "A hidden test failed by itself: {tests}. The other tests have given their points. There is no score until the instructor has mended it and graded again.",
        "Hidden tests failed by themselves: {tests}. The other tests have given their points. There is no score until the instructor has mended them and graded again.",
        len(tests),
        tests=", ".join(tests),
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
            return Outcome.NOT_GRADABLE, _("This test itself failed; the instructor must look at it.")
        match problem:
            case None:
                return Outcome.PASSED, ""
            case StudentMissing():
                return Outcome.SKIPPED, _("Not run: {summary}.", summary=problem.summary)
            case StudentError(again=True):
                return Outcome.SKIPPED, _stop(problem)
            case StudentTimeout():
                return Outcome.TIMEOUT, _stop(problem)
            case StudentError():
                if problem.place and (first := self._told.get((problem.kind, problem.place))):
                    text = _(
                        "The same {kind} as in “{test}”, {place}.", kind=problem.kind, test=first, place=problem.place
                    )
                    return Outcome.SKIPPED, text
                self._told[problem.kind, problem.place] = title
                return Outcome.ERROR, _sentence(problem)
            case SandboxError() | KeyboardInterrupt():
                raise problem
            case Mismatch():
                return Outcome.FAILED, str(problem)
            case AssertionError():
                text = str(problem).partition("\nassert ")[0]
                does_not_hold = _("The property that this test checks does not hold.")
                return Outcome.FAILED, text or _strange(answers) or does_not_hold
            case pytest.skip.Exception():
                return Outcome.SKIPPED, str(problem)
            case pytest.fail.Exception():
                missed = "DID NOT RAISE" in str(problem)
                text = _("The call should raise an error, but returned.") if missed else str(problem)
                return Outcome.FAILED, text
        # The test itself broke, and not with the reference: over a strange answer.
        return Outcome.FAILED, _strange(answers) or _("Your answer is of a kind that this test cannot work with.")


def _strange(answers: Sequence[tuple[Answer, Answer]]) -> str:
    """What is strange about the first answer that is of another kind or shape than the reference's; empty if none is."""
    for answer, other in answers:
        if answer.error or other.error:
            continue
        what = answer.call or _("your answer")
        if problem := wrong_kind(answer.value, other.value):
            return _("{what}: {problem}", what=what, problem=problem)
        if isinstance(other.value, np.ndarray) and np.ndim(answer.value) and answer.value.shape != other.value.shape:
            problem = _(
                "the shape is {shape}, expected {wanted}.",
                shape=shape(answer.value.shape),
                wanted=shape(other.value.shape),
            )
            return _("{what}: {problem}", what=what, problem=problem)
        for position, (part, wanted) in enumerate(
            zip(answer.value, other.value, strict=True) if isinstance(other.value, tuple | list) else ()
        ):
            if problem := wrong_kind(part, wanted):
                return _("{what}: {problem}", what=part_of(position, what), problem=problem)
    return ""


def _sentence(error: StudentError) -> str:
    text = joined(" ", filter(None, (error.call, error.summary)))
    return joined("\n", filter(None, (text, error.advice, error.traceback)))


def _stop(error: StudentError) -> str:
    return joined("", [joined(" ", filter(None, (error.call, error.summary))), "."])


def clean(text: str) -> str:
    """A message of bounded length; the student may have had a part in it."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_MESSAGE else shown[:_LONGEST_MESSAGE] + " ..."
