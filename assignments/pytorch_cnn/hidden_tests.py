"""Hidden tests of "A convolutional network in PyTorch"."""

import contextlib
import dataclasses
import itertools
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from autograder.examine.network import Reference, references
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


# SmallCNN: the network comes as data, its steps and weights, and is run, changed and trained here; what the student's
# process says about it is only believed where its answers to fresh images, with fresh weights, are those of the steps.


def network_of(student, rng, count, channels=1, classes=10, how="by position", training=False, start=None):
    """The network that SmallCNN makes, the same with other weights, none at a special value such as 0, and what that one answers to so many images."""
    start = seed(rng) if start is None else start
    chance = seed(rng)
    made = student.network("traced", start, channels, classes, count, how, training, chance)
    other = with_noise(rng, made)
    images = pictures(rng, count, channels)
    answer = student.probe("logits", start, channels, classes, how, training, chance, other.weights, images)
    if made.graph.output is None or not np.shape(answer):
        check_logits(answer, count, classes)
    own, inverted = np.split(other.run(np.concatenate([images, 1 - images]), chance=chance), 2)
    if not (
        isinstance(answer, np.ndarray)
        and answer.shape == own.shape
        and np.allclose(answer, own, rtol=0, atol=closeness(own), equal_nan=True)
    ):
        taken_out = "; ".join(dict.fromkeys(made.graph.taken_out))
        raise Mismatch(
            "With other images and weights, the network's answers are not what the steps make of them that it took before. "
            "Whatever forward does, it must do with tensors, in the same steps each time."
            + (f" Here, numbers leave the tensors: {taken_out}." if taken_out else ""),
            mistake="history_cut_off" if taken_out else "",
        )
    if not np.isfinite(own).all():
        raise Mismatch("Some of the network's answers are NaN or infinite.")
    if own.dtype.kind == "f" and np.array_equal(own, inverted) and not sees_images(rng, made, images):
        if count == 1:  # something may be worked out over the images of the batch, which is nothing for one image
            *_, answer = network_of(student, rng, 5, channels, classes, how, training, start)
            check_over_the_batch(check_logits(answer, 5, classes))
            raise Mismatch(
                "For one image alone, forward gives the same answer whatever the image is; for several, it does not."
            )
        raise Mismatch("forward gives the same answer whatever the images are.")
    if not any(
        weights[i].learns
        for weights, kind in ((made.parameters, "parameter"), (made.graph.constants, "constant"))
        for i in made.used(kind)
    ):
        raise Mismatch("forward uses no weights that could be trained.")
    return made, other, own


def check_over_the_batch(values):
    """No softmax goes over the images of a batch, which lie along the last axis but one."""
    if values.min() >= 0 and np.allclose(values.sum(axis=-2), 1, atol=1e-4):
        raise Mismatch(
            "Each column of the logits, over the images of the batch, adds up to 1.", mistake="softmax_over_the_batch"
        )
    if values.max() <= 0 and np.allclose(np.exp(values).sum(axis=-2), 1, atol=1e-4):
        raise Mismatch(
            "Over the images of the batch, the exponentials of each column of the logits add up to 1.",
            mistake="log_softmax_over_the_batch",
        )


def sees_images(rng, made, images):
    """Whether the answer depends on the images with other weights; with some, all ReLUs of a small network may be shut."""
    networks = (with_noise(rng, made) for _ in range(10))
    return any(not np.array_equal(one.run(images), one.run(1 - images), equal_nan=True) for one in networks)


def with_noise(rng, made, noise=0.3):
    return made.with_weights(
        [weight + noise * rng.standard_normal(weight.shape, np.float32).astype(weight.dtype) for weight in made.weights]
    )


def closeness(values):
    """What may lie between two ways to compute these numbers in float32."""
    finite = np.abs(values[np.isfinite(values)])
    return 1e-4 * max(1.0, finite.max(initial=0.0))


def check_logits(answer, count, classes, what="the logits"):
    """The answer, once it is known to be finite logits of this shape."""
    if answer is None:
        raise Mismatch(f"{what}: forward returns None.", mistake="forward_returns_nothing")
    if isinstance(answer, np.ndarray) and answer.dtype.kind in "iu" and answer.shape == (count,):
        raise Mismatch(f"{what}: forward returns one whole number per image.", mistake="class_returned")
    if not isinstance(answer, np.ndarray) or answer.dtype.kind != "f":
        raise Mismatch(f"{what}: forward must return a tensor of floating-point numbers.")
    if count == 1 and answer.shape == (classes,):
        raise Mismatch(
            f"For one image, the shape is ({classes},) instead of (1, {classes}).", mistake="result_squeezed"
        )
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


def said(error):
    """The whole message of an error of the student's code, of which students are shown the beginning."""
    return getattr(error, "message", "") or str(error)


ERRORS = {
    r"shapes cannot be multiplied|is invalid for input of size": "flatten_size_wrong",
    r"channels, but got \d+ channels": "channels_do_not_chain",
    r"Kernel size can't be greater than actual input size|Output size is too small": "made_for_larger_images",
    r"torch\.nn\.modules\.\S+ is not a Module subclass": "relu_without_parentheses",
    r"(not |got \()(\w*ReLU|GELU|Sigmoid|Tanh|Flatten|MaxPool2d|AvgPool2d)\b": "layer_made_of_its_input",
}
"""What torch says to someone who makes a well-known mistake."""


def works(student, rng, count, channels, classes, how="by position", channels_given=None):
    """Whether forward raises no error."""
    try:
        student.probe("traced", seed(rng), channels, classes, count, how, False, 0, channels_given)
    except (RuntimeError, TypeError, ValueError):
        return False
    return True


