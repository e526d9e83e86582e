"""Hidden tests whose right answers are the same for everybody: who has seen feedback once can write them down as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.check.finding import Finding
from autograder.examine.examiner import Examiner
from autograder.examine.reference import Reference, StandIn

_DRAWS = 8
"""Students whose tests are looked at. What two coins decide is the same for all of them once in 16,000 times."""


class Listening(StandIn):
    """The reference in the student's place; ``heard`` collects what it answers.

    What a process says of itself is left out: forging it is another matter.
    """

    def __init__(self, reference: Reference) -> None:
        super().__init__(reference, reference.names)
        self.heard: list[str] = []

    def mutated(self, name: str, *args: Any) -> list[str]:
        """As `Student.mutated`."""
        return StandIn(self._reference, self._names).mutated(name, *args)

    def observe(self, name: str, *args: Any) -> Any:
        """As `Student.observe`."""
        return StandIn(self._reference, self._names).probe(name, *args)

    def _answer(self, ask: Callable[[], Any]) -> Any:
        answer = super()._answer(ask)
        self.heard.append(repr(_told(answer)))
        return answer


def _told(value: Any) -> Any:
    """A value to tell it by. Numbers are rounded: sums may depend on the order of adding."""
    if isinstance(value, list | tuple):
        return list(map(_told, value))
    if isinstance(value, dict):
        return {name: _told(item) for name, item in value.items()}
    if isinstance(value, np.ndarray):
        numbers = np.round(value, 6) + 0.0 if value.dtype.kind == "f" else value  # no -0.0
        return value.shape, hashlib.sha256(numbers.tobytes()).hexdigest()
    return round(value, 6) if isinstance(value, float) else value


def check_answers(examiner: Examiner) -> Finding:
    """Whether, in each hidden test, some right answer depends on what is drawn.

    Tests in which everything must be refused stand apart: they earn nothing without a right answer elsewhere.
    """
    found: dict[str, set[str]] = {}
    for number in range(_DRAWS):
        for item in examiner.hidden_items(f"student {number}"):
            listening = Listening(examiner.reference)
            examiner.run_with(listening, item)
            found.setdefault(item.name, set()).add("\n".join(listening.heard))
    same = [test for test, answers in found.items() if len(answers) == 1 and answers != {""}]
    return Finding(
        examiner.assignment.name,
        not same,
        "no hidden test has the same right answers for everybody"
        if not same
        else "hidden tests whose right answers are the same for everybody, so that constants earn their points: "
        + ", ".join(same)
        + ". Draw what they ask from `rng`, so that the answers differ.",
    )
