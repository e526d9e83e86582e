"""Runs a network that is data: `autograder.examine.graph` has read it. Works in a sandbox that holds no student code.

Why a hostile graph gains nothing here: its operations are on a list, so that it holds no code, no file and no pointer; each
step is tried on the `meta` device first, where tensors have shapes and no memory, and a step that asks for too much
is refused before anything is computed; nothing is left uninitialised, so that old memory cannot be read. What torch's
kernels make of hostile arguments, a crash or an endless loop, ends this process alone, which is limited like a student's
and is thrown away with the submission.

The first parameter of each function is that of every probe, and not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

_MOST_NUMBERS = 2**24
"""In one tensor that is computed."""
_MOST_IN_ALL = 2**26
"""In all tensors of one pass; training holds them all, 256 MB of float32."""
_MOST_PRODUCTS = 2**36
"""Multiplications of one pass."""
_DEAREST = 64
"""Such multiplications take as long as one number in another step, a power perhaps."""
_MADE_OF_NOTHING = frozenset(
    "arange empty eye full linspace ones rand randint randn randperm scalar_tensor zeros".split()
)
_INSTEAD = {
    "empty": "zeros", "empty_like": "zeros_like", "new_empty": "new_zeros",  # not what lies in memory
    "view": "reshape", "_unsafe_view": "reshape",  # whatever the strides are, which are not noted
}  # fmt: skip
_LARGEST_RUN = 2**22
"""Numbers in an answer."""

Graph = dict[str, Any]


class Refused(ValueError):
    """The graph cannot be run; the message says why."""


def shapes(_: Any, graph: Graph) -> list[Any]:
    """For each node, the shapes of the tensors that go in and of those that come out. Works on the `meta` device."""
    return _Program(graph, meta=True).shapes


def run(_: Any, graph: Graph, images: NDArray[Any], chance: int) -> NDArray[Any]:
    """The network's answers to any number of images: in batches of the size it was traced with, the last filled up with zeros.

    Args:
        chance: seeds what is random.
    """
    program = _Program(graph)
    with torch.no_grad():
        return np.array(program.answers(torch.from_numpy(images), chance).numpy())


def gradients(_: Any, graph: Graph, images: NDArray[Any], chance: int) -> list[float]:
    """For each parameter, the greatest gradient of a random sum of the answers; 0 if none reaches it."""
    program = _Program(graph)
    answer = program(torch.from_numpy(images), chance)
    generator = torch.Generator().manual_seed(chance)
    if answer.requires_grad:
        (answer * torch.randn(answer.shape, generator=generator)).sum().backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
    return [0.0 if one.grad is None or not one.numel() else float(one.grad.abs().max()) for one in program.parameters]


def train(
    _: Any,
    training: Graph,
    evaluation: Graph,
    images: NDArray[Any],
    labels: NDArray[Any],
    batches: NDArray[Any],
    learning_rate: float,
    goal: list[Any],
    chance: int,
) -> list[Any]:
    """Train with Adam and cross-entropy; the weights and buffers afterwards.

    Args:
        training: traced in training mode, with images as many as there are in a batch.
        evaluation: the same network traced in evaluation mode.
        batches: shape (steps, batch size), whole numbers: which images.
        goal: ["accuracy", at least, of how many] or ["loss", at most, of how many]; looked at every 20 steps, of the first images.
    """
    program = _Program(training)
    judge = _Program(evaluation)
    if [t.shape for t in program.state] != [t.shape for t in judge.state]:
        raise Refused("in training mode it has other weights than in evaluation mode")
    judge.parameters, judge.buffers = program.parameters, program.buffers
    x, target = torch.from_numpy(images), torch.from_numpy(labels)
    trained = [one for one in program.parameters if one.requires_grad]
    if not trained:
        raise Refused("it has no parameters that can be trained")
    optimizer = torch.optim.Adam(trained, lr=learning_rate)
    for step, chosen in enumerate(torch.from_numpy(batches)):
        if step % 20 == 0 and _reached(judge, x, target, goal, chance):
            break
        optimizer.zero_grad()
        answer = program(x[chosen], chance + step)
        if answer.dim() != 2 or len(answer) != len(chosen) or answer.shape[1] <= int(target.max()):
            raise Refused(f"in training mode, its answer to {len(chosen)} images has shape {tuple(answer.shape)}")
        loss = F.cross_entropy(answer, target[chosen])
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        optimizer.step()
    return [[np.array(one.detach().numpy()) for one in tensors] for tensors in (program.parameters, program.buffers)]


def _reached(judge: _Program, x: torch.Tensor, target: torch.Tensor, goal: list[Any], chance: int) -> bool:
    measure, bound, count = goal
    with torch.no_grad():
        answer = judge.answers(x[:count], chance)
        if measure == "loss":
            return bool(F.cross_entropy(answer, target[:count]) <= bound)
        return bool((answer.argmax(1) == target[:count]).float().mean() >= bound)


class _Program:
    """A graph made ready to be run many times.

    Raises:
        Refused: it does not fit together, or asks for too much.
    """

    def __init__(self, graph: Graph, *, meta: bool = False) -> None:
        self._graph = graph
        self._output = graph["output"]
        if self._output is None:
            raise Refused("forward returns no tensor")
        self._steps = [self._step(*node) for node in graph["nodes"]]
        self.shapes: list[Any] = []
        self._try_on_meta(real=not meta)
        if not meta:
            self.parameters = [_tensor(*one) for one in graph["parameters"]]
            self.buffers = [_tensor(*one) for one in graph["buffers"]]
            self.constants = [_tensor(*one) for one in graph["constants"]]

    @property
    def state(self) -> list[torch.Tensor]:
        return [*self.parameters, *self.buffers]

    def __call__(self, images: torch.Tensor, chance: int) -> torch.Tensor:
        """One pass; ``images`` are as many as the graph was traced with."""
        ((shape, dtype),) = self._graph["inputs"]
        if list(images.shape) != shape or str(images.dtype) != f"torch.{dtype}":
            raise Refused(f"it takes images of shape {tuple(shape)}, not {tuple(images.shape)}")
        torch.default_generator.manual_seed(chance)  # torch.manual_seed takes longer than a convolution
        # images and constants may be written to
        tensors = {
            "input": [images.clone()],
            "parameter": self.parameters,
            "buffer": self.buffers,
            "constant": [one.detach().clone().requires_grad_(one.requires_grad) for one in self.constants],
        }
        return self._pass(tensors, "cpu")

    def answers(self, images: torch.Tensor, chance: int) -> torch.Tensor:
        """For any number of images."""
        size = self._graph["inputs"][0][0][0]
        parts = []
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            full = (
                torch.cat([batch, batch.new_zeros(size - len(batch), *batch.shape[1:])]) if len(batch) < size else batch
            )
            answer = self(full, chance)
            parts.append(answer[: len(batch)] if len(batch) < size else answer)
        answer = torch.cat(parts) if len(parts) > 1 else parts[0]
        if answer.numel() > _LARGEST_RUN:
            raise Refused(f"its answer has shape {tuple(answer.shape)}")
        return answer

    def _pass(
        self,
        tensors: dict[str, list[Any]],
        device: str,
        look: Callable[[int, list[Any], list[Any]], None] | None = None,
    ) -> torch.Tensor:
        results: list[list[Any]] = []
        made_with = {"device": torch.device(device)}

        def resolve(value: Any) -> Any:
            if type(value) is _Tensor:
                return results[value.number][value.part] if value.kind == "node" else tensors[value.kind][value.number]
            return [resolve(item) for item in value] if type(value) is list else value

        for position, (function, args, kwargs, made, gradients) in enumerate(self._steps):
            given = [resolve(arg) for arg in args]
            named = {name: resolve(arg) for name, arg in kwargs.items()}
            if made:
                named |= made_with
            if gradients:
                result = function(*given, **named)
            else:
                with torch.no_grad():
                    result = function(*given, **named)
            results.append(list(result) if isinstance(result, tuple | list) else [result])
            if look:
                look(position, [*given, *named.values()], results[-1])
        kind, index, part = self._output
        answer = results[index][part] if kind == "node" else tensors[kind][index]
        if not isinstance(answer, torch.Tensor):
            raise Refused("its output is no tensor")
        return answer

    def _step(self, operation: str, args: list[Any], kwargs: dict[str, Any], gradients: bool) -> tuple[Any, ...]:
        name, overload = operation.split(".")
        made = name in _MADE_OF_NOTHING
        name = _INSTEAD.get(name, name)
        if name == "zeros" and overload == "memory_format":
            overload = "default"
        return (
            _operation(name, overload),
            _ready(args),
            {key: _ready(value) for key, value in kwargs.items()},
            made,
            gradients,
        )

    def _try_on_meta(self, real: bool) -> None:
        """Run it without memory, and refuse what would take too much with it."""
        graph, left = self._graph, [_MOST_IN_ALL, _MOST_PRODUCTS]
        weights = [one for kind in ("parameters", "buffers", "constants") for one in graph[kind]]
        if real and any(one[3] is None for one in weights):
            raise Refused("it was made on the meta device, and has no numbers")
        same = [
            graph["nodes"],
            graph["inputs"],
            *([len(graph[kind]) for kind in graph if kind != "output"]),
            *(one[:2] for one in weights),
        ]
        if real and _tried == [same]:  # with other numbers in it
            return

        def hollow(shape: list[int], dtype: str) -> torch.Tensor:
            return torch.empty(shape, dtype=getattr(torch, dtype), device="meta")

        tensors: dict[str, list[Any]] = {
            kind.rstrip("s"): [hollow(one[0], one[1]) for one in graph[kind]]
            for kind in ("inputs", "parameters", "buffers", "constants")
        }

        def look(position: int, arguments: list[Any], results: list[Any]) -> None:
            inputs, outputs = (list(map(list, _shapes(values))) for values in (arguments, results))
            self.shapes.append([inputs, outputs])
            numbers = [math.prod(shape) for shape in outputs]
            left[0] -= sum(numbers)
            left[1] -= _products(graph["nodes"][position][0], inputs, outputs)
            if real and (max(numbers, default=0) > _MOST_NUMBERS or min(left) < 0):
                raise Refused(f"step {position + 1} of forward, {graph['nodes'][position][0]}, asks for too much")

        with torch.no_grad():
            self._pass(tensors, "meta", look)
        _tried[:] = [same] if real else []


_TENSORS = frozenset({"Tensor", "List[Tensor]"})


def _operation(name: str, overload: str) -> Any:
    """One of ATen's operations that make tensors; other attributes of what torch keeps them in lead to all of Python."""
    packet = getattr(torch.ops.aten, name, None)
    function = None
    if isinstance(packet, torch._ops.OpOverloadPacket) and overload in packet.overloads():  # type: ignore[no-untyped-call]  # torch does not annotate it
        function = getattr(packet, overload)
    made = {str(one.type) for one in function._schema.returns} if isinstance(function, torch._ops.OpOverload) else set()
    if not made or not made <= _TENSORS:
        raise Refused(f"there is no operation {name}.{overload} on tensors in torch {torch.__version__}")
    return function


