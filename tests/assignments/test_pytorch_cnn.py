"""The slowest of the assignments, in a file of its own because a file is what a processor takes."""

from __future__ import annotations

from pathlib import Path

from tests.assignments.test_assignments import test_the_assignment_holds as assert_the_assignment_holds


def test_pytorch_cnn_holds(lectures: Path) -> None:
    assert_the_assignment_holds("pytorch_cnn", 20, lectures)
