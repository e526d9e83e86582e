# %% [markdown]
# # Pooling
#
# Pooling makes an image smaller by keeping one number of each window: its largest, or its average. There are no
# weights and nothing to learn in it. In this assignment you write max pooling, average pooling and global
# average pooling, for windows and strides of any shape.
#
# **How it works.** Fill in each place that says `raise NotImplementedError`. The cells after each question check
# your answer on examples from the lectures; hidden tests check it on others. You may add cells and helper
# functions, and use anything in numpy, but no other package that pools for you.
#
# **Dtypes.** Arrays come in as float64 and go out as float64; sizes, counts and positions are ints. The right numbers in
# another numeric dtype, such as float32, pass everywhere but in one hidden test of each question, worth 1 point, which
# looks at the dtype and at every digit: float32 keeps 7 of them, and an array made with `dtype=int` cuts fractions off.
#
# | question | points |
# |---|---|
# | `max_pool2d`, of which 12 for speed | 63 |
# | `avg_pool2d` | 27 |
# | `global_avg_pool2d` | 10 |

# %%
import numpy as np


def pair(value):
    """(height, width) of a kernel size, stride or padding: an int stands for both."""
    return (value, value) if isinstance(value, int) else value


# %%
from autograder.in_notebooks.check import check

# %% [markdown]
# ## The examples from the lectures
#
# The slides show max pooling on two different images, `P1` and `P2`; look for the one number in which they differ. `R`
# is an image of 6 x 6 random numbers, and `below` holds negative numbers only.

# %%
P1 = np.array([[1.0, 3, 1, 2], [9, 5, 6, 5], [9, 1, 1, 2], [0, 2, 8, 2]])
P2 = np.array([[1.0, 3, 6, 2], [9, 5, 6, 5], [9, 1, 1, 2], [0, 2, 8, 2]])
below = np.array([[-4.0, -2, -7], [-6, -3, -8], [-5, -9, -1]])
R = np.array(
    [
        [3.0, 0, 10, 5, 24, 2],
        [8, 4, 5, 6, 10, 7],
        [23, 3, 1, 0, 0, 0],
        [21, 4, 0, 0, 0, 23],
        [23, 0, 0, 0, 45, 23],
        [0, 3, 0, 12, 34, 32],
    ]
)

# %% [markdown]
# ## 1. Max pooling
#
# Slide a window over the image, as for a convolution, and write down the largest number in each. The usual case is a
# 2 x 2 window with stride 2:
#
# ![P1 cut into four 2 by 2 windows; their largest numbers are 9, 6, 9, 8](figures/pooling_max.png)
#
# * Each **channel** of each image is pooled for itself: (N, C, H, W), which is N images of C channels with H rows and W
#   columns, becomes (N, C, out_H, out_W).
# * The **stride** is as large as the window if none is given, so that windows lie side by side. With another stride
#   they may overlap, or leave gaps between them.
# * The **size** follows the formula of the convolution, rounded down. Along an axis of $n$ cells, with $p$ cells of
#   padding at each end and windows of $k$ cells that move $s$ at a time (the stride), it is
#   $\text{out} = \lfloor (n + 2p - k) / s \rfloor + 1$. What is left over at the end is not read.
# * **Padding** is rarely used in pooling. If it is, its cells must never win, not even when all numbers of the image
#   are negative. So they count as $-\infty$, not as 0. And no window may lie in the padding alone, so $p$ may be at
#   most half of $k$.
#
# ![The negative 3 by 3 image inside a border of minus infinity, pooled with 3 by 3 windows and stride 2, gives minus 2, minus 2, minus 3 and minus 1; with a border of zeros it would give four zeros](figures/pooling_padding.png)
#
# **One example is not enough.** On `P1` and `P2`, a 3 x 3 window with stride 1 also gives [[9, 6], [9, 8]], by chance
# the same as a 2 x 2 window with stride 2. Who tries only the slide's example, `P1`, cannot tell one from the other; of
# thirteen typical mistakes, seven give the right answer on it. That is why the checks below use `R`, too.
#
# **Where was it?** To train a network, one must know *which* number won, because only that one had a part in the
# result. With `return_indices=True` the function also says where each largest number stands: its position in the
# channel, counted row by row from 0, so row times W plus column. Padding does not count. In `P1`:
#
# ![The cells of P1 numbered 0 to 15 row by row; the largest numbers of the four windows stand at positions 4, 6, 8 and 14](figures/pooling_indices.png)
#
# **Speed.** Your function is timed against ours on an input of shape (8, 16, 32, 32), with 3 x 3 windows and stride 1. Up
# to 50 times as long as ours earns all 12 points for speed, up to 100 times half of them; loops over images, channels,
# rows and columns take about 200 to 1,200 times as long. They visit 115,200 small windows one after the other. But a 3 x 3
# window has only nine cells, and each of the nine, taken for all windows at once, is one large array.


