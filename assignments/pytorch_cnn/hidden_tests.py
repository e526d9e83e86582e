"""Hidden tests of "A convolutional network in PyTorch"."""

import contextlib
import functools
import itertools
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from autograder.testing import Mismatch, assert_matches, integers

torch.set_num_threads(1)  # the reference's networks are small, and other submissions are graded at the same time

DIGITS = load_digits()


def pictures(rng, count, channels=1):
    """Random images of 8x8, between 0 and 1."""
    return rng.uniform(size=(count, channels, 8, 8)).astype(np.float32)


def digits(rng, count):
    """Digits with a little noise, between 0 and 1, and what they are."""
    chosen = rng.permutation(len(DIGITS.target))[:count]
    images = np.clip(DIGITS.images[chosen] + rng.integers(-1, 2, size=(count, 8, 8)), 0, 16) / 16
    return images[:, None].astype(np.float32), DIGITS.target[chosen].astype(np.int64)


def seed(rng):
    return int(rng.integers(2**31))


# SmallCNN


def check_logits(answer, count, classes, what="the logits"):
    """The answer, once it is known to be finite logits of this shape."""
    if answer is None:
        raise Mismatch(f"{what}: forward returns None.", mistake="forward_returns_nothing")
    if isinstance(answer, np.ndarray) and answer.dtype.kind in "iu" and answer.shape == (count,):
        raise Mismatch(f"{what}: forward returns one whole number per image.", mistake="class_returned")
    if not isinstance(answer, np.ndarray) or answer.dtype.kind != "f":
        raise Mismatch(f"{what}: forward must return a tensor of floating-point numbers.")
    if answer.shape != (count, classes):
        rows = answer.shape[0] if answer.shape[1:] == (classes,) else count
        columns = answer.shape[1] if answer.ndim == 2 and answer.shape[0] == count else classes
        raise Mismatch(
            f"{what}: for {count} images and {classes} classes the shape is {answer.shape}.",
            mistake="images_cut_into_rows" if rows > count else "classes_fixed" if columns == 10 != classes else "",
        )
    if not np.isfinite(answer).all():
        raise Mismatch(f"{what}: some are NaN or infinite.")
    return answer.astype(np.float64)


ERRORS = {
    r"shapes cannot be multiplied|is invalid for input of size": "flatten_size_wrong",
    r"channels, but got \d+ channels": "channels_do_not_chain",
    r"Kernel size can't be greater than actual input size|Output size is too small": "made_for_larger_images",
    r"(not |got \()(\w*ReLU|GELU|Sigmoid|Tanh|Flatten|MaxPool2d|AvgPool2d)\b": "layer_made_of_its_input",
}
"""What torch says to someone who makes a well-known mistake."""


def ask(student, *args):
    """The network's answer, or None if it raises an error."""
    try:
        return student.probe("logits", *args)
    except (RuntimeError, TypeError, ValueError):
        return None


@pytest.mark.question("SmallCNN", points=2)
def test_batch_sizes(student, rng):
    """Seven, two and one image; a network made without arguments"""
    for count in (7, 2, 1):
        try:
            answer = student.probe("logits", seed(rng), 0.0, pictures(rng, count), 10)
        except (RuntimeError, TypeError) as error:
            problem = f"For {count} images, your code {error}\n{getattr(error, 'traceback', '')}".strip()
            if ask(student, seed(rng), 0.0, pictures(rng, 1), 10) is not None:
                raise Mismatch(f"{problem}\nFor one image, it works.", mistake="batch_flattened_too") from None
            for pattern, mistake in ERRORS.items():
                if re.search(pattern, str(error)):
                    raise Mismatch(problem, mistake=mistake) from None
            raise
        if count == 1 and isinstance(answer, np.ndarray) and answer.shape == (10,):
            raise Mismatch("For one image, the shape is (10,) instead of (1, 10).", mistake="result_squeezed")
        check_logits(answer, count, 10)
    check_logits(student.probe("logits_by_default", pictures(rng, 2)), 2, 10)


