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
#
# **Due** on Monday, 21 December 2026, 23:59 (UTC+7). The end of the notebook says how to hand in.
#
# **Packages.** Your code may import the standard library, `numpy` and `matplotlib`, and nothing else; `tqdm` is there
# for progress bars.

# %%
import numpy as np


def pair(value):
    """(height, width) of a kernel size, stride or padding: an int stands for both."""
    return (value, value) if isinstance(value, int) else value

# %%
# @title check: compares your answers with the expected ones
import numpy as np


def check(name, actual, expected, atol=1e-9):
    """Compare your answer with the expected one, and say where they differ."""
    problem = _problem(actual, expected, atol)
    if problem:
        raise AssertionError(f"{name}: {problem}")
    print("{name}: correct".format(name=name))


def _problem(actual, expected, atol):
    """What is wrong with an answer, in words; empty if nothing is."""
    if expected is None or isinstance(expected, (bool, str)):
        alike = isinstance(actual, np.bool_) if isinstance(expected, bool) else False
        same = (alike or type(actual) is type(expected)) and actual == expected
        return "" if same else _differ(actual, expected)
    if actual is None:
        return "yours is None; is a return missing?"
    if callable(actual):
        return "yours is a function; is a call without its brackets ()?"
    actual = _without_tensors(actual)
    if _is_tensor(actual):
        return "yours is a tensor; .detach().numpy() makes an array of it"
    try:
        wanted = np.asarray(expected)
    except ValueError:  # lists of several lengths
        return _problem_of_parts(actual, expected, atol)
    if wanted.dtype.kind not in "biuf":
        return _problem_of_parts(actual, expected, atol)

    what = _kind(expected, wanted.shape)
    if type(actual) in (bool, np.bool_, str) or not isinstance(actual, _NUMBERS):
        text = "yours is {value}, of type {type}; expected {wanted}"
        return text.format(value=_short(actual), type=type(actual).__name__, wanted=what)
    try:
        yours = np.asarray(actual)
    except ValueError:
        text = "yours is a {type} whose parts differ in shape; expected {wanted}"
        return text.format(type=type(actual).__name__, wanted=what)
    if yours.dtype.kind == "c" and np.all(abs(yours.imag) <= atol):
        yours = yours.real  # nothing imaginary but rounding, as after np.fft
    if yours.dtype.kind not in "biuf":
        return "yours has dtype {dtype}; expected numbers, such as float64".format(dtype=yours.dtype)
    if yours.shape != wanted.shape:
        return "yours is {value}, expected {wanted}".format(value=_kind(actual, yours.shape), wanted=what)

    wrong = ~np.isclose(yours, wanted, rtol=0, atol=atol, equal_nan=True)
    if yours.dtype.kind == "f" and np.array_equal(yours, yours.astype(np.float32), equal_nan=True):
        rounding = 1e-5 * np.max(abs(wanted), initial=0, where=np.isfinite(wanted))  # as exact as float32 can be
        whole = (np.rint(yours) == yours) & (np.rint(wanted) == wanted)  # another whole number is no rounding
        wrong &= whole | ~np.isclose(yours, wanted, rtol=0, atol=rounding, equal_nan=True)
    if not wrong.any():
        return ""
    place = tuple(np.argwhere(wrong)[0].tolist())
    text = _differ(yours[place].item(), wanted[place].item())
    if wrong.size > 1:
        many = np.count_nonzero(wrong)
        text = "at {place}, {text}; {many} of {all} values differ".format(
            place=list(place), text=text, many=many, all=wrong.size
        )
    if yours.dtype.kind in "iu" and wanted.dtype.kind == "f" and np.any(wanted % 1):
        text += "; your dtype is {dtype}, which has no fractions".format(dtype=yours.dtype)
    return text


_NUMBERS = (int, float, complex, list, tuple, np.ndarray, np.generic)


def _is_tensor(value):
    return hasattr(value, "detach")


def _without_tensors(value):
    """With numbers for PyTorch's tensors that hold one and have no axes; if there is another, that tensor."""
    if isinstance(value, (list, tuple)):
        parts = [_without_tensors(part) for part in value]
        other = [part for part in parts if _is_tensor(part)]
        return other[0] if other else tuple(parts) if isinstance(value, tuple) else parts
    return float(value.item()) if _is_tensor(value) and not value.ndim and not value.is_complex() else value


def _problem_of_parts(actual, expected, atol):
    """The same for what makes no array of numbers, such as shapes of several lengths."""
    if not isinstance(expected, (list, tuple)):
        return "" if actual == expected else _differ(actual, expected)
    if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
        return "yours is {value}, expected {many} values".format(value=_short(actual), many=len(expected))
    problems = [_problem(one, other, atol) for one, other in zip(actual, expected)]
    wrong = next((number for number, problem in enumerate(problems) if problem), None)
    return "" if wrong is None else "part {number}: {text}".format(number=wrong + 1, text=problems[wrong])