@pytest.mark.question("SmallCNN", points=2)
def test_batch_sizes(student, rng):
    """Seven, two and one image; a network made without arguments"""
    for count in (7, 2, 1):
        try:
            *_, answer = network_of(student, rng, count)
        except (RuntimeError, TypeError) as error:
            problem = f"For {count} images, your code {error}\n{getattr(error, 'traceback', '')}".strip()
            if count > 1 and works(student, rng, 1, 1, 10):
                raise Mismatch(f"{problem}\nFor one image, it works.", mistake="batch_flattened_too") from None
            for pattern, mistake in ERRORS.items():
                if re.search(pattern, said(error)):
                    raise Mismatch(problem, mistake=mistake) from None
            raise
        check_logits(answer, count, 10)
    *_, answer = network_of(student, rng, 2, how="by default")
    check_logits(answer, 2, 10)


@pytest.mark.question("SmallCNN", points=3)
@pytest.mark.parametrize(("channels", "classes"), [(3, 4), (1, 2), (2, 17)])
def test_channels_and_classes(student, rng, channels, classes):
    """Other numbers of channels and classes, by position and by keyword"""
    for how in ("by position", "by keyword"):
        try:
            *_, answer = network_of(student, rng, 5, channels, classes, how)
        except RuntimeError:
            if channels > 1 and works(student, rng, 5, channels, classes, how, 1):
                raise Mismatch(
                    f"A network made with in_channels={channels} takes only images with one channel.",
                    mistake="channels_fixed",
                ) from None
            raise
        check_logits(answer, 5, classes)


@pytest.mark.question("SmallCNN", points=4)
def test_logits_are_not_probabilities(student, rng):
    """Any real numbers, negative ones and ones larger than 1: no softmax, sigmoid or ReLU at the end"""
    made, *_ = network_of(student, rng, 32)
    answers = [with_noise(rng, made, 0.5).run(pictures(rng, 32)) for _ in range(3)]
    values = np.stack([check_logits(answer, 32, 10) for answer in answers])
    if values.min() >= 0 and np.allclose(values.sum(axis=-1), 1, atol=1e-4):
        raise Mismatch("Each row of the logits adds up to 1.", mistake="softmax_at_the_end")
    check_over_the_batch(values)
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


def kernel_sizes(steps):
    return [step.inputs[1][2:] for step in steps if step.operation == "convolution" and len(step.inputs[1]) == 4]


@pytest.mark.question("SmallCNN", points=3)
def test_has_a_convolution(student, rng):
    """A convolution with a kernel larger than 1x1"""
    _, other, _ = network_of(student, rng, 3)
    steps = other.steps()
    if any(step.operation in ("im2col", "unfold") for step in steps):
        return  # a convolution of their own, made of windows
    kernels = kernel_sizes(steps)
    if not kernels:
        raise Mismatch("forward uses no convolution.", mistake="no_convolution")
    if max(height * width for height, width in kernels) == 1:
        raise Mismatch("The kernels of all convolutions are 1x1.", mistake="kernels_are_1x1")


@pytest.mark.question("SmallCNN", points=2)
def test_maps_become_smaller(student, rng):
    """Pooling, a stride or an average makes the feature maps smaller"""
    _, other, _ = network_of(student, rng, 3)
    steps = other.steps()
    for step in steps:
        maps, output = step.inputs[0] if step.inputs else (), step.outputs[0]
        if len(maps) > 2 and maps[0] == 3 and output[:1] == (3,):
            cells = np.prod(maps[2:])
            left = np.prod(output[2:]) if len(output) > 2 else np.prod(output) / np.prod(maps[:2])
            if left <= cells / 2:
                return
    raise Mismatch(
        "No step of forward makes the feature maps clearly smaller: pool, use a stride, or take the average.",
        mistake="maps_never_shrink" if kernel_sizes(steps) else "",
    )


def averages_for_maxima(node):
    """Max pooling becomes average pooling, which is linear."""
    if node.operation == "max_pool2d_with_indices":
        rest = [[], 0, 1, False][len(node.args) - 2 :]
        maps, kernel, stride, padding, _, ceil_mode = [*node.args, *rest]
        return dataclasses.replace(node, operation="avg_pool2d", args=[maps, kernel, stride, padding, ceil_mode])
    if node.operation == "adaptive_max_pool2d":
        return dataclasses.replace(node, operation="_adaptive_avg_pool2d")
    if node.operation == "amax" or (node.operation == "max" and node.overload == "dim"):
        maps, dim, *keep = node.args
        dims = dim if isinstance(dim, list) else [dim]
        return dataclasses.replace(node, operation="mean", overload="dim", args=[maps, dims, *keep])
    return node


@pytest.mark.question("SmallCNN", points=3)
def test_is_not_linear(student, rng):
    """A non-linearity, tested with average pooling in place of max pooling"""
    for _ in range(3):
        _, other, _ = network_of(student, rng, 16)
        averaging, images = other.changed(averages_for_maxima), pictures(rng, 16)
        answers = np.split(averaging.run(np.concatenate([images, -images, 0 * images])), 3)
        plus, minus, zero = (check_logits(answer, 16, 10) for answer in answers)
        # Differences between logits, so that a log-softmax at the end is not taken for a non-linearity of the network.
        bend = plus + minus - 2 * zero
        bend -= bend[:, :1]
        if np.abs(bend).max() > 1e-3 * max(1e-3, np.abs(plus - zero).max()):
            return
    raise Mismatch("Apart from max pooling, the network is linear: f(x) + f(-x) = 2 f(0).", mistake="no_nonlinearity")


WEIGHT_OF = {"convolution": 1, "addmm": 2, "mm": 1}
"""Operations that layers come to, and which of their arguments is the layer's weight."""


