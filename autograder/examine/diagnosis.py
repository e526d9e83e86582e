"""Which known mistake a submission makes: the catalogue's mistakes are put through the tests that it failed.

A failed test is run again, on the same inputs, with a mistake in the student's place, and compares its answers as it
compared the student's. A mistake reproduces the test if it is wrong wherever the student is, and by the very
comparison that found the student's answers wrong, both are the same. It is named if it

- reproduces more than half of the question's failed tests, and is wrong in no other test of it where the student is right, and in
  no hidden one where the student's answer is another; tests that ended in an error do not count,
- by answers that tell something: two of them at least, and no errors, no zeros, nothing that is filled in part only.

Once it is named, it is also named for a test of another question that it reproduces: what is wrong in one function shows in those that call it.

So an explanation is true or absent. `grader check` sees to it that no two mistakes answer alike in all tests. Where none is named, general patterns are looked for. Nothing of this changes a score.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.catalogue import Entry, read_catalogue
from autograder.course import Assignment
from autograder.examine import _context
from autograder.examine._context import Answer, Trace
from autograder.examine.patterns import Pattern, find_pattern, is_hardly_filled
from autograder.examine.reference import Reference, StandIn
from autograder.language import _, original
from autograder.result import Diagnosis
from autograder.sandbox.wire import Opaque
from autograder.testing import Mismatch, compare

_FEWEST = 2
"""Fewer wrong answers that are alike may be chance."""
_USUAL = {"rtol": 1e-7, "atol": 1e-9}
"""How answers are compared that a test looks at in a way of its own."""
_Evidence = frozenset[str]
"""The wrong answers that are alike and tell something, each once."""


@dataclass(frozen=True, eq=False)
class Failure:
    """A test that a submission failed."""

    item: pytest.Item
    question: str
    public: bool
    trace: Trace

    @property
    def answered(self) -> bool:
        """Whether all calls have returned something."""
        return all(answer.error is None for answer in self.trace.answers)


class Diagnostician:
    """Explains failures of one assignment.

    Args:
        run: runs a test with a stand-in for the student, and returns what it is judged by; None if it passes.
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

    def explain(self, failures: Sequence[Failure], passed: Sequence[tuple[pytest.Item, str]]) -> list[Diagnosis | None]:
        """A diagnosis for each failure, or None.

        Args:
            passed: the tests that the submission passed, with their questions.
        """
        found: dict[Failure, dict[Candidate, _Evidence]] = {failure: {} for failure in failures}
        patterns: dict[Failure, str] = {}
        for question, candidates in self._mistakes.items():
            own = [failure for failure in failures if failure.question == question]
            patterns |= _patterns(own)
            for candidate in candidates if own else ():
                shown = self._explained(candidate, own, [item for item, of in passed if of == question])
                for failure, evidence in shown.items():
                    found[failure][candidate] = evidence
        suspects = list(dict.fromkeys(candidate for here in found.values() for candidate in here))
        for one in suspects:  # what is wrong in one function shows in those that call it
            for failure in failures:
                if one not in self._mistakes[failure.question]:
                    shown_here = self._reproduces(one, failure)
                    if shown_here is not None:
                        found[failure][one] = shown_here
        worth = {one: len(_union(here.get(one, ()) for here in found.values())) for one in suspects}
        # Of two that answer alike, the one that a test has told from the other by what it saw.
        seen = {mismatch.mistake for failure in failures for mismatch in failure.trace.mismatches}
        best = {
            failure: max(here, key=lambda one: (one.entry.id in seen, worth[one])) if here else None
            for failure, here in found.items()
        }
        return [self._diagnosis(failure, best[failure], patterns.get(failure, "")) for failure in failures]

    def _explained(
        self, candidate: Candidate, failures: Sequence[Failure], passed: Sequence[pytest.Item]
    ) -> dict[Failure, _Evidence]:
        """The failures of its question that the mistake may be named for.

        What ended in an error says nothing for a mistake, nor against it.
        """
        answered = [failure for failure in failures if failure.answered]
        shown: dict[Failure, _Evidence] = {}
        for place, failure in enumerate(answered):
            if 2 * (len(shown) + len(answered) - place) <= len(answered):
                return {}  # it can no longer be most of them
            evidence = self._reproduces(candidate, failure)
            if evidence is not None:
                shown[failure] = evidence
        if 2 * len(shown) <= len(answered) or len(_union(shown.values())) < _FEWEST:
            return {}
        others = [failure.item for failure in answered if failure not in shown and not failure.public]
        for item in [*others, *passed]:
            if self._run(StandIn(self._reference, candidate.names), item) is not None:
                return {}
        for failure in failures:
            if not failure.answered and (evidence := self._reproduces(candidate, failure)) is not None:
                shown[failure] = evidence
        return shown

    def _reproduces(self, candidate: Candidate, failure: Failure) -> _Evidence | None:
        """The wrong answers of this test that the mistake gives, too; None if one of its answers is another."""
        impostor = _Impostor(self._reference, candidate, failure)
        problem = self._run(impostor, failure.item)
        return impostor.evidence() if problem is not None else None

    def _diagnosis(self, failure: Failure, best: Candidate | None, pattern: str) -> Diagnosis | None:
        named = next((m.mistake for m in failure.trace.mismatches if m.mistake), "")
        if named:
            return Diagnosis(mistake=named, hint=self._hints[named]) if named in self._hints else None
        if best:
            elsewhere = best not in self._mistakes[failure.question]
            return Diagnosis(mistake=best.entry.id, function=best.entry.of if elsewhere else "", hint=best.entry.hint)
        return Diagnosis(hint=pattern, english=original(pattern)) if pattern else None


