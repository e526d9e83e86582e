"""Cells of a solution script that stand for code of the package's own: `from autograder.in_notebooks.check import check`."""

from __future__ import annotations

import ast
import json
import pkgutil
import re
from dataclasses import replace
from pathlib import Path

from autograder.course.script import ScriptCell
from autograder.errors import CourseError
from autograder.language import ENGLISH, N_, _, speaking

_STATEMENT = re.compile(r"from autograder\.in_notebooks\.(\w+) import (\w+(?:, \w+)*)")
_PACKAGE = "autograder.in_notebooks"
_MARK = "\nfrom autograder.language import N_\n"
TITLES = {
    "check": N_("check: compares your answers with the expected ones"),
    "speed": N_("say_how_fast: times your functions"),
}
"""What Colab shows in place of the code."""


def inlined(path: Path, cell: ScriptCell) -> ScriptCell:
    """The cell as it is, or with the code that it stands for, in English: students have no autograder to import from.

    Args:
        path: of the script, for errors.

    Raises:
        CourseError: there is no such module or function, or the cell holds more than its import.
    """
    if _PACKAGE not in cell.source:
        return cell
    found = _STATEMENT.fullmatch(cell.source.strip())
    if found is None:
        raise CourseError(
            f"{path}:{cell.line}: what is imported from {_PACKAGE} becomes code of the notebook: write that import alone in a cell, "
            f"as in 'from {_PACKAGE}.check import check'."
        )
    with speaking(ENGLISH):
        source = _code(found[1])
    if not source:
        raise CourseError(f"{path}:{cell.line}: {_PACKAGE} holds nothing called '{found[1]}'.")
    defined = {one.name for one in ast.parse(source).body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    if unknown := set(found[2].split(", ")) - defined:
        raise CourseError(f"{path}:{cell.line}: {_PACKAGE}.{found[1]} holds nothing called '{min(unknown)}'.")
    return replace(cell, source=source, inlined=cell.source.strip())


def in_language(cell: ScriptCell) -> ScriptCell:
    """The same cell, with what code of the package's own prints in the language that is spoken."""
    found = _STATEMENT.fullmatch(cell.inlined)
    return replace(cell, source=_code(found[1])) if found else cell


def _code(name: str) -> str:
    """The code of such a module, if there is one, under its title, without its docstring, which speaks to who writes it, and with plain text for what is marked to be translated."""
    if name not in TITLES:
        return ""
    data = pkgutil.get_data(_PACKAGE, f"{name}.py") or b""
    source = ("\n" + data.decode().partition('"""\n\n')[2]).replace(_MARK, "")
    calls = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call) and ast.unparse(one.func) == "N_"]
    marked = {ast.get_source_segment(source, call): ast.literal_eval(call.args[0]) for call in calls}
    for segment, text in marked.items():
        source = source.replace(str(segment), json.dumps(str(_(text)), ensure_ascii=False))
    return f"# @title {_(TITLES[name])}\n" + source.strip("\n")
