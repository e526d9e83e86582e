"""Whether code that is said to be of another language is Python."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autograder.notebook.tree import parse, without_magics

_MOST = 200_000
"""Characters of a notebook that is looked at; a syntax tree takes some hundred times as much."""


def is_python(sources: Iterable[str]) -> bool:
    """Whether every cell can be read as Python and one of them defines a function or a class, and not in one line as Scala does.

    Much of R or Julia is Python by chance, as ``x <- 1`` and ``library(ggplot2)`` are, but no definition of theirs.
    """
    left, defined = _MOST, False
    for source in sources:
        left -= len(source)
        if left < 0:
            return False
        tree = parse(without_magics(source))
        if tree is None:
            return False
        defined |= any(
            isinstance(part, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and not _is_scala(part)
            for part in tree.body
        )
    return defined


def _is_scala(definition: ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is one line like ``def f(x: Int): Int = x + 1``."""
    first = definition.body[0]
    return len(definition.body) == 1 and isinstance(first, ast.Assign) and first.lineno == definition.lineno
