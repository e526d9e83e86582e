"""Shared by the benchmarks: a course with six small tests, and measuring a command with all its children."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent

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


def answer(name: str) -> str:
    return f"def {name}(x, k):\n    return {FUNCTIONS[name]}"


def write_course(root: Path) -> None:
    """The six questions as a course of ours."""
    folder = root / "assignments" / "six"
    folder.mkdir(parents=True)
    (root / "solutions").mkdir()
    (root / "assignments" / "course.toml").write_text('title = "t"\ncode = "c"\nterm = "t"\n', encoding="utf-8")
    questions = "".join(f'\n[[questions]]\nid = "{name}"\ntitle = "{name}"\npoints = 10\n' for name in FUNCTIONS)
    (folder / "assignment.toml").write_text(f'title = "Six"\n{questions}', encoding="utf-8")
    cells = [
        f"# %%\ndef {name}(x, k):\n    ### BEGIN SOLUTION\n    return {FUNCTIONS[name]}\n    ### END SOLUTION\n" for name in FUNCTIONS
    ]
    (root / "solutions" / "six.py").write_text("# %%\nimport numpy as np\n\n" + "\n".join(cells), encoding="utf-8")
    tests = [
        f'@pytest.mark.question("{name}", points=10)\ndef test_{name}(student, reference, rng):\n    """{name}"""\n'
        f"    x, k = {ARGUMENTS[name]}\n    assert_matches(student.{name}(x, k), reference.{name}(x, k))\n"
        for name in FUNCTIONS
    ]
    (folder / "hidden_tests.py").write_text(
        "import pytest\nfrom autograder.testing import assert_matches\n\n" + "\n".join(tests), encoding="utf-8"
    )


def notebook(cells: list[dict[str, object]]) -> str:
    return json.dumps(
        {
            "cells": cells,
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def code(number: int, source: str, **metadata: object) -> dict[str, object]:
    return {
        "cell_type": "code", "execution_count": None, "id": f"c{number}", "metadata": metadata, "outputs": [],
        "source": source,
    }  # fmt: skip


def right_notebook() -> str:
    """A correct submission."""
    return notebook([code(0, "import numpy as np"), *(code(n, answer(name)) for n, name in enumerate(FUNCTIONS, 1))])


@dataclass(frozen=True)
class Cost:
    """What a command took, with every process it started: seconds, CPU seconds, MB at the peak of the largest process."""

    wall: float
    cpu: float
    peak_mb: float


def measure(*command: str | Path, cwd: Path) -> Cost:
    """Run a command to its end.

    CPU is that of the whole tree, from the operating system's accounts of all processes of this machine's user that the
    command started and that were waited for, plus the sandboxes' own (which are killed, not waited for, by the command).
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | {"PATH": path}
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, after.ru_maxrss / 1024)


def machine() -> str:
    """One line about where the figures come from."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, load average {load}"
