"""What is run of a cell, a script or a module after one of its statements has failed: those below it that only define something.

One line for decoration, a progress bar that is not there or a file that is, would otherwise cost a function. What calls the notebook's own functions is
left out: a training run, or a result that takes a function's name. What Python has bound up to the failure stays bound: an older version below it takes nobody's
answer away.
"""

from __future__ import annotations

import ast
import builtins
import codeop
import contextlib
import importlib.machinery
import os
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autograder.sandbox import modules

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_IMPORTS = ast.Import | ast.ImportFrom


def run_rest(
    statements: Sequence[ast.stmt],
    done: int,
    error: BaseException | None,
    names: dict[str, Any],
    earlier: Mapping[str, Any],
    compiler: Callable[..., types.CodeType],
    file: str,
) -> bool:
    """Run what only defines something; whether it has defined anything.

    Args:
        done: how many of the statements were run, the last of which failed with ``error``; 0 if it is not known which.
        names: where they are run.
        earlier: the same before the first of them.
    """
    failed = statements[done - 1] if done else None
    stopped = isinstance(failed, ast.Raise | ast.Assert) or isinstance(error, SystemExit | KeyboardInterrupt)
    # Where its author stops a cell, what was there before is the answer in Jupyter, too.
    kept = {name for name, value in names.items() if stopped or earlier.get(name, names) is not value}
    defined = False
    for statement in statements[done - isinstance(failed, _IMPORTS) :]:
        if isinstance(statement, ast.Expr | ast.Pass) or not defines(statement, names):
            continue
        before = dict(names)
        with contextlib.suppress(BaseException), _modules_in_part(isinstance(statement, _IMPORTS)):
            exec(compiler(ast.Module([statement], []), file, "exec"), names)
        for name, value in before.items():
            new = names.get(name, value)
            if new is not value and not _is_stub(value) and (name in kept or _is_stub(new)):
                names[name] = value
        defined |= any(before.get(name, names) is not value for name, value in names.items())
    return defined


def run_file(content: bytes, path: str, names: dict[str, Any]) -> tuple[BaseException | None, bool]:
    """Run a script or a module as a cell is run; the error of the statement that failed, and whether others below it have defined anything.

    Raises:
        SyntaxError, ValueError: it is no Python; nothing was run.
    """
    statements = ast.parse(content, path).body
    earlier = dict(names)
    compiler: Any = codeop.Compile()  # which holds to a `from __future__` above
    for done, statement in enumerate(statements, 1):
        try:
            exec(compiler(ast.Module([statement], []), path, "exec"), names)
        except BaseException as error:  # as anything that students write
            return error, run_rest(statements, done, error, names, earlier, compiler, path)
    return None, False


@contextlib.contextmanager
def _modules_in_part(wanted: bool) -> Iterator[None]:
    """Import what can be run of modules in the working folder, for one that was asked for by a plain statement.

    In a `try` there may be a better way out: ``except ImportError``.
    """
    loader: Any = importlib.machinery.SourceFileLoader
    if not wanted or "exec_module" in vars(loader):
        yield
        return
    whole = loader.exec_module

    def exec_module(self: Any, module: types.ModuleType) -> None:
        if modules.home and os.path.realpath(self.path).startswith(modules.home):
            run_file(self.get_data(self.path), self.path, vars(module))
        else:
            whole(self, module)

    loader.exec_module = exec_module
    try:
        yield
    finally:
        del loader.exec_module


def _is_stub(value: object) -> bool:
    """Whether a function, or one of a class's, does nothing but raise NotImplementedError."""
    if isinstance(value, type):
        return any(isinstance(part, types.FunctionType) and _is_stub(part) for part in vars(value).values())
    used = set(value.__code__.co_names) if isinstance(value, types.FunctionType) else set()
    return "NotImplementedError" in used and used <= {"NotImplementedError", "super", "__init__"}


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
