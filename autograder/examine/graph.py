"""A network as data that a sandbox told: read by exact type, operations from an allow list, every reference backwards.

The data is a dict of plain values, as `autograder.sandbox.tracing` makes it:

- ``inputs``: [shape, dtype] of each;
- ``parameters`` and ``buffers``: [name, shape, dtype, learns, array or None], None on the `meta` device;
- ``constants``: [shape, dtype, learns, array or None], tensors of forward's that are neither;
- ``nodes``: [operation, arguments, named arguments, gradients on, place], in order; an operation is one of ATen's, with its
  overload, as in ``convolution.default``; a tensor is a reference such as {"parameter": 2} or {"node": 5, "part": 0}
  (an operation may give several tensors), a dtype is {"dtype": "float32"};
- ``output``: a reference, None, or the name of a type that is no tensor;
- ``taken_out``: [by which function, place] where numbers left the tensors;
- a place is the number of the student's cell and a line of it, [] if there is none.

Nothing is run here, and torch is not imported: a graph is a list, so that it can have no loops and no code, and what it
asks for is bounded by `autograder.sandbox.interpreter` before it is computed.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.language import _
from autograder.testing import Mismatch

_MOST_NODES = 5_000
_MOST_WEIGHTS = 5_000
_MOST_BYTES = 12 * 2**20
"""Of all numbers, those of constants and buffers too."""
_MOST_ITEMS = 4_000
"""In the arguments of one node."""
_MOST_PARTS = 64
_MOST_NUMBERS = 2**31
"""In one tensor, which may be one without memory."""
_LONGEST_NAME = 200
_OPERATION = re.compile(r"[a-z_][a-z0-9_]{0,60}\.[A-Za-z][A-Za-z0-9_]{0,40}")
_DTYPES = frozenset("float16 float32 float64 bfloat16 bool uint8 int8 int16 int32 int64".split())

ELEMENTWISE = frozenset(
    """abs acos acosh add addcdiv addcmul asin asinh atan atan2 atanh bitwise_and bitwise_not bitwise_or bitwise_xor ceil
    celu clamp clamp_max clamp_min copysign cos cosh digamma div elu eq erf erfc exp exp2 expm1 fill floor floor_divide
    fmax fmin fmod frac ge gelu gt hardshrink hardsigmoid hardswish hardtanh heaviside hypot isfinite isinf isnan le
    leaky_relu lerp lgamma log log10 log1p log2 log_sigmoid_forward logaddexp logical_and logical_not logical_or
    logical_xor logit lt masked_fill maximum minimum mish mul nan_to_num ne neg pow reciprocal relu relu6 remainder
    round rsqrt rsub sgn sigmoid sign silu sin sinc sinh softplus softshrink sqrt square sub tan tanh threshold tril triu
    trunc where zero _prelu_kernel rrelu_with_noise""".split()
)
"""Each of them, with an underscore after it, in place, too."""
VIEWS = frozenset(
    """_reshape_alias _unsafe_view alias detach diagonal expand lift_fresh movedim narrow permute select slice split
    split_with_sizes squeeze swapaxes t transpose unbind unfold unsqueeze view""".split()
)
"""The same numbers, seen in another way: what changes one of them changes the other."""
RANDOM = frozenset(
    """bernoulli bernoulli_ exponential_ native_dropout normal_ normal rand rand_like randint randint_like randn
    randn_like random_ randperm rrelu_with_noise rrelu_with_noise_ uniform_""".split()
)
_OTHERS = frozenset(
    """_adaptive_avg_pool2d _cdist_forward _log_softmax _native_batch_norm_legit _native_batch_norm_legit_no_training
    _safe_softmax _scaled_dot_product_flash_attention_for_cpu _softmax _to_copy _weight_norm_interface
    adaptive_avg_pool1d adaptive_max_pool1d adaptive_max_pool2d addbmm addmm addmv all amax amin any arange argmax argmin
    aminmax avg_pool1d avg_pool2d avg_pool3d baddbmm bmm cat channel_shuffle clone col2im constant_pad_nd convolution
    copy copy_ cummax cumprod cumsum dot embedding empty empty_like eye flip
    fractional_max_pool2d full full_like gather glu im2col
    index index_add index_add_ index_copy index_copy_ index_put index_put_ index_select linalg_vector_norm linspace logcumsumexp logsumexp masked_scatter
    masked_scatter_ max max_pool2d_with_indices max_pool3d_with_indices
    mean median min mm mv native_batch_norm native_group_norm native_layer_norm new_empty new_full new_ones new_zeros norm
    ones ones_like pixel_shuffle pixel_unshuffle prod reflection_pad1d reflection_pad2d repeat replication_pad1d
    replication_pad2d roll rot90 scalar_tensor scatter scatter_ scatter_add scatter_add_ select_scatter
    slice_scatter sort stack std std_mean sum topk unsafe_chunk unsafe_split upsample_bicubic2d upsample_bilinear2d
    squeeze_ t_ transpose_ unsqueeze_ upsample_nearest2d var var_mean vdot zeros zeros_like""".split()
)
OPERATIONS = ELEMENTWISE | frozenset(f"{name}_" for name in ELEMENTWISE) | VIEWS | RANDOM | _OTHERS
"""What a network may do. Not on the list: what depends on memory and strides (`as_strided`, `set_`, `resize_`), and what has
a result whose size only the numbers tell (`nonzero`, `masked_select`)."""
_NO_OVERLOAD = re.compile(r"out|dimname|name|generator", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """Where a tensor comes from."""

    kind: str
    """``input``, ``parameter``, ``buffer``, ``constant`` or ``node``."""
    index: int
    part: int = 0


@dataclass(frozen=True)
class Weight:
    """A parameter, a buffer or a constant."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    learns: bool
    """Whether its requires_grad is True."""
    value: NDArray[Any] | None
    """None on the `meta` device."""


