"""General patterns in wrong answers, for mistakes that no catalogue knows: factor, offset, flip, shift, rim, overlap.

Each pattern looks at the student's array, the expected one and the call's arguments, and says in a sentence what it
sees, or nothing. No sentence holds an expected value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_FEWEST_VALUES = 4
"""Fewer numbers may follow a pattern by chance, and would give too much away."""


def find_pattern(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    """The first pattern that holds, in words for the student; empty if there is none.

    Args:
        arguments: parameter name -> value of the call that gave ``actual``.
    """
    if actual.dtype.kind not in "iufb" or expected.dtype.kind not in "iuf":
        return ""
    if actual.shape != expected.shape:
        return _shapes(actual, expected, arguments)
    if expected.size < _FEWEST_VALUES or expected.ndim == 0:
        return ""
    actual, expected = actual.astype(np.float64), expected.astype(np.float64)
    if not np.isfinite(actual).all():
        return _not_finite(actual, expected)
    if not np.isfinite(expected).all() or len(np.unique(expected)) < 3:
        return ""
    return next((text for pattern in _PATTERNS if (text := pattern(actual, expected, arguments))), "")


def _equal(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(
        np.allclose(one, other, rtol=1e-6, atol=1e-6 * max(1.0, float(np.abs(other).max(initial=0))))
    )


def _wrong(actual: Array, expected: Array) -> NDArray[np.bool_]:
    return np.asarray(~np.isclose(actual, expected, rtol=1e-6, atol=1e-9))


def _shapes(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    have, want = actual.shape, expected.shape
    if len(have) == len(want) >= 2 and have == (*want[:-2], want[-1], want[-2]):
        return "Rows and columns of your result are swapped."
    if [size for size in have if size != 1] == [size for size in want if size != 1]:
        return "Your result has axes of length 1 too many or too few: look at squeeze, reshape, keepdims and indexing with None."
    padding = _pair(arguments.get("padding"))
    if padding and any(padding) and len(have) == len(want) >= 2:
        if have == (*want[:-2], want[-2] + 2 * padding[0], want[-1] + 2 * padding[1]):
            return "Your result still has the padding around it: cut it off before you return."
        if have == (*want[:-2], want[-2] - 2 * padding[0], want[-1] - 2 * padding[1]):
            return "Your result lacks as many rows and columns as the padding has."
    if len(have) == len(want) >= 2 and have[:-2] == want[:-2]:
        short = [one - other for one, other in zip(have[-2:], want[-2:], strict=True)]
        if set(short) <= {0, 1} or set(short) <= {0, -1}:
            what = "one row or column more" if max(short) > 0 else "one row or column less"
            return f"Your result has {what} than it should: look at the rounding and the + 1 in the output size."
    return ""


def _not_finite(actual: Array, expected: Array) -> str:
    if np.isnan(actual).any() and not np.isnan(expected).any():
        return "There is NaN (not a number) in your result: it comes from 0/0, from infinity minus infinity, or from an array made with np.empty that was not filled."
    if np.isinf(actual).any() and not np.isinf(expected).any():
        return "There are infinite numbers in your result: they come from dividing by 0, from the logarithm of 0, or from the exponential of a large number."
    return ""


def _sign(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    return "Every number is right but for its sign." if _equal(actual, -expected) else ""


def _overflow(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    wrong = ~np.isclose(actual, expected)
    gaps = (actual - expected)[wrong]
    for bits in (32, 16, 8):
        if gaps.size and np.allclose(gaps % 2.0**bits, 0) and np.abs(expected[wrong]).max() >= 2 ** (bits - 1):
            return f"Large numbers have wrapped around, as integers of {bits} bits do: convert to float64 before you compute."
    return ""


def _whole_numbers(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if any(_equal(actual, rounded) for rounded in (np.trunc(expected), np.floor(expected), np.round(expected))):
        return "Every number is right but for its fraction, which is lost: something rounds, or holds the numbers as integers."
    return ""


def _clipped(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if _equal(actual, np.maximum(expected, 0)):
        return "Every negative number has become 0; the others are right."
    if _equal(actual, np.abs(expected)):
        return "Every number has lost its minus sign; the others are right."
    return ""


def _factor(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    scale = float(np.abs(expected).max())
    telling = np.abs(expected) > 1e-6 * scale
    ratios = actual[telling] / expected[telling]
    factor = float(np.median(ratios))
    if factor == 0 or len(np.unique(expected[telling])) < 3 or not _equal(actual, factor * expected):
        return ""
    nice = Fraction(factor).limit_denominator(2000)
    if abs(float(nice) / factor - 1) > 1e-6 or (nice.numerator != 1 and nice.denominator != 1):
        return "Every number is wrong by the same factor."
    whole = nice.numerator if nice.denominator == 1 else nice.denominator
    what = (
        f"{nice.numerator} times as large as it should be"
        if nice.denominator == 1
        else f"1/{whole} of what it should be"
    )
    meanings = [meaning for meaning, size in _sizes(arguments) if size == abs(whole)]
    return f"Every number is {what}." + (f" {abs(whole)} is {meanings[0]} here." if meanings else "")


def _sizes(arguments: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What a factor may stand for in this call."""
    found: list[tuple[str, int]] = []
    x = arguments.get("x", arguments.get("grad_output"))
    weight = arguments.get("weight")
    if isinstance(x, np.ndarray) and x.ndim >= 2:
        found.append(("the number of images in the batch" if x.ndim == 4 else "the number of examples", x.shape[0]))
    if isinstance(weight, np.ndarray) and weight.ndim == 4:
        found += [
            ("the number of input channels", weight.shape[1]),
            ("the number of cells of a kernel", weight.shape[2] * weight.shape[3]),
            ("the number of weights of a filter", weight[0].size),
            ("the number of filters", weight.shape[0]),
        ]
    elif kernel := _pair(arguments.get("kernel_size")):
        found.append(("the number of cells of a window", kernel[0] * kernel[1]))
    grad_output = arguments.get("grad_output")
    if isinstance(grad_output, np.ndarray) and grad_output.ndim == 4:
        found.append(("the number of windows in an image", grad_output.shape[2] * grad_output.shape[3]))
    return [(meaning, size) for meaning, size in found if size > 1]