@pytest.mark.question("SmallCNN", points=3)
@pytest.mark.parametrize(("channels", "classes"), [(3, 4), (1, 2), (2, 17)])
def test_channels_and_classes(student, rng, channels, classes):
    """Other numbers of channels and classes, by position and by keyword"""
    images = pictures(rng, 5, channels)
    try:
        answer = student.probe("logits", seed(rng), 0.0, images, classes)
    except RuntimeError:
        if channels > 1 and ask(student, seed(rng), 0.0, pictures(rng, 5), classes, channels) is not None:
            raise Mismatch(
                f"A network made with in_channels={channels} takes only images with one channel.",
                mistake="channels_fixed",
            ) from None
        raise
    check_logits(answer, 5, classes)
    check_logits(student.probe("logits_by_keyword", images, classes), 5, classes)


@pytest.mark.question("SmallCNN", points=4)
def test_logits_are_not_probabilities(student, rng):
    """Any real numbers, negative ones and ones larger than 1: no softmax, sigmoid or ReLU at the end"""
    answers = [student.probe("logits", seed(rng), 0.5, pictures(rng, 32), 10) for _ in range(3)]
    values = np.stack([check_logits(answer, 32, 10) for answer in answers])
    if values.min() >= 0 and np.allclose(values.sum(axis=-1), 1, atol=1e-4):
        raise Mismatch("Each row of the logits adds up to 1.", mistake="softmax_at_the_end")
    if values.min() >= 0 and np.allclose(values.sum(axis=-2), 1, atol=1e-4):
        raise Mismatch(
            "Each column of the logits, over the images of the batch, adds up to 1.", mistake="softmax_over_the_batch"
        )
    if values.min() >= 0 and values.max() <= 1 + 1e-4:
        raise Mismatch(
            "With random weights, all logits are between 0 and 1, but their sums are not 1.",
            mistake="sigmoid_at_the_end",
        )
    if values.min() >= 0:
        zeros = float((values == 0).mean())
        raise Mismatch(
            f"With random weights, no logit is negative, and {zeros:.0%} of them are 0.",
            mistake="relu_at_the_end" if zeros else "",
        )
    if np.abs(values).max() <= 1 + 1e-4:
        raise Mismatch("With random weights, all logits are between -1 and 1.", mistake="tanh_at_the_end")


def operations(student, rng):
    """What forward does with three images, step by step: name, shapes that go in, shape that comes out."""
    answer = student.probe("operations", pictures(rng, 3))
    try:
        return [
            (str(name), [list(map(int, shape)) for shape in inputs], list(map(int, output)))
            for name, inputs, output in answer
        ]
    except (TypeError, ValueError):
        raise Mismatch("The steps of forward could not be followed.") from None


def kernel_sizes(steps):
    return [
        inputs[1][2:]
        for name, inputs, _ in steps
        if name in ("conv2d", "convolution") and len(inputs) > 1 and len(inputs[1]) == 4
    ]


@pytest.mark.question("SmallCNN", points=3)
def test_has_a_convolution(student, rng):
    """A convolution with a kernel larger than 1x1"""
    steps = operations(student, rng)
    if any(name == "unfold" for name, _, _ in steps):
        return  # a convolution of their own, made of windows
    kernels = kernel_sizes(steps)
    if not kernels:
        raise Mismatch("forward uses no convolution.", mistake="no_convolution")
    if max(height * width for height, width in kernels) == 1:
        raise Mismatch("The kernels of all convolutions are 1x1.", mistake="kernels_are_1x1")


@pytest.mark.question("SmallCNN", points=2)
def test_maps_become_smaller(student, rng):
    """Pooling, a stride or an average makes the feature maps smaller"""
    steps = operations(student, rng)
    for _, (maps, *_), output in steps:
        if len(maps) > 2 and maps[0] == 3 and output[:1] == [3]:
            cells = np.prod(maps[2:])
            left = np.prod(output[2:]) if len(output) > 2 else np.prod(output) / np.prod(maps[:2])
            if left <= cells / 2:
                return
    raise Mismatch(
        "No step of forward makes the feature maps clearly smaller: pool, use a stride, or take the average.",
        mistake="maps_never_shrink" if kernel_sizes(steps) else "",
    )


@pytest.mark.question("SmallCNN", points=3)
def test_is_not_linear(student, rng):
    """A non-linearity, tested with average pooling in place of max pooling"""
    for _ in range(3):
        answers = student.probe("opposite_inputs", seed(rng), 0.3, pictures(rng, 16))
        plus, minus, zero = (check_logits(answer, 16, 10) for answer in answers)
        # Differences between logits, so that a log-softmax at the end is not taken for a non-linearity of the network.
        bend = plus + minus - 2 * zero
        bend -= bend[:, :1]
        if np.abs(bend).max() > 1e-3 * max(1e-3, np.abs(plus - zero).max()):
            return
    raise Mismatch("Apart from max pooling, the network is linear: f(x) + f(-x) = 2 f(0).", mistake="no_nonlinearity")


