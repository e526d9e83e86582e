"""The figures of "Pooling"; run it to draw them anew."""

import numpy as np
from _grid import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    RED_TINT,
    TINTS,
    WHITE,
    arrow,
    canvas,
    frame,
    grid,
    save,
    write,
)

P1 = np.array([[1.0, 3, 1, 2], [9, 5, 6, 5], [9, 1, 1, 2], [0, 2, 8, 2]])
COLOURS = (ORANGE, BLUE, GREEN, PURPLE)


def quarter(row: int, column: int) -> str:
    """The tint of a cell of P1: that of its 2 x 2 window."""
    return TINTS[COLOURS[2 * (row // 2) + column // 2]]


def maximum() -> None:
    """P1 in four windows, and the largest number of each."""
    fig, axis = canvas(13.0, 5.8)
    grid(axis, P1, 0.5, 1.3, fill=quarter)
    for number, colour in enumerate(COLOURS):
        frame(axis, 0.55 + 2 * (number % 2), 1.35 + 2 * (number // 2), 1.9, 1.9, colour)
    grid(axis, [[9, 6], [9, 8]], 9.0, 2.3, fill=lambda row, column: TINTS[COLOURS[2 * row + column]])
    write(axis, 2.5, 0.7, "P1", bold=True)
    arrow(axis, (5.1, 3.3), (8.4, 3.3))
    write(axis, 6.75, 2.7, "largest of each")
    write(axis, 10.0, 1.7, "output, 2 x 2", bold=True)
    save(fig, "pooling_max")


def padding() -> None:
    """Negative numbers inside a border: of minus infinity, and the mistake of zeros."""
    fig, axis = canvas(20.0, 7.4)
    inner = np.array([[-4.0, -2, -7], [-6, -3, -8], [-5, -9, -1]])
    for left, border, out, title in (
        (0.5, "\N{MINUS SIGN}\N{INFINITY}", [[-2, -2], [-3, -1]], "right: padding never wins"),
        (10.5, "0", [[0, 0], [0, 0]], "wrong: zeros win"),
    ):
        padded = np.pad(inner, 1, constant_values=np.nan)
        grid(axis, padded, left, 1.4, fill=lambda row, column: WHITE if 0 < row < 4 and 0 < column < 4 else PALE)
        for row, column in np.argwhere(np.isnan(padded)):
            write(axis, left + column + 0.5, 1.4 + row + 0.5, border, colour=INK)
        frame(axis, left + 1, 2.4, 3, 3, INK, linewidth=1.2)
        frame(axis, left, 1.4, 3, 3, ORANGE)
        arrow(axis, (left + 5.3, 3.9), (left + 6.5, 3.9))
        right = border != "0"
        tint = TINTS[GREEN] if right else RED_TINT
        grid(axis, out, left + 6.8, 2.9, fill=tint)
        frame(axis, left + 6.8, 2.9, 1, 1, ORANGE)
        write(axis, left, 0.7, title, align="left", bold=True)
    save(fig, "pooling_padding")


def indices() -> None:
    """P1 with each cell's position, and the positions of the largest numbers."""
    fig, axis = canvas(19.4, 5.8)
    won = (4, 6, 8, 14)
    grid(axis, P1, 0.5, 1.3, fill=lambda row, column: quarter(row, column) if 4 * row + column in won else WHITE)
    grid(
        axis,
        np.arange(16).reshape(4, 4),
        6.5,
        1.3,
        fill=lambda row, column: quarter(row, column) if 4 * row + column in won else WHITE,
    )
    for left in (0.5, 6.5):
        for number, colour in enumerate(COLOURS):
            frame(axis, left + 0.05 + 2 * (number % 2), 1.35 + 2 * (number // 2), 1.9, 1.9, colour)
    grid(axis, np.reshape(won, (2, 2)), 15.0, 2.3, fill=lambda row, column: TINTS[COLOURS[2 * row + column]])
    write(axis, 2.5, 0.7, "P1", bold=True)
    write(axis, 8.5, 0.7, "positions in P1", bold=True)
    arrow(axis, (11.1, 3.3), (14.4, 3.3))
    write(axis, 12.75, 2.7, "of the largest")
    write(axis, 16.0, 1.7, "indices", bold=True)
    save(fig, "pooling_indices")


def average() -> None:
    """Ones inside a border of zeros: two ways to count the cells."""
    fig, axis = canvas(18.4, 6.0)
    grid(
        axis,
        np.pad(np.ones((2, 2)), 1),
        0.5,
        1.4,
        fill=lambda row, column: WHITE if row in (1, 2) and column in (1, 2) else PALE,
    )
    for number, colour in enumerate(COLOURS):
        frame(axis, 0.55 + 2 * (number % 2), 1.45 + 2 * (number // 2), 1.9, 1.9, colour)
    write(axis, 2.5, 0.7, "ones, padding 1", bold=True)
    arrow(axis, (5.0, 3.4), (7.2, 3.4))
    for left, value, title, division in (
        (8.0, 0.25, "padding counts", "1 / 4"),
        (13.4, 1.0, "padding does not count", "1 / 1"),
    ):
        grid(axis, np.full((2, 2), value), left + 0.6, 2.4, fill=lambda row, column: TINTS[COLOURS[2 * row + column]])
        write(axis, left + 1.6, 1.7, title, bold=True, size=9)
        write(axis, left + 1.6, 5.0, division)
    save(fig, "pooling_average")


def whole() -> None:
    """Three channels, each averaged to one number."""
    fig, axis = canvas(16.0, 5.6)
    channels = np.array([[[1.0, 3, 2], [4, 0, 2]], [[5, 5, 5], [5, 5, 5]], [[9, 0, 0], [0, 9, 0]]])
    write(axis, 0.4, 1.6, "x: (1, 3, 2, 3)", align="left", bold=True)
    write(axis, 0.4, 4.6, "output: (1, 3)", align="left", bold=True)
    for number, (channel, tint) in enumerate(zip(channels, (RED_TINT, TINTS[GREEN], TINTS[BLUE]), strict=True)):
        left = 5.0 + 3.7 * number
        grid(axis, channel, left, 0.6, fill=tint)
        arrow(axis, (left + 1.5, 2.8), (left + 1.5, 3.9))
        grid(axis, [[channel.mean()]], left + 1.0, 4.1, fill=tint)
    save(fig, "pooling_global")


if __name__ == "__main__":
    maximum()
    padding()
    indices()
    average()
    whole()
