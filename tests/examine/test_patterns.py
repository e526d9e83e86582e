"""General patterns in wrong answers: each is seen where it is, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autograder.examine.patterns import find_pattern

Array = NDArray[np.float64]


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


def rim(wrong: Array) -> None:
    inside = wrong[:, :, 1:-1, 1:-1].copy()
    wrong += np.arange(1.0, wrong.size + 1).reshape(wrong.shape)
    wrong[:, :, 1:-1, 1:-1] = inside


def last_row(wrong: Array) -> None:
    wrong[:, :, -1] += np.arange(1.0, wrong.shape[-1] + 1)


def other_images(wrong: Array) -> None:
    wrong[1:] += np.arange(1.0, wrong[1:].size + 1).reshape(wrong[1:].shape)


def one_nan(wrong: Array) -> None:
    wrong[0, 0, 0, 0] = np.nan


PATTERNS: dict[str, tuple[Callable[[Array], Array], str]] = {
    "sign": (lambda right: -right, "but for its sign"),
    "factor": (lambda right: 3 * right, "3 times as large"),
    "fraction": (lambda right: right / 4, "1/4 of what it should be"),
    "odd factor": (lambda right: right * 0.7321, "the same factor"),
    "one offset": (lambda right: right + 7, "off by the same amount"),
    "offset of a channel": (
        lambda right: right + np.arange(1.0, right.shape[1] + 1)[:, None, None] ** 2,
        "look at the bias",
    ),
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
    "one row more": (lambda right: np.pad(right, ((0, 0), (0, 0), (0, 1), (0, 0))), "one row or column more"),
    "rim": (only_at(rim), "Only the rim"),
    "last row": (only_at(last_row), "Only the last row"),
    "first image": (only_at(other_images), "Only the first image"),
    "NaN": (only_at(one_nan), "NaN"),
    "nearly": (lambda right: right + 1e-3, "about four digits"),
}


@pytest.mark.parametrize("name", PATTERNS)
@given(right=arrays())
def test_a_pattern_is_seen(name: str, right: Array) -> None:
    change, says = PATTERNS[name]
    assert says in find_pattern(change(right), right, {})


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


def test_a_factor_is_explained_by_the_sizes_of_the_call() -> None:
    rng = np.random.default_rng(0)
    right, x = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 7, 6, 7))
    assert "3 is the number of images in the batch" in find_pattern(right / 3, right, {"x": x})
    weight = rng.normal(size=(2, 7, 3, 3))
    assert "9 is the number of cells of a kernel" in find_pattern(right * 9, right, {"x": x, "weight": weight})


def test_windows_that_overlap() -> None:
    rng = np.random.default_rng(1)
    grad_output = rng.normal(size=(2, 3, 3, 2))
    right, wrong = np.zeros((2, 3, 7, 5)), np.zeros((2, 3, 7, 5))
    for i, j in np.ndindex(3, 2):
        window = np.s_[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        right[window] += grad_output[:, :, i : i + 1, j : j + 1]
        wrong[window] = grad_output[:, :, i : i + 1, j : j + 1]
    arguments: dict[str, Any] = {"grad_output": grad_output, "kernel_size": 3, "stride": 2}
    assert "added up, not overwritten" in find_pattern(wrong, right, arguments)


def test_padding_that_was_not_cut_off() -> None:
    right = np.random.default_rng(2).normal(size=(1, 2, 5, 4))
    wrong = np.pad(right, ((0, 0), (0, 0), (2, 2), (1, 1)))
    assert "still has the padding" in find_pattern(wrong, right, {"padding": (2, 1)})


@pytest.mark.parametrize("right", [np.float64(3), np.array([1.0, 2]), np.zeros((4, 4))])
def test_too_little_to_see_a_pattern_in(right: Any) -> None:
    assert find_pattern(np.asarray(right) * 3 + 1, np.asarray(right), {}) == ""
