"""A network is believed for what it does: who makes one up has to make one that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.commands import grade
from autograder.result import Result, Status
from tests.hostile.corpus import NETWORKS

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, lectures: Path) -> dict[str, Result]:
    folder = tmp_path_factory.mktemp("networks")
    for name, (content, _) in NETWORKS.items():
        (folder / f"{name}.ipynb").write_text(content, encoding="utf-8")
    book = f"sqlite:///{folder}/gradebook.db"
    run = grade(course=lectures, assignment="pytorch_cnn", paths=[folder], gradebook=book)
    return {result.student: result for result in run.results}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_is_made_up_earns_what_it_does(results: dict[str, Result], name: str) -> None:
    result, earns = results[name], NETWORKS[name][1]
    tests = [test for test in result.tests if test.question == "SmallCNN" and not test.public]
    told = "\n".join(f"{test.test}: {test.outcome} {test.earned:g} {test.message}" for test in tests)
    assert result.status is Status.GRADED, result.message
    assert sum(test.points for test in tests) == 29
    if earns is None:
        tests = [test for test in tests if "learn" in test.test or "loss_can" in test.test]
        assert len(tests) == 3
    assert sum(test.earned for test in tests) == (earns or 0), told
