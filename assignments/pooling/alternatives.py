"""Right answers to "Pooling", written differently."""

import functools
import itertools
import math

import numpy as np

from autograder.catalogue import alternative


def _arguments(x, kernel_size, stride, padding):
    """kH, kW, sH, sW, pH, pW, out_H, out_W, checked by other words than the reference's."""
    numbers = []
    for value in (kernel_size, kernel_size if stride is None else stride, padding):
        numbers += [value, value] if np.isscalar(value) else list(value)
    k_h, k_w, s_h, s_w, p_h, p_w = numbers
    _demand(s_h > 0 and s_w > 0, "stride")
    _demand(0 <= p_h <= k_h / 2 and 0 <= p_w <= k_w / 2, "padding")
    out_h = math.floor((x.shape[2] + 2 * p_h - k_h) / s_h + 1)
    out_w = math.floor((x.shape[3] + 2 * p_w - k_w) / s_w + 1)
    _demand(out_h > 0 and out_w > 0, "kernel_size")
    return k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w


def _demand(condition, name):
    if not condition:
        raise ValueError(f"bad {name}")


def _surrounded(x, p_h, p_w, value):
    """Padding by slices: np.pad is not the only way."""
    n, c, h, w = x.shape
    out = np.full((n, c, h + 2 * p_h, w + 2 * p_w), value)
    out[:, :, p_h : p_h + h, p_w : p_w + w] = x
    return out


# max_pool2d: slow


