"""The figures of "Padding, stride and sizes"; run it to draw them anew."""

import numpy as np
from _grid import BLUE, GREEN, INK, LINE, ORANGE, PALE, PURPLE, TINTS, WHITE, arrow, canvas, frame, grid, save, write

A = np.array([[10.0, 10, 10, 0, 0, 0]] * 6)
R = np.array(
    [
        [3.0, 0, 10, 5, 24, 2],
        [8, 4, 5, 6, 10, 7],
        [23, 3, 1, 0, 0, 0],
        [21, 4, 0, 0, 0, 23],
        [23, 0, 0, 0, 45, 23],
        [0, 3, 0, 12, 34, 32],
    ]
)
V = np.array([[1.0, 0, -1]] * 3)
COLOURS = (ORANGE, BLUE, GREEN, PURPLE)
GREY = "#c9d0d8"


def count() -> None:
    """Windows along one axis: one row of cells with a cell left over, one with padding."""
    fig, axis = canvas(20.5, 8.2)
    for top, n, padding, unread, sentence in (
        (1.0, 6, 0, {5}, "(6 \N{MINUS SIGN} 3) / 2 + 1 = 2.5, rounded down: 2 windows"),
        (4.6, 7, 1, set(), "(7 + 2 \N{MINUS SIGN} 3) / 2 + 1 = 4 windows"),
    ):
        total = n + 2 * padding
        label = f"n = {n}, k = 3, s = 2, p = {padding}"
        write(axis, 0.4, top - 0.5, label, align="left", bold=True)
        for cell in range(total):
            inside = padding <= cell < total - padding
            tint = GREY if cell in unread else WHITE if inside else PALE
            grid(axis, [[cell - padding if inside else np.nan]], 0.4 + cell, top, fill=tint)
            if not inside:
                write(axis, 0.9 + cell, top + 0.5, "p", colour=LINE)
        for number, start in enumerate(range(0, total - 2, 2)):
            below = top + 1.3 + 0.35 * number
            frame(axis, 0.45 + start, below, 2.9, 0.2, COLOURS[number])
        write(axis, 10.2, top + 0.5, sentence, align="left")
        if unread:
            write(axis, 10.2, top + 1.3, "cell 5 is never read", align="left", colour=INK)
    save(fig, "sizing_count")


def padding() -> None:
    """A with a border of zeros, and the output of the same size as A."""
    fig, axis = canvas(19.4, 9.8)
    padded = np.pad(A, 1)
    out = np.array([[np.sum(padded[i : i + 3, j : j + 3] * V) for j in range(6)] for i in range(6)])

    def fill(row: int, column: int) -> str:
        if row < 3 and column < 3:
            return TINTS[ORANGE]
        return WHITE if 1 <= row < 7 and 1 <= column < 7 else PALE

    grid(axis, padded, 0.4, 1.2, fill=fill)
    frame(axis, 1.4, 2.2, 6, 6, INK, linewidth=1.2)
    frame(axis, 0.4, 1.2, 3, 3, ORANGE)
    write(axis, 4.4, 0.6, "A with padding 1", bold=True)
    arrow(axis, (8.9, 5.2), (10.6, 5.2))
    write(axis, 9.75, 4.6, "V")
    grid(axis, out, 11.2, 2.2, fill=lambda row, column: TINTS[ORANGE] if row == column == 0 else WHITE)
    frame(axis, 11.2, 2.2, 1, 6, BLUE)
    frame(axis, 11.2, 2.2, 1, 1, ORANGE)
    write(axis, 14.2, 1.6, "output, 6 x 6", bold=True)
    write(axis, 11.2, 8.7, "an edge made by the border", colour=BLUE, align="left")
    save(fig, "sizing_padding")


def stride() -> None:
    """R with the four windows at stride 2; they overlap by one row or column."""
    fig, axis = canvas(14.6, 8.0)
    grid(axis, R, 0.5, 1.2, fill=lambda row, column: GREY if row == 5 or column == 5 else WHITE)
    out = np.array([[np.sum(R[i : i + 3, j : j + 3] * V) for j in (0, 2)] for i in (0, 2)])
    grid(axis, out, 10.4, 3.2, fill=lambda row, column: TINTS[COLOURS[2 * row + column]])
    for number, colour in enumerate(COLOURS):
        row, column = divmod(number, 2)
        inset = 0.05 if row == column else 0.14  # so that windows that overlap can be told apart
        frame(axis, 0.5 + 2 * column + inset, 1.2 + 2 * row + inset, 3 - 2 * inset, 3 - 2 * inset, colour)
        frame(axis, 10.4 + column + 0.05, 3.2 + row + 0.05, 0.9, 0.9, colour)
    write(axis, 3.5, 0.6, "R, stride 2", bold=True)
    arrow(axis, (7.1, 4.2), (9.8, 4.2))
    write(axis, 8.45, 3.6, "V")
    write(axis, 11.4, 2.6, "output, 2 x 2", bold=True)
    write(axis, 0.5, 7.6, "grey: never read", align="left")
    save(fig, "sizing_stride")


if __name__ == "__main__":
    count()
    padding()
    stride()
