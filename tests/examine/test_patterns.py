"""General patterns in wrong answers: each is seen where it is, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autograder.examine import patterns

Array = NDArray[np.float64]


def find_pattern(actual: Any, expected: Any, arguments: dict[str, Any]) -> str:
    found = patterns.find_pattern(actual, expected, arguments)
    if found is None:
        return ""
    return found.text + (f" {found.factor} is {found.meaning}" if found.meaning else "")


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Images of different sizes, without symmetry."""
    shape = draw(st.tuples(st.integers(2, 3), st.integers(2, 4), st.integers(5, 7), st.integers(4, 8)))
    seed = draw(st.integers(0, 2**32))
    return np.random.default_rng(seed).integers(-90, 91, size=shape).astype(np.float64) + 0.25


def only_at(mask: Callable[[Array], None]) -> Callable[[Array], Array]:
    """The array with some cells changed."""

    def change(right: Array) -> Array:
        wrong = right.copy()
        mask(wrong)
        return wrong

    return change


def last_row(wrong: Array) -> None:
    wrong[:, :, -1] = 0


def last_lines(wrong: Array) -> None:
    wrong[:, :, -1] = 0
    wrong[:, :, :, -1] = 0


def other_images(wrong: Array) -> None:
    wrong[1:] = 0


def other_channels(wrong: Array) -> None:
    wrong[:, 1:] = 0


def one_nan(wrong: Array) -> None:
    wrong[0, 0, 0, 0] = np.nan


PATTERNS: dict[str, tuple[Callable[[Array], Array], str]] = {
    "sign": (lambda right: -right, "but for its sign"),
    "factor": (lambda right: 3 * right, "3 times as large"),
    "fraction": (lambda right: right / 4, "1/4 of what it should be"),
    "odd factor": (lambda right: right * 0.7321, "the same factor"),
    "one offset": (lambda right: right + 7, "off by the same amount"),
    "whole numbers": (np.trunc, "fraction, which is lost"),
    "clipped": (lambda right: np.maximum(right, 0), "negative number has become 0"),
    "absolute": (np.abs, "lost its minus sign"),
    "upside down": (lambda right: right[:, :, ::-1], "upside down"),
    "mirrored": (lambda right: right[:, :, :, ::-1], "mirrored from left to right"),
    "turned": (lambda right: right[:, :, ::-1, ::-1], "turned by 180 degrees"),
    "shifted": (lambda right: np.roll(np.roll(right, 1, axis=2), -1, axis=3), "down and to the left"),
    "transposed": (lambda right: right.swapaxes(2, 3), "swapped"),
    "channels in another order": (lambda right: right[:, ::-1], "channels are right, but in another order"),
    "extra axis": (lambda right: right[:, :, None], "axes of length 1"),
    "one row more": (lambda right: np.pad(right, ((0, 0), (0, 0), (0, 1), (0, 0))), "one too many at the end"),
    "one column less": (lambda right: right[..., :-1], "columns the last one is missing"),
    "frame": (lambda right: np.pad(right, ((0, 0), (0, 0), (2, 2), (0, 0))), "do not belong to the result"),
    "last row": (only_at(last_row), "The last row holds nothing but 0"),
    "last lines": (only_at(last_lines), "The last row and the last column hold"),
    "first image": (only_at(other_images), "Only the first image"),
    "first channel": (only_at(other_channels), "Only the first channel"),
    "first image for all": (lambda right: 0 * right + right[:1], "first of the images stands in the place"),
    "last image for all": (lambda right: 0 * right + right[-1:], "last of the images stands in the place"),
    "empty": (lambda right: right[:, :, 0:-0], "A slice such as [p:-p] holds nothing"),
    "zeros": (np.zeros_like, "Every number of your result is 0"),
    "one number": (lambda right: 0 * right + 3, "are the same"),
    "NaN": (only_at(one_nan), "NaN"),
}


@pytest.mark.parametrize("name", PATTERNS)
@given(right=arrays())
def test_a_pattern_is_seen(name: str, right: Array) -> None:
    change, says = PATTERNS[name]
    assert says in find_pattern(change(right), right, {"x": right})


@given(right=arrays(), seed=st.integers(0, 2**32))
def test_noise_has_no_pattern(right: Array, seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-90, 90, size=right.shape)
    assert find_pattern(noise, right, {}) == ""


@given(right=arrays())
def test_no_expected_value_is_told(right: Array) -> None:
    for change, _ in PATTERNS.values():
        said = find_pattern(change(right), right, {"x": right})
        assert not any(f"{value:g}" in said for value in np.unique(right) if abs(value) > 10)


def test_integers_that_wrapped_around() -> None:
    right = np.array([[100.0, 300, -200, 40], [7, 260, 12, 90]])
    assert "integers of 8 bits" in find_pattern(right.astype(np.int64).astype(np.uint8).astype(float), right, {})


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_numbers_of_a_coarser_type(kind: type) -> None:
    right = np.random.default_rng(0).normal(size=(2, 3, 4))
    assert f"as far as {kind.__name__} can hold them" in find_pattern(right.astype(kind).astype(np.float64), right, {})
    assert find_pattern(right + 1e-5 * np.cos(right), right, {}) == ""
    whole = np.random.default_rng(0).integers(-900, 900, size=(2, 3, 4)).astype(np.float64)
    assert find_pattern(whole + np.arange(24).reshape(2, 3, 4) % 3, whole, {}) == ""  # float16 can hold the right ones


