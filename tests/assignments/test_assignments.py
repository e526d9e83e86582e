"""The five assignments prove themselves: every mistake is caught, every right answer accepted, by real grading."""

from __future__ import annotations

import pytest

from autograder.check import check
from tests.conftest import REPOSITORY

FEWEST_MISTAKES = {"conv_forward": 20, "sizing": 28, "pooling": 20, "backprop": 44, "pytorch_cnn": 20}


@pytest.mark.parametrize("name", FEWEST_MISTAKES)
def test_the_assignment_holds(name: str) -> None:
    findings = list(check(course=REPOSITORY, assignments=[name]))
    assert all(finding.holds for finding in findings), "\n".join(one.text for one in findings if not one.holds)
    caught = next(finding.text for finding in findings if "mistakes lose points" in finding.text)
    assert int(caught.split()[0]) >= FEWEST_MISTAKES[name]