@pytest.mark.question("SmallCNN", points=3)
def test_layers_are_registered(student, rng):
    """Every weight that forward uses is among the module's parameters"""
    start = seed(rng)
    made, *_ = network_of(student, rng, 3, start=start)
    again = student.network("traced", start, 1, 10, 3, "by position", False, seed(rng))
    graph = made.graph
    foreign = [number for number in made.used("constant") if graph.constants[number].learns]
    written = {graph.memory(Reference("node", number)) for number, node in enumerate(graph.nodes) if node.in_place}
    anew = [
        number
        for number in foreign
        if Reference("constant", number) in written
        or number >= len(again.graph.constants)
        or not np.array_equal(graph.constants[number].value, again.graph.constants[number].value, equal_nan=True)
    ]
    if anew:
        raise Mismatch(
            f"forward uses {len(anew)} trainable tensors that are others at each call, and that parameters() does not know.",
            mistake="layers_made_in_forward",
        )
    if foreign:
        raise Mismatch(
            f"forward uses {len(foreign)} trainable tensors that parameters() does not know.",
            mistake="layers_in_a_list",
        )
    if constant := plain_weights(graph):
        raise Mismatch(
            f"forward uses {constant} weights that are tensors, but no parameters.",
            mistake="weights_are_plain_tensors",
        )


def plain_weights(graph):
    """How many layers have a weight that is made of nothing but constants."""
    made_of, count = graph.kinds(), 0
    for number in graph.live():
        node = graph.nodes[number]
        if node.operation in WEIGHT_OF:
            weight = [*node.args, None, None, None][WEIGHT_OF[node.operation]]
            kinds = [made_of[one.index] if one.kind == "node" else {one.kind} for one in references(weight)]
            count += set().union(*kinds) <= {"constant"}
    return count


@pytest.mark.question("SmallCNN", points=2)
def test_gradients_reach_every_layer(student, rng):
    """Gradients reach every parameter that forward uses"""
    made, _, answer = network_of(student, rng, 3)
    check_logits(answer, 3, 10)
    used = made.used("parameter")
    frozen = [number for number in used if not made.parameters[number].learns]
    if frozen:
        raise Mismatch(
            f"{len(frozen)} of the parameters that forward uses are frozen: their requires_grad is False.",
            mistake="parameters_frozen_from_the_start",
        )
    arrived = np.max([with_noise(rng, made).gradients(pictures(rng, 3)) for _ in range(3)], axis=0)
    missed = [number for number in used if not arrived[number] > 0]
    if missed or not used:
        raise Mismatch(
            f"No gradient reaches {len(missed)} of the parameters that forward uses."
            if missed
            else "forward uses none of the module's parameters.",
            mistake="history_cut_off" if missed else "",
        )


@pytest.mark.question("SmallCNN", points=2)
def test_images_do_not_touch(student, rng):
    """In evaluation mode, an image's logits depend neither on the other images nor on chance"""
    start = seed(rng)
    made, other, _ = network_of(student, rng, 6, start=start)
    alone, _, answer = network_of(student, rng, 1, start=start)
    check_logits(answer, 1, 10)
    single = alone.with_weights(other.weights)
    images, neighbours = pictures(rng, 6), pictures(rng, 6)
    neighbours[:3] = images[:3]
    answers = np.split(other.run(np.concatenate([images, images[::-1], neighbours])), 3)
    together, reverse, beside_others = (check_logits(answer, 6, 10) for answer in answers)
    names = {node.operation for node in made.nodes()}

    def close(answer):
        return np.allclose(answer, together[: len(answer)], rtol=0, atol=closeness(together))

    if not close(other.run(images, chance=1)):
        raise Mismatch(
            "In evaluation mode, the same images get other logits when they are given again.",
            mistake="dropout_in_evaluation" if names & {"bernoulli_", "native_dropout"} else "",
        )
    if not close(reverse[::-1]):
        raise Mismatch(
            "In evaluation mode, images get other logits when the batch is in another order.",
            mistake="images_mixed_up",
        )
    if not close(beside_others[:3]) or not close(check_logits(single.run(images), 6, 10)):
        raise Mismatch(
            "In evaluation mode, images get other logits when they are given one by one.",
            mistake="batch_statistics_in_evaluation" if "native_batch_norm" in names else "",
        )


@pytest.mark.question("SmallCNN", points=1)
def test_first_loss(student, rng):
    """Before training, the loss is about the logarithm of the number of classes"""
    for classes in (10, 4):
        losses = []
        made, *_ = network_of(student, rng, 64, classes=classes)
        for again in (False, True, True):
            if again:
                made = student.network("traced", seed(rng), 1, classes, 64)
            images, target = digits(rng, 64)
            answer = check_logits(made.run(images), 64, classes)
            losses.append(F.cross_entropy(torch.from_numpy(answer), torch.from_numpy(target % classes)).item())
        loss, usual = float(np.median(losses)), float(np.log(classes))
        if loss > usual + 2:
            raise Mismatch(
                f"Before training, the loss with {classes} classes is {loss:.3f}, but log {classes} = {usual:.3f}.",
                mistake="first_logits_too_large",
            )


ATTEMPTS = (0.005, 0.001, 0.02)
"""Learning rates. A network that learns with any of them is right."""


def both_modes(student, rng, count):
    """A network that answers with logits, and the same in training mode."""
    start = seed(rng)
    made, _, answer = network_of(student, rng, count, start=start)
    check_logits(answer, count, 10)
    return made, network_of(student, rng, count, training=True, start=start)[0]


