"""Whoever knows everything of their earlier attempts at an assignment of this course earns nothing by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course
from tests.examine.attacker import FALLBACKS, Attempts, Table, attempt, notebook


@pytest.mark.parametrize("name", ["backprop", "conv_forward", "pooling", "pytorch_cnn", "sizing"])
def test_what_is_known_of_earlier_attempts_earns_nothing(name: str, lectures: Path) -> None:
    earned: list[float] = []

    def play(attempts: Attempts) -> None:
        known: Table = {}
        for fallback in FALLBACKS[: 2 if name == "pytorch_cnn" else None]:
            earned.append(attempts.judge(notebook(attempts.assignment, known, fallback), known))
        assert len(known) > 50
        earned.append(attempts.judge(notebook(attempts.assignment, known, FALLBACKS[0])))

    attempt(Course(lectures), name, play)
    assert max(earned) <= 0, earned
