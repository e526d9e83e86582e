"""What is said of a submission as a whole, and of answers that are there but are not run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.commands import grade
from autograder.result import Result, Status
from tests.conftest import ASSIGNMENT_TOML, RIGHT, SOLUTION, notebook, write_course
from tests.examine.test_submissions import DOUBLE, NAME, everything_said

OTHER = ASSIGNMENT_TOML.replace("Doubling", "Sizing").replace('"double"', '"output_size"').replace('"name"', '"count"')
GradeOne = Callable[..., Result]


@pytest.fixture
def graded(tmp_path: Path) -> GradeOne:
    """A function that grades one notebook, in a course with a second assignment, `sizing`."""
    write_course(tmp_path)
    (tmp_path / "assignments" / "sizing").mkdir()
    (tmp_path / "assignments" / "sizing" / "assignment.toml").write_text(OTHER, encoding="utf-8")
    (tmp_path / "in").mkdir()

    def one(content: str, suffix: str = ".ipynb") -> Result:
        (tmp_path / "in" / f"ann{suffix}").write_text(content, encoding="utf-8")
        (result,) = grade(course=tmp_path, assignment="doubling", paths=[tmp_path / "in"]).results
        return result

    return one


def as_cells(kind: str, *sources: str) -> str:
    """A notebook whose last cell is of this kind, the others code."""
    content = json.loads(notebook(*sources))
    content["cells"][-1]["cell_type"] = kind
    return json.dumps(content)


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (notebook("import numpy as np", "def output_size(n, k): return n - k + 1", "def count(n): return n"), ".ipynb"),
        (notebook("def output_size(n, k): return n - k + 1", metadata={}), ".ipynb"),
        ("def output_size(n, k):\n    return n - k + 1\n", ".py"),
    ],
)
def test_the_notebook_of_another_assignment_is_known_by_what_it_defines(
    graded: GradeOne, content: str, suffix: str
) -> None:
    result = graded(content, suffix)
    assert (result.status, result.score) == (Status.GRADED, 0)
    assert result.message.startswith("This looks like the notebook of 'sizing': it defines output_size")
    assert result.message.endswith("Submit the one of 'doubling'.")


def shared(graded: GradeOne, tmp_path: Path) -> None:
    """Have both assignments ask for `double`."""
    toml = OTHER.replace('id = "count"', 'id = "count"\ndefines = ["count", "double"]')
    assert toml != OTHER
    (tmp_path / "assignments" / "sizing" / "assignment.toml").write_text(toml, encoding="utf-8")


MADE_FOR_SIZING = {"cnn_autograder": {"assignment": "sizing"}}
SIZING = ["def output_size(n, k): return n - k + 1", "def count(n): return n", DOUBLE]


def test_a_name_that_two_assignments_ask_for_does_not_hide_which_notebook_it_is(
    graded: GradeOne, tmp_path: Path
) -> None:
    shared(graded, tmp_path)
    result = graded(notebook(*SIZING, metadata={}))
    assert result.message == (
        "This looks like the notebook of 'sizing': it defines output_size, count, and of what 'doubling' asks for only "
        "double. Submit the one of 'doubling'."
    )
    assert graded(notebook(DOUBLE, metadata={})).message == ""
    assert graded(notebook(*SIZING, NAME, metadata={})).message == ""


@pytest.mark.parametrize(
    "cells",
    [
        SIZING,
        [f"def {name}(x):\n    raise NotImplementedError" for name in ("output_size", "count", "double")],
        ["# name and double are not asked for here", "def output_size(n, k): return n - k + 1"],
    ],
)
def test_a_notebook_that_says_whose_it_is_earns_nothing_for_what_both_have(
    graded: GradeOne, tmp_path: Path, cells: list[str]
) -> None:
    shared(graded, tmp_path)
    result = graded(notebook(*cells, metadata=MADE_FOR_SIZING))
    assert result.status is Status.UNREADABLE
    assert result.score == 0
    assert result.message.startswith("This is the notebook of another assignment, 'sizing'.")
    assert graded(notebook(*cells, NAME, metadata=MADE_FOR_SIZING)).status is Status.GRADED


@pytest.mark.parametrize(
    "content", [notebook(RIGHT, "def count(n): return n"), notebook("def something(n): return n"), notebook("x = 1")]
)
def test_another_assignment_is_named_only_if_it_is_that_one_alone(graded: GradeOne, content: str) -> None:
    assert graded(content).message == ""


def test_a_notebook_as_it_was_handed_out_is_told_so(graded: GradeOne, tmp_path: Path) -> None:
    folder = tmp_path / "assignments" / "sizing"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    stubs = SOLUTION.replace(
        "secret_of_the_solution = 2\n    return secret_of_the_solution * x", "raise NotImplementedError"
    )
    stubs = stubs.replace(
        'if not who:\n        raise ValueError("nobody")\n    return "hello " + who', "raise NotImplementedError"
    )
    result = graded(stubs, ".py")
    assert result.score == 0
    assert result.message.startswith("Nothing has been filled in yet")
    assert result.cell_errors == ()


def test_who_has_filled_in_one_answer_is_not_told_that_nothing_is(graded: GradeOne) -> None:
    result = graded(notebook(DOUBLE, "def name(who):\n    raise NotImplementedError"))
    assert result.score == 70
    assert result.message == ""


@pytest.mark.parametrize(("kind", "called"), [("markdown", "text"), ("raw", "raw")])
def test_an_answer_in_a_cell_that_is_no_code_is_pointed_out(graded: GradeOne, kind: str, called: str) -> None:
    result = graded(as_cells(kind, DOUBLE, NAME))
    assert result.score == 70
    said = f"name is not defined in the notebook: a {called} cell holds it, which is not run; turn it into a code cell."
    assert said in everything_said(result)


def test_prose_about_a_function_is_not_taken_for_it(graded: GradeOne) -> None:
    result = graded(as_cells("markdown", DOUBLE, "Write `def name(who)` yourself.\n\nAs I said, def name is hard."))
    assert "turn it into" not in everything_said(result)


def test_a_failed_assert_is_listed_and_the_notebooks_own_check_is_not(graded: GradeOne) -> None:
    gpu = "import numpy as np\nassert np.nan == 1, 'no GPU'\ndevice = 'cuda'"
    result = graded(notebook(gpu, "check('mine', 1, 2)", "check('mine too', [1], [2])", RIGHT, "assert double(1) == 3"))
    assert [(error.cell, error.error) for error in result.cell_errors] == [
        (1, "AssertionError: no GPU"),
        (5, "AssertionError"),
    ]
    assert result.cell_errors[0].where == (
        "The cell that begins with `import numpy as np`, line 2, `assert np.nan == 1, 'no GPU'`"
    )
    assert result.score == 100


def test_the_cell_that_should_define_a_function_is_that_one_and_no_other(graded: GradeOne) -> None:
    result = graded(
        notebook(DOUBLE, "import nothing_like_it\ndef name_of(who): pass", NAME.replace("return", "retrun"))
    )
    said = everything_said(result)
    assert "name is not defined in the notebook: the cell that should define it failed (SyntaxError" in said
    assert "should define it failed (ModuleNotFoundError" not in said


def test_a_package_that_is_not_there_is_told_with_those_that_are_and_with_what_it_breaks(graded: GradeOne) -> None:
    result = graded(notebook("import torch.nn.functional as F", "def double(x):\n    return F.relu(2 * x)", NAME))
    assert result.cell_errors[0].advice == (
        "`torch` is not there: beside the standard library, this assignment has numpy."
    )
    said = "The cell that should import `F` failed (ModuleNotFoundError: No module named 'torch')."
    assert said in everything_said(result)


def test_a_line_that_names_its_cell_is_not_quoted_twice(graded: GradeOne) -> None:
    result = graded(notebook("1 / 0", "x = 1\n1 / 0", RIGHT))
    assert [error.where for error in result.cell_errors] == [
        "The cell that begins with `1 / 0`",
        "The cell that begins with `x = 1`, line 2, `1 / 0`",
    ]
