"""Right answers to "Backpropagation", written differently."""

import functools
import math

import numpy as np

from autograder.catalogue import alternative

# numerical_gradient


@alternative(of="numerical_gradient")
def in_place_and_put_back(right, f, x, grad_output, eps=1e-5):
    gradient = np.zeros_like(x)
    walk = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not walk.finished:
        place = walk.multi_index
        old = x[place]
        x[place] = old + eps
        above = np.copy(f(x))
        x[place] = old - eps
        below = np.copy(f(x))
        x[place] = old
        gradient[place] = np.sum((above - below) * grad_output) / (2 * eps)
        walk.iternext()
    return gradient


@alternative(of="numerical_gradient")
def moved_back_by_arithmetic(right, f, x, grad_output, eps=1e-5):
    gradient = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += eps
        above = np.sum(f(x) * grad_output)
        x[place] -= 2 * eps
        below = np.sum(f(x) * grad_output)
        x[place] += eps
        gradient[place] = (above - below) / (2 * eps)
    return gradient


@alternative(of="numerical_gradient")
def unit_steps(right, f, x, grad_output, eps=1e-5):
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([np.vdot(grad_output, f(x + e) - f(x - e)) for e in steps]).reshape(x.shape) / (2 * eps)


@alternative(of="numerical_gradient")
def flat_list(right, f, x, grad_output, eps=1e-5):
    result = []
    for k in range(x.size):
        moved = [x.flatten(), x.flatten()]
        moved[0][k] += eps
        moved[1][k] -= eps
        above, below = ((grad_output * f(one.reshape(x.shape))).sum() for one in moved)
        result.append((above - below) / (2.0 * eps))
    return np.array(result).reshape(x.shape)


# relu_backward


@alternative(of="relu_backward")
def stopped_in_place(right, grad_output, x):
    grad_output[x <= 0] = 0
    return grad_output


@alternative(of="relu_backward")
def chosen(right, grad_output, x):
    return np.where(x > 0, grad_output, 0)


@alternative(of="relu_backward")
def unit_step(right, grad_output, x):
    return np.heaviside(x, 0) * grad_output


@alternative(of="relu_backward")
def mask_of_output(right, grad_output, x):
    return np.multiply(grad_output, np.maximum(x, 0).astype(bool))


@alternative(of="relu_backward")
def number_by_number(right, grad_output, x):
    numbers = [g if value > 0 else 0.0 for g, value in zip(grad_output.flat, x.flat, strict=True)]
    return np.reshape(numbers, x.shape)


# linear_backward


@alternative(of="linear_backward")
def einsum_in_a_list(right, grad_output, x, weight):
    return [
        np.einsum("no,oi->ni", grad_output, weight),
        np.einsum("no,ni->oi", grad_output, x),
        np.einsum("no->o", grad_output),
    ]


@alternative(of="linear_backward")
def example_by_example(right, grad_output, x, weight):
    grad_input, grad_weight, grad_bias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros(weight.shape[0])
    for n in range(x.shape[0]):
        grad_input[n] = weight.T.dot(grad_output[n])
        grad_weight += np.outer(grad_output[n], x[n])
        grad_bias += grad_output[n]
    return grad_input, grad_weight, grad_bias


@alternative(of="linear_backward")
def transposed_views(right, grad_output, x, weight):
    return (weight.T @ grad_output.T).T, (x.T @ grad_output).T, np.ones(len(x)) @ grad_output


@alternative(of="linear_backward")
def matrices(right, grad_output, x, weight):
    answer = np.asmatrix(grad_output) * weight, np.asmatrix(grad_output).T * x
    return *(np.asarray(part) for part in answer), np.sum(grad_output, axis=0)


# cross_entropy


@alternative(of="cross_entropy")
def one_hot(right, logits, target):
    examples, classes = logits.shape
    truth = np.eye(classes)[target]
    largest = logits.max(axis=1, keepdims=True)
    logarithms = logits - largest - np.log(np.exp(logits - largest).sum(axis=1, keepdims=True))
    return -np.sum(truth * logarithms) / examples, (np.exp(logarithms) - truth) / examples


