"""The figures of "A convolutional network in PyTorch"; run it to draw them anew."""

import math

from _grid import BLUE, GREEN, INK, ORANGE, PALE, PURPLE, TINTS, WHITE, arrow, canvas, save, write
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle


def maps(axis: Axes, x: float, middle: float, count: int, cells: int, tint: str) -> float:
    """A stack of feature maps, one behind the other; returns its right edge."""
    shown, side, shift = min(count, 6), 0.42 * cells, 0.2
    top = middle - (side + shift * (shown - 1)) / 2
    for number in range(shown):
        corner = (x + shift * number, top + shift * number)
        axis.add_patch(Rectangle(corner, side, side, facecolor=tint, edgecolor=INK, linewidth=0.8))
    return x + side + shift * (shown - 1)


def shapes() -> None:
    """The shapes of one image on its way through the network."""
    fig, axis = canvas(34.9, 7.4, inches_per_cell=0.29)
    middle, x = 3.7, 0.4
    layers = [
        (1, 8, WHITE, "1 x 8 x 8", "convolution\nReLU"),
        (8, 8, TINTS[ORANGE], "8 x 8 x 8", "pooling"),
        (8, 4, TINTS[ORANGE], "8 x 4 x 4", "convolution\nReLU"),
        (16, 4, TINTS[BLUE], "16 x 4 x 4", "pooling"),
        (16, 2, TINTS[BLUE], "16 x 2 x 2", "flatten"),
    ]
    for count, cells, tint, shape, step in layers:
        right = maps(axis, x, middle, count, cells, tint)
        write(axis, (x + right) / 2, 6.7, shape, size=9, bold=True)
        write(axis, right + 1.3, middle - 0.9, step, size=8)
        arrow(axis, (right + 0.2, middle), (right + 2.4, middle))
        x = right + 2.6
    for numbers, label, tint, step in ((16, "64", PALE, "fully\nconnected"), (10, "10 logits", TINTS[GREEN], "")):
        height = 5.2 if numbers == 16 else 3.2
        axis.add_patch(
            Rectangle((x + 0.2, middle - height / 2), 0.45, height, facecolor=tint, edgecolor=INK, linewidth=0.8)
        )
        for line in range(1, numbers):
            y = middle - height / 2 + line * height / numbers
            axis.plot([x + 0.2, x + 0.65], [y, y], color=INK, linewidth=0.4)
        write(axis, x + 0.42, 6.7, label, size=9, bold=True)
        if step:
            write(axis, x + 1.8, middle - 0.9, step, size=8)
            arrow(axis, (x + 0.85, middle), (x + 2.75, middle))
        x += 2.95
    save(fig, "pytorch_cnn_shapes")


def loop() -> None:
    """The five steps of training, in a circle."""
    fig, axis = canvas(19, 10.4, inches_per_cell=0.36)
    steps = [
        ("forward", "model(inputs)", BLUE),
        ("loss", "loss_fn(predictions, targets)", BLUE),
        ("zero_grad", "forget the last batch's gradients", PURPLE),
        ("backward", "add this batch's gradients", ORANGE),
        ("step", "change the weights", GREEN),
    ]
    centre, radius = (9.5, 5.3), (5.6, 3.9)
    places = []
    for number in range(len(steps)):
        angle = -math.pi / 2 + 2 * math.pi * number / len(steps)
        places.append((centre[0] + radius[0] * math.cos(angle), centre[1] + radius[1] * math.sin(angle)))
    boxes = []
    for (x, y), (name, what, colour) in zip(places, steps, strict=True):
        box = FancyBboxPatch((x - 2.6, y - 0.85), 5.2, 1.7, boxstyle="round,pad=0.1", fc=TINTS[colour], ec=colour)
        boxes.append(axis.add_patch(box))
        write(axis, x, y - 0.35, name, bold=True)
        write(axis, x, y + 0.4, what, size=7.5)
    for number, (start, box) in enumerate(zip(places, boxes, strict=True)):
        after = (number + 1) % len(places)
        curve = {"connectionstyle": "arc3,rad=-0.15", "arrowstyle": "-|>", "mutation_scale": 14}
        ends = {"patchA": box, "patchB": boxes[after], "shrinkA": 3, "shrinkB": 3}
        axis.add_patch(FancyArrowPatch(start, places[after], color=INK, linewidth=1.2, **curve, **ends))
    write(axis, centre[0], centre[1] - 0.2, "and again", size=9)
    write(axis, centre[0], centre[1] + 0.5, "with the next batch", size=9)
    save(fig, "pytorch_cnn_loop")


if __name__ == "__main__":
    shapes()
    loop()