# %%
### BEGIN SOLUTION
def output_size(n, kernel_size, stride, padding):
    """Number of windows along one axis; ValueError if there is none, or if one could lie in the padding alone."""
    if padding < 0 or 2 * padding > kernel_size:
        raise ValueError(f"padding must be between 0 and half of kernel_size ({kernel_size}), but is {padding}")
    if kernel_size < 1 or stride < 1 or n + 2 * padding < kernel_size:
        raise ValueError(f"no window of {kernel_size} with stride {stride} fits into {n + 2 * padding}")
    return (n + 2 * padding - kernel_size) // stride + 1


def taps(x, kernel_size, stride, padding, value):
    """Pad with ``value`` and yield, for each cell of the window, that cell of all windows: (N, C, out_H, out_W).

    Working on these few large arrays is many times faster than on many small windows.
    """
    (height, width), (down, right), (rows, columns) = pair(kernel_size), pair(stride), pair(padding)
    out_height = output_size(x.shape[2], height, down, rows)
    out_width = output_size(x.shape[3], width, right, columns)
    if rows or columns:
        x = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)), constant_values=value)
    for a in range(height):
        for b in range(width):
            yield x[:, :, a : a + down * out_height : down, b : b + right * out_width : right]


### END SOLUTION


# %%
def max_pool2d(
    x: np.ndarray,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    return_indices: bool = False,
) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
    """The largest number in each window of each channel.

    Args:
        x: shape (N, C, H, W), float64; it is not changed. Any numbers: very large and negative ones, NaN and infinities.
        kernel_size: rows and columns of a window, (kH, kW), or an int for both.
        stride: rows and columns from one window to the next, (sH, sW), or an int for both; None for kernel_size.
        padding: rows and columns at each side, (pH, pW), or an int for both; they count as minus infinity.
        return_indices: whether to return the places of the largest numbers, too.

    Returns:
        Shape (N, C, out_H, out_W), float64, with out_H = floor((H + 2 pH - kH) / sH) + 1 and out_W alike. A window
        that holds NaN gives NaN. With return_indices, a tuple of this and of an integer array of the same shape: for
        each window, row * W + column of its largest number in x[n, c]; if several are equal, of the first of them
        in that order; if one is NaN, of that one.

    Raises:
        ValueError: padding is negative or more than half of kernel_size, stride is below 1, or no window fits.

    Source: lecture "Pooling layer"; torch.nn.functional.max_pool2d with ceil_mode=False.
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    out = -np.inf
    for tap in taps(x, kernel_size, stride, padding, -np.inf):
        out = np.maximum(out, tap)
    if not return_indices:
        return out
    positions = np.arange(x.shape[2] * x.shape[3]).reshape(1, 1, *x.shape[2:])
    indices = np.full(out.shape, -1)
    pairs = zip(
        taps(x, kernel_size, stride, padding, -np.inf), taps(positions, kernel_size, stride, padding, -1), strict=True
    )
    for tap, position in pairs:
        wins = (tap == out) | np.isnan(tap)
        indices = np.where((indices < 0) & wins, position, indices)
    return out, indices
    ### END SOLUTION


# %% check="max_pool2d" points=3 title="The slides' images: 2x2 windows side by side"
check("P1, 2x2", max_pool2d(P1[None, None], 2), [[[[9, 6], [9, 8]]]])
check("P2, 2x2, stride 2", max_pool2d(P2[None, None], 2, 2), [[[[9, 6], [9, 8]]]])
check("P1, 2x2, stride 1", max_pool2d(P1[None, None], 2, 1), [[[[9, 6, 6], [9, 6, 6], [9, 8, 8]]]])

# %% check="max_pool2d" points=3 title="Windows that overlap, on R"
check("R, 2x2", max_pool2d(R[None, None], 2)[0, 0], [[8, 10, 24], [23, 1, 23], [23, 12, 45]])
check("R, 3x3, stride 1", max_pool2d(R[None, None], 3, 1)[0, 0, :2], [[23, 10, 24, 24], [23, 6, 10, 23]])
check("R, 3x3, stride 2", max_pool2d(R[None, None], 3, 2), [[[[23, 24], [23, 45]]]])

# %% check="max_pool2d" points=1 title="Windows and strides that are not square"
check("R, (2, 3), stride (3, 1)", max_pool2d(R[None, None], (2, 3), (3, 1)), [[[[10, 10, 24, 24], [23, 4, 45, 45]]]])

# %% check="max_pool2d" points=2 title="The padding never wins"
check("below, 3x3, stride 2, padding 1", max_pool2d(below[None, None], 3, 2, 1), [[[[-2, -2], [-3, -1]]]])

# %% check="max_pool2d" points=2 title="Where the largest numbers stand"
values, places = max_pool2d(P1[None, None], 2, return_indices=True)
check("P1, values", values, [[[[9, 6], [9, 8]]]])
check("P1, indices", places, [[[[4, 6], [8, 14]]]])
check("P2 has two sixes: the first", max_pool2d(P2[None, None], 2, return_indices=True)[1], [[[[4, 2], [8, 14]]]])


# %% tags=["timing"]
from autograder.in_notebooks.speed import say_how_fast

# %% tags=["timing"]
# Fast enough? This cell times your max_pool2d on this machine, as often as you like. It is not graded.
numbers = np.ones(100_000)
window = np.ones((3, 3))


def without_a_loop():
    for _ in range(10):  # not over pixels
        numbers + numbers


def with_a_loop():
    for _ in range(40_000):
        np.max(window)


say_how_fast(
    "max_pool2d", np.ones((8, 16, 32, 32)), 3, 1, limit=50, fast=(without_a_loop, 0.27), plain=(with_a_loop, 190)
)

# %% [markdown]
# ## 2. Average pooling
#
# The same with the average of each window. Here `P1` and `P2` do differ: 2 x 2 windows give [[4.5, 3.5], [3, 3.25]] and
# [[4.5, 4.75], [3, 3.25]]. By hand, for the window of `P1` at the upper right: `(1 + 2 + 6 + 5) / 4 = 3.5`.
#
# The sum is divided by the number of cells in the **window**, $k_H k_W$ for $k_H$ rows and $k_W$ columns; the stride has
# no part in it.
#
# With padding there are two opinions. Padding holds zeros; do they count as cells? PyTorch says yes unless told
# otherwise (`count_include_pad=True`); then borders come out too dark. With `count_include_pad=False` the sum is
# divided by the number of cells of the *image* in each window. An image of 2 x 2 ones, with 2 x 2 windows, stride 2 and
# padding 1, has one of its cells in each of the four windows: that gives 0.25 everywhere, or 1 everywhere.
#
# ![A 2 by 2 image of ones inside a border of zeros; each of the four windows holds one 1 and three zeros, so the average is 0.25 if padding counts and 1 if not](figures/pooling_average.png)


# %%
def avg_pool2d(
    x: np.ndarray,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    count_include_pad: bool = True,
) -> np.ndarray:
    """The average of each window of each channel.

    Args:
        x, kernel_size, stride: those of `max_pool2d`; here x is finite.
        padding: rows and columns of zeros at each side, (pH, pW), or an int for both.
        count_include_pad: whether the cells of the padding count as cells of the window.

    Returns:
        Shape (N, C, out_H, out_W), float64, with the sizes of `max_pool2d`.

    Raises:
        ValueError: padding is negative or more than half of kernel_size, stride is below 1, or no window fits.

    Source: lecture "Pooling layer"; torch.nn.functional.avg_pool2d with ceil_mode=False.
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    total = sum(taps(x, kernel_size, stride, padding, 0.0))
    if count_include_pad:
        height, width = pair(kernel_size)
        return total / (height * width)
    ones = np.ones((1, 1, *x.shape[2:]))
    return total / sum(taps(ones, kernel_size, stride, padding, 0.0))
    ### END SOLUTION


