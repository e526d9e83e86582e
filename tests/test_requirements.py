"""What the package imports is declared, with a lower bound that can be tried."""

from __future__ import annotations

import ast
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests import floors
from tests.conftest import REPOSITORY

EXTRA_OF = {
    "check/mutants.py": "dev",
    "engine/cluster.py": "cluster",
    "export/nbgrader_course.py": "nbgrader",
    "export/nbgrader_notebook.py": "nbgrader",
    "export/nbgrader_format.py": "nbgrader",
    "targets/nbgrader.py": "nbgrader",
    "targets/nbgrader_repair.py": "nbgrader",
    "targets/otter.py": "otter",
    "sandbox/interpreter.py": "torch",
    "sandbox/elsewhere.py": "torch",
    "sandbox/tracing.py": "torch",
}
"""Files that may import more than everybody has -> the extra that brings it."""


def imported(path: Path) -> set[str]:
    """The names of what a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - {"autograder"} - set(sys.stdlib_module_names)


def test_every_import_is_declared() -> None:
    declared = {group: {canonicalize_name(one.name) for one in ones} for group, ones in floors.requirements().items()}
    packages = metadata.packages_distributions()
    package = REPOSITORY / "autograder"
    undeclared = {
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in sorted(package.rglob("*.py"))
        for name in imported(path)
        if not {canonicalize_name(owner) for owner in packages.get(name, [name])}
        & (declared["run"] | declared.get(EXTRA_OF.get(path.relative_to(package).as_posix(), ""), set()))
    }
    assert undeclared == set()


def test_every_requirement_has_a_lower_bound_and_only_that() -> None:
    assert len(floors.floors()) > 20


def test_no_floor_is_newer_than_what_is_developed_with() -> None:
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    used = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    used = {canonicalize_name(name): version for name, version in used.items()}
    newer = {
        name: floor for name, floor in floors.floors().items() if name in used and Version(floor) > Version(used[name])
    }
    assert newer == {}


@pytest.mark.parametrize("name", ["numpy", "msgpack", "hatchling"])
def test_floors_that_were_too_low_are_not(name: str) -> None:
    """numpy 1 has no `copy=None`, msgpack 1.0.8 is slow enough to flip races and 1.2.0 loses memory with each answer that is refused, hatchling 1.25 cannot read our license files."""
    least = {"numpy": "2.1", "msgpack": "1.2.4", "hatchling": "1.26"}
    assert Version(floors.floors()[name]) >= Version(least[name])
