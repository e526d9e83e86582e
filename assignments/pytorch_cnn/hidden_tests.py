"""Hidden tests of "A convolutional network in PyTorch"."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from autograder.testing import Mismatch, assert_matches, assert_raises, integers

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
    if not isinstance(answer, np.ndarray) or answer.dtype.kind != "f":
        raise Mismatch(f"{what}: forward must return a tensor of floating-point numbers.")
    if answer.shape != (count, classes):
        raise Mismatch(f"{what}: for {count} images and {classes} classes the shape is {answer.shape}.")
    if not np.isfinite(answer).all():
        raise Mismatch(f"{what}: some are NaN or infinite.")
    return answer.astype(np.float64)


@pytest.mark.question("SmallCNN", points=2)
def test_batch_sizes(student, rng):
    """One, two and seven images"""
    for count in (1, 2, 7):
        check_logits(student.probe("logits", seed(rng), 0.0, pictures(rng, count), 10), count, 10)


@pytest.mark.question("SmallCNN", points=3)
@pytest.mark.parametrize(("channels", "classes"), [(3, 4), (1, 2), (2, 17)])
def test_channels_and_classes(student, rng, channels, classes):
    """Other numbers of channels and classes, by position and by keyword"""
    images = pictures(rng, 5, channels)
    check_logits(student.probe("logits", seed(rng), 0.0, images, classes), 5, classes)
    check_logits(student.probe("logits_by_keyword", images, classes), 5, classes)


@pytest.mark.question("SmallCNN", points=4)
def test_logits_are_not_probabilities(student, rng):
    """Any real numbers, negative ones and ones larger than 1: no softmax, sigmoid or ReLU at the end"""
    answers = [student.probe("logits", seed(rng), 0.5, pictures(rng, 32), 10) for _ in range(3)]
    values = np.stack([check_logits(answer, 32, 10) for answer in answers])
    if np.allclose(values.sum(axis=-1), 1, atol=1e-4) and values.min() >= 0:
        raise Mismatch("Each row of the logits adds up to 1: forward must not end with a softmax.")
    if values.min() >= 0:
        raise Mismatch("With random weights, no logit is negative: does forward end with a ReLU, or with a sigmoid?")
    if np.abs(values).max() <= 1 + 1e-4:
        raise Mismatch("With random weights, all logits are between -1 and 1: does something at the end squash them?")


@pytest.mark.question("SmallCNN", points=4)
def test_has_a_convolution(student, rng):
    """A convolution with a kernel larger than 1x1"""
    seen = operations(student, rng)["seen"]
    kernels = [
        inputs[1][2:]
        for name, inputs, _ in seen
        if name in ("conv2d", "convolution") and len(inputs) > 1 and len(inputs[1]) == 4
    ]
    if any(name == "unfold" for name, _, _ in seen):
        return  # a convolution of their own, made of windows
    if not kernels:
        raise Mismatch("forward uses no convolution.")
    if max(height * width for height, width in kernels) == 1:
        raise Mismatch("All kernels are 1x1: no convolution looks at more than one cell.")


@pytest.mark.question("SmallCNN", points=2)
def test_maps_become_smaller(student, rng):
    """Pooling, a stride or an average makes the feature maps smaller"""
    for _, (maps, *_), output in operations(student, rng)["seen"]:
        if len(maps) > 2 and maps[0] == 3 and output[:1] == [3]:
            cells = np.prod(maps[2:])
            left = np.prod(output[2:]) if len(output) > 2 else np.prod(output) / np.prod(maps[:2])
            if left <= cells / 2:
                return
    raise Mismatch(
        "No step of forward makes the feature maps clearly smaller: pool, use a stride, or take the average."
    )


def operations(student, rng):
    """What forward does with three images; the answer's structure is checked."""
    answer = student.probe("operations", pictures(rng, 3))
    try:
        seen = [
            (str(name), [list(map(int, shape)) for shape in inputs], list(map(int, output)))
            for name, inputs, output in answer["seen"]
        ]
        return {"seen": seen, "foreign": int(answer["foreign"])}
    except (TypeError, ValueError, KeyError):
        raise Mismatch("The steps of forward could not be followed.") from None


@pytest.mark.question("SmallCNN", points=4)
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
    raise Mismatch(
        "Apart from max pooling, the network is linear: f(x) + f(-x) = 2 f(0). Put a non-linearity such as ReLU after "
        "the convolutions."
    )


@pytest.mark.question("SmallCNN", points=3)
def test_layers_are_registered(student, rng):
    """Every weight that forward uses is among the module's parameters"""
    foreign = operations(student, rng)["foreign"]
    if foreign:
        raise Mismatch(
            f"forward uses {foreign} trainable tensors that parameters() does not know. Make the layers in __init__, as "
            "attributes of the module or in an nn.Sequential or nn.ModuleList."
        )


