"""Wrong answers that students give to "Padding, stride and sizes".

Public checks named below are those of CS231n assignment 2, of deeplearning.ai's course 4, week 1, and of Carnegie
Mellon's 10-714 (homework 4) and 11-785 (homework 2, part 1): which wrong convolutions pass them was tried out.
"""

import math

import numpy as np

from autograder.catalogue import mistake

# conv_output_size. A mistake that another one contains stands before it: whoever makes the larger one fails more tests.


def _left_over(n, kernel_size, stride, padding, dilation):
    """Cells that the first window leaves over, which may be less than none; the arguments are checked."""
    if min(n, kernel_size, stride, dilation) < 1 or padding < 0:
        raise ValueError("arguments")
    return n + 2 * padding - dilation * (kernel_size - 1) - 1


def _at_least_one(size):
    if size < 1:
        raise ValueError("no window fits")
    return size


@mistake(
    of="conv_output_size",
    hint="int() rounds towards 0, so that a window that is just too large seems to fit once. Use // or math.floor, which round down, or look first whether the window fits.",
    known="int(a / b) for a // b, which differ below 0",
)
def rounded_towards_zero(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one(int(_left_over(n, kernel_size, stride, padding, dilation) / stride) + 1)


@mistake(
    of="conv_output_size",
    hint="You round up. A window that sticks out at the end does not count, so round down.",
    known="pooling with ceil_mode=True; passes the checks of CS231n and of deeplearning.ai's course 4, whose sizes divide",
)
def size_rounded_up(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one(math.ceil(_left_over(n, kernel_size, stride, padding, dilation) / stride) + 1)


@mistake(
    of="conv_output_size",
    hint="You round to the nearest whole number. A window that sticks out at the end does not count, however little, so round down.",
    known="round for floor",
)
def size_rounded_to_nearest(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one(round(_left_over(n, kernel_size, stride, padding, dilation) / stride + 1))


@mistake(
    of="conv_output_size",
    hint="You return fractions of a window. Round down to a whole number of windows, and return an int.",
    known="the slides 'Strided convolution' and 'Convolutional layer', which leave out the brackets for rounding down",
)
def rounding_forgotten(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one(_left_over(n, kernel_size, stride, padding, dilation) / stride + 1)


@mistake(
    of="conv_output_size",
    hint="Your number is right, but it is a float. A number of windows is an int: np.zeros, for one, refuses a float as a size.",
    known="np.floor, which returns a float",
)
def size_is_float(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return float(right.conv_output_size(n, kernel_size, stride, padding, dilation))


@mistake(
    of="conv_output_size",
    hint="You count the moves of the window, not its positions. There is one position more than there are moves.",
    known="the + 1 of the formula forgotten",
)
def first_window_not_counted(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return right.conv_output_size(n, kernel_size, stride, padding, dilation) - 1


@mistake(
    of="conv_output_size",
    hint="You add 1 before you divide by the stride. That is right for stride 1 only: add it after you have divided and rounded.",
    known="n - f + 1 divided by s",
)
def one_added_before_dividing(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one((_left_over(n, kernel_size, stride, padding, dilation) + 1) // stride)


@mistake(
    of="conv_output_size",
    hint="You count the padding once. It is added at each of the two ends.",
    known="n + p for n + 2p",
)
def padding_counted_once(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one((_left_over(n, kernel_size, stride, padding, dilation) - padding) // stride + 1)


@mistake(
    of="conv_output_size",
    hint="You leave out the padding. It adds cells at both ends, in which windows can lie, too.",
    known="the formula for 'valid' convolutions, n - f + 1",
)
def padding_left_out(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one((_left_over(n, kernel_size, stride, padding, dilation) - 2 * padding) // stride + 1)


@mistake(
    of="conv_output_size",
    hint="You divide the number of cells by the stride. That is the size of TensorFlow's padding 'SAME', whatever the kernel; here, kernel and padding count.",
    known="TensorFlow's padding='SAME'; H // stride in 3 of 82 public solutions of CS231n and deeplearning.ai, for pooling",
)
def cells_divided_by_stride(right, n, kernel_size, stride=1, padding=0, dilation=1):
    right.conv_output_size(n, kernel_size, stride, padding, dilation)
    return -(-n // stride)


@mistake(
    of="conv_output_size",
    hint="You leave out the dilation. It spreads the window out, so that it covers more cells.",
    known="the lecture's formula, which has no dilation",
)
def dilation_left_out(right, n, kernel_size, stride=1, padding=0, dilation=1):
    _left_over(n, kernel_size, stride, padding, dilation)
    return right.conv_output_size(n, kernel_size, stride, padding)


@mistake(
    of="conv_output_size",
    hint="You take the window to cover dilation times kernel_size cells. The gaps lie between its cells, and there is no gap behind the last one.",
    known="d * k for d * (k - 1) + 1",
)
def gap_behind_the_last_cell(right, n, kernel_size, stride=1, padding=0, dilation=1):
    _left_over(n, kernel_size, stride, padding, dilation)
    return right.conv_output_size(n, dilation * kernel_size, stride, padding)


@mistake(
    of="conv_output_size",
    hint="If a single window fits exactly, you raise an error. It does fit: the answer is 1.",
    known="<= for <, or kernel_size >= n",
)
def exact_fit_refused(right, n, kernel_size, stride=1, padding=0, dilation=1):
    if _left_over(n, kernel_size, stride, padding, dilation) == 0:
        raise ValueError("no window fits")
    return right.conv_output_size(n, kernel_size, stride, padding, dilation)


@mistake(
    of="conv_output_size",
    hint="If no window fits, you return a number below 1. Raise ValueError instead.",
    known="the formula without a look at its result",
)
def size_below_one_returned(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _left_over(n, kernel_size, stride, padding, dilation) // stride + 1


@mistake(
    of="conv_output_size",
    hint="You look at the result only. A stride, kernel size or dilation below 1, or a negative padding, has no meaning even if the formula gives a number: raise ValueError.",
    known="Raises of the docstring read half",
)
def arguments_never_checked(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return _at_least_one((n + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)


# same_padding


@mistake(
    of="same_padding",
    hint="You accept even kernels. For them, no whole number of cells at each end keeps the size: raise ValueError.",
    known="kernel_size // 2 and nothing else; PyTorch pads even kernels unevenly",
)
def even_kernel_accepted(right, kernel_size):
    if kernel_size < 1:
        raise ValueError("kernel_size")
    return kernel_size // 2


@mistake(
    of="same_padding",
    hint="Your number is right, but it is a float. A number of cells is an int.",
    known="the lecture's (f - 1) / 2, typed as it stands",
)
def same_padding_is_float(right, kernel_size):
    return float(right.same_padding(kernel_size))


@mistake(
    of="same_padding",
    hint="You return the cells for both ends together. The padding is what is added at each end.",
    known="f - 1 instead of (f - 1) / 2; TensorFlow computes the sum of both ends first",
)
def same_padding_of_both_ends(right, kernel_size):
    return 2 * right.same_padding(kernel_size)


@mistake(
    of="same_padding",
    hint="Your padding is one too large. Put it into the formula for the size, and do not forget the + 1 there.",
    known="n + 2p - f = n solved, without the + 1, and rounded up",
)
def same_padding_too_large(right, kernel_size):
    return right.same_padding(kernel_size) + 1


@mistake(
    of="same_padding",
    hint="You return a padding for kernel sizes below 0, of which some are odd. Raise ValueError.",
    known="kernel_size % 2 as the only thing looked at",
)
def negative_kernel_accepted(right, kernel_size):
    return right.same_padding(kernel_size) if kernel_size % 2 == 0 else kernel_size // 2


# pad2d


def _surround(x, rows, columns, value=0.0, **how):
    """np.pad, with (before, behind) for rows and columns."""
    if min(*rows, *columns) < 0:
        raise ValueError("padding")
    return np.pad(x, [(0, 0), (0, 0), rows, columns], **(how or {"constant_values": value}))


@mistake(
    of="pad2d",
    hint="You pad above and on the left only. There are as many new rows below, and as many new columns on the right.",
    known="np.pad's (before, after) read as (rows, columns), or one of the two forgotten",
)
def padded_before_only(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    return _surround(x, (rows, 0), (columns, 0), value)


@mistake(
    of="pad2d",
    hint="The size is right, but your new cells are all below and on the right. Half of them belong above and on the left.",
    known="x copied to the upper left corner, out[:, :, :H, :W] = x",
)
def padded_behind_only(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    return _surround(x, (0, 2 * rows), (0, 2 * columns), value)


@mistake(
    of="pad2d",
    hint="You share the padding out between the two sides. It is meant for each side: padding 2 means 2 rows above and 2 below.",
    known="the padding read as the total; TensorFlow's 'SAME' shares a total out",
)
def padding_shared_between_sides(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    return _surround(x, (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), value)


@mistake(
    of="pad2d",
    hint="You have exchanged rows and columns. In a pair, the rows come first: (rows above and below, columns left and right).",
    known="(width, height), as in torch.nn.functional.pad, which begins with the last axis",
)
def rows_and_columns_exchanged(right, x, padding, value=0.0):
    return right.pad2d(x, right.pair(padding)[::-1], value)


@mistake(
    of="pad2d",
    hint="You use the pair's first number for both directions. The second is for the columns.",
    known="padding[0], or a pair made square",
)
def first_padding_for_both(right, x, padding, value=0.0):
    return right.pad2d(x, right.pair(padding)[0], value)


@mistake(
    of="pad2d",
    hint="You pad the batch and the channels, too. Only the last two axes grow.",
    known="np.pad(x, padding), which pads every axis",
)
def batch_and_channels_padded(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    if min(rows, columns) < 0:
        raise ValueError("padding")
    return np.pad(x, [(rows, rows), (rows, rows), (rows, rows), (columns, columns)], constant_values=value)


@mistake(
    of="pad2d",
    hint="You repeat the image's border. The new cells hold the given value.",
    known="mode='edge' of np.pad",
)
def border_repeated(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    return _surround(x, (rows, rows), (columns, columns), mode="edge")


@mistake(
    of="pad2d",
    hint="Your new cells are always 0. They hold the value of the third argument, which is 0 only if none is given.",
    known="np.zeros, or np.pad without constant_values",
)
def value_left_out(right, x, padding, value=0.0):
    return right.pad2d(x, padding)


@mistake(
    of="pad2d",
    hint="You put the value in place of every 0, those of the image, too. Only the new cells hold it.",
    known="padding with zeros, and then looking for zeros",
)
def zeros_of_the_image_replaced(right, x, padding, value=0.0):
    out = right.pad2d(x, padding)
    return np.where(out == 0, value, out)


@mistake(
    of="pad2d",
    hint="A slice [p:-p] is empty if p is 0, and then the image has no place. Count from the front instead, from p to p + H.",
    known="x_pad[:, :, pad:-pad, pad:-pad] = x, in public solutions of CS231n; the template of deeplearning.ai suggests it for gradients",
)
def slice_empty_at_padding_0(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    out = right.pad2d(np.zeros_like(x), padding, value)
    out[:, :, rows:-rows, columns:-columns] = x
    return out


@mistake(
    of="pad2d",
    hint="Your result holds whole numbers only. Make it float64: fractions and infinity must have a place in it.",
    known="np.full without dtype=float and an int value, or dtype=int",
)
def fractions_cut_off(right, x, padding, value=0.0):
    return right.pad2d(x.astype(int), padding, int(value)).astype(int)


@mistake(
    of="pad2d",
    hint="With a negative padding you cut rows or columns off. Raise ValueError.",
    known="torch.nn.functional.pad, which crops",
)
def negative_padding_crops(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    cropped = x[:, :, max(-rows, 0) : x.shape[2] - max(-rows, 0), max(-columns, 0) : x.shape[3] - max(-columns, 0)]
    return right.pad2d(cropped, (max(rows, 0), max(columns, 0)), value)


# conv2d


def _numbers(right, x, weight, stride, padding):
    """Stride and padding as pairs. What must be refused is refused."""
    right.conv2d(x, weight, None, stride, padding)
    if isinstance(padding, str):
        padding = (weight.shape[2] // 2, weight.shape[3] // 2) if padding == "same" else 0
    return right.pair(stride), right.pair(padding)


def _loops(x, weight, bias, step, out_size, window_size):
    """Four loops over an image that is padded already, with sizes that may be the wrong ones."""
    out = np.zeros((len(x), len(weight), *out_size))
    for n, f, i, j in np.ndindex(out.shape):
        row, column = i * step[0], j * step[1]
        out[n, f, i, j] = np.sum(x[n, :, row : row + window_size[0], column : column + window_size[1]] * weight[f])
    return out if bias is None else out + bias[:, None, None]


def _sizes(image_size, window_size, step):
    """Height and width of the result, the image being padded already."""
    return [(n - k) // s + 1 for n, k, s in zip(image_size, window_size, step, strict=True)]


@mistake(
    of="conv2d",
    hint="Each window begins at row i and column j, not stride times as far: you have kept the upper left corner of what stride 1 gives.",
    known="the stride used for the output's size only",
)
def stride_only_in_the_size(right, x, weight, bias=None, stride=1, padding=0):
    height, width = right.conv2d(x, weight, bias, stride, padding).shape[2:]
    return right.conv2d(x, weight, bias, 1, padding)[:, :, :height, :width]


@mistake(
    of="conv2d",
    hint="You leave out the stride. The window moves by so many rows and columns at a time.",
    known="stride forgotten in the forward pass: 4 of 82 public solutions of CS231n and deeplearning.ai",
)
def stride_left_out(right, x, weight, bias=None, stride=1, padding=0):
    _, border = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, 1, border)


@mistake(
    of="conv2d",
    hint="You have exchanged the two strides. In a pair, the step down comes first, then the step to the right.",
    known="height and width mixed up, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def strides_exchanged(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, bias, right.pair(stride)[::-1], padding)


@mistake(
    of="conv2d",
    hint="You use the first number of the stride for both directions. The second is for the columns.",
    known="one number in the templates of CS231n and of deeplearning.ai's course 4",
)
def first_stride_for_both(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step[0], border)


@mistake(
    of="conv2d",
    hint="The stride has got into the window: you read its cells that far apart. The stride moves the whole window; the window's cells lie side by side.",
    known="stride taken for dilation",
)
def stride_inside_the_window(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    spread = np.zeros((*weight.shape[:2], *((k - 1) * s + 1 for k, s in zip(weight.shape[2:], step, strict=True))))
    spread[:, :, :: step[0], :: step[1]] = weight
    return right.conv2d(x, spread, bias, 1, border)


@mistake(
    of="conv2d",
    hint="You round the output's size up, and read zeros behind the end. A window that sticks out does not count.",
    known="ceil for floor; passes the checks of CS231n and of deeplearning.ai's course 4, whose sizes divide",
)
def output_rounded_up(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    return right.conv2d(
        np.pad(right.pad2d(x, border), [(0, 0), (0, 0), (0, step[0] - 1), (0, step[1] - 1)]), weight, bias, step
    )


@mistake(
    of="conv2d",
    hint="You leave out the padding. Before the window moves, rows and columns of zeros are added at each side.",
    known="the convolution of the assignment before, which had none",
)
def padding_never_added(right, x, weight, bias=None, stride=1, padding=0):
    step, _ = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step)


@mistake(
    of="conv2d",
    hint="You have exchanged the two paddings. In a pair, the rows above and below come first, then the columns left and right.",
    known="height and width mixed up, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def paddings_exchanged(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step, border[::-1])


@mistake(
    of="conv2d",
    hint="You compute the padding 'same' from the kernel's height and use it for the width, too. Each direction has its own.",
    known="one number in the lecture's p = (f - 1) / 2",
)
def same_from_height_only(right, x, weight, bias=None, stride=1, padding=0):
    _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, stride, weight.shape[2] // 2 if padding == "same" else padding)


@mistake(
    of="conv2d",
    hint="You use the first number of the padding for both directions. The second is for the columns.",
    known="one number in the templates of CS231n and of deeplearning.ai's course 4",
)
def first_padding_for_both_directions(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step, border[0])


@mistake(
    of="conv2d",
    hint="The zeros below and on the right have no part in your result: either they are missing, or its size counts the padding once. There is padding at both sides.",
    known="np.pad with (p, 0), or n + p for n + 2p in the size",
)
def padding_before_only(right, x, weight, bias=None, stride=1, padding=0):
    step, (rows, columns) = _numbers(right, x, weight, stride, padding)
    return right.conv2d(np.pad(x, [(0, 0), (0, 0), (rows, 0), (columns, 0)]), weight, bias, step)


@mistake(
    of="conv2d",
    hint="Your zeros are all below and on the right. Half of them belong above and on the left.",
    known="the image copied to the upper left corner of a larger array",
)
def padding_behind_only(right, x, weight, bias=None, stride=1, padding=0):
    step, (rows, columns) = _numbers(right, x, weight, stride, padding)
    return right.conv2d(np.pad(x, [(0, 0), (0, 0), (0, 2 * rows), (0, 2 * columns)]), weight, bias, step)


@mistake(
    of="conv2d",
    hint="You share the padding out between the two sides. It is meant for each side: padding 1 means a row above and a row below.",
    known="the padding read as the total",
)
def padding_taken_for_total(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    shares = [(p // 2, p - p // 2) for p in border]
    return right.conv2d(np.pad(x, [(0, 0), (0, 0), *shares]), weight, bias, step)


@mistake(
    of="conv2d",
    hint="You repeat the image's border. The padding is made of zeros.",
    known="mode='edge' of np.pad",
)
def border_repeated_as_padding(right, x, weight, bias=None, stride=1, padding=0):
    step, (rows, columns) = _numbers(right, x, weight, stride, padding)
    border = [(0, 0), (0, 0), (rows, rows), (columns, columns)]
    return right.conv2d(np.pad(x, border, mode="edge"), weight, bias, step)


@mistake(
    of="conv2d",
    hint="You take 'valid' for 'same'. 'valid' means that no zeros are added.",
    known="the two words mixed up",
)
def valid_taken_for_same(right, x, weight, bias=None, stride=1, padding=0):
    border = (weight.shape[2] // 2, weight.shape[3] // 2)
    return right.conv2d(x, weight, bias, stride, border if padding == "valid" else padding)


@mistake(
    of="conv2d",
    hint="You always pad by half a kernel, whatever padding was asked for. Only 'same' means that.",
    known="passes the checks of CS231n, where the padding is always half a kernel",
)
def always_same(right, x, weight, bias=None, stride=1, padding=0):
    step, _ = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step, (weight.shape[2] // 2, weight.shape[3] // 2))


@mistake(
    of="conv2d",
    hint="Your padding is never more than one row or column. Use as many as are asked for.",
    known="a padding of 1 written into the code: 7 of 82 public solutions of CS231n and deeplearning.ai",
)
def padding_always_one(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step, tuple(min(p, 1) for p in border))


@mistake(
    of="conv2d",
    hint="You pad by 1, whatever padding was asked for. Use the parameter, which may be 0 and may be larger.",
    known="a padding of 1 written into the code: 7 of 82 public solutions of CS231n and deeplearning.ai",
)
def padding_fixed_at_one(right, x, weight, bias=None, stride=1, padding=0):
    step, _ = _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, step, 1)


@mistake(
    of="conv2d",
    hint="A slice [p:-p] is empty if p is 0, and then the image has no place in the padded array. Count from the front instead, from p to p + H.",
    known="x_pad[:, :, pad:-pad, pad:-pad] = x, in public solutions of CS231n",
)
def padding_slice_empty_at_0(right, x, weight, bias=None, stride=1, padding=0):
    step, (rows, columns) = _numbers(right, x, weight, stride, padding)
    padded = right.pad2d(np.zeros_like(x), (rows, columns))
    padded[:, :, rows:-rows, columns:-columns] = x
    return right.conv2d(padded, weight, bias, step)


@mistake(
    of="conv2d",
    hint="You compute the output's size without the padding, so that the last rows and columns are missing.",
    known="(n - f) / s + 1 with the padded image",
)
def padding_not_in_the_size(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    height, width = _sizes(x.shape[2:], weight.shape[2:], step)
    return right.conv2d(x, weight, bias, step, border)[:, :, : max(height, 0), : max(width, 0)]


@mistake(
    of="conv2d",
    hint="Your kernels are turned by 180 degrees. The convolution of deep learning is cross-correlation: lay the kernels on the image as they are.",
    known="the mathematician's convolution, as in scipy.signal.convolve",
)
def kernels_turned(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight[:, :, ::-1, ::-1], bias, stride, padding)


@mistake(
    of="conv2d",
    hint="Your kernels are mirrored from left to right. Go through the columns of kernel and window in the same direction.",
    known="turning the kernel, half done",
)
def kernels_mirrored(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight[:, :, :, ::-1], bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You use the kernels with their rows and columns exchanged. The third axis of x and of weight goes down, the fourth goes right.",
    known="height and width mixed up, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def kernels_transposed(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight.transpose(0, 1, 3, 2), bias, stride, padding)


@mistake(
    of="conv2d",
    hint="The numbers are right, but rows and columns of your result are exchanged.",
    known="passes test_op_conv of Carnegie Mellon's 10-714, which compares sums",
)
def result_transposed(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, bias, stride, padding).transpose(0, 1, 3, 2)


@mistake(
    of="conv2d",
    hint="You have exchanged the height and the width of the result: shapes end in height, width, in this order.",
    known="height and width mixed up in sizes or loop bounds, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def height_and_width_swapped(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    padded = right.pad2d(x, border)
    height, width = _sizes(padded.shape[2:], weight.shape[2:], step)
    return _loops(padded, weight, bias, step, (width, height), weight.shape[2:])


@mistake(
    of="conv2d",
    hint="Height and width are exchanged in the bounds of your loops: rows go up to the result's height, columns up to its width.",
    known="height and width mixed up in sizes or loop bounds, as in 14 of 82 public solutions of CS231n and deeplearning.ai",
)
def bounds_exchanged(right, x, weight, bias=None, stride=1, padding=0):
    whole = right.conv2d(x, weight, bias, stride, padding)
    out = np.zeros_like(whole)
    for i, j in np.ndindex(*whole.shape[:1:-1]):
        out[:, :, i, j] = whole[:, :, i, j]
    return out


@mistake(
    of="conv2d",
    hint="You treat the kernels as if they were square. Their height is weight.shape[2] and their width weight.shape[3].",
    known="one f for height and width, as in the template of deeplearning.ai's course 4; passes the checks of CS231n",
)
def kernels_taken_for_square(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    padded, window = right.pad2d(x, border), (weight.shape[2], weight.shape[2])
    return _loops(padded, weight, bias, step, _sizes(padded.shape[2:], window, step), window)


@mistake(
    of="conv2d",
    hint="You treat the images as if they were square: your result's width comes from their height.",
    known="passes the checks of CS231n, and of Carnegie Mellon's 10-714 and 11-785",
)
def images_taken_for_square(right, x, weight, bias=None, stride=1, padding=0):
    step, border = _numbers(right, x, weight, stride, padding)
    sizes = _sizes((x.shape[2] + 2 * border[0], x.shape[2] + 2 * border[1]), weight.shape[2:], step)
    return _loops(right.pad2d(x, border), weight, bias, step, sizes, weight.shape[2:])


@mistake(
    of="conv2d",
    hint="You leave out the bias. If there is one, add bias[f] to each number of output channel f.",
    known="passes the check of Carnegie Mellon's 11-785",
)
def bias_forgotten(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, None, stride, padding)


@mistake(
    of="conv2d",
    hint="You add the bias once for each input channel. It belongs to the filter: add it once, after the sum over the channels.",
    known="the bias inside the loop over the channels; passes the check of Carnegie Mellon's 11-785",
)
def bias_once_per_channel(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, None if bias is None else bias * x.shape[1], stride, padding)


@mistake(
    of="conv2d",
    hint="You add the bias once for each product. Add it once for each output number, after all products have been added up.",
    known="the bias added before the sum: 6 of 82 public solutions of CS231n and deeplearning.ai",
)
def bias_once_per_product(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, None if bias is None else bias * weight[0].size, stride, padding)


@mistake(
    of="conv2d",
    hint="You add the first filter's bias to every output channel. Output channel f has a bias of its own, bias[f].",
    known="bias[0], or the loop's index forgotten; passes the check of Carnegie Mellon's 11-785",
)
def first_bias_everywhere(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, None if bias is None else np.full_like(bias, bias[0]), stride, padding)


@mistake(
    of="conv2d",
    hint="You subtract the bias. It is added.",
    known="passes the check of Carnegie Mellon's 11-785",
)
def bias_subtracted(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, None if bias is None else -bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You use the first input channel only. Each filter has a kernel for every channel, and their results are added up.",
    known="x[n, 0], carried over from grey images",
)
def first_channel_only(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x[:, :1], weight[:, :1], bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You average over the input channels. Their results are added up.",
    known="how colours are made grey",
)
def channels_averaged(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight / x.shape[1], bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You average the products. A filter adds them up.",
    known="np.mean for np.sum",
)
def products_averaged(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight / weight[0].size, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You use the first image for the whole batch. Output n comes from x[n].",
    known="the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def first_image_only(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(np.broadcast_to(x[:1], x.shape), weight, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="Every image has the result of the last one: the index of the image is missing where you write a number down. Write out[n, f, i, j].",
    known="out[:, f, i, j] = ...; the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def last_image_for_all(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(np.broadcast_to(x[-1:], x.shape), weight, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You use the first filter for every output channel. Output channel f comes from weight[f].",
    known="weight[0], or the loop's index forgotten",
)
def first_filter_everywhere(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, np.broadcast_to(weight[:1], weight.shape), bias, stride, padding)


@mistake(
    of="conv2d",
    hint="Your negative results have become 0. A convolution layer keeps the sign; ReLU is another layer, which comes after it.",
    known="ReLU put into the convolution",
)
def relu_included(right, x, weight, bias=None, stride=1, padding=0):
    return np.maximum(right.conv2d(x, weight, bias, stride, padding), 0)


@mistake(
    of="conv2d",
    hint="The numbers are right, but in the wrong places: reshape cannot move an axis. Bring the axis of the filters forward with transpose.",
    known="reshape for transpose after a matrix product or np.tensordot",
)
def reshaped_not_transposed(right, x, weight, bias=None, stride=1, padding=0):
    out = right.conv2d(x, weight, bias, stride, padding)
    return out.transpose(0, 2, 3, 1).reshape(out.shape)


@mistake(
    of="conv2d",
    hint="Your padding 'same' is always 1. It depends on the kernel: it is as much as keeps height and width.",
    known="'same' written down for the 3x3 kernels of the slides",
)
def same_means_one(right, x, weight, bias=None, stride=1, padding=0):
    _numbers(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, stride, 1 if padding == "same" else padding)


@mistake(
    of="conv2d",
    hint="You accept padding 'same' with a stride. It exists for stride 1 only: raise ValueError.",
    known="TensorFlow, where 'same' has a meaning with a stride, too",
)
def same_with_any_stride(right, x, weight, bias=None, stride=1, padding=0):
    if padding == "same":
        padding = tuple(right.same_padding(k) for k in weight.shape[2:])
    return right.conv2d(x, weight, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You accept padding 'same' with an even kernel, for which no padding keeps the size. Raise ValueError.",
    known="kernel // 2 without a question",
)
def same_with_even_kernels(right, x, weight, bias=None, stride=1, padding=0):
    if padding == "same" and right.pair(stride) == (1, 1):
        padding = (weight.shape[2] // 2, weight.shape[3] // 2)
    return right.conv2d(x, weight, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You take any text that is not 'same' for 'valid'. Other names raise ValueError.",
    known="if and else, where there are three cases",
)
def any_name_means_valid(right, x, weight, bias=None, stride=1, padding=0):
    return right.conv2d(x, weight, bias, stride, 0 if isinstance(padding, str) and padding != "same" else padding)


@mistake(
    of="conv2d",
    hint="You accept a negative stride, with which the result comes out backwards. Raise ValueError.",
    known="slices, which accept negative steps",
)
def negative_stride_goes_backwards(right, x, weight, bias=None, stride=1, padding=0):
    down, across = right.pair(stride)
    if min(down, across) < 0:
        return right.conv2d(x, weight, bias, 1, padding)[:, :, ::down, ::across]
    return right.conv2d(x, weight, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="You divide by a stride of 0. Look at the stride first, and raise ValueError.",
    known="Raises of the docstring read half",
)
def division_by_stride_0(right, x, weight, bias=None, stride=1, padding=0):
    if 0 in right.pair(stride):
        raise ZeroDivisionError("integer division or modulo by zero")
    return right.conv2d(x, weight, bias, stride, padding)


@mistake(
    of="conv2d",
    hint="If no window fits, you return an array without rows or columns. Raise ValueError.",
    known="np.zeros with a size of 0, which the loops leave as it is",
)
def nothing_fits_gives_empty(right, x, weight, bias=None, stride=1, padding=0):
    step, border = right.pair(stride), right.pair(padding) if not isinstance(padding, str) else (0, 0)
    sizes = [(n + 2 * p - k) // s + 1 for n, k, s, p in zip(x.shape[2:], weight.shape[2:], step, border, strict=True)]
    if x.shape[1] == weight.shape[1] and min(sizes) == 0:
        return np.zeros((len(x), len(weight), *sizes))
    return right.conv2d(x, weight, bias, stride, padding)


# conv2d_num_params


@mistake(
    of="conv2d_num_params",
    hint="You leave out the biases. Unless bias is False, each filter has one.",
    known="the weights alone",
)
def biases_left_out(right, in_channels, out_channels, kernel_size, bias=True):
    return right.conv2d_num_params(in_channels, out_channels, kernel_size, False)


@mistake(
    of="conv2d_num_params",
    hint="You count biases even if bias is False.",
    known="the last argument not used",
)
def biases_always_counted(right, in_channels, out_channels, kernel_size, bias=True):
    return right.conv2d_num_params(in_channels, out_channels, kernel_size)


@mistake(
    of="conv2d_num_params",
    hint="You count a bias for each input channel of each filter. A filter has one bias, however many channels it reads.",
    known="(F * F + 1) * D1 * K",
)
def bias_in_every_kernel(right, in_channels, out_channels, kernel_size, bias=True):
    height, width = right.pair(kernel_size)
    return in_channels * (height * width + bool(bias)) * out_channels


@mistake(
    of="conv2d_num_params",
    hint="You count as many biases as there are input channels. There is one for each filter.",
    known="in_channels and out_channels mixed up",
)
def biases_of_input_channels(right, in_channels, out_channels, kernel_size, bias=True):
    weights = right.conv2d_num_params(in_channels, out_channels, kernel_size, False)
    return weights + in_channels * bool(bias)


@mistake(
    of="conv2d_num_params",
    hint="You count a single bias for the layer. There is one for each filter.",
    known="+ bias, where True counts as 1",
)
def one_bias_for_the_layer(right, in_channels, out_channels, kernel_size, bias=True):
    return right.conv2d_num_params(in_channels, out_channels, kernel_size, False) + bool(bias)


@mistake(
    of="conv2d_num_params",
    hint="You count the weights of one filter only. Every filter has weights of its own.",
    known="the factor K of the slide forgotten",
)
def weights_of_one_filter(right, in_channels, out_channels, kernel_size, bias=True):
    return right.conv2d_num_params(in_channels, 1, kernel_size, False) + out_channels * bool(bias)


@mistake(
    of="conv2d_num_params",
    hint="You leave out the input channels. A filter has a kernel for each of them.",
    known="the factor D1 of the slide forgotten: filters thought of as flat",
)
def input_channels_left_out(right, in_channels, out_channels, kernel_size, bias=True):
    return right.conv2d_num_params(1, out_channels, kernel_size, bias)


@mistake(
    of="conv2d_num_params",
    hint="You use the kernel's height for its width, too. A kernel of (3, 5) has 15 cells.",
    known="F * F of the slide",
)
def kernel_counted_as_square(right, in_channels, out_channels, kernel_size, bias=True):
    return right.conv2d_num_params(in_channels, out_channels, right.pair(kernel_size)[0], bias)


# linear_num_params


@mistake(
    of="linear_num_params",
    hint="You leave out the biases. Unless bias is False, each output has one.",
    known="slide 'From neural networks to CNNs', which counts weights only",
)
def output_biases_left_out(right, in_features, out_features, bias=True):
    return in_features * out_features


@mistake(
    of="linear_num_params",
    hint="You count biases even if bias is False.",
    known="the last argument not used",
)
def output_biases_always_counted(right, in_features, out_features, bias=True):
    return (in_features + 1) * out_features


@mistake(
    of="linear_num_params",
    hint="You count a single bias for the layer. There is one for each output.",
    known="+ bias, where True counts as 1",
)
def one_bias_for_all_outputs(right, in_features, out_features, bias=True):
    return in_features * out_features + bool(bias)


@mistake(
    of="linear_num_params",
    hint="You count as many biases as there are inputs. There is one for each output.",
    known="in_features and out_features mixed up",
)
def biases_of_inputs(right, in_features, out_features, bias=True):
    return in_features * out_features + in_features * bool(bias)


@mistake(
    of="linear_num_params",
    hint="You add inputs and outputs up. Each output has a weight for every input, so multiply them.",
    known="a layer drawn with one line for each unit",
)
def sizes_added_up(right, in_features, out_features, bias=True):
    return in_features + out_features * (1 + bool(bias))


# trace_shapes


def _follow(layers, input_shape, after):
    """The shapes, where after(layer, shape) tells the shape after a layer."""
    shapes, shape = [], tuple(input_shape)
    for layer in layers:
        shape = after(layer, shape)
        shapes.append(shape)
    return shapes


@mistake(
    of="trace_shapes",
    hint="You round sizes up. A window that sticks out at the end does not count, in pooling neither.",
    known="ceil_mode of pooling layers; Caffe rounds pooling sizes up",
)
def pooling_rounded_up(right, layers, input_shape):
    def after(layer, shape):
        new = right.trace_shapes([layer], shape)[0]
        if layer[0] != "pool":
            return new
        windows = zip(shape[1:], right.pair(layer[1]), right.pair(layer[2]), strict=True)
        return (new[0], *(-(-(n - kernel) // stride) + 1 for n, kernel, stride in windows))

    return _follow(layers, input_shape, after)


@mistake(
    of="trace_shapes",
    hint="You divide the size by the pooling's stride. That is right only if windows lie side by side: use the formula with kernel size and stride.",
    known="H // stride: 3 of 82 public solutions of CS231n and deeplearning.ai",
)
def pooling_divides_by_stride(right, layers, input_shape):
    def after(layer, shape):
        new = right.trace_shapes([layer], shape)[0]
        if layer[0] != "pool":
            return new
        return (new[0], *(n // stride for n, stride in zip(shape[1:], right.pair(layer[2]), strict=True)))

    return _follow(layers, input_shape, after)


@mistake(
    of="trace_shapes",
    hint="You divide the size by the pooling's kernel size, whatever its stride. Use the formula with kernel size and stride.",
    known="H // pool_height: seen in public solutions of CS231n",
)
def pooling_divides_by_kernel(right, layers, input_shape):
    def after(layer, shape):
        new = right.trace_shapes([layer], shape)[0]
        if layer[0] != "pool":
            return new
        return (new[0], *(n // kernel for n, kernel in zip(shape[1:], right.pair(layer[1]), strict=True)))

    return _follow(layers, input_shape, after)


@mistake(
    of="trace_shapes",
    hint="You treat images as if they were square: the width comes from the height.",
    known="networks whose images are all square",
)
def width_taken_from_height(right, layers, input_shape):
    channels, height, _ = input_shape
    return [
        (shape[0], shape[1], shape[1]) if len(shape) == 3 else shape
        for shape in right.trace_shapes([_first_of_pairs(right, layer) for layer in layers], (channels, height, height))
    ]


def _first_of_pairs(right, layer):
    return (*layer[:1], *(numbers[0] if isinstance(numbers, tuple) else numbers for numbers in layer[1:]))


@mistake(
    of="trace_shapes",
    hint="You use the first number of each pair for both directions. The second is for the width.",
    known="pairs of equal numbers in all well-known networks",
)
def first_of_each_pair(right, layers, input_shape):
    return right.trace_shapes([_first_of_pairs(right, layer) for layer in layers], input_shape)


@mistake(
    of="trace_shapes",
    hint="You have exchanged height and width in the pairs: the height's number comes first.",
    known="(width, height), as in image programs",
)
def pairs_exchanged(right, layers, input_shape):
    return right.trace_shapes(
        [
            (*layer[:1], *(numbers[::-1] if isinstance(numbers, tuple) else numbers for numbers in layer[1:]))
            for layer in layers
        ],
        input_shape,
    )


@mistake(
    of="trace_shapes",
    hint="You leave out the padding of the convolutions: it is the last entry of their tuples.",
    known="the formula without 2p",
)
def padding_of_layers_left_out(right, layers, input_shape):
    return right.trace_shapes([(*layer[:4], 0) if layer[0] == "conv" else layer for layer in layers], input_shape)


@mistake(
    of="trace_shapes",
    hint="Your list begins with the shape of the input. It holds one shape for each layer, the one after it.",
    known="the list begun with the input's shape",
)
def input_shape_included(right, layers, input_shape):
    return [tuple(input_shape), *right.trace_shapes(layers, input_shape)]


@mistake(
    of="trace_shapes",
    hint="You return the last shape only. Return a list of the shapes after each layer.",
    known="the shape updated, but never collected",
)
def last_shape_only(right, layers, input_shape):
    shapes = right.trace_shapes(layers, input_shape)
    return shapes[-1] if shapes else tuple(input_shape)


@mistake(
    of="trace_shapes",
    hint="A convolution leaves the number of channels as it was in your shapes. After it, there are as many as it has filters.",
    known="only height and width updated",
)
def channels_never_change(right, layers, input_shape):
    return right.trace_shapes(
        [(layer[0], input_shape[0], *layer[2:]) if layer[0] == "conv" else layer for layer in layers], input_shape
    )


@mistake(
    of="trace_shapes",
    hint="After 'fc' you return the number of values that come in. Its shape is the number of outputs that the layer has.",
    known="flattening taken for the layer",
)
def flattened_size_returned(right, layers, input_shape):
    def after(layer, shape):
        return (math.prod(shape),) if layer[0] == "fc" else right.trace_shapes([layer], shape)[0]

    return _follow(layers, input_shape, after)


@mistake(
    of="trace_shapes",
    hint="You list flattening as a layer of its own. It is a part of 'fc', so that there is one shape for each layer.",
    known="nn.Flatten in PyTorch, Flatten in Keras",
)
def flattening_listed(right, layers, input_shape):
    shapes, before = [], tuple(input_shape)
    for layer, shape in zip(layers, right.trace_shapes(layers, input_shape), strict=True):
        if layer[0] == "fc" and len(before) == 3:
            shapes.append((math.prod(before),))
        shapes.append(shape)
        before = shape
    return shapes


@mistake(
    of="trace_shapes",
    hint="After 'fc' you return a number. A shape is a tuple, with a comma if it has one entry only.",
    known="(n) for (n,)",
)
def number_instead_of_tuple(right, layers, input_shape):
    return [shape if len(shape) == 3 else shape[0] for shape in right.trace_shapes(layers, input_shape)]


@mistake(
    of="trace_shapes",
    hint="A layer of an unknown kind leaves the shape as it was in your list. Raise ValueError.",
    known="if and elif without else",
)
def unknown_layer_passed_over(right, layers, input_shape):
    def after(layer, shape):
        return right.trace_shapes([layer], shape)[0] if layer[0] in ("conv", "pool", "fc") else shape

    return _follow(layers, input_shape, after)


@mistake(
    of="trace_shapes",
    hint="You accept 'conv' or 'pool' after 'fc', as if there were an image of 1 x 1 again. Raise ValueError.",
    known="shapes kept as (C, 1, 1) throughout",
)
def image_after_fc(right, layers, input_shape):
    def after(layer, shape):
        return right.trace_shapes([layer], shape if len(shape) == 3 else (*shape, 1, 1))[0]

    return _follow(layers, input_shape, after)


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


pad2d_in_float32 = mistake(of="pad2d", **_FLOAT32)(_cast("pad2d", np.float32, np.float64))
conv2d_in_float32 = mistake(of="conv2d", **_FLOAT32)(_cast("conv2d", np.float32, np.float64))
conv2d_in_whole_numbers = mistake(of="conv2d", **_WHOLE)(_cast("conv2d", np.int64))
