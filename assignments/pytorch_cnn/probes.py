"""Runs in the sandbox beside student code: makes networks, trains and measures them, and says what it saw. It knows no answers."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from autograder.sandbox.tracing import trace

# Whatever a student's code has left behind, every probe starts from the same state.
torch.set_num_threads(1)
torch.set_grad_enabled(True)
torch.set_default_dtype(torch.float32)


def _plain(value):
    """Tensors of one number as that number, other tensors as arrays, and everything else as it is."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.item() if value.dim() == 0 else value.detach().numpy()


# SmallCNN


def _network(student, seed, in_channels, num_classes, how):
    torch.manual_seed(seed)
    if how == "by default":
        model = student.SmallCNN()
    elif how == "by keyword":
        model = student.SmallCNN(num_classes=num_classes, in_channels=in_channels)
    else:
        model = student.SmallCNN(in_channels, num_classes)
    if any(isinstance(parameter, nn.UninitializedParameter) for parameter in model.parameters()):
        with torch.no_grad():
            model.eval()(torch.zeros(2, in_channels, 8, 8))  # lazy layers get their weights now
    return model


def traced(student, seed, in_channels, num_classes, count, how="by position", training=False, chance=0, channels=None):
    """What a network does with so many images, and its weights; of as many channels as it was made for, if nothing else is said."""
    model = _network(student, seed, in_channels, num_classes, how).train(training)
    images = torch.rand(count, channels or in_channels, 8, 8)
    torch.manual_seed(chance)
    return trace(model, images)


def logits(student, seed, in_channels, num_classes, how, training, chance, weights, images):
    """What the same network answers with these weights."""
    model = _network(student, seed, in_channels, num_classes, how).train(training)
    with torch.no_grad():
        for parameter, weight in zip(model.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(weight))
    torch.manual_seed(chance)
    return _plain(model(torch.from_numpy(images)))


# load_numpy_conv


def _conv(weight, bias, stride=1, padding=0, dtype=torch.float64):
    torch.manual_seed(0)
    filters, channels, *kernel_size = weight.shape
    return nn.Conv2d(channels, filters, kernel_size, stride, padding, bias=bias is not None, dtype=dtype)


def loaded_conv(student, weight, bias, stride, padding, images):
    conv = _conv(weight, bias, stride, padding)
    student.load_numpy_conv(conv, weight, bias)
    return _plain(conv(torch.from_numpy(images)))


def loaded_then_trained(student, weight, bias, images, goal):
    """Answers of a float32 layer: after loading, after a step of an optimizer that held its parameters before, and of a new one."""
    conv, images = _conv(weight, bias, dtype=torch.float32), torch.from_numpy(images)
    before = torch.optim.SGD(conv.parameters(), lr=0.5)
    student.load_numpy_conv(conv, weight, bias)
    answers = [_plain(conv(images))]
    for optimizer in (before, torch.optim.SGD(conv.parameters(), lr=0.5)):
        conv.zero_grad()
        loss = (conv(images) * torch.from_numpy(goal)).sum()
        if loss.requires_grad:
            loss.backward()
        optimizer.step()
        answers.append(_plain(conv(images)))
    return answers


def loaded_and_changed(student, weight, bias, images):
    """What the layer answers after the arrays changed, and what a convolution with the arrays gives after the layer did."""
    conv, images = _conv(weight, bias), torch.from_numpy(images)
    student.load_numpy_conv(conv, weight, bias)
    weight += 1
    bias += 1
    layer = _plain(conv(images))
    with torch.no_grad():
        conv.weight.zero_()
        conv.bias.zero_()
    return [layer, _plain(F.conv2d(images, torch.from_numpy(weight), torch.from_numpy(bias)))]


def load_into(student, shape, weight, bias):
    """The error that loading raises if the layer's weight has this shape, and how the layer's weight and bias changed."""
    conv = _conv(np.zeros(shape), np.zeros(shape[0]))
    before = [_plain(parameter).copy() for parameter in (conv.weight, conv.bias)]
    load, raised = student.load_numpy_conv, "no error"
    try:
        load(conv, weight, bias)
    except NotImplementedError:
        raise
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return [raised, _plain(conv.weight) - before[0], _plain(conv.bias) - before[1]]


# train_one_epoch and evaluate


class _Batches(list):
    """A list of batches that also knows its data set, as a DataLoader does."""

    def __init__(self, inputs, targets, batch_size):
        inputs, targets = torch.from_numpy(inputs), torch.from_numpy(targets)
        super().__init__(zip(inputs.split(batch_size), targets.split(batch_size), strict=True))
        self.dataset = TensorDataset(inputs, targets)
        self.batch_size = batch_size


def _loader(kind, inputs, targets, batch_size):
    batches = _Batches(inputs, targets, batch_size)
    if kind == "DataLoader":
        return DataLoader(batches.dataset, batch_size=batch_size)
    return [list(pair) for pair in batches] if kind == "list" else batches


class _Telling(nn.Module):
    """A layer whose answers tell how it is called.

    Args:
        factors: what inputs are multiplied by: in evaluation mode with gradients off and on, then in training mode.
    """

    def __init__(self, factors):
        super().__init__()
        self.factors = factors

    def forward(self, x):
        return x * self.factors[2 * self.training + torch.is_grad_enabled()]


class _TellingWhole(nn.Sequential):
    """Layers one after the other; in training mode the answer is three times as large."""

    def forward(self, x):
        return super().forward(x) * (3 if self.training else 1)


def _linear(weight, bias, *before):
    """Layers, then a fully connected one with these weights, in float32 as all networks of the notebook."""
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weight))
        linear.bias.copy_(torch.from_numpy(bias))
    return nn.Sequential(*before, nn.Flatten(), linear)


