"""Where the values in a line of the student's code come from: whether a `/` is among what made a size or an index."""

from __future__ import annotations

import ast
import enum
import functools
from collections.abc import Iterator, Sequence

from autograder.notebook import Code, Place, parse, without_magics

_LARGEST_CODE = 100_000
"""Characters of all cells together; what comes after is not looked at."""
_MOST_STEPS = 400_000
"""Parts of syntax trees that are looked at for one submission, in all its errors together: about a second."""
_WHOLE = frozenset({"int", "round", "len", "floor", "ceil", "astype"})
_NOT_WHOLE_IN = frozenset({"np", "numpy", "torch"})
"""Modules whose functions of these names give floats."""


class Use(enum.Enum):
    """What a line does with a value."""

    ARGUMENT = "argument"
    INDEX = "index"
    FACTOR = "factor"


def is_divided(code: Code, places: Sequence[Place], use: Use) -> bool:
    """Whether a `/` made what the innermost line uses in this way, as far as the code says so.

    Args:
        places: the student's own frames, the innermost last; what a parameter is comes from the caller's line.
    """
    return bool(places) and _origins(code).divides(places, use)


@functools.lru_cache(maxsize=1)
def _origins(code: Code) -> _Origins:
    return _Origins(code)


class _Origins:
    """Where the names of a submission get their values: enough to see whether a `/` is among what a line works with."""

    def __init__(self, code: Code) -> None:
        self._trees: dict[int, ast.Module] = {}
        self._values: dict[tuple[str, str], list[ast.expr]] = {}
        """(function or nothing, name) -> what is assigned to it; ``.name`` is an attribute, ``name()`` what a function returns."""
        self._parameters: set[tuple[str, str]] = set()
        left = _LARGEST_CODE
        for cell in code.cells:
            left -= len(cell.source)
            tree = parse(without_magics(cell.source)) if left >= 0 else None
            if tree is not None:
                self._trees[cell.number] = tree
                self._read(tree, "")
        self._left = _MOST_STEPS
        self._known: dict[tuple[Use, tuple[Place, ...]], bool] = {}
        """Many tests end in the same line."""

    def divides(self, places: Sequence[Place], use: Use) -> bool:
        key = use, tuple(places)
        if key not in self._known:
            self._known[key] = self._divides(places, use)
        return self._known[key]

    def _divides(self, places: Sequence[Place], use: Use) -> bool:
        left = list(reversed(places))
        todo = self._expressions(left.pop(0), use)
        seen: set[int] = set()
        asked: set[tuple[str, str]] = set()
        """The names whose values are in ``todo`` already, or were: a name may be used often and be assigned to often."""
        while todo:
            scope, expression = todo.pop()
            if id(expression) in seen:
                continue
            seen.add(id(expression))
            for node in self._parts(expression):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                    return True
                if isinstance(node, ast.Call):
                    within, key = _called(node), ("", f"{_called(node)}()")
                elif isinstance(node, ast.Attribute):
                    within, key = scope, ("", f".{node.attr}")
                elif isinstance(node, ast.Name):
                    within, key = scope, (scope, node.id)
                else:
                    continue
                if isinstance(node, ast.Name) and key not in self._values:
                    if key in self._parameters:
                        todo += self._expressions(left.pop(0), Use.ARGUMENT) if left else []
                        continue
                    within, key = "", ("", node.id)
                if key not in asked:
                    asked.add(key)
                    todo += [(within, value) for value in self._values.get(key, [])]
        return False

    def _step(self) -> bool:
        """Whether one more part of a tree may be looked at."""
        self._left -= 1
        return self._left >= 0

    def _expressions(self, place: Place, use: Use) -> list[tuple[str, ast.expr]]:
        """The arguments, indices or factors in a line, each with the function around it."""
        tree = None if place.file else self._trees.get(place.cell)
        found: list[ast.expr] = []
        for node in ast.walk(tree) if tree else ():
            if not self._step():
                return []
            line = getattr(node, "lineno", 0)
            if not line <= place.line <= (getattr(node, "end_lineno", None) or line):
                continue
            if isinstance(node, ast.Call) and use is Use.ARGUMENT:
                parts = [*node.args, *(keyword.value for keyword in node.keywords)]
            elif isinstance(node, ast.Subscript) and use is Use.INDEX:
                parts = [node.slice]
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and use is Use.FACTOR:
                parts = [node.left, node.right]
            elif isinstance(node, ast.Assign) and use is Use.ARGUMENT and any(map(_is_shape, node.targets)):
                parts = [node.value]
            else:
                continue
            found += [one for one in parts if line == place.line or one.lineno <= place.line <= (one.end_lineno or 0)]
        return [(place.function, one) for one in found]

    def _parts(self, expression: ast.expr) -> Iterator[ast.AST]:
        """The parts of an expression that may make it a float."""
        waiting: list[ast.AST] = [expression]
        while waiting and self._step():
            node = waiting.pop()
            yield node
            if isinstance(node, ast.Call):
                name = _called(node)
                module = getattr(getattr(node.func, "value", None), "id", "")
                if ("", f"{name}()") in self._values or (name in _WHOLE and module not in _NOT_WHOLE_IN):
                    continue
            elif isinstance(node, ast.Compare) or _is_shape(node):
                continue
            waiting += ast.iter_child_nodes(node)

    def _read(self, node: ast.AST, scope: str) -> None:
        waiting = [(node, scope)]
        while waiting:
            node, scope = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                scope = node.name
                every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                self._parameters |= {(scope, one.arg) for one in every}
            elif isinstance(node, ast.Return) and node.value is not None and scope:
                self._values.setdefault(("", f"{scope}()"), []).append(node.value)
            elif (
                isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value is not None
            ):
                value = node.value
                if isinstance(node, ast.AugAssign):
                    value = ast.BinOp(left=node.value, op=node.op, right=node.value)
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    for name, part in _assigned(target, value):
                        self._add(scope, name, part)
            elif isinstance(node, ast.For | ast.comprehension):
                for name, part in _assigned(node.target, node.iter):
                    self._add(scope, name, part)
            waiting += [(child, scope) for child in ast.iter_child_nodes(node)]

    def _add(self, scope: str, name: str, value: ast.expr) -> None:
        self._values.setdefault(("" if name.startswith(".") else scope, name), []).append(value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Name and value, pair by pair where there are as many values as names."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Attribute):
        yield f".{target.attr}", value
    elif isinstance(target, ast.Tuple | ast.List):
        paired = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        for position, one in enumerate(target.elts):
            yield from _assigned(one, value.elts[position] if paired else value)  # type: ignore[attr-defined]  # `paired` says that it is a tuple or list


def _called(call: ast.Call) -> str:
    """The name of the function or method that is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_shape(node: ast.AST) -> bool:
    """Whether it is the shape or size of something, whatever its numbers are."""
    return isinstance(node, ast.Attribute) and node.attr in ("shape", "size", "ndim")