@alternative(of="cross_entropy")
def python_loops(right, logits, target):
    loss, gradient = 0.0, np.zeros(logits.shape)
    for n, t in enumerate(target):
        largest = max(logits[n])
        total = sum(math.exp(z - largest) for z in logits[n])
        loss += math.log(total) - (logits[n, t] - largest)
        for c, z in enumerate(logits[n]):
            gradient[n, c] = math.exp(z - largest) / total - (c == t)
    return loss / len(target), gradient / len(target)


@alternative(of="cross_entropy")
def logaddexp(right, logits, target):
    logarithms = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    gradient = np.exp(logarithms)
    np.subtract.at(gradient, (range(len(target)), target), 1)
    return np.mean(-np.take_along_axis(logarithms, target[:, None], axis=1)), gradient / target.size


@alternative(of="cross_entropy")
def loss_as_array(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return [np.array(loss), np.asfortranarray(gradient)]


# conv2d_backward


def parts(right, grad_output, x, weight, stride, padding):
    """Stride, padding, kernel, and the padded x."""
    padding_h, padding_w = right.pair(padding)
    frame = np.pad(x, ((0, 0), (0, 0), (padding_h, padding_h), (padding_w, padding_w)))
    return right.pair(stride), (padding_h, padding_w), weight.shape[2:], frame


def cut(frame, x, padding_h, padding_w):
    return frame[:, :, padding_h : padding_h + x.shape[2], padding_w : padding_w + x.shape[3]]


@alternative(of="conv2d_backward", slow=True)
def four_loops(right, grad_output, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw), frame = parts(right, grad_output, x, weight, stride, padding)
    grad_frame, grad_weight, grad_bias = np.zeros_like(frame), np.zeros_like(weight), np.zeros(len(weight))
    for n in range(grad_output.shape[0]):
        for f in range(grad_output.shape[1]):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    number = grad_output[n, f, i, j]
                    grad_frame[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += number * weight[f]
                    grad_weight[f] += number * frame[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    grad_bias[f] += number
    return cut(grad_frame, x, ph, pw), grad_weight, grad_bias


@alternative(of="conv2d_backward")
def window_by_window(right, grad_output, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw), frame = parts(right, grad_output, x, weight, stride, padding)
    grad_frame, grad_weight = np.zeros_like(frame), np.zeros_like(weight)
    for i, j in np.ndindex(*grad_output.shape[2:]):
        g = grad_output[:, :, i, j]
        grad_frame[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += np.tensordot(g, weight, axes=(1, 0))
        grad_weight += np.tensordot(g.T, frame[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw], axes=1)
    return cut(grad_frame, x, ph, pw), grad_weight, grad_output.sum(axis=(0, 2, 3))


@alternative(of="conv2d_backward")
def cell_of_kernel_by_cell(right, grad_output, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw), frame = parts(right, grad_output, x, weight, stride, padding)
    grad_frame, grad_weight = np.zeros_like(frame), np.zeros_like(weight)
    height, width = sh * (grad_output.shape[2] - 1) + 1, sw * (grad_output.shape[3] - 1) + 1
    for a in range(kh):
        for b in range(kw):
            cells = np.s_[:, :, a : a + height : sh, b : b + width : sw]
            grad_frame[cells] += np.einsum("nfij,fc->ncij", grad_output, weight[:, :, a, b], optimize=True)
            grad_weight[:, :, a, b] = np.einsum("nfij,ncij->fc", grad_output, frame[cells], optimize=True)
    return cut(grad_frame, x, ph, pw), grad_weight, np.einsum("nfij->f", grad_output)


def columns(shape, kernel, out, stride):
    """im2col's indices, as CS231n computes them."""
    channels = shape[1]
    (kernel_h, kernel_w), (out_h, out_w) = kernel, out
    rows = np.tile(np.repeat(np.arange(kernel_h), kernel_w), channels)[:, None]
    rows = rows + stride[0] * np.repeat(np.arange(out_h), out_w)
    across = np.tile(np.arange(kernel_w), kernel_h * channels)[:, None] + stride[1] * np.tile(np.arange(out_w), out_h)
    return np.repeat(np.arange(channels), kernel_h * kernel_w)[:, None], rows, across


@alternative(of="conv2d_backward")
def im2col_and_add_at(right, grad_output, x, weight, stride=1, padding=0):
    stride, (ph, pw), kernel, frame = parts(right, grad_output, x, weight, stride, padding)
    where = (slice(None), *columns(frame.shape, kernel, grad_output.shape[2:], stride))
    table = frame[where].transpose(1, 2, 0).reshape(weight[0].size, -1)
    by_filter = grad_output.transpose(1, 2, 3, 0).reshape(len(weight), -1)
    grad_weight = by_filter @ table.T
    grad_table = weight.reshape(len(weight), -1).T @ by_filter
    grad_frame = np.zeros(frame.shape)
    np.add.at(grad_frame, where, grad_table.reshape(weight[0].size, -1, len(x)).transpose(2, 0, 1))
    return cut(grad_frame, x, ph, pw), grad_weight.reshape(weight.shape), by_filter.sum(axis=1)


@alternative(of="conv2d_backward")
def im2col_and_bincount(right, grad_output, x, weight, stride=1, padding=0):
    stride, (ph, pw), kernel, frame = parts(right, grad_output, x, weight, stride, padding)
    numbers = np.ravel_multi_index(columns(frame.shape, kernel, grad_output.shape[2:], stride), frame.shape[1:])
    by_filter = grad_output.reshape(*grad_output.shape[:2], -1)
    table = frame.reshape(len(x), -1)[:, numbers]
    grad_weight = np.tensordot(by_filter, table, axes=([0, 2], [0, 2])).reshape(weight.shape)
    grad_table = weight.reshape(len(weight), -1).T @ by_filter
    images = [np.bincount(numbers.ravel(), one.ravel(), minlength=frame[0].size) for one in grad_table]
    return cut(np.reshape(images, frame.shape), x, ph, pw), grad_weight, by_filter.sum(axis=2).sum(axis=0)


def window_view(array, kernel):
    return np.lib.stride_tricks.sliding_window_view(array, kernel, axis=(2, 3))


@alternative(of="conv2d_backward")
def correlations(right, grad_output, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw), frame = parts(right, grad_output, x, weight, stride, padding)
    (images, filters, out_h, out_w), (height, width) = grad_output.shape, frame.shape[2:]
    spread = np.zeros((images, filters, height + kh - 1, width + kw - 1))
    spread[:, :, kh - 1 : kh - 1 + out_h * sh : sh, kw - 1 : kw - 1 + out_w * sw : sw] = grad_output
    turned = np.rot90(weight, 2, axes=(2, 3))
    grad_frame = np.tensordot(window_view(spread, (kh, kw)), turned, axes=([1, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)
    read = window_view(frame, (kh, kw))[:, :, : out_h * sh : sh, : out_w * sw : sw]
    grad_weight = np.tensordot(grad_output, read, axes=([0, 2, 3], [0, 2, 3]))
    return cut(grad_frame, x, ph, pw), grad_weight, grad_output.sum((0, 2, 3))


@alternative(of="conv2d_backward")
def plain_einsum(right, grad_output, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw), frame = parts(right, grad_output, x, weight, stride, padding)
    (images, filters, out_h, out_w), (height, width) = grad_output.shape, frame.shape[2:]
    spread = np.zeros((images, filters, height + kh - 1, width + kw - 1))
    spread[:, :, kh - 1 : kh - 1 + out_h * sh : sh, kw - 1 : kw - 1 + out_w * sw : sw] = grad_output
    grad_frame = np.einsum("nfijab,fcab->ncij", window_view(spread, (kh, kw)), weight[:, :, ::-1, ::-1])
    read = window_view(frame, (kh, kw))[:, :, : out_h * sh : sh, : out_w * sw : sw]
    return cut(grad_frame, x, ph, pw), np.einsum("nfij,ncijab->fcab", grad_output, read), grad_output.sum((0, 2, 3))


@alternative(of="conv2d_backward")
def fourier(right, grad_output, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw), frame = parts(right, grad_output, x, weight, stride, padding)
    spread = np.zeros((*grad_output.shape[:2], *frame.shape[2:]))
    spread[:, :, : grad_output.shape[2] * sh : sh, : grad_output.shape[3] * sw : sw] = grad_output
    size = frame.shape[2] + kh - 1, frame.shape[3] + kw - 1
    g, w, image = (np.fft.rfft2(array, size) for array in (spread, weight, frame))
    grad_frame = np.fft.irfft2(np.einsum("nfij,fcij->ncij", g, w), size)
    grad_weight = np.fft.irfft2(np.einsum("nfij,ncij->fcij", g.conj(), image), size)[:, :, :kh, :kw]
    return cut(grad_frame, x, ph, pw), grad_weight, grad_output.sum(axis=(0, 2, 3))


@alternative(of="conv2d_backward")
def gathered_into_lists(right, grad_output, x, weight, stride=1, padding=0):
    gradients = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return [np.asfortranarray(gradient) for gradient in gradients]


@alternative(of="conv2d_backward")
def callable_object(right):
    class Backward:
        """Keeps what it was called with, as layers do."""

        def __call__(self, grad_output, x, weight, stride=1, padding=0):
            self.saved = grad_output, x, weight
            return self.gradients(stride=stride, padding=padding)

        def gradients(self, **geometry):
            return right.conv2d_backward(*self.saved, **geometry)

    return Backward()


@alternative(of="conv2d_backward")
def decorated(right):
    calls = []

    def counted(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            calls.append(len(args))
            return function(*args, **kwargs)

        return wrapper

    return counted(right.conv2d_backward)


@alternative(of="conv2d_backward")
def other_parameter_names(right, dout, images, kernels, s=1, p=0):
    return right.conv2d_backward(dout, images, kernels, s, p)


# max_pool2d_backward


def geometry(right, kernel_size, stride):
    return right.pair(kernel_size), right.pair(kernel_size if stride is None else stride)


@alternative(of="max_pool2d_backward")
def max_pool_loops(right, grad_output, x, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    grad_input = np.zeros(x.shape)
    for n in range(grad_output.shape[0]):
        for c in range(grad_output.shape[1]):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    window = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    a, b = np.unravel_index(np.argmax(window), window.shape)
                    grad_input[n, c, i * sh + a, j * sw + b] += grad_output[n, c, i, j]
    return grad_input


@alternative(of="max_pool2d_backward")
def max_pool_search(right, grad_output, x, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    grad_input = np.zeros_like(x)
    for n, c, i, j in np.ndindex(grad_output.shape):
        best, place = -np.inf, None
        for a in range(kh):
            for b in range(kw):
                if x[n, c, i * sh + a, j * sw + b] > best:
                    best, place = x[n, c, i * sh + a, j * sw + b], (n, c, i * sh + a, j * sw + b)
        grad_input[place] += grad_output[n, c, i, j]
    return grad_input


@alternative(of="max_pool2d_backward")
def max_pool_add_at(right, grad_output, x, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    windows = window_view(x, (kh, kw))[:, :, ::sh, ::sw]
    place = windows.reshape(*windows.shape[:4], -1).argmax(axis=-1)
    n, c, i, j = np.indices(grad_output.shape, sparse=True)
    grad_input = np.zeros(x.shape)
    np.add.at(grad_input, (n, c, i * sh + place // kw, j * sw + place % kw), grad_output)
    return grad_input


@alternative(of="max_pool2d_backward")
def max_pool_masks(right, grad_output, x, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    out_h, out_w = grad_output.shape[2:]
    largest = window_view(x, (kh, kw))[:, :, ::sh, ::sw].max(axis=(4, 5))
    grad_input, left_to_give = np.zeros_like(x), grad_output.copy()
    for a, b in np.ndindex(kh, kw):
        cells = np.s_[:, :, a : a + out_h * sh : sh, b : b + out_w * sw : sw]
        found = x[cells] == largest
        grad_input[cells] += left_to_give * found
        left_to_give[found] = 0
    return grad_input


@alternative(of="max_pool2d_backward")
def max_pool_one_hot(right, grad_output, x, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    grad_input = np.zeros(x.shape)
    for i, j in np.ndindex(*grad_output.shape[2:]):
        place = np.s_[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        first = np.eye(kh * kw)[x[place].reshape(*x.shape[:2], -1).argmax(axis=-1)]
        grad_input[place] += first.reshape(*x.shape[:2], kh, kw) * grad_output[:, :, i, j, None, None]
    return grad_input


@alternative(of="max_pool2d_backward")
def max_pool_bincount(right, grad_output, x, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    windows = window_view(x, (kh, kw))[:, :, ::sh, ::sw]
    numbers = window_view(np.arange(x.size).reshape(x.shape), (kh, kw))[:, :, ::sh, ::sw]
    first = windows.reshape(grad_output.size, -1).argmax(axis=1)
    chosen = numbers.reshape(grad_output.size, -1)[np.arange(grad_output.size), first]
    return np.bincount(chosen, grad_output.ravel(), x.size).reshape(x.shape)


# avg_pool2d_backward


@alternative(of="avg_pool2d_backward")
def avg_pool_loops(right, grad_output, input_shape, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    grad_input = np.zeros(input_shape)
    for n, c, i, j in np.ndindex(grad_output.shape):
        for a in range(kh):
            for b in range(kw):
                grad_input[n, c, i * sh + a, j * sw + b] += grad_output[n, c, i, j] / (kh * kw)
    return grad_input


@alternative(of="avg_pool2d_backward")
def avg_pool_as_convolution(right, grad_output, input_shape, kernel_size, stride=None):
    (kh, kw), steps = geometry(right, kernel_size, stride)
    images, channels, height, width = input_shape
    single = np.reshape(grad_output, (images * channels, 1, *grad_output.shape[2:]))
    x, weight = np.zeros((images * channels, 1, height, width)), np.full((1, 1, kh, kw), 1 / (kh * kw))
    return right.conv2d_backward(single, x, weight, steps)[0].reshape(input_shape)


@alternative(of="avg_pool2d_backward")
def avg_pool_matrices(right, grad_output, input_shape, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)

    def reading(size, kernel, step, windows):
        """Row i: which cells window i reads, and with which factor."""
        cells, begin = np.arange(size), step * np.arange(windows)[:, None]
        return ((cells >= begin) & (cells < begin + kernel)) / kernel

    down = reading(input_shape[2], kh, sh, grad_output.shape[2])
    across = reading(input_shape[3], kw, sw, grad_output.shape[3])
    return down.T @ grad_output @ across


@alternative(of="avg_pool2d_backward")
def avg_pool_cell_by_cell(right, grad_output, input_shape, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    out_h, out_w = grad_output.shape[2:]
    grad_input = np.zeros(input_shape, dtype=float, order="F")
    for a in range(kh):
        for b in range(kw):
            grad_input[:, :, a : a + sh * out_h : sh, b : b + sw * out_w : sw] += grad_output / kh / kw
    return grad_input


@alternative(of="avg_pool2d_backward")
def avg_pool_add_at(right, grad_output, input_shape, kernel_size, stride=None):
    (kh, kw), (sh, sw) = geometry(right, kernel_size, stride)
    rows = sh * np.arange(grad_output.shape[2])[:, None, None, None] + np.arange(kh)[:, None]
    across = sw * np.arange(grad_output.shape[3])[:, None, None] + np.arange(kw)
    grad_input = np.zeros(input_shape)
    np.add.at(grad_input, (slice(None), slice(None), rows, across), (grad_output / (kh * kw))[..., None, None])
    return grad_input
