"""A network as data: what is traced is what the module does, and a hostile graph can only be refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from autograder.examine.graph import OPERATIONS, Reference, read_graph  # noqa: E402
from autograder.examine.network import CannotRun, Network, Step  # noqa: E402
from autograder.sandbox import interpreter, wire  # noqa: E402
from autograder.sandbox.tracing import CannotFollow, trace  # noqa: E402
from autograder.testing import Mismatch  # noqa: E402


def perform(task: str, *args: Any) -> Any:
    """What a clean process does, data in and data out, without the process."""
    given = wire.decode(wire.encode(args))
    try:
        return wire.decode(wire.encode(getattr(interpreter, task)(None, *given)))
    except Exception as error:
        raise CannotRun(f"{type(error).__name__}: {error}") from error


def crossed(model: nn.Module, *inputs: torch.Tensor, chance: int = 0) -> Network:
    torch.manual_seed(chance)
    return Network.read(wire.decode(wire.encode(trace(model, *inputs))), perform)


class Own(nn.Module):
    """A network whose forward is a function."""

    def __init__(self, forward: Callable[[Any, torch.Tensor], Any], **parts: Any) -> None:
        super().__init__()
        self.function = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(self, x)


def conv(filters: int = 4, **options: Any) -> nn.Conv2d:
    return nn.Conv2d(1, filters, 3, **options)


def linear(features: int) -> nn.Linear:
    return nn.Linear(features, 10)


def convolution_by_loops(self: Any, x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros(len(x), 4, 6, 6)
    for i in range(6):
        for j in range(6):
            out[:, :, i, j] = torch.einsum("nchw,fchw->nf", x[:, :, i : i + 3, j : j + 3], self.weight) + self.bias
    return self.last(F.relu(out).flatten(1))  # type: ignore[no-any-return]


def convolution_of_windows(self: Any, x: torch.Tensor) -> torch.Tensor:
    windows = x.unfold(2, 3, 1).unfold(3, 3, 1)
    maps = torch.tensordot(windows, self.weight, dims=([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2)
    return self.last(torch.maximum(maps, torch.zeros(())).flatten(1))  # type: ignore[no-any-return]


def in_place(self: Any, x: torch.Tensor) -> torch.Tensor:
    x = x.clone()
    x -= 0.5
    maps = self.first(x)
    maps.clamp_(min=0)
    maps[:, 0] += 1
    maps[maps > 2] = 2
    return self.last(maps.flatten(1))  # type: ignore[no-any-return]


class OwnReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return gradient * (x > 0)


def weight() -> nn.Parameter:
    return nn.Parameter(torch.randn(4, 1, 3, 3))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "layers": lambda: nn.Sequential(conv(), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), linear(36)),
    "in place": lambda: Own(in_place, first=conv(), last=linear(144)),
    "layers in place": lambda: nn.Sequential(conv(), nn.ReLU(inplace=True), nn.BatchNorm2d(4), nn.Flatten(), linear(144)),
    "dropout": lambda: nn.Sequential(conv(), nn.Dropout2d(0.2), nn.Flatten(), nn.Dropout(0.2), linear(144)),
    "normalisations": lambda: nn.Sequential(
        conv(), nn.InstanceNorm2d(4, affine=True), nn.GroupNorm(2, 4), nn.Flatten(), nn.LayerNorm(144), linear(144)
    ),
    "spectral normalisation": lambda: nn.Sequential(
        nn.utils.parametrizations.spectral_norm(conv()), nn.SiLU(), nn.Flatten(), linear(144)
    ),
    "paddings": lambda: nn.Sequential(
        nn.ReflectionPad2d(1), conv(padding=1, padding_mode="circular"), nn.ZeroPad2d(1), nn.AdaptiveAvgPool2d(3),
        nn.Flatten(), linear(36),
    ),
    "transposed, grouped": lambda: nn.Sequential(
        conv(stride=2), nn.ConvTranspose2d(4, 4, 3, groups=2), nn.PReLU(4), nn.Flatten(), linear(100)
    ),
    "channels last": lambda: nn.Sequential(conv(), nn.GELU(), nn.Flatten(), linear(144)).to(
        memory_format=torch.channels_last
    ),
    "loops": lambda: Own(convolution_by_loops, weight=weight(), bias=nn.Parameter(torch.zeros(4)), last=linear(144)),
    "windows": lambda: Own(convolution_of_windows, weight=weight(), last=linear(144)),
    "attention": lambda: Own(
        lambda self, x: self.last(self.attend(*[self.first(x).flatten(2).transpose(1, 2)] * 3)[0].mean(1)),
        first=conv(8), attend=nn.MultiheadAttention(8, 2, batch_first=True), last=linear(8),
    ),
    "noise in training": lambda: Own(
        lambda self, x: self.last((self.first(x) + self.training * torch.randn(x.shape[0], 4, 6, 6)).flatten(1)),
        first=conv(), last=linear(144),
    ),
    "own autograd.Function": lambda: Own(
        lambda self, x: self.last(OwnReLU.apply(self.first(x)).flatten(1)), first=conv(), last=linear(144)
    ),
    "float64": lambda: Own(
        lambda self, x: self.last(self.first(x.double()).flatten(1)).float(),
        first=conv().double(), last=linear(144).double(),
    ),
    "scripted": lambda: torch.jit.script(nn.Sequential(conv(), nn.ReLU(), nn.Flatten(), linear(144))),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch.jit
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_answers_other_images_as_the_module_does(name: str, training: bool) -> None:
    torch.manual_seed(1)
    model = NETWORKS[name]().train(training)
    images = torch.rand(8, 1, 8, 8)
    network = crossed(model, torch.rand(8, 1, 8, 8), chance=2)
    for buffer, before in zip(model.buffers(), network.graph.buffers, strict=True):
        buffer.copy_(torch.from_numpy(before.value))
    torch.manual_seed(3)
    expected = model(images)
    np.testing.assert_allclose(network.run(images.numpy(), chance=3), expected.detach().numpy(), rtol=0, atol=1e-6)
    assert not any(one.learns for one in network.graph.constants)
    assert network.used("parameter") == list(range(len(list(model.parameters()))))
    assert min(network.gradients(images.numpy(), chance=3)) > 0


def test_gradients_are_those_of_the_module_with_other_weights() -> None:
    model = NETWORKS["layers"]()
    network = crossed(model, torch.rand(4, 1, 8, 8))
    assert [one.name for one in network.parameters] == [name for name, _ in model.named_parameters()]
    shut = network.with_weights([np.zeros_like(one) if one.ndim == 4 else one for one in network.weights])
    images = np.random.default_rng(0).uniform(size=(4, 1, 8, 8)).astype(np.float32)
    assert np.ptp(shut.run(images), axis=0).max() == 0
    assert np.ptp(network.run(images), axis=0).max() > 0


@pytest.mark.parametrize(
    "cut",
    [
        lambda self, x: self.last(self.first(x).detach().flatten(1)),
        lambda self, x: self.last(self.first(x).data.flatten(1)),
        lambda self, x: self.last(torch.no_grad()(self.first)(x).flatten(1)),
        lambda self, x: self.last(F.conv2d(x, self.first.weight.data, self.first.bias.data).flatten(1)),
    ],
    ids=["detach", "data", "no_grad", "data of a weight"],
)
def test_history_that_forward_cuts_off_is_cut_off(cut: Callable[[Any, torch.Tensor], Any]) -> None:
    network = crossed(Own(cut, first=conv(), last=linear(144)), torch.rand(4, 1, 8, 8))
    gradients = network.gradients(np.ones((4, 1, 8, 8), np.float32))
    assert [one > 0 for one in gradients] == [False, False, True, True]
    assert network.used("parameter") == [0, 1, 2, 3]


def test_tensors_that_the_module_does_not_know_are_constants() -> None:
    layer, plain = conv(), torch.randn(4, 1, 3, 3)
    model = Own(
        lambda self, x: self.last(torch.cat([self.layers[0](x), F.conv2d(x, self.plain[0])], 1).flatten(1)),
        layers=[layer], plain=[plain], last=linear(288),
    )  # fmt: skip
    network = crossed(model, torch.rand(2, 1, 8, 8))
    assert [(one.shape, one.learns) for one in network.graph.constants] == [
        ((4, 1, 3, 3), True), ((4,), True), ((4, 1, 3, 3), False)
    ]  # fmt: skip
    assert network.used("constant") == [0, 1, 2]


def test_numbers_that_leave_the_tensors_are_noted() -> None:
    model = Own(lambda self, x: self.last(torch.tensor(self.first(x).detach().numpy()).flatten(1)), first=conv(), last=linear(144))  # fmt: skip
    network = crossed(model, torch.rand(2, 1, 8, 8))
    assert network.graph.taken_out == [".numpy()"]
    images = torch.rand(2, 1, 8, 8)
    assert not np.allclose(network.run(images.numpy()), model(images).detach().numpy())


def test_complex_numbers_cannot_be_followed() -> None:
    with pytest.raises(CannotFollow, match="complex"):
        trace(Own(lambda self, x: torch.fft.fft2(x).real), torch.rand(2, 1, 8, 8))


def test_what_is_random_follows_the_chance() -> None:
    network = crossed(NETWORKS["dropout"]().train(), torch.rand(4, 1, 8, 8))
    images = np.ones((4, 1, 8, 8), np.float32)
    assert np.array_equal(network.run(images, chance=1), network.run(images, chance=1))
    assert not np.array_equal(network.run(images, chance=1), network.run(images, chance=2))


def test_steps_and_sizes_of_a_network_on_the_meta_device() -> None:
    with torch.device("meta"):
        model = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2, groups=2), nn.AdaptiveAvgPool2d(6), nn.Flatten(), nn.Linear(6912, 4096),
        )  # fmt: skip
        network = crossed(model, torch.empty(2, 3, 224, 224))
    steps = [step for step in network.steps() if step.macs]
    assert [(step.operation, step.outputs, step.macs) for step in steps] == [
        ("convolution", [(2, 64, 55, 55)], 2 * 55 * 55 * 64 * 3 * 11 * 11),
        ("convolution", [(2, 192, 27, 27)], 2 * 27 * 27 * 192 * 32 * 5 * 5),
        ("addmm", [(2, 4096)], 2 * 6912 * 4096),
    ]
    assert sum(int(np.prod(one.shape)) for one in network.parameters) == sum(p.numel() for p in model.parameters())
    with pytest.raises(Mismatch, match="meta device"):
        network.run(np.zeros((2, 3, 224, 224), np.float32))


def test_steps_that_the_answer_does_not_depend_on_are_left_out() -> None:
    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        self.unused(x)
        return self.last(x.flatten(1))  # type: ignore[no-any-return]

    network = crossed(Own(forward, unused=conv(), last=linear(64)), torch.rand(2, 1, 8, 8))
    assert [step.operation for step in network.steps()] == ["view", "t", "addmm"]
    assert network.used("parameter") == [2, 3]


def test_a_network_learns_from_its_graphs() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(conv(8), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.1), nn.Flatten(), linear(288))
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(16, 1, 8, 8)).astype(np.float32)
    labels = rng.integers(10, size=16)
    training = crossed(model.train(), torch.rand(16, 1, 8, 8))
    made = crossed(model.eval(), torch.rand(16, 1, 8, 8))
    batches = np.tile(np.arange(16), (200, 1))
    learned = made.trained(training, images, labels, batches, 0.005, accuracy=1.0, first=16)
    assert (learned.run(images).argmax(1) == labels).all()
    assert not np.array_equal(learned.graph.buffers[0].value, made.graph.buffers[0].value)
    assert learned.graph.buffers[2].value > 0  # batches that were seen
    frozen = crossed(model.requires_grad_(False), torch.rand(16, 1, 8, 8))
    with pytest.raises(Mismatch, match="no parameters that can be trained"):
        frozen.trained(frozen, images, labels, batches, 0.005, accuracy=1.0, first=16)


def test_networks_that_answer_with_no_tensor() -> None:
    nothing = crossed(Own(lambda self, x: None), torch.rand(2, 1, 8, 8))
    assert nothing.run(np.zeros((2, 1, 8, 8), np.float32)) is None
    assert nothing.steps() == []
    pair = crossed(Own(lambda self, x: (x, x)), torch.rand(2, 1, 8, 8))
    assert pair.run(np.zeros((2, 1, 8, 8), np.float32)) == wire.Opaque("tuple")
    with pytest.raises(Mismatch, match="no tensor"):
        pair.trained(pair, *[np.zeros(1)] * 3, 0.1, accuracy=1.0, first=1)


# Graphs that no module makes

IMAGES = np.random.default_rng(0).uniform(size=(2, 1, 8, 8)).astype(np.float32)
X, LAST = {"input": 0}, {"node": 0, "part": 0}


def graph(*nodes: Any, output: Any = LAST, **rest: Any) -> dict[str, Any]:
    """A graph with one filter as its parameter."""
    filters = np.ones((1, 1, 3, 3), np.float32)
    return {
        "inputs": [[[2, 1, 8, 8], "float32"]],
        "parameters": [["w", [1, 1, 3, 3], "float32", True, filters]],
        "buffers": [],
        "constants": [],
        "nodes": [list(node) for node in nodes],
        "output": output,
        "taken_out": [],
    } | rest


def step(operation: str, *args: Any, **kwargs: Any) -> list[Any]:
    return [operation, list(args), kwargs, True, []]


HOSTILE = {
    "not a dict": [1],
    "nothing in it": {},
    "a list that is a tuple": graph(step("relu.default", X)) | {"nodes": ()},
    "a loop": graph(step("relu.default", LAST)),
    "a tensor that comes later": graph(step("relu.default", {"node": 1, "part": 0}), step("relu.default", X)),
    "a tensor before the first": graph(step("relu.default", {"node": -1, "part": 0})),
    "a parameter that is not there": graph(step("relu.default", {"parameter": 1})),
    "an index that is text": graph(step("relu.default", {"parameter": "0"})),
    "an index that is a truth": graph(step("relu.default", {"parameter": False})),
    "a kind that is not there": graph(step("relu.default", {"secret": 0})),
    "an output that is not there": graph(step("relu.default", X), output={"node": 1, "part": 0}),
    "an output that is a part too many": graph(step("relu.default", X), output={"node": 0, "part": 3}),
    "an output that is a number": graph(step("relu.default", X), output=3),
    "an output that is a dtype": graph(step("relu.default", X), output={"dtype": "float32"}),
    "an operation off the list": graph(step("as_strided.default", X, [2, 2], [1000000, 1])),
    "an operation of another library": graph(step("prims.sin.default", X)),
    "an attribute of a module": graph(step("__class__.mro", X)),
    "a way into the file system": graph(step("from_file.default", "/etc/passwd")),
    "an overload that writes elsewhere": graph(step("add.out", X, X, out=X)),
    "an overload that is not there": graph(step("relu.Nothing", X)),
    "numbers that are text": graph(step("mul.Tensor", X, "2")),
    "numbers that are None": graph(step("convolution.default", X, {"parameter": 0}, None, None, None, None, None, None, None)),
    "an array for an argument": graph(step("relu.default", IMAGES)),
    "an unknown dtype": graph(step("_to_copy.default", X, dtype={"dtype": "__class__"})),
    "a device": graph(step("_to_copy.default", X, device="cuda")),
    "arguments nested deeply": graph(step("relu.default", [[[[[X]]]]])),
    "arguments without end": graph(step("cat.default", [X] * 5000)),
    "steps without end": graph(*[step("relu.default", X)] * 5001),
    "a step that is text": graph() | {"nodes": ["relu.default"]},
    "a shape that is negative": graph(step("relu.default", X), inputs=[[[-2, 1, 8, 8], "float32"]]),
    "no images": graph(step("relu.default", X), inputs=[[[0, 1, 8, 8], "float32"]]),
    "another shape of images": graph(step("relu.default", X), inputs=[[[2, 1, 9, 9], "float32"]]),
    "two inputs": graph(step("relu.default", X), inputs=[[[2, 1, 8, 8], "float32"]] * 2),
    "no inputs": graph(step("relu.default", {"parameter": 0}), inputs=[]),
    "a weight of another shape": graph(step("relu.default", X), parameters=[["w", [2], "float32", True, IMAGES]]),
    "a weight of another dtype": graph(step("relu.default", X), parameters=[["w", [2, 1, 8, 8], "float64", True, IMAGES]]),
    "a weight that is a list": graph(step("relu.default", X), parameters=[["w", [1], "float32", True, [1.0]]]),
    "a weight of whole numbers that learns": graph(step("relu.default", X), parameters=[["w", [1], "int64", True, np.ones(1, np.int64)]]),
    "weights of 64 MB": graph(step("relu.default", X), constants=[[[2**24], "float32", False, np.zeros(2**24, np.float32)]]),
    "a tensor of 4 TB": graph(step("zeros.default", [2**20, 2**20])),
    "a tensor of more than there are addresses": graph(step("ones.default", [2**62, 2**62])),
    "a tensor seen 2**40 times": graph(step("expand.default", {"parameter": 0}, [2**20, 2**20, 3, 3])),
    "tensors that double": graph(step("cat.default", [X, X]), *[step("cat.default", [{"node": i, "part": 0}] * 2) for i in range(40)]),
    "a padding of 4 TB": graph(step("constant_pad_nd.default", X, [2**20, 0, 2**20, 0])),
    "a product of 2**45 numbers": graph(
        step("zeros.default", [2**11, 2**13]), step("t.default", LAST), step("zeros.default", [2**11, 2**13]),
        *[step("mm.default", {"node": 2, "part": 0}, {"node": 1, "part": 0})] * 3, output={"node": 3, "part": 0},
    ),
    "windows without end": graph(step("im2col.default", X, [1, 1], [1, 1], [2**20, 2**20], [1, 1])),
    "a stride of nothing": graph(step("convolution.default", X, {"parameter": 0}, None, [0, 0], [0, 0], [1, 1], False, [0, 0], 1)),
    "no groups": graph(step("convolution.default", X, {"parameter": 0}, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 0)),
    "a padding that is negative": graph(step("convolution.default", X, {"parameter": 0}, None, [1, 1], [-99, -99], [1, 1], False, [0, 0], 1)),
    "a pool of nothing": graph(step("avg_pool2d.default", X, [0, 0])),
    "an index beyond the end": graph(step("index.Tensor", X, [{"constant": 0}]), constants=[[[1], "int64", False, np.array([10**9])]]),
    "an index before the beginning": graph(step("index_select.default", X, 0, {"constant": 0}), constants=[[[1], "int64", False, np.array([-(10**9)])]]),
    "a row that is not in the table": graph(step("embedding.default", {"parameter": 0}, {"constant": 0}), constants=[[[1], "int64", False, np.array([10**9])]]),
    "a result whose size depends on numbers": graph(step("index.Tensor", X, [{"constant": 0}]), constants=[[[2], "bool", False, np.array([True, False])]]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_graph_is_refused(name: str) -> None:
    told = HOSTILE[name]
    if name != "weights of 64 MB":  # no message is as large
        told = wire.decode(wire.encode(told))
    with pytest.raises(Mismatch) as refused:
        Network.read(told, perform).run(IMAGES)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    "operation",
    ["lgamma.__call__", "lgamma.__getattr__", "lgamma.op", "lgamma.overloads", "pow.int", "mul.left_t", "split.str"],
)
def test_nothing_but_operations_on_tensors_is_called(operation: str) -> None:
    """What torch keeps its operations in has attributes, which lead to all of Python, and operations on Python's own values."""
    plain = {**graph(), "nodes": [[operation, [2, 2], {}, True]], "output": ["input", 0, 0]}
    with pytest.raises(interpreter.Refused, match="no operation"):
        interpreter.shapes(None, plain)