@pytest.mark.question("SmallCNN", points=2)
def test_images_do_not_touch(student, rng):
    """In evaluation mode, an image's logits depend neither on the other images nor on chance"""
    together, alone, again = student.probe("together_and_alone", seed(rng), 0.2, pictures(rng, 6))
    together = check_logits(together, 6, 10)
    tolerance = 1e-4 * max(1.0, np.abs(together).max())
    assert_matches(again, together, atol=tolerance, label="the logits of the same images, asked for twice")
    assert_matches(alone, together, atol=tolerance, label="the logits of images given one by one")


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
        if abs(loss - usual) > 1:
            raise Mismatch(
                f"Before training, the loss with {classes} classes is {loss:.3f}, but log {classes} = {usual:.3f}."
            )


ATTEMPTS = (0.005, 0.001, 0.02, 0.002)
"""Learning rates. A network that learns with any of them is right."""


def learn_by_heart(student, rng, learning_rate):
    """Accuracy and loss on 16 images after training on them."""
    images, target = digits(rng, 16)
    answer = student.probe("learned_by_heart", seed(rng), learning_rate, images, target)
    values = check_logits(answer, 16, 10)
    loss = F.cross_entropy(torch.from_numpy(values), torch.from_numpy(target)).item()
    return float((values.argmax(axis=1) == target).mean()), loss


@pytest.mark.question("SmallCNN", points=1)
def test_learns_16_images_by_heart(student, rng):
    """It can learn 16 images by heart"""
    best = 0.0
    for learning_rate in ATTEMPTS:
        best = max(best, learn_by_heart(student, rng, learning_rate)[0])
        if best == 1:
            return
    raise Mismatch(f"After 400 steps on the same 16 images, the network still knows only {best:.0%} of them.")


@pytest.mark.question("SmallCNN", points=1)
def test_loss_can_become_small(student, rng):
    """On 16 images learned by heart, the loss becomes small"""
    best = np.inf
    for learning_rate in ATTEMPTS:
        best = min(best, learn_by_heart(student, rng, learning_rate)[1])
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
    [((2, 3, 7, 5), (4, 3, 3, 2), 1, 0), ((1, 2, 6, 9), (3, 2, 2, 4), (2, 1), (1, 2))],
    ids=["kernel 3x2", "kernel 2x4, stride (2, 1), padding (1, 2)"],
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
    x, weight = integers(rng, 2, 2, 5, 6), integers(rng, 3, 2, 2, 3)
    expected = F.conv2d(*map(torch.from_numpy, (x, weight))).numpy()
    assert_matches(student.probe("loaded_conv", weight, None, 1, 0, x), expected, label="the layer's output")


@pytest.mark.question("load_numpy_conv", points=2)
def test_parameters_stay(student, rng):
    """The layer keeps its parameters: same objects, same dtype, still trainable"""
    weight, bias = integers(rng, 3, 2, 2, 3), integers(rng, 3)
    facts = student.probe("loaded_parameters", weight, bias)
    if not isinstance(facts, dict):
        raise Mismatch("The layer's parameters could not be read.")
    assert_matches(facts["weight"], weight.astype(np.float32), label="the weight of a float32 layer")
    assert_matches(facts["bias"], bias.astype(np.float32), label="the bias of a float32 layer")
    assert facts["same"] is True, "The layer has other parameter objects than before; an optimizer would not know them."
    assert facts["float32"] is True, "The parameters of a float32 layer are no longer float32."
    assert facts["learns"] is True, "The layer's parameters no longer collect gradients of their own."


@pytest.mark.question("load_numpy_conv", points=1)
def test_no_shared_memory(student, rng):
    """Layer and arrays do not change each other afterwards"""
    weight, bias = integers(rng, 2, 3, 2, 2), integers(rng, 2)
    answer = student.probe("loaded_and_changed", weight, bias)
    assert_matches(answer[:2], [weight, bias], label="the layer after the arrays changed")
    assert_matches(answer[2:], [weight + 1, bias + 1], label="the arrays after the layer changed")


@pytest.mark.question("load_numpy_conv", points=1)
def test_refuses_other_shapes(student, rng):
    """A weight or bias that does not have the layer's shape raises ValueError"""
    shape = (4, 2, 3, 5)
    for weight, bias in [
        ((2, 4, 3, 5), (4,)),
        ((4, 1, 3, 5), (4,)),
        ((4, 2, 5, 3), (4,)),
        ((4, 2, 3, 5), (1,)),
        ((4, 2, 3, 5), (2,)),
    ]:
        assert_raises(ValueError, student.probe, "load_into", shape, integers(rng, *weight), integers(rng, *bias))


# train_one_epoch: expected values are worked out in numpy


