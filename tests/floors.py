"""The oldest versions that pyproject.toml allows, as pip's constraints: `make test-floors` runs the tests with them.

`python tests/floors.py` prints them. What dependencies need in their turn is as new as they let it be.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def requirements() -> dict[str, list[Requirement]]:
    """``"build"``, ``"run"``, or the name of an extra -> what it declares, other extras of our own left out."""
    content = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    project = content["project"]
    named = {"build": content["build-system"]["requires"], "run": project["dependencies"]}
    return {
        group: [one for one in map(Requirement, texts) if one.name != project["name"]]
        for group, texts in (named | project["optional-dependencies"]).items()
    }


def floors() -> dict[str, str]:
    """Package -> lower bound.

    Raises:
        ValueError: a requirement has none, or something beside it, or two of one package differ.
    """
    found: dict[str, str] = {}
    for group, declared in requirements().items():
        for one in declared:
            bounds = [bound.version for bound in one.specifier if bound.operator == ">="]
            if len(bounds) != 1 or len(one.specifier) != 1:
                raise ValueError(f"pyproject.toml, {group}: '{one}' should have a lower bound and nothing else.")
            name = canonicalize_name(one.name)
            if found.setdefault(name, bounds[0]) != bounds[0]:
                raise ValueError(f"pyproject.toml, {group}: '{one}' has another lower bound elsewhere.")
    return found


if __name__ == "__main__":
    print("\n".join(f"{name}=={version}" for name, version in sorted(floors().items())))
