"""Shared by all tests: a small course in a temporary folder, and notebooks to submit to it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, settings

from autograder.course import Course

REPOSITORY = Path(__file__).resolve().parents[1]

settings.register_profile(
    "fuzz", max_examples=int(os.environ.get("FUZZ", "30000")), deadline=None, suppress_health_check=list(HealthCheck)
)
"""For `make fuzz`."""
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")

ALONE = [sys.executable, str(REPOSITORY / "tests" / "alone.py")]
"""Before a command that starts a Jupyter kernel."""

COURSE_TOML = """
title = "A small course"
code = "TEST101"
term = "now"
"""

ASSIGNMENT_TOML = """
title = "Doubling"
due = 2026-12-07T23:59:00+07:00
packages = ["numpy"]

[limits]
cell_seconds = 2
call_seconds = 1
submission_seconds = 30
memory_mb = 512
file_mb = 1

[[questions]]
id = "double"
title = "Twice as much"
points = 70

[[questions]]
id = "name"
title = "Hello"
points = 30
"""

SOLUTION = '''
# %% [markdown]
# # Doubling

# %%
import numpy as np

A = np.array([[1.0, 2.0], [3.0, 4.0]])


def check(name, actual, expected, atol=1e-9):
    assert np.allclose(actual, expected, atol=atol), name


# %%
def double(x: np.ndarray) -> np.ndarray:
    """Twice x."""
    ### BEGIN SOLUTION
    secret_of_the_solution = 2
    return secret_of_the_solution * x
    ### END SOLUTION


# %% check="double" points=20 title="A small array"
check("A", double(A), [[2, 4], [6, 8]])

# %%
def name(who: str) -> str:
    """A greeting; raises ValueError for nobody."""
    ### BEGIN SOLUTION
    if not who:
        raise ValueError("nobody")
    return "hello " + who
    ### END SOLUTION


# %% tags=["demo"]
print(double(A))
'''.lstrip()

HIDDEN_TESTS = '''
import numpy as np
import pytest

from autograder.testing import assert_matches, assert_raises, integers


@pytest.mark.question("double", points=30)
@pytest.mark.parametrize("size", [3, 5])
def test_values(student, reference, rng, size):
    """Random arrays"""
    x = integers(rng, size, size + 1, low=1)
    assert_matches(student.double(x), reference.double(x))


@pytest.mark.question("double", points=10)
def test_untouched(student):
    """The argument stays as it was"""
    assert student.mutated("double", np.ones(3)) == [], "double changed its argument."


@pytest.mark.question("double", points=10)
def test_speed(race):
    """Speed"""
    # Far from both: quick ways take up to 10 times as long on a busy machine, loops at least 400.
    race("double", lambda rng: (integers(rng, 200, 200),), limit=60)


@pytest.mark.question("name", points=20)
def test_greets(student):
    """Greets by name"""
    assert_matches(student.name("hidden-input-42"), "hello hidden-input-42")


@pytest.mark.question("name", points=10)
def test_refuses_nobody(student):
    """An empty name raises ValueError"""
    assert_raises(ValueError, student.name, "")
'''

SOUND_HIDDEN_TESTS = (
    HIDDEN_TESTS.replace("points=30)", "points=32)")
    .replace("points=10)\ndef test_untouched(student)", "points=8)\ndef test_untouched(student, reference, rng)")
    .replace(
        '    assert student.mutated("double", np.ones(3))',
        "    x = integers(rng, 2, 3, low=1)\n"
        "    assert_matches(student.double(x), reference.double(x))\n"
        '    assert student.mutated("double", x)',
    )
    .replace("def test_greets(student)", "def test_greets(student, rng)")
    .replace(
        'student.name("hidden-input-42"), "hello hidden-input-42"',
        'student.name(who := f"Ann {rng.integers(10**6)}"), f"hello {who}"',
    )
)
"""Those that `grader check` finds nothing wrong with: wrong answers earn nothing for leaving their argument as it was,
and no right answer is the same for everybody."""

RIGHT = """
import numpy as np
def double(x):
    return 2 * x
def name(who):
    if not who:
        raise ValueError
    return "hello " + who
"""
"""A right answer to both questions."""


def write_course(root: Path, **changes: str) -> Course:
    """A course with one assignment, `doubling`; ``changes`` replaces whole files by their stem."""
    texts = {
        "assignment": ASSIGNMENT_TOML,
        "doubling": SOLUTION,
        "hidden_tests": HIDDEN_TESTS,
        "course": COURSE_TOML,
    } | changes
    folder = root / "assignments" / "doubling"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "solutions").mkdir(exist_ok=True)
    (root / "assignments" / "course.toml").write_text(texts["course"], encoding="utf-8")
    (folder / "assignment.toml").write_text(texts["assignment"], encoding="utf-8")
    (folder / "hidden_tests.py").write_text(texts["hidden_tests"], encoding="utf-8")
    (root / "solutions" / "doubling.py").write_text(texts["doubling"], encoding="utf-8")
    return Course(root)


def notebook(*sources: str, **changes: object) -> str:
    """A notebook of code cells as Jupyter saves it; ``changes`` replaces top-level keys."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": dedent(source).strip("\n").splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    content: dict[str, object] = {
        "cells": cells,
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content | changes)


def free_port() -> int:
    """One below those that the kernel gives out by itself: nobody is given it before its server takes it."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    for port in random.SystemRandom().sample(range(first - 10_000, first), 100):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


@pytest.fixture(scope="session")
def lectures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course of this repository under a secret that is always the same, and so are the inputs of its hidden tests."""
    root = tmp_path_factory.mktemp("lectures")
    for name in ("assignments", "solutions", "student_templates"):
        (root / name).symlink_to(REPOSITORY / name)
    (root / "course.secret").write_text("for tests\n", encoding="ascii")
    return root


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path)


@pytest.fixture
def make_course(tmp_path: Path) -> Callable[..., Course]:
    return lambda **changes: write_course(tmp_path, **changes)


def executed(folder: Path, cells: Sequence[Any]) -> Any:
    """A notebook of these cells after a real kernel has run them in this folder, whatever they raised."""
    path = folder / "executed.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    command = [Path(sys.executable).with_name("jupyter-execute"), "--allow-errors", "--timeout=300", "--inplace", path]
    subprocess.run([*ALONE, *command], check=True, capture_output=True)
    content = nbformat.read(path, 4)
    path.unlink()
    return content
