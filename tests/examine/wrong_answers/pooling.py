"""Wrong answers to "Pooling"."""

from __future__ import annotations

from tests.examine.wrong_answers import Wrong

RIGHT = """
import numpy as np


def both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def sizes(x, kernel_size, stride, padding):
    kh, kw = both(kernel_size)
    sh, sw = both(kernel_size if stride is None else stride)
    ph, pw = both(padding)
    if min(ph, pw) < 0 or 2 * ph > kh or 2 * pw > kw or min(sh, sw) < 1:
        raise ValueError("bad arguments")
    H, W = x.shape[2:]
    if H + 2 * ph < kh or W + 2 * pw < kw:
        raise ValueError("no window fits")
    return kh, kw, sh, sw, ph, pw, (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1


def max_pool2d(x, kernel_size, stride=None, padding=0, return_indices=False):
    kh, kw, sh, sw, ph, pw, oh, ow = sizes(x, kernel_size, stride, padding)
    N, C, H, W = x.shape
    out = np.zeros((N, C, oh, ow))
    places = np.zeros((N, C, oh, ow), dtype=int)
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    best, place = -np.inf, None
                    for r in range(i * sh - ph, i * sh - ph + kh):
                        for s in range(j * sw - pw, j * sw - pw + kw):
                            if 0 <= r < H and 0 <= s < W:
                                value = x[n, c, r, s]
                                if place is None or value > best or (np.isnan(value) and not np.isnan(best)):
                                    best, place = value, r * W + s
                    out[n, c, i, j] = best
                    places[n, c, i, j] = place
    return (out, places) if return_indices else out


def avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    kh, kw, sh, sw, ph, pw, oh, ow = sizes(x, kernel_size, stride, padding)
    N, C, H, W = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    cells = np.pad(np.ones((H, W)), ((ph, ph), (pw, pw)))
    out = np.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            number = kh * kw
            if not count_include_pad:
                number = cells[i * sh : i * sh + kh, j * sw : j * sw + kw].sum()
            out[:, :, i, j] = window.sum(axis=(2, 3)) / number
    return out


def global_avg_pool2d(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C))
    for n in range(N):
        for c in range(C):
            out[n, c] = x[n, c].sum() / (H * W)
    return out
"""

