"""Cells of a solution script that stand for code of the package's own: `from autograder.in_notebooks.check import check`."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import replace
from pathlib import Path

from autograder.course.script import ScriptCell
from autograder.errors import CourseError

_STATEMENT = re.compile(r"from autograder\.in_notebooks\.(\w+) import \w+(?:, \w+)*")
_NAME = "autograder.in_notebooks"


def inlined(path: Path, cell: ScriptCell) -> ScriptCell:
    """The cell as it is, or with the code that it stands for: students have no autograder to import from.

    Args:
        path: of the script, for errors.

    Raises:
        CourseError: there is no such module, or the cell holds more than its import.
    """
    if _NAME not in cell.source:
        return cell
    found = _STATEMENT.fullmatch(cell.source.strip())
    if found is None:
        raise CourseError(
            f"{path}:{cell.line}: what is imported from {_NAME} becomes code of the notebook: write that import alone in a cell, "
            f"as in 'from {_NAME}.check import check'."
        )
    try:
        data = pkgutil.get_data(_NAME, f"{found[1]}.py")
    except OSError:
        data = None
    if data is None:
        raise CourseError(f"{path}:{cell.line}: {_NAME} holds nothing called '{found[1]}'.")
    return replace(cell, source=code(data.decode()), inlined=cell.source.strip())


def code(module: str) -> str:
    """The code of such a module without its docstring, which speaks to who writes it."""
    return module.partition('"""\n\n')[2].strip("\n")
