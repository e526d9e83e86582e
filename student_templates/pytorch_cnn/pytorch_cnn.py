# %% [markdown]
# # A convolutional network in PyTorch
#
# You have written convolution, pooling and their gradients by hand. From here on a library does that, and your work
# moves one floor up: to put layers together into a network, to load weights into it, to train it and to measure it
# honestly. All of it is short. What makes it hard is that most mistakes here raise no error: the network trains a
# little worse, or the number that you report is not quite true.
#
# **How it works.** Fill in each place that says `raise NotImplementedError`. The cells after each question check your
# answer; hidden tests check it on other networks and data. You may add cells and helper functions, and build `SmallCNN`
# any way you like.
#
# **Dtypes.** As in this notebook, networks and what goes into them are float32, and targets are classes, int64; all is on
# the CPU. Converting to these dtypes does no harm. Layers in float64 come only to `load_numpy_conv` and
# `count_parameters`. The right numbers in another numeric dtype pass everywhere but in one hidden test of each of these
# two, worth 1 point, which looks at every digit of a float64 layer, and at whether the count is an int.
#
# | question | points |
# |---|---|
# | `SmallCNN` | 36 |
# | `load_numpy_conv` | 12 |
# | `train_one_epoch`, of which 6 for speed | 26 |
# | `evaluate`, of which 6 for speed | 20 |
# | `count_parameters` | 6 |
#
# **Due** on Monday, 4 January 2027, 23:59 (UTC+7). The end of the notebook says how to hand in.
#
# **Packages.** Your code may import the standard library, `numpy`, `torch`, `scikit-learn` and `matplotlib`, and
# nothing else; `tqdm` is there for progress bars.

# %%
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

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
# ## The data
#
# scikit-learn comes with 1,797 pictures of handwritten digits, 8 x 8 cells each, so there is nothing to download. The
# network learns from 1,347 of them; the other 450 stay aside, to see what it does with pictures that it has never seen.

# %%
digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.target))
images = torch.tensor(digits.images[order] / 16, dtype=torch.float32).unsqueeze(1)  # (1797, 1, 8, 8), from 0 to 1
labels = torch.tensor(digits.target[order])  # (1797,), from 0 to 9
train_set = TensorDataset(images[:1347], labels[:1347])
test_set = TensorDataset(images[1347:], labels[1347:])

# %%
import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 8, figsize=(9, 1.5))
for axis, image, label in zip(axes, images, labels):
    axis.imshow(image[0].numpy(), cmap="gray_r")
    axis.set_title(int(label))
    axis.axis("off")
plt.show()

# %% [markdown]
# ## 1. The network
#
# Most small networks for images are built like this one: **convolution, non-linearity, pooling**, once or several
# times, and then one fully connected layer that turns what is left into one number per class.
#
# (Figure, see the notebook: An image of 1x8x8 becomes 8x8x8 by a convolution and ReLU, 8x4x4 by pooling, 16x4x4 by another convolution and ReLU, 16x2x2 by pooling, 64 numbers by flattening, and 10 logits by a fully connected layer.)
#
# Yours need not look like the picture. Any depth and width will do, with or without batch normalisation, as
# `nn.Sequential` or with a `forward` full of `F.relu` and `F.max_pool2d`. A few thousand parameters are plenty,
# three million are the most that is graded. What it must have:
#
# * A **convolution** with a kernel larger than 1 x 1.
# * A **non-linearity** such as ReLU. Without one, all layers together are a single matrix, but for the max pooling.
# * Something that makes the feature maps **smaller**: pooling, a stride of 2, or an average over the whole map.
# * Its layers as **attributes** of the module, so that `parameters()` finds them. Layers in a plain Python list, or
#   made within `forward`, are never trained.
#
# **Logits, not probabilities.** `nn.CrossEntropyLoss` contains the softmax, so the network must not end with one, nor
# with a ReLU. With a second softmax, training still works, only badly: with ten classes, the loss can never get below
# $\log(e + 9) - 1 = 1.4612$, where $e = 2.718...$, however sure the network is (why?).

