"""Runs in the sandbox beside student code: makes networks, trains and measures them, and says what it saw. It knows no answers."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, TensorDataset

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


def _network(student, seed, noise=0.0, in_channels=1, num_classes=10):
    """The student's network in evaluation mode. With noise, no weight is left at a special value such as 0."""
    torch.manual_seed(seed)
    model = student.SmallCNN(in_channels, num_classes).eval()
    with torch.no_grad():
        if any(isinstance(parameter, nn.UninitializedParameter) for parameter in model.parameters()):
            model(torch.zeros(2, in_channels, 8, 8))  # lazy layers get their weights now
        for parameter in model.parameters():
            parameter += noise * torch.randn(parameter.shape)
    return model


def logits(student, seed, noise, images, num_classes, in_channels=None):
    """What the network answers; made for as many channels as the images have, if nothing else is said."""
    model = _network(student, seed, noise, in_channels or images.shape[1], num_classes)
    return _plain(model(torch.from_numpy(images)))


def logits_by_default(student, images):
    """The same of a network that was given no arguments."""
    model = student.SmallCNN().eval()
    with torch.no_grad():
        return _plain(model(torch.from_numpy(images)))


def logits_by_keyword(student, images, num_classes):
    torch.manual_seed(0)
    model = student.SmallCNN(num_classes=num_classes, in_channels=images.shape[1]).eval()
    return _plain(model(torch.from_numpy(images)))


def together_and_alone(student, seed, noise, images):
    """Logits of a batch, of the batch again, of its images one by one, and of the batch in reverse, turned back."""
    model, batch = _network(student, seed, noise), torch.from_numpy(images)
    with torch.no_grad():
        alone = torch.cat([model(image[None]) for image in batch])
        return [_plain(answer) for answer in (model(batch), model(batch), alone, model(batch.flip(0)).flip(0))]


class _AveragesForMaxima(TorchFunctionMode):
    """Max pooling becomes average pooling, which is linear."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(function, "__name__", "")
        if name == "max_pool2d":
            return self._pool(*args, **kwargs)
        if name == "adaptive_max_pool2d":
            return F.adaptive_avg_pool2d(args[0], args[1] if len(args) > 1 else kwargs["output_size"])
        if name == "amax":
            return torch.mean(*args, **kwargs)
        return function(*args, **kwargs)

    @staticmethod
    def _pool(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode)


def opposite_inputs(student, seed, noise, images):
    """Logits of x, of -x and of 0, with averages in place of maxima."""
    model, x = _network(student, seed, noise), torch.from_numpy(images)
    with torch.no_grad(), _AveragesForMaxima():
        return [_plain(model(x)), _plain(model(-x)), _plain(model(torch.zeros_like(x)))]


class _Operations(TorchFunctionMode):
    """Notes every operation on tensors: name, shapes of what goes in, shape of what comes out, and whose the weights are."""

    def __init__(self, model):
        super().__init__()
        self.parameters, self.buffers = list(model.parameters()), list(model.buffers())
        self.seen = []
        self.used = []
        """Those of the module's parameters that take part."""
        self.foreign = []
        """Trainable tensors that the module does not know."""
        self.constant = []
        """Weights of layers that the module does not know and that cannot be trained."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "")
        tensors = [value for value in (*args, *(kwargs or {}).values()) if isinstance(value, torch.Tensor)]
        for position, tensor in enumerate(tensors):
            if _among(tensor, self.parameters):
                self.used += [] if _among(tensor, self.used) else [tensor]
            elif tensor.is_leaf and tensor.requires_grad:
                self.foreign += [] if _among(tensor, self.foreign) else [tensor]
            elif tensor.is_leaf and position == 1 and name in ("conv2d", "linear") and not _among(tensor, self.buffers):
                self.constant += [] if _among(tensor, self.constant) else [tensor]
        first = result[0] if isinstance(result, tuple) and result else result  # max gives values and indices
        if isinstance(first, torch.Tensor) and tensors:
            shapes = [list(tensor.shape) for tensor in tensors[:2]]
            self.seen.append([name, shapes, list(first.shape)])
        return result


def _among(tensor, tensors):
    return any(tensor is other for other in tensors)


def operations(student, images):
    """What the forward pass does, step by step."""
    model = _network(student, 0)
    with _Operations(model) as recorder:
        model(torch.from_numpy(images))
    return recorder.seen[:500]


def weights_in_use(student, images):
    """Logits; how many weights the forward pass uses that are not the module's, and how many that no gradient reaches."""
    model = _network(student, 0, 0.1)
    with _Operations(model) as recorder:
        answer = model(torch.from_numpy(images))
    with _Operations(model) as again:
        model(torch.from_numpy(images))
    if isinstance(answer, torch.Tensor) and answer.requires_grad:
        (answer * torch.randn(answer.shape)).sum().backward()
    facts = {
        "foreign": len(recorder.foreign),
        "made anew": len([tensor for tensor in again.foreign if not _among(tensor, recorder.foreign)]),
        "constant": len(recorder.constant),
        "frozen": len([tensor for tensor in recorder.used if not tensor.requires_grad]),
        "not reached": len([tensor for tensor in recorder.used if tensor.requires_grad and tensor.grad is None]),
    }
    return [_plain(answer), facts]


