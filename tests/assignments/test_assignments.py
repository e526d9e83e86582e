"""The assignments prove themselves: every mistake is caught, every right answer accepted, by real grading."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check import check

FEWEST_MISTAKES = {"backprop": 44, "sizing": 28, "pooling": 20, "conv_forward": 20}


@pytest.mark.parametrize(("name", "fewest"), FEWEST_MISTAKES.items())
def test_the_assignment_holds(name: str, fewest: int, lectures: Path) -> None:
    findings = list(check(course=lectures, assignments=[name]))
    assert all(finding.holds for finding in findings), "\n".join(one.text for one in findings if not one.holds)
    caught = next(finding.text for finding in findings if "mistakes lose points" in finding.text)
    assert int(caught.split()[0]) >= fewest