def weights_in_use(student, rng):
    """What forward returns, and how many of the weights that it uses are unusual, in which way."""
    answer = student.probe("weights_in_use", pictures(rng, 3))
    if not isinstance(answer, list) or len(answer) != 2 or not isinstance(answer[1], dict):
        raise Mismatch("The weights that forward uses could not be counted.")
    return answer


@pytest.mark.question("SmallCNN", points=3)
def test_layers_are_registered(student, rng):
    """Every weight that forward uses is among the module's parameters"""
    _, facts = weights_in_use(student, rng)
    if facts["made anew"]:
        raise Mismatch(
            f"forward uses {facts['made anew']} trainable tensors that are others at each call, and that parameters() "
            "does not know.",
            mistake="layers_made_in_forward",
        )
    if facts["foreign"]:
        raise Mismatch(
            f"forward uses {facts['foreign']} trainable tensors that parameters() does not know.",
            mistake="layers_in_a_list",
        )
    if facts["constant"]:
        raise Mismatch(
            f"forward uses {facts['constant']} weights that are tensors, but no parameters.",
            mistake="weights_are_plain_tensors",
        )


@pytest.mark.question("SmallCNN", points=2)
def test_gradients_reach_every_layer(student, rng):
    """Gradients reach every parameter that forward uses"""
    answer, facts = weights_in_use(student, rng)
    check_logits(answer, 3, 10)
    if facts["frozen"]:
        raise Mismatch(
            f"{facts['frozen']} of the parameters that forward uses are frozen: their requires_grad is False.",
            mistake="parameters_frozen_from_the_start",
        )
    if facts["not reached"]:
        raise Mismatch(
            f"No gradient reaches {facts['not reached']} of the parameters that forward uses.",
            mistake="history_cut_off",
        )


@pytest.mark.question("SmallCNN", points=2)
def test_images_do_not_touch(student, rng):
    """In evaluation mode, an image's logits depend neither on the other images nor on chance"""
    answers = student.probe("together_and_alone", seed(rng), 0.2, pictures(rng, 6))
    together, again, alone, reverse = (check_logits(answer, 6, 10) for answer in answers)
    close = functools.partial(np.allclose, rtol=0, atol=1e-4 * max(1.0, np.abs(together).max()))
    if close(again, together) and close(alone, together):
        return
    names = {name for name, _, _ in operations(student, rng)}
    if not close(again, together):
        raise Mismatch(
            "In evaluation mode, the same images get other logits when they are given again.",
            mistake="dropout_in_evaluation" if any("dropout" in name for name in names) else "",
        )
    if not close(reverse, together):
        raise Mismatch(
            "In evaluation mode, images get other logits when the batch is in another order.",
            mistake="images_mixed_up",
        )
    raise Mismatch(
        "In evaluation mode, images get other logits when they are given one by one.",
        mistake="batch_statistics_in_evaluation" if "batch_norm" in names else "",
    )


@pytest.mark.question("SmallCNN", points=1)
def test_first_loss(student, rng):
    """Before training, the loss is about the logarithm of the number of classes"""
    for classes in (10, 4):
        losses = []
        for _ in range(3):
            images, target = digits(rng, 64)
            answer = check_logits(student.probe("logits", seed(rng), 0.0, images, classes), 64, classes)
            losses.append(F.cross_entropy(torch.from_numpy(answer), torch.from_numpy(target % classes)).item())
        loss, usual = float(np.median(losses)), float(np.log(classes))
        if loss > usual + 2:
            raise Mismatch(
                f"Before training, the loss with {classes} classes is {loss:.3f}, but log {classes} = {usual:.3f}.",
                mistake="first_logits_too_large",
            )


ATTEMPTS = (0.005, 0.001, 0.02)
"""Learning rates. A network that learns with any of them is right."""


def learn_by_heart(student, rng, learning_rate, goal):
    """Accuracy and loss on 16 images after training on them."""
    images, target = digits(rng, 16)
    answer = student.probe("learned_by_heart", seed(rng), learning_rate, images, target, goal)
    values = check_logits(answer, 16, 10)
    loss = F.cross_entropy(torch.from_numpy(values), torch.from_numpy(target)).item()
    return float((values.argmax(axis=1) == target).mean()), loss