def learn_by_heart(student, rng, learning_rate, **goal):
    """Accuracy and loss on 16 images after training on them. Their labels are drawn by lot: only by learning can they be known."""
    images, _ = digits(rng, 16)
    target = rng.integers(10, size=16)
    made, training = both_modes(student, rng, 16)
    batches = np.tile(np.arange(16), (400, 1))
    learned = made.trained(training, images, target, batches, learning_rate, **goal, first=16)
    values = check_logits(learned.run(images), 16, 10)
    loss = F.cross_entropy(torch.from_numpy(values), torch.from_numpy(target)).item()
    return float((values.argmax(axis=1) == target).mean()), loss


@pytest.mark.question("SmallCNN", points=1)
def test_learns_16_images_by_heart(student, rng):
    """It can learn 16 images by heart"""
    best = 0.0
    for learning_rate in ATTEMPTS:
        best = max(best, learn_by_heart(student, rng, learning_rate, accuracy=1.0)[0])
        if best == 1:
            return
    raise Mismatch(
        f"After 400 steps on the same 16 images, the network still knows only {best:.0%} of them.",
        mistake="filters_all_alike" if filters_alike(student, rng) else "",
    )


def filters_alike(student, rng):
    """Whether an untrained network has a convolution whose filters are all the same."""
    made, *_ = network_of(student, rng, 1)
    weights = [one for node in made.nodes() if node.operation == "convolution" for one in references(node.args[1])]
    arrays = [made.weights[one.index] for one in weights if one.kind == "parameter"]
    return any(len(filters) > 1 and np.allclose(filters, filters[:1]) for filters in arrays)


@pytest.mark.question("SmallCNN", points=1)
def test_loss_can_become_small(student, rng):
    """On 16 images learned by heart, the loss becomes small"""
    best = np.inf
    for learning_rate in ATTEMPTS:
        best = min(best, learn_by_heart(student, rng, learning_rate, loss=0.9)[1])
        if best < 1:
            return
    raise Mismatch(
        f"After 400 steps on the same 16 images, the loss is still {best:.2f}. A loss that stays above 1.46 although "
        "all answers are right is the sign of a softmax or a sigmoid before the cross-entropy."
    )


@pytest.mark.question("SmallCNN", points=2)
def test_learns_digits(student, rng):
    """After 200 steps of training, it recognises most new digits (at least 60 %)"""
    images, target = digits(rng, 1797)
    target = rng.permutation(10)[target]  # the classes in another order: what knows digits already knows nothing
    best = 0.0
    for learning_rate in ATTEMPTS:
        made, training = both_modes(student, rng, 64)
        batches = np.stack([rng.permutation(1347)[:64] for _ in range(200)])
        learned = made.trained(training, images[:1347], target[:1347], batches, learning_rate, accuracy=0.8, first=256)
        answer = check_logits(learned.run(images[1347:]), 450, 10)
        best = max(best, float((answer.argmax(axis=1) == target[1347:]).mean()))
        if best >= 0.6:
            return
    raise Mismatch(f"After 200 steps with batches of 64 digits, it recognises only {best:.0%} of 450 new ones.")


# load_numpy_conv


@pytest.mark.question("load_numpy_conv", points=3)
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
    """A float64 layer computes what numpy's conv2d computes"""
    x, weight = integers(rng, *x), integers(rng, *weight)
    bias = integers(rng, len(weight))
    expected = F.conv2d(*map(torch.from_numpy, (x, weight, bias)), stride, padding).numpy()
    answer = student.probe("loaded_conv", weight, bias, stride, padding, x)
    assert_matches(answer, expected, label="the layer's output")


@pytest.mark.question("load_numpy_conv", points=1)
def test_every_digit_arrives(student, rng):
    """Fractions arrive in a float64 layer with every digit of float64"""
    x, weight, bias = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    expected = F.conv2d(*map(torch.from_numpy, (x, weight, bias))).numpy()
    answer = student.probe("loaded_conv", weight, bias, 1, 0, x)
    assert_matches(answer, expected, strict=True, label="the layer's output")


@pytest.mark.question("load_numpy_conv", points=1)
def test_layer_without_bias(student, rng):
    """A layer made with bias=False"""
    for shape in [(3, 2, 2, 3), (2, 2, 3, 3)]:
        x, weight = integers(rng, 2, 2, 5, 6), integers(rng, *shape)
        expected = F.conv2d(*map(torch.from_numpy, (x, weight))).numpy()
        assert_matches(student.probe("loaded_conv", weight, None, 1, 0, x), expected, label="the layer's output")


def parts(answer, count, what):
    """The answer's parts, once it is known to have so many."""
    if not isinstance(answer, list) or len(answer) != count:
        raise Mismatch(f"{what} could not be read.")
    return answer


ROUNDING = {"rtol": 1e-4, "atol": 1e-5}
"""What may lie between two ways to compute the same in float32. Networks are small, and their numbers about 1."""


def assert_close(actual, expected, label):
    """As `assert_matches`, for what was computed in float32; expected values are worked out in float64."""
    expected = expected.astype(np.float32) if isinstance(expected, np.ndarray) else expected
    assert_matches(actual, expected, **ROUNDING, label=label)


def alike(answer, expected):
    """Whether these are the same arrays or numbers, but for rounding."""
    return all(
        isinstance(one, np.ndarray | np.number | float | int)
        and np.shape(one) == np.shape(other)
        and np.allclose(one, other, **ROUNDING)
        for one, other in zip(answer, expected, strict=True)
    )


def convolved(images, weight, bias):
    return F.conv2d(*map(torch.from_numpy, (images, weight, bias))).numpy()