WRONG = [
    Wrong(
        "return_after_one_image",
        "max_pool2d",
        "the return stands in the loop over the images",
        "    return (out, places) if return_indices else out",
        "        return (out, places) if return_indices else out",
        ("first image",),
    ),
    Wrong(
        "one_channel_filled",
        "max_pool2d",
        "only the first channel is filled",
        "for c in range(C):",
        "for c in range(1):",
        ("first channel",),
    ),
    Wrong(
        "last_row_of_windows",
        "max_pool2d",
        "the loop over rows ends one step too early; the last row stays 0",
        "for i in range(oh):",
        "for i in range(oh - 1):",
        (
            "last row",
            "Every number of your result is 0",
        ),
    ),
    Wrong(
        "windows_one_too_small",
        "max_pool2d",
        "the window lacks its last row",
        "i * sh - ph + kh):",
        "i * sh - ph + kh - 1):",
    ),
    Wrong(
        "stride_for_both",
        "max_pool2d",
        "the rows' stride is used for columns, too",
        "range(j * sw - pw, j * sw - pw + kw)",
        "range(j * sh - pw, j * sh - pw + kw)",
        ("stride_of_rows_for_both",),
    ),
    Wrong(
        "no_padding_in_columns",
        "max_pool2d",
        "the padding is left out of the columns' start",
        "range(j * sw - pw, j * sw - pw + kw)",
        "range(j * sw, j * sw + kw)",
        ("to the left",),
    ),
    Wrong(
        "smallest_of_the_window",
        "max_pool2d",
        "the smallest number, not the largest",
        "place is None or value > best",
        "place is None or value < best",
        ("smallest",),
    ),
    Wrong(
        "second_wins_ties",
        "max_pool2d",
        "the last of several largest numbers is given",
        "value > best",
        "value >= best",
        ("last_of_equal_numbers",),
    ),
    Wrong(
        "index_in_padded_rows",
        "max_pool2d",
        "the place is counted with the padded image's width",
        "r * W + s",
        "r * (W + 2 * pw) + s",
    ),
    Wrong(
        "index_of_the_output", "max_pool2d", "the place is counted with the output's width", "r * W + s", "r * ow + s"
    ),
    Wrong(
        "median",
        "max_pool2d",
        "the median of each window",
        "out[n, c, i, j] = best",
        "out[n, c, i, j] = np.median(x[n, c, max(i * sh - ph, 0) : i * sh - ph + kh, max(j * sw - pw, 0) : j * sw - pw + kw])",
    ),
    Wrong(
        "squares_compared",
        "max_pool2d",
        "the largest square",
        "out[n, c, i, j] = best",
        "out[n, c, i, j] = best * best",
    ),
    Wrong(
        "result_of_uint8",
        "max_pool2d",
        "the result is held in bytes, as pictures are",
        "out = np.zeros((N, C, oh, ow))",
        "out = np.zeros((N, C, oh, ow), dtype=np.int64)",
        ("fraction", "integer", "result_of_whole_numbers"),
    ),
    Wrong(
        "bytes",
        "max_pool2d",
        "numbers pass through int8",
        "best, place = value, r * W + s",
        "best, place = np.float64(np.int64(value).astype(np.int8)) if np.isfinite(value) else value, r * W + s",
        ("8 bits",),
    ),
    Wrong(
        "relu_at_the_end",
        "max_pool2d",
        "a ReLU at the end",
        "out[n, c, i, j] = best",
        "out[n, c, i, j] = max(best, 0)",
        ("search_begins_at_zero", "negative number has become 0", "padded_with_zeros", "is 0: "),
    ),
    Wrong(
        "tanh_at_the_end",
        "max_pool2d",
        "an activation at the end",
        "return (out, places) if return_indices else out",
        "out = np.tanh(out)\n    return (out, places) if return_indices else out",
        ("All numbers of your result are the same",),
    ),
    Wrong(
        "without_indices",
        "max_pool2d",
        "a list of two instead of a tuple, the places first",
        "return (out, places) if",
        "return (places, out) if",
    ),
    Wrong(
        "small_constant",
        "avg_pool2d",
        "a small constant is added to the result",
        "/ number\n",
        "/ number + 1e-6\n",
        ("same amount",),
    ),
    Wrong(
        "small_constant_below",
        "avg_pool2d",
        "a small constant is added to the divisor",
        "window.sum(axis=(2, 3)) / number",
        "window.sum(axis=(2, 3)) / (number + 1e-5)",
        ("same factor",),
    ),
    Wrong(
        "sum_of_sides",
        "avg_pool2d",
        "divided by kh + kw",
        "number = kh * kw\n",
        "number = kh + kw\n",
        ("same factor", "1/", "times as large"),
    ),
    Wrong(
        "rounded_to_two",
        "avg_pool2d",
        "rounded to two decimal places",
        "/ number\n",
        "/ number\n    out = np.round(out, 2)\n",
    ),
    Wrong(
        "divided_by_channels",
        "avg_pool2d",
        "divided by the number of channels, too",
        "/ number\n",
        "/ number / C\n",
        ("1/",),
    ),
    Wrong(
        "count_with_stride",
        "avg_pool2d",
        "the count of cells is taken at other places than the sum",
        "cells[i * sh : i * sh + kh, j * sw : j * sw + kw].sum()",
        "max(cells[i : i + kh, j : j + kw].sum(), 1)",
    ),
    Wrong(
        "single",
        "avg_pool2d",
        "rounded to float32",
        "/ number\n",
        "/ number\n    out = out.astype(np.float32).astype(np.float64)\n",
        ("float32",),
    ),
    Wrong(
        "never_filled",
        "avg_pool2d",
        "the averages go to a variable that is not returned",
        "out[:, :, i, j] = window",
        "average = window",
        ("is 0",),
    ),
    Wrong(
        "padded_with_mean",
        "avg_pool2d",
        "the padding holds the image's mean",
        "np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))",
        "np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=x.mean())",
        ("padding",),
    ),
    Wrong(
        "half_perimeter",
        "global_avg_pool2d",
        "divided by H + W",
        "(H * W)",
        "(H + W)",
        ("same factor", "times as large", "1/"),
    ),
    Wrong("over_images", "global_avg_pool2d", "sums over all images", "x[n, c].sum()", "x[:, c].sum()"),
    Wrong(
        "largest_plus_mean",
        "global_avg_pool2d",
        "half mean, half largest",
        "x[n, c].sum() / (H * W)",
        "(x[n, c].mean() + x[n, c].max()) / 2",
    ),
    Wrong(
        "rows_only", "global_avg_pool2d", "the mean of the first row", "x[n, c].sum() / (H * W)", "x[n, c, 0].mean()"
    ),
]
