"""The hidden tests of an assignment as data: which question, how many points, where they stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.files import read_text

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
    race: bool = False
    """Whether it measures speed, as a test does that takes the fixture `race`."""


def read_hidden_tests(path: Path) -> tuple[TestSpec, ...]:
    """Read the tests of a `hidden_tests.py` without running it.

    A test is a function ``test_…`` marked ``@pytest.mark.question("conv2d", points=8)``; its
    docstring's first line is the title that students read.

    Raises:
        CourseError: no such file, a syntax error, or a test without mark, points or title.
    """
    tree = parse_tests(path)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return tuple(_spec(path, function) for function in functions)


def parse_tests(path: Path) -> ast.Module:
    """The syntax tree of hidden tests or probes.

    Raises:
        CourseError: it cannot be read, or a syntax error.
    """
    try:
        return ast.parse(read_text(path), str(path))
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
    race = any(argument.arg == "race" for argument in function.args.args)
    return TestSpec(function.name, question, float(points), title, False, path, function.lineno, race)
