"""A public check cell as a test: run in the sandbox, compared in the examiner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from autograder.examine import _context
from autograder.examine.reference import StandIn, plain
from autograder.examine.student import StudentError
from autograder.testing import Mismatch, assert_matches

if TYPE_CHECKING:
    from autograder.examine.examiner import Examiner


class CheckItem(pytest.Item):
    """A public check cell: run in the sandbox with the student's names, compared here with the reference's answers."""

    def __init__(self, *, source: str, line: int, examiner: Examiner, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source, self._line, self._examiner = source, line, examiner

    def runtest(self) -> None:
        student = self._examiner.student
        expected = self._examiner.reference.expected(self.source, self._line)
        if isinstance(student, StandIn):
            student.check(self.source, expected)
            return
        reply = student.check(self._examiner.reference.given, self.source)
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
                raise Mismatch(f"{want.label}: your code did not get as far as this comparison.")
            answer.value = plain(seen[position][1])
            _context.record(answer)
            assert_matches(answer.value, plain(want.value), atol=want.atol, label=want.label)
