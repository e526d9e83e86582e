"""A question may have any name that is not said to be taken: hidden tests reach it as `student.<name>`."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import commands
from autograder.course.names import RESERVED
from autograder.errors import CourseError
from autograder.examine.proxy import Proxy
from autograder.examine.reference import StandIn
from autograder.examine.student import Student
from tests.conftest import ASSIGNMENT_TOML, SOLUTION, write_course

OWN = {name for one in (Student, StandIn, Proxy) for name in dir(one) if not name.startswith("_")}
"""What the objects behind ``student`` have of their own."""


def test_a_function_may_be_called_as_something_of_the_graders_own(tmp_path: Path) -> None:
    names = sorted({*OWN, "killed", "cell_errors", "sum", "reference"} - RESERVED.keys())
    assert {"call", "close", "start", "paused"} <= set(names)
    toml, solution = 'title = "Names"\n', "# %%\nimport numpy as np\n"
    tests = "import pytest\nfrom autograder.testing import assert_matches, integers\n"
    for name in names:
        toml += f'[[questions]]\nid = "{name}"\ntitle = "x"\npoints = 1\n'
        solution += f"\n# %%\ndef {name}(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n"
        tests += f'''
@pytest.mark.question("{name}", points=1)
def test_{name}(student, reference, rng):
    """T"""
    x = integers(rng, 3, low=1)
    assert_matches(student.{name}(x), reference.{name}(x))
'''
    course = write_course(tmp_path, assignment=toml, doubling=solution, hidden_tests=tests)
    commands.build(course=course.root)
    for student, factor in (("ann", 2), ("bob", 3)):
        answers = "\n".join(f"def {name}(x): return {factor} * x" for name in names)
        (tmp_path / f"{student}.py").write_text(answers, encoding="utf-8")
    run = commands.grade(course=course.root, assignment="doubling", paths=[*tmp_path.glob("*.py")], jobs=1)
    assert {result.student: result.score for result in run.results} == {"ann": len(names), "bob": 0}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((name, "hidden tests ask otherwise") for name in sorted(OWN & RESERVED.keys() - {"check"})),
        ("check", "public checks call it"),
        ("lambda", "a word of Python's own"),
        ("_double", "private to a notebook"),
        ("display", "Jupyter defines it"),
        ("np", r"a given cell defines it \(.*doubling.py:5\)"),
        ("A", r"a given cell defines it \(.*doubling.py:7\)"),
        ("name", "question 'double' asks for it already"),
    ],
)
def test_a_name_that_is_taken_is_refused_by_build_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    toml = ASSIGNMENT_TOML.replace('title = "Twice as much"', f'title = "x"\ndefines = ["double", "{name}"]')
    course = write_course(tmp_path, assignment=toml)
    with pytest.raises(CourseError, match=rf"assignment.toml:\d+: no question can ask for '{name}': .*{reason}"):
        commands.build(course=course.root)


@pytest.mark.parametrize("defined", ["class double:\n    x = 1", "double = np.square", "async def double (x): pass"])
def test_every_way_to_define_a_name_counts(tmp_path: Path, defined: str) -> None:
    start = SOLUTION.index("def double(")
    text = f"{SOLUTION[:start]}### BEGIN SOLUTION\n{defined}\n### END SOLUTION\n\n\n{SOLUTION[SOLUTION.index('# %% check') :]}"
    write_course(tmp_path, doubling=text).assignment("doubling").validate()


def test_a_name_that_is_only_written_about_is_not_defined(tmp_path: Path) -> None:
    course = write_course(tmp_path, doubling=SOLUTION.replace("def double(", '"""def double("""\n\n\ndef twice('))
    with pytest.raises(CourseError, match="no cell with a solution defines 'double'"):
        course.assignment("doubling").validate()
