# %% [markdown]
# # Backpropagation
#
# A network learns by asking, for every number in it: if this number grew a little, how would the loss change? The
# answers are the gradients, and **backpropagation** finds all of them in one walk from the loss back to the input. Here
# you write that walk for each layer of a small convolutional network, without a library that does it for you.
#
# **How it works.** Fill in each place that says `raise NotImplementedError`. The cells after each question check your
# answer on examples that you can follow by hand; hidden tests check it on others. You may add cells and helper
# functions, and use anything in numpy, but no package that computes gradients for you.
#
# **Dtypes.** Arrays come in as float64 and go out as float64; sizes, counts and positions are ints. The right numbers in
# another numeric dtype, such as float32, pass everywhere but in one hidden test of each question, worth 1 point, which
# looks at the dtype and at every digit: float32 keeps 7 of them, and an array made with `dtype=int` cuts fractions off.
#
# | question | points |
# |---|---|
# | `numerical_gradient` | 8 |
# | `relu_backward` | 5 |
# | `linear_backward` | 9 |
# | `cross_entropy` | 13 |
# | `conv2d_backward`, of which 10 for speed | 44 |
# | `max_pool2d_backward` | 13 |
# | `avg_pool2d_backward` | 8 |
#
# **Due** on Monday, 28 December 2026, 23:59 (UTC+7). The end of the notebook says how to hand in.
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
# ## What every layer is asked
#
# Look at one layer somewhere in the network. On the way forward it turns an input $x$ into an output $y$. On the way
# back it is handed `grad_output`: an array **shaped like its output** that says, for every number of $y$, how the loss
# $L$ depends on it, $\partial L / \partial y$. It must answer with $\partial L / \partial x$, **shaped like its
# input**, so that the layer before it can go on; and if it has weights, with one array shaped like each of them.
#
# All rules below are one rule, the chain rule, in different clothes. For the input's number $k$ and all outputs $m$:
#
# $$\frac{\partial L}{\partial x_k} = \sum_m \frac{\partial L}{\partial y_m} \cdot \frac{\partial y_m}{\partial x_k}$$
#
# In words: **a number collects from every output that has read it.** Whatever is read often is added up often.
#
# Here are the forward passes that you will walk back through, written to be read, not to be fast. In their shapes, N is
# the number of examples, C that of channels (`C_in` going in, `C_out` coming out, one for each filter), H rows, W columns.

# %%
def linear(x, weight, bias):
    """(N, in) -> (N, out) with weight (out, in) and bias (out,), as torch.nn.functional.linear."""
    return x @ weight.T + bias


def conv2d(x, weight, bias=None, stride=1, padding=0):
    """(N, C_in, H, W) -> (N, C_out, H_out, W_out), as torch.nn.functional.conv2d."""
    (stride_h, stride_w), (padding_h, padding_w) = pair(stride), pair(padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding_h, padding_h), (padding_w, padding_w)))
    kernel_h, kernel_w = weight.shape[2:]
    out_h, out_w = (x.shape[2] - kernel_h) // stride_h + 1, (x.shape[3] - kernel_w) // stride_w + 1
    out = np.zeros((x.shape[0], weight.shape[0], out_h, out_w))
    for i, j in np.ndindex(out_h, out_w):
        window = x[:, :, i * stride_h : i * stride_h + kernel_h, j * stride_w : j * stride_w + kernel_w]
        out[:, :, i, j] = np.tensordot(window, weight, axes=([1, 2, 3], [1, 2, 3]))
    return out if bias is None else out + bias[:, None, None]


