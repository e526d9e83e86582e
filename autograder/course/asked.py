"""Hidden tests that could only fail, or that could be passed by an empty answer: what can be seen of them without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course.names import ASKS, bound
from autograder.course.tests import parse_tests
from autograder.errors import CourseError
from autograder.text import meant

FIXTURES = ("student", "reference", "rng", "race")
_PYTEST_FIXTURES = (
    "request tmp_path tmp_path_factory monkeypatch capsys capsysbinary capfd capfdbinary recwarn pytestconfig".split()
)


def refuse_bad_tests(hidden_tests: Path, solution: Iterable[str], probes: Path) -> None:
    """Refuse a test that asks for a fixture or a name that nobody defines, or that takes the shorter of the student's answer and another.

    Only what stands there as it is, is seen; `student` and the like are known by these names.

    Args:
        solution: the names that the solution script defines.

    Raises:
        CourseError: naming the line, and the name that may be meant.
    """
    tree = parse_tests(hidden_tests)
    _refuse_loose_zip(hidden_tests, tree)
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
                    f"{hidden_tests}:{function.lineno}: {function.name} asks for a fixture '{name}', which there is not{meant(name, own) or '.'}"
                )
        for node, name, where in _asked(function, parameters):
            if not known[where] & {name, "*"} and not name.startswith("__"):
                raise CourseError(
                    f"{hidden_tests}:{node.lineno}: {files[where]} defines no '{name}'{meant(name, known[where]) or '.'}"
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
                if holder == "reference" or name not in ASKS:
                    yield node, name, "solution"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="student"), attr=name), args=[ast.Constant(value=str(asked)), *_]
            ) if "student" in parameters and name in ASKS:
                yield node, asked, ASKS[name]
            case ast.Call(func=ast.Name(id="race"), args=[ast.Constant(value=str(asked)), *_]) if "race" in parameters:
                yield node, asked, "solution"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="race"), attr="probe"), args=[ast.Constant(value=str(asked)), *_]
            ) if "race" in parameters:
                yield node, asked, "probes"


def _refuse_loose_zip(path: Path, tree: ast.Module) -> None:
    """`zip` ends with the shorter: beside a student's answer, which may be empty, it must say what it makes of that.

    Raises:
        CourseError: naming the line.
    """
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        answers = {"student"}  # names that hold something of the student's
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and _names_any(node.value, answers):
                answers |= {
                    part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)
                }
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and (node.func.id == "zip" or (node.func.id == "map" and len(node.args) > 2))
                and not any(keyword.arg == "strict" for keyword in node.keywords)
                and any(_names_any(argument, answers) for argument in node.args)
            ):
                raise CourseError(
                    f"{path}:{node.lineno}: {node.func.id}() ends with the shorter, so that an answer without its last part, or "
                    "an empty one, would be right. Compare the whole answer by assert_matches, or write zip(..., strict=True)."
                )


def _names_any(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))
