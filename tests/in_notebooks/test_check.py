"""The notebooks' `check` says what is wrong in a sentence, and judges as a graded check does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autograder.course import Course, Role
from autograder.examine.reference import plain
from autograder.in_notebooks.check import check
from autograder.sandbox.wire import decode, encode
from autograder.testing import Mismatch, compare
from tests.conftest import REPOSITORY

A = np.arange(6.0).reshape(2, 3)
WRONG: list[tuple[str, Any, Any, str]] = [
    ("one value", A + np.array([[0, 0, 0], [0, 0.5, 0]]), A, "at [1, 1], yours is 4.5, expected 4; 1 of 6 values differ"),
    ("NaN", A * np.nan, A, "at [0, 0], yours is nan, expected 0; 6 of 6 values differ"),
    ("infinite", np.full(2, np.inf), [1, 2], "at [0], yours is inf, expected 1; 2 of 2 values differ"),
    ("a number", 3.0, 2.5, "yours is 3, expected 2.5"),
    ("close, but not enough", 1.38629437, 1.386294361, "yours is 1.38629437, expected 1.386294361"),
    ("closer", 1.0000000021, 1, "yours is 1.000000002, expected 1"),
    ("a shape", A.T, A, "yours is an array of shape (3, 2), expected an array of shape (2, 3)"),
    ("an axis too many", A[:1, :1], 0, "yours is an array of shape (1, 1), expected one number"),
    ("one number", 3, [3], "yours is one number, expected an array of shape (1,)"),
    ("a tuple", (A, A), A, "yours is a tuple of shape (2, 2, 3), expected an array of shape (2, 3)"),
    ("ragged", [[1], [1, 2]], [1, 2], "yours is a list whose parts differ in shape; expected an array of shape (2,)"),
    ("fractions cut off", A.astype(int), A + 0.5, "at [0, 0], yours is 0, expected 0.5; 6 of 6 values differ; your dtype is int64, which has no fractions"),
    ("imaginary", A + 1j, A, "yours has dtype complex128; expected numbers, such as float64"),
    ("objects", A.astype(object), A, "yours has dtype object; expected numbers, such as float64"),
    ("nothing", None, A, "yours is None; is a return missing?"),
    ("no call", A.sum, 15, "yours is a function; is a call without its brackets ()?"),
    ("text", "0", 0, "yours is '0', of type str; expected one number"),
    ("a dict", {}, A, "yours is {}, of type dict; expected an array of shape (2, 3)"),
    ("a placeholder", ..., 1, "yours is Ellipsis, of type ellipsis; expected one number"),
    ("a bool", True, 1, "yours is True, of type bool; expected one number"),
    ("no bool", 1, True, "yours is 1, expected True"),
    ("not so", False, True, "yours is False, expected True"),
    ("one of two", [True, False], [True, True], "at [1], yours is False, expected True; 1 of 2 values differ"),
    ("a tensor", torch.zeros(2), [0, 0], "yours is a tensor; .detach().numpy() makes an array of it"),
    ("tensors in a list", [torch.zeros(1), torch.zeros(1)], [[0], [0]], "yours is a tensor; .detach().numpy() makes an array of it"),
    ("a tensor that is no bool", torch.tensor(True), True, "yours is tensor(True), expected True"),
    ("a large count", 4194300, 4194304, "yours is 4194300, expected 4194304"),
    ("a large count with a point", 138357536.0, 138357544, "yours is 138357536, expected 138357544"),
    ("other text", "valid", "same", "yours is 'valid', expected 'same'"),
    ("text that is long", "x" * 99, "same", f"yours is '{'x' * 56}..., expected 'same'"),
    ("lists of several lengths", [(1, 2), (4,)], [(1, 2), (3,)], "part 2: yours is 4, expected 3"),
    ("too few of these", [(1, 2)], [(1, 2), (3,)], "yours is [(1, 2)], expected 2 values"),
    ("too large for numpy", 2**80, 2**80 + 1, f"yours is {2**80}, expected {2**80 + 1}"),
]  # fmt: skip
RIGHT: list[tuple[Any, Any]] = [
    (A, A),
    (A.tolist(), A),
    (A.astype(int), A),
    (A + 1e-12j, A),
    (A * np.nan, A * np.nan),
    (np.float32(0.1), 0.1),
    ((1, 2), [1, 2]),
    (3, 3.0),
    (np.array(3), 3),
    (torch.tensor(3.0, requires_grad=True), 3),
    ([torch.tensor(1.0, requires_grad=True), torch.tensor(2)], [1, 2]),
    ((np.arange(9) * 12345.678).astype(np.float32), np.arange(9) * 12345.678),
    (True, True),
    (np.True_, True),
    ([True, np.True_], [True, True]),
    ("same", "same"),
    (None, None),
    ([], []),
    ([(1, 2), (3,)], [(1, 2), (3,)]),
    (0.1 + 0.2, 0.3),
]


@pytest.mark.parametrize(("actual", "expected", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_answer_is_told_in_a_sentence_with_its_place(actual: Any, expected: Any, said: str) -> None:
    with pytest.raises(AssertionError) as raised:
        check("A with V", actual, expected)
    assert str(raised.value) == f"A with V: {said}"


@pytest.mark.parametrize(("actual", "expected"), RIGHT)
def test_a_right_answer_is_correct(actual: Any, expected: Any, capsys: pytest.CaptureFixture[str]) -> None:
    check("A with V", actual, expected)
    assert capsys.readouterr().out == "A with V: correct\n"


@pytest.mark.parametrize(
    ("actual", "expected", "right"),
    [*((actual, expected, True) for actual, expected in RIGHT), *((one[1], one[2], False) for one in WRONG[:-1])],
)
def test_graded_it_is_judged_alike(actual: Any, expected: Any, right: bool) -> None:
    answer = plain(decode(encode(actual)))
    try:
        compare(answer, plain(expected), rtol=0, atol=1e-9, what="A with V")
    except Mismatch:
        assert not right
    else:
        assert right


def test_a_large_array_is_not_printed() -> None:
    with pytest.raises(AssertionError) as raised:
        check("large", np.zeros((300, 300)), np.ones((300, 300)))
    assert len(str(raised.value)) < 100


@pytest.mark.parametrize("name", Course(REPOSITORY).assignment_names)
def test_it_needs_numpy_alone(name: str, tmp_path: Path) -> None:
    """As on Colab, where no autograder is installed."""
    cells = [cell for cell in Course(REPOSITORY).assignment(name).cells if cell.inlined]
    assert {cell.role for cell in cells} == {Role.GIVEN, Role.TIMING}
    block = "import sys\nsys.modules['autograder'] = None\n"
    use = "\ncheck('A', [1, 2], np.array([1.0, 2.0]))\ntry:\n    check('A', 1, 2)\nexcept AssertionError as error:\n    print(error)\n"
    script = tmp_path / "alone.py"
    script.write_text(block + "\n".join(cell.source for cell in cells) + use, encoding="utf-8")
    run = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, check=True)
    assert run.stdout == "A: correct\nA: yours is 1, expected 2\n"
