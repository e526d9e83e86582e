"""Comparisons judge in a fixed order, say what is wrong, and never what would be right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.examine import _context
from autograder.sandbox.wire import Opaque
from autograder.testing import Mismatch, assert_matches, assert_raises, integers

EXPECTED = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.fixture(autouse=True)
def fresh_context() -> None:
    _context.begin()


@pytest.mark.parametrize(
    ("actual", "says"),
    [
        (None, "is a return missing"),
        (Opaque("torch.Tensor"), "expected a numpy array, got a torch.Tensor"),
        ([[1.0]], "expected a numpy array, got a list of 1 value: return a numpy array."),
        (EXPECTED.tolist(), "got a list of 2 values: `np.array(...)` makes one of it."),
        (list(EXPECTED), "got a list of 2 values: `np.array(...)` makes one of it."),
        ([EXPECTED, EXPECTED[0]], "return the first alone, as in `return out` instead of `return [out, cache]`."),
        ([EXPECTED, 1.0], "return the first alone"),
        ([[1.0], [2.0, 3.0]], "got a list of 2 values: return a numpy array."),
        ([EXPECTED], "are there brackets too many, as in `return [out]`?"),
        ((EXPECTED,), "is there a comma too many, as in `return out,`?"),
        ((EXPECTED, {}), "return the first alone, as in `return out` instead of `return out, cache`."),
        (
            Opaque("numpy array of dtype object"),
            "expected an array of numbers, got a numpy array of dtype object: `.astype(float)` makes an array of numbers",
        ),
        (Opaque("torch.Tensor", 2.0), "expected a numpy array, got a torch.Tensor"),
        ("text", "expected a numpy array, got 'text' (str)"),
        (EXPECTED.T, "the shape is (3, 2), expected (2, 3)"),
        (
            (EXPECTED / 2).astype(int),
            "6 of 6 values wrong; the first is at [0, 0]. And the dtype is int64, expected float64: integers have no fractions",
        ),
        (EXPECTED + 1e-6j, "take the real part"),
        (EXPECTED > 2, "the dtype is bool"),
        (np.where(EXPECTED == 5, np.nan, EXPECTED), "1 of 6 values NaN; the first is at [1, 1]"),
        (np.where(EXPECTED > 4, np.inf, EXPECTED), "2 of 6 values infinite"),
        (EXPECTED + (EXPECTED == 6), "1 of 6 values wrong; the first is at [1, 2]"),
        (-EXPECTED, "6 of 6 values wrong; the first is at [0, 0]"),
    ],
)
def test_each_kind_of_wrong_answer_has_its_message(actual: Any, says: str) -> None:
    with pytest.raises(Mismatch) as caught:
        assert_matches(actual, EXPECTED, label="conv2d")
    assert str(caught.value).startswith("conv2d: ")
    assert says in str(caught.value)


def test_a_tolerance_that_a_strange_answer_made_is_refused() -> None:
    answer = np.full(3, 1e200)
    with np.errstate(over="ignore"):
        tolerance = float(1e-6 * np.sum(answer**2))
    with pytest.raises(ValueError, match="not finite"):
        assert_matches(answer, np.ones(3), atol=tolerance)


def test_while_a_submission_is_graded_a_test_goes_on_after_a_wrong_answer_but_not_after_a_wrong_shape() -> None:
    trace = _context.begin(soft=True)
    answer = _context.Answer("f()", value=(3, 4))
    _context.record(answer)
    assert_matches(EXPECTED + 1, EXPECTED)
    assert_matches(answer.value, (2, 3))
    with pytest.raises(Mismatch):
        assert_matches(np.shape(EXPECTED.T), (2, 3))
    assert len(trace.mismatches) == 2


@pytest.mark.parametrize(
    ("actual", "expected", "right"),
    [
        (3, 3, True),
        (np.int64(3), 3, True),
        (3.0, 3, True),
        (np.array(3), 3, True),
        (3.5, 3, False),
        (float("nan"), 3, False),
        ("3", 3, False),
        (True, 1, False),
        (4, 3, False),
        (2.5, 2.5, True),
        (np.float32(2.5), 2.5, True),
        (np.array(2.5), 2.5, True),
        (Opaque("torch.Tensor", 2.5), 2.5, True),
        (Opaque("torch.Tensor", 3.0), 3, True),
        (Opaque("torch.Tensor", 3.5), 3, False),
        (Opaque("torch.Tensor"), 2.5, False),
        (2, 2.0, True),
        ("2", 2.0, False),
        (np.array([2.0]), 2.0, False),
        (True, True, True),
        (np.bool_(True), True, True),
        (1, True, False),
        ("a", "a", True),
        (None, None, True),
        ((1, 2), (1, 2), True),
        ([1, 2], (1, 2), True),
        ((1,), (1, 2), False),
        ((1, EXPECTED), (1, EXPECTED), True),
        ((1, -EXPECTED), (1, EXPECTED), False),
        (None, (1, 2), False),
    ],
)
def test_numbers_text_and_tuples(actual: Any, expected: Any, right: bool) -> None:
    if right:
        assert_matches(actual, expected)
    else:
        with pytest.raises(Mismatch):
            assert_matches(actual, expected)


def test_a_message_never_holds_an_expected_value() -> None:
    with pytest.raises(Mismatch) as caught:
        assert_matches(7, 424242, label="size")
    assert "424242" not in str(caught.value)


def test_the_difference_is_the_first_plane_that_differs() -> None:
    expected = np.arange(48.0).reshape(2, 2, 3, 4)
    actual = expected.copy()
    actual[1, 0, 2, 3] = -1
    with pytest.raises(Mismatch) as caught:
        assert_matches(actual, expected)
    difference = caught.value.difference
    assert difference is not None
    assert difference.where == "[1, 0, :, :]"
    assert difference.expected == expected[1, 0].tolist()
    assert difference.actual == actual[1, 0].tolist()


def test_a_large_plane_is_cut_for_the_picture() -> None:
    with pytest.raises(Mismatch) as caught:
        assert_matches(np.zeros((40, 30)), np.ones((40, 30)))
    assert caught.value.difference is not None
    assert np.shape(caught.value.difference.actual) == (16, 16)


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-100, 100)))
def test_an_answer_right_to_float32_passes_with_a_remark(expected: np.ndarray[Any, Any]) -> None:
    trace = _context.begin()
    rounded = expected.astype(np.float32)
    assert_matches(rounded, expected)
    assert_matches(rounded.astype(np.float64), expected)
    assert len(trace.remarks) == 1


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (EXPECTED.astype(int), EXPECTED),
        (EXPECTED.astype(np.uint8), EXPECTED),
        (EXPECTED.astype(np.float16), EXPECTED),
        (EXPECTED.astype(np.float32), EXPECTED),
        (EXPECTED.astype(complex), EXPECTED),
        ((EXPECTED + 1e-14j).astype(np.complex64), EXPECTED),
        (np.fft.ifft2(np.fft.fft2(EXPECTED)), EXPECTED),
        ((EXPECTED / 3).astype(np.float32), EXPECTED / 3),
        ((EXPECTED / 3).astype(np.float32).astype(np.float64), EXPECTED / 3),
        (np.float64(np.float32(0.1)), 0.1),
        (EXPECTED, EXPECTED.astype(int)),
        (EXPECTED, EXPECTED.astype(np.float32)),
        (3.0, 3),
        (Opaque("torch.Tensor", 3.0), 3),
        (Opaque("torch.Tensor", 0.5), 0.5),
        ((EXPECTED, EXPECTED), (EXPECTED, EXPECTED.astype(int))),
    ],
)
def test_the_right_numbers_in_another_dtype_cost_only_the_strict_test(actual: Any, expected: Any) -> None:
    trace = _context.begin()
    assert_matches(actual, expected)
    assert len(trace.remarks) == 1
    with pytest.raises(Mismatch):
        assert_matches(actual, expected, strict=True)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (EXPECTED / 3 + 1e-15, EXPECTED / 3),
        (EXPECTED.astype(np.int32), EXPECTED.astype(np.int64)),
        (np.int32(3), 3),
        (np.float64(0.1), 0.1),
        ([1, EXPECTED], (1, EXPECTED)),
    ],
)
def test_what_computes_in_the_expected_dtype_passes_the_strict_test(actual: Any, expected: Any) -> None:
    trace = _context.begin()
    assert_matches(actual, expected, strict=True)
    assert not trace.remarks


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-100, 100)), st.integers(0, 11), st.floats(0.5, 100))
def test_any_error_of_half_or_more_is_found(expected: np.ndarray[Any, Any], place: int, error: float) -> None:
    actual = expected.copy()
    actual.flat[place] += error
    with pytest.raises(Mismatch):
        assert_matches(actual, expected)


def test_nan_and_infinity_match_themselves() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1.0])
    assert_matches(values.copy(), values)


def test_integers_are_whole_float64_within_bounds() -> None:
    values = integers(np.random.default_rng(0), 100, 7, low=-2, high=2)
    assert values.dtype == np.float64
    assert set(np.unique(values)) == {-2, -1, 0, 1, 2}


def test_a_call_that_should_raise() -> None:
    def answers(value: Any) -> Any:
        _context.record(_context.Answer("f(0)", value=value))
        return value

    def raises() -> None:
        raise ValueError

    assert_raises(ValueError, raises)
    assert_raises((TypeError, ValueError), raises)
    with pytest.raises(Mismatch, match=r"f\(0\) must raise ValueError, but returned -1"):
        assert_raises(ValueError, answers, -1)
    with pytest.raises(Mismatch, match="but returned a ValueError: write `raise` instead of `return`"):
        assert_raises(ValueError, answers, Opaque("ValueError"))


def test_of_many_remarks_of_a_kind_the_first_is_told_in_full() -> None:
    trace = _context.begin()
    for number in range(10):
        assert_matches(float(number), number, label=f"number {number}")
    assert trace.told() == "number 0: right, but not an int: 0.0 (float). So are 9 more."
    assert_matches(EXPECTED.astype(np.float32), EXPECTED, label="the array")
    assert trace.told().endswith("So are 9 more. the array: right, but the dtype is float32, expected float64.")


def test_large_answers_are_not_kept() -> None:
    trace = _context.begin(soft=True)
    for _ in range(20):
        answer = np.zeros((500, 500))
        _context.record(_context.Answer("f(0)", value=(answer, answer)))
        assert_matches(answer, np.ones((500, 500)))
    assert not trace.complete
    assert len(trace.answers) <= 4
    assert len(trace.mismatches) == 20
    assert sum(mismatch.actual is not None for mismatch in trace.mismatches) == 1