# %%
class SmallCNN(nn.Module):
    """A small convolutional network for images of 8 x 8 cells.

    It has at least one convolution with a kernel larger than 1 x 1, a non-linearity, and pooling (or a stride, or an
    average) that makes the feature maps smaller.

    Args:
        in_channels: channels of the images, at least 1.
        num_classes: classes to tell apart, at least 2.

    Source: lectures "Convolutional layer" and "Pooling"; LeCun et al. 1998 for the pattern.
    """

    def __init__(self, in_channels: int = 1, num_classes: int = 10) -> None:
        super().__init__()
        # Replace the next line by your answer.
        raise NotImplementedError("Question SmallCNN: write SmallCNN.__init__")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of a batch of images.

        Args:
            x: shape (N, in_channels, 8, 8), float32, numbers about between 0 and 1; N is at least 1.

        Returns:
            Shape (N, num_classes), float32: any real numbers, not probabilities. In evaluation mode, an image's logits
            do not depend on the other images of the batch, nor on chance.
        """
        # Replace the next line by your answer.
        raise NotImplementedError("Question SmallCNN: write SmallCNN.forward")

# %%
# Check (2 points): Seven grey images and ten classes, two colour images and four classes
check("seven images", tuple(SmallCNN()(images[:7]).shape), (7, 10))
check("two colour images", tuple(SmallCNN(in_channels=3, num_classes=4)(torch.zeros(2, 3, 8, 8)).shape), (2, 4))

# %% [markdown]
# Before it has learned anything, a network should find all ten classes about equally likely: a loss near $\log 10 =
# 2.303$. This costs one line, and a large part of all mistakes show up right here.

# %%
# Check (2 points): The loss of an untrained network is about log 10
torch.manual_seed(0)
model = SmallCNN().eval()
check("loss", F.cross_entropy(model(images[:256]), labels[:256]).item(), 2.303, atol=1)

# %%
# Check (1 point): Each image's logits are its own
torch.manual_seed(0)
model = SmallCNN().eval()
together, alone = model(images[:5]), torch.cat([model(image.unsqueeze(0)) for image in images[:5]])
check("difference between five images together and one by one", (together - alone).abs().max().item(), 0, atol=1e-4)

# %% [markdown]
# The second test that every network should pass: it can learn 16 images **by heart**. If it cannot, no amount of data
# will help.

# %%
# Check (2 points): It can learn 16 images by heart
torch.manual_seed(0)
model = SmallCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for _ in range(300):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images[:16]), labels[:16])
    loss.backward()
    optimizer.step()
    if loss.item() < 0.05:
        break
model.eval()
check("right answers of 16", int((model(images[:16]).argmax(1) == labels[:16]).sum()), 16)
check("loss below 1", bool(F.cross_entropy(model(images[:16]), labels[:16]) < 1), True)

# %% [markdown]
# ## 2. Weights from elsewhere
#
# A layer of torch computes what your numpy function computed, if it has the same weights. Here you give it some: numpy
# arrays become the weight and bias of an `nn.Conv2d`. This is also how pretrained weights come into a network.
#
# `conv.weight` is an `nn.Parameter`: a tensor that an optimizer may already hold and that remembers to collect
# gradients. So **fill** it with new numbers, do not put another tensor in its place; and do the filling within
# `torch.no_grad()`, since it is not a step of the computation that gradients should flow through.
#
# Two more traps. `torch.from_numpy` copies nothing: tensor and array share their memory, and training one changes the
# other. And `copy_` stretches arrays of size 1 to fit, as numpy does: check the shapes first.

# %%
def load_numpy_conv(conv: nn.Conv2d, weight: np.ndarray, bias: np.ndarray | None) -> None:
    """Give a convolution layer the weights of a numpy convolution, in place.

    Args:
        conv: the layer. Its parameters stay the same objects, of the same dtype, and go on collecting gradients.
        weight: shape (C_out, C_in, kH, kW), float64, as that of numpy's conv2d(x, weight, bias). It shares no memory
            with the layer afterwards.
        bias: shape (C_out,), float64, or None for a layer that was made with bias=False.

    Raises:
        ValueError: weight or bias has not exactly the shape of the layer's; the layer stays as it was.

    Source: torch.nn.Conv2d, "Variables".
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question load_numpy_conv: write load_numpy_conv")

# %% [markdown]
# The checks use the lecture's image `A`, light on the left and dark on the right, and its kernel `V`, which subtracts what
# is right from what is left. In shapes, N is the number of images, C that of channels (`C_in` going in, `C_out` coming
# out), and kH and kW are the kernel's rows and columns.

# %%
A = torch.tensor([[[[10.0, 10, 10, 0, 0, 0]] * 6]])
V = np.array([[[[1.0, 0, -1], [1, 0, -1], [1, 0, -1]]]])

