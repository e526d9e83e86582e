"""Races put to the test: far from the limit for every way of writing, the same verdict on a busy machine, no transport in their figures."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.catalogue import Entry, read_catalogue
from autograder.check.finding import Finding
from autograder.check.matrix import name_of, write_submissions
from autograder.course import Assignment, Course
from autograder.examine._context import Asked
from autograder.examine.examiner import Examiner, examine
from autograder.notebook import Found
from autograder.sandbox.client import namespace_error
from autograder.sandbox.folder import FolderForAWhile

QUIET = 5
"""How often each contender races on the quiet machine."""
BUSY = 300
"""How often each race is run on the busy machine, its contenders taking turns."""
ECHOES = 100
"""How often the transport of a race's arguments and answer is measured."""
_MOST_TRANSPORT = 0.2
"""Of the reference's time, what of its transport may be left in the figures."""
_HEADROOM = 2.0
"""Quick answers must take at most the limit divided by this, slow ones at least the limit times this."""
_BUSY_CODE = (
    "import numpy as np\nx = np.random.default_rng(0).normal(size=2_000_000)\nwhile True: np.sort(x); sum(range(10**5))"
)


_ECHO = """
import builtins as _kept

def remember(student, op, name, args):
    _kept.answer = globals()[name](student, *args) if op == "probe" else getattr(student, name)(*args)

def echo(student, *args):
    return _kept.answer
"""
"""Appended to the probes: to be sent the arguments and to answer what is known already is transport and nothing else."""


@dataclass
class Transport:
    """Of one race, in CPU seconds of the reference's process; the least of many rounds."""

    function: float = float("inf")
    """What the race compares with."""
    taken_off: float = float("inf")
    """What the race takes for transport."""
    echo: float = float("inf")
    """What it takes to answer the same without working it out."""

    @property
    def left(self) -> float:
        """As a share of the reference's figure: the transport that is not taken off, or what is taken off too much."""
        return abs(self.echo - self.taken_off) / self.function


@dataclass
class Contender:
    """One way of writing a function, and how it did in a race."""

    name: str
    slow: bool
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    shares: set[float] = field(default_factory=set)
    """Of the points, on the quiet machine."""
    changed: int = 0
    """How often the verdict on the busy machine was another one."""
    problem: str = ""


def check_races(course: Course, assignment: Assignment) -> Iterator[Finding]:
    """Run every race of an assignment with every alternative of its question, quietly and while all processors are busy."""
    entries = read_catalogue(assignment.alternatives_path)
    races = [(test.name, test.question) for test in assignment.tests if test.race]
    found: dict[str, tuple[float, Transport, list[Contender]]] = {}

    with FolderForAWhile("grader-races-") as folder:
        files = {one.student: one.path for one in write_submissions(assignment, entries, folder.path)}

        def serve(examiner: Examiner) -> None:
            for test, question in races:
                names = next(one.names for one in assignment.questions if one.id == question)
                own = [entry for entry in entries if entry.of in names]
                found[test] = _run(examiner, test, own, assignment.script_path, files)

        examine(course.root, assignment.name, course.secret, not namespace_error(), serve)
    for test, (limit, transport, contenders) in found.items():
        yield _finding(assignment, test, limit, transport, contenders)


def _run(
    examiner: Examiner, test: str, entries: Sequence[Entry], reference: Path, files: dict[str, Path]
) -> tuple[float, Transport, list[Contender]]:
    contenders = [Contender("reference", slow=False), *(Contender(name_of(entry), entry.slow) for entry in entries)]
    limit = 0.0
    asked: Asked | None = None

    def race(contender: Contender, number: int) -> tuple[float, float] | None:
        nonlocal limit, asked
        path = files.get(contender.name, reference)
        # Another student each time, so that inputs differ as they do in a class.
        result, trace, _ = examiner.replay(Found(f"{contender.name} {number}", path, None), test)
        if result.ratio is None or result.limits is None:
            contender.problem = result.message
            return None
        limit, asked = result.limits[0], trace.raced
        return result.ratio, result.earned / result.points

    for contender in contenders:
        for number in range(QUIET):
            if answer := race(contender, number):
                contender.quiet.append(answer[0])
                contender.shares.add(answer[1])
    transport = _transport(examiner, asked) if asked else Transport()
    running = [contender for contender in contenders if not contender.problem]
    with _all_processors_busy():
        for number in range(BUSY):
            contender = running[number % len(running)]
            if answer := race(contender, QUIET + number):
                contender.busy.append(answer[0])
                contender.changed += {answer[1]} != contender.shares
    return limit, transport, contenders


def _transport(examiner: Examiner, asked: Asked) -> Transport:
    found = Transport()
    with contextlib.closing(examiner.reference_process(examiner.reference.probes + _ECHO)) as reference:
        for _ in range(ECHOES):
            timed = reference.timed_call(asked.op, asked.name, asked.args)
            found.function = min(found.function, timed.inside)
            found.taken_off = min(found.taken_off, timed.transport)
            reference.probe("remember", asked.op, asked.name, asked.args)
            found.echo = min(found.echo, reference.timed_call("probe", "echo", asked.args).seconds)
    return found


@contextlib.contextmanager
def _all_processors_busy() -> Iterator[None]:
    """One process for each processor that computes, and fills the caches, all the time."""
    processes = [subprocess.Popen([sys.executable, "-c", _BUSY_CODE]) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _finding(
    assignment: Assignment, test: str, limit: float, transport: Transport, contenders: Sequence[Contender]
) -> Finding:
    width = max(len(contender.name) for contender in contenders)
    lines = [f"{'':{width}}  {'quiet':>8}  {'busy: lowest':>12} {'highest':>8}  {'races':>5}  {'other verdict':>13}"]
    wrong = []
    for one in sorted(contenders, key=lambda one: statistics.median(one.quiet or [0])):
        if one.problem:
            wrong.append(f"{one.name}: {one.problem}")
            continue
        quiet = statistics.median(one.quiet)
        lines.append(
            f"{one.name:{width}}  {quiet:8.2f}  {min(one.busy):12.2f} {max(one.busy):8.2f}  {len(one.busy):5}  {one.changed:13}"
        )
        if not one.slow and quiet > limit / _HEADROOM:
            wrong.append(f"{one.name} takes {quiet:.1f} times the reference, more than {limit / _HEADROOM:g}")
        if one.slow and quiet < limit * _HEADROOM:
            wrong.append(f"{one.name} takes {quiet:.1f} times the reference, less than {limit * _HEADROOM:g}")
        if len(one.shares) > 1:
            wrong.append(f"{one.name} gets different verdicts on the quiet machine")
        if one.changed:
            wrong.append(f"{one.name} gets another verdict {one.changed} times when the machine is busy")
    if transport.left > _MOST_TRANSPORT:
        wrong.append(
            f"transport makes {transport.left:.0%} of the reference's figure, more than {_MOST_TRANSPORT:.0%}: let the race have more work for each number that is sent"
        )
    lines.append(
        f"The reference takes {1000 * transport.function:.2f} ms. {1000 * transport.taken_off:.2f} ms of transport are taken off, "
        f"an echo takes {1000 * transport.echo:.2f} ms: {transport.left:.0%} of the reference's figure is transport."
    )
    races = sum(len(one.busy) for one in contenders)
    text = f"{test}, limit {limit:g}: {len(contenders)} ways of writing are clear of the limit; {transport.left:.0%} of the reference's figure is transport; of {races} races on a busy machine none ended otherwise"
    return Finding(assignment.name, not wrong, "\n  ".join([text, *wrong]), "\n".join(lines))
