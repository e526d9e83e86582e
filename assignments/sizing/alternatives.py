"""Right answers to "Padding, stride and sizes", written differently."""

import functools
import math

import numpy as np

from autograder.catalogue import alternative

# conv_output_size


@alternative(of="conv_output_size")
def windows_counted(right, n, kernel_size, stride=1, padding=0, dilation=1):
    if n < 1 or kernel_size < 1 or stride < 1 or padding < 0 or dilation < 1:
        raise ValueError("too small")
    windows, start = 0, -padding
    while start + dilation * (kernel_size - 1) < n + padding:
        windows += 1
        start += stride
    if not windows:
        raise ValueError("no window fits")
    return windows


@alternative(of="conv_output_size")
def length_of_a_range(right, n, kernel_size, stride=1, padding=0, dilation=1):
    if min(n, kernel_size, dilation) <= 0 or stride <= 0 or padding < 0:
        raise ValueError
    starts = range(0, n + 2 * padding - dilation * (kernel_size - 1), stride)
    if len(starts) == 0:
        raise ValueError
    return len(starts)


@alternative(of="conv_output_size")
def floor_of_a_fraction(right, n, kernel_size, stride=1, padding=0, dilation=1):
    assert kernel_size is not None
    if n < 1 or kernel_size < 1 or stride < 1 or padding < 0 or dilation < 1:
        raise ValueError("arguments")
    size = math.floor((n + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1)
    if size >= 1:
        return size
    raise ValueError(f"size {size}")


@alternative(of="conv_output_size")
def numpy_integer(right, n, kernel_size, stride=1, padding=0, dilation=1):
    return np.int32(right.conv_output_size(n, kernel_size, stride, padding, dilation))


# same_padding


@alternative(of="same_padding")
def padding_found_by_trying(right, kernel_size):
    for padding in range(kernel_size):
        if right.conv_output_size(100 + kernel_size, kernel_size, 1, padding) == 100 + kernel_size:
            return padding
    raise ValueError("there is none")


@alternative(of="same_padding")
def half_as_numpy_integer(right, kernel_size):
    half, rest = np.divmod(kernel_size - 1, 2)
    if rest or half < 0:
        raise ValueError("kernel_size")
    return half


# pad2d


@alternative(of="pad2d")
def numpy_pad(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    return np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)), "constant", constant_values=value)


@alternative(of="pad2d")
def cell_by_cell(right, x, padding, value=0.0):
    rows, columns = right.pair(padding)
    if rows < 0 or columns < 0:
        raise ValueError("negative")
    batch, channels, height, width = x.shape
    out = np.ones((batch, channels, height + 2 * rows, width + 2 * columns)) * value
    for n in range(batch):
        for c in range(channels):
            for i in range(height):
                for j in range(width):
                    out[n, c, i + rows, j + columns] = x[n, c, i, j]
    return out


@alternative(of="pad2d")
def joined_together(right, x, padding, value=0.0):
    rows, columns = (padding, padding) if type(padding) is int else padding
    beside = np.full((*x.shape[:3], columns), value)  # np.full refuses negative sizes with ValueError
    x = np.concatenate([beside, x, beside], axis=3)
    above = np.full((*x.shape[:2], rows, x.shape[3]), value)
    return np.concatenate([above, x, above], axis=2)


@alternative(of="pad2d")
def indices_and_a_mask(right, x, padding, value=0.0):
    (top, left), (height, width) = right.pair(padding), x.shape[2:]
    if min(top, left) < 0:
        raise ValueError(padding)
    i, j = np.arange(-top, height + top)[:, None], np.arange(-left, width + left)
    inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
    return np.where(inside, x[:, :, i.clip(0, height - 1), j.clip(0, width - 1)], value)


# conv2d