@alternative(of="max_pool2d", slow=True)
def six_loops(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """Nothing is padded: what lies outside the image is passed over."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    batch, channels, height, width = x.shape
    out = np.zeros((batch, channels, out_h, out_w))
    indices = np.zeros((batch, channels, out_h, out_w), dtype=int)
    for n in range(batch):
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    best = None
                    for row in range(i * s_h - p_h, i * s_h - p_h + k_h):
                        for column in range(j * s_w - p_w, j * s_w - p_w + k_w):
                            if 0 <= row < height and 0 <= column < width:
                                value = x[n, c, row, column]
                                if best is None or value > best or (np.isnan(value) and not np.isnan(best)):
                                    best, place = value, row * width + column
                    out[n, c, i, j] = best
                    indices[n, c, i, j] = place
    return (out, indices) if return_indices else out


@alternative(of="max_pool2d", slow=True)
def four_loops(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = np.pad(x, ((0, 0), (0, 0), (p_h, p_h), (p_w, p_w)), mode="constant", constant_values=-np.inf)
    out = np.empty((*x.shape[:2], out_h, out_w))
    indices = np.empty(out.shape, dtype=np.int32)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(out_h):
                for j in range(out_w):
                    window = padded[n, c, i * s_h : i * s_h + k_h, j * s_w : j * s_w + k_w]
                    out[n, c, i, j] = np.max(window)
                    if return_indices:
                        a, b = np.unravel_index(np.argmax(window), window.shape)
                        indices[n, c, i, j] = (i * s_h - p_h + a) * x.shape[3] + (j * s_w - p_w + b)
    return (out, indices) if return_indices else out


@alternative(of="max_pool2d", slow=True)
def windows_cut_off_at_the_rim(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """Padding by index: each window is only as much as lies in the image. Lists are nested, then turned into arrays."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    rows = [(max(i * s_h - p_h, 0), i * s_h - p_h + k_h) for i in range(out_h)]
    columns = [(max(j * s_w - p_w, 0), j * s_w - p_w + k_w) for j in range(out_w)]

    def largest(channel, top, bottom, left, behind):
        window = channel[top:bottom, left:behind]
        a, b = np.unravel_index(np.argmax(window), window.shape)
        return window[a, b], (top + a) * x.shape[3] + left + b

    answer = np.array([[[[largest(c, *r, *s) for s in columns] for r in rows] for c in image] for image in x])
    out, indices = np.moveaxis(answer, -1, 0)
    return (out, indices.astype(int)) if return_indices else out


@alternative(of="max_pool2d", slow=True)
def last_of_each_sorted_window(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """One call for each window; NaN comes last in numpy's order, too."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)

    def largest(n, c, i, j):
        return np.sort(padded[n, c, i * s_h : i * s_h + k_h, j * s_w : j * s_w + k_w], axis=None)[-1]

    places = itertools.product(*(range(size) for size in (*x.shape[:2], out_h, out_w)))
    out = np.fromiter(itertools.starmap(largest, places), float).reshape(*x.shape[:2], out_h, out_w)
    return (out, right.max_pool2d(x, kernel_size, stride, padding, True)[1]) if return_indices else out


# max_pool2d: quick


@alternative(of="max_pool2d")
def one_pixel_of_the_result_at_a_time(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)
    out = np.zeros((*x.shape[:2], out_h, out_w))
    indices = np.zeros(out.shape, dtype=np.int64)
    for i in range(out_h):
        for j in range(out_w):
            window = padded[:, :, i * s_h : i * s_h + k_h, j * s_w : j * s_w + k_w]
            out[:, :, i, j] = np.max(window, axis=(2, 3))
            if return_indices:
                number = window.reshape(*x.shape[:2], -1).argmax(axis=2)
                indices[:, :, i, j] = (i * s_h - p_h + number // k_w) * x.shape[3] + j * s_w - p_w + number % k_w
    return (out, indices) if return_indices else out


@alternative(of="max_pool2d")
def views_of_windows(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k_h, k_w), axis=(2, 3))[:, :, ::s_h, ::s_w]
    out = windows.max(axis=(-2, -1))
    if not return_indices:
        return out
    a, b = np.unravel_index(windows.reshape(*out.shape, -1).argmax(axis=-1), (k_h, k_w))
    rows = np.arange(0, out_h * s_h, s_h).reshape(-1, 1) - p_h
    columns = np.arange(0, out_w * s_w, s_w) - p_w
    return out, (rows + a) * x.shape[3] + columns + b


@alternative(of="max_pool2d")
def as_strided(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """The largest numbers are fetched from where argmax has found them."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)
    n, c, h, w = padded.strides
    shape = (*x.shape[:2], out_h, out_w, k_h, k_w)
    windows = np.lib.stride_tricks.as_strided(padded, shape, (n, c, h * s_h, w * s_w, h, w))
    windows = windows.reshape(*shape[:4], k_h * k_w)
    number = windows.argmax(axis=4)
    out = np.take_along_axis(windows, number[..., np.newaxis], axis=4).squeeze(4)
    if not return_indices:
        return out
    i, j = np.indices((out_h, out_w))
    return out, (i * s_h - p_h + number // k_w) * x.shape[3] + j * s_w - p_w + number % k_w


@alternative(of="max_pool2d")
def stacked_cells(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """im2col: the cells of each window along a first axis."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)
    cells, places = [], []
    for a in range(k_h):
        for b in range(k_w):
            cells.append(padded[:, :, a : a + s_h * (out_h - 1) + 1 : s_h, b : b + s_w * (out_w - 1) + 1 : s_w])
            rows, columns = np.ogrid[a - p_h : a - p_h + s_h * out_h : s_h, b - p_w : b - p_w + s_w * out_w : s_w]
            places.append(rows * x.shape[3] + columns)
    out = np.max(cells, axis=0)
    if not return_indices:
        return out
    return out, np.array(places)[np.argmax(cells, axis=0), *np.ogrid[:out_h, :out_w]]


@alternative(of="max_pool2d")
def running_maximum(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """One comparison for each cell of the window, of numbers and places together, in place."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)
    top, left = np.ix_(s_h * np.arange(out_h) - p_h, s_w * np.arange(out_w) - p_w)
    out = np.full((*x.shape[:2], out_h, out_w), -np.inf)
    indices = np.full(out.shape, -1)
    for a, b in np.ndindex(k_h, k_w):
        cell = padded[:, :, a:, b:][:, :, : out_h * s_h : s_h, : out_w * s_w : s_w]
        if return_indices:
            place = np.broadcast_to((top + a) * x.shape[3] + left + b, out.shape)
            better = (cell > out) | (np.isnan(cell) & ~np.isnan(out)) | (indices < 0)
            indices[better] = place[better]
        np.maximum(out, cell, out=out)
    return (out, indices) if return_indices else out


@alternative(of="max_pool2d")
def rows_first_then_columns(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """The largest number of a window is the largest of its rows' largest numbers."""
    if return_indices:
        return views_of_windows(right, x, kernel_size, stride, padding, True)
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, -np.inf)
    rows = functools.reduce(np.maximum, (padded[:, :, a : a + s_h * out_h : s_h] for a in range(k_h)))
    return functools.reduce(np.maximum, (rows[..., b : b + s_w * out_w : s_w] for b in range(k_w)))


@alternative(of="max_pool2d")
def reshaped_where_windows_fit(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """The reshape trick as long as windows lie side by side, with what is left over cut off; otherwise another way."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    if (k_h, k_w) != (s_h, s_w) or p_h or p_w or return_indices:
        return running_maximum(right, x, kernel_size, stride, padding, return_indices)
    tiles = x[:, :, : out_h * k_h, : out_w * k_w].reshape(*x.shape[:2], out_h, k_h, out_w, k_w)
    return tiles.max(axis=5).max(axis=3)


@alternative(of="max_pool2d")
def indices_of_an_array(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """Fancy indexing, with places clipped to the image: its edge, repeated, never wins over the cell that it repeats."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    rows = (np.arange(out_h) * s_h - p_h)[:, None] + np.arange(k_h)
    columns = (np.arange(out_w) * s_w - p_w)[:, None] + np.arange(k_w)
    rows, columns = rows.clip(0, x.shape[2] - 1), columns.clip(0, x.shape[3] - 1)
    places = rows[:, None, :, None] * x.shape[3] + columns[None, :, None, :]
    places = places.reshape(out_h, out_w, -1)
    windows = x.reshape(*x.shape[:2], -1)[:, :, places]
    number = windows.argmax(axis=-1)
    out = windows.max(axis=-1)
    return (out, np.take_along_axis(places[None, None], number[..., None], -1)[..., 0]) if return_indices else out


@alternative(of="max_pool2d")
def padded_with_the_edge(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """Each window has a cell of the edge, so that repeating it changes nothing."""
    p_h, p_w = _arguments(x, kernel_size, stride, padding)[4:6]
    padded = np.pad(x, ((0, 0), (0, 0), (p_h, p_h), (p_w, p_w)), mode="edge")
    out = right.max_pool2d(padded, kernel_size, kernel_size if stride is None else stride)
    return (out, right.max_pool2d(x, kernel_size, stride, padding, True)[1]) if return_indices else out


@alternative(of="max_pool2d")
def padded_with_smallest_float(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, np.finfo(float).min)
    rows = [slice(a, a + s_h * out_h, s_h) for a in range(k_h)]
    columns = [slice(b, b + s_w * out_w, s_w) for b in range(k_w)]
    out = np.max([padded[..., row, column] for row in rows for column in columns], axis=0)
    return (out, right.max_pool2d(x, kernel_size, stride, padding, True)[1]) if return_indices else out


@alternative(of="max_pool2d")
def smallest_of_negatives(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    k_h, k_w, s_h, s_w, p_h, p_w, *_ = _arguments(x, kernel_size, stride, padding)
    windows = np.lib.stride_tricks.sliding_window_view(_surrounded(-x, p_h, p_w, np.inf), (k_h, k_w), (2, 3))
    out = -windows[:, :, ::s_h, ::s_w].min(axis=5).min(axis=4)
    return (out, right.max_pool2d(x, kernel_size, stride, padding, True)[1]) if return_indices else out


_padded = None


@alternative(of="max_pool2d")
def helper_with_a_global(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """The padded image is handed to a helper in a global."""
    global _padded
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    _padded = _surrounded(x, p_h, p_w, -np.inf)
    out = _corner(0, 0, s_h, s_w, out_h, out_w).copy()
    for a in range(k_h):
        for b in range(k_w):
            cell = _corner(a, b, s_h, s_w, out_h, out_w)
            out = np.where((cell > out) | (cell != cell), cell, out)
    return (out, right.max_pool2d(x, kernel_size, stride, padding, True)[1]) if return_indices else out


def _corner(a, b, s_h, s_w, out_h, out_w):
    return _padded[:, :, a : a + s_h * out_h : s_h, b : b + s_w * out_w : s_w]


@alternative(of="max_pool2d")
def not_contiguous(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    answer = right.max_pool2d(
        x.transpose(3, 0, 2, 1).copy().transpose(1, 3, 2, 0), kernel_size, stride, padding, return_indices
    )
    return tuple(np.asfortranarray(part) for part in answer) if return_indices else np.asfortranarray(answer)


@alternative(of="max_pool2d")
def list_of_two_arrays(right, x, kernel_size, stride=None, padding=0, return_indices=False):
    """A list for the tuple, and unsigned indices."""
    answer = right.max_pool2d(x, kernel_size, stride, padding, return_indices)
    return [answer[0], answer[1].astype(np.uint16)] if return_indices else answer


@alternative(of="max_pool2d")
def callable_object(right):
    class MaxPool:
        def __init__(self):
            self.cache = None

        def __call__(self, x, kernel_size, stride=None, padding=0, return_indices=False):
            self.cache = x.shape, kernel_size
            return right.max_pool2d(x, kernel_size, stride, padding, return_indices)

    return MaxPool()


@alternative(of="max_pool2d")
def decorated(right):
    """A decorator makes pairs of numbers, and checks them."""

    def with_pairs(function):
        @functools.wraps(function)
        def wrapper(x, kernel_size, stride=None, padding=0, return_indices=False):
            k_h, k_w, s_h, s_w, p_h, p_w, *_ = _arguments(x, kernel_size, stride, padding)
            return function(x, (k_h, k_w), (s_h, s_w), (p_h, p_w), return_indices)

        return wrapper

    @with_pairs
    def max_pool2d(x, kernel_size, stride, padding, return_indices):
        return right.max_pool2d(x, kernel_size, stride, padding, return_indices)

    return max_pool2d


@alternative(of="max_pool2d")
def renamed_parameters_and_prints(right):
    def max_pool2d(A_prev, f, s=None, pad=0, return_indices=False):  # noqa: N803
        Z = right.max_pool2d(A_prev, f, s, pad, return_indices)  # noqa: N806
        print("input", A_prev.shape, "output", Z)
        return Z

    return max_pool2d


# avg_pool2d


@alternative(of="avg_pool2d")
def six_loops_of_sums(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Nothing is padded: what lies outside the image is passed over, and counted or not."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    batch, channels, height, width = x.shape
    out = np.zeros((batch, channels, out_h, out_w))
    for n in range(batch):
        for c in range(channels):
            for i in range(out_h):
                for j in range(out_w):
                    total, count = 0.0, 0
                    for row in range(i * s_h - p_h, i * s_h - p_h + k_h):
                        for column in range(j * s_w - p_w, j * s_w - p_w + k_w):
                            inside = 0 <= row < height and 0 <= column < width
                            total += x[n, c, row, column] if inside else 0
                            count += 1 if inside or count_include_pad else 0
                    out[n, c, i, j] = total / count
    return out


@alternative(of="avg_pool2d")
def averages_of_cut_windows(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Padding by index."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    out = []
    for i in range(out_h):
        for j in range(out_w):
            top, left = i * s_h - p_h, j * s_w - p_w
            window = x[:, :, max(0, top) : top + k_h, max(0, left) : left + k_w]
            share = window[0, 0].size / (k_h * k_w) if count_include_pad else 1
            out.append(np.mean(window, axis=(2, 3)) * share)
    return np.stack(out, axis=-1).reshape(*x.shape[:2], out_h, out_w)


@alternative(of="avg_pool2d")
def views_averaged(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """NaN for the padding that does not count."""
    k_h, k_w, s_h, s_w, p_h, p_w, *_ = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, 0.0 if count_include_pad else np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k_h, k_w), axis=(2, 3))[:, :, ::s_h, ::s_w]
    return np.nanmean(windows, axis=(-2, -1))


@alternative(of="avg_pool2d")
def strided_views_averaged(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """The image's cells are counted by multiplying how many rows and how many columns of a window lie in it."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, 0.0)
    n, c, h, w = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded, (*x.shape[:2], out_h, out_w, k_h, k_w), (n, c, s_h * h, s_w * w, h, w)
    )
    if count_include_pad:
        return np.einsum("ncijab->ncij", windows) / k_h / k_w

    def inside(size, kernel, step, border, count):
        begin = np.arange(count) * step - border
        return np.minimum(begin + kernel, size) - np.maximum(begin, 0)

    counts = np.outer(inside(x.shape[2], k_h, s_h, p_h, out_h), inside(x.shape[3], k_w, s_w, p_w, out_w))
    return windows.sum((4, 5)) / counts


@alternative(of="avg_pool2d")
def cumulative_sums(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """An integral image: four lookups for each window, whatever its size."""
    k_h, k_w, s_h, s_w, p_h, p_w, *_ = _arguments(x, kernel_size, stride, padding)

    def sums(image):
        table = np.cumsum(np.cumsum(_surrounded(image, p_h, p_w, 0.0), axis=2), axis=3)
        table = np.pad(table, [(0, 0), (0, 0), (1, 0), (1, 0)])
        windows = (
            table[:, :, k_h:, k_w:] - table[:, :, :-k_h, k_w:] - table[:, :, k_h:, :-k_w] + table[:, :, :-k_h, :-k_w]
        )
        return windows[:, :, ::s_h, ::s_w]

    return sums(x) / (k_h * k_w if count_include_pad else sums(np.ones(x.shape)))


@alternative(of="avg_pool2d")
def matrices_from_both_sides(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average pooling is linear: a matrix that averages rows, the image, a matrix that averages columns."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)

    def averaging(size, kernel, step, border, count):
        begin = np.arange(count)[:, None] * step - border
        place = np.arange(size)
        weights = ((place >= begin) & (place < begin + kernel)).astype(float)
        return weights / (kernel if count_include_pad else weights.sum(axis=1, keepdims=True))

    return averaging(x.shape[2], k_h, s_h, p_h, out_h) @ x @ averaging(x.shape[3], k_w, s_w, p_w, out_w).T


@alternative(of="avg_pool2d")
def reshaped_where_windows_lie_side_by_side(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    if (k_h, k_w, 0, 0) != (s_h, s_w, p_h, p_w):
        return cumulative_sums(right, x, kernel_size, stride, padding, count_include_pad)
    return x[:, :, : out_h * k_h, : out_w * k_w].reshape(*x.shape[:2], out_h, k_h, out_w, k_w).mean(axis=(3, 5))


@alternative(of="avg_pool2d")
def running_mean(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """The mean is moved towards each cell in turn, so that nothing is ever divided by a sum."""
    k_h, k_w, s_h, s_w, p_h, p_w, out_h, out_w = _arguments(x, kernel_size, stride, padding)
    padded = _surrounded(x, p_h, p_w, 0.0)
    counts = _surrounded(np.ones((1, 1, *x.shape[2:])), p_h, p_w, 1.0 if count_include_pad else 0.0)
    mean, seen = 0.0, 0.0
    for a, b in np.ndindex(k_h, k_w):
        cell, weight = (z[:, :, a : a + s_h * out_h : s_h, b : b + s_w * out_w : s_w] for z in (padded, counts))
        seen = seen + weight
        mean = mean + weight * (cell - mean) / np.maximum(seen, 1)
    return mean


@alternative(of="avg_pool2d")
def averages_in_fortran_order(right, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    return np.asfortranarray(right.avg_pool2d(x, kernel_size, stride, padding, count_include_pad))[::-1][::-1]


@alternative(of="avg_pool2d")
def object_that_pools(right):
    class Pooling:
        def __init__(self, function):
            self.function = function

        def __call__(self, x, *arguments, **options):
            return self.function(np.array(x), *arguments, **options)

    return Pooling(right.avg_pool2d)


# global_avg_pool2d


@alternative(of="global_avg_pool2d")
def average_pooling_of_everything(right, x):
    return right.avg_pool2d(x, x.shape[2:])[:, :, 0, 0]


@alternative(of="global_avg_pool2d")
def loops_over_channels(right, x):
    out = np.zeros((len(x), x.shape[1]))
    for n, image in enumerate(x):
        for c, channel in enumerate(image):
            out[n][c] = channel.sum() / channel.size
    return out


@alternative(of="global_avg_pool2d")
def one_axis_after_the_other(right, x):
    return x.mean(-1).mean(-1)


@alternative(of="global_avg_pool2d")
def flattened(right, x):
    return np.average(x.reshape(x.shape[0], x.shape[1], -1), axis=2)


@alternative(of="global_avg_pool2d")
def product_with_ones(right, x):
    return np.einsum("nchw->nc", x) / np.prod(x.shape[2:])


@alternative(of="global_avg_pool2d")
def squeezed_with_care(right, x):
    return x.mean(axis=(2, 3), keepdims=True).squeeze(axis=(2, 3))


@alternative(of="global_avg_pool2d")
def lists(right, x):
    return np.array([[math.fsum(channel.flat) / channel.size for channel in image] for image in x])


@alternative(of="global_avg_pool2d")
def partial_function(right):
    return functools.partial(np.mean, axis=(2, 3))
