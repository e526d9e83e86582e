# %% [markdown]
# # Convolution forward
#
# In this assignment you write the operation that gives convolutional networks their name: first for one grey
# image and one kernel, then for batches of colour images and many filters, then once more without Python
# loops over pixels, which is some hundred times faster.
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
# | `cross_correlate2d` | 20 |
# | `conv2d_naive` | 32 |
# | `conv2d`, of which 12 for speed | 36 |
# | `apply_kernel` | 12 |
#
# **Due** on Monday, 7 December 2026, 23:59 (UTC+7). The end of the notebook says how to hand in.
#
# **Packages.** Your code may import the standard library, `numpy` and `matplotlib`, and nothing else; `tqdm` is there
# for progress bars.

# %%
import numpy as np

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
# Images of 6 x 6 cells: `A` is light on the left and dark on the right; `B` is its mirror image. `M` is `A` in its upper
# half and `B` in its lower half, and `R` holds random numbers. Kernels of 3 x 3: `V` is the *vertical* kernel (Prewitt),
# which subtracts what is right from what is left, so it answers to vertical edges; `H` is the *horizontal* one, `V`
# transposed. (In shapes, $H$ is another thing: the height.) `colours` is one image of 2 x 2 cells in red, green and
# blue, and `grey` a kernel of 1 x 1 that turns such an image into a grey one. Rows and columns are counted from 0.

# %%
A = np.array([[10.0, 10, 10, 0, 0, 0]] * 6)
B = np.array([[0.0, 0, 0, 10, 10, 10]] * 6)
M = np.array([[10.0, 10, 10, 0, 0, 0]] * 3 + [[0.0, 0, 0, 10, 10, 10]] * 3)
V = np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]])
H = V.T
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
colours = np.array([[[[10.0, 0], [0, 100]], [[20.0, 0], [0, 100]], [[30.0, 100], [0, 100]]]])
grey = np.array([0.3, 0.6, 0.1]).reshape(1, 3, 1, 1)

# %% [markdown]
# ## 1. One image, one kernel
#
# Lay the kernel on the image, multiply cell by cell, and add up: that is **one** number of the output. Move the
# kernel one cell to the right for the next number, and down for the next row.
#
# (Figure, see the notebook: A 3 by 3 window on the image A; its nine products with the kernel V add up to 30)
#
# By hand: the window of `A` that begins at column 1, counted from 0, holds the columns 10, 10, 0, so the sum is
# `3 * (10 * 1 + 10 * 0 + 0 * (-1)) = 30`.
#
# An image of $H$ rows and $W$ columns has room for $(H - k_H + 1) \times (W - k_W + 1)$ windows of a kernel with $k_H$
# rows and $k_W$ columns. The window of output number $[i, j]$ has its upper left corner at row $i$ and column $j$ of the
# image; $a$ and $b$ are a row and a column of the kernel:
#
# $$\text{out}[i, j] = \sum_{a=0}^{k_H-1} \sum_{b=0}^{k_W-1} \text{image}[i + a, j + b] \cdot \text{kernel}[a, b]$$
#
# **A word about words.** Deep learning calls this "convolution". Mathematicians call it *cross-correlation*; their
# convolution turns the kernel by 180 degrees first. We never turn it.

# %%
def cross_correlate2d(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide a kernel over an image, without padding, one cell at a time.

    Args:
        image: shape (H, W), float64; any numbers, negative ones and fractions too.
        kernel: shape (kH, kW), float64, with 1 <= kH <= H and 1 <= kW <= W; it need not be square.

    Returns:
        Shape (H - kH + 1, W - kW + 1), float64. Entry [i, j] is the sum of the products of the kernel
        with the window whose upper left corner is image[i, j]. The kernel is not turned.

    Source: lecture "Foundations of CNNs"; Goodfellow et al., Deep Learning, equation 9.6.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question cross_correlate2d: write cross_correlate2d")

# %%
# Check (2 points): The kernel is not turned: light to dark gives a positive edge
check("A with V", cross_correlate2d(A, V), [[0, 30, 30, 0]] * 4)
check("B with V", cross_correlate2d(B, V), [[0, -30, -30, 0]] * 4)

# %%
# Check (2 points): The horizontal kernel on an image with both edges
check("M with H", cross_correlate2d(M, H), [[0, 0, 0, 0], [30, 10, -10, -30], [30, 10, -10, -30], [0, 0, 0, 0]])

# %%
# Check (2 points): Small numbers that you can check by hand
check(
    "3x3 with 2x2", cross_correlate2d(np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2)), [[19, 25], [37, 43]]
)
check("R with V", cross_correlate2d(R, V), [[18, -4, -18, 2], [46, 5, -4, -24], [66, 7, -44, -46], [44, -5, -79, -66]])

