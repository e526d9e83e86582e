"""Right answers to "A convolutional network in PyTorch", written differently."""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score
from torch import nn

from autograder.catalogue import alternative

# SmallCNN


def _class_of(make):
    """A class of networks that put an image through the layers that `make(in_channels, num_classes)` gives."""

    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.layers = nn.Sequential(*make(in_channels, num_classes))

        def forward(self, x):
            return self.layers(x)

    return SmallCNN


def _features(channels, activation=nn.ReLU):
    """Two convolutions that make 16x2x2 of an image."""
    return [
        nn.Conv2d(channels, 8, 3, padding=1),
        activation(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        activation(),
        nn.MaxPool2d(2),
    ]


@alternative(of="SmallCNN")
def sequential(right):
    return _class_of(lambda channels, classes: [*_features(channels), nn.Flatten(), nn.Linear(64, classes)])


@alternative(of="SmallCNN")
def subclass_of_sequential(right):
    class SmallCNN(nn.Sequential):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(*_features(in_channels, nn.GELU), nn.Flatten(), nn.Linear(64, num_classes))

    return SmallCNN


@alternative(of="SmallCNN")
def batch_normalisation_and_global_average(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(32, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def batch_normalisation_of_a_hidden_layer(right):
    return _class_of(
        lambda channels, classes: [
            *_features(channels), nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(32, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def fully_convolutional(right):
    return _class_of(
        lambda channels, classes: [
            *_features(channels)[:-1], nn.Conv2d(16, classes, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def strides_for_pooling(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 3, stride=2, padding=1), nn.LeakyReLU(0.1),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.GELU(), nn.Flatten(), nn.Linear(64, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def lenet(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 3), nn.Tanh(),
            nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 84), nn.Tanh(), nn.Linear(84, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def sigmoids_inside(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 3), nn.Sigmoid(),
            nn.Flatten(), nn.Linear(64, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def very_small(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, classes)
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def overlapping_pooling(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 24, 3), nn.ReLU(), nn.MaxPool2d(3, stride=1), nn.MaxPool2d(3), nn.Flatten(),
            nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def wide_with_dropout(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
            nn.MaxPool2d(2), nn.Dropout2d(0.25), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def six_convolutions(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 16, 3, padding=1), nn.ReLU(),
            *[nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()] * 3, nn.MaxPool2d(2),
            *[nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()] * 2, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def lazy_layers(right):
    return _class_of(
        lambda channels, classes: [
            nn.LazyConv2d(8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(classes)
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def depthwise(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1, groups=8),
            nn.Conv2d(8, 16, 1), nn.ReLU(), nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(64, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def other_layers(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 3, padding="same"), nn.GroupNorm(2, 8), nn.SiLU(), nn.LPPool2d(2, 2),
            nn.Conv2d(8, 16, 3, padding=1), nn.PReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def weight_normalisation(right):
    return _class_of(
        lambda channels, classes: [
            nn.utils.parametrizations.weight_norm(nn.Conv2d(channels, 8, 3)), nn.ELU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(72, classes),
        ]
    )  # fmt: skip


@alternative(of="SmallCNN")
def log_softmax_at_the_end(right):
    """Not needed, and harmless: the cross-entropy's own softmax changes nothing then."""
    return _class_of(
        lambda channels, classes: [*_features(channels), nn.Flatten(), nn.Linear(64, classes), nn.LogSoftmax(dim=1)]
    )


@alternative(of="SmallCNN")
def last_layer_begins_at_zero(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            nn.init.zeros_(self.classifier.weight)
            nn.init.zeros_(self.classifier.bias)

    return SmallCNN


@alternative(of="SmallCNN")
def he_initialisation(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            for layer in self.children():
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    return SmallCNN


@alternative(of="SmallCNN")
def unused_layer(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            self.tried_and_left = nn.Linear(64, 64)

    return SmallCNN


@alternative(of="SmallCNN")
def module_list(right):
    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.convs = nn.ModuleList([nn.Conv2d(in_channels, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)])
            self.pool = nn.MaxPool2d(2)
            self.classifier = nn.Linear(64, num_classes)

        def forward(self, x):
            for conv in self.convs:
                x = self.pool(conv(x).clamp(min=0))
            return self.classifier(x.view(x.size(0), -1))

    return SmallCNN


@alternative(of="SmallCNN")
def parameters_of_its_own(right):
    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.filters = nn.Parameter(torch.randn(8, in_channels, 3, 3) * 0.3)
            self.bias = nn.Parameter(torch.zeros(8))
            self.weight = nn.Parameter(torch.randn(num_classes, 72) * 0.1)

        def forward(self, x):
            x = torch.relu(F.conv2d(x, self.filters, self.bias))
            x = F.max_pool2d(x, kernel_size=2, stride=2)
            return F.linear(x.reshape(len(x), -1), self.weight)

    return SmallCNN


@alternative(of="SmallCNN")
def convolution_through_unfold(right):
    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.filters = nn.Parameter(torch.randn(8, 9 * in_channels) * 0.3)
            self.classifier = nn.Linear(72, num_classes)

        def forward(self, x):
            maps = torch.where((y := self.filters @ F.unfold(x, 3)) > 0, y, 0 * y).view(len(x), 8, 6, 6)
            return self.classifier(F.max_pool2d(maps, 2).flatten(1))

    return SmallCNN


@alternative(of="SmallCNN")
def residual(right):
    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1)
            self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
            self.norm1, self.norm2 = nn.BatchNorm2d(16), nn.BatchNorm2d(16)
            self.classifier = nn.Linear(16, num_classes)

        def forward(self, x):
            x = F.relu(self.norm1(self.conv1(x)))
            x = F.relu(x + self.norm2(self.conv2(x)))
            return self.classifier(F.adaptive_avg_pool2d(x, 1).flatten(1))

    return SmallCNN


def _reducing(reduce):
    """Networks that end with one number for each map."""

    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.conv1 = nn.Conv2d(in_channels, 16, 3)
            self.conv2 = nn.Conv2d(16, 16, 3)
            self.classifier = nn.Linear(16, num_classes)

        def forward(self, x):
            return self.classifier(reduce(F.relu(self.conv2(F.relu(self.conv1(x))))))

    return SmallCNN


@alternative(of="SmallCNN")
def mean_over_each_map(right):
    return _reducing(lambda maps: maps.mean((2, 3)))


@alternative(of="SmallCNN")
def largest_of_each_map(right):
    return _reducing(lambda maps: maps.flatten(2).max(dim=2).values)


@alternative(of="SmallCNN")
def channels_last(right):
    return _reducing(lambda maps: maps.permute(0, 2, 3, 1).amax(dim=(1, 2)))


@alternative(of="SmallCNN")
def dropout_as_a_function(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1((x - 0.3) / 0.4)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
            return self.classifier(F.dropout(x, 0.2, training=self.training))

    return SmallCNN


@alternative(of="SmallCNN")
def converts_its_images(right):
    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.layers = nn.Sequential(*_features(in_channels), nn.Flatten(), nn.Linear(64, num_classes))

        def forward(self, x):
            x = x.to(device=next(self.parameters()).device, dtype=torch.float32)
            return self.layers(x).float()

    return SmallCNN


# load_numpy_conv


def _check(conv, weight, bias):
    if weight.shape != conv.weight.shape or (bias is not None and bias.shape != conv.bias.shape):
        raise ValueError("wrong shape")


@alternative(of="load_numpy_conv")
def fill_data(right, conv, weight, bias):
    _check(conv, weight, bias)
    conv.weight.data.copy_(torch.from_numpy(weight))
    if bias is not None:
        conv.bias.data.copy_(torch.from_numpy(bias))


@alternative(of="load_numpy_conv")
def give_new_data(right, conv, weight, bias):
    _check(conv, weight, bias)
    conv.weight.data = torch.tensor(weight, dtype=conv.weight.dtype)
    if bias is not None:
        conv.bias.data = torch.tensor(bias, dtype=conv.bias.dtype)


@alternative(of="load_numpy_conv")
@torch.no_grad()
def assign_to_all_elements(right, conv, weight, bias):
    _check(conv, weight, bias)
    conv.weight[:] = torch.as_tensor(weight)
    if bias is not None:
        conv.bias[...] = torch.as_tensor(bias)


@alternative(of="load_numpy_conv")
def load_a_state_dict(right, conv, weight, bias):
    _check(conv, weight, bias)
    state = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    conv.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})


@alternative(of="load_numpy_conv")
def state_dict_that_checks(right, conv, weight, bias):
    state = {"weight": torch.from_numpy(weight)} | ({} if bias is None else {"bias": torch.from_numpy(bias)})
    if {name: value.shape for name, value in state.items()} != {name: v.shape for name, v in conv.state_dict().items()}:
        raise ValueError("wrong shape")
    conv.load_state_dict(state)


@alternative(of="load_numpy_conv")
def write_through_numpy(right, conv, weight, bias):
    """The layer's memory seen as an array, and filled there."""
    _check(conv, weight, bias)
    conv.weight.detach().numpy()[...] = weight
    if bias is not None:
        conv.bias.detach().numpy()[...] = bias


@alternative(of="load_numpy_conv")
def number_by_number(right, conv, weight, bias):
    _check(conv, weight, bias)
    with torch.no_grad():
        for index in np.ndindex(weight.shape):
            conv.weight[index] = weight[index]
        for i in range(0 if bias is None else len(bias)):
            conv.bias[i] = bias[i]


@alternative(of="load_numpy_conv")
def gradients_switched_by_hand(right, conv, weight, bias):
    _check(conv, weight, bias)
    for parameter, array in zip(conv.parameters(), (weight, bias), strict=False):
        parameter.requires_grad = False
        parameter.copy_(torch.from_numpy(array))
        parameter.requires_grad = True


@alternative(of="load_numpy_conv")
def own_kind_of_value_error(right, conv, weight, bias):
    class ShapeError(ValueError):
        pass

    try:
        _check(conv, weight, bias)
    except ValueError as error:
        raise ShapeError("wrong shape") from error
    right.load_numpy_conv(conv, weight, bias)


# train_one_epoch


@alternative(of="train_one_epoch")
def cleared_first(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * inputs.size(0)
        samples += inputs.size(0)
    return total / samples


@alternative(of="train_one_epoch")
def cleared_after_the_step(right, model, loader, optimizer, loss_fn):
    """The order of PyTorch's quickstart tutorial."""
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item() * len(inputs)
        samples += len(inputs)
    return total / samples


@alternative(of="train_one_epoch")
def cleared_by_the_model(right, model, loader, optimizer, loss_fn):
    model.train(True)
    losses, sizes = [], []
    for _, (inputs, targets) in enumerate(loader):
        model.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return np.average(losses, weights=sizes)


@alternative(of="train_one_epoch")
def cleared_with_zeros(right, model, loader, optimizer, loss_fn):
    device = next(model.parameters()).device
    model.to(device).train()
    total, samples = torch.zeros((), dtype=torch.float64), 0
    for batch in loader:
        inputs, targets = (part.to(device) for part in batch)
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.detach() * targets.shape[0]
        samples += targets.shape[0]
    return (total / samples).item()


@alternative(of="train_one_epoch")
def cleared_parameter_by_parameter(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0, 0
    with torch.enable_grad():
        for inputs, targets in loader:
            for parameter in model.parameters():
                parameter.grad = None
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(targets)
            samples += len(targets)
    return total / samples


@alternative(of="train_one_epoch")
def with_a_closure(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:

        def closure(inputs=inputs, targets=targets):
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            return loss

        total += optimizer.step(closure).item() * len(targets)
        samples += len(targets)
    return total / samples


@alternative(of="train_one_epoch")
def with_clipping(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1e9)
        optimizer.step()
        total += loss.detach().numpy() * len(targets)
        samples += len(targets)
    return float(total / samples)


@alternative(of="train_one_epoch")
def one_batch_is_a_function(right, model, loader, optimizer, loss_fn):
    def learn(inputs, targets):
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return np.array([loss.item() * len(targets), len(targets)])

    model.train()
    total, samples = sum(learn(*batch) for batch in loader)
    return total / samples


@alternative(of="train_one_epoch")
def an_object_that_is_called(right):
    class Trainer:
        def __call__(self, model, loader, optimizer, loss_fn):
            return right.train_one_epoch(model, loader, optimizer, loss_fn)

    return Trainer()


@alternative(of="train_one_epoch")
def as_in_cs231n(right, model, loader, optimizer, loss_fn):
    """CS231n's template, which converts whatever comes, and counts right answers while it trains."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device=device)
    total, correct, samples = 0.0, 0, 0
    for t, (x, y) in enumerate(loader):
        model.train()
        x = x.to(device=device, dtype=torch.float32)
        y = y.to(device=device, dtype=torch.long)
        scores = model(x)
        loss = loss_fn(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        correct += (scores.argmax(1) == y).sum()
        samples += x.size(0)
        total += loss.item() * x.size(0)
        if t % 100 == 0:
            print(f"Iteration {t}, loss = {loss.item():.4f}, accuracy = {correct.item() / samples:.2%}")
    return total / samples


@alternative(of="train_one_epoch")
def on_the_gpu_if_there_is_one(right, model, loader, optimizer, loss_fn):
    if torch.cuda.is_available():
        model = model.cuda()
    model.train(True)
    losses, sizes, correct = [], [], 0
    for batch in loader:
        images, labels = batch
        if torch.cuda.is_available():
            images, labels = images.cuda(), labels.cuda()
        optimizer.zero_grad(set_to_none=False)
        with torch.set_grad_enabled(True):
            outputs = model(images)
            _, predicted = torch.max(outputs, 1)
            loss = loss_fn(outputs, labels)
            loss.backward()
            optimizer.step()
        losses.append(loss.detach())
        sizes.append(len(labels))
        correct += torch.sum(predicted == labels.data).double()
    return float((torch.stack(losses) * torch.tensor(sizes)).sum() / sum(sizes))


@alternative(of="train_one_epoch")
def everything_in_float32(right, model, loader, optimizer, loss_fn):
    model.float().train()
    total, samples = np.float32(0), 0
    for x, y in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_fn(model(x.float()), y.type(torch.LongTensor))
        loss.backward()
        optimizer.step()
        total += np.float32(loss.item()) * np.float32(y.shape[0])
        samples += y.shape[0]
    return total / np.float32(samples)


@alternative(of="train_one_epoch", slow=True)
def sample_by_sample(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(torch.cat([model(one[None]) for one in inputs]), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        samples += len(targets)
    return total / samples


@alternative(of="train_one_epoch", slow=True)
def loss_sample_by_sample(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        losses = [loss_fn(model(inputs[i : i + 1]), targets[i : i + 1]) for i in range(len(targets))]
        loss = torch.stack(losses).mean()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        samples += len(targets)
    return total / samples


# evaluate


@alternative(of="evaluate")
def with_inference_mode(right, model, loader):
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        pairs = [(model(inputs).argmax(1), targets) for inputs, targets in loader]
    model.train(was_training)
    return sum(int((classes == targets).sum()) for classes, targets in pairs) / sum(len(t) for _, t in pairs)


@alternative(of="evaluate")
def decorated(right, model, loader):
    @torch.no_grad()
    def measure():
        right_answers, samples = 0, 0
        for inputs, targets in loader:
            _, classes = torch.max(model(inputs).data, 1)
            right_answers += torch.eq(classes, targets).sum()
            samples += targets.size(0)
        return (right_answers / samples).item()

    mode = model.training
    model.eval()
    accuracy = measure()
    model.train() if mode else model.eval()
    return accuracy


@alternative(of="evaluate")
def restored_whatever_happens(right, model, loader):
    was_training = model.training
    model.eval()
    try:
        with torch.set_grad_enabled(False):
            right_answers = torch.cat([model(inputs).softmax(1).argmax(-1) == targets for inputs, targets in loader])
            return right_answers.double().mean().item()
    finally:
        model.train(was_training)


@alternative(of="evaluate")
def mode_of_each_layer(right, model, loader):
    modes = [module.training for module in model.modules()]
    model.eval()
    with torch.no_grad():
        classes, wanted = zip(*[(model(inputs).numpy().argmax(axis=1), t.numpy()) for inputs, t in loader], strict=True)
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return np.mean(np.concatenate(classes) == np.concatenate(wanted))


@alternative(of="evaluate")
def with_scikit_learn(right, model, loader):
    was_training = model.training
    model.eval()
    classes, wanted = [], []
    with torch.no_grad():
        for inputs, targets in loader:
            classes += model(inputs).argmax(dim=1).tolist()
            wanted += targets.tolist()
    model.train(was_training)
    return accuracy_score(wanted, classes)


@alternative(of="evaluate")
def gradients_switched_and_back(right, model, loader):
    was_training, had_gradients = model.training, torch.is_grad_enabled()
    model.train(False)
    torch.set_grad_enabled(False)
    batches = [(model(inputs).topk(1).indices[:, 0] == targets).float() for inputs, targets in loader]
    torch.set_grad_enabled(had_gradients)
    model.train(was_training)
    return float(sum(batch.sum() for batch in batches) / sum(map(len, batches)))


@alternative(of="evaluate")
def tensor_of_one_number(right, model, loader):
    return torch.tensor(right.evaluate(model, loader), dtype=torch.float64)


@alternative(of="evaluate")
def wrapped(right):
    def keep_mode(function):
        @functools.wraps(function)
        def wrapper(model, *args):
            was_training = model.training
            try:
                return function(model.eval(), *args)
            finally:
                model.train(was_training)

        return wrapper

    @keep_mode
    @torch.no_grad()
    def evaluate(model, loader):
        wrong, samples = 0, 0
        for inputs, targets in loader:
            wrong += torch.count_nonzero(model(inputs).argmax(1) - targets).item()
            samples += targets.numel()
        return 1 - wrong / samples

    return evaluate


@alternative(of="evaluate")
def as_in_cs231n_check_accuracy(right, model, loader):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    num_correct, num_samples, mode = 0, 0, model.training
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            x = x.to(device=device, dtype=torch.float32)
            y = y.to(device=device, dtype=torch.long)
            _, predictions = model(x).max(1)
            num_correct += (predictions == y).sum()
            num_samples += predictions.size(0)
    print(f"Got {num_correct} / {num_samples} correct")
    model.train(mode)
    return float(num_correct) / num_samples


@alternative(of="evaluate", slow=True)
def measured_sample_by_sample(right, model, loader):
    was_training = model.training
    model.eval()
    right_answers, samples = 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            for i in range(len(targets)):
                right_answers += int(model(inputs[i : i + 1]).argmax() == targets[i])
                samples += 1
    model.train(was_training)
    return right_answers / samples


# count_parameters


@alternative(of="count_parameters")
def products_of_shapes(right, model):
    return int(sum(np.prod(parameter.shape) for parameter in model.parameters() if parameter.requires_grad))


@alternative(of="count_parameters")
def numpy_integer(right, model):
    return np.sum([parameter.numel() for parameter in model.parameters() if parameter.requires_grad])


@alternative(of="count_parameters")
def filtered(right, model):
    return sum(map(torch.numel, filter(lambda parameter: parameter.requires_grad, model.parameters())))


@alternative(of="count_parameters")
def loop_over_names(right, model):
    count = 0
    for _, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        count += len(parameter.flatten())
    return count


@alternative(of="count_parameters")
def module_by_module(right, model):
    seen = {}
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            seen[id(parameter)] = parameter.nelement() if parameter.requires_grad else 0
    return sum(seen.values())


@alternative(of="count_parameters")
def one_long_vector(right, model):
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return nn.utils.parameters_to_vector(trainable).numel()


@alternative(of="count_parameters")
def a_counter(right):
    class Counter:
        def __call__(self, model):
            return right.count_parameters(model)

    return Counter()