# %% check="avg_pool2d" points=2 title="The slides' images"
check("P1, 2x2", avg_pool2d(P1[None, None], 2), [[[[4.5, 3.5], [3, 3.25]]]])
check("P2, 2x2, stride 2", avg_pool2d(P2[None, None], 2, 2), [[[[4.5, 4.75], [3, 3.25]]]])

# %% check="avg_pool2d" points=1 title="Windows that overlap or are not square"
check("R, 3x3, stride 2, times 9", avg_pool2d(R[None, None], 3, 2) * 9, [[[[57, 61], [75, 46]]]])
check("R, (2, 3), times 6", avg_pool2d(R[None, None], (2, 3)) * 6, [[[[30, 54], [52, 23], [26, 146]]]])

# %% check="avg_pool2d" points=2 title="Padding that counts and padding that does not"
ones = np.ones((1, 1, 2, 2))
check("ones, padding counts", avg_pool2d(ones, 2, 2, 1), [[[[0.25, 0.25], [0.25, 0.25]]]])
check("ones, padding does not count", avg_pool2d(ones, 2, 2, 1, count_include_pad=False), [[[[1, 1], [1, 1]]]])

# %% [markdown]
# ## 3. Global average pooling
#
# The largest window is the whole channel. Its average is one number for each channel, whatever the size of the image:
# (N, C, H, W) becomes (N, C).
#
# That is worth a lot at the end of a network. VGG-16 flattens its last 512 x 7 x 7 numbers for a fully connected layer
# of 4096 units, which takes `25088 * 4096 + 4096 = 102,764,544` parameters. With one number of each channel it would be
# `512 * 4096 + 4096 = 2,101,248`. ResNet, GoogLeNet, MobileNet and EfficientNet all end this way.
#
# ![Three channels; each is averaged to a single number](figures/pooling_global.png)