@dataclass(frozen=True)
class Node:
    """One operation. Arguments are plain values as in the data, checked."""

    operation: str
    """Without its overload."""
    overload: str
    args: list[Any]
    kwargs: dict[str, Any]
    gradients: bool = True

    def references(self) -> Iterator[Reference]:
        """Of all its arguments, in order."""
        yield from references([*self.args, *self.kwargs.values()])

    @property
    def in_place(self) -> bool:
        return self.operation.endswith("_")


def references(value: Any) -> Iterator[Reference]:
    """All references in an argument."""
    if type(value) is dict and "dtype" not in value:
        yield _reference(value)
    elif type(value) is list:
        for item in value:
            yield from references(item)


def _reference(told: dict[str, int]) -> Reference:
    (kind, index), *_ = told.items()
    return Reference(kind, index, told.get("part", 0))


@dataclass(frozen=True)
class Graph:
    """A network that has been read. See the module for what it holds."""

    inputs: list[tuple[tuple[int, ...], str]]
    parameters: list[Weight]
    buffers: list[Weight]
    constants: list[Weight]
    nodes: list[Node]
    output: Reference | None
    answer: str | None
    """What forward returns if it is no tensor: the name of its type."""
    taken_out: list[str]

    def plain(self) -> dict[str, Any]:
        """As data again, for `autograder.sandbox.interpreter`."""
        return {
            "inputs": [[list(shape), dtype] for shape, dtype in self.inputs],
            **{
                kind: [[list(one.shape), one.dtype, one.learns, one.value] for one in getattr(self, kind)]
                for kind in ("parameters", "buffers", "constants")
            },
            "nodes": [[f"{one.operation}.{one.overload}", one.args, one.kwargs, one.gradients] for one in self.nodes],
            "output": [self.output.kind, self.output.index, self.output.part] if self.output else None,
        }

    def kinds(self) -> list[frozenset[str]]:
        """For each node, of what its result is made: ``input``, ``parameter``, ``buffer``, ``constant``."""
        found: list[frozenset[str]] = []
        written: dict[Reference, frozenset[str]] = {}
        for number, node in enumerate(self.nodes):
            own: frozenset[str] = frozenset()
            for one in node.references():
                own |= found[one.index] if one.kind == "node" else {one.kind}
                own |= written.get(self.memory(one), frozenset())
            found.append(own)
            if node.in_place:
                memory = self.memory(Reference("node", number))
                written[memory] = written.get(memory, frozenset()) | own
        return found

    def live(self) -> list[int]:
        """The nodes that the output depends on, in order."""
        wanted: set[int] = set()
        memories: set[Reference] = set()

        def want(one: Reference) -> None:
            memories.add(self.memory(one))
            if one.kind == "node":
                wanted.add(one.index)

        if self.output:
            want(self.output)
        kept: list[int] = []
        for number in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[number]
            if number in wanted or (node.in_place and self.memory(Reference("node", number)) in memories):
                kept.append(number)
                for one in node.references():
                    want(one)
        return kept[::-1]

    def used(self) -> set[Reference]:
        """The inputs, parameters, buffers and constants that the output depends on."""
        found = {one for number in self.live() for one in self.nodes[number].references()}
        return {one for one in found | ({self.output} if self.output else set()) if one.kind != "node"}

    def memory(self, one: Reference) -> Reference:
        """In whose memory a tensor lies: views, and what is done in place, have that of their first argument."""
        return (self._memories[one.index] if one.kind == "node" else None) or one

    @functools.cached_property
    def _memories(self) -> list[Reference | None]:
        """For each node, whose memory its results lie in, if it is not their own."""
        found: list[Reference | None] = []
        for node in self.nodes:
            first = next(node.references(), None) if node.in_place or node.operation in VIEWS else None
            shared = found[first.index] if first is not None and first.kind == "node" else None
            found.append(shared or first)
        return found


