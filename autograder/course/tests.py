"""The hidden tests of an assignment as data: which question, how many points, where they stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

_MARK = "@pytest.mark.question"


@dataclass(frozen=True)
class TestSpec:
    """One test function or check cell and what it is worth."""

    __test__ = False  # pytest: not a test class

    name: str
    question: str
    points: float
    title: str
    public: bool
    path: Path
    line: int


def read_hidden_tests(path: Path) -> tuple[TestSpec, ...]:
    """Read the tests of a `hidden_tests.py` without running it.

    A test is a function ``test_…`` marked ``@pytest.mark.question("conv2d", points=8)``; its
    docstring's first line is the title that students read.

    Raises:
        CourseError: no such file, a syntax error, or a test without mark, points or title.
    """
    tree = parse_tests(path)
    _refuse_loose_zip(path, tree)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return tuple(_spec(path, function) for function in functions)


def parse_tests(path: Path) -> ast.Module:
    """The syntax tree of hidden tests or probes.

    Raises:
        CourseError: no such file, or a syntax error.
    """
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}).") from None
    except SyntaxError as error:
        raise CourseError(f"{path}:{error.lineno}: {error.msg}.") from None


def _spec(path: Path, function: ast.FunctionDef) -> TestSpec:
    where = f"{path}:{function.lineno}"
    marks = [
        node for node in function.decorator_list if isinstance(node, ast.Call) and f"@{ast.unparse(node.func)}" == _MARK
    ]
    if len(marks) != 1:
        raise CourseError(f'{where}: {function.name} needs one {_MARK}("question", points=…).')
    mark = marks[0]
    try:
        (question,) = (ast.literal_eval(argument) for argument in mark.args)
        (points,) = (ast.literal_eval(keyword.value) for keyword in mark.keywords if keyword.arg == "points")
    except ValueError:
        raise CourseError(
            f'{where}: write the mark of {function.name} with literals: {_MARK}("question", points=8).'
        ) from None
    if not isinstance(question, str) or not isinstance(points, int | float) or points <= 0:
        raise CourseError(f'{where}: write the mark of {function.name} as {_MARK}("question", points=8).')
    title = (ast.get_docstring(function) or "").partition("\n")[0].strip()
    if not title:
        raise CourseError(f"{where}: {function.name} has no docstring; its first line is the title that students read.")
    return TestSpec(function.name, question, float(points), title, False, path, function.lineno)


def _refuse_loose_zip(path: Path, tree: ast.Module) -> None:
    """`zip` ends with the shorter: beside a student's answer, which may be empty, it must say what it makes of that.

    Raises:
        CourseError: naming the line.
    """
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        answers = {"student"}
        """Names that hold something of the student's."""
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