# %%
def global_avg_pool2d(x: np.ndarray) -> np.ndarray:
    """The average of each whole channel.

    Args:
        x: shape (N, C, H, W), float64; it is not changed.

    Returns:
        Shape (N, C), float64, also if N or C is 1.

    Source: Lin et al., Network In Network, section 3.2; torch.nn.functional.adaptive_avg_pool2d(x, 1), flattened.
    """
    ### BEGIN SOLUTION
    return x.mean(axis=(2, 3))
    ### END SOLUTION


# %% check="global_avg_pool2d" points=2 title="The slides' images, as two images of one channel"
check("P1 and P2", global_avg_pool2d(np.stack([P1, P2])[:, None]), [[3.5625], [3.875]])

# %% check="global_avg_pool2d" points=2 title="The same two, as two channels of one image"
check("P1 and P2", global_avg_pool2d(np.stack([P1, P2])[None]), [[3.5625, 3.875]])

# %% [markdown]
# ## See what pooling forgets
#
# Nothing to hand in here. A convolution is *equivariant* to shifts: if the image moves, the output moves with it. (The
# slides say "translation invariant", which is another thing.) *Invariant* means that the output does not change at all,
# and pooling goes some way towards that. Here a picture moves by one pixel; see how much of each result changes. Then
# change the 1 in `np.roll` to 2: max pooling notices nothing only as long as no edge crosses a window's border. The
# global average never notices.

# %% tags=["demo"]
import matplotlib.pyplot as plt

picture = np.zeros((1, 1, 24, 24))
picture[0, 0, 6:18, 9:13] = 1
picture[0, 0, 6:10, 9:18] = 1
moved = np.roll(picture, 1, axis=3)
rows = [("image", picture, moved), ("max pooling, 4x4", max_pool2d(picture, 4), max_pool2d(moved, 4))]
rows.append(("average pooling, 4x4", avg_pool2d(picture, 4), avg_pool2d(moved, 4)))
fig, axes = plt.subplots(3, 3, figsize=(7, 7.5))
for line, (title, before, after) in zip(axes, rows):
    for axis, values, name in zip(
        line, [before, after, abs(after - before)], [title, "moved by one pixel", "difference"]
    ):
        axis.imshow(values[0, 0], cmap="gray", vmin=0, vmax=1)
        axis.set_title(f"{name}: {values.mean():.3f}" if name == "difference" else name, fontsize=10)
        axis.axis("off")
plt.show()
print("global average:", global_avg_pool2d(picture)[0, 0], "and, moved by one pixel,", global_avg_pool2d(moved)[0, 0])
