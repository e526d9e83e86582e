"""Whether code that is said to be of another language is Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable

_MAGIC_LINE = re.compile(r"^[ \t]*[%!][^\n]*", re.MULTILINE)
_MOST = 200_000
"""Characters of a notebook that is looked at; a syntax tree takes some hundred times as much."""


def is_python(sources: Iterable[str]) -> bool:
    """Whether every cell can be read as Python and one of them defines or imports something in more than a line.

    Much of R or Julia is Python by chance, as ``x <- 1`` and ``library(ggplot2)`` are, but no definition of theirs.
    """
    left, defined = _MOST, False
    for source in sources:
        left -= len(source)
        if left < 0:
            return False
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(_MAGIC_LINE.sub("pass", source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
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
