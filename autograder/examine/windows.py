"""Calls that slide a window over an image: which of their numbers may stand for what.

A call is known by its arguments: ``x`` of shape (N, C, H, W), and a ``weight`` of shape (C_out, C, kH, kW) or a
``kernel_size``; a backward pass has ``grad_output``, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.language import N_


def sizes(arguments: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What a factor may stand for in this call: more than one meaning of a number is none."""
    found: list[tuple[str, int]] = []
    x = arguments.get("x", arguments.get("grad_output"))
    weight, grad_output = arguments.get("weight"), arguments.get("grad_output")
    kernel, step = _kernel(arguments), _pair(arguments.get("stride"))
    if isinstance(x, np.ndarray) and x.ndim == 4:
        found += [(N_("the number of images in the batch"), x.shape[0]), (N_("the number of channels"), x.shape[1])]
        found += [(N_("the number of rows"), x.shape[2]), (N_("the number of columns"), x.shape[3])]
    elif isinstance(x, np.ndarray) and isinstance(weight, np.ndarray) and x.ndim == weight.ndim == 2:
        found.append((N_("the number of examples"), x.shape[0]))
    if isinstance(weight, np.ndarray) and weight.ndim == 4:
        found += [
            (N_("the number of weights of a filter"), weight[0].size),
            (N_("the number of filters"), weight.shape[0]),
        ]
    if kernel:
        found.append((N_("the number of cells of a window"), kernel[0] * kernel[1]))
        found += [(N_("a side of the window"), side) for side in set(kernel)]
    if isinstance(grad_output, np.ndarray) and grad_output.ndim == 4:
        found.append((N_("the number of windows in an image"), grad_output.shape[2] * grad_output.shape[3]))
    found += [(N_("a stride"), size) for size in set(step or ())]
    return [(meaning, size) for meaning, size in found if size > 1]


def axes(shape: tuple[int, ...], arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """What an array of this shape, which has at least two axes, has along its first two; nothing where that is not known."""
    if len(shape) == 2:
        return N_("row"), N_("column")
    weight, x = arguments.get("weight"), arguments.get("x", arguments.get("grad_output"))
    if len(shape) != 4 or not isinstance(x, np.ndarray) or x.ndim != 4:
        return ()
    if isinstance(weight, np.ndarray) and weight.shape == shape and x.shape != shape:
        return N_("filter"), N_("channel")
    return (N_("image"), N_("channel")) if x.shape[0] == shape[0] else ()


def reach_into_padding(shape: tuple[int, ...], arguments: Mapping[str, Any]) -> NDArray[np.bool_] | None:
    """The outputs whose windows hold cells of the padding; None if the call is no such layer's."""
    x, kernel, padding = arguments.get("x"), _kernel(arguments), _pair(arguments.get("padding"))
    if kernel and arguments.get("padding") == "same":
        padding = (kernel[0] // 2, kernel[1] // 2)
    if not isinstance(x, np.ndarray) or x.ndim != 4 or "grad_output" in arguments or not padding or not kernel:
        return None
    stride = _stride(arguments, kernel)
    if min(stride) < 1:
        return None
    lines = []
    for n, k, s, p in zip(x.shape[2:], kernel, stride, padding, strict=True):
        starts = np.arange((n + 2 * p - k) // s + 1) * s
        lines.append((starts < p) | (starts + k > n + p))
    rows, columns = lines
    return rows[:, None] | columns if shape[2:] == (len(rows), len(columns)) else None


def coverage(shape: tuple[int, ...], arguments: Mapping[str, Any]) -> NDArray[np.int64] | None:
    """How many windows read each cell of an image of this shape; None if the call is not about windows' gradients."""
    grad_output, x, kernel = arguments.get("grad_output"), arguments.get("x"), _kernel(arguments)
    image = x.shape if isinstance(x, np.ndarray) else arguments.get("input_shape")
    if not isinstance(grad_output, np.ndarray) or grad_output.ndim != 4 or image != shape or not kernel:
        return None
    stride, padding = _stride(arguments, kernel), _pair(arguments.get("padding")) or (0, 0)
    counts = np.zeros((shape[2] + 2 * padding[0], shape[3] + 2 * padding[1]), dtype=np.int64)
    for i, j in product(*map(range, grad_output.shape[2:])):
        counts[i * stride[0] : i * stride[0] + kernel[0], j * stride[1] : j * stride[1] + kernel[1]] += 1
    return counts[padding[0] : padding[0] + shape[2], padding[1] : padding[1] + shape[3]]


def _kernel(arguments: Mapping[str, Any]) -> tuple[int, int] | None:
    """(height, width) of the window."""
    weight = arguments.get("weight")
    if isinstance(weight, np.ndarray):
        return (weight.shape[2], weight.shape[3]) if weight.ndim == 4 else None
    return _pair(arguments.get("kernel_size"))


def _stride(arguments: Mapping[str, Any], kernel: tuple[int, int]) -> tuple[int, int]:
    """(down, across); without one, a convolution's is 1, and that of pooling is its window."""
    return _pair(arguments.get("stride")) or ((1, 1) if "weight" in arguments else kernel)


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, int) for one in value):
        return value
    return None