@pytest.mark.question("SmallCNN", points=1)
def test_learns_16_images_by_heart(student, rng):
    """It can learn 16 images by heart"""
    best = 0.0
    for learning_rate in ATTEMPTS:
        best = max(best, learn_by_heart(student, rng, learning_rate, "all right")[0])
        if best == 1:
            return
    raise Mismatch(
        f"After 400 steps on the same 16 images, the network still knows only {best:.0%} of them.",
        mistake="filters_all_alike" if filters_alike(student) else "",
    )


def filters_alike(student):
    """Whether an untrained network has a convolution whose filters are all the same."""
    layers = student.probe("first_filters")
    arrays = [layer for layer in layers if isinstance(layer, np.ndarray)] if isinstance(layers, list) else []
    return any(len(filters) > 1 and np.allclose(filters, filters[:1]) for filters in arrays)


@pytest.mark.question("SmallCNN", points=1)
def test_loss_can_become_small(student, rng):
    """On 16 images learned by heart, the loss becomes small"""
    best = np.inf
    for learning_rate in ATTEMPTS:
        best = min(best, learn_by_heart(student, rng, learning_rate, "small loss")[1])
        if best < 1:
            return
    raise Mismatch(
        f"After 400 steps on the same 16 images, the loss is still {best:.2f}. A loss that stays above 1.46 although "
        "all answers are right is the sign of a softmax before the cross-entropy."
    )


@pytest.mark.question("SmallCNN", points=2)
def test_learns_digits(student, rng):
    """After 200 steps of training, it recognises most new digits (at least 60 %)"""
    images, target = digits(rng, 1797)
    best = 0.0
    for learning_rate in ATTEMPTS:
        answer = student.probe("predictions", seed(rng), learning_rate, images[:1347], target[:1347], images[1347:])
        if not isinstance(answer, np.ndarray) or answer.shape != (450,):
            raise Mismatch("The network does not give one row of logits per image.")
        best = max(best, float((answer == target[1347:]).mean()))
        if best >= 0.6:
            return
    raise Mismatch(f"After 200 steps with batches of 64 digits, it recognises only {best:.0%} of 450 new ones.")


# load_numpy_conv


@pytest.mark.question("load_numpy_conv", points=4)
@pytest.mark.parametrize(
    ("x", "weight", "stride", "padding"),
    [
        ((2, 3, 7, 5), (4, 3, 3, 2), 1, 0),
        ((1, 2, 6, 9), (3, 2, 2, 4), (2, 1), (1, 2)),
        ((2, 3, 5, 6), (3, 3, 3, 3), 1, 0),
        ((3, 2, 4, 3), (1, 2, 2, 2), 1, 1),
    ],
    ids=[
        "kernel 3x2",
        "kernel 2x4, stride (2, 1), padding (1, 2)",
        "as many filters as channels, kernel 3x3",
        "one filter, padding 1",
    ],
)
def test_same_as_numpy(student, rng, x, weight, stride, padding):
    """A float64 layer computes what numpy's conv2d computes, to 9 decimal places"""
    x, weight = rng.normal(size=x), rng.normal(size=weight)
    bias = rng.normal(size=len(weight))
    expected = F.conv2d(*map(torch.from_numpy, (x, weight, bias)), stride, padding).numpy()
    answer = student.probe("loaded_conv", weight, bias, stride, padding, x)
    assert_matches(answer, expected, rtol=1e-9, label="the layer's output")


@pytest.mark.question("load_numpy_conv", points=1)
def test_layer_without_bias(student, rng):
    """A layer made with bias=False"""
    for shape in [(3, 2, 2, 3), (2, 2, 3, 3)]:
        x, weight = integers(rng, 2, 2, 5, 6), integers(rng, *shape)
        expected = F.conv2d(*map(torch.from_numpy, (x, weight))).numpy()
        assert_matches(student.probe("loaded_conv", weight, None, 1, 0, x), expected, label="the layer's output")