def first_filters(student):
    """The weights of an untrained network's convolutions, a filter in each row."""
    layers = [module for module in _network(student, 0).modules() if isinstance(module, nn.Conv2d)]
    return [_plain(layer.weight.flatten(1)) for layer in layers]


def _train(model, images, labels, learning_rate, batch_size, steps, enough):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for step in range(steps):
        if step % 20 == 0 and enough(model.eval()):
            break
        model.train()
        batch = torch.randperm(len(images))[:batch_size]
        optimizer.zero_grad()
        F.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
    return model.eval()


def learned_by_heart(student, seed, learning_rate, images, labels, goal):
    """Logits of a few images after training on them, until all are right or the loss is small, at most 400 steps."""
    model, images, labels = _network(student, seed), torch.from_numpy(images), torch.from_numpy(labels)

    def enough(model):
        with torch.no_grad():
            logits = model(images)
            return (logits.argmax(1) == labels).all() if goal == "all right" else F.cross_entropy(logits, labels) < 0.9

    return _plain(_train(model, images, labels, learning_rate, len(images), 400, enough)(images))


def predictions(student, seed, learning_rate, images, labels, new_images):
    """Classes of new images after training with batches of 64, until most of a part of the images is known, at most 200 steps."""
    model = _network(student, seed)
    images, labels = torch.from_numpy(images), torch.from_numpy(labels)

    def enough(model):
        with torch.no_grad():
            return (model(images[:256]).argmax(1) == labels[:256]).float().mean() > 0.8

    _train(model, images, labels, learning_rate, 64, 200, enough)
    return _plain(model(torch.from_numpy(new_images)).argmax(1))


# load_numpy_conv


def _conv(weight, bias, stride=1, padding=0, dtype=torch.float64):
    torch.manual_seed(0)
    filters, channels, *kernel_size = weight.shape
    return nn.Conv2d(channels, filters, kernel_size, stride, padding, bias=bias is not None, dtype=dtype)


def loaded_conv(student, weight, bias, stride, padding, images):
    conv = _conv(weight, bias, stride, padding)
    student.load_numpy_conv(conv, weight, bias)
    return _plain(conv(torch.from_numpy(images)))


def loaded_parameters(student, weight, bias):
    """A float32 layer's weight and bias, and what became of its parameters."""
    conv = _conv(weight, bias, dtype=torch.float32)
    before = list(conv.parameters())
    student.load_numpy_conv(conv, weight, bias)
    after = list(conv.parameters())
    facts = {
        "same": len(before) == len(after) and all(one is other for one, other in zip(before, after, strict=True)),
        "float32": all(parameter.dtype == torch.float32 for parameter in after),
        "learns": all(parameter.requires_grad and parameter.is_leaf for parameter in after),
    }
    return [_plain(conv.weight), _plain(conv.bias), facts]


