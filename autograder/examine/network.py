"""A student's network, judged as data: what hidden tests get from ``student.network("name of a probe", ...)``."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from numpy.typing import NDArray

from autograder.examine.graph import Graph, Node, Reference, Weight, read_graph, references
from autograder.language import _
from autograder.sandbox.wire import Opaque
from autograder.testing import Mismatch

TASKS = "from autograder.sandbox.interpreter import gradients, run, shapes, train"
"""The probes of the clean process that networks are run in."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Step:
    """An operation that the network's answer depends on, with the shapes of its tensors."""

    operation: str
    inputs: list[tuple[int, ...]]
    outputs: list[tuple[int, ...]]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of a convolution or a matrix product, bias not counted; 0 for others."""
        if self.operation == "convolution":  # weight (C_out, C_in / groups, kH, kW)
            return math.prod(self.outputs[0]) * math.prod(self.inputs[1][1:])
        if self.operation in ("mm", "bmm", "addmm", "baddbmm"):
            return math.prod(self.outputs[0]) * self.inputs[-2][-1]
        return 0


class Network:
    """A graph and its weights, and a clean process to run it in.

    Args:
        perform: ``perform(task, *arguments)`` carries out a function of `autograder.sandbox.interpreter`; raises
            `CannotRun` if it failed.
    """

    def __init__(self, graph: Graph, perform: Callable[..., Any]) -> None:
        self.graph = graph
        self._perform = perform

    @classmethod
    def read(
        cls, told: Any, perform: Callable[..., Any], place: Callable[[int, int], object] = lambda cell, line: None
    ) -> Network:
        """See `read_graph`. Raises Mismatch: what the sandbox told is no network."""
        return cls(read_graph(told, place), perform)

    # Facts of the graph; nothing is run

    @property
    def parameters(self) -> list[Weight]:
        """In the order of the module's ``parameters()``."""
        return self.graph.parameters

    @property
    def weights(self) -> list[Array]:
        """The parameters' numbers.

        Raises:
            Mismatch: they have none, as on the `meta` device.
        """
        return [_numbers(one) for one in self.graph.parameters]

    def nodes(self) -> list[Node]:
        """The operations that the answer depends on, in order."""
        return [self.graph.nodes[number] for number in self.graph.live()]

    def used(self, kind: str) -> list[int]:
        """Which of the parameters, buffers or constants (``kind`` is ``parameter`` and so on) the answer depends on."""
        return sorted(one.index for one in self.graph.used() if one.kind == kind)

    # Other networks

    def with_weights(self, weights: Sequence[Array]) -> Network:
        """The same network with other numbers in its parameters, of the same shapes."""
        return self._with(parameters=_filled(self.graph.parameters, weights))

    def changed(self, change: Callable[[Node], Node]) -> Network:
        """The same network with other operations: ``change`` gets each node and returns it or another."""
        return self._with(nodes=[change(node) for node in self.graph.nodes])

    def trained(
        self,
        training: Network,
        images: Array,
        labels: Array,
        batches: Array,
        learning_rate: float,
        *,
        accuracy: float = math.inf,
        loss: float = -math.inf,
        first: int,
        chance: int = 0,
    ) -> Network:
        """The same network after training with Adam and cross-entropy.

        Args:
            training: this network, traced in training mode with as many images as there are in a batch.
            images, labels: arrays of N images and N whole numbers.
            batches: shape (steps, batch size): which images, step by step.
            accuracy, loss: it is enough when one of them is reached on the ``first`` images.

        Raises:
            Mismatch: it cannot be trained.
        """
        if self.graph.output is None or training.graph.output is None:
            raise Mismatch(_("forward returns no tensor, so that the network cannot be trained."))
        goal = ["loss", loss, first] if loss > -math.inf else ["accuracy", accuracy, first]
        weights = self._do(
            "train", training.graph.plain(), self.graph.plain(), images, labels, batches, learning_rate, goal, chance
        )
        return self._with(
            parameters=_filled(self.graph.parameters, weights[0]), buffers=_filled(self.graph.buffers, weights[1])
        )

    # What it does

    def run(self, images: Array, *, chance: int = 0) -> Any:
        """Its answer to any number of images, an array; None or an `Opaque` where forward returns no tensor.

        Runs batches of the size that the network was traced with, and fills up the last one with zeros.

        Raises:
            Mismatch: it cannot be run.
        """
        if self.graph.output is None:
            return None if self.graph.answer is None else Opaque(self.graph.answer)
        return self._do("run", self.graph.plain(), images, chance)

    def steps(self) -> list[Step]:
        """The operations that the answer depends on, with shapes; also of a network on the `meta` device.

        Raises:
            Mismatch: the graph does not fit together.
        """
        if self.graph.output is None:
            return []
        told = self._do("shapes", self.graph.plain())
        return [
            Step(self.graph.nodes[number].operation, *([tuple(shape) for shape in side] for side in told[number]))
            for number in self.graph.live()
        ]

    def gradients(self, images: Array, *, chance: int = 0) -> list[float]:
        """The greatest gradient of each parameter, for a random sum of the answers; 0 where none arrives.

        Raises:
            Mismatch: it cannot be run.
        """
        if self.graph.output is None:
            return [0.0] * len(self.graph.parameters)
        return list(self._do("gradients", self.graph.plain(), images, chance))

    # How

    def _with(self, **changes: Any) -> Network:
        return Network(dataclasses.replace(self.graph, **changes), self._perform)

    def _do(self, task: str, *arguments: Any) -> Any:
        try:
            return self._perform(task, *arguments)
        except CannotRun as error:
            _refuse(str(error))


class CannotRun(Exception):
    """The clean process could not carry out a task on a graph; the message says why."""


def _refuse(why: str) -> NoReturn:
    raise Mismatch(_("Your network cannot be run from the steps that it takes: {error}.", error=why))


def _numbers(weight: Weight) -> Array:
    if weight.value is None:
        raise Mismatch(_("The parameter {name} has no numbers: it was made on the meta device.", name=weight.name))
    return weight.value


def _filled(weights: list[Weight], values: Sequence[Array]) -> list[Weight]:
    return [
        dataclasses.replace(one, value=value.astype(one.dtype, copy=False))
        for one, value in zip(weights, values, strict=True)
    ]


__all__ = ["CannotRun", "Network", "Node", "Reference", "Step", "Weight", "references"]
