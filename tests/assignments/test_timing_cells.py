"""The cells that time a student's functions: what they say agrees with the races, and they are left out when graded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from autograder.build.template import _student_source
from autograder.catalogue import read_catalogue
from autograder.check.matrix import solution_of
from autograder.course import Assignment, Course, Role
from autograder.examine.reference import Reference
from autograder.notebook import Cell
from tests.conftest import REPOSITORY

RACED = {
    "sizing": ["conv2d"],
    "conv_forward": ["conv2d"],
    "pooling": ["max_pool2d"],
    "backprop": ["conv2d_backward"],
    "pytorch_cnn": ["train_one_epoch", "evaluate"],
}


@pytest.fixture(params=RACED)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return Course(REPOSITORY).assignment(request.param)


@contextmanager
def one_thread() -> Iterator[None]:
    """With two, one waits for the other while other tests have the processors, and its waiting counts."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def said(assignment: Assignment, capsys: pytest.CaptureFixture[str], *sources: str) -> list[str]:
    """What the timing cells print after the given cells and these."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for source in (*(cell.source for cell in assignment.cells if cell.role is Role.GIVEN), *sources):
        exec(source, names)
    capsys.readouterr()
    with one_thread():
        for cell in assignment.cells:
            if cell.role is Role.TIMING:
                exec(cell.source, names)
    return capsys.readouterr().out.splitlines()


def test_a_function_that_is_not_yet_written_is_told_so(
    assignment: Assignment, capsys: pytest.CaptureFixture[str]
) -> None:
    stubs = [_student_source(assignment, cell) for cell in assignment.cells if cell.role is Role.QUESTION]
    wanted = [f"{name}: not yet written" for name in RACED[assignment.name]]
    assert said(assignment, capsys, *stubs) == wanted
    assert said(assignment, capsys) == wanted


def test_the_reference_would_earn_all_points(assignment: Assignment, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(assignment, capsys, solution_of(assignment))
    assert [line.partition(":")[0] for line in lines] == RACED[assignment.name]
    assert all("all points for speed" in line for line in lines)


def test_slow_alternatives_would_earn_none(assignment: Assignment, capsys: pytest.CaptureFixture[str]) -> None:
    for name in RACED[assignment.name]:
        slow = next(one for one in read_catalogue(assignment.alternatives_path) if one.slow and one.of == name)
        lines = said(assignment, capsys, slow.as_submission(solution_of(assignment)))
        assert any(line.startswith(f"{name}:") and "no points for speed" in line for line in lines)


def test_a_function_that_does_nothing_is_promised_nothing(
    assignment: Assignment, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(assignment, capsys, *(f"def {name}(*args, **kwargs):\n    pass" for name in RACED[assignment.name]))
    least = 2 if assignment.name == "pytorch_cnn" else 10
    assert lines == [
        f"{name}: less than {least} times as long as ours, all points for speed, if its answers are right"
        for name in RACED[assignment.name]
    ]


def test_an_error_in_the_function_is_shown_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    pooling = Course(REPOSITORY).assignment("pooling")
    (line,) = said(pooling, capsys, "def max_pool2d(*args):\n    return 1 / 0")
    assert line == "max_pool2d could not be timed: ZeroDivisionError: division by zero"


def test_timing_cells_are_not_run_when_graded(assignment: Assignment) -> None:
    cells = tuple(Cell(number, cell.source) for number, cell in enumerate(assignment.cells) if cell.role is Role.TIMING)
    assert cells
    assert not [cell for cell in Reference(assignment).to_run(cells) if cell.number]
