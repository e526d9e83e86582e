"""Syntax trees of what students wrote."""

from __future__ import annotations

import ast
import re
import warnings

_MAGIC_LINE = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell; None if it is no plain Python, as a cell with magics is none."""
    try:
        return tree_of(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two for a tower of brackets
        return None


def tree_of(source: str) -> ast.Module:
    """The syntax tree of a cell.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it has none, or one that is too high.
    """
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this is the grader's own process
        tree = compile(source, "<cell>", "exec", flags, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def without_magics(source: str) -> str:
    """The same lines with `pass` for each that begins as a magic or a shell command does."""
    return _MAGIC_LINE.sub(r"\1pass", source)