def read_graph(told: Any, place: Callable[[int, int], object] = lambda cell, line: None) -> Graph:
    """Read what a sandbox says that a network is.

    Args:
        place: what a cell and a line in it, as the sandbox counts them, are called in the notebook; None if there is no such place.

    Raises:
        Mismatch: it is not what `autograder.sandbox.tracing` makes, too large, or uses an operation that is not on the list.
    """
    if type(told) is not dict or any(type(told.get(kind)) is not list for kind in _LISTS):
        raise _strange(_("it is no graph"))
    weights = {kind: [_weight(one, named=kind != "constants") for one in _bounded(told[kind])] for kind in _LISTS[1:4]}
    numbers = [one.value for ones in weights.values() for one in ones if one.value is not None]
    size = sum(max(one.nbytes, 4 * one.size) for one in numbers)  # to work with small numbers makes float32 of them
    if size > _MOST_BYTES:
        raise Mismatch(
            _(
                "Your network's weights take {size} MB; up to {most} MB can be judged. Make it smaller.",
                size=f"{size / 2**20:.1f}",
                most=_MOST_BYTES // 2**20,
            )
        )
    inputs = [_input(one) for one in _bounded(told["inputs"])]
    sizes = {"input": len(inputs), **{kind[:-1]: len(ones) for kind, ones in weights.items()}}
    if len(told["nodes"]) > _MOST_NODES:
        steps = len(told["nodes"])
        raise Mismatch(_("forward takes {steps} steps; up to {most} can be followed.", steps=steps, most=_MOST_NODES))
    nodes: list[Node] = []
    for one in told["nodes"]:
        nodes.append(_node(one, sizes | {"node": len(nodes)}, place))
    output = told.get("output")
    if type(output) is dict:
        _check(output, sizes | {"node": len(nodes)}, [1])
        if "dtype" in output:
            raise _strange(_("its output is a dtype"))
    elif output is not None and type(output) is not str:
        raise _strange(_("its output is no tensor"))
    return Graph(
        inputs,
        **weights,
        nodes=nodes,
        output=_reference(output) if type(output) is dict else None,
        answer=output[:_LONGEST_NAME] if type(output) is str else None,
        taken_out=[
            _in(one[0][:20], one[1], place)
            for one in told["taken_out"][:5]
            if type(one) is list and list(map(type, one)) == [str, list]
        ],
    )


