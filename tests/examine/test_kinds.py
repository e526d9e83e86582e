"""Answers of a wrong kind: what a public check, a hidden comparison and a test that works with the answer say of each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from autograder.commands import grade
from autograder.examine._context import Answer
from autograder.examine.verdict import Judge
from autograder.result import Outcome, TestResult
from tests.conftest import notebook, write_course

ASSIGNMENT = """
title = "Kinds"
packages = ["numpy"]

[limits]
call_seconds = 5
cell_seconds = 5

[[questions]]
id = "scale"
title = "An array"
points = 60

[[questions]]
id = "split"
title = "Two arrays"
points = 20

[[questions]]
id = "count"
title = "A number"
points = 25

[[questions]]
id = "fill"
title = "Nothing"
points = 5
"""

SOLUTION = '''
# %%
import numpy as np

A = np.array([[1.0, 2.0], [3.0, 4.0]])


def check(name, actual, expected, atol=1e-9):
    assert np.allclose(actual, expected, atol=atol), name


# %%
def scale(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% check="scale" points=5 title="Compared as it is"
check("A", scale(A), [[2, 4], [6, 8]])

# %% check="scale" points=5 title="Its shape"
check("the shape of A", scale(A).shape, (2, 2))

# %% check="scale" points=5 title="A part of it"
check("the first row", scale(A)[0], [2, 4])

# %% check="scale" points=5 title="Computed with"
check("the sum", np.sum(scale(A) + 1), 24)

# %%
def split(x):
    """x and -x."""
    ### BEGIN SOLUTION
    return x, -x
    ### END SOLUTION


# %% check="split" points=5 title="Both"
one, other = split(A)
check("both", one + other, np.zeros((2, 2)))

# %%
def fill(x):
    """Writes 3 into all of x and returns nothing."""
    ### BEGIN SOLUTION
    x[:] = 3
    ### END SOLUTION


# %% check="fill" points=5 title="Filled"
B = np.ones((2, 2))
fill(B)
check("B", B, [[3, 3], [3, 3]])

# %%
def count(x):
    """How many numbers there are in half of x."""
    ### BEGIN SOLUTION
    return x.size // 2
    ### END SOLUTION


# %% check="count" points=5 title="Counted"
check("in A", count(A), 2)

# %% check="count" points=5 title="Counted as a float"
check("in A, as a float", float(np.sum(count(A))), 2)
'''.lstrip()

HIDDEN_TESTS = '''
import numpy as np
import pytest

from autograder.testing import assert_matches, integers


@pytest.mark.question("scale", points=20)
def test_compared(student, reference, rng):
    """Compared"""
    x = integers(rng, 3, 4)
    assert_matches(student.scale(x), reference.scale(x))


@pytest.mark.question("scale", points=20)
def test_worked_with(student, reference, rng):
    """Worked with"""
    answer = student.scale(integers(rng, 3, 4, low=1))
    assert (answer[:, 1:] > 0).all() and answer.sum() > 0


@pytest.mark.question("split", points=15)
def test_both(student, reference, rng):
    """Both"""
    x = integers(rng, 3, 4)
    one, other = student.split(x)
    assert_matches(one, x, label="the first")
    assert_matches(other, -x, label="the second")


@pytest.mark.question("count", points=15)
def test_counted(student, reference, rng):
    """Counted"""
    x = integers(rng, 4, 5)
    assert_matches(student.count(x), reference.count(x))
'''

RIGHT = {"scale": "return 2 * x", "split": "return x, -x", "count": "return x.size // 2", "fill": "x[:] = 3"}


class Case(NamedTuple):
    """A wrong answer of one function, and what must be said of it wherever a test fails."""

    function: str
    body: str
    says: str
    fails: int
    """So many tests."""


CASES = {
    "none": Case("scale", "y = 2 * x", "got None: is a return missing?", 6),
    "cache": Case("scale", "return 2 * x, {'x': x}", "return the first alone", 6),
    "same_twice": Case("scale", "return 2 * x, x", "return the first alone", 6),
    "a_list": Case("scale", "return (2 * x).tolist()", "`np.array(...)` makes one of it", 4),
    "one_number": Case("scale", "return float(2 * x.sum())", "(float)", 6),
    "numpy_number": Case("scale", "return (2 * x).sum()", "expected a numpy array, got", 6),
    "no_array_number": Case("scale", "return np.array((2 * x).sum())", "one number", 6),
    "function": Case("scale", "return (2 * x).copy", "without its brackets `()`", 6),
    "dots": Case("scale", "return ...", "`...` is to be filled in", 6),
    "text": Case("scale", "return 'no'", "got 'no' (str)", 6),
    "split_none": Case("split", "y = x, -x", "got None: is a return missing?", 2),
    "split_one": Case("split", "return x", "return 2 values, as `return a, b`", 2),
    "split_three": Case("split", "return x, -x, x", "expected 2 values, got 3", 2),
    "count_none": Case("count", "x.size // 2", "got None: is a return missing?", 3),
    "count_float": Case("count", "return x.size / (2 if len(x) == 2 else 8)", "`//` divides whole numbers", 1),
    "count_wrong": Case("count", "return x.size // 2 + 1", "is too large", 3),
    "count_cache": Case("count", "return x.size // 2, x", "return the first alone", 3),
    "count_array": Case("count", "return np.array([x.size // 2])", "expected a whole number (int), got an array of shape (1,)", 2),
    "count_array_wrong": Case("count", "return np.array([x.size // 2 + 1])", "expected a whole number (int), got an array of shape (1,)", 3),
    "count_list": Case("count", "return [x.size // 2]", "are there brackets too many", 2),
    "comma": Case("scale", "return (2 * x,)", "is there a comma too many", 6),
    "two_in_a_list": Case("scale", "return [2 * x, x]", "return the first alone", 6),
    "list_of_another_shape": Case("scale", "return (2 * x[:, :1]).tolist()", "", 6),
    "objects": Case("scale", "return (2 * x).astype(object)", "`.astype(float)`", 4),
    "fill_returns": Case("fill", "x[:] = 6\n    return x", "B: 4 of 4 values wrong", 1),
    "scale_calls_none": Case("scale", "def inner(y):\n        y * 2\n    return inner(x)", "got None: is a return missing?", 6),
}  # fmt: skip


def answer(case: Case) -> str:
    bodies = RIGHT | {case.function: case.body}
    return notebook("import numpy as np", *(f"def {name}(x):\n    {body}" for name, body in bodies.items()))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[TestResult]]:
    root = tmp_path_factory.mktemp("course")
    write_course(root, assignment=ASSIGNMENT, doubling=SOLUTION, hidden_tests=HIDDEN_TESTS)
    (root / "in").mkdir()
    right = Case("scale", RIGHT["scale"], "", 0)
    for name, case in ({"right": right} | CASES).items():
        (root / "in" / f"{name}.ipynb").write_text(answer(case), encoding="utf-8")
    run = grade(course=root, assignment="doubling", paths=[root / "in"])
    return {
        result.student: [test for test in result.tests if test.outcome is not Outcome.PASSED]
        for result in run.results
    }  # fmt: skip


def test_a_right_answer_passes(results: dict[str, list[TestResult]]) -> None:
    assert results["right"] == []


@pytest.mark.parametrize("name", CASES)
def test_each_test_that_fails_says_the_kind_and_what_to_do(results: dict[str, list[TestResult]], name: str) -> None:
    case = CASES[name]
    for test in results[name]:
        assert case.says in test.message, test
        assert "NoneType" not in test.message
        assert "the shape is ()" not in test.message
        assert "cannot work with" not in test.message
    assert len(results[name]) == case.fails, results[name]


def test_a_kind_that_the_check_accepts_does_not_hide_what_is_wrong(results: dict[str, list[TestResult]]) -> None:
    (told,) = (test.message for test in results["count_array_wrong"] if test.title == "Counted as a float")
    assert told.startswith("count: expected a whole number (int), got an array of shape (1,): ")
    assert told.endswith(" in A, as a float: the number is too large.")
    assert "fill:" not in results["fill_returns"][0].message
    (told,) = (test.message for test in results["list_of_another_shape"] if test.title == "Compared as it is")
    assert told == "A: the shape is (2, 1), expected (2, 2)."


def test_the_function_is_named_and_nothing_that_is_expected(results: dict[str, list[TestResult]]) -> None:
    assert {test.message.partition(":")[0] for test in results["none"] if test.public} == {"scale"}
    assert all("10" not in test.message for test in results["count_wrong"] if not test.public)


def test_a_call_that_must_raise_is_not_taken_for_one_that_returned_nothing(tmp_path: Path) -> None:
    tests = HIDDEN_TESTS + (
        '\n\n@pytest.mark.question("fill", points=5)\ndef test_refused(student, rng):\n    """Refused"""\n'
        "    assert_raises(AttributeError, student.count, 3)\n    assert student.mutated('fill', integers(rng, 3)) == []\n"
        "    assert student.count(integers(rng, 30)) == 1\n"
    )
    tests = tests.replace("import assert_matches,", "import assert_matches, assert_raises,")
    toml = ASSIGNMENT.replace("points = 5\n", "points = 10\n")
    solution = SOLUTION.replace("    x[:] = 3\n", "    x[:] = 3 if x.ndim > 1 else x\n").replace(
        "return x.size // 2", "return x.size // 2 if x.size < 30 else 1"
    )
    write_course(tmp_path, assignment=toml, doubling=solution, hidden_tests=tests)
    (tmp_path / "an.ipynb").write_text(answer(Case("fill", "x[:] = 3 if x.ndim > 1 else x", "", 1)), encoding="utf-8")
    (result,) = grade(course=tmp_path, assignment="doubling", paths=[tmp_path / "an.ipynb"]).results
    (test,) = (one for one in result.tests if one.outcome is not Outcome.PASSED)
    assert test.message == "The property that this test checks does not hold."


@pytest.mark.parametrize("value", [5.0, 5, np.float64(5), np.array(5.0)])
def test_a_number_where_an_array_without_axes_is_expected_is_not_strange(value: object) -> None:
    outcome, message = Judge()(
        AssertionError(), "T", "", [(Answer("f(x)", value=value), Answer("", value=np.array(3.0)))]
    )
    assert (outcome, message) == (Outcome.FAILED, "The property that this test checks does not hold.")