# %%
# Check (1 point): The lecture's edge, found by nn.Conv2d
conv = nn.Conv2d(1, 1, 3)
load_numpy_conv(conv, V, np.array([0.0]))
check("A with V", conv(A).detach().numpy(), [[[[0, 30, 30, 0]] * 4]], atol=1e-5)
load_numpy_conv(conv, V, np.array([5.0]))
check("A with V, bias 5", conv(A).detach().numpy(), [[[[5, 35, 35, 5]] * 4]], atol=1e-5)

# %%
# Check (1 point): Two filters in float64, without a bias
conv = nn.Conv2d(1, 2, 3, bias=False, dtype=torch.float64)
load_numpy_conv(conv, np.concatenate([V, -2 * V]), None)
check("A with V and -2 V", conv(A.double()).detach().numpy()[0, :, 0], [[0, 30, 30, 0], [0, -60, -60, 0]])

# %%
# Check (1 point): The layer's parameters are still its own, and learn
conv = nn.Conv2d(1, 1, 3)
before = conv.weight
load_numpy_conv(conv, V, np.array([0.0]))
conv(A).sum().backward()
check("the same parameter, with a gradient", [conv.weight is before, conv.weight.grad is not None], [True, True])
check("float32, as before", conv.weight.dtype == torch.float32, True)

# %% [markdown]
# ## 3. One epoch of training
#
# An epoch is one walk through the training set, batch by batch. For each batch, five steps, in the lecture's order:
# forward, loss, `zero_grad`, `backward`, `step`.
#
# (Figure, see the notebook: A circle of five steps: forward, loss, zero_grad, backward, step; and again with the next batch.)
#
# * `backward` **adds** to the gradients that are there already. So they must be set to zero between two batches; where
#   in the circle you do it does not matter, as long as it is not between `backward` and `step`.
# * **Training mode** (`model.train()`): dropout and batch normalisation behave differently when a network learns and
#   when it is used. Do not rely on the mode in which the model arrives.
# * **The mean loss** over all samples of the epoch. The last batch is often smaller, so the mean of the batches' means
#   is wrong: three samples with loss 1 and one with loss 9 make 3, not 5.
# * A tensor that has a history holds on to everything that it was computed from. Add up numbers (`loss.item()`), not
#   tensors.
#
# Try one by hand. The network is $y = w x$ with $w = 1$, the loss is $(y - t)^2$, the learning rate 0.1. First batch:
# $x = 2$, $t = 0$. Then $y = 2$, the loss is 4, the gradient $2 (y - t) x = 8$, and $w$ becomes $1 - 0.1 \cdot 8 =
# 0.2$. Second batch: $x = 1$, $t = 1$: $y = 0.2$, the loss is 0.64, the gradient $-1.6$, and $w$ becomes 0.36. If you
# forget to set the gradient to zero, it is $8 - 1.6 = 6.4$, and $w$ becomes $-0.44$.
#
# Your function is timed against ours on 4,096 samples in batches of 512. Up to 6 times as long as ours earns all 6
# points for speed, up to 12 times half of them. Hand whole batches to the model and to the loss: sample by sample takes
# about 50 times as long.