_LISTS = ("inputs", "parameters", "buffers", "constants", "nodes", "taken_out")


def _strange(what: str) -> Mismatch:
    return Mismatch(_("Your network could not be read: {what}.", what=what))


def _bounded(told: list[Any]) -> list[Any]:
    if len(told) > _MOST_WEIGHTS:
        raise _strange(_("it has {many} tensors; up to {most} can be read", many=len(told), most=_MOST_WEIGHTS))
    return told


def _shape(told: Any) -> tuple[int, ...]:
    if type(told) is not list or len(told) > 8 or any(type(size) is not int or not 0 <= size < 2**31 for size in told):
        raise _strange(_("a shape is none"))
    if math.prod(told) > _MOST_NUMBERS:
        raise _strange(_("a tensor of shape {shape} is too large", shape=tuple(told)))
    return tuple(told)


def _dtype(told: Any) -> str:
    if type(told) is not str or told not in _DTYPES:
        raise _strange(_("it has numbers of an unusual dtype"))
    return told


def _input(told: Any) -> tuple[tuple[int, ...], str]:
    if type(told) is not list or len(told) != 2:
        raise _strange(_("an input is none"))
    return _shape(told[0]), _dtype(told[1])


def _weight(told: Any, named: bool) -> Weight:
    if type(told) is not list or len(told) != 4 + named:
        raise _strange(_("a weight is none"))
    name, (shape, dtype, learns, value) = (told[0], told[1:]) if named else ("", told)
    if type(name) is not str or type(learns) is not bool:
        raise _strange(_("a weight is none"))
    weight = Weight(name[:_LONGEST_NAME], _shape(shape), _dtype(dtype), learns, value)
    if value is not None and (
        type(value) is not np.ndarray or value.shape != weight.shape or value.dtype.name != weight.dtype
    ):
        raise _strange(_("a weight has another shape or dtype than it says"))
    return weight


def _in(what: str, numbers: list[Any], place: Callable[[int, int], object]) -> str:
    found = place(*numbers) if list(map(type, numbers)) == [int, int] else None
    return _("{what} in {place}", what=what, place=str(found)) if found else what


def _node(told: Any, sizes: dict[str, int], place: Callable[[int, int], object]) -> Node:
    if type(told) is not list or [type(part) for part in told] != [str, list, dict, bool, list]:
        raise _strange(_("a step is none"))
    operation, args, kwargs, gradients, where = told
    name, _dot, overload = operation.partition(".")
    if not _OPERATION.fullmatch(operation) or name not in OPERATIONS or _NO_OVERLOAD.search(overload):
        raise Mismatch(
            _(
                "forward uses an operation that cannot be followed: {operation}. Build the network of other operations.",
                operation=_in(operation[:80], where, place),
            )
        )
    left = [_MOST_ITEMS]
    for value in (*args, *kwargs.values()):
        _check(value, sizes, left)
    return Node(name, overload, args, kwargs, gradients)


def _check(value: Any, sizes: dict[str, int], left: list[int], depth: int = 0) -> None:
    left[0] -= 1
    if left[0] < 0 or depth > 3:
        raise _strange(_("a step has too many arguments"))
    kind = type(value)
    if value is None or kind in (bool, float) or (kind is int and -(2**63) <= value < 2**63):
        return
    if kind is str and len(value) <= 20:
        return
    if kind is list:
        for item in value:
            _check(item, sizes, left, depth + 1)
        return
    if kind is dict and 1 <= len(value) <= 2:
        if set(value) == {"dtype"}:
            _dtype(value["dtype"])
            return
        name, index = next(iter(value.items()))
        limit = sizes.get(name, 0)
        part = value.get("part", 0)
        if (
            set(value) <= {name, "part"}
            and (len(value) == 1) == (name != "node")
            and type(index) is type(part) is int
            and 0 <= index < limit
            and 0 <= part < _MOST_PARTS
        ):
            return
        raise _strange(_("a step uses a tensor that is not there yet"))
    raise _strange(_("a step has an argument of an unusual kind"))
