"""The reference of every race against PyTorch: on the race's own inputs, float64, one thread, in turns."""

from __future__ import annotations

import os

os.environ.update({f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")})

import runpy
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from _bench import COURSE, machine

from autograder.course import Course
from autograder.examine.reference import Reference

ROUNDS = 300
RACES = (("conv_forward", "conv2d"), ("sizing", "conv2d"), ("pooling", "max_pool2d"), ("backprop", "conv2d_backward"))

Call = Callable[[], Any]


def race_of(assignment: str) -> tuple[str, Callable[[np.random.Generator], tuple[Any, ...]]]:
    """What an assignment's hidden test hands to its race: a function's name, and what makes its arguments."""
    seen: list[Any] = []
    tests = runpy.run_path(str(Course.find(COURSE).assignment(assignment).hidden_tests_path))
    tests["test_speed"](lambda name, make_inputs, limit: seen.extend((name, make_inputs)))
    return seen[0], seen[1]


def same_in_torch(function: str, *args: Any) -> Call:
    """A call of torch that gives what the reference's function gives for these arguments."""
    tensors = [torch.from_numpy(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    if function != "conv2d_backward":
        return lambda: getattr(F, function)(*tensors)
    grad_output, x, weight, stride, padding = tensors
    bias = torch.zeros(len(weight), dtype=torch.float64)
    wanted = [tensor.requires_grad_() for tensor in (x, weight, bias)]
    out = F.conv2d(x, weight, bias, stride, padding)  # not timed: the reference is not asked for it, either
    return lambda: torch.autograd.grad(out, wanted, grad_output, retain_graph=True)


def seconds(call: Call) -> tuple[float, Any]:
    """CPU time of a call, and what it returned."""
    started = time.process_time()
    value = call()
    return time.process_time() - started, value


def measure(reference: Callable[..., Any], function: str, make_inputs: Callable[..., Any]) -> tuple[list[float], ...]:
    """Seconds of the reference and of torch, round by round, each round with inputs of its own."""
    rng = np.random.default_rng(0)
    times: tuple[list[float], ...] = ([], [])
    for number in range(ROUNDS):
        args = make_inputs(rng)
        calls = [lambda args=args: reference(*args), same_in_torch(function, *args)]
        values: list[Any] = [None, None]
        for who in (0, 1) if number % 2 else (1, 0):
            spent, values[who] = seconds(calls[who])
            times[who].append(spent)
        for ours, theirs in zip(*(v if isinstance(v, tuple) else (v,) for v in values), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    return times


def main() -> None:
    torch.set_num_threads(1)
    print(f"{machine()}\nnumpy {np.__version__}, torch {torch.__version__}, float64, one thread each")
    print(
        f"CPU time of this process in ms, {ROUNDS} rounds in turns, each with fresh inputs, and their answers compared."
    )
    print("conv2d_backward: gradients of input, weight and bias together; torch's forward pass is not counted.\n")
    print(f"{'':30}{'median':^24}{'minimum':^24}\n{'':30}" + 2 * f"{'ours':>8}{'torch':>8}{'ratio':>8}")
    for assignment, function in RACES:
        name, make_inputs = race_of(assignment)
        assert name == function
        reference = getattr(Reference(Course.find(COURSE).assignment(assignment)).names, function)
        ours, theirs = measure(reference, function, make_inputs)
        line = f"{assignment + '.' + function:30}"
        for figure in (statistics.median, min):
            one, other = 1000 * figure(ours), 1000 * figure(theirs)
            line += f"{one:8.3f}{other:8.3f}{one / other:8.2f}"
        print(line)


if __name__ == "__main__":
    main()
