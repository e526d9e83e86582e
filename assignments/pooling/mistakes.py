"""Wrong answers that students give to "Pooling".

"Public solutions of CS231n" are 55 versions, by 35 students, of that course's assignment 2. "The slide's example" is P1
with a 2 x 2 window and stride 2. What passes it, or the public check of CS231n (4 x 4 images of numbers that grow, 2 x 2
windows side by side), was tried out.
"""

import numpy as np

from autograder.catalogue import mistake

SPATIAL = (2, 3)
"""The axes of height and width."""


def _geometry(right, x, kernel_size, stride, padding):
    """Kernel, stride, padding and size of the result as pairs (height, width); ValueError where the reference raises it."""
    kernel, border = right.pair(kernel_size), right.pair(padding)
    step = kernel if stride is None else right.pair(stride)
    size = [right.output_size(*numbers) for numbers in zip(x.shape[2:], kernel, step, border, strict=True)]
    return kernel, step, border, size


def _padded(x, border, **options):
    return np.pad(x, ((0, 0), (0, 0), *((n, n) for n in border)), **options)


def _cells(right, x, kernel_size, stride, padding, value):
    """The cells of each window, row by row, along a last axis."""
    stride = kernel_size if stride is None else stride
    return np.stack(list(right.taps(x, kernel_size, stride, padding, value)), axis=-1)


# max_pool2d: which number is taken


def _chosen(right, x, kernel_size, stride, padding, return_indices, value, choose):
    """Pooling that takes another cell of each window, with ``value`` in the padding.

    Args:
        choose: gives the number of the cell, row by row, for the cells along the last axis.
    """
    cells = _cells(right, x, kernel_size, stride, padding, value)
    numbers = choose(cells)[..., None]
    out = np.take_along_axis(cells, numbers, axis=-1)[..., 0]
    if not return_indices:
        return out
    (height, width), (rows, columns) = x.shape[2:], right.pair(padding)
    places = np.arange(-rows, height + rows)[:, None] * width + np.arange(-columns, width + columns)
    places = _cells(right, places[None, None], kernel_size, stride, 0, 0)
    return out, np.take_along_axis(np.broadcast_to(places, cells.shape), numbers, axis=-1)[..., 0]


