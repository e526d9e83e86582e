"""Grids of numbers with frames, signs and captions around them: what the figures of all assignments are made of."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from numpy.typing import ArrayLike
from PIL import Image

WHITE, PALE, INK, LINE = "#ffffff", "#eef1f4", "#1f2933", "#9aa5b1"
ORANGE, BLUE, GREEN, PURPLE = "#d9730d", "#2667b0", "#2f7d4f", "#7a4fa3"
TINTS = {ORANGE: "#fde8d3", BLUE: "#dbe8f7", GREEN: "#dcefe2", PURPLE: "#eadff3"}
RED_TINT = "#f7d6d6"

Fill = Callable[[int, int], str]


def canvas(width: float, height: float, *, inches_per_cell: float = 0.4) -> tuple[Figure, Axes]:
    """A figure whose axes measure ``width`` x ``height`` cells, y downwards."""
    fig = plt.figure(figsize=(width * inches_per_cell, height * inches_per_cell))
    axis = fig.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axis.axis("off")
    return fig, axis


def grid(
    axis: Axes,
    values: ArrayLike,
    x: float,
    y: float,
    *,
    fill: Fill | str = WHITE,
    cell: float = 1.0,
    fontsize: float = 10,
    colour: str = INK,
) -> None:
    """Draw a matrix with its upper left corner at (x, y). NaN leaves a cell empty."""
    for (row, column), value in np.ndenumerate(np.asarray(values, dtype=float)):
        tint = fill if isinstance(fill, str) else fill(row, column)
        left, top = x + column * cell, y + row * cell
        axis.add_patch(Rectangle((left, top), cell, cell, facecolor=tint, edgecolor=LINE, linewidth=0.8))
        if not np.isnan(value):
            text = f"{value + 0.0:g}".replace("-", "\N{MINUS SIGN}")  # + 0.0 turns -0.0 into 0.0
            axis.text(
                left + cell / 2,
                top + cell / 2,
                text,
                ha="center",
                va="center_baseline",
                fontsize=fontsize,
                color=colour,
            )


def frame(
    axis: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    *,
    linewidth: float = 2.2,
    style: str = "-",
) -> None:
    """Outline a window of cells."""
    axis.add_patch(
        Rectangle(
            (x, y),
            width,
            height,
            fill=False,
            edgecolor=colour,
            linewidth=linewidth,
            linestyle=style,
            joinstyle="miter",
            zorder=3,
        )
    )


def write(
    axis: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 10,
    colour: str = INK,
    align: str = "center",
    bold: bool = False,
) -> None:
    axis.text(x, y, text, ha=align, va="center", fontsize=size, color=colour, fontweight="bold" if bold else "normal")


def arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float], *, colour: str = INK) -> None:
    axis.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, color=colour, linewidth=1.2, shrinkA=0, shrinkB=0
        )
    )


def save(fig: Figure, name: str) -> None:
    """Write a PNG beside the scripts, of 64 colours: a third of the size, and notebooks carry their figures."""
    buffer = io.BytesIO()
    fig.savefig(buffer, dpi=100, metadata={"Software": None})  # no version in it: the same drawing, the same bytes
    plt.close(fig)
    picture = Image.open(buffer).convert("RGB").quantize(64)
    picture.save(Path(__file__).with_name(f"{name}.png"), optimize=True)