def _patterns(failures: Sequence[Failure]) -> dict[Failure, str]:
    """What is seen in the wrong arrays of a question, if most of them show it: in a few it may be chance."""
    seen: dict[Failure, Pattern] = {}
    for failure in failures:
        for mismatch in failure.trace.mismatches:
            if isinstance(mismatch.actual, np.ndarray) and isinstance(mismatch.expected, np.ndarray):
                found = failure.trace.find(mismatch.actual)
                answer = found.answer if found else Answer("")
                pattern = find_pattern(mismatch.actual, mismatch.expected, answer.arguments)
                if pattern is not None:
                    seen[failure] = pattern
                    break
    hidden = [pattern.kind for failure, pattern in seen.items() if not failure.public]
    kinds = hidden or [pattern.kind for pattern in seen.values()]  # public checks are small
    return {
        failure: sentence(one, seen.values()) for failure, one in seen.items() if 2 * kinds.count(one.kind) > len(kinds)
    }


def sentence(pattern: Pattern, seen: Collection[Pattern]) -> str:
    """A pattern in words. What its factor stands for is said only if another factor stands for the same elsewhere: 6 may be many things."""
    factors = {other.factor for other in seen if other.meaning == pattern.meaning}
    if not pattern.meaning or len(factors) < 2:
        return pattern.text
    return _(
        "{pattern} {factor} is {meaning} here.", pattern=pattern.text, factor=pattern.factor, meaning=_(pattern.meaning)
    )


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


def _union(evidence: Iterable[Iterable[str]]) -> set[str]:
    return {one for some in evidence for one in some}


class _Unlike(BaseException):
    """The mistake has answered something else than the student."""


class _Impostor(StandIn):
    """A mistake in the student's place, sent away at the first answer that is not the student's."""

    def __init__(self, reference: Reference, candidate: Candidate, failure: Failure) -> None:
        super().__init__(reference, candidate.names)
        self._item = failure.item.nodeid
        self._known = failure.trace.answers
        self._own: list[Answer] = []
        self._unlike = False

    def evidence(self) -> _Evidence | None:
        """What of the student's wrong answers tells something, once the test is over; None if it was judged otherwise."""
        if self._unlike or len(self._own) != len(self._known):
            return None
        evidence: set[str] = set()
        for own, known in zip(self._own, self._known, strict=True):
            for position, right in known.judged.items():
                if position in known.compared and own.judged.get(position) != right:
                    return None
                if not right and known.error is None and _tells(known.part(position)):
                    evidence.add(_fingerprint(known.part(position), f"{self._item} {len(evidence)}"))
        return frozenset(evidence)

    def _answer(self, ask: Callable[[], Any]) -> Any:
        self._unlike = True  # until this answer is known to be the student's
        if len(self._own) == len(self._known):
            raise _Unlike
        known = self._known[len(self._own)]
        own = Answer(known.call)
        self._own.append(own)
        try:
            own.value = ask()
        except (Exception, SystemExit) as error:
            if known.error is None or getattr(known.error, "kind", "") != type(error).__name__:
                raise _Unlike from None
            self._unlike = False
            raise known.error from None
        _context.record(own)
        if known.error is not None or not all(
            _alike(own.part(position), known.part(position), known.compared.get(position, _USUAL))
            for position in known.judged or (None,)
        ):
            raise _Unlike
        self._unlike = False
        return own.value


def _alike(own: Any, known: Any, comparison: Mapping[str, Any]) -> bool:
    """Whether a mistake's answer is the student's, as far as the test's comparison can tell."""
    if isinstance(own, dict) and isinstance(known, dict):
        return own.keys() == known.keys() and all(_alike(own[key], known[key], comparison) for key in own)
    if isinstance(own, tuple | list) and isinstance(known, tuple | list):
        return len(own) == len(known) and all(_alike(*pair, comparison) for pair in zip(own, known, strict=True))
    if isinstance(known, Opaque):
        return type(own).__name__ == known.type_name.rpartition(".")[2]
    try:
        compare(known, own, what="", **comparison)
    except (Mismatch, TypeError):
        return False
    return True


def _tells(value: Any) -> bool:
    """Whether a wrong answer says something of how it came about: many mistakes end in nothing, in zeros, or in one part of the result."""
    if isinstance(value, list | tuple):
        return any(map(_tells, value))
    if isinstance(value, dict):
        return any(map(_tells, value.values()))
    if isinstance(value, np.ndarray):
        return not is_hardly_filled(value) if value.size > 1 else bool(value.any())
    return not isinstance(value, bool | np.bool_ | Opaque) and bool(value)


def _fingerprint(value: Any, place: str) -> str:
    """What tells an answer from another, short, however long it is. A fraction is given twice for a reason, a whole number by chance."""
    told: Any = (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else repr(value)
    if isinstance(value, float) and not value.is_integer():
        told = place, told
    return hashlib.sha256(repr(told).encode()).hexdigest()
