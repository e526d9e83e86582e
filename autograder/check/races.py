"""Races put to the test: far from the limit for every way of writing, and the same verdict on a busy machine."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.catalogue import Entry, read_catalogue
from autograder.check.finding import Finding
from autograder.check.matrix import name_of, write_submissions
from autograder.course import Assignment, Course
from autograder.examine.examiner import Examiner, examine
from autograder.notebook import Found
from autograder.sandbox.client import namespace_error

QUIET = 5
"""How often each contender races on the quiet machine."""
BUSY = 300
"""How often each race is run on the busy machine, its contenders taking turns."""
_HEADROOM = 2.0
"""Quick answers must take at most the limit divided by this, slow ones at least the limit times this."""
_BUSY_CODE = (
    "import numpy as np\nx = np.random.default_rng(0).normal(size=2_000_000)\nwhile True: np.sort(x); sum(range(10**5))"
)


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
    races = [(test.name, test.question) for test in assignment.tests if _is_race(assignment, test.name)]
    found: dict[str, tuple[float, list[Contender]]] = {}

    with tempfile.TemporaryDirectory(prefix="grader-races-") as folder:
        files = {one.student: one.path for one in write_submissions(assignment, entries, Path(folder))}

        def serve(examiner: Examiner) -> None:
            for test, question in races:
                names = next(one.names for one in assignment.questions if one.id == question)
                own = [entry for entry in entries if entry.of in names]
                found[test] = _run(examiner, test, own, assignment.script_path, files)

        examine(course.root, assignment.name, course.secret, not namespace_error(), serve)
    for test, (limit, contenders) in found.items():
        yield _finding(assignment, test, limit, contenders)


def _is_race(assignment: Assignment, test: str) -> bool:
    import ast

    tree = ast.parse(assignment.hidden_tests_path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == test
        and any(argument.arg == "race" for argument in node.args.args)
        for node in tree.body
    )


def _run(
    examiner: Examiner, test: str, entries: Sequence[Entry], reference: Path, files: dict[str, Path]
) -> tuple[float, list[Contender]]:
    contenders = [Contender("reference", slow=False), *(Contender(name_of(entry), entry.slow) for entry in entries)]
    limit = 0.0

    def race(contender: Contender, number: int) -> tuple[float, float] | None:
        nonlocal limit
        path = files.get(contender.name, reference)
        # Another student each time, so that inputs differ as they do in a class.
        result, _, _ = examiner.replay(Found(f"{contender.name} {number}", path, None), test)
        if result.ratio is None or result.limits is None:
            contender.problem = result.message
            return None
        limit = result.limits[0]
        return result.ratio, result.earned / result.points

    for contender in contenders:
        for number in range(QUIET):
            if answer := race(contender, number):
                contender.quiet.append(answer[0])
                contender.shares.add(answer[1])
    running = [contender for contender in contenders if not contender.problem]
    with _all_processors_busy():
        for number in range(BUSY):
            contender = running[number % len(running)]
            if answer := race(contender, QUIET + number):
                contender.busy.append(answer[0])
                contender.changed += {answer[1]} != contender.shares
    return limit, contenders


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


def _finding(assignment: Assignment, test: str, limit: float, contenders: Sequence[Contender]) -> Finding:
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
    races = sum(len(one.busy) for one in contenders)
    text = f"{test}, limit {limit:g}: {len(contenders)} ways of writing are clear of the limit; of {races} races on a busy machine none ended otherwise"
    return Finding(assignment.name, not wrong, "\n  ".join([text, *wrong]), "\n".join(lines))