def test_a_simple_graph_is_run() -> None:
    simple = graph(step("convolution.default", X, {"parameter": 0}, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1))
    network = Network.read(simple, perform)
    np.testing.assert_allclose(network.run(IMAGES), F.conv2d(torch.tensor(IMAGES), torch.ones(1, 1, 3, 3)), rtol=1e-5)
    assert network.steps() == [Step("convolution", [(2, 1, 8, 8), (1, 1, 3, 3)], [(2, 1, 6, 6)])]


@pytest.mark.parametrize(
    "weights", [torch.ones(2**22), torch.ones(2**22, dtype=torch.int8), torch.ones(2**21, dtype=torch.float64)]
)
def test_weights_are_bounded_as_what_they_become_when_they_are_worked_with(weights: torch.Tensor) -> None:
    parameter = nn.Parameter(weights, requires_grad=False)
    with pytest.raises(Mismatch, match=r"weights take 16\.0 MB; up to 12 MB can be judged"):
        crossed(Own(lambda self, x: x * self.weight[0], weight=parameter), torch.rand(2, 1, 8, 8))


@pytest.mark.parametrize("operation", ["empty.memory_format", "empty_like.default", "new_empty.default"])
def test_old_memory_cannot_be_read(operation: str) -> None:
    args = {"empty.memory_format": [[2, 1000]], "empty_like.default": [X], "new_empty.default": [X, [2, 1000]]}[
        operation
    ]
    for _ in range(20):
        np.empty(16_000, np.uint8)[:] = 255
        assert not Network.read(graph(step(operation, *args)), perform).run(IMAGES).any()