# %% [markdown]
# ## 2. Channels, filters, batches and bias
#
# A colour image has three channels, and a layer has many filters. Shapes are those of `torch.nn.functional.conv2d`
# ("NCHW"): the input `x` is (N, C_in, H, W), N images of C_in channels each, with H rows and W columns; `weight` is
# (C_out, C_in, kH, kW), C_out filters. **Each** filter has one kernel of kH rows and kW columns for **every** input channel,
# and the products are added up over the channels, too. Output channel $f$ of image $n$ is what filter $f$ makes of it, and
# $c$ is an input channel:
#
# (Figure, see the notebook: Three input channels, each with its own kernel, are added up to one output channel per filter)
#
# $$\text{out}[n, f, i, j] = \text{bias}[f] + \sum_{c} \sum_{a} \sum_{b} x[n, c, i + a, j + b] \cdot \text{weight}[f, c, a, b]$$
#
# The bias is added **once** for each output number, not once for each product or channel.
#
# An example: a 1 x 1 kernel with weights (0.3, 0.6, 0.1) turns red, green and blue into grey. A pixel (10, 20, 30) becomes
# `0.3 * 10 + 0.6 * 20 + 0.1 * 30 = 18`.
#
# Here loops are welcome: write it so that you can read the formula in it.

# %%
def conv2d_naive(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Convolution layer, forward, with plain loops; no padding, stride 1.

    Args:
        x: shape (N, C_in, H, W), float64; N and C_in are at least 1.
        weight: shape (C_out, C_in, kH, kW), float64, with 1 <= kH <= H and 1 <= kW <= W.
        bias: shape (C_out,), float64, or None for no bias.

    Returns:
        Shape (N, C_out, H - kH + 1, W - kW + 1), float64.

    Raises:
        ValueError: x and weight differ in their number of input channels (`assert` will do as well).

    Source: lecture "Convolutional layer"; torch.nn.functional.conv2d with its defaults.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question conv2d_naive: write conv2d_naive")

# %%
# Check (3 points): One channel, one filter: the edge from before
check("A with V", conv2d_naive(A[None, None], V[None, None]), np.array([[[[0, 30, 30, 0]] * 4]]))
check(
    "A with V, bias 5", conv2d_naive(A[None, None], V[None, None], np.array([5.0])), np.array([[[[5, 35, 35, 5]] * 4]])
)

# %%
# Check (3 points): Colour to grey with a 1x1 kernel
check("colours to grey", conv2d_naive(colours, grey), [[[[18, 10], [0, 100]]]])

# %% [markdown]
# ## 3. The same without Python loops over pixels
#
# Python needs about a microsecond for each small step, and a loop over images, filters, rows and columns takes many.
# numpy takes the same steps some hundred times faster if you hand it whole arrays. Two ways that work:
#
# * `np.lib.stride_tricks.sliding_window_view(x, (kH, kW), axis=(2, 3))` shows all windows at once, as an array of shape
#   (N, C_in, H - kH + 1, W - kW + 1, kH, kW) that copies nothing; multiply and add up with `np.tensordot` or `np.einsum`.
# * Loop over the kH x kW cells of the *kernel* only. Each one touches a whole shifted image.
#
# Your function is timed against ours on an input of shape (4, 3, 64, 64) with 8 filters of 3 x 3. Up to 200 times as long
# as ours earns all 12 points for speed, up to 400 times half of them. Four nested loops take about a thousand times as long.

# %%
def conv2d(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Convolution layer, forward, vectorised; no padding, stride 1.

    Args, returns and raises are those of `conv2d_naive`. The arguments stay as they were.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question conv2d: write conv2d")

# %%
# Check (2 points): Two filters on one image
both = np.stack([V, H])[:, None]
check(
    "M with V and H",
    conv2d(M[None, None], both)[0, 1],
    [[0, 0, 0, 0], [30, 10, -10, -30], [30, 10, -10, -30], [0, 0, 0, 0]],
)
check("M with V and H, shape", conv2d(M[None, None], both).shape, (1, 2, 4, 4))

# %%
# Check (2 points): Colour to grey, and a bias of 1
check("colours to grey", conv2d(colours, grey, np.array([1.0])), [[[[19, 11], [1, 101]]]])

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
window = np.ones((3, 3, 3))


def without_a_loop():
    for _ in range(10):  # not over pixels
        numbers + numbers


def with_a_loop():
    for _ in range(40_000):
        np.sum(window * window)


say_how_fast(
    "conv2d",
    np.ones((4, 3, 64, 64)),
    np.ones((8, 3, 3, 3)),
    limit=200,
    fast=(without_a_loop, 0.43),
    plain=(with_a_loop, 290),
)

# %% [markdown]
# ## 4. Edge kernels
#
# Networks learn their kernels; long before, people made some by hand. Write a function that applies six of them by name.
#
# | name | kernel | answers to |
# |---|---|---|
# | `vertical` | `[[1, 0, -1], [1, 0, -1], [1, 0, -1]]` | vertical edges |
# | `horizontal` | its transpose | horizontal edges |
# | `sobel_x` | `[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]` | vertical edges, smoothed along the edge |
# | `sobel_y` | its transpose | horizontal edges |
# | `scharr_x` | `[[3, 0, -3], [10, 0, -10], [3, 0, -3]]` | vertical edges, more alike in all directions |
# | `scharr_y` | its transpose | horizontal edges |
#
# **Find the bug.** The lecture slides misprint two of these: there, the last entry of Sobel is `-1`, and the first row of
# Scharr is `3, 0, 3`. How could you have noticed? An edge kernel must give 0 where there is no edge, so its entries must
# add up to 0. On a flat patch of tens, the misprinted Sobel gives -20 and the misprinted Scharr 60.

# %%
flat = np.full((3, 3), 10.0)
print("Sobel as misprinted :", cross_correlate2d(flat, np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, -1]])))
print("Scharr as misprinted:", cross_correlate2d(flat, np.array([[3.0, 0, 3], [10, 0, -10], [3, 0, -3]])))