def _differ(actual, expected):
    return "yours is {value}, expected {wanted}".format(value=_short(actual), wanted=_short(expected))


def _kind(value, shape):
    if not shape:
        return "one number"
    text = "a tuple of shape {shape}" if isinstance(value, tuple) else "an array of shape {shape}"
    return text.format(shape=shape)


def _short(value):
    """A value in at most 60 characters."""
    if isinstance(value, float) and abs(value - float(f"{value:.10g}")) <= 1e-9:
        return f"{value:.10g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."

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
# (Figure, see the notebook: P1 cut into four 2 by 2 windows; their largest numbers are 9, 6, 9, 8)
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
# (Figure, see the notebook: The negative 3 by 3 image inside a border of minus infinity, pooled with 3 by 3 windows and stride 2, gives minus 2, minus 2, minus 3 and minus 1; with a border of zeros it would give four zeros)
#
# **One example is not enough.** On `P1` and `P2`, a 3 x 3 window with stride 1 also gives [[9, 6], [9, 8]], by chance
# the same as a 2 x 2 window with stride 2. Who tries only the slide's example, `P1`, cannot tell one from the other; of
# thirteen typical mistakes, seven give the right answer on it. That is why the checks below use `R`, too.
#
# **Where was it?** To train a network, one must know *which* number won, because only that one had a part in the
# result. With `return_indices=True` the function also says where each largest number stands: its position in the
# channel, counted row by row from 0, so row times W plus column. Padding does not count. In `P1`:
#
# (Figure, see the notebook: The cells of P1 numbered 0 to 15 row by row; the largest numbers of the four windows stand at positions 4, 6, 8 and 14)
#
# **Speed.** Your function is timed against ours on an input of shape (8, 16, 32, 32), with 3 x 3 windows and stride 1. Up
# to 50 times as long as ours earns all 12 points for speed, up to 100 times half of them; loops over images, channels,
# rows and columns take about 200 to 1,200 times as long. They visit 115,200 small windows one after the other. But a 3 x 3
# window has only nine cells, and each of the nine, taken for all windows at once, is one large array.

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
    # Replace the next line by your answer.
    raise NotImplementedError("Question max_pool2d: write max_pool2d")

# %%
# Check (3 points): The slides' images: 2x2 windows side by side
check("P1, 2x2", max_pool2d(P1[None, None], 2), [[[[9, 6], [9, 8]]]])
check("P2, 2x2, stride 2", max_pool2d(P2[None, None], 2, 2), [[[[9, 6], [9, 8]]]])
check("P1, 2x2, stride 1", max_pool2d(P1[None, None], 2, 1), [[[[9, 6, 6], [9, 6, 6], [9, 8, 8]]]])

# %%
# Check (3 points): Windows that overlap, on R
check("R, 2x2", max_pool2d(R[None, None], 2)[0, 0], [[8, 10, 24], [23, 1, 23], [23, 12, 45]])
check("R, 3x3, stride 1", max_pool2d(R[None, None], 3, 1)[0, 0, :2], [[23, 10, 24, 24], [23, 6, 10, 23]])
check("R, 3x3, stride 2", max_pool2d(R[None, None], 3, 2), [[[[23, 24], [23, 45]]]])

# %%
# Check (1 point): Windows and strides that are not square
check("R, (2, 3), stride (3, 1)", max_pool2d(R[None, None], (2, 3), (3, 1)), [[[[10, 10, 24, 24], [23, 4, 45, 45]]]])

# %%
# Check (2 points): The padding never wins
check("below, 3x3, stride 2, padding 1", max_pool2d(below[None, None], 3, 2, 1), [[[[-2, -2], [-3, -1]]]])

# %%
# Check (2 points): Where the largest numbers stand
values, places = max_pool2d(P1[None, None], 2, return_indices=True)
check("P1, values", values, [[[[9, 6], [9, 8]]]])
check("P1, indices", places, [[[[4, 6], [8, 14]]]])
check("P2 has two sixes: the first", max_pool2d(P2[None, None], 2, return_indices=True)[1], [[[[4, 2], [8, 14]]]])

# %%
# @title say_how_fast: times your functions
def _seconds(function, *args):
    """CPU time of one run: the average of as many as take a quarter of a second."""
    from time import thread_time

    start, runs = thread_time(), 0
    while not runs or thread_time() - start < 0.25:
        function(*args)
        runs += 1
    return (thread_time() - start) / runs


