"""Hidden tests that compare what is there, and do not notice what is missing.

``for one, other in zip(student.f(x), reference.f(x))`` ends with the shorter of the two: an answer without its last part
earns what the test is worth, and so does an empty one. Likewise ``all(...)`` over an answer, or a loop over its items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.check.finding import Finding
from autograder.examine.examiner import Examiner
from autograder.examine.reference import Reference, StandIn


class Altered(StandIn):
    """The reference in the student's place, each answer changed in the same way."""

    def __init__(self, reference: Reference, change: Callable[[Any], Any]) -> None:
        super().__init__(reference, reference.names)
        self._change = change

    def _answer(self, ask: Callable[[], Any]) -> Any:
        return super()._answer(lambda: self._change(ask()))


def without_the_last(answer: Any) -> Any:
    """Without its last item, row or entry."""
    if isinstance(answer, dict):
        return dict(list(answer.items())[:-1])
    return answer[:-1] if _has_parts(answer) else answer


def without_any(answer: Any) -> Any:
    """Without all of them."""
    if isinstance(answer, dict):
        return {}
    return answer[:0] if _has_parts(answer) else answer


def with_another_last(answer: Any) -> Any:
    """With all of them, but the last is wrong."""
    if isinstance(answer, dict) and answer:
        *_, last = answer
        return answer | {last: _wrong(answer[last])}
    if isinstance(answer, tuple | list) and answer:
        return type(answer)([*answer[:-1], _wrong(answer[-1])])
    if isinstance(answer, np.ndarray) and _has_parts(answer):
        changed = answer.copy()
        changed[-1] = _wrong(answer[-1])
        return changed
    return answer


def _has_parts(answer: Any) -> bool:
    return (
        len(answer) > 0
        if isinstance(answer, tuple | list)
        else isinstance(answer, np.ndarray) and answer.size > 0 < answer.ndim
    )


def _wrong(value: Any) -> Any:
    if isinstance(value, bool | np.bool_) or (isinstance(value, np.ndarray) and value.dtype.kind == "b"):
        return ~np.asarray(value) if isinstance(value, np.ndarray) else not value
    if isinstance(value, int | float | np.number | np.ndarray):
        return value + 1
    return f"{value}, but wrong" if isinstance(value, str) else None


def check_parts(examiner: Examiner) -> Finding:
    """Whether each hidden test that looks at the last part of an answer notices when it is missing."""
    items = examiner.hidden_items("student")
    wrong, shorter, empty = (
        {item.name for item in items if examiner.run_with(Altered(examiner.reference, change), item) is None}
        for change in (with_another_last, without_the_last, without_any)
    )
    lenient = [item.name for item in items if item.name in shorter | empty and item.name not in wrong]
    return Finding(
        examiner.assignment.name,
        not lenient,
        "each hidden test notices when the last part of an answer is missing"
        if not lenient
        else "hidden tests that pass when parts of the answer are missing: "
        + ", ".join(lenient)
        + ". Compare the number of "
        "parts or the shape first, or the whole answer by one assert_matches; zip(..., strict=True) does not stop at the shorter.",
    )