@pytest.mark.question("load_numpy_conv", points=2)
def test_parameters_stay(student, rng):
    """The layer keeps its parameters: same objects, same dtype, still trainable"""
    weight, bias = integers(rng, 3, 2, 2, 3), integers(rng, 3)
    answer = student.probe("loaded_parameters", weight, bias)
    if not isinstance(answer, list) or len(answer) != 3 or not isinstance(answer[2], dict):
        raise Mismatch("The layer's parameters could not be read.")
    assert_matches(answer[0], weight.astype(np.float32), label="the weight of a float32 layer")
    assert_matches(answer[1], bias.astype(np.float32), label="the bias of a float32 layer")
    facts = answer[2]
    if facts["same"] is not True:
        raise Mismatch("The layer has other parameter objects than before.", mistake="parameters_replaced")
    if facts["float32"] is not True:
        raise Mismatch("The parameters of a float32 layer are no longer float32.", mistake="layer_becomes_float64")
    if facts["learns"] is not True:
        raise Mismatch("The layer's parameters no longer collect gradients.", mistake="parameters_frozen")


@pytest.mark.question("load_numpy_conv", points=1)
def test_no_shared_memory(student, rng):
    """Layer and arrays do not change each other afterwards"""
    weight, bias = integers(rng, 2, 3, 2, 2), integers(rng, 2)
    answer = student.probe("loaded_and_changed", weight, bias)
    if not isinstance(answer, list) or len(answer) != 4:
        raise Mismatch("The layer's parameters could not be read.")
    if any(np.array_equal(one, other + 1) for one, other in zip(answer, (weight, bias), strict=False)):
        raise Mismatch("When the arrays change, the layer changes with them.", mistake="memory_shared")
    for name, actual, expected in zip(("weight", "bias"), answer, (weight, bias), strict=False):
        assert_matches(actual, expected, label=f"the layer's {name} after the arrays changed")
    for name, actual, expected in zip(("weight", "bias"), answer[2:], (weight + 1, bias + 1), strict=True):
        assert_matches(actual, expected, label=f"the array {name} after the layer changed")


@pytest.mark.question("load_numpy_conv", points=1)
def test_refuses_other_shapes(student, rng):
    """A weight or bias that does not have the layer's shape raises ValueError and changes nothing"""
    shape = (4, 2, 3, 5)
    for weight, bias in [
        ((4, 1, 3, 5), (4,)),
        ((4, 2, 1, 1), (4,)),
        ((4, 2, 3, 5), (1,)),
        ((4, 2, 3, 5), (2,)),
        ((4, 2, 3, 5), (6,)),
        ((4, 2, 5, 3), (4,)),
        ((2, 4, 3, 5), (4,)),
    ]:
        answer = student.probe("load_into", shape, integers(rng, *weight), integers(rng, *bias))
        if not isinstance(answer, list) or len(answer) != 3:
            raise Mismatch("The layer's parameters could not be read.")
        case = f"a weight of shape {weight} and a bias of shape {bias}, for a layer whose weight has shape {shape},"
        assert_matches(answer[0], "ValueError", label=f"the error that {case} raises")
        assert_matches(answer[1], np.zeros(shape), label=f"the change of the layer's weight by {case}")
        assert_matches(answer[2], np.zeros(4), label=f"the change of the layer's bias by {case}")
    # Who refuses everything has not understood what is wrong with these.
    answer = student.probe("load_into", shape, integers(rng, *shape), integers(rng, 4))
    raised = answer[0] if isinstance(answer, list) and answer else None
    assert_matches(raised, "no error", label="the error that a weight and a bias of the layer's shapes raise")


# train_one_epoch: expected values are worked out in numpy


def case(rng, samples=11, inputs=5, outputs=3, loss="mean squared error"):
    """Weights, bias, data and targets of a fully connected layer."""
    weight, bias, x = rng.normal(size=(outputs, inputs)), rng.normal(size=outputs), rng.normal(size=(samples, inputs))
    target = rng.integers(outputs, size=samples) if loss == "cross-entropy" else rng.normal(size=(samples, outputs))
    return weight, bias, x, target


def descend(weight, bias, x, target, batch_size, loss, learning_rate, momentum=0.0, epochs=1):
    """Mean loss per sample of the last epoch of gradient descent, and the weights after it."""
    weight_speed, bias_speed = np.zeros_like(weight), np.zeros_like(bias)
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            inputs, wanted = x[start : start + batch_size], target[start : start + batch_size]
            value, gradient = loss_and_gradient(inputs @ weight.T + bias, wanted, loss)
            total += value * len(inputs)
            weight_speed = momentum * weight_speed + gradient.T @ inputs
            bias_speed = momentum * bias_speed + gradient.sum(axis=0)
            weight, bias = weight - learning_rate * weight_speed, bias - learning_rate * bias_speed
    return float(total / len(x)), weight, bias


