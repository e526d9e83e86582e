"""Names that students write, and those that they cannot have because something else goes by them."""

from __future__ import annotations

import ast
import keyword
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.course.script import Role, ScriptCell
from autograder.errors import CourseError

ASKS = {"mutated": "solution", "probe": "probes", "observe": "probes", "network": "probes"}
"""What hidden tests ask of ``student`` otherwise than by a name that students write: it takes a name, which is defined there."""
_ASKED = "hidden tests ask otherwise by student.{name}(...)"
_JUPYTER = "Jupyter defines it in every notebook"
_CATALOGUE = "mistakes.py and alternatives.py use it"
RESERVED = {
    "check": "public checks call it",
    **dict.fromkeys(ASKS, _ASKED),
    **dict.fromkeys(("In", "Out", "exit", "quit", "get_ipython", "display", "open"), _JUPYTER),
    **dict.fromkeys(("right", "mistake", "alternative", "functools", "types"), _CATALOGUE),
}
"""Name -> what it stands for, so that no question can ask for it."""


def why_refused(name: str) -> str:
    """Why no question can ask for this name; empty if one can."""
    if keyword.iskeyword(name):
        return "it is a word of Python's own"
    if name.startswith("_"):
        return "names that begin with '_' are private to a notebook"
    return RESERVED.get(name, "").format(name=name)


def defined_names(path: Path, cells: Sequence[ScriptCell], role: Role) -> dict[str, int]:
    """Names that the cells of one role define at their top level -> the line of the script where they first do.

    Raises:
        CourseError: such a cell is no Python.
    """
    found: dict[str, int] = {}
    for cell in cells:
        if cell.role is role:
            try:
                tree = ast.parse(cell.source)
            except SyntaxError as error:
                raise CourseError(f"{path}:{cell.line + (error.lineno or 1)}: {error.msg}.") from None
            for name, line in bound(tree.body):
                found.setdefault(name, cell.line + line)
    return found


def bound(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Names that statements bind, and their lines; also within `if`, `try`, `match`, `with` and loops."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
            continue
        waiting: deque[ast.AST] = deque([node])
        while waiting:
            match part := waiting.popleft():
                case ast.Import() | ast.ImportFrom():
                    yield from (((alias.asname or alias.name).partition(".")[0], part.lineno) for alias in part.names)
                case ast.Name(id=name, ctx=ast.Store()) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    yield name, part.lineno
                case ast.MatchMapping(rest=str(name)):
                    yield name, part.lineno
            own = part.target if isinstance(part, ast.comprehension) else None
            for child in ast.iter_child_nodes(part):
                if isinstance(child, ast.stmt):
                    yield from bound([child])
                elif child is not own and not isinstance(child, ast.Lambda):
                    waiting.append(child)