def test_labels_are_not_told_by_an_error() -> None:
    """A graph whose answers in training have other shapes than in evaluation is refused in words of our own."""
    evaluation = Network.read(graph(step("view.default", X, [2, 64])), perform)
    training = Network.read(graph(step("relu.default", {"parameter": 0})), perform)
    with pytest.raises(Mismatch) as refused:
        evaluation.trained(training, IMAGES, np.array([7, 7]), np.array([[0, 1]]), 0.1, accuracy=1.0, first=2)
    assert "7" not in str(refused.value)


def test_what_is_written_in_place_is_found_in_what_is_read_later() -> None:
    zeros = step("zeros.default", [2, 1, 8, 8])
    view = step("select.int", {"node": 0, "part": 0}, 1, 0)
    write = step("copy_.default", {"node": 1, "part": 0}, {"input": 0})
    read = read_graph(graph(zeros, view, write, output={"node": 0, "part": 0}))
    assert read.live() == [0, 1, 2]
    assert read.used() == {Reference("input", 0)}
    assert read.kinds() == [set(), set(), {"input"}]


def test_facts_of_the_longest_graphs_take_no_time_that_grows_faster_than_they_do() -> None:
    many = [[f"w{i}", [1], "float32", True, np.ones(1, np.float32)] for i in range(5000)]
    sums = [step("add_.Tensor", X, {"parameter": 0})]
    sums += [step("add_.Tensor", {"node": i, "part": 0}, {"parameter": i + 1}) for i in range(4999)]
    views = [step("view.default", X, [2, 64])] + [step("alias.default", {"node": i, "part": 0}) for i in range(4999)]
    for nodes in (sums, views):
        read = read_graph(graph(*nodes, output={"node": 4999, "part": 0}, parameters=many))
        assert len(read.live()) == len(read.kinds()) == 5000
        assert read.memory(Reference("node", 4999)) == Reference("input", 0)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 70)
    | st.sampled_from([2**31, 2**62, -(2**63), 0.0, float("nan"), "float32", "", X, LAST, {"parameter": 0}])
    | st.sampled_from([{"dtype": "int64"}, {"dtype": "bool"}, {"node": 1, "part": 0}, {"constant": 0}]),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)
