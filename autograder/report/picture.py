"""Where an answer differs: three planes of coloured numbers for a public case, a map of signs for a hidden one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.language import _, ngettext
from autograder.report import words
from autograder.result import TestResult

LEVELS = 5
"""Steps of colour for each sign; level 0 is the paper's own."""

_LARGEST = 16
"""Rows and columns of a plane that is cut."""

_EQUAL = 1e-9
"""Of two values that differ by no more, neither is marked: the tolerance of the public checks."""

Plane = Sequence[Sequence[float]]


@dataclass(frozen=True)
class PictureCell:
    """One number of a plane, as it is drawn."""

    text: str
    level: int
    """From -LEVELS to LEVELS: how dark, and of which sign."""
    wrong: bool = False


@dataclass(frozen=True)
class Grid:
    """One plane of the picture."""

    title: str
    rows: tuple[tuple[PictureCell, ...], ...]


@dataclass(frozen=True)
class Picture:
    """The grids from left to right, and what they show in a sentence."""

    case: str
    where: str
    caption: str
    grids: tuple[Grid, ...]


@dataclass(frozen=True)
class SignMap:
    """One plane without a number: a sign for each value."""

    where: str
    rows: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Sign -> how many there are, for those that occur."""
        everything = "".join(self.rows)
        return {sign: everything.count(sign) for sign in words.MAP_SIGNS if sign in everything}

    @property
    def part(self) -> str:
        """What is drawn of a plane that may be larger: ``first 16 rows and columns``; empty if it is the whole."""
        high, wide = len(self.rows) >= _LARGEST, max(map(len, self.rows)) >= _LARGEST
        if high and wide:
            return _("first {n} rows and columns", n=_LARGEST)
        if high or wide:
            return _("first {n} rows", n=_LARGEST) if high else _("first {n} columns", n=_LARGEST)
        return ""

    @property
    def text(self) -> str:
        return ", ".join(f"{many} {_(words.MAP_SIGNS[sign])}" for sign, many in self.counts.items())


def picture(test: TestResult) -> Picture | None:
    """None if there is nothing to draw, or the test is hidden, whatever its result holds.

    Planes of unlike shapes are drawn without their difference.
    """
    difference = test.difference
    if not test.public or difference is None or not (difference.expected and difference.actual):
        return None
    expected, actual = difference.expected, difference.actual
    if not any(expected) and not any(actual):
        return None
    scale = _largest(expected, actual)
    if [len(row) for row in expected] != [len(row) for row in actual]:
        both = (_grid(_("expected"), expected, scale), _grid(_("yours"), actual, scale))
        return Picture(difference.case, difference.where, _("The two have different shapes."), both)
    gap = [
        [_gap(one, other) for one, other in zip(mine, right, strict=True)]
        for mine, right in zip(actual, expected, strict=True)
    ]
    wrong = [[value != 0 for value in row] for row in gap]
    grids = (
        _grid(_("expected"), expected, scale),
        _grid(_("yours"), actual, scale, wrong),
        _grid(_("difference (yours − expected)"), gap, _largest(gap), wrong),
    )
    return Picture(difference.case, difference.where, _caption(expected, actual, wrong), grids)


def sign_map(test: TestResult) -> SignMap | None:
    """None if there are no signs, or anything but signs."""
    difference = test.difference
    if difference is None or not any(difference.signs) or not set("".join(difference.signs)) <= words.MAP_SIGNS.keys():
        return None
    return SignMap(difference.where, difference.signs)


def value_text(value: float) -> str:
    """A number short enough for a cell: at most four digits, with a real minus sign; ``NaN`` and ``∞`` by name."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.4g}"
    if "e" in text:
        text = f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace(".0e", "e")
    return "0" if text == "-0" else text.replace("-", "−")


def _caption(expected: Plane, actual: Plane, wrong: Sequence[Sequence[bool]]) -> str:
    places = [(i, j) for i, row in enumerate(wrong) for j, is_wrong in enumerate(row) if is_wrong]
    total = sum(map(len, wrong))
    if not places:
        return _("None of the {total} numbers differs visibly.", total=total)
    i, j = places[0]
    return ngettext(
        "{n} of {total} numbers differs, outlined below. The first is at row {i}, column {j}: expected {wanted}, yours {own}.",
        "{n} of {total} numbers differ, outlined below. The first is at row {i}, column {j}: expected {wanted}, yours {own}.",
        len(places),
        total=total,
        i=i,
        j=j,
        wanted=value_text(expected[i][j]),
        own=value_text(actual[i][j]),
    )


def _grid(title: str, plane: Plane, scale: float, wrong: Sequence[Sequence[bool]] | None = None) -> Grid:
    return Grid(
        title,
        tuple(
            tuple(
                PictureCell(value_text(value), _level(value, scale), bool(wrong and wrong[i][j]))
                for j, value in enumerate(row)
            )
            for i, row in enumerate(plane)
        ),
    )


def _level(value: float, scale: float) -> int:
    if math.isnan(value) or value == 0:
        return 0
    strength = LEVELS if math.isinf(value) else max(1, round(min(abs(value) / scale, 1) * LEVELS))
    return int(math.copysign(strength, value))


def _largest(*planes: Plane) -> float:
    """The largest finite size, or 1."""
    sizes = [abs(value) for plane in planes for row in plane for value in row if math.isfinite(value)]
    return max(sizes, default=0.0) or 1.0


def _gap(actual: float, expected: float) -> float:
    """``actual - expected``; 0 if they are equal but for rounding, as equal infinities and two NaN are."""
    if actual == expected or (math.isnan(actual) and math.isnan(expected)) or abs(actual - expected) <= _EQUAL:
        return 0.0
    return actual - expected
