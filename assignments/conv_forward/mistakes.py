"""Wrong answers that students give to "Convolution forward".

Public checks named below are those of CS231n assignment 2, of deeplearning.ai's course 4, week 1, and of Carnegie
Mellon's 10-714 (homework 4) and 11-785 (homework 2, part 1): which wrong convolutions pass them was tried out.
"""

import numpy as np

from autograder.catalogue import mistake

BOTH = ("conv2d_naive", "conv2d")


# cross_correlate2d


def _slide(image, kernel, out_size, window_size):
    """The plain loops, with sizes that may be the wrong ones."""
    out = np.zeros(out_size)
    for i, j in np.ndindex(out.shape):
        out[i, j] = np.sum(image[i : i + window_size[0], j : j + window_size[1]] * kernel)
    return out


@mistake(
    of="cross_correlate2d",
    hint="Your kernel is turned by 180 degrees. The convolution of deep learning is cross-correlation: lay the kernel on the image as it is.",
    known="the mathematician's convolution, as in scipy.signal.convolve2d",
)
def kernel_turned(right, image, kernel):
    return right.cross_correlate2d(image, kernel[::-1, ::-1])


@mistake(
    of="cross_correlate2d",
    hint="Your kernel is mirrored from left to right. Go through its columns in the same direction as through those of the window.",
    known="turning the kernel, half done",
)
def kernel_mirrored(right, image, kernel):
    return right.cross_correlate2d(image, kernel[:, ::-1])


@mistake(
    of="cross_correlate2d",
    hint="You use the kernel with its rows and columns exchanged. The first index of image and kernel goes down, the second goes right.",
    known="kernel[b, a] for kernel[a, b]; height and width are mixed up in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def kernel_transposed(right, image, kernel):
    return right.cross_correlate2d(image, kernel.T)


@mistake(
    of="cross_correlate2d",
    hint="The numbers are right, but rows and columns of your result are exchanged: the window that is i cells further down belongs in row i.",
    known="out[j, i] for out[i, j]",
)
def result_transposed(right, image, kernel):
    return right.cross_correlate2d(image, kernel).T


@mistake(
    of="cross_correlate2d",
    hint="You treat the kernel as if it were square. Its height and its width may differ: take them from kernel.shape, one for the rows and one for the columns.",
    known="k = kernel.shape[0] for both; the only kernels on the slides are square",
)
def kernel_taken_for_square(right, image, kernel):
    size = kernel.shape[0]
    return _slide(image, kernel, (image.shape[0] - size + 1, image.shape[1] - size + 1), (size, size))


@mistake(
    of="cross_correlate2d",
    hint="You treat the image as if it were square: your result's width comes from the image's height.",
    known="n = image.shape[0] for both; the only images on the slides are square",
)
def image_taken_for_square(right, image, kernel):
    height = image.shape[0]
    return _slide(image, kernel, (height - kernel.shape[0] + 1, height - kernel.shape[1] + 1), kernel.shape)


@mistake(
    of="cross_correlate2d",
    hint="Your result lacks its last row and its last column. Count the positions of the window in a small example: the one at the very end counts, too.",
    known="range(H - kH), without the 1 of the slides' n - f + 1",
)
def last_windows_missing(right, image, kernel):
    return right.cross_correlate2d(image, kernel)[:-1, :-1]


@mistake(
    of="cross_correlate2d",
    hint="Your result is as large as the image, and its last rows and columns are left at 0. There is one cell for each position of the window inside the image, and no more.",
    known="np.zeros_like(image) for the result",
)
def result_as_large_as_image(right, image, kernel):
    inside = right.cross_correlate2d(image, kernel)
    out = np.zeros_like(image)
    out[: inside.shape[0], : inside.shape[1]] = inside
    return out


@mistake(
    of="cross_correlate2d",
    hint="You surround the image with zeros, so that the result is as large as the image. Here there is no padding: the window stays inside the image.",
    known="mode='same' of scipy.signal.correlate2d, cv2.filter2D",
)
def image_padded(right, image, kernel):
    rows, columns = kernel.shape[0] - 1, kernel.shape[1] - 1
    border = [(rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)]
    return right.cross_correlate2d(np.pad(image, border), kernel)


@mistake(
    of="cross_correlate2d",
    hint="You divide by the number of cells of the kernel. A kernel adds its products up; it does not average them.",
    known="np.mean for np.sum",
)
def window_averaged(right, image, kernel):
    return right.cross_correlate2d(image, kernel) / kernel.size


@mistake(
    of="cross_correlate2d",
    hint="Your negative results have become 0. A convolution keeps its sign; ReLU is another layer, which comes after it.",
    known="ReLU put into the convolution; pictures in which negative values are shown black",
)
def negatives_clipped(right, image, kernel):
    return np.maximum(right.cross_correlate2d(image, kernel), 0)


@mistake(
    of="cross_correlate2d",
    hint="You multiply window and kernel as matrices. Multiply them cell by cell, and add the products up.",
    known="np.dot or @ for *",
)
def matrix_product(right, image, kernel):
    out = np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] @ kernel)
    return out