def loss_and_gradient(out, wanted, loss):
    """Mean loss of a batch, and its gradient with respect to the network's output."""
    if loss == "cross-entropy":
        shares = np.exp(out - out.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        right = np.eye(out.shape[1])[wanted]
        return -np.log((shares * right).sum(axis=1)).mean(), (shares - right) / len(out)
    if loss == "mean squared error":
        return ((out - wanted) ** 2).mean(), 2 * (out - wanted) / out.size
    return np.abs(out - wanted).mean(), np.sign(out - wanted) / out.size


def check_training(student, data, batch_size, loss, *, kind="batches", momentum=0.0, epochs=1, only_the_loss=False):
    answer = student.probe("train_one_epoch", *data, kind, batch_size, loss, 0.1, momentum, epochs)
    if not isinstance(answer, list) or len(answer) != 3:
        raise Mismatch("The network could not be read after training.")
    expected = descend(*data, batch_size, loss, 0.1, momentum, epochs)
    labels = ("the mean loss", "the weight after training", "the bias after training")
    for position in (0,) if only_the_loss else (1, 2):
        assert_matches(answer[position], expected[position], rtol=1e-7, label=labels[position])


@pytest.mark.question("train_one_epoch", points=3)
@pytest.mark.parametrize("loss", ["mean squared error", "cross-entropy", "mean absolute error"])
def test_one_step(student, rng, loss):
    """One batch, one step, with the loss that is given"""
    check_training(student, case(rng, 7, loss=loss), 7, loss)


@pytest.mark.question("train_one_epoch", points=3)
def test_several_steps(student, rng):
    """Several batches: each step follows its own batch's gradient only"""
    check_training(student, case(rng, 12), 3, "mean squared error")
    check_training(student, case(rng, 11, loss="cross-entropy"), 4, "cross-entropy")


@pytest.mark.question("train_one_epoch", points=2)
def test_given_optimizer(student, rng):
    """The optimizer that is given, with momentum, over two epochs"""
    check_training(student, case(rng, 9), 4, "mean squared error", momentum=0.9, epochs=2)
    check_training(student, case(rng, 8, loss="cross-entropy"), 3, "cross-entropy", momentum=0.5, epochs=2)


@pytest.mark.question("train_one_epoch", points=2)
def test_order_of_steps(student, rng):
    """One backward and one step per batch, and no zero_grad between the two"""
    answer = student.probe("order_of_steps", *case(rng, 10), 3)
    if not isinstance(answer, list) or len(answer) != 2 or not isinstance(answer[0], list):
        raise Mismatch("The order of the steps could not be read.")
    diary, changed = answer
    work = [entry for entry in diary if entry != "zero_grad"]
    # A batch's loss may be put together from several, through which backward then goes one after the other.
    work = [entry for before, entry in itertools.pairwise(["", *work]) if not before == entry == "backward"]
    if changed and not work.count("step"):
        raise Mismatch("The weights change, but not by the optimizer that is given.", mistake="own_optimizer")
    if changed and not work.count("backward"):
        raise Mismatch("The weights change, but not by the loss that loss_fn gives.", mistake="loss_fn_ignored")
    for name, never in (("step", "never_steps"), ("backward", "never_backward")):
        if (times := work.count(name)) != 4:
            raise Mismatch(
                f"For 4 batches, {name} was called {times} instead of 4 times.", mistake="" if times else never
            )
    if work == ["step", "backward"] * 4:
        raise Mismatch("In each batch, step is called before backward.", mistake="step_before_backward")
    if work != ["backward", "step"] * 4:
        raise Mismatch("backward and step do not take turns, batch by batch, in this order.")
    if ("backward", "zero_grad") in itertools.pairwise(diary):
        raise Mismatch("zero_grad is called between backward and step.", mistake="cleared_before_the_step")


@pytest.mark.question("train_one_epoch", points=3)
def test_training_mode(student, rng):
    """The model learns in training mode, whatever mode it arrives in"""
    data = case(rng, 10)
    from_evaluation, from_training = (student.probe("modes_in_training", *data, 4, mode) for mode in (False, True))
    for modes in (from_evaluation, from_training):
        assert isinstance(modes, list), "The modes could not be read."
        assert modes, "The model was never called."
    if not all(mode is True for mode in from_training):
        raise Mismatch(
            "The model arrives in training mode and is called in evaluation mode.",
            mistake="evaluation_mode_in_training",
        )
    if not all(mode is True for mode in from_evaluation):
        raise Mismatch(
            "The model arrives in evaluation mode and is called in evaluation mode.", mistake="training_mode_not_set"
        )


@pytest.mark.question("train_one_epoch", points=2)
@pytest.mark.parametrize("kind", ["DataLoader", "list"])
def test_mean_loss(student, rng, kind):
    """The mean loss per sample with a smaller last batch, from a DataLoader and from a plain list"""
    with only_lists_fail(kind):
        check_training(student, case(rng, 10), 4, "mean squared error", kind=kind, only_the_loss=True)
        check_training(student, case(rng, 9, loss="cross-entropy"), 8, "cross-entropy", kind=kind, only_the_loss=True)


@contextlib.contextmanager
def only_lists_fail(kind):
    """Recognise a function that takes nothing but a DataLoader."""
    try:
        yield
    except AttributeError as error:
        if kind == "list" and "'list' object has no attribute" in str(error):
            raise Mismatch(
                f"The loader may be a plain list of batches, but your code {error}.",
                mistake="loader_must_be_a_dataloader",
            ) from None
        raise


@pytest.mark.question("train_one_epoch", points=1)
def test_returns_a_number(student, rng):
    """What is returned is a number, not a tensor"""
    for samples in (8, 12):
        data = case(rng, samples)
        expected = descend(*data, 4, "mean squared error", 0.0)[0]
        assert_matches(student.probe("returned_by_train_one_epoch", *data), expected, rtol=1e-6, label="the mean loss")


@pytest.mark.question("train_one_epoch", points=6)
def test_training_speed(race):
    """Speed: one epoch of 4,096 samples in batches of 512"""

    def inputs(rng):
        return (*network(rng), rng.normal(size=(4096, 1, 8, 8)), rng.integers(10, size=4096), 512)

    race.probe("training", inputs, limit=6)


def network(rng):
    """Filters, and weight and bias of a fully connected layer, of a small network."""
    return rng.normal(size=(2, 1, 3, 3)), rng.normal(scale=0.1, size=(10, 18)), np.zeros(10)


# evaluate


def accuracy(weight, bias, x, target):
    return float(((x @ weight.T + bias).argmax(axis=1) == target).mean())


@pytest.mark.question("evaluate", points=3)
@pytest.mark.parametrize(
    ("kind", "samples", "batch_size"), [("batches", 12, 12), ("DataLoader", 17, 8), ("list", 23, 11)]
)
def test_accuracy(student, rng, kind, samples, batch_size):
    """One batch, batches of different sizes, a DataLoader and a plain list"""
    weight, bias, x, target = case(rng, samples, outputs=4, loss="cross-entropy")
    # The first sample of each batch has its largest logit, so that an argmax of the whole batch is a class.
    x = x[np.argsort(-(x @ weight.T + bias).max(axis=1))]
    right = (x @ weight.T + bias).argmax(axis=1)
    if kind != "batches":
        # The small last batch is all wrong or all right, the others half and half, so that no wrong mean fits.
        last = len(x) - len(x) % batch_size
        target = np.where(rng.random(samples) < 0.5, right, (right + 1) % 4)
        target[last:] = (right[last:] + rng.integers(2)) % 4
    target[0] = right[0]
    with only_lists_fail(kind):
        answer = student.probe("evaluate", weight, bias, x, target, kind, batch_size)
    assert_matches(answer, accuracy(weight, bias, x, target), atol=1e-6, label="the accuracy")


def observe(student, rng, training=True):
    """What `evaluate` did to a network with batch normalisation and dropout.

    Returns:
        Its answer: the accuracy, the network's numbers afterwards, what was seen; and what the first ones should be.
    """
    weight, bias, x, _ = case(rng, 48, inputs=6)
    mean, variance = rng.normal(size=6), rng.uniform(0.5, 2, size=6)
    right = ((x - mean) / np.sqrt(variance + 1e-5) @ weight.T + bias).argmax(axis=1)
    target = np.where(rng.random(48) < 0.75, right, (right + 1) % 3)
    answer = student.probe("evaluate_with_observer", weight, bias, mean, variance, x, target, 16, training)
    if not isinstance(answer, list) or len(answer) != 6 or not isinstance(answer[-1], dict):
        raise Mismatch("The network could not be read after evaluate.")
    if not isinstance(answer[-1]["training_modes"], list) or not answer[-1]["training_modes"]:
        raise Mismatch("The model was never called.")
    return answer, [float((target == right).mean()), mean, variance, weight, bias]


@pytest.mark.question("evaluate", points=2)
def test_evaluation_mode(student, rng):
    """Dropout is off, and batch normalisation uses what it has learned"""
    answer, expected = observe(student, rng)
    if any(answer[-1]["training_modes"]):
        arrived_in_evaluation, _ = observe(student, rng, training=False)
        switched = any(arrived_in_evaluation[-1]["training_modes"])
        raise Mismatch(
            "The model was called in training mode.",
            mistake="training_mode_in_evaluate" if switched else "evaluation_mode_not_set",
        )
    assert_matches(answer[0], expected[0], atol=1e-6, label="the accuracy of a network with dropout")


@pytest.mark.question("evaluate", points=1)
def test_nothing_is_learned(student, rng):
    """Weights and running means stay as they were"""
    answer, expected = observe(student, rng)
    for position, name in enumerate(("running mean", "running variance", "weight", "bias"), start=1):
        assert_matches(answer[position], expected[position], label=f"the network's {name} after evaluate")


@pytest.mark.question("evaluate", points=2)
def test_gradients_are_off(student, rng):
    """Gradients are off while the model is called, and on again afterwards"""
    answer, _ = observe(student, rng)
    if any(answer[-1]["gradients_on"]):
        raise Mismatch("The model was called with gradients on.", mistake="gradients_left_on")
    if answer[-1]["gradients_on_afterwards"] is not True:
        raise Mismatch("Gradients are still off after evaluate.", mistake="gradients_off_for_good")


@pytest.mark.question("evaluate", points=2)
@pytest.mark.parametrize("training", [True, False], ids=["was in training mode", "was in evaluation mode"])
def test_mode_is_restored(student, rng, training):
    """Afterwards the model is in the mode in which it was before"""
    answer, _ = observe(student, rng, training)
    after = answer[-1]["training_afterwards"]
    if not isinstance(after, list) or not after:
        raise Mismatch("The network could not be read after evaluate.")
    if all(mode is training for mode in after):
        return
    if after[0] is training:
        raise Mismatch(
            "After evaluate, the model is in the mode in which it was before, but its layers are not.",
            mistake="mode_of_the_layers_not_restored",
        )
    modes = {True: "training", False: "evaluation"}
    raise Mismatch(
        f"The model was in {modes[training]} mode before evaluate, and is in {modes[not training]} mode afterwards.",
        mistake="mode_not_restored" if training else "always_left_in_training_mode",
    )


@pytest.mark.question("evaluate", points=6)
def test_evaluation_speed(race):
    """Speed: 4,096 samples in batches of 512"""

    def inputs(rng):
        return (*network(rng), rng.normal(size=(4096, 1, 8, 8)), rng.integers(10, size=4096), 512)

    race.probe("evaluation", inputs, limit=6)


# count_parameters


def check_count(student, rng, kind, expected):
    """Count the parameters of two networks of this kind."""
    for _ in range(2):
        a, b, c = (int(size) for size in rng.integers([2, 10, 20], [9, 19, 40]))
        assert_matches(student.probe("count_parameters", kind, a, b, c), expected(a, b, c), label="the count")


@pytest.mark.question("count_parameters", points=1)
def test_count_of_convolutions(student, rng):
    """Convolutions with rectangular kernels, with and without bias"""
    check_count(student, rng, "convolutions", lambda a, b, c: 15 * a * b + b + 4 * b * c)


@pytest.mark.question("count_parameters", points=1)
def test_count_of_frozen(student, rng):
    """Frozen parameters do not count; layers within layers do"""
    check_count(student, rng, "frozen", lambda a, b, c: b + b * c + c)


@pytest.mark.question("count_parameters", points=1)
def test_count_with_batch_normalisation(student, rng):
    """Batch normalisation: weight and bias count, running means do not"""
    check_count(student, rng, "batch normalisation", lambda a, b, c: a * b + b + 2 * b + b * c + c)


@pytest.mark.question("count_parameters", points=1)
def test_count_of_shared(student, rng):
    """A weight that two layers share counts once"""
    check_count(student, rng, "shared", lambda a, b, c: a * b + 2 * b + b * c + c)