@pytest.mark.question("load_numpy_conv", points=2)
def test_parameters_stay(student, rng):
    """The layer keeps its parameters: same objects, same dtype, still trainable"""
    weight, bias = integers(rng, 3, 2, 2, 3), integers(rng, 3)
    images, goal = integers(rng, 2, 2, 4, 4, low=1), integers(rng, 2, 3, 3, 2, low=1)
    singles = (array.astype(np.float32) for array in (images, goal))
    try:
        answer = student.probe("loaded_then_trained", weight, bias, *singles)
    except RuntimeError as error:
        if re.search("should be the same|expected scalar type|same dtype", said(error)):
            raise Mismatch(
                f"After loading, a float32 layer refuses float32 images. Your code {error}.",
                mistake="layer_becomes_float64",
            ) from None
        raise
    parts(answer, 3, "The layer's answers")
    # The sum of answer times goal has the same gradient at every step.
    slope = torch.nn.grad.conv2d_weight(torch.from_numpy(images), weight.shape, torch.from_numpy(goal)).numpy()
    steps = [convolved(images, weight - n * slope / 2, bias - n * goal.sum(axis=(0, 2, 3)) / 2) for n in range(3)]
    if alike(answer, [steps[0], steps[0], steps[1]]):
        raise Mismatch(
            "The layer has other parameters than before: an optimizer that was made for it before the loading changes "
            "nothing any more, and a new one does.",
            mistake="parameters_replaced",
        )
    if alike(answer, [steps[0]] * 3):
        raise Mismatch("After loading, no optimizer changes what the layer answers.", mistake="parameters_frozen")
    labels = ("the layer's answer", "the same after a step of an older optimizer", "the same after a step of a new one")
    for actual, expected, label in zip(answer, steps, labels, strict=True):
        assert_close(actual, expected, label)


@pytest.mark.question("load_numpy_conv", points=1)
def test_no_shared_memory(student, rng):
    """Layer and arrays do not change each other afterwards"""
    weight, bias, images = integers(rng, 2, 3, 2, 2), integers(rng, 2), integers(rng, 2, 3, 4, 5, low=1)
    answer = parts(student.probe("loaded_and_changed", weight, bias, images), 2, "The layer's answers")
    for more in ((1, 1), (1, 0), (0, 1)):
        if alike(answer[:1], [convolved(images, weight + more[0], bias + more[1])]):
            raise Mismatch("When the arrays change, the layer changes with them.", mistake="memory_shared")
    assert_matches(answer[0], convolved(images, weight, bias), label="the layer's answer after the arrays changed")
    expected = convolved(images, weight + 1, bias + 1)
    assert_matches(answer[1], expected, label="a convolution with the arrays after the layer changed")


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
        answer = student.observe("load_into", shape, integers(rng, *weight), integers(rng, *bias))
        if not isinstance(answer, list) or len(answer) != 3:
            raise Mismatch("The layer's parameters could not be read.")
        case = f"a weight of shape {weight} and a bias of shape {bias}, for a layer whose weight has shape {shape},"
        check_raised(answer[0], "ValueError", case)
        assert_matches(answer[1], np.zeros(shape), label=f"the change of the layer's weight by {case}")
        assert_matches(answer[2], np.zeros(4), label=f"the change of the layer's bias by {case}")
    # Who refuses everything has not understood what is wrong with these.
    answer = student.observe("load_into", shape, integers(rng, *shape), integers(rng, 4))
    raised = answer[0] if isinstance(answer, list) and answer else None
    check_raised(raised, "no error", "a weight and a bias of the layer's shapes,")


def check_raised(raised, expected, case):
    """Check which error a case has raised, by its name or ``no error``."""
    if raised != expected:
        was = raised[:60] if isinstance(raised, str) else "something else"
        raise Mismatch(f"With {case} {was} is raised; it should be {expected}.")


# train_one_epoch: expected values are worked out in numpy


def case(rng, samples=11, inputs=5, outputs=3):
    """Weights, bias, data and classes of a fully connected layer, float32 and int64 as in the notebook."""
    shapes = [(outputs, inputs), (outputs,), (samples, inputs)]
    return (*(rng.normal(size=shape).astype(np.float32) for shape in shapes), rng.integers(outputs, size=samples))


