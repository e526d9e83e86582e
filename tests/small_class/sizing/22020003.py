# %% [markdown]
# # Padding, stride and sizes
#
# A convolution makes an image smaller, a stride makes it smaller still, and padding gives cells back. Here you work out
# **how large** each result is, write the convolution with padding and stride, and then follow the shapes and count the
# parameters of three famous networks: LeNet-5, AlexNet and VGG-16.
#
# **How it works.** Fill in each place that says `raise NotImplementedError`. The cells after each question check
# your answer on examples from the lectures; hidden tests check it on others. You may add cells and helper
# functions, and use anything in numpy, but no other package that computes convolutions for you.
#
# **Dtypes.** Arrays come in as float64 and go out as float64; sizes, counts and positions are ints. The right numbers in
# another numeric dtype, such as float32, pass everywhere but in one hidden test of each question, worth 1 point, which
# looks at the dtype and at every digit: float32 keeps 7 of them, and an array made with `dtype=int` cuts fractions off.
#
# | question | points |
# |---|---|
# | `conv_output_size` | 18 |
# | `same_padding` | 6 |
# | `pad2d` | 13 |
# | `conv2d`, of which 10 for speed | 39 |
# | `conv2d_num_params` | 8 |
# | `linear_num_params` | 4 |
# | `trace_shapes` | 12 |

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
# Images of 6 x 6 cells: `A` is light on the left and dark on the right, and `R` holds random numbers, with which the
# lecture shows the stride. `V` is a kernel of 3 x 3 that answers to vertical edges: it subtracts what is right from what
# is left.

# %%
A = np.array([[10.0, 10, 10, 0, 0, 0]] * 6)
V = np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]])
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
# ## 1. How many windows fit
#
# Look at one axis only: a row of $n$ cells, and a window of $k$ cells that starts at the left end and moves $s$ cells
# at a time (the **stride**). There may be $p$ extra cells at **each** end (the **padding**). A window counts only if
# it lies completely inside.
#
# *Above, 6 cells with windows of 3 and stride 2: two windows fit and the last cell is never read. Below, 7 cells with padding 1 at each end: four windows fit.*
#
# The first window takes $k$ of the $n + 2p$ cells. Every further window needs $s$ more, so it is the number of whole
# strides in what is left:
#
# $$\text{out} = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The brackets mean: round **down**. The upper row of the picture is the lecture's example, $(6 - 3) / 2 + 1 = 2.5$: two
# and a half windows are two windows. One slide leaves the brackets out; the picture shows why they must be there.
#
# **Dilation** spreads the cells of a window out, $d$ apart: with $d = 2$, a window of 3 cells reads cells 0, 2 and 4,
# so it covers 5. In general it covers $d (k - 1) + 1$ cells, and that takes the place of $k$ in the formula.

