"""Right answers to "Convolution forward", written differently."""

import functools

import numpy as np

from autograder.catalogue import alternative

BOTH = ("conv2d_naive", "conv2d")


# cross_correlate2d


@alternative(of="cross_correlate2d")
def four_loops_for_one_image(right, image, kernel):
    rows = []
    for i in range(len(image) - len(kernel) + 1):
        row = []
        for j in range(len(image[0]) - len(kernel[0]) + 1):
            total = 0.0
            for a in range(len(kernel)):
                for b in range(len(kernel[0])):
                    total += image[i + a][j + b] * kernel[a][b]
            row.append(total)
        rows.append(row)
    return np.array(rows)


@alternative(of="cross_correlate2d")
def one_shifted_image_for_each_cell(right, image, kernel):
    height, width = (n - k + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    return sum(
        kernel[a, b] * image[a : a + height, b : b + width] for a in range(len(kernel)) for b in range(kernel.shape[1])
    )


@alternative(of="cross_correlate2d")
def through_numpy_convolve(right, image, kernel):
    """Each row of the result is a sum of one-dimensional convolutions, each with a row of the kernel, turned back."""
    height = len(image) - len(kernel) + 1
    return np.array(
        [sum(np.convolve(image[i + a], kernel[a, ::-1], "valid") for a in range(len(kernel))) for i in range(height)]
    )


@alternative(of="cross_correlate2d")
def views_of_one_image(right, image, kernel):
    return (np.lib.stride_tricks.sliding_window_view(image, kernel.shape) * kernel).sum(axis=(-2, -1))


@alternative(of="cross_correlate2d")
def through_the_layer(right, image, kernel):
    return right.conv2d(image[None, None], kernel[None, None])[0, 0]


# conv2d_naive and conv2d


def _sizes(x, weight):
    """N, C_in, C_out, and height and width of kernel and result."""
    batch, channels, height, width = x.shape
    filters, expected, kernel_height, kernel_width = weight.shape
    if channels != expected:
        raise ValueError("channels")
    return batch, channels, filters, kernel_height, kernel_width, height - kernel_height + 1, width - kernel_width + 1


def _plus(out, bias):
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


@alternative(of="conv2d_naive")
def seven_loops(right, x, weight, bias=None):
    batch, channels, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    out = np.zeros((batch, filters, height, width))
    for n in range(batch):
        for f in range(filters):
            for i in range(height):
                for j in range(width):
                    total = 0.0 if bias is None else bias[f]
                    for c in range(channels):
                        for a in range(kernel_height):
                            for b in range(kernel_width):
                                total += x[n, c, i + a, j + b] * weight[f, c, a, b]
                    out[n, f, i, j] = total
    return out


@alternative(of="conv2d_naive")
def four_loops(right, x, weight, bias=None):
    batch, _, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    out = np.zeros((batch, filters, height, width))
    for n in range(batch):
        for i in range(height):
            for j in range(width):
                window = x[n, :, i : i + kernel_height, j : j + kernel_width]
                for f in range(filters):
                    out[n, f, i, j] = np.sum(window * weight[f])
                    if bias is not None:
                        out[n, f, i, j] += bias[f]
    return out


@alternative(of="conv2d", slow=True)
def seven_slow_loops(right, x, weight, bias=None):
    return seven_loops(right, x, weight, bias)


@alternative(of="conv2d", slow=True)
def naive_version_called(right, x, weight, bias=None):
    return right.conv2d_naive(x, weight, bias)


@alternative(of="conv2d", slow=True)
def one_image_and_filter_at_a_time(right, x, weight, bias=None):
    """A two-dimensional correlation for each image, filter and channel, in lists."""
    _sizes(x, weight)
    out = [[sum(right.cross_correlate2d(*pair) for pair in zip(image, f, strict=True)) for f in weight] for image in x]
    return _plus(np.array(out), bias)


@alternative(of=BOTH)
def one_product_for_each_position(right, x, weight, bias=None):
    batch, _, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    out = np.empty((batch, filters, height, width))
    for i in range(height):
        for j in range(width):
            window = x[:, :, i : i + kernel_height, j : j + kernel_width]
            out[:, :, i, j] = np.tensordot(window, weight, axes=((1, 2, 3), (1, 2, 3)))
    return _plus(out, bias)


@alternative(of=BOTH)
def one_product_for_each_cell_of_the_kernel(right, x, weight, bias=None):
    batch, _, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    out = np.zeros((batch, filters, height, width))
    for a in range(kernel_height):
        for b in range(kernel_width):
            out += np.einsum("ncij,fc->nfij", x[:, :, a : a + height, b : b + width], weight[:, :, a, b])
    if bias is not None:
        out += bias[:, np.newaxis, np.newaxis]
    return out


@alternative(of=BOTH)
def im2col(right, x, weight, bias=None):
    batch, channels, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    columns = np.zeros((batch, channels, kernel_height, kernel_width, height, width))
    for a in range(kernel_height):
        for b in range(kernel_width):
            columns[:, :, a, b] = x[:, :, a : a + height, b : b + width]
    columns = columns.transpose(1, 2, 3, 0, 4, 5).reshape(channels * kernel_height * kernel_width, -1)
    out = weight.reshape(filters, -1) @ columns
    if bias is not None:
        out += bias.reshape(-1, 1)
    return out.reshape(filters, batch, height, width).transpose(1, 0, 2, 3)


_places = {}


@alternative(of="conv2d")
def im2col_with_remembered_indices(right, x, weight, bias=None):
    """The indices are kept in a global from one call to the next."""
    batch, channels, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    key = channels, kernel_height, kernel_width, height, width
    if key not in _places:
        c, a, b = np.indices((channels, kernel_height, kernel_width)).reshape(3, -1, 1)
        i, j = np.indices((height, width)).reshape(2, 1, -1)
        _places[key] = c, a + i, b + j
    c, rows, columns = _places[key]
    out = (weight.reshape(filters, -1) @ x[:, c, rows, columns]).reshape(batch, filters, height, width)
    return _plus(out, bias)


@alternative(of="conv2d")
def einsum(right, x, weight, bias=None):
    _sizes(x, weight)
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    return _plus(np.einsum("ncijab,fcab->nfij", windows, weight), bias)


@alternative(of="conv2d")
def as_strided(right, x, weight, bias=None):
    batch, channels, _, kernel_height, kernel_width, height, width = _sizes(x, weight)
    windows = np.lib.stride_tricks.as_strided(
        x, (batch, channels, height, width, kernel_height, kernel_width), x.strides + x.strides[2:]
    )
    return _plus(np.einsum("ncijab,fcab->nfij", windows, weight, optimize=True), bias)


@alternative(of="conv2d")
def fft(right, x, weight, bias=None):
    *_, height, width = _sizes(x, weight)
    size = x.shape[2:]
    product = np.einsum("nchw,fchw->nfhw", np.fft.rfft2(x), np.fft.rfft2(weight, size).conj())
    return _plus(np.fft.irfft2(product, size)[:, :, :height, :width], bias)


@alternative(of="conv2d")
def toeplitz(right, x, weight, bias=None):
    """Each row of the kernel becomes a banded matrix, which takes a row of the image to a row of the result."""
    batch, channels, filters, kernel_height, kernel_width, height, width = _sizes(x, weight)
    out = np.zeros((batch, height, filters, width))
    for a in range(kernel_height):
        band = np.zeros((channels, x.shape[3], filters, width))
        for b in range(kernel_width):
            for j in range(width):
                band[:, j + b, :, j] = weight[:, :, a, b].T
        out += np.tensordot(x[:, :, a : a + height], band, axes=((1, 3), (0, 1)))
    return _plus(out.transpose(0, 2, 1, 3), bias)


@alternative(of="conv2d")
def not_contiguous(right, x, weight, bias=None):
    out = right.conv2d(x, weight, bias)
    return np.repeat(out[:, :, ::-1], 2, axis=3)[:, :, ::-1, ::2]


@alternative(of="conv2d")
def callable_object(right):
    class Convolution:
        calls = 0

        def __call__(self, x, weight, bias=None):
            self.calls += 1
            return np.ascontiguousarray(right.conv2d(x, weight, bias))

    return Convolution()


@alternative(of="conv2d")
def decorated(right):
    def without_bias(function):
        @functools.wraps(function)
        def wrapper(x, weight, bias=None):
            return _plus(function(x, weight), bias)

        return wrapper

    @without_bias
    def conv2d(x, weight):
        return right.conv2d(x, weight)

    return conv2d


@alternative(of="conv2d")
def renamed_parameters_and_prints(right):
    def conv2d(A_prev, W, b=None):  # noqa: N803
        print("shapes", A_prev.shape, W.shape)
        assert A_prev.shape[1] == W.shape[1], "channels do not match"
        Z = right.conv2d(A_prev, W, b)  # noqa: N806
        print(Z)
        return Z

    return conv2d


# apply_kernel


@alternative(of="apply_kernel")
def outer_products(right, image, name):
    """Smooth along the edge, subtract across it."""
    smooth = {"vertical": [1, 1, 1], "horizontal": [1, 1, 1], "sobel": [1, 2, 1], "scharr": [3, 10, 3]}
    stem, _, axis = name.partition("_")
    if stem not in smooth or axis not in (("",) if stem in ("vertical", "horizontal") else ("x", "y")):
        raise ValueError(name)
    across = np.array([-1, 0, 1] if stem == "sobel" else [1, 0, -1])
    kernel = np.outer(smooth[stem], across)
    return right.cross_correlate2d(image, kernel.T if stem == "horizontal" or axis == "y" else kernel)


@alternative(of="apply_kernel")
def differences_of_columns(right, image, name):
    """No kernel at all: shifted images are subtracted, then added up."""
    if name in ("horizontal", "sobel_y", "scharr_y"):
        return differences_of_columns(right, image.T, {"horizontal": "vertical"}.get(name, name.replace("y", "x"))).T
    if name not in ("vertical", "sobel_x", "scharr_x"):
        raise ValueError("unknown")
    middle, sides, sign = {"vertical": (1, 1, 1), "sobel_x": (2, 1, -1), "scharr_x": (10, 3, 1)}[name]
    change = sign * (image[:, :-2] - image[:, 2:])
    return sides * (change[:-2] + change[2:]) + middle * change[1:-1]


@alternative(of="apply_kernel")
def error_of_its_own(right):
    class UnknownKernel(ValueError):
        pass

    def apply_kernel(image, name):
        try:
            return right.apply_kernel(image, name)
        except ValueError as error:
            raise UnknownKernel(name) from error

    return apply_kernel
