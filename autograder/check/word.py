"""Which points rest on the word of the student's process, and not on numbers that only the right computation gives."""

from __future__ import annotations

import ast
from pathlib import Path

from autograder.check.finding import Finding
from autograder.course import Assignment
from autograder.course.tests import parse_tests

MOST = 0.1
"""Of an assignment's hidden points."""
_ON_ITS_WORD = {"observe", "mutated"}


def points_on_word(assignment: Assignment) -> dict[str, float]:
    """Hidden test that uses `student.observe` or `student.mutated`, itself or by a function of its file -> all of its points."""
    names = _on_word(assignment.hidden_tests_path)
    return {test.name: test.points for test in assignment.tests if not test.public and test.name in names}


def check_points_on_word(assignment: Assignment) -> Finding:
    """Whether they are few enough."""
    points = points_on_word(assignment)
    hidden = sum(test.points for test in assignment.tests if not test.public)
    total = sum(points.values())
    text = f"{total:g} of {hidden:g} hidden points rest on what the student's process says of itself (at most {MOST * hidden:g})"
    return Finding(
        assignment.name, total <= MOST * hidden + 1e-9, ": ".join([text, *filter(None, [", ".join(points)])])
    )


def _on_word(path: Path) -> set[str]:
    """What a file defines that uses either, or that names something that does: a function, a fixture, a constant."""
    defined: dict[str, ast.stmt] = {}
    for node in parse_tests(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    named = {name: _names(node) for name, node in defined.items()}
    found = {
        name
        for name, node in defined.items()
        if any(isinstance(part, ast.Attribute) and part.attr in _ON_ITS_WORD for part in ast.walk(node))
    }
    while more := {name for name, names in named.items() if names & found} - found:
        found |= more
    return found


def _names(node: ast.AST) -> set[str]:
    """The names and parameters in a piece of code."""
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names | {part.arg for part in parts if isinstance(part, ast.arg)}