class _Tensor(NamedTuple):
    """Where a tensor comes from."""

    kind: str
    number: int
    part: int = 0


_tried: list[Any] = []
"""The last graph that was found to ask for no more than it may."""


def _ready(value: Any) -> Any:
    """An argument with what stands for tensors and dtypes in it made ready."""
    if type(value) is dict:
        if "dtype" in value:
            return getattr(torch, value["dtype"])
        ((kind, index), *_) = value.items()
        return _Tensor(kind, index, value.get("part", 0))
    return [_ready(item) for item in value] if type(value) is list else value


def _tensor(shape: list[int], dtype: str, learns: bool, value: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(value.copy()).requires_grad_(learns)


def _shapes(values: list[Any]) -> Iterator[torch.Size]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value.shape
        elif isinstance(value, list):
            yield from _shapes(value)


def _products(operation: str, inputs: list[list[int]], outputs: list[list[int]]) -> int:
    """About how many multiplications of matrices a step takes as long as."""
    name = operation.partition(".")[0]
    if name == "convolution" and len(inputs) > 1 and inputs[1]:
        larger = max(math.prod(inputs[0]), math.prod(outputs[0]))  # of a transposed one the input
        return larger * math.prod(inputs[1]) // max(1, min(inputs[1][:2]))
    if name in ("mm", "bmm", "mv", "dot", "addmm", "addmv", "baddbmm", "addbmm") and outputs:
        return math.prod(outputs[0]) * max((shape[-1] for shape in inputs if shape), default=1)
    return _DEAREST * sum(map(math.prod, [*inputs, *outputs]))
