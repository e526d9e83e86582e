"""Which known mistake a submission makes: the catalogue's mistakes are put through the tests that it failed.

A failed test is run again, on the same inputs, with a mistake in the student's place. A mistake whose answers are the
student's explains the test; one that reproduces at least two wrong answers of a submission names itself. Where none
does, general patterns are looked for. Nothing of this changes a score.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.catalogue import Entry, read_catalogue
from autograder.course import Assignment
from autograder.examine._context import Answer, Trace
from autograder.examine.patterns import find_pattern
from autograder.examine.reference import Reference, StandIn
from autograder.result import Diagnosis
from autograder.sandbox.wire import Opaque

_FEWEST = 2
"""Fewer wrong answers that are alike may be chance."""


@dataclass(frozen=True)
class Failure:
    """A test that a submission failed."""

    item: pytest.Item
    question: str
    trace: Trace


class Diagnostician:
    """Explains failures of one assignment.

    Args:
        run: runs a test with a stand-in for the student.
    """

    def __init__(
        self, assignment: Assignment, reference: Reference, run: Callable[[StandIn, pytest.Item], BaseException | None]
    ) -> None:
        self._reference = reference
        self._run = run
        entries = read_catalogue(assignment.mistakes_path)
        self._hints = {entry.id: entry.hint for entry in entries}
        # What a class answers depends on how a student builds it, so that its mistakes cannot be told from answers.
        self._mistakes = {
            question.id: [
                Candidate(entry, reference)
                for entry in entries
                if entry.of in question.names and not inspect.isclass(getattr(reference.names, entry.of, None))
            ]
            for question in assignment.questions
        }

    def explain(self, failures: Sequence[Failure]) -> list[Diagnosis | None]:
        """A diagnosis for each failure, or None."""
        explained: list[dict[Candidate, int]] = [{} for _ in failures]
        for failure, found in zip(failures, explained, strict=True):
            candidates = self._mistakes[failure.question]
            before = [candidate for candidate in candidates if candidate in _all(explained)]
            for group in (before, [candidate for candidate in candidates if candidate not in before]):
                found.update({one: count for one in group if (count := self._reproduces(one, failure))})
                if found:
                    break
        # What is wrong in one function shows in those that call it: its own mistake explains more than theirs.
        suspects = _all(explained)
        for failure, found in zip(failures, explained, strict=True):
            elsewhere = [one for one in suspects if one not in self._mistakes[failure.question]]
            found.update({one: count for one in elsewhere if (count := self._reproduces(one, failure))})
        totals = {one: sum(found.get(one, 0) for found in explained) for one in suspects}
        # Of two that answer alike, the one that a test has told from the other by what it saw.
        seen = {mismatch.mistake for failure in failures for mismatch in failure.trace.mismatches}
        return [
            self._diagnosis(
                failure, max(found, key=lambda one: (one.entry.id in seen, totals[one])) if found else None, totals
            )
            for failure, found in zip(failures, explained, strict=True)
        ]

    def _diagnosis(self, failure: Failure, best: Candidate | None, totals: dict[Candidate, int]) -> Diagnosis | None:
        named = next((m.mistake for m in failure.trace.mismatches if m.mistake), "")
        if named:
            return Diagnosis(mistake=named, hint=self._hints[named]) if named in self._hints else None
        if best and totals[best] >= _FEWEST:
            elsewhere = best not in self._mistakes[failure.question]
            return Diagnosis(mistake=best.entry.id, function=best.entry.of if elsewhere else "", hint=best.entry.hint)
        for mismatch in failure.trace.mismatches:
            if isinstance(mismatch.actual, np.ndarray) and isinstance(mismatch.expected, np.ndarray):
                answer = next((one for one in failure.trace.answers if False in one.judged.values()), Answer(""))
                hint = find_pattern(mismatch.actual, mismatch.expected, answer.arguments)
                return Diagnosis(hint=hint) if hint else None
        return None

    def _reproduces(self, candidate: Candidate, failure: Failure) -> int:
        """How many of the wrong answers in this test the mistake gives, too; 0 if any of its answers is another one."""
        impostor = _Impostor(self._reference, candidate, failure.trace.answers)
        caught = self._run(impostor, failure.item)
        return impostor.reproduced if isinstance(caught, _SameThroughout) or impostor.at_the_end else 0


class Candidate:
    """A mistake, ready to be put in the student's place."""

    def __init__(self, entry: Entry, reference: Reference) -> None:
        self.entry = entry
        self._reference = reference
        self._names: Any = None

    @property
    def names(self) -> Any:
        if self._names is None:
            self._names = self._reference.variation(self.entry)
        return self._names


def _all(explained: Sequence[dict[Candidate, int]]) -> list[Candidate]:
    return list(dict.fromkeys(candidate for found in explained for candidate in found))


class _Unlike(BaseException):
    """The mistake has answered something else than the student."""


class _SameThroughout(BaseException):
    """The mistake has answered all that the student has answered."""


class _Impostor(StandIn):
    """A mistake in the student's place, sent away at the first answer that is not the student's."""

    def __init__(self, reference: Reference, candidate: Candidate, answers: Sequence[Answer]) -> None:
        super().__init__(reference, candidate.names)
        self._answers = answers
        self._asked = 0
        self.reproduced = 0

    @property
    def at_the_end(self) -> bool:
        return self._asked == len(self._answers)

    def _answer(self, ask: Callable[[], Any]) -> Any:
        if self.at_the_end:
            raise _SameThroughout
        known = self._answers[self._asked]
        self._asked += 1
        try:
            value = super()._answer(ask)
        except (Exception, SystemExit) as error:
            if known.error is None or not _same_error(error, known.error):
                raise _Unlike from None
            self.reproduced += 1
            raise known.error from None
        if known.error is not None or not all(
            _alike(_part(value, position), known.part(position)) for position in known.judged
        ):
            raise _Unlike
        self.reproduced += False in known.judged.values()
        if self.at_the_end:
            raise _SameThroughout
        return value

    def mutated(self, name: str, *args: Any) -> list[str]:
        return self._answer(lambda: StandIn.mutated(self, name, *args))  # type: ignore[no-any-return]  # _answer returns what it is given


def _part(value: Any, position: int | None) -> Any:
    if position is None:
        return value
    return value[position] if isinstance(value, tuple | list) and len(value) > position else None


def _same_error(error: BaseException, known: Exception) -> bool:
    summary = getattr(known, "summary", "")
    return bool(summary) and summary.startswith(f"raised {type(error).__name__}: {str(error)[:200]}")


def _alike(one: Any, other: Any) -> bool:
    """Whether these are the same answer but for rounding, which is float32's at worst."""
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(_alike(*pair) for pair in zip(one, other, strict=True))
    if isinstance(other, Opaque):
        return type(one).__name__ == other.type_name.rpartition(".")[2]
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    numbers = (np.ndarray, np.generic, int, float)
    if (
        not (isinstance(one, numbers) and isinstance(other, numbers))
        or isinstance(one, bool)
        or isinstance(other, bool)
    ):
        return type(one) is type(other) and bool(one == other)
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind != "f":
        return bool(np.array_equal(one, other))
    finite = np.abs(other[np.isfinite(other)])
    scale = float(finite.max()) if finite.size else 0.0
    return bool(np.allclose(one, other, rtol=1e-5, atol=1e-5 * scale, equal_nan=True))