def _offset(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    gap = actual - expected
    if _equal(gap, np.broadcast_to(gap.flat[0], gap.shape)):
        return "Every number is off by the same amount: something is added that should not be, or left out."
    if gap.ndim == 4 and gap.shape[1] > 1 and _equal(gap, np.broadcast_to(gap[:1, :, :1, :1], gap.shape)):
        return "Within each output channel, every number is off by the same amount: look at the bias."
    return ""


def _moved(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if expected.ndim < 2:
        return ""
    if _equal(actual, expected.swapaxes(-1, -2)):
        return "The numbers are right, but rows and columns are swapped."
    for axes, words in (
        ((-2,), "upside down"),
        ((-1,), "mirrored from left to right"),
        ((-2, -1), "turned by 180 degrees"),
    ):
        if _equal(actual, np.flip(expected, axes)):
            return f"The numbers are right, but each map is {words}."
    for axis, words in ((0, "images"), (1, "channels")):
        count = expected.shape[axis]
        if expected.ndim == 4 and count > 1:
            where = [
                [i for i in range(count) if _equal(actual.take(j, axis), expected.take(i, axis))] for j in range(count)
            ]
            if all(where) and sorted({places[0] for places in where}) == list(range(count)):
                return f"The {words} are right, but in another order."
    return ""


def _shifted(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if expected.ndim < 2 or min(expected.shape[-2:]) < 3:
        return ""
    for down, right in product((-1, 0, 1), repeat=2):
        one = actual[..., _kept(down), _kept(right)]
        other = expected[..., _kept(-down), _kept(-right)]
        in_place = expected[..., _kept(down), _kept(right)]
        if (down or right) and _equal(one, other) and not _equal(one, in_place):
            words = [{1: "down", -1: "up"}.get(down, ""), {1: "to the right", -1: "to the left"}.get(right, "")]
            return f"The numbers are right, but one place too far {' and '.join(filter(None, words))}."
    return ""


def _kept(shift: int) -> slice:
    return slice(max(shift, 0), shift if shift < 0 else None)


def _some_axes(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if expected.ndim != 4:
        return ""
    wrong = _wrong(actual, expected)
    for axis, words in ((0, "image of the batch"), (1, "channel")):
        by_place = np.asarray(wrong.any(axis=tuple(other for other in range(4) if other != axis)))
        if len(by_place) > 1 and by_place[0] < by_place[1:].min():
            return f"Only the first {words} is right."
    return ""


def _borders(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if expected.ndim < 2 or min(expected.shape[-2:]) < 3:
        return ""
    wrong = _wrong(actual, expected)
    plane = np.asarray(wrong.reshape(-1, *wrong.shape[-2:]).any(axis=0))
    inside = plane[:-1, :-1]
    if not inside.any():
        lines = [words for words, line in (("row", plane[-1, :-1]), ("column", plane[:-1, -1])) if line.any()]
        return (
            f"Only the last {' and the last '.join(lines)} {'is' if len(lines) == 1 else 'are'} wrong: look at where your loops or slices end, and at the rounding of the output size."
            if lines
            else ""
        )
    rows, columns = (min(2, (size - 1) // 2) for size in plane.shape)
    if plane.any() and not plane[rows:-rows, columns:-columns].any():
        return "Only the rim is wrong, where windows reach into the padding: look at how you pad."
    return ""


def _overlaps(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    covered = _coverage(expected.shape, arguments)
    if covered is None:
        return ""
    wrong = _wrong(actual, expected)
    plane = np.asarray(wrong.reshape(-1, *wrong.shape[-2:]).any(axis=0))
    if (covered > 1).any() and (covered == 1).any() and plane.any() and not plane[covered <= 1].any():
        return "Only cells that lie in more than one window are wrong: what windows contribute must be added up, not overwritten."
    return ""


def _coverage(shape: tuple[int, ...], arguments: Mapping[str, Any]) -> NDArray[np.int64] | None:
    """How many windows read each cell of an image of this shape; None if the call is not about windows."""
    grad_output, weight = arguments.get("grad_output"), arguments.get("weight")
    if not isinstance(grad_output, np.ndarray) or grad_output.ndim != 4 or len(shape) != 4:
        return None
    kernel = (
        weight.shape[2:] if isinstance(weight, np.ndarray) and weight.ndim == 4 else _pair(arguments.get("kernel_size"))
    )
    if not kernel:
        return None
    stride = _pair(arguments.get("stride")) or ((1, 1) if weight is not None else kernel)
    padding = _pair(arguments.get("padding")) or (0, 0)
    counts = np.zeros((shape[2] + 2 * padding[0], shape[3] + 2 * padding[1]), dtype=np.int64)
    for i, j in product(*map(range, grad_output.shape[2:])):
        counts[i * stride[0] : i * stride[0] + kernel[0], j * stride[1] : j * stride[1] + kernel[1]] += 1
    return counts[padding[0] : padding[0] + shape[2], padding[1] : padding[1] + shape[3]]


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, int) for one in value):
        return value
    return None


def _rounding(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    scale = float(np.abs(expected).max())
    if np.abs(actual - expected).max() <= 1e-4 * scale:
        return "Your numbers are right to about four digits: somewhere they pass through float32 or a coarser type, or a small constant is added."
    return ""


_PATTERNS: tuple[Callable[[Array, Array, Mapping[str, Any]], str], ...] = (
    _rounding,
    _sign,
    _factor,
    _whole_numbers,
    _overflow,
    _clipped,
    _offset,
    _moved,
    _shifted,
    _some_axes,
    _overlaps,
    _borders,
)