def _prepare(right, x, weight, stride, padding):
    """Strides, paddings, and height and width of the result, everything checked."""
    if x.shape[1] != weight.shape[1]:
        raise ValueError("channels")
    step = right.pair(stride)
    if padding == "same":
        if step != (1, 1):
            raise ValueError("same")
        padding = tuple(map(right.same_padding, weight.shape[2:]))
    elif padding == "valid":
        padding = 0
    elif isinstance(padding, str):
        raise ValueError(padding)
    border = right.pair(padding)
    size = [right.conv_output_size(*each) for each in zip(x.shape[2:], weight.shape[2:], step, border, strict=True)]
    return step, border, size


def _padded(x, border):
    return np.pad(x, [(0, 0), (0, 0), (border[0], border[0]), (border[1], border[1])])


def _plus(out, bias):
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


@alternative(of="conv2d", slow=True)
def seven_loops(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, (height, width) = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    filters, channels, kernel_height, kernel_width = weight.shape
    out = np.zeros((len(x), filters, height, width))
    for n in range(len(x)):
        for f in range(filters):
            for i in range(height):
                for j in range(width):
                    for c in range(channels):
                        for a in range(kernel_height):
                            for b in range(kernel_width):
                                out[n, f, i, j] += padded[n, c, i * down + a, j * across + b] * weight[f, c, a, b]
                    if bias is not None:
                        out[n, f, i, j] += bias[f]
    return out


@alternative(of="conv2d", slow=True)
def four_loops(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, (height, width) = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    filters, _, kernel_height, kernel_width = weight.shape
    out = np.zeros((len(x), filters, height, width))
    for n in range(len(x)):
        for f in range(filters):
            for i in range(height):
                for j in range(width):
                    top, left = i * down, j * across
                    window = padded[n, :, top : top + kernel_height, left : left + kernel_width]
                    out[n, f, i, j] = (window * weight[f]).sum() + (0 if bias is None else bias[f])
    return out


@alternative(of="conv2d", slow=True)
def loops_without_a_padded_image(right, x, weight, bias=None, stride=1, padding=0):
    """Cells outside the image are passed over."""
    (down, across), (top, left), (height, width) = _prepare(right, x, weight, stride, padding)
    filters, _, kernel_height, kernel_width = weight.shape
    out = np.zeros((len(x), filters, height, width))
    for n, f, i, j in np.ndindex(out.shape):
        for a in range(kernel_height):
            for b in range(kernel_width):
                row, column = i * down + a - top, j * across + b - left
                if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                    out[n, f, i, j] += x[n, :, row, column] @ weight[f, :, a, b]
    return _plus(out, bias)


@alternative(of="conv2d")
def one_product_for_each_position(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, (height, width) = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    out = np.empty((len(x), len(weight), height, width))
    for i in range(height):
        for j in range(width):
            window = padded[:, :, i * down : i * down + weight.shape[2], j * across : j * across + weight.shape[3]]
            out[:, :, i, j] = np.tensordot(window, weight, axes=((1, 2, 3), (1, 2, 3)))
    return _plus(out, bias)


@alternative(of="conv2d")
def one_product_for_each_cell_of_the_kernel(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, (height, width) = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    out = np.zeros((len(x), height, width, len(weight)))
    for a in range(weight.shape[2]):
        for b in range(weight.shape[3]):
            seen = padded[:, :, a : a + down * (height - 1) + 1 : down, b : b + across * (width - 1) + 1 : across]
            out += np.tensordot(seen, weight[:, :, a, b], axes=(1, 1))
    return _plus(np.moveaxis(out, 3, 1), bias)


@alternative(of="conv2d")
def im2col(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, (height, width) = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    filters, channels, kernel_height, kernel_width = weight.shape
    columns = np.empty((len(x), channels, kernel_height, kernel_width, height, width))
    for a in range(kernel_height):
        for b in range(kernel_width):
            columns[:, :, a, b] = padded[:, :, a::down, b::across][:, :, :height, :width]
    out = weight.reshape(filters, -1) @ columns.reshape(len(x), -1, height * width)
    return _plus(out.reshape(len(x), filters, height, width), bias)


_places = {}


@alternative(of="conv2d")
def im2col_with_remembered_indices(right, x, weight, bias=None, stride=1, padding=0):
    """The indices are kept in a global from one call to the next."""
    step, border, size = _prepare(right, x, weight, stride, padding)
    key = *weight.shape[1:], *step, *size
    if key not in _places:
        c, a, b = np.indices(weight.shape[1:]).reshape(3, -1, 1)
        i, j = np.indices(size).reshape(2, 1, -1)
        _places[key] = c, a + i * step[0], b + j * step[1]
    columns = _padded(x, border)[(slice(None), *_places[key])]
    return _plus((weight.reshape(len(weight), -1) @ columns).reshape(len(x), len(weight), *size), bias)


@alternative(of="conv2d")
def no_padded_image_but_a_mask(right, x, weight, bias=None, stride=1, padding=0):
    """The windows' cells are fetched by their indices; those outside the image count 0."""
    step, border, size = _prepare(right, x, weight, stride, padding)
    rows, columns = (
        np.arange(out)[:, None] * s - p + np.arange(k)
        for out, s, p, k in zip(size, step, border, weight.shape[2:], strict=True)
    )
    rows, columns = rows[:, None, :, None], columns[None, :, None, :]
    inside = (rows >= 0) & (rows < x.shape[2]) & (columns >= 0) & (columns < x.shape[3])
    windows = x[:, :, rows.clip(0, x.shape[2] - 1), columns.clip(0, x.shape[3] - 1)] * inside
    return _plus(np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2), bias)


@alternative(of="conv2d")
def einsum(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, _ = _prepare(right, x, weight, stride, padding)
    windows = np.lib.stride_tricks.sliding_window_view(_padded(x, border), weight.shape[2:], axis=(2, 3))
    return _plus(np.einsum("nchwab,fcab->nfhw", windows[:, :, ::down, ::across], weight), bias)


@alternative(of="conv2d")
def as_strided(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, size = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    *outer, row, column = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded, (*x.shape[:2], *size, *weight.shape[2:]), (*outer, row * down, column * across, row, column)
    )
    return _plus(np.einsum("nchwab,fcab->nfhw", windows, weight, optimize=True), bias)


@alternative(of="conv2d")
def fft(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, _ = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    size = padded.shape[2:]
    product = np.einsum("nchw,fchw->nfhw", np.fft.rfft2(padded), np.fft.rfft2(weight, size).conj())
    height, width = (n - k + 1 for n, k in zip(size, weight.shape[2:], strict=True))
    return _plus(np.fft.irfft2(product, size)[:, :, :height:down, :width:across], bias)


@alternative(of="conv2d")
def toeplitz(right, x, weight, bias=None, stride=1, padding=0):
    """Each row of the kernel becomes a banded matrix, which takes a row of the image to a row of the result."""
    (down, across), border, (height, width) = _prepare(right, x, weight, stride, padding)
    padded = _padded(x, border)
    out = np.zeros((len(x), height, len(weight), width))
    for a in range(weight.shape[2]):
        band = np.zeros((x.shape[1], padded.shape[3], len(weight), width))
        for b in range(weight.shape[3]):
            for j in range(width):
                band[:, j * across + b, :, j] = weight[:, :, a, b].T
        out += np.tensordot(padded[:, :, a::down][:, :, :height], band, axes=((1, 3), (0, 1)))
    return _plus(out.transpose(0, 2, 1, 3), bias)


@alternative(of="conv2d")
def stride_1_and_cells_thrown_away(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, _ = _prepare(right, x, weight, stride, padding)
    return right.conv2d(x, weight, bias, 1, border)[:, :, ::down, ::across]


@alternative(of="conv2d")
def einsum_and_cells_thrown_away(right, x, weight, bias=None, stride=1, padding=0):
    (down, across), border, _ = _prepare(right, x, weight, stride, padding)
    windows = np.lib.stride_tricks.sliding_window_view(_padded(x, border), weight.shape[2:], axis=(2, 3))
    return _plus(np.einsum("nchwab,fcab->nfhw", windows, weight)[:, :, ::down, ::across], bias)


@alternative(of="conv2d")
def not_contiguous(right, x, weight, bias=None, stride=1, padding=0):
    out = right.conv2d(x, weight, bias, stride, padding)
    return np.repeat(out[:, :, ::-1], 2, axis=3)[:, :, ::-1, ::2]


@alternative(of="conv2d")
def callable_object(right):
    class Convolution:
        calls = 0

        def __call__(self, x, weight, bias=None, stride=1, padding=0):
            self.calls += 1
            return np.ascontiguousarray(right.conv2d(x, weight, bias, stride, padding))

    return Convolution()


@alternative(of="conv2d")
def decorated(right):
    def with_numbers(function):
        @functools.wraps(function)
        def wrapper(x, weight, bias=None, stride=1, padding=0):
            step, border, _ = _prepare(right, x, weight, stride, padding)
            return _plus(function(_padded(x, border), weight, *step), bias)

        return wrapper

    @with_numbers
    def conv2d(x, weight, down, across):
        windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (2, 3))[:, :, ::down, ::across]
        return np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)

    return conv2d


# conv2d_num_params and linear_num_params


@alternative(of="conv2d_num_params")
def sizes_of_arrays(right, in_channels, out_channels, kernel_size, bias=True):
    return np.zeros((out_channels, in_channels, *right.pair(kernel_size))).size + np.zeros(out_channels).size * bias


@alternative(of="conv2d_num_params")
def numpy_product(right, in_channels, out_channels, kernel_size, bias=True):
    if isinstance(kernel_size, int):
        kernel_size = [kernel_size] * 2
    weights = np.prod([in_channels, out_channels, *kernel_size])
    return weights + out_channels if bias else weights


@alternative(of="linear_num_params")
def one_layer_of_convolutions(right, in_features, out_features, bias=True):
    return right.conv2d_num_params(in_features, out_features, 1, bias)


@alternative(of="linear_num_params")
def summed_over_outputs(right, in_features, out_features, bias=True):
    return sum(in_features + (1 if bias else 0) for _ in range(out_features))


# trace_shapes


@alternative(of="trace_shapes")
def branch_for_each_kind(right, layers, input_shape):
    shapes = ()
    c, h, w = input_shape
    flat = False
    for layer in layers:
        if layer[0] == "fc":
            flat = True
            shapes += ((layer[1],),)
            continue
        if flat:
            raise ValueError("conv or pool after fc")
        if layer[0] == "conv":
            _, c, kernel, stride, padding = layer
        elif layer[0] == "pool":
            _, kernel, stride = layer
            padding = 0
        else:
            raise ValueError("unknown layer")
        (kernel_h, kernel_w), (stride_h, stride_w), (top, left) = map(right.pair, (kernel, stride, padding))
        h = right.conv_output_size(h, kernel_h, stride_h, top)
        w = right.conv_output_size(w, kernel_w, stride_w, left)
        shapes += ((c, h, w),)
    return shapes


@alternative(of="trace_shapes")
def lists_of_numpy_integers(right, layers, input_shape):
    return [list(np.array(shape)) for shape in right.trace_shapes(layers, input_shape)]


@alternative(of="trace_shapes")
def one_class_for_each_kind(right):
    class Convolution:
        def __init__(self, channels, kernel, stride, padding):
            self.channels = channels
            self.windows = [right.pair(kernel), right.pair(stride), right.pair(padding)]

        def after(self, shape):
            channels, *image = shape
            if len(image) != 2:
                raise ValueError(shape)
            return (self.channels or channels, *map(right.conv_output_size, image, *self.windows))

    class Pooling(Convolution):
        def __init__(self, kernel, stride):
            super().__init__(None, kernel, stride, 0)

    class Connected:
        def __init__(self, features):
            self.features = features

        def after(self, shape):
            return (self.features,)

    kinds = {"conv": Convolution, "pool": Pooling, "fc": Connected}

    def trace_shapes(layers, input_shape):
        shape = input_shape
        shapes = []
        for kind, *numbers in layers:
            if kind not in kinds:
                raise ValueError(kind)
            shape = kinds[kind](*numbers).after(shape)
            shapes.append(shape)
        return shapes

    return trace_shapes