LOSSES = {"cross-entropy": nn.CrossEntropyLoss, "hinge": nn.MultiMarginLoss, "log-likelihood": nn.NLLLoss}


def train_one_epoch(student, weight, bias, inputs, targets, kind, batch_size, loss, learning_rate, momentum, epochs):
    """Train a fully connected layer: what was returned last, and the weight and bias afterwards."""
    model = _linear(weight, bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
    for _ in range(epochs):
        loader = _loader(kind, inputs, targets, batch_size)
        returned = student.train_one_epoch(model, loader, optimizer, LOSSES[loss]())
    return [_plain(returned), _plain(model[-1].weight), _plain(model[-1].bias)]


def returned_by_train_one_epoch(student, weight, bias, inputs, targets):
    """The very object that was returned, if it can cross."""
    model = _linear(weight, bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    return student.train_one_epoch(model, _Batches(inputs, targets, 4), optimizer, nn.CrossEntropyLoss())


class _TiringSGD(torch.optim.SGD):
    """Gradient descent whose steps become shorter, so that the next one tells how many there were."""

    def step(self, *args, **kwargs):
        result = super().step(*args, **kwargs)
        for group in self.param_groups:
            group["lr"] *= 0.75
        return result


def train_and_go_on(student, weight, bias, inputs, targets, batch_size, push):
    """The weight after an epoch, and after one more step with this gradient; the sum of all gradients that reached it, and the one left."""
    model, flow = _linear(weight, bias), np.zeros_like(weight)
    optimizer, trained = _TiringSGD(model.parameters(), lr=0.1), model[-1].weight

    def note(gradient):
        flow[...] += gradient.detach().numpy()

    trained.register_hook(note)
    student.train_one_epoch(model, _Batches(inputs, targets, batch_size), optimizer, nn.CrossEntropyLoss())
    after = _plain(trained).copy()
    left = np.zeros_like(weight) if trained.grad is None else _plain(trained.grad).copy()
    trained.grad = torch.from_numpy(push)
    optimizer.step()
    return [after, _plain(trained), flow, left]


def train_telling(student, weight, bias, inputs, targets, batch_size, factors, training):
    """The mean loss, and the weight and bias afterwards, of a network whose answers depend on its mode."""
    model = _linear(weight, bias, _Telling(factors)).train(training)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    returned = student.train_one_epoch(model, _Batches(inputs, targets, batch_size), optimizer, nn.CrossEntropyLoss())
    return [_plain(returned), _plain(model[-1].weight), _plain(model[-1].bias)]


def evaluate(student, weight, bias, inputs, targets, kind, batch_size):
    """The accuracy of a fully connected layer."""
    return _plain(student.evaluate(_linear(weight, bias), _loader(kind, inputs, targets, batch_size)))


def evaluate_and_go_on(student, weight, bias, learned, factors, inputs, targets, batch_size, training, new_inputs):
    """The accuracy of a network, and its answers to new inputs afterwards: in evaluation mode, and in the mode in which it was left.

    Args:
        learned: mean and variance of a batch normalisation, after which everything is dropped in training mode; None for
            a network without these two layers.
        factors: of a layer whose answers tell how it is called.
    """
    layers, new_inputs = [_Telling(factors)], torch.from_numpy(new_inputs)
    if learned is not None:
        normalise = nn.BatchNorm1d(inputs.shape[1], affine=False)
        normalise.running_mean.copy_(torch.from_numpy(learned[0]))
        normalise.running_var.copy_(torch.from_numpy(learned[1]))
        layers += [normalise, nn.Dropout(1.0)]
    model = _TellingWhole(*_linear(weight, bias, *layers)).train(training)
    try:
        accuracy = _plain(student.evaluate(model, _Batches(inputs, targets, batch_size)))
        return [accuracy, _plain(copy.deepcopy(model).eval()(new_inputs)), _plain(model(new_inputs))]
    finally:
        torch.set_grad_enabled(True)


# Races: a convolution and a fully connected layer on small images


def _small_network(weight, bias, filters):
    conv = nn.Conv2d(1, len(filters), 3, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(filters))
    return _linear(weight, bias, conv, nn.ReLU(), nn.MaxPool2d(2))


def training(student, filters, weight, bias, inputs, targets, batch_size):
    model = _small_network(weight, bias, filters)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    return _plain(
        student.train_one_epoch(model, _Batches(inputs, targets, batch_size), optimizer, nn.CrossEntropyLoss())
    )


def evaluation(student, filters, weight, bias, inputs, targets, batch_size):
    return _plain(student.evaluate(_small_network(weight, bias, filters), _Batches(inputs, targets, batch_size)))


# count_parameters


def count_parameters(student, kind, a, b, c):
    """The count of a network with layers of these sizes."""
    if kind == "convolutions":
        model = nn.Sequential(nn.Conv2d(a, b, (3, 5)), nn.ReLU(), nn.Conv2d(b, c, 2, bias=False))
    elif kind == "frozen":
        model = nn.Sequential(nn.Linear(a, b), nn.Sequential(nn.Linear(b, c)))
        model[0].weight.requires_grad_(False)
    elif kind == "batch normalisation":
        model = nn.Sequential(nn.Conv2d(a, b, 1), nn.BatchNorm2d(b), nn.Linear(b, c))
    else:
        model = nn.ModuleDict({"first": nn.Linear(a, b), "second": nn.Linear(a, b), "third": nn.Linear(b, c)})
        model["second"].weight = model["first"].weight
    return student.count_parameters(model)