def descend(weight, bias, x, target, batch_size, loss="cross-entropy", learning_rate=0.1, momentum=0.0, epochs=1):
    """Mean loss per sample of the last epoch of gradient descent, and the weights after it."""
    weight, bias, x = (array.astype(np.float64) for array in (weight, bias, x))
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
    right = np.eye(out.shape[1])[wanted]
    if loss == "cross-entropy":
        shares = np.exp(out - out.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return -np.log((shares * right).sum(axis=1)).mean(), (shares - right) / len(out)
    if loss == "hinge":
        missing = (1 - right) * np.maximum(0, 1 + out - (out * right).sum(axis=1, keepdims=True))
        pushed = (missing > 0).astype(np.float64)
        return missing.sum() / out.size, (pushed - right * pushed.sum(axis=1, keepdims=True)) / out.size
    return -(out * right).sum(axis=1).mean(), -right / len(out)


def check_training(
    student, data, batch_size, loss="cross-entropy", *, kind="batches", momentum=0.0, epochs=1, only_the_loss=False
):
    answer = student.probe("train_one_epoch", *data, kind, batch_size, loss, 0.1, momentum, epochs)
    if not isinstance(answer, list) or len(answer) != 3:
        raise Mismatch("The network could not be read after training.")
    expected = descend(*data, batch_size, loss, 0.1, momentum, epochs)
    for position in (0,) if only_the_loss else (1, 2):
        assert_close(answer[position], expected[position], TRAINED[position])


TRAINED = ("the mean loss", "the weight after training", "the bias after training")


@pytest.mark.question("train_one_epoch", points=3)
@pytest.mark.parametrize("loss", ["cross-entropy", "hinge", "log-likelihood"])
def test_one_step(student, rng, loss):
    """One batch, one step, with the loss that is given"""
    check_training(student, case(rng, 7), 7, loss)


@pytest.mark.question("train_one_epoch", points=3)
def test_several_steps(student, rng):
    """Several batches: each step follows its own batch's gradient only"""
    check_training(student, case(rng, 12), 3)
    check_training(student, case(rng, 11), 4)


@pytest.mark.question("train_one_epoch", points=2)
def test_given_optimizer(student, rng):
    """The optimizer that is given, with momentum, over two epochs"""
    check_training(student, case(rng, 9), 4, momentum=0.9, epochs=2)
    check_training(student, case(rng, 8), 3, momentum=0.5, epochs=2)


def follow(data, batch_size, plan, push, shorter=False):
    """What `train_and_go_on` gives if this is done in each batch, after the loss is known.

    Args:
        plan: names such as ``backward`` and ``step``, in order.
        shorter: whether losses are divided by the size of the batch.
    """
    weight, bias, x = (array.astype(np.float64) for array in data[:3])
    target = data[3]
    left, flow, learning_rate = [np.zeros_like(weight), np.zeros_like(bias)], np.zeros_like(weight), 0.1
    for start in range(0, len(x), batch_size):
        inputs, wanted = x[start : start + batch_size], target[start : start + batch_size]
        _, slope = loss_and_gradient(inputs @ weight.T + bias, wanted, "cross-entropy")
        slope = slope / len(inputs) if shorter else slope
        gradient = [slope.T @ inputs, slope.sum(axis=0)]
        for name in plan.split():
            if name == "zero_grad":
                left = [np.zeros_like(weight), np.zeros_like(bias)]
            elif name == "backward":
                left, flow = [left[0] + gradient[0], left[1] + gradient[1]], flow + gradient[0]
            else:
                weight, bias = weight - learning_rate * left[0], bias - learning_rate * left[1]
                learning_rate *= 0.75
    return [weight, weight - learning_rate * push, flow, left[0]]


MISTAKEN_ORDERS = {
    "never_steps": ("step is never called.", ["zero_grad backward", "backward", "backward zero_grad", ""]),
    "never_backward": ("step is called, but backward never.", ["step"]),
    "cleared_before_the_step": ("zero_grad is called between backward and step.", ["backward zero_grad step"]),
    "step_before_backward": (
        "In each batch, step is called before backward.",
        ["zero_grad step backward", "step zero_grad backward", "step backward"],
    ),
}


@pytest.mark.question("train_one_epoch", points=2)
def test_order_of_steps(student, rng):
    """One backward and one step per batch, and no zero_grad between the two"""
    data, push = case(rng, 10), rng.uniform(1, 2, size=(3, 5)).astype(np.float32)
    answer = parts(student.probe("train_and_go_on", *data, 3, push), 4, "The weights after training")
    for mistake, (problem, plans) in MISTAKEN_ORDERS.items():
        if any(alike(answer, follow(data, 3, plan, push, shorter)) for plan in plans for shorter in (False, True)):
            raise Mismatch(problem, mistake=mistake)
    after, further, *_ = answer
    steps = next((n for n in range(20) if alike([after - further], [0.1 * 0.75**n * push])), None)
    if steps == 0:
        raise Mismatch("The weights change, but not by the optimizer that is given.", mistake="own_optimizer")
    if steps not in (None, 4):
        raise Mismatch(f"For 4 batches, step was called {steps} instead of 4 times.")
    # Gradients that are never cleared, and losses that are too small, have tests of their own.
    orders = [
        follow(data, 3, plan, push, shorter)[:3] for plan in (RIGHT_ORDER, "backward step") for shorter in (False, True)
    ]
    if not any(alike(answer[:3], order) for order in orders):
        labels = ("the weight after training", "the weight after one step more", "the sum of all gradients")
        for actual, expected, label in zip(answer, orders[0], labels, strict=False):
            assert_close(actual, expected, label)


RIGHT_ORDER = "zero_grad backward step"


@pytest.mark.question("train_one_epoch", points=3)
def test_training_mode(student, rng):
    """The model learns in training mode, whatever mode it arrives in"""
    weight, bias, x, target = case(rng, 10)
    factors = [1.0, 1.0, -0.5, -0.5]  # in evaluation mode, in training mode

    def learn(training, batch_size):
        answer = student.probe("train_telling", weight, bias, x, target, batch_size, factors, training)
        return parts(answer, 3, "The network after training")

    def numbers(*modes):
        """Mean loss, weight and bias if the batches are learned in these modes."""
        factor = np.repeat([factors[3] if mode else factors[0] for mode in modes], -(-len(x) // len(modes)))[
            : len(x), None
        ]
        return descend(weight, bias, x * factor, target, -(-len(x) // len(modes)))

    def shows(answer, expected):
        """Whether the loss, or else the weights, are these: the other may be wrong for another reason."""
        return alike(answer[:1], expected[:1]) or alike(answer[1:], expected[1:])

    if shows(learn(True, 10), numbers(False)):
        raise Mismatch(
            "The model arrives in training mode and is called in evaluation mode.",
            mistake="evaluation_mode_in_training",
        )
    answer = learn(False, 10)
    if shows(answer, numbers(False)):
        raise Mismatch(
            "The model arrives in evaluation mode and is called in evaluation mode.", mistake="training_mode_not_set"
        )
    if not shows(answer, numbers(True)):
        for actual, expected, label in zip(answer, numbers(True), TRAINED, strict=True):
            assert_close(actual, expected, label)
    answer = learn(False, 3)
    for modes in itertools.product([True, False], repeat=4):
        if not all(modes) and alike(answer[1:], numbers(*modes)[1:]):
            raise Mismatch("Some batches are learned in training mode, others in evaluation mode.")


@pytest.mark.question("train_one_epoch", points=2)
@pytest.mark.parametrize("kind", ["DataLoader", "list"])
def test_mean_loss(student, rng, kind):
    """The mean loss per sample with a smaller last batch, from a DataLoader and from a plain list"""
    data = case(rng, 10)
    while abs(descend(*data, 4)[0] - descend(*data, 4, momentum=1.0)[0]) < 0.01:
        data = case(rng, 10)  # until gradients that are never cleared, a momentum of 1, show in the loss, too
    with only_lists_fail(kind):
        check_training(student, data, 4, kind=kind, only_the_loss=True)
        check_training(student, case(rng, 9), 8, kind=kind, only_the_loss=True)


@contextlib.contextmanager
def only_lists_fail(kind):
    """Recognise a function that takes nothing but a DataLoader."""
    try:
        yield
    except AttributeError as error:
        if kind == "list" and "'list' object has no attribute" in said(error):
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
        expected = descend(*data, 4, learning_rate=0.0)[0]
        answer = student.probe("returned_by_train_one_epoch", *data)
        assert_matches(answer, expected, strict=True, **ROUNDING, label="the mean loss")


@pytest.mark.question("train_one_epoch", points=6)
def test_training_speed(race):
    """Speed: one epoch of 4,096 samples in batches of 512"""

    def inputs(rng):
        return *network(rng), 512

    race.probe("training", inputs, limit=6, rtol=1e-3)


def network(rng):
    """Filters, and weight and bias of a fully connected layer, of a small network; images and classes.

    If both filters are negative, a ReLU leaves nothing of an image, and the biases alone are the logits: no two are alike.
    """
    filters, weight = rng.normal(size=(2, 1, 3, 3)), rng.normal(scale=0.1, size=(10, 18))
    bias = 0.1 * rng.permutation(10)
    arrays = (array.astype(np.float32) for array in (filters, weight, bias, pictures(rng, 4096)))
    return *arrays, rng.integers(10, size=4096)


# evaluate


def logits_of(weight, bias, x):
    return x.astype(np.float64) @ weight.T.astype(np.float64) + bias


def are_clear(logits):
    """Whether the largest logit of each sample stays so, however they are rounded."""
    second, first = np.sort(logits, axis=1)[:, -2:].T
    return bool((first - second > 1e-3).all())


def clear_case(rng, *sizes):
    while not are_clear(logits_of(*(drawn := case(rng, *sizes))[:3])):
        pass
    return drawn[:3]


@pytest.mark.question("evaluate", points=3)
@pytest.mark.parametrize(
    ("kind", "samples", "batch_size"), [("batches", 12, 12), ("DataLoader", 17, 8), ("list", 23, 11)]
)
def test_accuracy(student, rng, kind, samples, batch_size):
    """One batch, batches of different sizes, a DataLoader and a plain list"""
    for _ in range(3):  # a share of few samples could be guessed
        weight, bias, x = clear_case(rng, samples, 5, 4)
        # The first sample of each batch has its largest logit, so that an argmax of the whole batch is a class.
        x = x[np.argsort(-logits_of(weight, bias, x).max(axis=1))]
        right = logits_of(weight, bias, x).argmax(axis=1)
        target = np.where(rng.random(samples) < rng.uniform(0.2, 0.8), right, (right + 1) % 4)
        if kind != "batches":
            # The small last batch is all wrong or all right, the others are mixed, so that no wrong mean fits.
            last = len(x) - len(x) % batch_size
            target[last:] = (right[last:] + rng.integers(2)) % 4
        target[0] = right[0]
        with only_lists_fail(kind):
            answer = student.probe("evaluate", weight, bias, x, target, kind, batch_size)
        assert_matches(answer, float((right == target).mean()), atol=1e-6, label="the accuracy")


SAMPLES = 48


def readings(share):
    """A share of the samples, and what those may give for it whose only mistake is the form of the number."""
    return {round(number, 9) for number in (share, 100 * share, SAMPLES * share, 1 - share, round(share, 2))}


def measure(student, rng, *, factors=(1.0,) * 4, learned=False, mistaken, training=True, batch_size=SAMPLES):
    """Have `evaluate` measure a network, and look at the network afterwards.

    Args:
        factors: what inputs are multiplied by: in evaluation mode with gradients off and on, then in training mode.
        learned: whether the network has a batch normalisation, and a dropout that drops everything.
        mistaken: called with weight, bias and inputs, gives logits of the network in a state in which it should not be
            measured.

    Returns:
        The answer: the accuracy, the answers to new inputs in evaluation mode, and in the mode in which it was left.
        The accuracy that is right, and the one of the mistaken state, which is another one. The right answers to new
        inputs in evaluation mode.
    """
    spread = (
        [rng.normal(size=6).astype(np.float32), rng.uniform(0.5, 2, size=6).astype(np.float32)] if learned else None
    )

    def logits(x):
        return logits_of(weight, bias, x if spread is None else (x - spread[0]) / np.sqrt(spread[1] + 1e-5))

    share, other, clear, told = 0.0, 0.0, False, False
    while readings(share) & readings(other) or not (clear and told):  # until they differ, whatever their form
        weight, bias, x, _ = case(rng, SAMPLES, inputs=6)
        if learned:
            x = spread[0] + x
        else:
            bias = np.zeros(3, np.float32)  # so that the factors change no class, unless they are negative
        clear = are_clear(logits(x))
        right, wrong = logits(x).argmax(axis=1), mistaken(weight, bias, x).argmax(axis=1)
        told = wrong.any()  # 0 for all samples is what other mistakes choose, too
        mixed = (right + rng.integers(1, 3, size=SAMPLES)) % 3
        target = np.where(rng.random(SAMPLES) < rng.uniform(0.3, 0.9), right, mixed)
        share, other = float((target == right).mean()), float((target == wrong).mean())
    new = rng.normal(size=(4, 6)).astype(np.float32)
    answer = student.probe(
        "evaluate_and_go_on", weight, bias, spread, list(factors), x, target, batch_size, training, new
    )
    return parts(answer, 3, "The network after evaluate"), share, other, logits(new)


def check_share(actual, share):
    """Refuse what was not measured. The form of the number has a test of its own."""
    if not any(alike([actual], [reading]) for reading in readings(share)):
        assert_matches(actual, share, atol=1e-6, label="the accuracy")


def drops_everything(weight, bias, x):
    return np.tile(bias, (len(x), 1))


@pytest.mark.question("evaluate", points=2)
def test_evaluation_mode(student, rng):
    """Dropout is off, and batch normalisation uses what it has learned"""
    found = [
        measure(student, rng, learned=True, mistaken=drops_everything, batch_size=16, training=training)
        for training in (True, False)
    ]
    dropped = [alike(answer[:1], [other]) for answer, _, other, _ in found]
    if any(dropped):
        raise Mismatch(
            "The model was called in training mode.",
            mistake="training_mode_in_evaluate" if all(dropped) else "evaluation_mode_not_set" if dropped[0] else "",
        )
    for answer, share, _, _ in found:
        assert_matches(answer[0], share, atol=1e-6, label="the accuracy of a network with dropout")


@pytest.mark.question("evaluate", points=1)
def test_nothing_is_learned(student, rng):
    """Weights and running means stay as they were"""
    for _ in range(2):  # one share could be guessed
        answer, share, _, new = measure(student, rng, learned=True, mistaken=drops_everything)
        assert_close(answer[1], new, "what the network answers in evaluation mode, after evaluate")
        check_share(answer[0], share)


@pytest.mark.question("evaluate", points=2)
def test_gradients_are_off(student, rng):
    """Gradients are off while the model is called, and on again afterwards"""

    def smallest(weight, bias, x):
        return -x @ weight.T

    plain, right, *_ = measure(student, rng, mistaken=smallest)
    check_share(plain[0], right)  # to whoever takes the smallest logit, gradients would seem to be on
    answer, share, other, new = measure(student, rng, factors=(1.0, -1.0) * 2, mistaken=smallest)
    if any(alike(answer[:1], [reading]) for reading in readings(other)):
        raise Mismatch("The model was called with gradients on.", mistake="gradients_left_on")
    check_share(answer[0], share)
    if any(alike(answer[2:], [size * new]) for size in (1, 3)):
        raise Mismatch("Gradients are still off after evaluate.", mistake="gradients_off_for_good")
    if not alike(answer[2:], [-new]):  # in evaluation mode, which has a test of its own
        assert_close(answer[2], -3 * new, "what the network answers after evaluate")


@pytest.mark.question("evaluate", points=2)
@pytest.mark.parametrize("training", [True, False], ids=["was in training mode", "was in evaluation mode"])
def test_mode_is_restored(student, rng, training):
    """Afterwards the model is in the mode in which it was before"""
    for _ in range(2):  # one share could be guessed
        answer, share, _, new = measure(
            student,
            rng,
            factors=(1.0, 1.0, 5.0, 5.0),
            mistaken=lambda weight, bias, x: -x @ weight.T,
            training=training,
        )
        check_share(answer[0], share)
    # The whole model's answer is three times as large in training mode, that of its first layer five times.
    whole, layer = ({True: size, False: 1} for size in (3, 5))
    if alike(answer[2:], [whole[training] * layer[not training] * new]):
        raise Mismatch(
            "After evaluate, the model is in the mode in which it was before, but its layers are not.",
            mistake="mode_of_the_layers_not_restored",
        )
    if alike(answer[2:], [whole[not training] * layer[not training] * new]):
        modes = {True: "training", False: "evaluation"}
        raise Mismatch(
            f"The model was in {modes[training]} mode before evaluate, and is in {modes[not training]} mode afterwards.",
            mistake="mode_not_restored" if training else "always_left_in_training_mode",
        )
    assert_close(answer[2], whole[training] * layer[training] * new, "what the network answers after evaluate")


@pytest.mark.question("evaluate", points=6)
def test_evaluation_speed(race):
    """Speed: 4,096 samples in batches of 512"""

    race.probe("evaluation", evaluated, limit=6, rtol=0.02)  # a few samples may be close calls


def evaluated(rng):
    """A network as above, and classes of which it finds a share that nobody can guess: of random ones, it finds a tenth."""
    filters, weight, bias, images, _ = network(rng)
    to_torch = torch.from_numpy
    features = F.max_pool2d(F.relu(F.conv2d(to_torch(images), to_torch(filters))), 2).flatten(1)
    found = F.linear(features, to_torch(weight), to_torch(bias)).argmax(1).numpy()
    others = (found + rng.integers(1, 10, size=len(found))) % 10
    target = np.where(rng.random(len(found)) < rng.uniform(0.2, 0.9), found, others)
    return filters, weight, bias, images, target, 512


# count_parameters


def check_count(student, rng, kind, expected, *, strict=False):
    """Count the parameters of two networks of this kind."""
    for _ in range(2):
        a, b, c = (int(size) for size in rng.integers([2, 10, 20], [9, 19, 40]))
        count = student.probe("count_parameters", kind, a, b, c)
        assert_matches(count, expected(a, b, c), strict=strict, label="the count")


@pytest.mark.question("count_parameters", points=1)
def test_count_of_convolutions(student, rng):
    """Convolutions with rectangular kernels, with and without bias; the count is an int"""
    check_count(student, rng, "convolutions", lambda a, b, c: 15 * a * b + b + 4 * b * c, strict=True)


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
