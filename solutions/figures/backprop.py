"""The figures of "Backpropagation"; run it to draw them anew."""

import numpy as np
from _grid import BLUE, INK, ORANGE, PALE, PURPLE, TINTS, WHITE, arrow, canvas, frame, grid, save, write

V = np.array([[1.0, 0, -1]] * 3)
COLOURS = (ORANGE, BLUE)


def paste() -> None:
    """grad_output with one 1 and with two; each lays a kernel down, and where two kernels overlap they add up."""
    fig, axis = canvas(20.6, 16.6, inches_per_cell=0.36)
    for top, ones in ((1.4, [(1, 2)]), (9.6, [(1, 1), (2, 2)])):
        grad_output = np.zeros((4, 4))
        grad_input = np.zeros((6, 6))
        read = np.zeros((6, 6), dtype=int)
        for i, j in ones:
            grad_output[i, j] = 1
            grad_input[i : i + 3, j : j + 3] += V
            read[i : i + 3, j : j + 3] += 1
        tints = {place: TINTS[colour] for place, colour in zip(ones, COLOURS, strict=False)}
        write(axis, 2.4, top + 0.5, "grad_output", bold=True)
        grid(axis, grad_output, 0.4, top + 1, fill=lambda row, column, tints=tints: tints.get((row, column), WHITE))
        write(axis, 5.3, top + 3, "\N{MULTIPLICATION SIGN}", size=16)
        write(axis, 7.7, top + 1, "kernel V", bold=True)
        grid(axis, V, 6.2, top + 1.5)
        arrow(axis, (9.8, top + 3), (11.6, top + 3))
        write(axis, 15.2, top - 0.5, "grad_input", bold=True)

        def fill(row: int, column: int, ones: list[tuple[int, int]] = ones, read: np.ndarray = read) -> str:
            if read[row, column] > 1:
                return TINTS[PURPLE]
            for (i, j), colour in zip(ones, COLOURS, strict=False):
                if i <= row < i + 3 and j <= column < j + 3:
                    return TINTS[colour]
            return PALE

        grid(axis, grad_input, 12.2, top, fill=fill)
        for (i, j), colour in zip(ones, COLOURS, strict=False):
            frame(axis, 12.2 + j, top + i, 3, 3, colour)
        if len(ones) > 1:
            write(axis, 15.2, top + 6.5, "both windows have read these: add up", colour=PURPLE, size=9)
    save(fig, "backprop_paste")


def max_pool() -> None:
    """A row of seven cells, three windows of three with stride 2, and what the largest of each collects."""
    fig, axis = canvas(19.6, 6.9)
    x, grad_output = [4, 1, 9, 3, 5, 2, 7], [1, 2, 4]
    colours = (ORANGE, BLUE, PURPLE)
    write(axis, 0.4, 1.4, "x", align="left", bold=True)
    grid(axis, [x], 3.6, 0.9, fill=lambda row, column: PALE if column not in (2, 6) else WHITE)
    collected = np.zeros(7)
    for number, (colour, gradient) in enumerate(zip(colours, grad_output, strict=True)):
        start, top = 2 * number, 2.1 + 0.7 * number
        largest = start + int(np.argmax(x[start : start + 3]))
        collected[largest] += gradient
        frame(axis, 3.65 + start, top, 2.9, 0.25, colour)
        text = f"grad_output {gradient}: the largest is {x[largest]}, in column {largest}"
        write(axis, 11.4, top + 0.12, text, align="left", colour=colour, size=9)
    write(axis, 0.4, 5.2, "grad_input", align="left", bold=True)
    grid(axis, [collected], 3.6, 4.7, fill=lambda row, column: TINTS[ORANGE] if collected[column] else WHITE)
    write(axis, 11.4, 5.2, "column 2 collects 1 + 2", align="left", colour=INK, size=9)
    save(fig, "backprop_max_pool")


if __name__ == "__main__":
    paste()
    max_pool()