def loaded_and_changed(student, weight, bias):
    """The layer's weight and bias after the arrays changed, and the arrays after the layer did."""
    conv = _conv(weight, bias)
    student.load_numpy_conv(conv, weight, bias)
    weight += 1
    bias += 1
    layer = [_plain(conv.weight).copy(), _plain(conv.bias).copy()]
    with torch.no_grad():
        conv.weight.zero_()
        conv.bias.zero_()
    return [*layer, weight, bias]


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


class _Observer(nn.Module):
    """A layer that passes everything on and notes in which mode it was called."""

    def __init__(self):
        super().__init__()
        self.training_modes = []
        self.gradients_on = []

    def forward(self, x):
        self.training_modes.append(self.training)
        self.gradients_on.append(torch.is_grad_enabled())
        return x


def _linear(weight, bias, *before):
    """Layers, then a fully connected one with these weights, in float64."""
    linear = nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weight))
        linear.bias.copy_(torch.from_numpy(bias))
    return nn.Sequential(*before, nn.Flatten(), linear)


LOSSES = {"mean squared error": nn.MSELoss, "cross-entropy": nn.CrossEntropyLoss, "mean absolute error": nn.L1Loss}


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
    return student.train_one_epoch(model, _Batches(inputs, targets, 4), optimizer, nn.MSELoss())


class _NotingSGD(torch.optim.SGD):
    """Gradient descent that notes when it is called."""

    def __init__(self, parameters, diary):
        super().__init__(parameters, lr=0.01)
        self.diary = diary

    def step(self, *args, **kwargs):
        result = super().step(*args, **kwargs)
        self.diary.append("step")
        return result

    def zero_grad(self, *args, **kwargs):
        self.diary.append("zero_grad")
        super().zero_grad(*args, **kwargs)


def order_of_steps(student, weight, bias, inputs, targets, batch_size):
    """Which of backward, step and zero_grad were called, in order, and whether the weight changed at all."""
    diary = []
    model = _linear(weight, bias)

    def loss_fn(predictions, targets):
        loss = F.mse_loss(predictions, targets)
        if loss.requires_grad:
            loss.register_hook(lambda gradient: diary.append("backward"))
        return loss

    student.train_one_epoch(
        model, _Batches(inputs, targets, batch_size), _NotingSGD(model.parameters(), diary), loss_fn
    )
    return [diary[:1000], not np.array_equal(_plain(model[-1].weight), weight)]


def modes_in_training(student, weight, bias, inputs, targets, batch_size, training):
    """The mode of the model at each batch, if it arrives in training mode or not."""
    observer = _Observer()
    model = _linear(weight, bias, observer).train(training)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    student.train_one_epoch(model, _Batches(inputs, targets, batch_size), optimizer, nn.MSELoss())
    return observer.training_modes


def evaluate(student, weight, bias, inputs, targets, kind, batch_size):
    """The accuracy of a fully connected layer."""
    return _plain(student.evaluate(_linear(weight, bias), _loader(kind, inputs, targets, batch_size)))


def evaluate_with_observer(student, weight, bias, mean, variance, inputs, targets, batch_size, training):
    """The accuracy of a network with batch normalisation and dropout, its numbers afterwards, and what was seen meanwhile."""
    torch.manual_seed(0)
    observer, normalise = _Observer(), nn.BatchNorm1d(len(mean), affine=False, dtype=torch.float64)
    normalise.running_mean.copy_(torch.from_numpy(mean))
    normalise.running_var.copy_(torch.from_numpy(variance))
    model = _linear(weight, bias, observer, normalise, nn.Dropout(0.5)).train(training)
    try:
        accuracy = _plain(student.evaluate(model, _Batches(inputs, targets, batch_size)))
        gradients_on_afterwards = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    numbers = [normalise.running_mean, normalise.running_var, model[-1].weight, model[-1].bias]
    facts = {
        "training_modes": observer.training_modes,
        "gradients_on": observer.gradients_on,
        "gradients_on_afterwards": gradients_on_afterwards,
        "training_afterwards": [module.training for module in model.modules()],
    }
    return [accuracy, *map(_plain, numbers), facts]


# Races: a convolution and a fully connected layer on small images, in float64


def _small_network(weight, bias, filters):
    conv = nn.Conv2d(1, len(filters), 3, bias=False, dtype=torch.float64)
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
