"""A public check cell as a test: run in the sandbox, compared in the examiner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from autograder.examine import _context
from autograder.examine.reference import Expected, StandIn, plain
from autograder.examine.student_errors import StudentError, StudentMissing
from autograder.language import _
from autograder.testing import Mismatch, assert_matches

if TYPE_CHECKING:
    from autograder.examine.examiner import Examiner
    from autograder.examine.student import Student


class CheckItem(pytest.Item):
    """A public check cell: run in the sandbox with the student's names, compared here with the reference's answers."""

    def __init__(self, *, source: str, line: int, examiner: Examiner, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source, self._line, self._examiner = source, line, examiner

    def runtest(self) -> None:
        student = self._examiner.student
        reference = self._examiner.reference
        expected = reference.expected(self.source, self._line)
        if isinstance(student, StandIn):
            student.check(self.source, expected)
            return
        reply = student.check(reference.given, self.source)
        error: Mismatch | StudentError | None = None
        try:
            self._compare(student, reply, expected)
        except StudentMissing:
            raise
        except (Mismatch, StudentError) as caught:
            error = caught
        if error is None and not _context.mismatched():
            return
        # What becomes of a missing return, or of one value too many, says less than that it is missing.
        raised = isinstance(error, StudentError)
        problem = reference.wrong_return(self.source, reply.get("returned"), raised=raised)
        told = bool(problem) and _context.tell_first(problem)
        if error and problem and not told:
            raise Mismatch(_context.told_first(problem, error)) from None
        if error:
            raise error

    def _compare(self, student: Student, reply: dict[str, Any], expected: list[Expected]) -> None:
        seen = reply["seen"]
        for position, want in enumerate(expected):
            answer = _context.Answer(want.label)
            if position >= len(seen) or seen[position][0] != want.label:
                try:
                    student.raise_error(reply, want.label, public=True)
                except StudentError as error:
                    answer.error, answer.judged[None] = error, False
                    _context.record(answer)
                    raise
                raise Mismatch(_("{what}: your code did not get as far as this comparison.", what=want.label))
            answer.value = plain(seen[position][1])
            _context.record(answer)
            assert_matches(answer.value, plain(want.value), atol=want.atol, label=want.label)
