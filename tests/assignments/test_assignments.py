"""The five assignments prove themselves: every mistake is caught, every right answer accepted, by real grading."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check import check

FEWEST_MISTAKES = {"conv_forward": 20, "sizing": 28, "pooling": 20, "backprop": 44, "pytorch_cnn": 20}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in reversed(FEWEST_MISTAKES)]
)
def test_the_assignment_holds(name: str, lectures: Path) -> None:
    findings = list(check(course=lectures, assignments=[name]))
    assert all(finding.holds for finding in findings), "\n".join(one.text for one in findings if not one.holds)
    caught = next(finding.text for finding in findings if "mistakes lose points" in finding.text)
    assert int(caught.split()[0]) >= FEWEST_MISTAKES[name]