def test_the_first_filter_is_no_image() -> None:
    rng = np.random.default_rng(5)
    right, x = rng.normal(size=(4, 3, 2, 2)), rng.normal(size=(2, 3, 6, 7))
    wrong = right.copy()
    wrong[1:] = 0
    assert "Only the first filter is right" in find_pattern(wrong, right, {"x": x, "weight": right})
    assert find_pattern(wrong, right, {}) == ""  # nobody knows what the axes are


def test_equal_numbers_of_another_type_follow_no_pattern() -> None:
    right = np.arange(24.0).reshape(2, 3, 4)
    assert find_pattern(right.astype(np.int64), right, {}) == ""


def test_an_offset_of_each_channel_is_the_bias_only_where_there_is_one() -> None:
    right = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    wrong = right + np.array([1.0, 4, 9])[:, None, None]
    assert "look at the bias" in find_pattern(wrong, right, {"bias": np.ones(3)})
    assert find_pattern(wrong, right, {"bias": None}) == find_pattern(wrong, right, {}) == ""


def test_large_numbers_that_a_power_of_two_divides_have_not_wrapped_around() -> None:
    right = 1e12 * np.random.default_rng(0).integers(-9, -1, size=(2, 2, 5, 6))
    wrong = right.copy()
    wrong[:, :, 0] = 0
    assert "wrapped" not in find_pattern(wrong, right, {})


def test_infinity_that_is_in_the_argument_is_not_explained() -> None:
    right = np.random.default_rng(0).normal(size=(3, 4))
    wrong = np.where(right > 0, right, -np.inf)
    assert "infinite numbers" in find_pattern(wrong, right, {"x": right})
    assert find_pattern(wrong, right, {"x": wrong}) == ""


def test_a_factor_is_explained_by_the_sizes_of_the_call() -> None:
    rng = np.random.default_rng(0)
    right, x = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 7, 6, 7))
    assert "3 is the number of images in the batch" in find_pattern(right / 3, right, {"x": x})
    weight = rng.normal(size=(2, 7, 3, 3))
    assert "9 is the number of cells of a window" in find_pattern(right * 9, right, {"x": x, "weight": weight})


def test_a_factor_that_may_stand_for_two_things_is_not_explained() -> None:
    rng = np.random.default_rng(0)
    right, x, weight = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 7, 6, 7)), rng.normal(size=(2, 7, 3, 3))
    assert find_pattern(right / 3, right, {"x": x, "weight": weight}) == "Every number is 1/3 of what it should be."


def test_windows_that_reach_into_the_padding() -> None:
    rng = np.random.default_rng(3)
    x, weight = rng.normal(size=(1, 2, 7, 6)), rng.normal(size=(3, 2, 3, 3))
    right = rng.normal(size=(1, 3, 7, 6))
    wrong = right + 1
    wrong[:, :, 1:-1, 1:-1] = right[:, :, 1:-1, 1:-1]
    arguments: dict[str, Any] = {"x": x, "weight": weight, "stride": 1, "padding": 1}
    assert "look at how you pad" in find_pattern(wrong, right, arguments)
    assert find_pattern(wrong, right, arguments | {"padding": 0}) == ""  # another layer, with another output size
    assert find_pattern(wrong, right, {"x": right}) == ""


def test_windows_that_overlap() -> None:
    rng = np.random.default_rng(1)
    grad_output = rng.normal(size=(2, 3, 3, 2))
    right, wrong = np.zeros((2, 3, 7, 5)), np.zeros((2, 3, 7, 5))
    for i, j in np.ndindex(3, 2):
        window = np.s_[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        right[window] += grad_output[:, :, i : i + 1, j : j + 1]
        wrong[window] = grad_output[:, :, i : i + 1, j : j + 1]
    arguments: dict[str, Any] = {"grad_output": grad_output, "kernel_size": 3, "stride": 2}
    assert "must be added up" in find_pattern(wrong, right, arguments | {"x": right})


def test_a_frame_that_was_not_cut_off() -> None:
    right = np.random.default_rng(2).normal(size=(1, 2, 5, 4))
    wrong = np.pad(right, ((0, 0), (0, 0), (2, 2), (1, 1)))
    assert "do not belong to the result" in find_pattern(wrong, right, {"padding": (2, 1)})
    wrong[:, :, 3] += 1
    assert find_pattern(wrong, right, {"padding": (2, 1)}) == ""  # a wrong size, and wrong numbers


@pytest.mark.parametrize("right", [np.float64(3), np.array([1.0, 2]), np.zeros((4, 4))])
def test_too_little_to_see_a_pattern_in(right: Any) -> None:
    assert find_pattern(np.asarray(right) * 3 + 1, np.asarray(right), {}) == ""
