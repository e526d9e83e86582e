"""Which statements of a cell are run after another of them has failed: those that only define something.

One line for decoration, a progress bar that is not there or a file that is, would otherwise cost a function. What calls the notebook's own functions is
left out: a training run, or a result that takes a function's name.
"""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Iterator, Mapping
from typing import Any

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def defines(statement: ast.stmt, names: Mapping[str, Any]) -> bool:
    """Whether a statement of a cell's top level does nothing but define functions, classes, imported names or constants.

    Args:
        names: the notebook's, to tell its own functions from those of packages.
    """
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Assign() | ast.AnnAssign():
            return _is_constant(statement, names)
        case ast.Expr():
            return isinstance(statement.value, ast.Constant)
        case ast.If():
            parts = [*statement.body, *statement.orelse]
            return _is_constant(statement.test, names) and all(defines(part, names) for part in parts)
        case ast.Try():
            handled = [part for handler in statement.handlers for part in handler.body]
            parts = [*statement.body, *handled, *statement.orelse, *statement.finalbody]
            return all(defines(part, names) for part in parts)
    return False


def _is_constant(node: ast.AST, names: Mapping[str, Any]) -> bool:
    """Whether nothing of the notebook's own is called, nor anything waited for."""
    return all(
        _is_of_a_package(part.func, names)
        if isinstance(part, ast.Call)
        else not isinstance(part, ast.Await | ast.Yield | ast.YieldFrom)
        for part in _walk(node)
    )


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is worked out together with it: not a lambda's body."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, _FUNCTIONS):
            waiting += ast.iter_child_nodes(part)


def _is_of_a_package(function: ast.expr, names: Mapping[str, Any]) -> bool:
    """Whether a function is a builtin one, or comes from a package: ``np.array``, ``torch.device``, ``partial``."""
    while isinstance(function, ast.Attribute):
        function = function.value
    if not isinstance(function, ast.Name):
        return isinstance(function, ast.Constant)  # as in "a b c".split()
    found = names.get(function.id, getattr(builtins, function.id, None))
    if isinstance(found, types.ModuleType):
        return True
    callable_kinds = type | types.FunctionType | types.BuiltinFunctionType
    return isinstance(found, callable_kinds) and found.__module__ != "__main__"
