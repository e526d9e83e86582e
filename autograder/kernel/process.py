"""This very process in the place of a sandbox: the same requests and replies, carried out on a notebook's names."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.client import OverTime
from autograder.sandbox.inside import reply_to

_AGAIN = 0.2
"""Seconds until it is looked again whether the time is over, and until code that has caught its end is told once more."""


class Kernel:
    """Where `Student` gets what it takes for sandboxes.

    Args:
        namespace: the notebook's names; empty, to run cells in.
    """

    isolation = ("none: hidden tests and student code share a kernel",)

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def sandbox(self, *, memory_mb: int, cpu_seconds: float) -> KernelProcess:
        """The same names each time; memory cannot be limited here, nor all the time together."""
        return KernelProcess(self._namespace)


class KernelProcess:
    """Answers as a sandbox does. What a call does to the process stays."""

    closed = False

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._shell = _Shell(namespace)
        self._spent = 0.0

    def cpu_seconds(self) -> float:
        """CPU time of the process, with all its threads, while it answered."""
        return self._spent

    cpu_seconds_at_rest = cpu_seconds

    def used(self) -> tuple[float, float]:
        return self._spent, 0.0

    def has_spoken(self) -> bool:
        """Never: an answer is what a call returns."""
        return False

    def put(self, message: bytes, seconds: float) -> Any:
        """Nothing: a notebook's own folder holds its files already."""
        return {}

    def ask_encoded(self, message: bytes, seconds: float) -> Any:
        """Raises OverTime as a sandbox does, if this is the main thread; others cannot be interrupted."""
        overran: list[str] = []
        started = time.process_time()
        try:
            with contextlib.suppress(_Overran), _time_limit(seconds, overran):
                reply = reply_to(wire.decode(message), self._shell)
        finally:
            self._spent += time.process_time() - started
        if overran:
            raise OverTime(overran[0])
        return wire.decode(reply)

    def paused(self) -> contextlib.AbstractContextManager[None]:
        """Threads of the notebook's own process cannot be stopped."""
        return contextlib.nullcontext()

    def close(self) -> None:
        pass


class _Overran(BaseException):
    """The call's time is over; no ``except Exception`` of the student's catches it."""


@contextlib.contextmanager
def _time_limit(seconds: float, overran: list[str]) -> Iterator[None]:
    """Interrupt what runs when its CPU time is over, or as much time asleep, and note which in ``overran``."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    cpu, clock, queued = time.process_time(), time.monotonic(), _seconds_in_queues()

    def end(number: int, frame: Any) -> None:
        ran = time.process_time() - cpu
        asleep = time.monotonic() - clock - ran - (_seconds_in_queues() - queued)
        if max(ran, asleep) > seconds:
            overran.append("ran" if ran > seconds else "waited")
            raise _Overran

    # Not ITIMER_PROF: while it runs, the kernel counts CPU time in ticks, too coarse for a race.
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _seconds_in_queues() -> float:
    """How long this process's threads have waited for a processor, where the kernel tells."""
    total = 0
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/self/task/{thread}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[1])
    return total / 1e9


class _Shell:
    """As much of an IPython shell as requests need."""

    cell_number = 0

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace

    def run_cell(self, source: str, store_history: bool) -> SimpleNamespace:
        error = None
        try:
            exec(compile(source, f"<cell {self.cell_number}>", "exec"), self.user_ns)
        except Exception as raised:  # a student's code may raise anything; the caller tells it
            error = raised
        return SimpleNamespace(error_before_exec=None, error_in_exec=error)
