"""A race: the student's function and the reference, timed alternately on fresh inputs by their CPU clocks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import SandboxError
from autograder.examine import _context
from autograder.examine.reference import StandIn
from autograder.examine.student import Student, Timed
from autograder.examine.student_errors import StudentError
from autograder.language import _
from autograder.testing import Mismatch, compare

_FEWEST_ROUNDS = 5
_MOST_ROUNDS = 25
_CLEAR = 1.5
"""A verdict is clear when the ratio is this factor away from both limits."""
_PLAIN_QUICK, _PLAIN_SLOW = 3.0, 2.0
"""This factor below the limit, or beyond the last one, two rounds are enough; those of slow functions take seconds."""

HALF = 2.0
"""Up to this multiple of the limit, a race earns half its points."""

Inputs = Callable[[np.random.Generator], tuple[Any, ...]]


class TooSlow(Mismatch):
    """The race was lost, or half won."""


@dataclass
class Race:
    """What the ``race`` fixture gives; callable as ``race("conv2d", make_inputs, limit=60)``.

    A process's clock runs from before it is sent its arguments until its answer is here, whatever it may do meanwhile.
    How much of that is transport, the reference's process tells, which is ours and is sent the same: that much is taken
    off the student's time, and no more, however it was spent. The ratio is that of the fastest rounds, and the fastest
    transport: what a machine does beside only ever adds time. Each round's answer is compared with the reference's, so
    that nothing is timed that was not worked out.
    """

    student: Student
    reference: Student
    rng: np.random.Generator
    require: Callable[[str, str], None]
    """As `Reference.require`."""
    ratio: float | None = None
    share: float = 0.0
    """Of the points: 1, 0.5 or 0."""
    limits: tuple[float, float] | None = None

    def __call__(self, name: str, make_inputs: Inputs, *, limit: float) -> None:
        """Race a function on the arguments that ``make_inputs(rng)`` returns.

        Raises:
            TooSlow: it took more than ``limit`` times as long as the reference.
            Mismatch: its answers are wrong.
        """
        self._run("call", name, make_inputs, limit)

    def probe(self, name: str, make_inputs: Inputs, *, limit: float, rtol: float = 1e-7) -> None:
        """Race a probe of the assignment's `probes.py`, likewise.

        Args:
            rtol: how far right answers may lie apart, such as 1e-3 for what is computed in float32.
        """
        self._run("probe", name, make_inputs, limit, rtol)

    def _run(self, op: str, name: str, make_inputs: Inputs, limit: float, rtol: float = 1e-7) -> None:
        self.require(op, name)
        self.limits = (limit, HALF * limit)
        runners = (self.student, self.reference)
        whole = function = transport = float("inf")
        for number in range(1, _MOST_ROUNDS + 1):
            args = make_inputs(self.rng)
            timed: dict[Student, Timed] = {}
            for runner in runners if number % 2 else reversed(runners):
                try:
                    with self.student.paused() if runner is self.reference else nullcontext():
                        timed[runner] = runner.timed_call(op, name, args)
                except StudentError as error:
                    if runner is self.reference:
                        raise SandboxError(f"The reference failed in a race: {error.summary}.") from None
                    raise
            own, ours = timed[self.student], timed[self.reference]
            _context.raced(_context.Asked(op, name, args), own.seconds, ours.inside, ours.transport)
            what = name if op == "call" else _("your answer")
            try:
                compare(own.value, ours.value, rtol=rtol, atol=1e-9, what=what)
            except Mismatch as wrong:
                text = _("Speed is measured once the answers are right. {problem}", problem=str(wrong))
                raise Mismatch(text) from None
            whole = min(whole, own.seconds)
            function = min(function, ours.inside)
            transport = min(transport, ours.transport)
            ratio = max(whole - transport, 0.0) / max(function, 1e-9)
            if number >= 2 and not limit / _PLAIN_QUICK < ratio < HALF * limit * _PLAIN_SLOW:
                break
            if number >= _FEWEST_ROUNDS and not any(
                bound / _CLEAR < ratio < bound * _CLEAR for bound in (limit, HALF * limit)
            ):
                break
        self.ratio = ratio
        self.share = 1.0 if ratio <= limit else 0.5 if ratio <= HALF * limit else 0.0
        if self.share < 1.0:
            raise TooSlow(
                _(
                    "Your {name} takes {ratio} times as long as the reference; up to {limit} times earns all points, up to {half} times half of them. "
                    "Most of the time goes into Python loops: let one numpy or torch operation work on whole arrays.",
                    name=name.replace("_", " ") if op == "probe" else name,
                    ratio=f"{ratio:.0f}",
                    limit=f"{limit:g}",
                    half=f"{HALF * limit:g}",
                )
            )


@dataclass(frozen=True)
class Rehearsal:
    """The ``race`` fixture where nobody races: inputs are made and the function is called once, so that a broken race shows."""

    stand_in: StandIn
    rng: np.random.Generator

    def __call__(self, name: str, make_inputs: Inputs, *, limit: float) -> None:
        """As `Race`."""
        self.stand_in.call(name, *make_inputs(self.rng))

    def probe(self, name: str, make_inputs: Inputs, *, limit: float, rtol: float = 1e-7) -> None:
        """As `Race.probe`."""
        self.stand_in.probe(name, *make_inputs(self.rng))
