"""Wrong answers to "Backpropagation"."""

from __future__ import annotations

from tests.examine.wrong_answers import Wrong

RIGHT = """
import numpy as np


def both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def numerical_gradient(f, x, grad_output, eps=1e-5):
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        ix = it.multi_index
        plus = x.copy()
        plus[ix] += eps
        minus = x.copy()
        minus[ix] -= eps
        upper = np.sum(f(plus) * grad_output)
        lower = np.sum(f(minus) * grad_output)
        grad[ix] = (upper - lower) / (2 * eps)
        it.iternext()
    return grad


def relu_backward(grad_output, x):
    dx = grad_output.copy()
    dx[x <= 0] = 0
    return dx


def linear_backward(grad_output, x, weight):
    dx = grad_output.dot(weight)
    dw = grad_output.T.dot(x)
    db = grad_output.sum(axis=0)
    return dx, dw, db


def cross_entropy(logits, target):
    N = logits.shape[0]
    scores = logits - logits.max(axis=1, keepdims=True)
    exps = np.exp(scores)
    sums = exps.sum(axis=1, keepdims=True)
    loss = np.sum(np.log(sums[:, 0]) - scores[np.arange(N), target]) / N
    probs = exps / sums
    dx = probs.copy()
    dx[np.arange(N), target] -= 1
    dx /= N
    return float(loss), dx


def conv2d_backward(grad_output, x, weight, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, HH, WW = weight.shape
    sh, sw = both(stride)
    ph, pw = both(padding)
    x_pad = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dx_pad = np.zeros(x_pad.shape)
    dw = np.zeros(weight.shape)
    db = np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    g = grad_output[n, f, i, j]
                    window = x_pad[n, :, i * sh : i * sh + HH, j * sw : j * sw + WW]
                    db[f] += g
                    dw[f] += g * window
                    dx_pad[n, :, i * sh : i * sh + HH, j * sw : j * sw + WW] += g * weight[f]
    dx = dx_pad[:, :, ph : ph + H, pw : pw + W]
    return dx, dw, db


def max_pool2d_backward(grad_output, x, kernel_size, stride=None):
    kh, kw = both(kernel_size)
    sh, sw = both(kernel_size if stride is None else stride)
    N, C, H_out, W_out = grad_output.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    r, s = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * sh + r, j * sw + s] += grad_output[n, c, i, j]
    return dx


def avg_pool2d_backward(grad_output, input_shape, kernel_size, stride=None):
    kh, kw = both(kernel_size)
    sh, sw = both(kernel_size if stride is None else stride)
    N, C, H_out, W_out = grad_output.shape
    dx = np.zeros(input_shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    share = grad_output[n, c, i, j] / (kh * kw)
                    dx[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw] += share
    return dx
"""