def pool2d(x, kernel_size, stride, reduce):
    """(N, C, H, W) -> (N, C, H_out, W_out): `reduce` (np.max or np.mean) of every window."""
    kernel_h, kernel_w = pair(kernel_size)
    stride_h, stride_w = pair(kernel_size if stride is None else stride)
    out = np.zeros((*x.shape[:2], (x.shape[2] - kernel_h) // stride_h + 1, (x.shape[3] - kernel_w) // stride_w + 1))
    for i, j in np.ndindex(*out.shape[2:]):
        window = x[:, :, i * stride_h : i * stride_h + kernel_h, j * stride_w : j * stride_w + kernel_w]
        out[:, :, i, j] = reduce(window, axis=(2, 3))
    return out

# %% [markdown]
# ## 1. A gradient that is slow, but sure
#
# Before you derive anything, build the tool that tells you whether you were right. Nudge one number of $x$ up a little,
# by $\varepsilon$, then down as much, and see how the loss moves:
#
# $$\frac{\partial L}{\partial x_k} \approx \frac{L(x + \varepsilon e_k) - L(x - \varepsilon e_k)}{2 \varepsilon}$$
#
# ($e_k$ is 1 at place $k$ and 0 elsewhere.) Going **both** ways matters: for $f(x) = x^3$ at $x = 2$ with $\varepsilon
# = 0.1$, the two-sided formula gives 12.01, where 12 is right; the one-sided one gives 12.61. When $\varepsilon$ is ten
# times smaller, the error of the first is a hundred times smaller, that of the second only ten times.
#
# But a layer $f$ is not a loss: it gives an array, not one number. So we **invent** a loss, $L = \sum_m g_m \cdot f(x)_m$
# with some array $g$ shaped like the output. Its gradient with respect to the output is exactly $g$: it is the
# `grad_output` of the backward function under test.
#
# **Choose $g$ at random.** It is tempting to take all ones, which is what `y.sum().backward()` does in torch. Then a
# backward function that mixes up rows and columns of `grad_output`, or reverses it, still gives the right answer.

# %%
def numerical_gradient(f, x: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Gradient of sum(grad_output * f(x)) with respect to x, by central differences.

    Args:
        f: function that takes an array shaped like x and returns an array shaped like grad_output, or a
            number if grad_output is one. It may return its argument itself, or a view of it.
        x: float64 array of any shape. It holds the same numbers afterwards as before.
        grad_output: the loss's gradient with respect to f(x); any shape, not necessarily that of x.
        eps: how far each number of x is moved up, and down.

    Returns:
        Shape of x, float64. Entry k is (L(x + eps at k) - L(x - eps at k)) / (2 eps), L = sum(grad_output * f(x)).

    Source: lecture "Training with backpropagation"; Goodfellow et al., Deep Learning, section 11.5.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question numerical_gradient: write numerical_gradient")

# %%
# Check (2 points): x cubed at 2 and -2, with a large and a small eps
x = np.array([2.0, -2.0])
check("eps = 0.1", numerical_gradient(lambda x: x**3, x, np.array([1.0, 1.0]), 0.1), [12.01, 12.01])
check("eps left out", numerical_gradient(lambda x: x**3, x, np.array([1.0, 10.0])), [12, 120], atol=1e-6)

# %%
# Check (1 point): A function whose output has another shape than its input
x = np.arange(6.0).reshape(2, 3)
check("row sums", numerical_gradient(lambda x: x.sum(axis=1), x, np.array([5.0, 7.0]), 0.5), [[5, 5, 5], [7, 7, 7]])
check("x is as it was", x, [[0, 1, 2], [3, 4, 5]])

# %% [markdown]
# ## 2. ReLU
#
# $\text{ReLU}(x) = \max(0, x)$: positive numbers pass, others become 0. Where a number passed, the gradient passes,
# too; where it was stopped, the output did not depend on it. What decides is the **input** $x$, not the gradient.
#
# Exactly at 0 the function has a corner and no derivative. As torch does, take 0 there.

# %%
def relu_backward(grad_output: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gradient of ReLU with respect to its input.

    Args:
        grad_output: shape of x, float64: the loss's gradient with respect to relu(x).
        x: the layer's input, float64, any shape.

    Returns:
        Shape of x, float64: grad_output where x > 0, and 0 elsewhere, also where x is exactly 0.

    Source: lecture "Training with backpropagation".
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question relu_backward: write relu_backward")

# %%
# Check (2 points): Two that pass and four that are stopped; exactly at 0, the gradient is 0
x = np.array([[-2.0, 3, 0], [4, -5, -6]])
check("six numbers, the third is 0", relu_backward(np.array([[1.0, -2, 3], [4, 5, -6]]), x), [[0, -2, 0], [4, 0, 0]])

# %% [markdown]
# ## 3. Fully connected layer
#
# $y = x W^T + b$, as in `torch.nn.Linear`: `x` holds N examples as rows, $W$ is `weight`, of shape (out, in), and $b$ is
# `bias`. For one example with inputs $x_i$, output $o$ is $y_o = b_o + \sum_i W_{oi} x_i$. Ask the question of each number in turn: *who has read me, and with which
# factor?*
#
# * $x_i$ was read by every output $o$, with factor $W_{oi}$.
# * $W_{oi}$ was read by output $o$ of **every example**, with factor $x_i$.
# * $b_o$ was read by output $o$ of every example, with factor 1.
#
# Each becomes one short line of numpy. If in doubt, write down the shapes: for most ways to get it wrong they do not
# fit.

# %%
def linear_backward(
    grad_output: np.ndarray, x: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of a fully connected layer, y = x @ weight.T + bias.

    Args:
        grad_output: shape (N, out), float64: the loss's gradient with respect to y.
        x: the layer's input, shape (N, in), float64.
        weight: shape (out, in), float64.

    Returns:
        (grad_input, grad_weight, grad_bias) of shapes (N, in), (out, in) and (out,), float64. Gradients of the
        weights are summed over the N examples, not averaged: if the loss is a mean, grad_output holds the 1/N already.

    Source: lecture "Training with backpropagation"; torch.nn.functional.linear.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question linear_backward: write linear_backward")

# %%
# Check (2 points): Two examples, over which grad_weight and grad_bias are summed
x = np.array([[1.0, 2, 3], [4, 5, 6]])
weight = np.array([[1.0, 0, -1], [2, 10, 20]])
grad_input, grad_weight, grad_bias = linear_backward(np.array([[1.0, 0], [-1, 2]]), x, weight)
check("grad_input", grad_input, [[1, 0, -1], [3, 20, 41]])
check("grad_weight", grad_weight, [[-3, -3, -3], [8, 10, 12]])
check("grad_bias", grad_bias, [0, 2])

# %%
# Check (1 point): One example: shapes stay
grad_input, grad_weight, grad_bias = linear_backward(np.array([[3.0]]), np.array([[1.0, 2]]), np.array([[5.0, 7]]))
check("grad_input", grad_input, [[15, 21]])
check("grad_weight", grad_weight, [[3, 6]])
check("grad_bias", grad_bias, [3])

# %% [markdown]
# ## 4. Softmax and cross-entropy
#
# The last layer gives one number per class, the **logits** $z$. Softmax turns them into probabilities, and the loss is
# minus the logarithm of the probability of the right class $t$, averaged over the N examples. For class $c$ and, in
# example $n$, the right class $t_n$:
#
# $$p_c = \frac{e^{z_c}}{\sum_k e^{z_k}}, \qquad L = -\frac{1}{N} \sum_n \log p_{n, t_n}$$
#
# A network that knows nothing gives all 10 classes the same probability, so its loss is $\log 10 = 2.302585$. Remember
# this number: if training does not start near it, something is wrong.
#
# Walking back through logarithm, division and exponential looks long, but nearly everything cancels:
#
# $$\frac{\partial L}{\partial z_{n, c}} = \frac{1}{N} \left( p_{n, c} - [c = t_n] \right)$$
#
# where $[c = t_n]$ is 1 for the right class and 0 for the others. That is: probabilities minus the right answer. Each row adds up to 0: what one class gains, others lose.
#
# **A trap.** $e^{1000}$ is larger than any float64, so `np.exp(1000.0)` is `inf`, and `inf / inf` is `nan`. Adding the
# same number to all logits of a row changes no probability (why?), so first subtract the row's largest. And if a
# probability is so small that it becomes 0, its logarithm is lost: work out $\log p$ directly, as $z_t - \log \sum_k
# e^{z_k}$ of the shifted $z$.

# %%
def cross_entropy(logits: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy of softmax(logits), and its gradient.

    Args:
        logits: shape (N, C), float64; any finite numbers, 1000 and -1000 too.
        target: shape (N,), int64: the right class of each example, from 0 to C - 1.
        Neither is changed.

    Returns:
        (loss, grad_logits): the mean over the N examples in natural logarithms (a float), and its gradient with
        respect to logits, shape (N, C), float64.

    Source: lecture "Image classification"; torch.nn.functional.cross_entropy.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question cross_entropy: write cross_entropy")

# %%
# Check (2 points): All classes alike: the mean loss is the logarithm of their number
loss, grad_logits = cross_entropy(np.zeros((2, 4)), np.array([0, 3]))
check("loss", loss, 1.386294361, atol=1e-8)
check("grad_logits", grad_logits, [[-0.375, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]])

# %%
# Check (1 point): One example with logits 1, 2, 3
loss, grad_logits = cross_entropy(np.array([[1.0, 2, 3]]), np.array([2]))
check("loss", loss, 0.407605964, atol=1e-8)
check("grad_logits", grad_logits, [[0.090030573, 0.244728471, -0.334759044]], atol=1e-8)

# %% [markdown]
# ## 5. Convolution
#
# Now the heart of it. On the way forward, output number $(i, j)$ of filter $f$ and image $n$ was a sum over the cells of
# its window: input channel $c$, and row $a$ and column $b$ below and right of the window's corner:
#
# $$\text{out}[n, f, i, j] = \text{bias}[f] + \sum_{c, a, b} \text{window}_{i, j}[n, c, a, b] \cdot \text{weight}[f, c, a, b]$$
#
# so when it is handed the gradient $g$ = `grad_output[n, f, i, j]`, it passes on
#
# * $g$ times **the kernel** to the cells of its window,
# * $g$ times **the window** to the kernel,
# * $g$ to the bias.
#
# Try it with the smallest possible `grad_output`: all 0 but a single 1. Then `grad_input` is the kernel, laid down
# where that window was; not turned, not mirrored. And `grad_weight` is the window itself.
#
# (Figure, see the notebook: Above: grad_output with a single 1 at row 1, column 2 puts the kernel V into grad_input at rows 1 to 3, columns 2 to 4. Below: two ones put two kernels down, and where the kernels overlap, they add up.)
#
# With more than one number in `grad_output`, windows **overlap**, and a cell that several windows have read collects
# from all of them (lower half of the picture). Writing `=` where `+=` is needed is the most frequent mistake in this
# assignment, and without overlap nobody notices.
#
# **Stride and padding.** With stride $s$, window $(i, j)$ begins at row $i s$ and column $j s$; nothing else changes.
# Cells that no window has read get 0. With padding, the windows lie on the **padded** image: collect the gradient
# there, then cut the frame off. Mind the case without padding: what is `a[0:-0]` in numpy?
#
# **Seen as a whole**, `grad_weight` is a correlation of `x` with `grad_output`; and with stride 1, `grad_input` is a
# correlation of `grad_output`, padded with $k - 1$ zeros on each side (for kernels of $k$ cells), with the kernels **turned by 180 degrees**. You
# may compute it this way, or window by window, or cell of the kernel by cell of the kernel.
#
# Your function is timed against ours on x of shape (8, 3, 24, 24) with 8 filters of 3 x 3, stride 1 and padding 1. Up
# to 35 times as long as ours earns all 10 points for speed, up to 70 times half of them. Loops over images, filters,
# rows and columns take about 150 times as long, a loop over rows and columns alone about 10 times.

# %%
def conv2d_backward(
    grad_output: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of a convolution layer, out = conv2d(x, weight, bias, stride, padding).

    Args:
        grad_output: shape (N, C_out, H_out, W_out), float64: the loss's gradient with respect to out.
        x: the layer's input, shape (N, C_in, H, W), float64, not padded.
        weight: shape (C_out, C_in, kH, kW), float64.
        stride: cells from one window to the next; one number, or (down, across).
        padding: zeros added at each side; one number, or (above and below, left and right).

    Returns:
        (grad_input, grad_weight, grad_bias) of shapes (N, C_in, H, W), (C_out, C_in, kH, kW) and (C_out,), float64.
        Gradients of weight and bias are summed over the batch. The arguments stay as they were.

    Source: lecture "Convolutional layer"; Goodfellow et al., Deep Learning, section 9.5.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question conv2d_backward: write conv2d_backward")

# %% [markdown]
# The checks use the lecture's images of 6 x 6 cells, `A`, light on the left and dark on the right, and `R`, random numbers,
# and its kernel `V`, which subtracts what is right from what is left and so answers to vertical edges.

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

# %%
# Check (2 points): A single 1 in grad_output: the kernel in its place, the window itself
grad_output = np.zeros((1, 1, 4, 4))
grad_output[0, 0, 1, 2] = 1
grad_input, grad_weight, grad_bias = conv2d_backward(grad_output, A[None, None], V[None, None])
check("grad_input", grad_input[0, 0], [[0] * 6] + [[0, 0, 1, 0, -1, 0]] * 3 + [[0] * 6] * 2)
check("grad_weight", grad_weight[0, 0], [[10, 0, 0]] * 3)
check("grad_bias", grad_bias, [1])

# %%
# Check (1 point): Two windows that overlap add up
grad_output = np.zeros((1, 1, 4, 4))
grad_output[0, 0, 1, 1] = grad_output[0, 0, 2, 2] = 1
grad_input, grad_weight, grad_bias = conv2d_backward(grad_output, A[None, None], V[None, None])
check(
    "grad_input",
    grad_input[0, 0, 1:5],
    [[0, 1, 0, -1, 0, 0], [0, 1, 1, -1, -1, 0], [0, 1, 1, -1, -1, 0], [0, 0, 1, 0, -1, 0]],
)
check("grad_weight", grad_weight[0, 0], [[20, 10, 0]] * 3)
check("grad_bias", grad_bias, [2])

# %%
# Check (2 points): R with stride 2, and with stride 2 and padding 1
grad_input, grad_weight, grad_bias = conv2d_backward(np.array([[[[1.0, 2], [3, 4]]]]), R[None, None], V[None, None], 2)
check(
    "stride 2: grad_input",
    grad_input[0, 0],
    [[1, 0, 1, 0, -2, 0]] * 2 + [[4, 0, 2, 0, -6, 0]] + [[3, 0, 1, 0, -4, 0]] * 2 + [[0] * 6],
)
check("stride 2: grad_weight", grad_weight[0, 0], [[96, 19, 61], [81, 28, 25], [94, 3, 181]])
check("stride 2: grad_bias", grad_bias, [10])
grad_output = np.array([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])
grad_input, grad_weight, grad_bias = conv2d_backward(grad_output, R[None, None], V[None, None], 2, 1)
odd, even = [0, 1, 0, 1, 0], [0, 2, 0, 2, 0]
check(
    "padding 1: grad_input",
    grad_input[0, 0],
    [[*odd, -3], [*even, -9], [*odd, -6], [*even, -15], [*odd, -9], [*odd, -9]],
)
check("padding 1: grad_weight", grad_weight[0, 0], [[88, 264, 323], [30, 758, 235], [178, 438, 596]])

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
# Fast enough? This cell times your conv2d_backward on this machine, as often as you like. It is not graded.
numbers = np.ones(100_000)
window = np.ones((3, 3, 3))


def without_a_loop():
    for _ in range(10):  # not over pixels
        numbers + numbers


def with_a_loop():
    total = np.zeros((3, 3, 3))
    for _ in range(60_000):
        total += 2.0 * window


say_how_fast(
    "conv2d_backward",
    np.ones((8, 8, 24, 24)),
    np.ones((8, 3, 24, 24)),
    np.ones((8, 3, 3, 3)),
    1,
    1,
    limit=35,
    fast=(without_a_loop, 0.12),
    plain=(with_a_loop, 45),
)

# %% [markdown]
# ## 6. Max pooling
#
# A window of max pooling lets one number through, its largest. So the gradient of that output goes to the cell where
# the largest number **was**, and the other cells of the window get nothing from it. If windows overlap (stride smaller
# than the window), one cell may be the largest of several windows, and collects from each.
#
# (Figure, see the notebook: Three windows of 3 cells with stride 2 on a row of 7 cells; the 9 is the largest of the first and of the second window and collects 1 + 2.)
#
# If the largest number stands in a window more than once, give the **whole** gradient to the first of them, counted row
# by row from the top left. (Torch does the same. Giving each of them the whole gradient would be wrong: the window has
# only passed on one number.)

# %%
def max_pool2d_backward(
    grad_output: np.ndarray,
    x: np.ndarray,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
) -> np.ndarray:
    """Gradient of max pooling with respect to its input, without padding.

    Args:
        grad_output: shape (N, C, H_out, W_out), float64: the loss's gradient with respect to the pooled array.
        x: the layer's input, shape (N, C, H, W), float64. H_out = floor((H - kH) / stride) + 1, W_out alike:
            rows and columns at the end may be in no window, nor those between windows if the stride is larger.
        kernel_size: cells of a window; one number, or (down, across).
        stride: cells from one window to the next; None means kernel_size.

    Returns:
        grad_input, shape (N, C, H, W), float64. Of equal largest numbers in a window, the first in row-major order
        gets the gradient.

    Source: lecture "Pooling"; torch.nn.functional.max_pool2d and its gradient.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question max_pool2d_backward: write max_pool2d_backward")

# %%
# Check (1 point): The lecture's 4x4 with windows of 2x2, side by side if no stride is given
x = np.array([[[[1.0, 3, 1, 2], [9, 5, 6, 5], [9, 1, 1, 2], [0, 2, 8, 2]]]])
grad_input = max_pool2d_backward(np.array([[[[1.0, 2], [3, 4]]]]), x, 2)
check("grad_input", grad_input[0, 0], [[0, 0, 0, 0], [1, 0, 2, 0], [3, 0, 0, 0], [0, 0, 4, 0]])

# %%
# Check (1 point): The picture's row, with windows that overlap
x = np.array([[[[4.0, 1, 9, 3, 5, 2, 7]]]])
check("grad_input", max_pool2d_backward(np.array([[[[1.0, 2, 4]]]]), x, (1, 3), (1, 2))[0, 0], [[0, 0, 3, 0, 0, 0, 4]])

# %% [markdown]
# ## 7. Average pooling
#
# Here every cell of a window has been read, with factor 1 / (number of cells in the window). The values of $x$ do not
# matter for the gradient, only its shape; so that is all the function is given.

# %%
def avg_pool2d_backward(
    grad_output: np.ndarray,
    input_shape: tuple[int, int, int, int],
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
) -> np.ndarray:
    """Gradient of average pooling with respect to its input, without padding.

    Args:
        grad_output: shape (N, C, H_out, W_out), float64: the loss's gradient with respect to the pooled array.
        input_shape: (N, C, H, W) of the layer's input; rows and columns at the end or between may be in no window.
        kernel_size: cells of a window; one number, or (down, across).
        stride: cells from one window to the next; None means kernel_size.

    Returns:
        grad_input, shape (N, C, H, W), float64.

    Source: lecture "Pooling"; torch.nn.functional.avg_pool2d and its gradient.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question avg_pool2d_backward: write avg_pool2d_backward")

# %%
# Check (1 point): Windows side by side: a quarter for each of four cells
grad_input = avg_pool2d_backward(np.array([[[[4.0, 8], [-4, 12]]]]), (1, 1, 4, 4), 2)
check("grad_input", grad_input[0, 0], [[1, 1, 2, 2], [1, 1, 2, 2], [-1, -1, 3, 3], [-1, -1, 3, 3]])

# %%
# Check (1 point): Windows that overlap, and a column that none has read
grad_input = avg_pool2d_backward(np.array([[[[2.0, 4, 6]]]]), (1, 1, 1, 5), (1, 2), (1, 1))
check("grad_input", grad_input[0, 0], [[1, 3, 5, 3, 0]])

# %% [markdown]
# ## Check yourself
#
# Nothing to hand in from here on. First, the tool of question 1 on the functions of the others: this is how gradients
# are tested in practice. All differences should be far below 0.000001.

# %%
random = np.random.default_rng(0)
x, weight = random.normal(size=(2, 3, 7, 5)), random.normal(size=(4, 3, 3, 2))
geometry = ((2, 1), (1, 0))  # stride, padding
tests = {
    "conv2d, input": (
        lambda x: conv2d(x, weight, None, *geometry),
        x,
        lambda g: conv2d_backward(g, x, weight, *geometry)[0],
    ),
    "conv2d, weight": (
        lambda w: conv2d(x, w, None, *geometry),
        weight,
        lambda g: conv2d_backward(g, x, weight, *geometry)[1],
    ),
    "max_pool2d": (lambda x: pool2d(x, 3, 2, np.max), x, lambda g: max_pool2d_backward(g, x, 3, 2)),
    "avg_pool2d": (lambda x: pool2d(x, 3, 2, np.mean), x, lambda g: avg_pool2d_backward(g, x.shape, 3, 2)),
    "relu": (lambda x: np.maximum(x, 0), x, lambda g: relu_backward(g, x)),
}
for name, (forward, argument, backward) in tests.items():
    g = random.normal(size=forward(argument).shape)
    difference = np.abs(numerical_gradient(forward, argument, g) - backward(g)).max()
    print(f"{name:15} {difference:.1e}")

# %% [markdown]
# Then let the parts learn together. The images show a bright bar, upright or lying, at a random place; the network has
# one convolution of two filters, ReLU, max pooling, and one fully connected layer. All its gradients are yours. Do the
# filters that it learns remind you of kernels from the lectures, of `V` and of `V` transposed?

# %%
import matplotlib.pyplot as plt

target = random.integers(0, 2, size=64)
images = random.normal(scale=0.3, size=(64, 1, 8, 8))
for image, lying in zip(images[:, 0], target):
    bar = image.T if lying else image
    bar[:, random.integers(2, 6)] += 1

filters, filter_bias = random.normal(scale=0.3, size=(2, 1, 3, 3)), np.zeros(2)
weight, bias = random.normal(scale=0.1, size=(2, 18)), np.zeros(2)
losses = []
for _ in range(60):
    before_relu = conv2d(images, filters, filter_bias)
    after_relu = np.maximum(before_relu, 0)
    pooled = pool2d(after_relu, 2, None, np.max)
    features = pooled.reshape(64, -1)
    loss, gradient = cross_entropy(linear(features, weight, bias), target)
    losses.append(loss)

    gradient, grad_weight, grad_bias = linear_backward(gradient, features, weight)
    gradient = max_pool2d_backward(gradient.reshape(pooled.shape), after_relu, 2)
    gradient = relu_backward(gradient, before_relu)
    _, grad_filters, grad_filter_bias = conv2d_backward(gradient, images, filters)
    weight -= 0.3 * grad_weight
    bias -= 0.3 * grad_bias
    filters -= 0.3 * grad_filters
    filter_bias -= 0.3 * grad_filter_bias

fig, axes = plt.subplots(1, 3, figsize=(9, 2.6))
axes[0].plot(losses)
axes[0].set(xlabel="step", ylabel="loss")
for axis, kernel, number in zip(axes[1:], filters[:, 0], (0, 1)):
    axis.imshow(kernel, cmap="coolwarm", vmin=-2, vmax=2)
    axis.set_title(f"learned filter {number}")
    axis.axis("off")
plt.show()

# %% [markdown]
# ## Handing in
#
# * **What.** Save this notebook and hand in that one file, `backprop.ipynb`: no PDF, no HTML, no zip. If you work in
#   the script instead, hand in `backprop.py`.
# * **When.** Due on Monday, 28 December 2026, 23:59 (UTC+7). Up to 15 minutes late is on time. Then each day begun
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