@mistake(
    of="cross_correlate2d",
    hint="Each of your numbers contains all those before it. Begin each window's sum at 0 again.",
    known="total = 0 before the loops",
)
def sum_never_reset(right, image, kernel):
    out = right.cross_correlate2d(image, kernel)
    return np.cumsum(out).reshape(out.shape)


# conv2d_naive and conv2d


def _loops(x, weight, out_size, window_size):
    """Four loops, with sizes that may be the wrong ones."""
    out = np.zeros((len(x), len(weight), *out_size))
    for n, f, i, j in np.ndindex(out.shape):
        out[n, f, i, j] = np.sum(x[n, :, i : i + window_size[0], j : j + window_size[1]] * weight[f])
    return out


def _plus(out, bias):
    return out if bias is None else out + bias[:, None, None]


@mistake(
    of=BOTH,
    hint="Your kernels are turned by 180 degrees. The convolution of deep learning is cross-correlation: lay the kernels on the image as they are.",
    known="the mathematician's convolution, as in scipy.signal.convolve",
)
def kernels_turned(right, x, weight, bias=None):
    return right.conv2d(x, weight[:, :, ::-1, ::-1], bias)


@mistake(
    of=BOTH,
    hint="Your kernels are upside down: their rows are read from the last to the first. Go through the rows of kernel and window in the same direction.",
    known="turning the kernel, half done",
)
def kernels_upside_down(right, x, weight, bias=None):
    return right.conv2d(x, weight[:, :, ::-1], bias)