operations = st.sampled_from(sorted(OPERATIONS - {"_cdist_forward"})).flatmap(
    lambda name: st.sampled_from(["default", "Tensor", "Scalar", "dim", "int", "self", "memory_format"]).map(
        lambda overload: f"{name}.{overload}"
    )
)
steps = st.tuples(
    operations,
    st.lists(plain, max_size=9),
    st.just({}),
    st.booleans(),
    st.just([]) | st.lists(st.integers(), max_size=3),
).map(list)
CONSTANT = [[2, 1, 8, 8], "float32", False, IMAGES]


@given(st.lists(steps, max_size=4))
@settings(max_examples=300)
def test_any_steps_are_run_or_refused(nodes: list[Any]) -> None:
    told = graph(*nodes, output={"node": max(0, len(nodes) - 1), "part": 0}, constants=[CONSTANT])
    try:
        network = Network.read(told, perform)
        answer = network.run(IMAGES)
        network.gradients(IMAGES)
    except Mismatch:
        return
    assert answer.size <= 2**22


@given(st.data())
@settings(max_examples=200)
def test_any_change_of_a_right_graph_is_run_or_refused(data: st.DataObject) -> None:
    told = copy.deepcopy(RIGHT)
    place: Any = told
    while isinstance(place, dict | list) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(plain | st.sampled_from([IMAGES, wire.Opaque("x"), (1, 2), "relu.default"]))
            break
        place = place[key]
    try:
        network = Network.read(told, perform)
        network.run(IMAGES)
        network.steps()
        network.gradients(IMAGES)
    except Mismatch:
        return


torch.manual_seed(0)
RIGHT = trace(nn.Sequential(conv(2), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), linear(18)).eval(), torch.rand(2, 1, 8, 8))  # fmt: skip