def case(rng, samples=11, inputs=5, outputs=3, loss="mean squared error"):
    """Weights, bias, data and targets of a fully connected layer."""
    weight, bias, x = rng.normal(size=(outputs, inputs)), rng.normal(size=outputs), rng.normal(size=(samples, inputs))
    target = rng.integers(outputs, size=samples) if loss == "cross-entropy" else rng.normal(size=(samples, outputs))
    return weight, bias, x, target


def descend(weight, bias, x, target, batch_size, loss, learning_rate):
    """Mean loss per sample of one epoch of gradient descent, and the weights after it."""
    total = 0.0
    for start in range(0, len(x), batch_size):
        inputs, wanted = x[start : start + batch_size], target[start : start + batch_size]
        out = inputs @ weight.T + bias
        if loss == "cross-entropy":
            shares = np.exp(out - out.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            right = np.eye(len(bias))[wanted]
            value, gradient = -np.log((shares * right).sum(axis=1)).mean(), (shares - right) / len(out)
        elif loss == "mean squared error":
            value, gradient = ((out - wanted) ** 2).mean(), 2 * (out - wanted) / out.size
        else:
            value, gradient = np.abs(out - wanted).mean(), np.sign(out - wanted) / out.size
        total += value * len(inputs)
        weight = weight - learning_rate * gradient.T @ inputs
        bias = bias - learning_rate * gradient.sum(axis=0)
    return float(total / len(x)), weight, bias


def check_training(
    student, data, batch_size, loss, *, kind="batches", old_gradient=0.0, epochs=1, wanted=("weight", "bias")
):
    answer = student.probe("train_one_epoch", *data, kind, batch_size, loss, 0.1, old_gradient, epochs)
    if not isinstance(answer, dict):
        raise Mismatch("The network could not be read after training.")
    weight, bias, x, target = data
    for _ in range(epochs):
        mean, weight, bias = descend(weight, bias, x, target, batch_size, loss, 0.1)
    expected = {"loss": mean, "weight": weight, "bias": bias}
    labels = {"loss": "the mean loss", "weight": "the weight after training", "bias": "the bias after training"}
    for name in wanted:
        assert_matches(answer[name], expected[name], rtol=1e-7, label=labels[name])


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
def test_old_gradients(student, rng):
    """Gradients left over from before, and a second epoch"""
    check_training(student, case(rng, 8), 4, "mean squared error", old_gradient=5.0)
    check_training(student, case(rng, 9), 4, "mean squared error", epochs=2)


@pytest.mark.question("train_one_epoch", points=2)
def test_order_of_steps(student, rng):
    """One backward and one step per batch, and no zero_grad between the two"""
    diary = student.probe("order_of_steps", *case(rng, 10), 3)
    if not isinstance(diary, list):
        raise Mismatch("The order of the steps could not be read.")
    for before, after in itertools.pairwise(diary):
        if (before, after) == ("backward", "zero_grad"):
            raise Mismatch("zero_grad is called between backward and step: the step then finds no gradient.")
    work = [entry for entry in diary if entry != "zero_grad"]
    for name in ("backward", "step"):
        if work.count(name) != 4:
            raise Mismatch(f"For 4 batches, {name} was called {work.count(name)} times.")
    if work != ["backward", "step"] * 4:
        raise Mismatch("backward and step do not take turns, batch by batch, in this order.")


@pytest.mark.question("train_one_epoch", points=3)
def test_training_mode(student, rng):
    """The model learns in training mode, whatever mode it arrives in"""
    for training in (False, True):
        modes = student.probe("modes_in_training", *case(rng, 10), 4, training)
        assert isinstance(modes, list), "The modes could not be read."
        assert modes, "The model was never called."
        assert all(mode is True for mode in modes), "The model was called in evaluation mode: call model.train() first."


@pytest.mark.question("train_one_epoch", points=2)
@pytest.mark.parametrize("kind", ["DataLoader", "list"])
def test_mean_loss(student, rng, kind):
    """The mean loss per sample with a smaller last batch, from a DataLoader and from a plain list"""
    check_training(student, case(rng, 10), 4, "mean squared error", kind=kind, wanted=["loss"])
    data = case(rng, 9, loss="cross-entropy")
    check_training(student, data, 8, "cross-entropy", kind=kind, wanted=["loss"])


@pytest.mark.question("train_one_epoch", points=1)
def test_returns_a_number(student, rng):
    """What is returned is a number, not a tensor"""
    data = case(rng, 8)
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
    if kind != "batches":
        # The small last batch is all wrong or all right, the others half and half, so that no wrong mean fits.
        right = (x @ weight.T + bias).argmax(axis=1)
        last = len(x) - len(x) % batch_size
        target = np.where(rng.random(samples) < 0.5, right, (right + 1) % 4)
        target[last:] = (right[last:] + rng.integers(2)) % 4
    answer = student.probe("evaluate", weight, bias, x, target, kind, batch_size)
    assert_matches(answer, accuracy(weight, bias, x, target), atol=1e-6, label="the accuracy")


def observe(student, rng, training=True):
    """What `evaluate` did to a network with batch normalisation and dropout, and what went in."""
    weight, bias, x, _ = case(rng, 40, inputs=6)
    mean, variance = rng.normal(size=6), rng.uniform(0.5, 2, size=6)
    right = ((x - mean) / np.sqrt(variance + 1e-5) @ weight.T + bias).argmax(axis=1)
    target = np.where(rng.random(40) < 0.75, right, (right + 1) % 3)
    seen = student.probe("evaluate_with_observer", weight, bias, mean, variance, x, target, 16, training)
    if not isinstance(seen, dict):
        raise Mismatch("The network could not be read after evaluate.")
    if not isinstance(seen["training_modes"], list) or not seen["training_modes"]:
        raise Mismatch("The model was never called.")
    given = {"mean": mean, "variance": variance, "weight": weight, "bias": bias}
    return seen, float((target == right).mean()), given


@pytest.mark.question("evaluate", points=2)
def test_evaluation_mode(student, rng):
    """Dropout is off, and batch normalisation uses what it has learned"""
    seen, expected, _ = observe(student, rng)
    assert not any(seen["training_modes"]), "The model was called in training mode: call model.eval() first."
    assert_matches(seen["accuracy"], expected, atol=1e-6, label="the accuracy of a network with dropout")


@pytest.mark.question("evaluate", points=1)
def test_nothing_is_learned(student, rng):
    """Weights and running means stay as they were"""
    seen, _, given = observe(student, rng)
    for name, value in given.items():
        assert_matches(seen[name], value, label=f"the network's {name} after evaluate")


@pytest.mark.question("evaluate", points=2)
def test_gradients_are_off(student, rng):
    """Gradients are off while the model is called, and on again afterwards"""
    seen, _, _ = observe(student, rng)
    assert not any(seen["gradients_on"]), "The model was called with gradients on: use torch.no_grad()."
    assert seen["gradients_on_afterwards"] is True, (
        "Gradients are still off after evaluate: use `with torch.no_grad():`."
    )


@pytest.mark.question("evaluate", points=2)
@pytest.mark.parametrize("training", [True, False], ids=["was in training mode", "was in evaluation mode"])
def test_mode_is_restored(student, rng, training):
    """Afterwards the model is in the mode in which it was before"""
    seen, _, _ = observe(student, rng, training)
    modes = {True: "training", False: "evaluation"}
    if not isinstance(seen["training_afterwards"], list) or any(
        mode is not training for mode in seen["training_afterwards"]
    ):
        raise Mismatch(
            f"The model was in {modes[training]} mode before evaluate, and is in {modes[not training]} mode afterwards."
        )


@pytest.mark.question("evaluate", points=6)
def test_evaluation_speed(race):
    """Speed: 4,096 samples in batches of 512"""

    def inputs(rng):
        return (*network(rng), rng.normal(size=(4096, 1, 8, 8)), rng.integers(10, size=4096), 512)

    race.probe("evaluation", inputs, limit=6)


# count_parameters


def sizes(rng):
    return [int(value) for value in rng.integers([2, 10, 20], [9, 19, 40])]


@pytest.mark.question("count_parameters", points=1)
def test_count_of_convolutions(student, rng):
    """Convolutions with rectangular kernels, with and without bias"""
    a, b, c = sizes(rng)
    assert_matches(
        student.probe("count_parameters", "convolutions", a, b, c), 15 * a * b + b + 4 * b * c, label="count_parameters"
    )


@pytest.mark.question("count_parameters", points=1)
def test_count_of_frozen(student, rng):
    """Frozen parameters do not count; layers within layers do"""
    a, b, c = sizes(rng)
    assert_matches(student.probe("count_parameters", "frozen", a, b, c), b + b * c + c, label="count_parameters")


@pytest.mark.question("count_parameters", points=1)
def test_count_with_batch_normalisation(student, rng):
    """Batch normalisation: weight and bias count, running means do not"""
    a, b, c = sizes(rng)
    assert_matches(
        student.probe("count_parameters", "batch normalisation", a, b, c),
        a * b + b + 2 * b + b * c + c,
        label="count_parameters",
    )


@pytest.mark.question("count_parameters", points=1)
def test_count_of_shared(student, rng):
    """A weight that two layers share counts once"""
    a, b, c = sizes(rng)
    assert_matches(
        student.probe("count_parameters", "shared", a, b, c), a * b + 2 * b + b * c + c, label="count_parameters"
    )
