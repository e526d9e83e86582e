"""A network as plain data: what its forward does with tensors, step by step, and its weights. Runs beside student code.

Operations are noted where torch dispatches them, below autograd: what layers, functions and operators come to is a few
dozen operations of ATen. It follows whatever runs, ten to a hundred times faster than `torch.fx`, `torch.jit` and
`torch.export` do. `autograder.examine.graph` says what the data looks like, and believes none of it.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

_TAKES_NUMBERS_OUT = ("item", "tolist", "numpy", "__array__", "__float__", "__int__", "__bool__", "__index__")
_SAYS_WHERE = frozenset({"device", "layout", "memory_format", "pin_memory", "non_blocking"})
"""Arguments that change no number."""
_MOST_NOTES = 5
_CELL = re.compile(r"<cell ([0-9]+)>")


class CannotFollow(RuntimeError):
    """The network does something that cannot be written down as operations on tensors of numbers."""


def trace(model: nn.Module, *inputs: torch.Tensor) -> dict[str, Any]:
    """What ``model(*inputs)`` does, in the mode that the model is in, as plain data.

    The model's parameters and buffers are noted as they are before. Tensors on the `meta` device are noted by shape and
    dtype alone. Other tensors that forward uses, and that are neither, are noted as constants. Gradients of an
    `torch.autograd.Function` are those of its forward, whatever its backward says.

    Raises:
        CannotFollow: complex numbers, and the like.
        Exception: whatever forward raises.
    """
    parameters = list(model.named_parameters())
    buffers = list(model.named_buffers())
    recorder = _Recorder()
    for kind, tensors in (
        ("input", inputs),
        ("parameter", [t for _, t in parameters]),
        ("buffer", [t for _, t in buffers]),
    ):
        for number, tensor in enumerate(tensors):
            recorder.name(tensor, {kind: number})
    weights = {
        "parameters": [[name, *_described(tensor)] for name, tensor in parameters],
        "buffers": [[name, *_described(tensor)] for name, tensor in buffers],
    }
    with torch.enable_grad(), _own_functions_noted(recorder), _Watch(recorder), recorder:
        answer = model(*inputs)
    output = recorder.reference(answer) if isinstance(answer, torch.Tensor) else type(answer).__name__
    return {
        **weights,
        "inputs": [[list(tensor.shape), _dtype(tensor.dtype)] for tensor in inputs],
        "constants": recorder.constants,
        "nodes": recorder.nodes,
        "output": None if answer is None else output,
        "taken_out": recorder.taken_out,
    }


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch does not annotate it
    """Notes every operation that is dispatched, with references to where its tensors come from."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch does not annotate it
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.taken_out: list[list[Any]] = []
        self.own_functions = 0
        """How many `torch.autograd.Function` are being run, in which gradients are off though they flow."""
        self._known: dict[int, tuple[torch.Tensor, dict[str, int]]] = {}
        """By id; the tensors are held so that no other one gets the same id."""

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if isinstance(out := kwargs.get("out"), torch.Tensor):  # the same in two steps
            del kwargs["out"]
            with self:
                return out.copy_(function.overloadpacket(*args, **kwargs))
        name = str(function).removeprefix("aten.")
        told = [self._plain(arg) for arg in args]
        named = {key: self._plain(value) for key, value in kwargs.items() if key not in _SAYS_WHERE}
        gradients = torch.is_grad_enabled() or self.own_functions > 0
        result = function(*args, **kwargs)
        parts = result if isinstance(result, tuple | list) else (result,)
        if any(isinstance(part, torch.Tensor) for part in parts) or function._schema.is_mutable:
            for number, part in enumerate(parts):
                if isinstance(part, torch.Tensor):
                    self.name(part, {"node": len(self.nodes), "part": number})
            self.nodes.append([name, told, named, gradients, _where()])
        return result

    def name(self, tensor: torch.Tensor, reference: dict[str, int]) -> None:
        self._known[id(tensor)] = tensor, reference

    def reference(self, tensor: torch.Tensor) -> dict[str, int]:
        """Where a tensor comes from; one that comes from nowhere is a constant from now on."""
        if id(tensor) not in self._known:
            self.name(tensor, {"constant": len(self.constants)})
            self.constants.append(_described(tensor))
        return self._known[id(tensor)][1]

    def _plain(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return self.reference(value)
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, list | tuple):
            return [self._plain(item) for item in value]
        if isinstance(value, torch.dtype):
            return {"dtype": _dtype(value)}
        if isinstance(value, torch.device | torch.layout | torch.memory_format | torch.Generator):
            return None
        raise CannotFollow(f"forward uses a {type(value).__name__} in a way that cannot be followed")


@contextlib.contextmanager
def _own_functions_noted(recorder: _Recorder) -> Iterator[None]:
    original = torch.autograd.Function.__dict__["apply"]

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        recorder.own_functions += 1
        try:
            return original.__func__(cls, *args, **kwargs)
        finally:
            recorder.own_functions -= 1

    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[assignment, method-assign]  # it is put back below
    try:
        yield
    finally:
        torch.autograd.Function.apply = original  # type: ignore[method-assign]  # what was there


class _Watch(TorchFunctionMode):
    """Sees to what is not dispatched: ``.data``, and numbers that leave tensors for Python or numpy."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(function, "__name__", "")
        if name == "__get__" and getattr(function, "__self__", None) is torch.Tensor.data:
            return args[0].detach()
        if name in _TAKES_NUMBERS_OUT and len(self._recorder.taken_out) < _MOST_NOTES:
            self._recorder.taken_out.append([f".{name}()", _where()])
        return function(*args, **(kwargs or {}))


def _where() -> list[int]:
    """Which cell of the student's is being run, counted as they are run, and which line of it."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if cell := _CELL.fullmatch(frame.f_code.co_filename):
            return [int(cell[1]), frame.f_lineno or 0]
        frame = frame.f_back
    return []


def _described(tensor: torch.Tensor) -> list[Any]:
    """Shape, dtype, whether it is to be trained, and its numbers, copied."""
    value = None if tensor.is_meta else tensor.detach().clone().contiguous().numpy()
    return [list(tensor.shape), _dtype(tensor.dtype), tensor.requires_grad, value]


def _dtype(dtype: torch.dtype) -> str:
    if dtype.is_complex:
        raise CannotFollow("forward uses complex numbers, which cannot be followed")
    return str(dtype).removeprefix("torch.")