# %%
def train_one_epoch(model: nn.Module, loader, optimizer: torch.optim.Optimizer, loss_fn) -> float:
    """Train a network on every batch of a loader once.

    Args:
        model: called with a batch of inputs, gives scores of shape (N, num_classes). It is in training mode while it learns.
        loader: any iterable of batches (inputs, targets), such as a DataLoader or a list of pairs; inputs are float32,
            and targets the right classes, shape (N,), int64. The last batch may be smaller, and the only one.
        optimizer: any of torch.optim, made for the model's parameters; takes exactly one step per batch.
        loss_fn: nn.CrossEntropyLoss() or another loss: called with scores and targets, gives the mean loss over the
            batch, a tensor with one number.

    Returns:
        The mean loss per sample over the whole epoch (a float, not a tensor): each sample counts with its batch's loss at the time
        when it was its turn.

    Source: lecture "Recall week 2: Optimizers", the loop of forward, loss, zero_grad, backward, step.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question train_one_epoch: write train_one_epoch")

# %%
def squared_error(scores, targets):
    """The mean of (y - t)^2, where y is the only score of each sample, and t its class as a number."""
    return F.mse_loss(scores[:, 0], targets.float())

# %%
# Check (2 points): The two batches that you did by hand
model = nn.Linear(1, 1, bias=False)
nn.init.ones_(model.weight)
loader = [(torch.tensor([[2.0]]), torch.tensor([0])), (torch.tensor([[1.0]]), torch.tensor([1]))]
loss = train_one_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.1), squared_error)
check("w", model.weight.item(), 0.36, atol=1e-6)
check("mean loss", float(loss), 2.32, atol=1e-6)

# %%
# Check (2 points): A small last batch counts as much as it has samples
model = nn.Linear(1, 1, bias=False).eval()
nn.init.ones_(model.weight)
loader = DataLoader(TensorDataset(torch.tensor([[1.0], [1], [1], [3]]), torch.tensor([0, 0, 0, 0])), batch_size=3)
loss = train_one_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.0), squared_error)
check("mean loss", float(loss), 3, atol=1e-6)
check("in training mode, though it came in evaluation mode", model.training, True)

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
# Fast enough? This cell times your train_one_epoch on this machine, as often as you like. It is not graded.
small = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 10))
noise = [(torch.randn(512, 1, 8, 8), torch.randint(10, (512,))) for _ in range(8)]


def forward_and_backward(samples, parts):
    for batch, _ in noise:
        for part in batch.split(samples)[:parts]:
            small(part).sum().backward()


say_how_fast(
    "train_one_epoch",
    small,
    noise,
    torch.optim.SGD(small.parameters(), lr=0.01),
    nn.CrossEntropyLoss(),
    limit=6,
    fast=(lambda: forward_and_backward(512, 1), 0.9),
    plain=(lambda: forward_and_backward(1, 100), 16),
)

# %% [markdown]
# ## 4. How good is it?
#
# The **accuracy** is the share of samples for which the largest logit is that of the right class. Here, too, batches
# may differ in size: count right answers, and divide once at the end.
#
# Measuring must not change what is measured:
#
# * **Evaluation mode** (`model.eval()`): no dropout, and batch normalisation uses what it has learned, without learning
#   from the test set.
# * **No gradients** (`torch.no_grad()` or `torch.inference_mode()`): they cost time and memory for nothing.
# * Afterwards, the model is in the **mode in which it was before**. Look at `model.training` first.
#
# Your function is timed against ours on 4,096 samples in batches of 512. Up to 6 times as long as ours earns all 6
# points for speed, up to 12 times half of them.

# %%
def evaluate(model: nn.Module, loader) -> float:
    """Accuracy of a network.

    Args:
        model: called with a batch of inputs, gives logits of shape (N, num_classes). It is in evaluation mode, and
            gradients are off, whenever it is called. Afterwards it is as it was before, training mode or not, and so
            are all of its layers; gradients are on.
        loader: any iterable of batches (inputs, targets), such as a DataLoader or a list of pairs; inputs are float32,
            and targets the right classes, shape (N,), int64.

    Returns:
        The share of samples whose largest logit is that of the right class, from 0 to 1 (a float).

    Source: lecture "Image classification".
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question evaluate: write evaluate")

# %%
LOGITS = torch.tensor([[3.0, 1, 2], [0, 5, 1], [1, 1, 4], [9, 8, 7]])  # largest: 0, 1, 2, 0

# %%
# Check (2 points): Three of four are right, whatever the batches are
model = nn.Linear(3, 3, bias=False)
nn.init.eye_(model.weight)
dataset = TensorDataset(LOGITS, torch.tensor([0, 1, 2, 1]))
check("one batch", float(evaluate(model, DataLoader(dataset, batch_size=4))), 0.75, atol=1e-6)
check("batches of 3 and 1", float(evaluate(model, DataLoader(dataset, batch_size=3))), 0.75, atol=1e-6)

# %%
# Check (2 points): With dropout, and the mode as it was
model = nn.Sequential(nn.Dropout(0.9), nn.Linear(3, 3, bias=False)).train()
nn.init.eye_(model[1].weight)
loader = DataLoader(TensorDataset(LOGITS.repeat(50, 1), torch.tensor([0, 1, 2, 0] * 50)), batch_size=64)
check("accuracy", float(evaluate(model, loader)), 1, atol=1e-6)
check("training mode, as before", model.training, True)

# %%
def forward(samples, parts):
    with torch.no_grad():
        for batch, _ in noise:
            for part in batch.split(samples)[:parts]:
                small(part)


