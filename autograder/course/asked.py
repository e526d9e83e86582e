"""What hidden tests ask for by name: fixtures, functions of students, of the solution and of the probes."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course.names import bound
from autograder.course.tests import parse_tests
from autograder.errors import CourseError

FIXTURES = ("student", "reference", "rng", "race")
_PYTEST_FIXTURES = "request tmp_path tmp_path_factory monkeypatch capsys capfd recwarn pytestconfig".split()
_ASKS_OTHERWISE = {"mutated": "solution", "probe": "probes", "observe": "probes", "network": "probes"}
"""Of ``student``: what takes a name as its first argument, and where that name is defined."""


def meant(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that says of a name that there is none: which one may be meant."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else "."


def refuse_unknown(hidden_tests: Path, solution: Iterable[str], probes: Path) -> None:
    """Refuse a test that asks for what nobody defines: it could only fail, whoever is tested.

    Only what stands there as it is, is seen; `student` and the like are known by these names.

    Args:
        solution: the names that the solution script defines.

    Raises:
        CourseError: naming the line, and the name that may be meant.
    """
    tree = parse_tests(hidden_tests)
    known = {
        "solution": set(solution),
        "probes": {name for name, _ in bound(parse_tests(probes).body)} if probes.exists() else set(),
    }
    files = {"solution": "the solution script", "probes": "probes.py"}
    own = {name for name, _ in bound(tree.body)} | {*FIXTURES, *_PYTEST_FIXTURES}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = _parameters(function)
        if "*" not in own and function in tree.body and function.name.startswith("test_"):
            for name in sorted(parameters - own - (_parametrised(function) or parameters)):
                raise CourseError(
                    f"{hidden_tests}:{function.lineno}: {function.name} asks for a fixture '{name}', which there is not{meant(name, own)}"
                )
        for node, name, where in _asked(function, parameters):
            if not known[where] & {name, "*"} and not name.startswith("__"):
                raise CourseError(
                    f"{hidden_tests}:{node.lineno}: {files[where]} defines no '{name}'{meant(name, known[where])}"
                )


def _parameters(function: ast.FunctionDef) -> set[str]:
    """Names of those without a default."""
    every = [*function.args.posonlyargs, *function.args.args]
    needed = every[: len(every) - len(function.args.defaults)]
    needed += [
        one for one, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if default is None
    ]
    return {one.arg for one in needed}


def _parametrised(function: ast.FunctionDef) -> set[str] | None:
    """Names that the function's marks give values to; None if that cannot be seen, as where a mark has a name of its own."""
    names: set[str] = set()
    for mark in function.decorator_list:
        called = ast.unparse(mark.func) if isinstance(mark, ast.Call) else ast.unparse(mark)
        if not called.startswith("pytest.mark."):
            return None
        if isinstance(mark, ast.Call) and called == "pytest.mark.parametrize":
            first = mark.args[0] if mark.args else None
            try:
                given = ast.literal_eval(first) if first else ""
            except ValueError:
                return None
            names |= {name.strip() for name in (given.split(",") if isinstance(given, str) else given)}
    return names


def _asked(function: ast.FunctionDef, parameters: set[str]) -> Iterator[tuple[ast.expr, str, str]]:
    """Names that a function asks ``student``, ``reference`` and ``race`` for: where, which, and of what."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="student" | "reference" as holder), attr=name) if holder in parameters:
                if holder == "reference" or name not in _ASKS_OTHERWISE:
                    yield node, name, "solution"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="student"), attr=name), args=[ast.Constant(value=str(asked)), *_]
            ) if "student" in parameters and name in _ASKS_OTHERWISE:
                yield node, asked, _ASKS_OTHERWISE[name]
            case ast.Call(func=ast.Name(id="race"), args=[ast.Constant(value=str(asked)), *_]) if "race" in parameters:
                yield node, asked, "solution"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="race"), attr="probe"), args=[ast.Constant(value=str(asked)), *_]
            ) if "race" in parameters:
                yield node, asked, "probes"