WRONG = [
    Wrong(
        "eps_squared",
        "numerical_gradient",
        "divided by eps twice",
        "/ (2 * eps)",
        "/ (2 * eps * eps)",
        ("same factor", "times as large"),
    ),
    Wrong(
        "minus_from_plus",
        "numerical_gradient",
        "the lower point is x itself",
        "minus[ix] -= eps",
        "minus[ix] -= 0",
        ("one_sided_and_halved",),
    ),
    Wrong(
        "steps_too_large",
        "numerical_gradient",
        "the first differences are taken with ten times eps",
        "plus[ix] += eps",
        "plus[ix] += 10 * eps",
        ("same factor",),
    ),
    Wrong(
        "relu_of_product", "relu_backward", "multiplied by x, too", "dx = grad_output.copy()", "dx = grad_output * x"
    ),
    Wrong(
        "relu_small_slope",
        "relu_backward",
        "a slope of 0.01 below 0, as in leaky ReLU",
        "dx[x <= 0] = 0",
        "dx[x <= 0] *= 0.01",
    ),
    Wrong("relu_wrong_shape", "relu_backward", "returns only the numbers that pass", "return dx", "return dx[x > 0]"),
    Wrong(
        "weights_negative",
        "linear_backward",
        "the sign of grad_weight",
        "dw = grad_output.T.dot(x)",
        "dw = -grad_output.T.dot(x)",
        ("but for its sign",),
    ),
    Wrong(
        "input_by_x",
        "linear_backward",
        "grad_input is multiplied by x",
        "dx = grad_output.dot(weight)",
        "dx = grad_output.dot(weight) * x",
    ),
    Wrong(
        "bias_per_class",
        "linear_backward",
        "the bias's gradient is summed over the wrong axis",
        "grad_output.sum(axis=0)",
        "grad_output.sum(axis=1)",
        ("bias_per_example",),
    ),
    Wrong(
        "logarithm_of_sum",
        "cross_entropy",
        "the logarithm of the sum is left out of the loss",
        "np.log(sums[:, 0]) - scores",
        "sums[:, 0] - scores",
    ),
    Wrong(
        "eps_in_logarithm",
        "cross_entropy",
        "1e-7 inside the logarithm",
        "np.sum(np.log(sums[:, 0]) - scores[np.arange(N), target]) / N",
        "-np.sum(np.log((exps / sums)[np.arange(N), target] + 1e-7)) / N",
        ("constant_1e_7_inside_logarithm",),
    ),
    Wrong(
        "decimal_logarithm",
        "cross_entropy",
        "logarithms to base 10",
        "np.log(sums[:, 0]) - scores[np.arange(N), target]",
        "(np.log(sums[:, 0]) - scores[np.arange(N), target]) / np.log(10)",
        ("same factor",),
    ),
    Wrong(
        "all_classes",
        "cross_entropy",
        "binary cross-entropy over all classes",
        "/ N\n    probs",
        "/ N - np.sum(np.log(1 - exps / sums + 1e-12)) / N\n    probs",
    ),
    Wrong(
        "subtracted_from_all",
        "cross_entropy",
        "1 is subtracted from every class's gradient",
        "dx[np.arange(N), target] -= 1",
        "dx -= 1",
    ),
    Wrong(
        "stride_missing_in_window",
        "conv2d_backward",
        "the stride is forgotten for the window of dw",
        "window = x_pad[n, :, i * sh : i * sh + HH, j * sw : j * sw + WW]",
        "window = x_pad[n, :, i : i + HH, j : j + WW]",
        ("stride_ignored_in_weight",),
    ),
    Wrong(
        "first_image",
        "conv2d_backward",
        "the return stands in the loop over the images",
        "    dx = dx_pad[:, :, ph : ph + H, pw : pw + W]\n    return dx, dw, db",
        "        dx = dx_pad[:, :, ph : ph + H, pw : pw + W]\n        return dx, dw, db",
        (
            "first image",
            "of_first_image",
            "Every number of your result is 0",
        ),
    ),
    Wrong(
        "filters_left_out",
        "conv2d_backward",
        "only the first filter is walked through",
        "for f in range(F):",
        "for f in range(1):",
        ("first filter",),
    ),
    Wrong(
        "window_of_x",
        "conv2d_backward",
        "the window is cut from x without padding, and numpy shortens it",
        "window = x_pad[n, :, i * sh",
        "window = x[n, :, i * sh",
    ),
    Wrong(
        "batch_mean",
        "conv2d_backward",
        "everything is divided by the batch size",
        "g = grad_output[n, f, i, j]",
        "g = grad_output[n, f, i, j] / N",
        ("all_averaged_over_images", "the number of images", "1/"),
    ),
    Wrong(
        "bias_once_per_row",
        "conv2d_backward",
        "the bias gets the last gradient of each row only",
        "db[f] += g\n",
        "db[f] += g * (j == grad_output.shape[3] - 1)\n",
    ),
    Wrong(
        "weights_and_windows_mixed",
        "conv2d_backward",
        "the window is added to dx instead of the kernel",
        "+= g * weight[f]",
        "+= g * window",
    ),
    Wrong(
        "slice_at_padding_0",
        "conv2d_backward",
        "cut by [pad:-pad], with None for 0 only in the columns",
        "ph : ph + H, pw : pw + W",
        "ph:-ph, pw : pw + W",
        (
            "cut_to_minus_padding",
            "holds nothing if p is 0",
        ),
    ),
    Wrong(
        "no_dx_frame",
        "conv2d_backward",
        "the frame is not cut off",
        "dx = dx_pad[:, :, ph : ph + H, pw : pw + W]",
        "dx = dx_pad",
        ("padding", "frame_not_cut"),
    ),
    Wrong(
        "mask_of_all",
        "max_pool2d_backward",
        "every cell that is as large as the largest gets the gradient, overwritten",
        "dx[n, c, i * sh + r, j * sw + s] += grad",
        "dx[n, c, i * sh + r, j * sw + s] = grad",
        ("overlaps_overwritten", "more than one window"),
    ),
    Wrong(
        "stride_missing",
        "max_pool2d_backward",
        "the stride is forgotten where the gradient goes",
        "dx[n, c, i * sh + r, j * sw + s] +=",
        "dx[n, c, i + r, j + s] +=",
        ("stride_forgotten_where_it_goes",),
    ),
    Wrong(
        "unravelled_by_kernel",
        "max_pool2d_backward",
        "the place is unravelled with the sides of the kernel exchanged",
        "window.shape)",
        "window.shape[::-1])\n                    r, s = min(r, kh - 1), min(s, kw - 1)",
    ),
    Wrong("smallest", "max_pool2d_backward", "the gradient goes to the smallest number", "np.argmax", "np.argmin"),
    Wrong(
        "share_of_stride",
        "avg_pool2d_backward",
        "the stride is forgotten",
        "i * sh : i * sh + kh, j * sw : j * sw + kw",
        "i : i + kh, j : j + kw",
        ("stride",),
    ),
    Wrong(
        "only_the_corner",
        "avg_pool2d_backward",
        "only one cell of the window gets its share",
        "i * sh : i * sh + kh, j * sw : j * sw + kw",
        "i * sh, j * sw",
    ),
    Wrong(
        "share_by_batch",
        "avg_pool2d_backward",
        "divided by the batch size, too",
        "/ (kh * kw)",
        "/ (kh * kw * N)",
        ("the number of images", "1/"),
    ),
]
