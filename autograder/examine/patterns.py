"""General patterns in wrong answers, for mistakes that no catalogue knows: unfilled, factor, offset, flip, shift, rim.

Each pattern looks at the student's array, the expected one and the call, and says in a sentence what it sees, or
nothing. A sentence states what holds of the numbers, all of them; a cause is named only where nothing else can be it.
No sentence holds an expected value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograder.examine import windows
from autograder.language import N_, _

Array = NDArray[Any]
_FEWEST_VALUES = 4
"""Fewer numbers may follow a pattern by chance, and would give too much away."""
_FEWEST_DIFFERENT = 3
_SEVERAL = {
    "row": N_("rows"), "column": N_("columns"), "image": N_("images"), "channel": N_("channels"), "filter": N_("filters"),
}  # fmt: skip
"""What `windows.axes` calls an axis -> the same of several."""
_DIRECTIONS = {
    (1, 0): N_("down"), (-1, 0): N_("up"), (0, 1): N_("to the right"), (0, -1): N_("to the left"),
    (1, 1): N_("down and to the right"), (1, -1): N_("down and to the left"),
    (-1, 1): N_("up and to the right"), (-1, -1): N_("up and to the left"),
}  # fmt: skip
"""By how many rows and columns the numbers have moved -> where they have gone."""
_ONE_LINE = {
    (True, False): (
        N_("The numbers are right, but of the result's rows the last one is missing."),
        N_("The numbers are right, but of the result's rows there is one too many at the end."),
    ),
    (False, True): (
        N_("The numbers are right, but of the result's columns the last one is missing."),
        N_("The numbers are right, but of the result's columns there is one too many at the end."),
    ),
    (True, True): (
        N_("The numbers are right, but of the result's rows and columns the last one is missing."),
        N_("The numbers are right, but of the result's rows and columns there is one too many at the end."),
    ),
}
"""Whether there are other rows and other columns than there should be -> what to say if they are too few, and too many."""


class Pattern(NamedTuple):
    """What holds of a wrong array; nothing, if all is empty."""

    kind: str = ""
    text: str = ""
    """For the student."""
    factor: int = 0
    meaning: str = ""
    """The one size of the call that the factor is: by chance, perhaps, if no other call shows the same."""


def find_pattern(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> Pattern | None:
    """The first pattern that holds.

    None if the numbers are too few, or too much alike, to follow a pattern but by chance.

    Args:
        arguments: of the call that gave ``actual``, parameter name -> value; empty if it was worked out from an answer.
    """
    patterns = _PATTERNS
    if actual.dtype.kind not in "iufb" or expected.dtype.kind not in "iuf" or _equal(actual, expected):
        return None
    if actual.shape != expected.shape:
        patterns = (_shapes,)
    elif expected.size < _FEWEST_VALUES or expected.ndim == 0:
        return None
    elif not np.isfinite(actual).all():
        patterns = (_not_finite,)
    elif not np.isfinite(expected).all() or _different(expected) < _FEWEST_DIFFERENT:
        return None
    for pattern in patterns:
        text = pattern(actual, expected, arguments)
        if text:
            meaning = _meaning(_ratio(actual, expected), arguments) if pattern is _factor else (0, "")
            return Pattern(pattern.__name__, text, *meaning)
    return Pattern()


def is_hardly_filled(array: Array) -> bool:
    """Whether this holds one number only, in all of it or in all but its first image or channel.

    Such an answer says that something is missing, and hardly what.
    """
    return _different(array) < 2 or any(
        array.ndim > 1 and array.shape[axis] > 1 and _different(np.delete(array, 0, axis)) < 2 for axis in (0, 1)
    )


def _different(array: Array) -> int:
    return len(np.unique(array))


def _equal(one: Array, other: Array) -> bool:
    if one.shape != other.shape:
        return False
    scale = float(np.abs(other[np.isfinite(other)]).max(initial=1.0))
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-9 * scale, equal_nan=True))


def _wrong(actual: Array, expected: Array) -> NDArray[np.bool_]:
    return np.asarray(~np.isclose(actual, expected, rtol=1e-9, atol=1e-9))


def _telling(array: Array) -> bool:
    """Whether there is enough in it to be recognised."""
    return array.size >= _FEWEST_VALUES and _different(array) >= _FEWEST_DIFFERENT


def _has_places(array: Array) -> bool:
    """Whether its numbers differ enough to tell where each has gone."""
    return _different(array) > min(array.size // 2, 12)


def _shapes(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    """Of another shape, though the numbers are right as far as both go."""
    have, want = actual.shape, expected.shape
    if not actual.size:
        return _("Your result is empty. A slice such as [p:-p] holds nothing if p is 0.")
    if not _telling(expected):
        return ""
    if len(have) >= 2 and _equal(actual.swapaxes(-1, -2), expected):
        return _("The numbers are right, but rows and columns are swapped.")
    if actual.size == expected.size and [n for n in have if n != 1] == [n for n in want if n != 1]:
        if _equal(actual.reshape(want), expected):
            return _(
                "The numbers are right, but there are axes of length 1 too many or too few: look at squeeze, reshape, keepdims and indexing with None."
            )
        return ""
    if len(have) != len(want) or len(want) < 2 or have[:-2] != want[:-2]:
        return ""
    more = [one - other for one, other in zip(have[-2:], want[-2:], strict=True)]
    if any(more) and all(n >= 0 and n % 2 == 0 for n in more):
        inside = actual[..., more[0] // 2 : have[-2] - more[0] // 2, more[1] // 2 : have[-1] - more[1] // 2]
        if _equal(inside, expected):
            return _(
                "The numbers are right, but there are rows or columns around them that do not belong to the result."
            )
    if any(more) and (all(0 <= n <= 1 for n in more) or all(-1 <= n <= 0 for n in more)):
        rows, columns = min(have[-2], want[-2]), min(have[-1], want[-1])
        if _telling(expected[..., :rows, :columns]) and _equal(
            actual[..., :rows, :columns], expected[..., :rows, :columns]
        ):
            of_rows, of_columns = more
            return _(_ONE_LINE[bool(of_rows), bool(of_columns)][max(more) > 0])
    return ""


def _not_finite(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    """NaN or infinity that neither the right result nor the arguments hold, with all that it may come from."""
    given = [value for value in arguments.values() if isinstance(value, np.ndarray) and value.dtype.kind == "f"]
    if not np.isfinite(expected).all() or not all(np.isfinite(value).all() for value in given):
        return ""
    if np.isnan(actual).any():
        return _(
            "There is NaN (not a number) in your result: it comes from 0/0, from infinity minus infinity or times 0, from the root or the logarithm of a negative number, or from an array made with np.empty that was not filled."
        )
    return _(
        "There are infinite numbers in your result: they come from dividing by 0, from the logarithm of 0, from a number too large for its type, as exponentials may be, or from an infinity that you have begun with or padded with."
    )


def _unfilled(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if _different(actual) == 1:
        if not actual.any():
            return _("Every number of your result is 0: is it ever filled?")
        return _("All numbers of your result are the same.")
    if actual.ndim < 2:
        return ""
    for axis, word in enumerate(windows.axes(expected.shape, arguments)):
        (first, rest), (right, others) = (np.split(array, [1], axis) for array in (actual, expected))
        if not rest.any() and others.any() and _telling(right) and _equal(first, right):
            text = N_(
                "Only the first {axis} is right, and the others hold nothing but 0: do your loops reach them, and does `return` stand behind the loops?"
            )
            return _(text, axis=_(word))
    for end, words in (
        ((1, 0), N_("The last row holds nothing but 0, and all the rest is right: do your loops reach it?")),
        ((0, 1), N_("The last column holds nothing but 0, and all the rest is right: do your loops reach it?")),
        (
            (1, 1),
            N_(
                "The last row and the last column hold nothing but 0, and all the rest is right: do your loops reach them?"
            ),
        ),
    ):
        kept = np.zeros(actual.shape, dtype=bool)
        kept[..., : actual.shape[-2] - end[0], : actual.shape[-1] - end[1]] = True
        if not actual[~kept].any() and _telling(expected[kept]) and _equal(actual[kept], expected[kept]):
            return _(words)
    return ""


def _rounding(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    """Numbers that a coarser type can hold, all of them; right where it can hold the right one, and nearly right elsewhere."""
    for coarse in (np.float32, np.float16):
        with np.errstate(over="ignore"):
            held, rounded = actual.astype(coarse), expected.astype(coarse)
        fits = rounded == expected
        near = 8 * float(np.finfo(coarse).eps) * np.abs(expected).max()
        exact = np.array_equal(held, actual) and not fits.all() and _equal_exactly(actual[fits], expected[fits])
        if exact and np.allclose(actual, expected, rtol=0, atol=near):
            text = N_(
                "Your numbers are right as far as {dtype} can hold them: somewhere they pass through this type. Compute in float64."
            )
            return _(text, dtype=np.dtype(coarse).name)
    return ""


def _equal_exactly(one: Array, other: Array) -> bool:
    return bool(np.array_equal(one.astype(np.float64), other.astype(np.float64)))


def _sign(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    return _("Every number is right but for its sign.") if _equal(actual, -expected) else ""


def _whole_numbers(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if any(_equal(actual, rounded) for rounded in (np.trunc(expected), np.floor(expected), np.round(expected))):
        if actual.dtype.kind in "iu":
            return _(
                "These are integers, which hold neither fractions nor infinities; apart from that, every number is right."
            )
        return _(
            "Every number is right but for its fraction, which is lost: something rounds (as // does), or held the numbers as integers."
        )
    return ""


def _overflow(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    """Whole numbers that are the right ones less a multiple of 2**bits, each within the range of such integers."""
    if _equal_exactly(expected, np.round(expected)) and np.abs(expected).max() < 2**53:
        for bits in (8, 16, 32):
            for kind in ("int", "uint"):
                wrapped = expected.astype(np.int64).astype(f"{kind}{bits}")
                if _equal_exactly(actual, wrapped) and _different(wrapped[_wrong(actual, expected)]) > 1:
                    text = N_(
                        "Large numbers have wrapped around, as integers of {bits} bits do: convert to float64 before you compute."
                    )
                    return _(text, bits=bits)
    return ""


def _clipped(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if _equal(actual, np.maximum(expected, 0)):
        return _("Every negative number has become 0; the others are right.")
    if _equal(actual, np.abs(expected)):
        return _("Every number has lost its minus sign; the others are right.")
    return ""


def _factor(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    factor = _ratio(actual, expected)
    if factor == 0 or not _equal(actual, factor * expected):
        return ""
    nice = _nice(factor)
    if nice is None:
        return _("Every number is wrong by the same factor.")
    if nice.denominator == 1:
        return _("Every number is {factor} times as large as it should be.", factor=nice.numerator)
    return _("Every number is {factor} of what it should be.", factor=nice)


def _ratio(actual: Array, expected: Array) -> float:
    """By which the numbers are too large, if it is the same for all of them; 0 if they say nothing of it."""
    telling = np.abs(expected) > 1e-6 * float(np.abs(expected).max())
    return float(np.median(actual[telling] / expected[telling])) if _telling(expected[telling]) else 0.0


def _nice(factor: float) -> Fraction | None:
    """A whole number, or one over a whole number, if the factor is one."""
    nice = Fraction(factor).limit_denominator(2000)
    good = abs(float(nice) / factor - 1) <= 1e-7 and (abs(nice.numerator) == 1 or nice.denominator == 1)
    return nice if good else None


def _meaning(factor: float, arguments: Mapping[str, Any]) -> tuple[int, str]:
    """The whole number in a factor, and the one size of the call that it is; 0 and nothing if it is none or several."""
    nice = _nice(factor)
    whole = 0 if nice is None else abs(nice.numerator) if nice.denominator == 1 else nice.denominator
    meanings = [meaning for meaning, size in windows.sizes(arguments) if size == whole]
    return (whole, meanings[0]) if len(meanings) == 1 else (0, "")


def _offset(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    gap = actual - expected
    if _equal(gap, np.broadcast_to(gap.flat[0], gap.shape)):
        return _("Every number is off by the same amount: something is added that should not be, or left out.")
    biased = isinstance(arguments.get("bias"), np.ndarray)
    if biased and gap.ndim == 4 and gap.shape[1] > 1 and _equal(gap, np.broadcast_to(gap[:1, :, :1, :1], gap.shape)):
        return _("Within each output channel, every number is off by the same amount: look at the bias.")
    return ""


def _moved(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if expected.ndim < 2 or not _has_places(expected):
        return ""
    if _equal(actual, expected.swapaxes(-1, -2)):
        return _("The numbers are right, but rows and columns are swapped.")
    for axes, words in (
        ((-2,), N_("The numbers are right, but {what} is upside down.")),
        ((-1,), N_("The numbers are right, but {what} is mirrored from left to right.")),
        ((-2, -1), N_("The numbers are right, but {what} is turned by 180 degrees.")),
    ):
        if _equal(actual, np.flip(expected, axes)):
            return _(words, what=_("each map") if expected.ndim > 2 else _("the result"))
    for axis, word in enumerate(windows.axes(expected.shape, arguments)):
        count = expected.shape[axis]
        if expected.ndim == 4 and count > 1:
            where = [
                [i for i in range(count) if _equal(actual.take(j, axis), expected.take(i, axis))] for j in range(count)
            ]
            if all(where) and sorted({places[0] for places in where}) == list(range(count)):
                return _("The {axes} are right, but in another order.", axes=_(_SEVERAL[word]))
            if all(where) and {tuple(places) for places in where} in ({(0,)}, {(count - 1,)}):
                first = N_("What belongs to the first of the {axes} stands in the place of all.")
                last = N_("What belongs to the last of the {axes} stands in the place of all.")
                return _(first if where[0][0] == 0 else last, axes=_(_SEVERAL[word]))
    return ""


def _shifted(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    if expected.ndim < 2 or min(expected.shape[-2:]) < 3 or not _has_places(expected):
        return ""
    for down, right in product((-1, 0, 1), repeat=2):
        one = actual[..., _kept(down), _kept(right)]
        other = expected[..., _kept(-down), _kept(-right)]
        in_place = expected[..., _kept(down), _kept(right)]
        if (down or right) and _telling(other) and _equal(one, other) and not _equal(one, in_place):
            return _("The numbers are right, but one place too far {where}.", where=_(_DIRECTIONS[down, right]))
    return ""


def _kept(shift: int) -> slice:
    return slice(max(shift, 0), shift if shift < 0 else None)


def _wrong_places(actual: Array, expected: Array) -> Array:
    """Whether, in any image and channel, the number at a place is wrong; of the shape of a plane."""
    return np.asarray(_wrong(actual, expected).reshape(-1, *expected.shape[-2:]).any(axis=0))


def _padding(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    """For a function that slides a window over a padded image: only windows that reach into the padding are wrong."""
    reach = windows.reach_into_padding(expected.shape, arguments)
    if reach is None or not reach.any() or reach.all():
        return ""
    plane = _wrong_places(actual, expected)
    if not plane[~reach].any() and 2 * plane[reach].sum() > reach.sum() and _telling(expected[..., ~reach]):
        return _("Only windows that reach into the padding are wrong: look at how you pad, and what with.")
    return ""


def _overlaps(actual: Array, expected: Array, arguments: Mapping[str, Any]) -> str:
    covered = windows.coverage(expected.shape, arguments)
    if covered is None:
        return ""
    plane = _wrong_places(actual, expected)
    once = covered == 1
    if (covered > 1).any() and plane.any() and not plane[covered <= 1].any() and _telling(expected[..., once]):
        return _(
            "Only cells that lie in more than one window are wrong. What all these windows contribute to a cell must be added up."
        )
    return ""


_PATTERNS: tuple[Callable[[Array, Array, Mapping[str, Any]], str], ...] = (
    _unfilled,
    _sign,
    _factor,
    _whole_numbers,
    _rounding,
    _overflow,
    _clipped,
    _offset,
    _moved,
    _shifted,
    _overlaps,
    _padding,
)