# %%
def conv_output_size(n: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Number of windows that fit along one axis.

    Args:
        n: cells along the axis, at least 1.
        kernel_size: cells that a window reads, at least 1.
        stride: cells from one window to the next, at least 1.
        padding: cells added at each of the two ends, at least 0.
        dilation: distance between neighbouring cells of a window, at least 1; 1 means side by side.

    Returns:
        A whole number (int, not float), at least 1.

    Raises:
        ValueError: not even one window fits, or an argument is smaller than it may be.

    Source: lecture "Padding and stride", floor((n + 2p - f) / s + 1) for a kernel of f cells; with dilation, torch.nn.Conv2d, "Shape".
    """
    if min(n, kernel_size, stride, dilation) < 1 or padding < 0:
        raise ValueError("n, kernel_size, stride and dilation must be at least 1, and padding at least 0")
    covered = dilation * (kernel_size - 1) + 1
    left_over = n + 2 * padding - covered
    if left_over < 0:
        raise ValueError(f"a window that covers {covered} cells does not fit into {n + 2 * padding}")
    return left_over // stride + 1

# %%
check("valid: 6 cells, kernel 3", conv_output_size(6, 3), 4)
check("same: 6 cells, kernel 3, padding 1", conv_output_size(6, 3, padding=1), 6)
check("strided: 6 cells, kernel 3, stride 2", conv_output_size(6, 3, stride=2), 2)

# %%
check("7 cells, kernel 3, stride 2, padding 1", conv_output_size(7, 3, 2, 1), 4)
check("7 cells, kernel 3, dilation 2", conv_output_size(7, 3, dilation=2), 3)
check("227 cells, kernel 11, stride 4", conv_output_size(227, 11, 4), 55)
check("224 cells, kernel 11, stride 4", conv_output_size(224, 11, 4), 54)

# %% [markdown]
# The last two lines are a well-known puzzle. The AlexNet paper says that its images are 224 cells wide and that the
# first layer's output is 55 wide, but $(224 - 11) / 4 + 1 = 54.25$. Either the images were 227 wide, or there was
# padding that the paper does not mention; torchvision uses 224 with padding 2.
#
# ## 2. The padding that keeps the size
#
# With stride 1, which $p$ gives an output as large as the input? Solve $n + 2p - k + 1 = n$ for $p$. The lecture calls
# this padding **"same"**, and no padding at all **"valid"**. For even $k$, $p$ would have to hold half a cell, so there
# is none. With another stride than 1, "same" has no meaning here; PyTorch refuses it, too.

# %%
def same_padding(kernel_size: int) -> int:
    """The padding with which a stride-1 convolution keeps the size, along one axis.

    Args:
        kernel_size: odd, at least 1.

    Returns:
        Cells to add at each end (int).

    Raises:
        ValueError: kernel_size is even, or smaller than 1.

    Source: lecture "Padding", p = (f - 1) / 2 for a kernel of f cells.
    """
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(f"there is no padding that keeps the size for a kernel of {kernel_size}; it must be odd")
    return kernel_size // 2

# %%
check("kernels of 3, 5 and 7", [same_padding(3), same_padding(5), same_padding(7)], [1, 2, 3])

# %% [markdown]
# ## 3. Padding
#
# From here on, a batch of images `x` has shape (N, C, H, W) as in PyTorch: N images of C channels, each with H rows and
# W columns. Kernel size, stride and padding may each
# be one number for both directions or a pair **(height, width)**, in this order. The function `pair` above makes a pair
# of either. Padding (2, 1) means two more rows above *and* two below, one more column on the left *and* one on the
# right. Neither the batch nor the channels are padded.

# %%
def pad2d(x: np.ndarray, padding: int | tuple[int, int], value: float = 0.0) -> np.ndarray:
    """Surround every channel of every image with cells of one value.

    Args:
        x: shape (N, C, H, W), float64; it is not changed.
        padding: rows to add above and below, and columns to add left and right: (pH, pW), or an int for both.
        value: what the new cells hold; any number, also minus infinity.

    Returns:
        Shape (N, C, H + 2 pH, W + 2 pW), float64.

    Raises:
        ValueError: a padding is negative.

    Source: lecture "Padding"; torch.nn.functional.pad.
    """
    rows, columns = pair(padding)
    if rows < 0 or columns < 0:
        raise ValueError(f"padding must not be negative, but is {padding}")
    batch, channels, height, width = x.shape
    out = np.full((batch, channels, height + 2 * rows, width + 2 * columns), value, dtype=np.float64)
    out[:, :, rows : rows + height, columns : columns + width] = x
    return out

# %%
row = np.array([[[[1.0, 2, 3]]]])
check("padding 1", pad2d(row, 1), [[[[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 0, 0, 0, 0]]]])
check("padding (0, 2)", pad2d(row, (0, 2)), [[[[0, 0, 1, 2, 3, 0, 0]]]])

# %%
check("padding (1, 0), value 7", pad2d(np.array([[[[1.0, 2, 3]]]]), (1, 0), 7.0), [[[[7, 7, 7], [1, 2, 3], [7, 7, 7]]]])

# %% [markdown]
# ## 4. Convolution with padding and stride
#
# A layer has `C_out` filters, each with one kernel of kH rows and kW columns for every one of the `C_in` input channels.
# With a stride of $s_H$ rows and $s_W$ columns, the window of output cell $[i, j]$ begins at row $i \cdot s_H$ and column
# $j \cdot s_W$ of the **padded** image $\hat{x}$. For image $n$ and filter $f$, add up over input channels $c$ and over
# rows $a$ and columns $b$ of the kernel:
#
# $$\text{out}[n, f, i, j] = \text{bias}[f] + \sum_{c} \sum_{a} \sum_{b} \hat{x}[n, c, i s_H + a, j s_W + b] \cdot \text{weight}[f, c, a, b]$$
#
# **Padding.** Here is `A` with padding 1. The upper left window holds six zeros from the padding, so its answer is
# `(0 + 0 + 0) - (0 + 10 + 10) = -20`. Look at the whole left column: it says "dark to light" at the border, where
# the image has no edge at all. The padding itself made one. Networks see such borders, too.
#
# *The image A inside a border of zeros, with a window in the upper left corner; the output is 6 by 6 and its left column, made of minus 20 and minus 30, comes from the border*
#
# **Stride.** And here is `R` with stride 2. The upper left window gives `(3 + 8 + 23) - (10 + 5 + 1) = 18`. The last
# row and the last column are never read: whatever stands there, the result is the same.
#
# *The image R with four overlapping windows at stride 2, giving 18, minus 18, 66 and minus 44; the last row and column are grey because no window reads them*
#
# **Speed.** Your function is timed against ours on an input of shape (16, 4, 32, 32) with 16 filters of 3 x 3, stride 2
# and padding 1. Up to 80 times as long as ours earns all 10 points for speed, up to 160 times half of them; four nested
# loops take about 400 times as long. Think about where the stride belongs: of all windows at stride 1, only a quarter
# is needed here, and what is left out *before* multiplying costs nothing.
#
# Your function may use those you wrote above, or `np.pad`, which is as good.

# %%
def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] | str = 0,
) -> np.ndarray:
    """Convolution layer, forward, vectorised.

    Args:
        x: shape (N, C_in, H, W), float64.
        weight: shape (C_out, C_in, kH, kW), float64; it is not turned ("convolution" is cross-correlation here).
        bias: shape (C_out,), float64, or None for no bias.
        stride: rows and columns from one window to the next, (sH, sW), or an int for both.
        padding: rows and columns of zeros at each side, (pH, pW), or an int for both; or 'valid' for none; or
            'same' for as many as keep the size, which exists for stride 1 and odd kH and kW only.
        None of them is changed.

    Returns:
        Shape (N, C_out, out_H, out_W), float64, where out_H and out_W are those of `conv_output_size`.

    Raises:
        ValueError: x and weight differ in their number of input channels (here, `assert` will do as well); no window
            fits; a stride is below 1 or a padding negative; padding is another string; or it is 'same' with a stride
            other than 1 or an even kernel.

    Source: lecture "Convolutional layer"; torch.nn.functional.conv2d (which pads even kernels unevenly for 'same').
    """
    if isinstance(padding, str):
        if padding == "same" and (stride not in (1, (1, 1)) or weight.shape[2] % 2 == 0 or weight.shape[3] % 2 == 0):
            raise ValueError
        padding = {"same": (weight.shape[2] // 2, weight.shape[3] // 2), "valid": (0, 0)}.get(padding)
        if padding is None:
            raise ValueError
    ph, pw = padding if isinstance(padding, tuple) else (padding, padding)
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    if x.shape[1] != weight.shape[1] or min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError
    x = np.pad(x, ((0, 0), (0, 0), (2 * ph, 0), (2 * pw, 0)))
    kh, kw = weight.shape[2:]
    oh, ow = (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1
    if oh < 1 or ow < 1:
        raise ValueError
    out = np.zeros((x.shape[0], weight.shape[0], oh, ow))
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[:, :, i, j] = np.tensordot(window, weight, axes=([1, 2, 3], [1, 2, 3]))
    return out if bias is None else out + bias[:, None, None]

# %%
rim, middle = [-20, 0, 20, 20, 0, 0], [-30, 0, 30, 30, 0, 0]
check(
    "A with V, padding 1",
    conv2d(A[None, None], V[None, None], padding=1)[0, 0],
    [rim, middle, middle, middle, middle, rim],
)
check(
    "A with V, 'same'",
    conv2d(A[None, None], V[None, None], padding="same")[0, 0],
    [rim, middle, middle, middle, middle, rim],
)
check("A with V, 'valid'", conv2d(A[None, None], V[None, None], padding="valid")[0, 0], [[0, 30, 30, 0]] * 4)

# %%
check("R with V, stride 2", conv2d(R[None, None], V[None, None], stride=2)[0, 0], [[18, -18], [66, -44]])
check("A with V, stride 2", conv2d(A[None, None], V[None, None], stride=2)[0, 0], [[0, 30], [0, 30]])

# %%
bias = np.array([1.0])
check(
    "A, stride 2, padding 1",
    conv2d(A[None, None], V[None, None], None, 2, 1)[0, 0],
    [[-20, 20, 0], [-30, 30, 0], [-30, 30, 0]],
)
check(
    "R, stride (2, 1)", conv2d(R[None, None], V[None, None], stride=(2, 1))[0, 0], [[18, -4, -18, 2], [66, 7, -44, -46]]
)
check(
    "R, stride 2, padding 1, bias 1",
    conv2d(R[None, None], V[None, None], bias, 2, 1)[0, 0],
    [[-3, -6, 3], [-10, 6, -23], [-6, -4, -65]],
)

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
# Fast enough? This cell times your conv2d on this machine, as often as you like. It is not graded.
numbers = np.ones(100_000)
window = np.ones((4, 3, 3))


def without_a_loop():
    for _ in range(10):  # not over pixels
        numbers + numbers


def with_a_loop():
    for _ in range(20_000):
        np.sum(window * window)


say_how_fast(
    "conv2d",
    np.ones((16, 4, 32, 32)),
    np.ones((16, 4, 3, 3)),
    None,
    2,
    1,
    limit=80,
    fast=(without_a_loop, 0.27),
    plain=(with_a_loop, 115),
)

# %% [markdown]
# ## 5. Counting parameters
#
# Parameters are the numbers that training adjusts. In a **convolution** layer, each of the $C_\text{out}$ filters has
# one kernel of $k_H \times k_W$ weights for every input channel, and **one** bias. The size of the image has no part in it: a
# filter is used again at every place. The lecture calls this *parameter sharing*.
#
# In a **fully connected** layer, each output has a weight of its own for **every** input. For a grey 32 x 32 image,
# four hidden units take $1024 \cdot 4 = 4096$ weights; for a 1024 x 1024 image it is 1024 times as many. A convolution
# with four 3 x 3 filters takes 40 parameters for either of them.

# %%
def conv2d_num_params(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, int], bias: bool = True
) -> int:
    """Number of weights and biases of a convolution layer.

    Args:
        in_channels: channels of its input.
        out_channels: its filters.
        kernel_size: (kH, kW), or an int for both.
        bias: whether each filter has a bias.

    Returns:
        A whole number (int).

    Source: lecture "Convolutional layer": K filters of F x F on D1 channels have (F * F * D1) * K weights and K biases.
    """
    height, width = pair(kernel_size)
    return (in_channels * height * width + bool(bias)) * out_channels

# %%
check("grey, 4 filters of 3x3, with biases", conv2d_num_params(1, 4, 3), 40)
check("colour, 4 filters of 3x3, with biases", conv2d_num_params(3, 4, 3), 112)
check("colour, 4 filters of 3x3, no bias", conv2d_num_params(3, 4, 3, bias=False), 108)

# %%
def linear_num_params(in_features: int, out_features: int, bias: bool = True) -> int:
    """Number of weights and biases of a fully connected layer.

    Args:
        in_features: numbers that come in, as C * H * W of a flattened image.
        out_features: numbers that go out.
        bias: whether each output has a bias.

    Returns:
        A whole number (int).

    Source: lecture "From neural networks to CNNs": one weight for each input of each output.
    """
    return (in_features + bool(bias)) * out_features

# %%
check("32x32, grey, weights only", linear_num_params(32 * 32, 4, bias=False), 4096)
check("1024x1024, grey, weights only", linear_num_params(1024 * 1024, 4, bias=False), 4194304)
check("64x64, colour, with biases", linear_num_params(64 * 64 * 3, 4), 49156)

# %% [markdown]
# ## 6. Shapes through a whole network
#
# A classical network is a list of layers: convolutions and poolings, and fully connected layers at the end. **Pooling**
# (the next assignment) slides a window over the image, too, and keeps one number of each window; every channel is
# treated for itself, so their number stays. Its output size follows the same formula, here without padding. A fully
# connected layer first *flattens* whatever comes in to one row of numbers.
#
# LeNet-5 reads 32 x 32 images of digits (as it is usually drawn today). A shape is (C, H, W): channels, rows, columns.
#
# | layer | shape after it |
# |---|---|
# | `("conv", 6, 5, 1, 0)`: 6 filters of 5 x 5, stride 1, no padding | (6, 28, 28) |
# | `("pool", 2, 2)`: windows of 2 x 2, stride 2 | (6, 14, 14) |
# | `("conv", 16, 5, 1, 0)` | (16, 10, 10) |
# | `("pool", 2, 2)` | (16, 5, 5) |
# | `("fc", 120)`: flattens 16 x 5 x 5 = 400 numbers, gives 120 | (120,) |
# | `("fc", 84)` | (84,) |
# | `("fc", 10)` | (10,) |

# %%
LENET = [
    ("conv", 6, 5, 1, 0),
    ("pool", 2, 2),
    ("conv", 16, 5, 1, 0),
    ("pool", 2, 2),
    ("fc", 120),
    ("fc", 84),
    ("fc", 10),
]
ALEXNET = [
    ("conv", 96, 11, 4, 0),
    ("pool", 3, 2),
    ("conv", 256, 5, 1, 2),
    ("pool", 3, 2),
    ("conv", 384, 3, 1, 1),
    ("conv", 384, 3, 1, 1),
    ("conv", 256, 3, 1, 1),
    ("pool", 3, 2),
    ("fc", 4096),
    ("fc", 4096),
    ("fc", 1000),
]
VGG16 = []
for filters, convolutions in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
    VGG16 += [("conv", filters, 3, 1, 1)] * convolutions + [("pool", 2, 2)]
VGG16 += [("fc", 4096), ("fc", 4096), ("fc", 1000)]

# %%
def trace_shapes(layers: list[tuple], input_shape: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """The shape of one image after each layer of a network.

    Args:
        layers: one tuple for each layer, with every entry given; there may be none:
            ("conv", out_channels, kernel_size, stride, padding),
            ("pool", kernel_size, stride), which has no padding,
            ("fc", out_features), which flattens what comes in.
            Each kernel_size, stride and padding is an int or a pair (height, width).
        input_shape: (C, H, W) of the image.

    Returns:
        As many tuples of ints as there are layers, in their order: (C, H, W) after "conv" and "pool", and
        (out_features,) after "fc". The shape of the input is not among them.

    Raises:
        ValueError: a layer is of another kind; "conv" or "pool" comes after "fc"; or no window fits.

    Source: lectures "Convolutional layer" and "Pooling"; the formula of `conv_output_size`.
    """
    shapes = []
    shape = tuple(input_shape)
    for kind, *numbers in layers:
        if kind == "fc":
            shape = (numbers[0],)
        elif kind not in ("conv", "pool"):
            raise ValueError(f"there is no layer of kind {kind!r}; there are 'conv', 'pool' and 'fc'")
        elif len(shape) != 3:
            raise ValueError(f"a {kind!r} layer needs (C, H, W), but after 'fc' the shape is {shape}")
        else:
            channels, kernel, stride, padding = numbers if kind == "conv" else (shape[0], *numbers, 0)
            sizes = zip(shape[1:], pair(kernel), pair(stride), pair(padding), strict=True)
            shape = (channels, *(conv_output_size(*size) for size in sizes))
        shapes.append(shape)
    return shapes

# %%
shapes = trace_shapes(LENET, (1, 32, 32))
check("LeNet-5, convolutions and pooling", shapes[:4], [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5)])
check("LeNet-5, fully connected", shapes[4:], [(120,), (84,), (10,)])

# %% [markdown]
# ## See where the parameters are
#
# Nothing to hand in here. Once your functions work, this prints every layer of a network with the shape after it and
# its parameters. VGG-16 has 138,357,544: which single layer holds three quarters of them? And how many would that layer
# need if *one* number of each channel came in instead of 7 x 7? The end of the next assignment is about just this.
#
# AlexNet is shown without the paper's split over two graphics cards, which saved it some parameters.

# %%
def summary(title, layers, input_shape):
    """Print the shape after each layer and its parameters."""
    print(f"{title}, input {input_shape}")
    total, before = 0, input_shape
    for layer, after in zip(layers, trace_shapes(layers, input_shape)):
        if layer[0] == "conv":
            parameters = conv2d_num_params(before[0], after[0], layer[2])
        elif layer[0] == "fc":
            parameters = linear_num_params(int(np.prod(before)), after[0])
        else:
            parameters = 0
        print(f"  {layer!s:24} {after!s:16} {parameters:>12,}")
        total, before = total + parameters, after
    print(f"  {'altogether':41} {total:>12,}\n")


summary("LeNet-5", LENET, (1, 32, 32))
summary("AlexNet", ALEXNET, (3, 227, 227))
summary("VGG-16", VGG16, (3, 224, 224))
