"""What the text of the hidden tests shows: which points a student could have without the right computation.

Some rest on the word of the student's process, and not on numbers that only the right computation gives. Others ask the
same of every attempt: what is expected is known from the second on, and can be written down as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.check.finding import Finding
from autograder.course import Assignment

MOST = 0.1
"""Of an assignment's hidden points, for either."""
_ON_ITS_WORD = {"observe", "mutated"}
_DRAW = {"rng", "race"}


def points_on_word(assignment: Assignment) -> dict[str, float]:
    """Hidden test that uses `student.observe` or `student.mutated`, itself or by what its file defines -> all of its points."""
    names = _using(assignment.hidden_tests_path, _asks_its_word)
    return {test.name: test.points for test in assignment.tests if not test.public and test.name in names}


def points_for_the_same(assignment: Assignment) -> dict[str, float]:
    """Hidden test that uses neither `rng` nor `race`, itself or by what its file defines -> all of its points."""
    names = _using(assignment.hidden_tests_path, _draws)
    return {test.name: test.points for test in assignment.tests if not test.public and test.name not in names}


def check_hidden_tests(assignment: Assignment) -> Iterator[Finding]:
    """Whether there are few enough of either."""
    yield _few(assignment, points_on_word(assignment), "rest on what the student's process says of itself")
    yield _few(
        assignment, points_for_the_same(assignment), "are for tests that ask the same of every attempt, without `rng`"
    )


def _few(assignment: Assignment, points: dict[str, float], which: str) -> Finding:
    hidden = sum(test.points for test in assignment.tests if not test.public)
    total = sum(points.values())
    text = f"{total:g} of {hidden:g} hidden points {which} (at most {MOST * hidden:g})"
    return Finding(
        assignment.name, total <= MOST * hidden + 1e-9, ": ".join([text, *filter(None, [", ".join(points)])])
    )


def _asks_its_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _ON_ITS_WORD


def _draws(node: ast.AST) -> bool:
    """A use: who only takes the parameter draws nothing."""
    return isinstance(node, ast.Name) and node.id in _DRAW


def _using(path: Path, uses: Callable[[ast.AST], bool]) -> set[str]:
    """What a file defines that holds such a node, or that names something that does: a function, a fixture, a constant."""
    defined: dict[str, ast.stmt] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    named = {name: _names(node) for name, node in defined.items()}
    found = {name for name, node in defined.items() if any(uses(part) for part in ast.walk(node))}
    while more := {name for name, names in named.items() if names & found} - found:
        found |= more
    return found


def _names(node: ast.AST) -> set[str]:
    """The names and parameters in a piece of code."""
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names | {part.arg for part in parts if isinstance(part, ast.arg)}