@mistake(
    of="max_pool2d",
    hint="Your padding holds zeros, and a zero wins wherever all numbers of a window are negative. Padding must never win: it counts as minus infinity.",
    known="np.pad as in a convolution",
)
def padded_with_zeros(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(right, x, kernel_size, stride, padding, return_indices, 0, lambda cells: cells.argmax(axis=-1))


@mistake(
    of="max_pool2d",
    hint="Your padding holds -1, which still wins where an image's numbers are lower. Padding must never win: it counts as minus infinity.",
    known="pixels and results of ReLU are never negative, so -1 seems low enough",
)
def padded_with_minus_one(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(right, x, kernel_size, stride, padding, return_indices, -1, lambda cells: cells.argmax(axis=-1))


@mistake(
    of="max_pool2d",
    hint="Your padding holds a large negative number, -1e9, but numbers may be lower still. Padding must never win: it counts as minus infinity.",
    known="-1e9 as a mask is usual in attention layers",
)
def padded_with_large_negative(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(right, x, kernel_size, stride, padding, return_indices, -1e9, lambda cells: cells.argmax(axis=-1))


@mistake(
    of="max_pool2d",
    hint="No number of your result is below 0, as if the search for the largest began at 0. Begin at minus infinity, or with the window's first cell.",
    known="best = 0 before the loop; passes the slide's example",
)
def search_begins_at_zero(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    if not return_indices:
        return np.maximum(right.max_pool2d(x, kernel_size, stride, padding), 0)
    out, indices = right.max_pool2d(x, kernel_size, stride, padding, True)
    return np.maximum(out, 0), np.where(out > 0, indices, 0)


@mistake(
    of="max_pool2d",
    hint="No number of your result is below -100, as if the search for the largest began there. Begin at minus infinity, or with the window's first cell.",
    known="best = -100 before the loop, which seems low enough",
)
def search_begins_at_minus_100(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    if not return_indices:
        return np.maximum(right.max_pool2d(x, kernel_size, stride, padding), -100)
    out, indices = right.max_pool2d(x, kernel_size, stride, padding, True)
    return np.maximum(out, -100), np.where(out > -100, indices, 0)


@mistake(
    of="max_pool2d",
    hint="You take the number farthest from 0: -9 wins over 5. Compare the numbers themselves, with their signs.",
    known="abs put into the comparison; passes the slide's example",
)
def largest_magnitude(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(
        right, x, kernel_size, stride, padding, return_indices, 0, lambda cells: np.abs(cells).argmax(axis=-1)
    )


@mistake(
    of="max_pool2d",
    hint="You take the last cell of each window, whatever it holds. Look for the largest number among all its cells.",
    known="passes the check of CS231n, whose numbers grow from cell to cell",
)
def last_cell(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        -np.inf,
        lambda cells: np.full(cells.shape[:-1], cells.shape[-1] - 1),
    )


@mistake(
    of="max_pool2d",
    hint="You take the first cell of each window, whatever it holds. Look for the largest number among all its cells.",
    known="x[:, :, ::s, ::s], which is a stride without pooling",
)
def first_cell(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        -np.inf,
        lambda cells: np.zeros(cells.shape[:-1], dtype=int),
    )


@mistake(
    of="max_pool2d",
    hint="You take the smallest number of each window. Take the largest.",
    known="a comparison the wrong way round",
)
def smallest(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(right, x, kernel_size, stride, padding, return_indices, np.inf, lambda cells: cells.argmin(axis=-1))


@mistake(
    of="max_pool2d",
    hint="You average each window. Max pooling takes its largest number.",
    known="average pooling copied",
)
def average_instead(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    out = right.avg_pool2d(x, kernel_size, stride, padding)
    return (out, right.max_pool2d(x, kernel_size, stride, padding, True)[1]) if return_indices else out


@mistake(
    of="max_pool2d",
    hint="You leave NaN out of the comparison. A window that holds NaN gives NaN, so that a fault in a network is seen and not hidden.",
    known="np.nanmax, or `if value > best`, which is never true of NaN",
)
def nan_left_out(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(np.where(np.isnan(x), -np.inf, x), kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="Each of your numbers is the largest of all channels. Pool each channel for itself.",
    known="the index of the channel forgotten; passes the slide's example, which has one channel",
)
def over_all_channels(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    largest = np.broadcast_to(x.max(axis=1, keepdims=True), x.shape)
    return right.max_pool2d(largest, kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="Your result has one channel, the largest numbers of all of them. Pool each channel for itself: their number stays.",
    known="as in a convolution, where all input channels go into each output channel",
)
def channels_merged(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x.max(axis=1, keepdims=True), kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="Each of your numbers is the largest of all images of the batch. Pool each image for itself.",
    known="the index of the image forgotten; passes the slide's example, which has one image",
)
def over_all_images(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    largest = np.broadcast_to(x.max(axis=0, keepdims=True), x.shape)
    return right.max_pool2d(largest, kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="Every image of your result comes from the first image of the batch. Pool each image for itself.",
    known="x[0, c] in the loop over the images: a public solution of CS231n",
)
def first_image_for_all(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(np.broadcast_to(x[:1], x.shape), kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="Every channel of your result comes from the first channel. Pool each channel for itself.",
    known="x[n, 0], carried over from grey images",
)
def first_channel_for_all(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(np.broadcast_to(x[:, :1], x.shape), kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You return whole numbers: fractions are cut off. Let the result have the dtype of x, float64.",
    known="np.zeros(shape, dtype=int) for the result",
)
def result_of_whole_numbers(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    with np.errstate(invalid="ignore"):  # NaN and infinity become some number
        if not return_indices:
            return right.max_pool2d(x, kernel_size, stride, padding).astype(int)
        out, indices = right.max_pool2d(x, kernel_size, stride, padding, True)
        return out.astype(int), indices


@mistake(
    of="max_pool2d",
    hint="You change x: you move its numbers up, so that zeros in the padding never win, in the caller's own array. Work on a copy, or pad with minus infinity.",
    known="x -= x.min() to make a padding of zeros harmless",
)
def image_moved_up(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    lowest = x.min()
    x -= lowest
    answer = right.max_pool2d(x, kernel_size, stride, padding, return_indices)
    return (answer[0] + lowest, answer[1]) if return_indices else answer + lowest


# max_pool2d: windows and sizes


def _largest_of(x, kernel, step, border, size, return_indices):
    """Max pooling in loops, with a result of a size that may be the wrong one; at the rim, windows may be cut off."""
    padded = _padded(x, border, constant_values=-np.inf)
    out = np.zeros((*x.shape[:2], *size))
    indices = np.zeros(out.shape, dtype=int)
    for i, j in np.ndindex(*size):
        top, left = i * step[0], j * step[1]
        window = padded[:, :, top : top + kernel[0], left : left + kernel[1]]
        cells = window.reshape(*x.shape[:2], -1)
        out[:, :, i, j] = cells.max(axis=-1)
        row, column = np.divmod(cells.argmax(axis=-1), window.shape[3])
        indices[:, :, i, j] = (top - border[0] + row) * x.shape[3] + left - border[1] + column
    return (out, indices) if return_indices else out


@mistake(
    of="max_pool2d",
    hint="You pad by 1, whatever padding was asked for. Use the parameter, which may be 0 and may be larger.",
    known="a padding of 1 written into the code: 7 of 82 public solutions of CS231n and deeplearning.ai",
)
def padding_always_one(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, _, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [(n + 2 - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, step, strict=True)]
    return _largest_of(x, kernel, step, (1, 1), size, return_indices)


@mistake(
    of="max_pool2d",
    hint="Height and width are exchanged in the bounds of your loops: rows go up to the result's height, columns up to its width.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def bounds_exchanged(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    whole, places = right.max_pool2d(x, kernel_size, stride, padding, True)
    out, indices = np.zeros_like(whole), np.zeros_like(places)
    for i, j in np.ndindex(*whole.shape[:1:-1]):
        out[:, :, i, j], indices[:, :, i, j] = whole[:, :, i, j], places[:, :, i, j]
    return (out, indices) if return_indices else out


@mistake(
    of="max_pool2d",
    hint="Every image has the result of the last one: the index of the image is missing where you write a number down. Write out[n, c, i, j].",
    known="out[:, c, i, j] = ...; the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def last_image_for_all(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(np.broadcast_to(x[-1:], x.shape), kernel_size, stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You ignore the stride: your windows always lie side by side. The next window begins `stride` cells further on, so windows may overlap or leave gaps.",
    known="the reshape trick, which knows no stride; passes the slide's example and the check of CS231n",
)
def stride_ignored(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, None, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="Your result has the right size, but window i, j begins in row i and column j. It begins in row i times the stride, and likewise for the column.",
    known="x[n, c, i : i + k, j : j + k]: two public solutions of CS231n",
)
def windows_not_moved_by_stride(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, _, border, size = _geometry(right, x, kernel_size, stride, padding)
    return _largest_of(x, kernel, (1, 1), border, size, return_indices)


@mistake(
    of="max_pool2d",
    hint="If no stride is given, you take 1. Then windows lie side by side: the stride is as large as the window.",
    known="the default of a convolution",
)
def stride_one_by_default(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, 1 if stride is None else stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="If no stride is given, you take 2. Then windows lie side by side: the stride is as large as the window, whatever its size.",
    known="the slide's F = 2, S = 2 taken for a rule",
)
def stride_two_by_default(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, 2 if stride is None else stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You have exchanged the two numbers of the stride: the first is for the rows, the second for the columns.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def stride_exchanged(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    stride = kernel_size if stride is None else stride
    return right.max_pool2d(x, kernel_size, right.pair(stride)[::-1], padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You use the first number of the stride, that for the rows, for the columns, too. The second one is theirs.",
    known="stride[0] for both",
)
def stride_of_rows_for_both(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    stride = kernel_size if stride is None else stride
    return right.max_pool2d(x, kernel_size, right.pair(stride)[0], padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You have exchanged height and width of the window: in (kH, kW), the rows come first.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def window_turned(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    stride = kernel_size if stride is None else stride
    return right.max_pool2d(x, right.pair(kernel_size)[::-1], stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You treat each window as a square: its height counts for both directions. In (kH, kW), the second number is its width.",
    known="the only windows on the slides are square; passes the check of CS231n",
)
def window_taken_for_square(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    stride = kernel_size if stride is None else stride
    return right.max_pool2d(x, right.pair(kernel_size)[0], stride, padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You have exchanged the two numbers of the padding: the first is for the rows above and below, the second for the columns left and right.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def padding_exchanged(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, stride, right.pair(padding)[::-1], return_indices)


@mistake(
    of="max_pool2d",
    hint="You use the first number of the padding, that for the rows, for the columns, too. The second one is theirs.",
    known="padding[0] for both",
)
def padding_of_rows_for_both(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, stride, right.pair(padding)[0], return_indices)


@mistake(
    of="max_pool2d",
    hint="You ignore the padding. It belongs to the image: windows may begin in it, and the result grows.",
    known="the slides pool without padding",
)
def padding_ignored(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    _geometry(right, x, kernel_size, stride, padding)
    return right.max_pool2d(x, kernel_size, stride, 0, return_indices)


@mistake(
    of="max_pool2d",
    hint="You count the padding once in the size of the result, so that windows are missing at the end. It is added at both sides: n + 2p - k.",
    known="n + p - k for n + 2p - k",
)
def padding_counted_once(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [(n + p - k) // s + 1 for n, k, s, p in zip(x.shape[2:], kernel, step, border, strict=True)]
    return _largest_of(x, kernel, step, border, size, return_indices)


@mistake(
    of="max_pool2d",
    hint="You round the size up, and pool what is left over at the end in smaller windows. Here it is rounded down: what does not fill a window is not read.",
    known="ceil_mode=True of torch.nn.functional.max_pool2d; the default of Caffe; passes the check of CS231n",
)
def size_rounded_up(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [-((k - n - 2 * p) // s) + 1 for n, k, s, p in zip(x.shape[2:], kernel, step, border, strict=True)]
    return _largest_of(x, kernel, step, border, size, return_indices)


@mistake(
    of="max_pool2d",
    hint="Your result lacks its last row and its last column. After dividing by the stride comes + 1, for the window at the very beginning.",
    known="the + 1 of the slides' formula forgotten",
)
def last_windows_missing(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    answer = right.max_pool2d(x, kernel_size, stride, padding, return_indices)
    return tuple(part[:, :, :-1, :-1] for part in answer) if return_indices else answer[:, :, :-1, :-1]


@mistake(
    of="max_pool2d",
    hint="Your result's size is the image's divided by the stride. That is right only if windows lie side by side and nothing is padded; otherwise it depends on window and padding, too.",
    known="H // stride: public solutions of CS231n, whose check it passes",
)
def size_from_stride_alone(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [n // s for n, s in zip(x.shape[2:], step, strict=True)]
    return _largest_of(x, kernel, step, border, size, return_indices)


@mistake(
    of="max_pool2d",
    hint="Your result's size is the image's divided by the window's. That is right only if windows lie side by side and nothing is padded; otherwise it depends on stride and padding, too.",
    known="H // pool_height: a public solution of CS231n, whose check it passes",
)
def size_from_window_alone(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [n // k for n, k in zip(x.shape[2:], kernel, strict=True)]
    return _largest_of(x, kernel, step, border, size, return_indices)


@mistake(
    of="max_pool2d",
    hint="You have exchanged the number of rows and the number of columns of the result. Shapes end in height, width.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai; passes the check of CS231n",
)
def size_exchanged(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, size = _geometry(right, x, kernel_size, stride, padding)
    return _largest_of(x, kernel, step, border, size[::-1], return_indices)


@mistake(
    of="max_pool2d",
    hint="You treat the images as if they were square: your result's width comes from their height.",
    known="one n for height and width; passes the check of CS231n, whose images are square",
)
def image_taken_for_square(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, size = _geometry(right, x, kernel_size, stride, padding)
    width = (x.shape[2] + 2 * border[1] - kernel[1]) // step[1] + 1
    return _largest_of(x, kernel, step, border, (size[0], width), return_indices)


@mistake(
    of="max_pool2d",
    hint="The numbers are right, but rows and columns of your result are exchanged.",
    known="out[n, c, j, i] for out[n, c, i, j]; passes checks that compare sums",
)
def result_transposed(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    answer = right.max_pool2d(x, kernel_size, stride, padding, return_indices)
    return tuple(part.swapaxes(2, 3) for part in answer) if return_indices else answer.swapaxes(2, 3)


@mistake(
    of="max_pool2d",
    hint="Your code takes one number for both directions, and fails when kernel size, stride or padding is a pair (rows, columns). Turn each into a pair first.",
    known="the slides give F and S as one number each",
)
def pairs_not_understood(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    stride = kernel_size if stride is None else stride
    _ = (x.shape[2] + 2 * padding - kernel_size) // stride + 1
    return right.max_pool2d(x, kernel_size, stride, padding, return_indices)


# max_pool2d: arguments that must be refused


def _sizes_unchecked(right, x, kernel_size, stride, padding):
    kernel, border = right.pair(kernel_size), right.pair(padding)
    step = kernel if stride is None else right.pair(stride)
    size = [(n + 2 * p - k) // s + 1 for n, k, s, p in zip(x.shape[2:], kernel, step, border, strict=True)]
    return kernel, step, border, size


@mistake(
    of="max_pool2d",
    hint="You accept arguments that make no sense. Raise ValueError if no window fits, if the stride is below 1, and if the padding is negative or more than half of the window.",
    known="the last lines of the docstring not read",
)
def nothing_refused(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _largest_of(x, *_sizes_unchecked(right, x, kernel_size, stride, padding), return_indices)


@mistake(
    of="max_pool2d",
    hint="You accept any padding. If it is more than half of the window, some windows hold nothing but padding: raise ValueError.",
    known="np.pad refuses negative numbers, but none that is too large",
)
def large_padding_accepted(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    kernel, step, border, size = _sizes_unchecked(right, x, kernel_size, stride, padding)
    if min(*size, *step) < 1 or min(border) < 0:
        raise ValueError("no window fits")
    return _largest_of(x, kernel, step, border, size, return_indices)


@mistake(
    of="max_pool2d",
    hint="You take a stride of 0 as if none had been given. 0 is a number like others, and must raise ValueError; only None means as large as the window.",
    known="stride = stride or kernel_size",
)
def stride_zero_taken_for_none(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    stride = stride or kernel_size
    step = [s or k for s, k in zip(right.pair(stride), right.pair(kernel_size), strict=True)]
    return right.max_pool2d(x, kernel_size, tuple(step), padding, return_indices)


@mistake(
    of="max_pool2d",
    hint="You refuse a padding of exactly half of the window. That much is allowed: each window still has a row and a column of the image in it.",
    known=">= for > in the check of the arguments",
)
def half_a_window_refused(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    if any(p > 0 and 2 * p >= k for p, k in zip(right.pair(padding), right.pair(kernel_size), strict=True)):
        raise ValueError("padding is too large")
    return right.max_pool2d(x, kernel_size, stride, padding, return_indices)


# max_pool2d: indices only


def _renumbered(right, x, kernel_size, stride, padding, return_indices, number):
    """The right numbers at places that are numbered otherwise.

    Args:
        number: makes a place of its row and column in x[n, c] and of its row and column in the window.
    """
    if not return_indices:
        return right.max_pool2d(x, kernel_size, stride, padding)
    _, step, border, size = _geometry(right, x, kernel_size, stride, padding)
    out, indices = right.max_pool2d(x, kernel_size, stride, padding, True)
    row, column = np.divmod(indices, x.shape[3])
    a = row + border[0] - step[0] * np.arange(size[0])[:, None]
    b = column + border[1] - step[1] * np.arange(size[1])
    return out, number(row, column, a, b)


@mistake(
    of="max_pool2d",
    hint="return_indices has no effect: you return the largest numbers only. With it, return a tuple of two arrays, the numbers and their places.",
    known="the argument not used",
)
def indices_not_returned(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, stride, padding)


@mistake(
    of="max_pool2d",
    hint="You always return a tuple with the indices. Return them only if return_indices is True; otherwise the array of the largest numbers alone.",
    known="deeplearning.ai's pool_forward returns a tuple, always",
)
def indices_always_returned(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return right.max_pool2d(x, kernel_size, stride, padding, True)


@mistake(
    of="max_pool2d",
    hint="Your indices say where a number stands in its window. Count from the beginning of the whole channel: row times W plus column.",
    known="np.argmax of the window, as it is",
)
def indices_within_window(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    width = right.pair(kernel_size)[1]
    return _renumbered(right, x, kernel_size, stride, padding, return_indices, lambda row, column, a, b: a * width + b)


@mistake(
    of="max_pool2d",
    hint="Your indices count the cells of the padding, too. They are places in x itself, so padding does not count: neither its rows, nor its columns, nor in the width of a row.",
    known="places in the padded array",
)
def indices_count_padding(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    rows, columns = right.pair(padding)
    width = x.shape[3] + 2 * columns
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: (row + rows) * width + column + columns,
    )


@mistake(
    of="max_pool2d",
    hint="With padding, your indices are too large: row and column are those of the padded image. Subtract the padding from both.",
    known="W of x, but rows and columns of the padded array",
)
def indices_moved_by_padding(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    rows, columns = right.pair(padding)
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: (row + rows) * x.shape[3] + column + columns,
    )


@mistake(
    of="max_pool2d",
    hint="Your indices multiply the row by the height of the image. A row has as many cells as the image is wide, so multiply by the width.",
    known="row * H; right for square images only",
)
def indices_row_times_height(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: row * x.shape[2] + column,
    )


@mistake(
    of="max_pool2d",
    hint="Your indices count column by column. Count row by row: all cells of the first row, then those of the second.",
    known="column * H + row, as in MATLAB",
)
def indices_column_by_column(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: column * x.shape[2] + row,
    )


@mistake(
    of="max_pool2d",
    hint="Your indices go on counting from channel to channel and image to image. Begin at 0 in each channel of each image.",
    known="np.arange(x.size) for the places",
)
def indices_in_whole_batch(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    planes = np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], 1, 1)
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: planes * x[0, 0].size + row * x.shape[3] + column,
    )


@mistake(
    of="max_pool2d",
    hint="You number each window's cells row by row, but turn the number back into row and column with the window's height. Divide by its width.",
    known="np.argmax decoded with the window's height: a public solution of CS231n",
)
def cell_decoded_with_height(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    height, width = right.pair(kernel_size)

    def number(row, column, a, b):
        wrong_a, wrong_b = np.divmod(a * width + b, height)
        return (row - a + wrong_a) * x.shape[3] + column - b + wrong_b

    return _renumbered(right, x, kernel_size, stride, padding, return_indices, number)


@mistake(
    of="max_pool2d",
    hint="Your indices are right, but floating-point numbers, with which nothing can be indexed. Let them be integers.",
    known="np.zeros(shape) for the indices: a public solution of CS231n",
)
def indices_as_floats(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: (row * x.shape[3] + column).astype(float),
    )


@mistake(
    of="max_pool2d",
    hint="You return row and column of each largest number side by side. One number is asked for: row times W plus column.",
    known="np.unravel_index or np.argwhere, which give two numbers",
)
def indices_as_row_and_column(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _renumbered(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        lambda row, column, a, b: np.stack([row, column], axis=-1),
    )


@mistake(
    of="max_pool2d",
    hint="Among equal numbers, your index is that of the last. The first of them counts, row by row.",
    known=">= for > in the comparison",
)
def last_of_equal_numbers(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    return _chosen(
        right,
        x,
        kernel_size,
        stride,
        padding,
        return_indices,
        -np.inf,
        lambda cells: cells.shape[-1] - 1 - cells[..., ::-1].argmax(axis=-1),
    )


@mistake(
    of="max_pool2d",
    hint="You look for the largest number's place in the whole channel, and find the first number of its size there, which may lie outside the window. Look for it in the window.",
    known="np.argwhere(x[n, c] == largest)[0]",
)
def index_searched_in_whole_channel(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    out = right.max_pool2d(x, kernel_size, stride, padding)
    if not return_indices:
        return out
    channels = x.reshape(*x.shape[:2], 1, 1, -1)
    return out, (channels == out[..., None]).argmax(axis=-1)


# avg_pool2d: what is divided by what


def _total(right, x, kernel_size, stride, padding):
    return sum(right.taps(x, kernel_size, kernel_size if stride is None else stride, padding, 0.0))


@mistake(
    of="avg_pool2d",
    hint="You divide by the stride's rows times columns. The stride has no part in an average: divide by the number of cells of the window.",
    known="1 / s**2; right as long as windows lie side by side, as on the slide",
)
def divided_by_stride(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    down, across = right.pair(kernel_size if stride is None else stride)
    out = _total(right, x, kernel_size, stride, padding) / (down * across)
    return out if count_include_pad else right.avg_pool2d(x, kernel_size, stride, padding, False)


@mistake(
    of="avg_pool2d",
    hint="You always divide by 4, which is right for 2 x 2 windows only. Divide by the number of cells of the window.",
    known="the slide's only window is 2 x 2",
)
def divided_by_four(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    out = _total(right, x, kernel_size, stride, padding) / 4
    return out if count_include_pad else right.avg_pool2d(x, kernel_size, stride, padding, False)


@mistake(
    of="avg_pool2d",
    hint="You divide by the square of the window's height. A window that is not square has height times width cells.",
    known="k * k; the only windows on the slides are square",
)
def divided_by_height_squared(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    out = _total(right, x, kernel_size, stride, padding) / right.pair(kernel_size)[0] ** 2
    return out if count_include_pad else right.avg_pool2d(x, kernel_size, stride, padding, False)


@mistake(
    of="avg_pool2d",
    hint="You add each window up, but do not divide. An average is the sum divided by the number of cells.",
    known="np.sum for np.mean",
)
def sum_instead_of_average(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return _total(right, x, kernel_size, stride, padding)


@mistake(
    of="avg_pool2d",
    hint="You take the largest number of each window. Average pooling takes the average of all its cells.",
    known="max pooling copied",
)
def largest_instead(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.max_pool2d(x, kernel_size, stride, padding)


@mistake(
    of="avg_pool2d",
    hint="You divide with //, which rounds down to whole numbers. Divide with /.",
    known="// for /",
)
def whole_number_division(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    total = _total(right, x, kernel_size, stride, padding)
    if not count_include_pad:
        return total // _total(right, np.ones_like(x), kernel_size, stride, padding)
    height, width = right.pair(kernel_size)
    return total // (height * width)


@mistake(
    of="avg_pool2d",
    hint="You return whole numbers: fractions are cut off. Let the result be of dtype float64.",
    known="np.zeros(shape, dtype=int) for the result",
)
def averages_of_whole_numbers(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad).astype(int)


@mistake(
    of="avg_pool2d",
    hint="You average over the channels, too. Pool each channel for itself.",
    known="the index of the channel forgotten; the slide's example has one channel",
)
def averaged_over_channels(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    mean = np.broadcast_to(x.mean(axis=1, keepdims=True), x.shape)
    return right.avg_pool2d(mean, kernel_size, stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You average over the images of the batch, too. Pool each image for itself.",
    known="the index of the image forgotten; the slide's example has one image",
)
def averaged_over_images(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    mean = np.broadcast_to(x.mean(axis=0, keepdims=True), x.shape)
    return right.avg_pool2d(mean, kernel_size, stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You change x: you divide its own numbers before you add them up. Work on a copy.",
    known="x /= kH * kW before the sums",
)
def image_divided_in_place(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    if not count_include_pad:
        return right.avg_pool2d(x, kernel_size, stride, padding, False)
    _geometry(right, x, kernel_size, stride, padding)
    height, width = right.pair(kernel_size)
    x /= height * width
    return _total(right, x, kernel_size, stride, padding)


# avg_pool2d: padding


@mistake(
    of="avg_pool2d",
    hint="You never count the padding as cells of the window. Unless count_include_pad is False, it counts: divide by all cells of the window.",
    known="average pooling of TensorFlow and Keras",
)
def padding_never_counts(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, padding, False)


@mistake(
    of="avg_pool2d",
    hint="count_include_pad has no effect: you always divide by all cells of the window. If it is False, divide by the number of cells of the image in each window.",
    known="the argument not used",
)
def padding_always_counts(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, padding)


@mistake(
    of="avg_pool2d",
    hint="count_include_pad works the wrong way round. If it is True, the padding counts, and you divide by all cells of the window.",
    known="the two branches exchanged",
)
def flag_the_wrong_way_round(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, padding, not count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="If padding does not count, you leave out every 0, also those of the image. Only cells of the padding are left out, whatever the image holds.",
    known="np.count_nonzero of the padded window",
)
def zeros_of_image_left_out(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    total = _total(right, x, kernel_size, stride, padding)
    if count_include_pad:
        return right.avg_pool2d(x, kernel_size, stride, padding)
    with np.errstate(invalid="ignore"):  # a window of zeros gives NaN
        return total / _total(right, (x != 0).astype(float), kernel_size, stride, padding)


@mistake(
    of="avg_pool2d",
    hint="Your padding holds minus infinity, as in max pooling, and makes averages infinite. For an average it holds zeros.",
    known="max pooling copied",
)
def averages_of_minus_infinity(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return _cells(right, x, kernel_size, stride, padding, -np.inf).mean(axis=-1)


@mistake(
    of="avg_pool2d",
    hint="Your padding repeats the image's edge. It holds zeros.",
    known="mode='edge' of np.pad, as for blurring a picture",
)
def edge_repeated(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    if not count_include_pad:
        return right.avg_pool2d(x, kernel_size, stride, padding, False)
    return right.avg_pool2d(_padded(x, border, mode="edge"), kernel, step)


@mistake(
    of="avg_pool2d",
    hint="You ignore the padding. It surrounds the image with zeros: windows may begin in it, and the result grows.",
    known="the slides pool without padding",
)
def no_padding_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    _geometry(right, x, kernel_size, stride, padding)
    return right.avg_pool2d(x, kernel_size, stride)


@mistake(
    of="avg_pool2d",
    hint="You have exchanged the two numbers of the padding: the first is for the rows above and below, the second for the columns left and right.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def padding_exchanged_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, right.pair(padding)[::-1], count_include_pad)


# avg_pool2d: windows and sizes


def _mean_of(x, kernel, step, border, size, count_include_pad):
    """Average pooling in loops, with a result of a size that may be the wrong one; at the rim, windows may be cut off."""
    padded, inside = _padded(x, border), _padded(np.ones_like(x), border)
    out = np.zeros((*x.shape[:2], *size))
    for i, j in np.ndindex(*size):
        window = np.s_[:, :, i * step[0] : i * step[0] + kernel[0], j * step[1] : j * step[1] + kernel[1]]
        cells = padded[window][0, 0].size if count_include_pad else inside[window].sum(axis=SPATIAL)
        with np.errstate(invalid="ignore"):  # a window beyond the rim gives NaN
            out[:, :, i, j] = padded[window].sum(axis=SPATIAL) / np.float64(cells)
    return out


@mistake(
    of="avg_pool2d",
    hint="You pad by 1, whatever padding was asked for. Use the parameter, which may be 0 and may be larger.",
    known="a padding of 1 written into the code: 7 of 82 public solutions of CS231n and deeplearning.ai",
)
def average_padding_always_one(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    kernel, step, _, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [(n + 2 - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, step, strict=True)]
    return _mean_of(x, kernel, step, (1, 1), size, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="Height and width are exchanged in the bounds of your loops: rows go up to the result's height, columns up to its width.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def average_bounds_exchanged(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    whole = right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad)
    out = np.zeros_like(whole)
    for i, j in np.ndindex(*whole.shape[:1:-1]):
        out[:, :, i, j] = whole[:, :, i, j]
    return out


@mistake(
    of="avg_pool2d",
    hint="Every image has the result of the last one: the index of the image is missing where you write a number down. Write out[n, c, i, j].",
    known="out[:, c, i, j] = ...; the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def last_image_averaged_for_all(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(np.broadcast_to(x[-1:], x.shape), kernel_size, stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You ignore the stride: your windows always lie side by side. The next window begins `stride` cells further on, so windows may overlap or leave gaps.",
    known="the reshape trick, which knows no stride; the slide's window and stride are both 2",
)
def no_stride_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, None, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="Your result has the right size, but window i, j begins in row i and column j. It begins in row i times the stride, and likewise for the column.",
    known="x[n, c, i : i + k, j : j + k]: two public solutions of CS231n, in max pooling",
)
def averages_not_moved_by_stride(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    kernel, _, border, size = _geometry(right, x, kernel_size, stride, padding)
    return _mean_of(x, kernel, (1, 1), border, size, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="If no stride is given, you take 1. Then windows lie side by side: the stride is as large as the window.",
    known="the default of a convolution",
)
def average_stride_one_by_default(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, 1 if stride is None else stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="If no stride is given, you take 2. Then windows lie side by side: the stride is as large as the window, whatever its size.",
    known="the slide's F = 2, S = 2 taken for a rule",
)
def average_stride_two_by_default(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, 2 if stride is None else stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You have exchanged the two numbers of the stride: the first is for the rows, the second for the columns.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def stride_exchanged_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    stride = kernel_size if stride is None else stride
    return right.avg_pool2d(x, kernel_size, right.pair(stride)[::-1], padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You have exchanged height and width of the window: in (kH, kW), the rows come first.",
    known="height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def window_turned_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    stride = kernel_size if stride is None else stride
    return right.avg_pool2d(x, right.pair(kernel_size)[::-1], stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You treat each window as a square: its height counts for both directions. In (kH, kW), the second number is its width.",
    known="the only windows on the slides are square",
)
def averages_of_squares(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    stride = kernel_size if stride is None else stride
    return right.avg_pool2d(x, right.pair(kernel_size)[0], stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You round the size up, and average what is left over at the end in smaller windows. Here it is rounded down: what does not fill a window is not read.",
    known="ceil_mode=True of torch.nn.functional.avg_pool2d; the default of Caffe",
)
def average_size_rounded_up(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [-((k - n - 2 * p) // s) + 1 for n, k, s, p in zip(x.shape[2:], kernel, step, border, strict=True)]
    return _mean_of(x, kernel, step, border, size, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="Your result lacks its last row and its last column. After dividing by the stride comes + 1, for the window at the very beginning.",
    known="the + 1 of the slides' formula forgotten",
)
def last_averages_missing(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad)[:, :, :-1, :-1]


@mistake(
    of="avg_pool2d",
    hint="Your result's size is the image's divided by the stride. That is right only if windows lie side by side and nothing is padded; otherwise it depends on window and padding, too.",
    known="H // stride: public solutions of CS231n, in max pooling",
)
def average_size_from_stride_alone(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    kernel, step, border, _ = _geometry(right, x, kernel_size, stride, padding)
    size = [n // s for n, s in zip(x.shape[2:], step, strict=True)]
    return _mean_of(x, kernel, step, border, size, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="The numbers are right, but rows and columns of your result are exchanged.",
    known="out[n, c, j, i] for out[n, c, i, j]; passes checks that compare sums",
)
def averages_transposed(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad).swapaxes(2, 3)


@mistake(
    of="avg_pool2d",
    hint="Your code takes one number for both directions, and fails when kernel size, stride or padding is a pair (rows, columns). Turn each into a pair first.",
    known="the slides give F and S as one number each",
)
def pairs_not_understood_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    stride = kernel_size if stride is None else stride
    _ = (x.shape[2] + 2 * padding - kernel_size) // stride + 1
    return right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You accept arguments that make no sense. Raise ValueError if no window fits, if the stride is below 1, and if the padding is negative or more than half of the window.",
    known="the last lines of the docstring not read",
)
def nothing_refused_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return _mean_of(x, *_sizes_unchecked(right, x, kernel_size, stride, padding), count_include_pad)


@mistake(
    of="avg_pool2d",
    hint="You refuse a padding of exactly half of the window. That much is allowed: each window still has a row and a column of the image in it.",
    known=">= for > in the check of the arguments",
)
def half_a_window_refused_in_averages(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    if any(p > 0 and 2 * p >= k for p, k in zip(right.pair(padding), right.pair(kernel_size), strict=True)):
        raise ValueError("padding is too large")
    return right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad)


# global_avg_pool2d


@mistake(
    of="global_avg_pool2d",
    hint="Your result has two axes of length 1 at its end. It should have two axes in all, images and channels.",
    known="keepdims=True; torch.nn.AdaptiveAvgPool2d(1) keeps them",
)
def spatial_axes_kept(right, x):
    return x.mean(axis=SPATIAL, keepdims=True)


@mistake(
    of="global_avg_pool2d",
    hint="You drop every axis of length 1. A single image or a single channel keeps its axis: the result always has the shape (N, C).",
    known="squeeze() without naming an axis, a well-known trap for batches of one",
)
def single_axes_dropped(right, x):
    return x.mean(axis=SPATIAL).squeeze()


@mistake(
    of="global_avg_pool2d",
    hint="You average over the channels, too, and get one number for each image. Each channel has an average of its own.",
    known="axis=(1, 2, 3)",
)
def one_number_for_each_image(right, x):
    return x.mean(axis=(1, 2, 3))


@mistake(
    of="global_avg_pool2d",
    hint="You average over the images, too, and get one number for each channel. Each image of the batch has averages of its own.",
    known="axis=(0, 2, 3), as in batch normalisation",
)
def one_number_for_each_channel(right, x):
    return x.mean(axis=(0, 2, 3))


@mistake(
    of="global_avg_pool2d",
    hint="You average over channels and rows. The axes are (N, C, H, W) here: height and width are the last two.",
    known="axis=(1, 2), right for the (N, H, W, C) of Keras",
)
def channels_expected_last(right, x):
    return x.mean(axis=(1, 2))


@mistake(
    of="global_avg_pool2d",
    hint="You average over one of the two axes of the image only, so one number for each column is left. Average over both height and width.",
    known="axis=2",
)
def averaged_over_rows_only(right, x):
    return x.mean(axis=2)


@mistake(
    of="global_avg_pool2d",
    hint="You average over one of the two axes of the image only, so one number for each row is left. Average over both height and width.",
    known="axis=-1",
)
def averaged_over_columns_only(right, x):
    return x.mean(axis=3)


@mistake(
    of="global_avg_pool2d",
    hint="You add each channel up, but do not divide. An average is the sum divided by the number of cells.",
    known="np.sum for np.mean",
)
def sum_of_channel(right, x):
    return x.sum(axis=SPATIAL)


@mistake(
    of="global_avg_pool2d",
    hint="You divide by the square of the height. An image that is not square has height times width cells.",
    known="H * H; the images on the slides are square",
)
def divided_by_square_of_height(right, x):
    return x.sum(axis=SPATIAL) / x.shape[2] ** 2


@mistake(
    of="global_avg_pool2d",
    hint="You divide by 49, the number of cells of a 7 x 7 image. Images may have any size: divide by the number of their cells.",
    known="VGG-16's last feature maps are 7 x 7",
)
def divided_by_49(right, x):
    return x.sum(axis=SPATIAL) / 49


@mistake(
    of="global_avg_pool2d",
    hint="You take the largest number of each channel. Global average pooling takes the average.",
    known="global max pooling",
)
def largest_of_channel(right, x):
    return x.max(axis=SPATIAL)


@mistake(
    of="global_avg_pool2d",
    hint="You leave zeros out of the average. A 0 is a number like others: divide by the number of all cells.",
    known="np.count_nonzero; after ReLU, many cells are 0",
)
def zeros_left_out(right, x):
    return x.sum(axis=SPATIAL) / np.count_nonzero(x, axis=SPATIAL)


@mistake(
    of="global_avg_pool2d",
    hint="The numbers are right, but images and channels are exchanged: the result's shape is (N, C).",
    known="out[c, n] for out[n, c]",
)
def images_and_channels_exchanged(right, x):
    return x.mean(axis=SPATIAL).T


@mistake(
    of="global_avg_pool2d",
    hint="You return whole numbers: fractions are cut off. Let the result be of dtype float64.",
    known="np.zeros((N, C), dtype=int) for the result",
)
def global_averages_of_whole_numbers(right, x):
    return x.mean(axis=SPATIAL).astype(int)


@mistake(
    of="global_avg_pool2d",
    hint="You divide with //, which rounds down to whole numbers. Divide with /.",
    known="// for /",
)
def global_averages_rounded_down(right, x):
    return x.sum(axis=SPATIAL) // (x.shape[2] * x.shape[3])


@mistake(
    of="global_avg_pool2d",
    hint="You change x: you divide its own numbers before you add them up. Work on a copy.",
    known="x /= H * W before the sum",
)
def channel_divided_in_place(right, x):
    x /= x.shape[2] * x.shape[3]
    return x.sum(axis=SPATIAL)


# Dtypes. Each costs its question's one strict test, and nothing else.


_FLOAT32 = {
    "hint": "Your numbers are right to 7 digits only: somewhere they pass through float32. Compute in float64, which is numpy's own "
    "choice: no dtype=np.float32, and no astype.",
    "known": "the habit of PyTorch, whose default is float32; passes the checks of CS231n and of deeplearning.ai's course 4",
}


def _cast(name, *dtypes):
    """The answers of the reference's function, put through these dtypes."""

    def cast(right, *args, **kwargs):
        answer = getattr(right, name)(*args, **kwargs)
        for dtype in dtypes:
            answer = (answer[0].astype(dtype), answer[1]) if isinstance(answer, tuple) else answer.astype(dtype)
        return answer

    return cast


max_pool2d_in_float32 = mistake(of="max_pool2d", **_FLOAT32)(_cast("max_pool2d", np.float32, np.float64))
avg_pool2d_in_float32 = mistake(of="avg_pool2d", **_FLOAT32)(_cast("avg_pool2d", np.float32, np.float64))
global_avg_pool2d_in_float32 = mistake(of="global_avg_pool2d", **_FLOAT32)(
    _cast("global_avg_pool2d", np.float32, np.float64)
)