def say_how_fast(name, *args, limit, fast, plain):
    """Say what your function would earn for speed, if its answers are right.

    fast, plain: two pieces of work, one without and one with a Python loop, and how many times as long as our function
    each takes. So your function can be compared with ours on any machine, whatever is quick there and what is slow.
    """
    from sys import _getframe

    try:
        mine = _seconds(_getframe(1).f_globals[name], *args)  # the notebook's function of this name
    except (KeyError, NotImplementedError):
        print("{name}: not yet written".format(name=name))
        return
    except Exception as error:
        text = "{name} could not be timed: {type}: {error}"
        print(text.format(name=name, type=type(error).__name__, error=error))
        return
    from math import log

    quick, slow = _seconds(fast[0]), _seconds(plain[0])
    ratio = fast[1] * (plain[1] / fast[1]) ** (log(mine / quick) / log(slow / quick))
    least = min(10, limit // 3)  # below, it is all the same
    times = ("about {many}" if ratio >= least else "less than {many}").format(many=round(max(ratio, least)))
    if ratio <= limit:
        text = "{name}: {times} times as long as ours, all points for speed, if its answers are right"
    elif ratio <= 2 * limit:
        text = "{name}: {times} times as long as ours, half of the points for speed, if its answers are right"
    else:
        text = "{name}: {times} times as long as ours, no points for speed"
    print(text.format(name=name, times=times))
    if limit / 1.5 < ratio < limit * 3:
        text = "That is near {all} or {half} times, where the points change: graded, it may come out otherwise."
        print(text.format(all=limit, half=2 * limit))

# %%
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
# (Figure, see the notebook: A 2 by 2 image of ones inside a border of zeros; each of the four windows holds one 1 and three zeros, so the average is 0.25 if padding counts and 1 if not)

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
    # Replace the next line by your answer.
    raise NotImplementedError("Question avg_pool2d: write avg_pool2d")

# %%
# Check (2 points): The slides' images
check("P1, 2x2", avg_pool2d(P1[None, None], 2), [[[[4.5, 3.5], [3, 3.25]]]])
check("P2, 2x2, stride 2", avg_pool2d(P2[None, None], 2, 2), [[[[4.5, 4.75], [3, 3.25]]]])

# %%
# Check (1 point): Windows that overlap or are not square
check("R, 3x3, stride 2, times 9", avg_pool2d(R[None, None], 3, 2) * 9, [[[[57, 61], [75, 46]]]])
check("R, (2, 3), times 6", avg_pool2d(R[None, None], (2, 3)) * 6, [[[[30, 54], [52, 23], [26, 146]]]])

# %%
# Check (2 points): Padding that counts and padding that does not
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
# (Figure, see the notebook: Three channels; each is averaged to a single number)

# %%
def global_avg_pool2d(x: np.ndarray) -> np.ndarray:
    """The average of each whole channel.

    Args:
        x: shape (N, C, H, W), float64; it is not changed.

    Returns:
        Shape (N, C), float64, also if N or C is 1.

    Source: Lin et al., Network In Network, section 3.2; torch.nn.functional.adaptive_avg_pool2d(x, 1), flattened.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question global_avg_pool2d: write global_avg_pool2d")

# %%
# Check (2 points): The slides' images, as two images of one channel
check("P1 and P2", global_avg_pool2d(np.stack([P1, P2])[:, None]), [[3.5625], [3.875]])

# %%
# Check (2 points): The same two, as two channels of one image
check("P1 and P2", global_avg_pool2d(np.stack([P1, P2])[None]), [[3.5625, 3.875]])

# %% [markdown]
# ## See what pooling forgets
#
# Nothing to hand in here. A convolution is *equivariant* to shifts: if the image moves, the output moves with it. (The
# slides say "translation invariant", which is another thing.) *Invariant* means that the output does not change at all,
# and pooling goes some way towards that. Here a picture moves by one pixel; see how much of each result changes. Then
# change the 1 in `np.roll` to 2: max pooling notices nothing only as long as no edge crosses a window's border. The
# global average never notices.

# %%
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

# %% [markdown]
# ## Handing in
#
# * **What.** Save this notebook and hand in that one file, `pooling.ipynb`: no PDF, no HTML, no zip. If you work in
#   the script instead, hand in `pooling.py`.
# * **When.** Due on Monday, 21 December 2026, 23:59 (UTC+7). Up to 15 minutes late is on time. Then each day begun
#   after the due date costs 10 % of the points earned. What comes more than 5 days late earns nothing.
# * **Points.** Of 100 points, the checks in this notebook give 20, and hidden tests, on other inputs, give 80. Your
#   answers alone count, not what the notebook prints or shows.
# * **Limits.** When it is graded, each cell may take 10 seconds of computing time, each call of a function of yours 5
#   seconds, and all together 5 minutes, in 2 GB of memory; there is no network and no GPU. The file may have at most
#   50 MB.
# * **Working together.** Discuss ideas, the lectures and error messages with whom you like. The code that you hand in
#   is your own: write it alone, and be able to explain every line.
# * **Feedback.** With your score you get a page that says of each test whether your answer passes it, and what is
#   wrong if it does not.
