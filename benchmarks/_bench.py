"""Shared by the benchmarks: a course with six small tests, and what a command costs with every process it starts."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import platform
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

BIN = Path(sys.executable).parent
COURSE = Path(__file__).resolve().parents[1]

FUNCTIONS = {
    "conv1d": "np.array([float(np.sum(x[i : i + len(k)] * k)) for i in range(len(x) - len(k) + 1)])",
    "conv2d": "np.array([[float(np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)) "
    "for j in range(x.shape[1] - k.shape[1] + 1)] for i in range(x.shape[0] - k.shape[0] + 1)])",
    "relu": "np.maximum(x, 0)",
    "max_pool": "x.reshape(x.shape[0] // k, k, x.shape[1] // k, k).max(axis=(1, 3))",
    "pad": "np.pad(x, k)",
    "softmax": "np.exp(x - x.max()) / np.exp(x - x.max()).sum()",
}
ARGUMENTS = {
    "conv1d": "rng.normal(size=20), rng.normal(size=3)",
    "conv2d": "rng.normal(size=(8, 7)), rng.normal(size=(3, 2))",
    "relu": "rng.normal(size=(5, 4)), None",
    "max_pool": "rng.normal(size=(6, 4)), 2",
    "pad": "rng.normal(size=(3, 4)), 2",
    "softmax": "rng.normal(size=9), None",
}
"""Six functions of (x, k), and inputs for the hidden test of each."""

POINTS = 10
"""For each of the six."""


def stub(name: str) -> str:
    """A question's cell with its solution between markers, which nbgrader and grader share."""
    return f"def {name}(x, k):\n    ### BEGIN SOLUTION\n    return {FUNCTIONS[name]}\n    ### END SOLUTION"


def answer(name: str) -> str:
    """The same as a student fills it in."""
    return f"def {name}(x, k):\n    return {FUNCTIONS[name]}"


def write_course(root: Path) -> None:
    """The six questions as a course for `grader`."""
    folder = root / "assignments" / "six"
    folder.mkdir(parents=True)
    (root / "solutions").mkdir()
    course = 'title = "Benchmark"\ncode = "B"\nterm = "now"\n'
    (root / "assignments" / "course.toml").write_text(course, encoding="utf-8")
    questions = [f'[[questions]]\nid = "{name}"\ntitle = "{name}"\npoints = {POINTS}\n' for name in FUNCTIONS]
    (folder / "assignment.toml").write_text("\n".join(['title = "Six"\n', *questions]), encoding="utf-8")
    cells = ["# %%\nimport numpy as np\n", *(f"# %%\n{stub(name)}\n" for name in FUNCTIONS)]
    (root / "solutions" / "six.py").write_text("\n".join(cells), encoding="utf-8")
    tests = [
        f'@pytest.mark.question("{name}", points={POINTS})\ndef test_{name}(student, reference, rng):\n'
        f'    """{name}"""\n    x, k = {ARGUMENTS[name]}\n'
        f"    assert_matches(student.{name}(x, k), reference.{name}(x, k))\n"
        for name in FUNCTIONS
    ]
    imports = "import pytest\nfrom autograder.testing import assert_matches\n"
    (folder / "hidden_tests.py").write_text("\n\n".join([imports, *tests]), encoding="utf-8")


def code_cell(number: int, source: str, **metadata: object) -> dict[str, object]:
    """A code cell in nbformat 4.5."""
    fixed: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**fixed, "id": f"c{number}", "metadata": metadata, "source": source}


def notebook(cells: list[dict[str, object]]) -> str:
    """A notebook in nbformat 4.5."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def right_notebook() -> str:
    """A submission that earns all points."""
    return notebook(
        [code_cell(0, "import numpy as np"), *(code_cell(n, answer(f)) for n, f in enumerate(FUNCTIONS, 1))]
    )


@dataclass(frozen=True)
class Cost:
    """What a command took, with every process it started."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds; see `CPU_NOTE`."""
    tree_mb: float
    """The largest sum over its processes, sampled: each one's share of memory (PSS), shared pages counted once."""
    process_mb: float
    """The largest resident set of one process that was waited for."""


def measure(*command: str | Path, cwd: Path) -> Cost:
    """Run a command to its end; a command that fails ends the benchmark and says why."""
    with tempfile.TemporaryFile() as output:
        before = 0.0 if _GROUP is None else _group_seconds(_GROUP)
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},  # nbgrader calls others by name
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_enter_group,
        )
        ended = select.poll()
        handle = os.pidfd_open(process.pid)
        ended.register(handle, select.POLLIN)
        largest = 0.0
        while not ended.poll(200):
            largest = max(largest, sum(memory_mb(pid)[1] for pid in tree(process.pid)))
        wall = time.perf_counter() - started
        os.close(handle)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime if _GROUP is None else _group_seconds(_GROUP) - before
        if process.returncode:
            output.seek(0)
            words = " ".join(map(str, command))
            raise SystemExit(f"{words} failed:\n{output.read().decode(errors='replace')[-3000:]}")
    return Cost(wall, cpu, largest, usage.ru_maxrss / 1024)


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def memory_mb(pid: int) -> tuple[float, float]:
    """A process's resident set and its share of it (PSS), in MB; zeros when it has gone."""
    sizes = {"Rss:": 0.0, "Pss:": 0.0}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, number, *_ = line.split()
            if name in sizes:
                sizes[name] = int(number) / 1024
    return sizes["Rss:"], sizes["Pss:"]


def machine() -> str:
    """Where the figures come from, in two lines."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} x {model}, {memory:.0f} GB, Linux {platform.release()}, Python {platform.python_version()}\n"
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {load}"
    )


def _make_group() -> Path | None:
    """A control group of our own, which counts the CPU time of processes that nobody waits for, or None."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        root = next(fields[4] for fields in mounts if fields[fields.index("-") + 1] == "cgroup2")
        own = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
        group = Path(f"{root}{own}") / f"grader-benchmark-{os.getpid()}"
        group.mkdir()
        _group_seconds(group)
    except (OSError, StopIteration):
        return None
    return group


def _group_seconds(group: Path) -> float:
    words = (group / "cpu.stat").read_text().split()
    return int(words[words.index("usage_usec") + 1]) / 1e6


def _enter_group() -> None:
    if _GROUP is not None:
        (_GROUP / "cgroup.procs").write_text(str(os.getpid()))


def _remove_group() -> None:
    if _GROUP is not None:
        with contextlib.suppress(OSError):
            _GROUP.rmdir()


_GROUP = _make_group()
atexit.register(_remove_group)

CPU_NOTE = (
    "CPU: of every process, by a control group"
    if _GROUP
    else "CPU: without the sandboxes, which nobody waits for; as root, or in a delegated control group, they are counted"
)
