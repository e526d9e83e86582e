"""`grader check --races`: what it says of the transport in a race's figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check import races
from autograder.check.finding import Finding
from tests.conftest import SOLUTION, write_course

WORK = """
def work(x):
    for _ in range(100):
        y = secret_of_the_solution * x
    return y
"""
LONGER = SOLUTION.replace(
    "    return secret_of_the_solution * x\n",
    "\n".join(f"    {line}".rstrip() for line in WORK.splitlines()) + "\n    return work(x)\n",
)
IN_A_THREAD = LONGER.replace(
    "    return work(x)\n",
    "    from concurrent.futures import ThreadPoolExecutor\n"
    "    with ThreadPoolExecutor() as pool:\n"
    "        return pool.submit(work, x).result()\n",
)


def finding(root: Path, monkeypatch: pytest.MonkeyPatch, solution: str) -> Finding:
    monkeypatch.setattr(races, "BUSY", 1)
    monkeypatch.setattr(races, "QUIET", 1)
    course = write_course(root, doubling=solution)
    (found,) = races.check_races(course, course.assignments(["doubling"])[0])
    return found


def test_a_reference_that_works_for_long_is_timed_without_its_transport(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finding(tmp_path, monkeypatch, LONGER)
    assert "transport makes" not in found.text
    assert "an echo takes" in found.details


def test_a_reference_whose_work_the_race_takes_for_transport_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finding(tmp_path, monkeypatch, IN_A_THREAD)
    assert not found.holds
    assert "transport makes" in found.text