@mistake(
    of=BOTH,
    hint="You use the kernels with their rows and columns exchanged. The third axis of x and of weight goes down, the fourth goes right.",
    known="height and width mixed up, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def kernels_transposed(right, x, weight, bias=None):
    return right.conv2d(x, weight.transpose(0, 1, 3, 2), bias)


@mistake(
    of=BOTH,
    hint="The numbers are right, but rows and columns of your result are exchanged.",
    known="passes test_op_conv of Carnegie Mellon's 10-714, which compares sums",
)
def result_transposed_everywhere(right, x, weight, bias=None):
    return right.conv2d(x, weight, bias).transpose(0, 1, 3, 2)


@mistake(
    of=BOTH,
    hint="You have exchanged the height and the width of the result: shapes end in height, width, in this order.",
    known="height and width mixed up in sizes or loop bounds, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def height_and_width_swapped(right, x, weight, bias=None):
    height, width = x.shape[2] - weight.shape[2] + 1, x.shape[3] - weight.shape[3] + 1
    return _plus(_loops(x, weight, (width, height), weight.shape[2:]), bias)


@mistake(
    of=BOTH,
    hint="Height and width are exchanged in the bounds of your loops: rows go up to the result's height, columns up to its width.",
    known="height and width mixed up in sizes or loop bounds, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def bounds_exchanged(right, x, weight, bias=None):
    whole = right.conv2d(x, weight, bias)
    out = np.zeros_like(whole)
    for i, j in np.ndindex(*whole.shape[:1:-1]):
        out[:, :, i, j] = whole[:, :, i, j]
    return out


@mistake(
    of=BOTH,
    hint="You treat the kernels as if they were square. Their height is weight.shape[2] and their width weight.shape[3].",
    known="one f for height and width, as in the template of deeplearning.ai's course 4; passes the checks of CS231n",
)
def kernels_taken_for_square(right, x, weight, bias=None):
    size = weight.shape[2]
    return _plus(_loops(x, weight, (x.shape[2] - size + 1, x.shape[3] - size + 1), (size, size)), bias)


@mistake(
    of=BOTH,
    hint="You treat the images as if they were square: your result's width comes from their height.",
    known="passes the checks of CS231n, and of Carnegie Mellon's 10-714 and 11-785",
)
def images_taken_for_square(right, x, weight, bias=None):
    height = x.shape[2]
    return _plus(
        _loops(x, weight, (height - weight.shape[2] + 1, height - weight.shape[3] + 1), weight.shape[2:]), bias
    )


@mistake(
    of=BOTH,
    hint="Your result lacks its last row and its last column. Count the positions of the window in a small example: the one at the very end counts, too.",
    known="range(H - kH), without the 1 of the slides' n - f + 1",
)
def last_positions_missing(right, x, weight, bias=None):
    return right.conv2d(x, weight, bias)[:, :, :-1, :-1]


@mistake(
    of=BOTH,
    hint="You leave out the bias. If there is one, add bias[f] to each number of output channel f.",
    known="passes the check of Carnegie Mellon's 11-785",
)
def bias_forgotten(right, x, weight, bias=None):
    return right.conv2d(x, weight)


@mistake(
    of=BOTH,
    hint="You add the bias once for each input channel. It belongs to the filter: add it once, after the sum over the channels.",
    known="the bias inside the loop over the channels; passes the check of Carnegie Mellon's 11-785",
)
def bias_once_per_channel(right, x, weight, bias=None):
    return right.conv2d(x, weight, None if bias is None else bias * x.shape[1])


@mistake(
    of=BOTH,
    hint="You add the bias once for each product. Add it once for each output number, after all products have been added up.",
    known="the bias added before the sum: 6 of 82 public solutions of CS231n and deeplearning.ai",
)
def bias_once_per_product(right, x, weight, bias=None):
    return right.conv2d(x, weight, None if bias is None else bias * weight[0].size)


@mistake(
    of=BOTH,
    hint="You add the first filter's bias to every output channel. Output channel f has a bias of its own, bias[f].",
    known="bias[0], or the loop's index forgotten; passes the check of Carnegie Mellon's 11-785",
)
def first_bias_everywhere(right, x, weight, bias=None):
    return right.conv2d(x, weight, None if bias is None else np.full_like(bias, bias[0]))


@mistake(
    of=BOTH,
    hint="You subtract the bias. It is added.",
    known="passes the check of Carnegie Mellon's 11-785",
)
def bias_subtracted(right, x, weight, bias=None):
    return right.conv2d(x, weight, None if bias is None else -bias)


@mistake(
    of=BOTH,
    hint="The bias changes from column to column. There is one for each filter: give it a shape that numpy lays along the axis of the output channels.",
    known="out + bias, which numpy lays along the last axis",
)
def bias_along_columns(right, x, weight, bias=None):
    out = right.conv2d(x, weight)
    return out if bias is None else out + bias


@mistake(
    of=BOTH,
    hint="The bias changes from row to row. There is one for each filter: give it a shape that numpy lays along the axis of the output channels.",
    known="out + bias[:, None], as in a fully connected layer that has its examples in columns",
)
def bias_along_rows(right, x, weight, bias=None):
    out = right.conv2d(x, weight)
    return out if bias is None else out + bias[:, None]


@mistake(
    of=BOTH,
    hint="You use the first input channel only. Each filter has a kernel for every channel, and their results are added up.",
    known="x[n, 0], carried over from grey images",
)
def first_channel_only(right, x, weight, bias=None):
    return right.conv2d(x[:, :1], weight[:, :1], bias)


@mistake(
    of=BOTH,
    hint="Only the last input channel is left in your result: each channel overwrites the one before. Add the channels up.",
    known="= for += in the loop over the channels",
)
def last_channel_only(right, x, weight, bias=None):
    return right.conv2d(x[:, -1:], weight[:, -1:], bias)


@mistake(
    of=BOTH,
    hint="You average over the input channels. Their results are added up.",
    known="how colours are made grey",
)
def channels_averaged(right, x, weight, bias=None):
    return right.conv2d(x, weight / x.shape[1], bias)


@mistake(
    of=BOTH,
    hint="You use each filter's first kernel for every input channel. Channel c has a kernel of its own, weight[f, c].",
    known="weight[f, 0], carried over from grey images",
)
def first_kernel_for_every_channel(right, x, weight, bias=None):
    return right.conv2d(x, np.broadcast_to(weight[:, :1], weight.shape), bias)


@mistake(
    of=BOTH,
    hint="You average the products. A filter adds them up.",
    known="np.mean for np.sum",
)
def products_averaged(right, x, weight, bias=None):
    return right.conv2d(x, weight / weight[0].size, bias)


@mistake(
    of=BOTH,
    hint="You use the first image for the whole batch. Output n comes from x[n].",
    known="the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def first_image_only(right, x, weight, bias=None):
    return right.conv2d(np.broadcast_to(x[:1], x.shape), weight, bias)


@mistake(
    of=BOTH,
    hint="Every image has the result of the last one: the index of the image is missing where you write a number down. Write out[n, f, i, j].",
    known="out[:, f, i, j] = ...; the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def last_image_for_all(right, x, weight, bias=None):
    return right.conv2d(np.broadcast_to(x[-1:], x.shape), weight, bias)


@mistake(
    of=BOTH,
    hint="You use the first filter for every output channel. Output channel f comes from weight[f].",
    known="weight[0], or the loop's index forgotten",
)
def first_filter_everywhere(right, x, weight, bias=None):
    return right.conv2d(x, np.broadcast_to(weight[:1], weight.shape), bias)


@mistake(
    of=BOTH,
    hint="Each of your output channels is the sum of all filters. Output channel f comes from weight[f] alone.",
    known="np.sum(window * weight), without the filter's index",
)
def all_filters_added_up(right, x, weight, bias=None):
    return right.conv2d(x, np.broadcast_to(weight.sum(axis=0), weight.shape), bias)


@mistake(
    of=BOTH,
    hint="Your negative results have become 0. A convolution layer keeps the sign; ReLU is another layer, which comes after it.",
    known="ReLU put into the convolution",
)
def relu_included(right, x, weight, bias=None):
    return np.maximum(right.conv2d(x, weight, bias), 0)


@mistake(
    of=BOTH,
    hint="You go through the channels of x and never look how many weight has. If the two numbers differ, raise ValueError.",
    known="Raises of the docstring not read; the loop over C_in does not notice",
)
def channels_never_compared(right, x, weight, bias=None):
    channels = weight.shape[1]
    if channels < x.shape[1]:
        raise IndexError(f"index {channels} is out of bounds for axis 0 with size {channels}")
    return right.conv2d(x, weight[:, : x.shape[1]], bias)


@mistake(
    of=BOTH,
    hint="If x or weight has one channel only, numpy uses it again for every channel of the other. If the numbers of channels differ, raise ValueError.",
    known="window * weight[f] and np.einsum stretch an axis of length 1",
)
def one_channel_stretched(right, x, weight, bias=None):
    channels = max(x.shape[1], weight.shape[1])
    if x.shape[1] == 1:
        x = x.repeat(channels, axis=1)
    if weight.shape[1] == 1:
        weight = weight.repeat(channels, axis=1)
    return right.conv2d(x, weight, bias)


@mistake(
    of="conv2d",
    hint="The numbers are right, but in the wrong places: reshape cannot move an axis. Bring the axis of the filters forward with transpose.",
    known="reshape for transpose after a matrix product or np.tensordot",
)
def reshaped_not_transposed(right, x, weight, bias=None):
    out = right.conv2d(x, weight, bias)
    return out.transpose(0, 2, 3, 1).reshape(out.shape)


@mistake(
    of="conv2d",
    hint="The numbers are right, but your axes are images, rows, columns, filters. Move the filters to the second place.",
    known="what np.tensordot returns; the layout of TensorFlow and of deeplearning.ai's course 4",
)
def filters_last(right, x, weight, bias=None):
    return right.conv2d(x, weight, bias).transpose(0, 2, 3, 1)


@mistake(
    of="conv2d",
    hint="The numbers are right, but the first axis counts the filters and the second the images. It must be the other way round.",
    known="weight @ columns, as in CS231n's im2col, without its last transpose",
)
def filters_first(right, x, weight, bias=None):
    return right.conv2d(x, weight, bias).transpose(1, 0, 2, 3)


@mistake(
    of="conv2d",
    hint="You flatten the windows and the filters in different orders, so that the wrong numbers meet: the channels come last in your windows, but first in weight.",
    known="im2col with windows as (rows, columns, channels) against weight.reshape(C_out, -1)",
)
def windows_in_another_order(right, x, weight, bias=None):
    filters, channels, height, width = weight.shape
    return right.conv2d(x, weight.reshape(filters, height, width, channels).transpose(0, 3, 1, 2), bias)


# apply_kernel


def _with_kernel(right, image, name, stem, kernel):
    """The right answer, but this kernel for the names that begin with this stem, its transpose for y."""
    if name not in (f"{stem}_x", f"{stem}_y"):
        return right.apply_kernel(image, name)
    kernel = np.array(kernel, dtype=float)
    return right.cross_correlate2d(image, kernel if name.endswith("x") else kernel.T)


@mistake(
    of="apply_kernel",
    hint="Your Sobel kernel has the slides' misprint. The entries of an edge kernel add up to 0: do yours?",
    known="the lecture slides, last entry of Sobel",
)
def sobel_as_misprinted(right, image, name):
    return _with_kernel(right, image, name, "sobel", [[-1, 0, 1], [-2, 0, 2], [-1, 0, -1]])


@mistake(
    of="apply_kernel",
    hint="Your Scharr kernel has the slides' misprint. The entries of an edge kernel add up to 0: do yours?",
    known="the lecture slides, first row of Scharr",
)
def scharr_as_misprinted(right, image, name):
    return _with_kernel(right, image, name, "scharr", [[3, 0, 3], [10, 0, -10], [3, 0, -3]])


@mistake(
    of="apply_kernel",
    hint="Your Sobel kernels have the opposite sign of those in the table.",
    known="deeplearning.ai's course 4 prints Sobel with the other sign",
)
def sobel_with_other_sign(right, image, name):
    return right.apply_kernel(image, name) * (-1 if name.startswith("sobel") else 1)


@mistake(
    of="apply_kernel",
    hint="Your Scharr kernels have the opposite sign of those in the table.",
    known="OpenCV's Scharr, which has its negative numbers on the left",
)
def scharr_with_other_sign(right, image, name):
    return right.apply_kernel(image, name) * (-1 if name.startswith("scharr") else 1)


@mistake(
    of="apply_kernel",
    hint="All your results have the wrong sign, as if each kernel were turned by 180 degrees. Apply the kernels of the table as they are.",
    known="scipy.signal.convolve2d, or subtracting the left from the right",
)
def edge_kernels_turned(right, image, name):
    return -right.apply_kernel(image, name)


@mistake(
    of="apply_kernel",
    hint="Your kernels for x and y are exchanged. Those for x, in the table, answer to vertical edges, those for y to horizontal ones.",
    known="x read as the direction of the edge; it is the direction in which the brightness changes",
)
def x_and_y_swapped(right, image, name):
    return right.apply_kernel(image, name[:-1] + {"x": "y", "y": "x"}.get(name[-1], name[-1]))


@mistake(
    of="apply_kernel",
    hint="Your kernels 'vertical' and 'horizontal' are exchanged: 'vertical' answers to vertical edges.",
    known="'vertical' read as the direction in which the brightness changes",
)
def vertical_and_horizontal_swapped(right, image, name):
    return right.apply_kernel(image, {"vertical": "horizontal", "horizontal": "vertical"}.get(name, name))


@mistake(
    of="apply_kernel",
    hint="You divide by the sum of the kernel's positive entries. Apply the kernels of the table as they are.",
    known="skimage.filters, which divides Prewitt by 3, Sobel by 4 and Scharr by 16",
)
def kernels_normalised(right, image, name):
    return right.apply_kernel(image, name) / {"sobel": 4, "scharr": 16}.get(name.split("_")[0], 3)


@mistake(
    of="apply_kernel",
    hint="You return how strong the edge is, without its sign. Keep the sign: it tells light to dark from dark to light.",
    known="np.abs or cv2.convertScaleAbs, as in most examples that show edges",
)
def edges_without_sign(right, image, name):
    return np.abs(right.apply_kernel(image, name))


@mistake(
    of="apply_kernel",
    hint="An unknown name raises KeyError, because you look it up without asking first whether it is there. It must raise ValueError.",
    known="kernels[name]",
)
def unknown_name_raises_key_error(right, image, name):
    try:
        return right.apply_kernel(image, name)
    except ValueError:
        raise KeyError(name) from None


@mistake(
    of="apply_kernel",
    hint="For an unknown name, none of your branches is taken, and you return None. Raise ValueError instead.",
    known="if and elif without else",
)
def unknown_name_gives_none(right, image, name):
    try:
        return right.apply_kernel(image, name)
    except ValueError:
        return None


# Dtypes. Each costs its question's one strict test, and nothing else.


_FLOAT32 = {
    "hint": "Your numbers are right to 7 digits only: somewhere they pass through float32. Compute in float64, which is numpy's own "
    "choice: no dtype=np.float32, and no astype.",
    "known": "the habit of PyTorch, whose default is float32; passes the checks of CS231n and of deeplearning.ai's course 4",
}
_WHOLE = {
    "hint": "Your result holds whole numbers only, and fractions are cut off. Let it be float64: np.zeros(shape), without dtype=int.",
    "known": "dtype=int, or np.zeros_like of an array of whole numbers",
}


def _cast(name, *dtypes):
    """The answers of the reference's function, put through these dtypes."""

    def cast(right, *args, **kwargs):
        answer = getattr(right, name)(*args, **kwargs)
        for dtype in dtypes:
            answer = (
                tuple(np.asarray(one).astype(dtype) for one in answer)
                if isinstance(answer, tuple)
                else np.asarray(answer).astype(dtype)
            )
        return answer

    return cast


cross_correlate2d_in_float32 = mistake(of="cross_correlate2d", **_FLOAT32)(
    _cast("cross_correlate2d", np.float32, np.float64)
)
conv2d_naive_in_float32 = mistake(of="conv2d_naive", **_FLOAT32)(_cast("conv2d_naive", np.float32, np.float64))
conv2d_in_float32 = mistake(of="conv2d", **_FLOAT32)(_cast("conv2d", np.float32, np.float64))
apply_kernel_in_float32 = mistake(of="apply_kernel", **_FLOAT32)(_cast("apply_kernel", np.float32, np.float64))
cross_correlate2d_in_whole_numbers = mistake(of="cross_correlate2d", **_WHOLE)(_cast("cross_correlate2d", np.int64))
conv2d_naive_in_whole_numbers = mistake(of="conv2d_naive", **_WHOLE)(_cast("conv2d_naive", np.int64))
conv2d_in_whole_numbers = mistake(of="conv2d", **_WHOLE)(_cast("conv2d", np.int64))
apply_kernel_in_whole_numbers = mistake(of="apply_kernel", **_WHOLE)(_cast("apply_kernel", np.int64))