say_how_fast(
    "evaluate",
    small,
    noise,
    limit=6,
    fast=(lambda: forward(512, 1), 0.9),
    plain=(lambda: forward(1, 100), 9.7),
)

# %% [markdown]
# ## 5. How large is it?
#
# The usual way to say how large a network is: the number of numbers that training may change. A parameter whose
# `requires_grad` is False is frozen and does not count; a parameter that two layers share counts once; the running
# means of batch normalisation are no parameters at all.

# %%
def count_parameters(model: nn.Module) -> int:
    """Number of trainable numbers in a network.

    Args:
        model: any network, also one with layers within layers.

    Returns:
        How many numbers its parameters hold (int). Frozen parameters (requires_grad is False) do not count, shared ones
        count once.

    Source: lecture "Convolutional layer": K filters of F x F on D1 channels have (F * F * D1) * K weights + K biases; torch.nn.Module.parameters.
    """
    # Replace the next line by your answer.
    raise NotImplementedError("Question count_parameters: write count_parameters")

# %%
# Check (2 points): A convolution and a fully connected layer, then with one of them frozen
model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 10))
check("conv 3 -> 4 and linear 144 -> 10", count_parameters(model), 112 + 1450)
model[0].requires_grad_(False)
check("with a frozen convolution", count_parameters(model), 1450)

# %% [markdown]
# ## All together
#
# Nothing to hand in from here on: train your network on the digits.

# %%
torch.manual_seed(0)
model = SmallCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = DataLoader(test_set, batch_size=450)
losses, accuracies = [], []
for epoch in range(8):
    losses.append(train_one_epoch(model, train_loader, optimizer, nn.CrossEntropyLoss()))
    accuracies.append(evaluate(model, test_loader))
    print(f"epoch {epoch + 1}: loss {losses[-1]:.3f}, test accuracy {accuracies[-1]:.3f}")
print(f"{count_parameters(model)} parameters")

fig, axes = plt.subplots(1, 2, figsize=(9, 2.6))
axes[0].plot(range(1, 9), losses)
axes[0].set(xlabel="epoch", ylabel="training loss")
axes[1].plot(range(1, 9), accuracies)
axes[1].set(xlabel="epoch", ylabel="test accuracy")
plt.show()

# %% [markdown]
# **Is a good accuracy a proof that all is well?** No, and that is why it hardly counts here. We trained the network of
# the picture on these digits, once right and then with one mistake at a time: 15 epochs, batches of 64, Adam with a
# learning rate of 0.01, 8 different seeds each.
#
# | network | test accuracy |
# |---|---|
# | as in the picture | 0.969 to 0.984 |
# | no ReLU at all | 0.967 to 0.989 |
# | the training set never shuffled | 0.940 to 0.980 |
# | dropout, switched off for measuring | 0.944 to 0.984 |
# | dropout, `eval()` forgotten | 0.847 to 0.931 |
# | a softmax too many | 0.784 to 0.902 |
# | `zero_grad` forgotten | 0.080 to 0.107 |
#
# Only the last one shows at once. A forgotten `eval()` and a softmax too many look like a network that is merely not
# very good, and the network without ReLU looks fine: its max pooling is just enough for pictures as easy as these. Test
# the parts, not only the whole.

# %% [markdown]
# ## Handing in
#
# * **What.** Save this notebook and hand in that one file, `pytorch_cnn.ipynb`: no PDF, no HTML, no zip. If you work
#   in the script instead, hand in `pytorch_cnn.py`.
# * **When.** Due on Monday, 4 January 2027, 23:59 (UTC+7). Up to 15 minutes late is on time. Then each day begun
#   after the due date costs 10 % of the points earned. What comes more than 5 days late earns nothing.
# * **Points.** Of 100 points, the checks in this notebook give 20, and hidden tests, on other inputs, give 80. Your
#   answers alone count, not what the notebook prints or shows.
# * **Limits.** When it is graded, each cell may take 60 seconds of computing time, each call of a function of yours
#   20 seconds, and all together 10 minutes, in 4 GB of memory; there is no network and no GPU. The file may have at
#   most 50 MB.
# * **Working together.** Discuss ideas, the lectures and error messages with whom you like. The code that you hand in
#   is your own: write it alone, and be able to explain every line.
# * **Feedback.** With your score you get a page that says of each test whether your answer passes it, and what is
#   wrong if it does not.
