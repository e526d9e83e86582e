"""The figures of "Convolution forward"; run it to draw them anew."""

import numpy as np
from _grid import BLUE, GREEN, INK, ORANGE, PALE, RED_TINT, TINTS, WHITE, arrow, canvas, frame, grid, save, write

A = np.array([[10.0, 10, 10, 0, 0, 0]] * 6)
V = np.array([[1.0, 0, -1]] * 3)


def window() -> None:
    """One window of the image, its products with the kernel, and the number they add up to."""
    fig, axis = canvas(21.6, 7.9)
    top = 3.0  # of the three matrices that are lower than the image
    grid(axis, A, 0.4, 1.2, fill=lambda row, column: TINTS[ORANGE] if row < 3 and 1 <= column < 4 else WHITE)
    frame(axis, 1.4, 1.2, 3, 3, ORANGE)
    write(axis, 3.4, 0.7, "image A", bold=True)
    write(axis, 7.1, top + 1.5, "\N{MULTIPLICATION SIGN}", size=16)
    grid(axis, V, 7.8, top, fill=TINTS[BLUE])
    write(axis, 9.3, top - 0.5, "kernel V", bold=True)
    write(axis, 11.5, top + 1.5, "=", size=16)
    grid(axis, A[:3, 1:4] * V, 12.2, top)
    frame(axis, 12.2, top, 3, 3, ORANGE)
    write(axis, 13.7, top - 0.5, "products", bold=True)
    write(axis, 13.7, top + 3.6, "add up to 30", colour=ORANGE)
    arrow(axis, (15.5, top + 1.5), (16.7, top + 1.5))
    out = np.full((4, 4), np.nan)
    out[0, :2] = 0, 30
    grid(axis, out, 17.0, top - 0.5, fill=lambda row, column: TINTS[ORANGE] if (row, column) == (0, 1) else PALE)
    frame(axis, 18.0, top - 0.5, 1, 1, ORANGE)
    write(axis, 19.0, top - 1.0, "output", bold=True)
    save(fig, "conv_forward_window")


def channels() -> None:
    """Three channels, two filters with a kernel for each channel, two output channels."""
    fig, axis = canvas(22.4, 10.4, inches_per_cell=0.36)
    tints = (RED_TINT, TINTS[GREEN], TINTS[BLUE])
    write(axis, 2.4, 0.6, "x: 3 channels", bold=True)
    write(axis, 11.4, 0.6, "weight: 2 filters of 3 kernels", bold=True)
    write(axis, 19.8, 0.6, "2 output channels", bold=True)
    for channel, tint in enumerate(tints):
        top = 1.3 + 3.0 * channel
        grid(axis, np.full((4, 5), np.nan), 0.4, top, fill=tint, cell=0.6)
        frame(axis, 0.4, top, 1.8, 1.8, ORANGE)
        write(axis, 3.6, top + 1.2, f"c = {channel}", align="left")
    for number, top in enumerate((2.0, 6.5)):
        for channel, tint in enumerate(tints):
            left = 7.5 + 2.9 * channel
            write(axis, left + 0.9, top - 0.5, f"c = {channel}", size=9)
            grid(axis, np.full((3, 3), np.nan), left, top, fill=tint, cell=0.6)
            if channel < 2:
                write(axis, left + 2.35, top + 0.9, "+", size=14)
        frame(axis, 7.1, top - 1.0, 8.4, 3.2, INK, linewidth=1.2, style="--")
        write(axis, 11.3, top + 2.65, f"filter {number}, bias[{number}]")
        arrow(axis, (5.4, 5.5 + (number - 0.5) * 0.5), (6.9, top + 0.9))
        arrow(axis, (15.7, top + 0.9), (18.5, top + 0.9))
        write(axis, 17.0, top + 0.4, "add up", size=9)
        grid(
            axis,
            np.full((2, 3), np.nan),
            18.9,
            top + 0.3,
            fill=lambda row, column: TINTS[ORANGE] if row == column == 0 else PALE,
            cell=0.6,
        )
        frame(axis, 18.9, top + 0.3, 0.6, 0.6, ORANGE)
        write(axis, 19.8, top + 2.1, f"f = {number}")
    save(fig, "conv_forward_channels")


if __name__ == "__main__":
    window()
    channels()