# %%
def apply_kernel(image: np.ndarray, name: str) -> np.ndarray:
    """Apply one of the six kernels of the table above.

    Args:
        image: shape (H, W), float64, H and W at least 3.
        name: 'vertical', 'horizontal', 'sobel_x', 'sobel_y', 'scharr_x' or 'scharr_y'.

    Returns:
        Shape (H - 2, W - 2), float64: the cross-correlation of the image with that kernel.

    Raises:
        ValueError: there is no kernel of that name.

    Source: the table above (Prewitt 1970, Sobel 1968, Scharr 2000), with the slides' two misprints corrected.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question apply_kernel: write apply_kernel")

# %%
# Check (2 points): Vertical and horizontal, as on the slides
check("vertical on A", apply_kernel(A, "vertical"), [[0, 30, 30, 0]] * 4)
check(
    "horizontal on M",
    apply_kernel(M, "horizontal"),
    [[0, 0, 0, 0], [30, 10, -10, -30], [30, 10, -10, -30], [0, 0, 0, 0]],
)

# %%
# Check (2 points): Sobel and Scharr without the misprints
check("sobel_x on A", apply_kernel(A, "sobel_x"), [[0, -40, -40, 0]] * 4)
check("scharr_x on A", apply_kernel(A, "scharr_x"), [[0, 160, 160, 0]] * 4)

# %% [markdown]
# ## See it on a picture
#
# Nothing to hand in here: look at what two of the kernels answer to.

# %%
import matplotlib.pyplot as plt

picture = np.zeros((40, 40))
picture[8:32, 8:32] = 100
picture += 60 * (np.hypot(*np.mgrid[-20:20, -20:20]) < 8)
fig, axes = plt.subplots(1, 3, figsize=(9, 3))
for axis, values, title in zip(
    axes, [picture, apply_kernel(picture, "sobel_x"), apply_kernel(picture, "sobel_y")], ["image", "sobel_x", "sobel_y"]
):
    axis.imshow(values, cmap="gray")
    axis.set_title(title)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## Handing in
#
# * **What.** Save this notebook and hand in that one file, `conv_forward.ipynb`: no PDF, no HTML, no zip. If you work
#   in the script instead, hand in `conv_forward.py`.
# * **When.** Due on Monday, 7 December 2026, 23:59 (UTC+7). Up to 15 minutes late is on time. Then each day begun
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
