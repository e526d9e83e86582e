"""Templates hold stubs, no solutions; they are reproducible, up to date and run in a real kernel."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.build import build_template, template_files
from autograder.course import Course, Role
from autograder.errors import CourseError
from tests.conftest import ASSIGNMENT_TOML, REPOSITORY, SOLUTION, executed

COURSE = Course(REPOSITORY)
ASSIGNMENTS = COURSE.assignment_names


def test_a_stub_keeps_signature_and_docstring_and_names_the_question(course: Course) -> None:
    script = template_files(course, course.assignment("doubling"))["doubling.py"].decode()
    assert (
        'def double(x: np.ndarray) -> np.ndarray:\n    """Twice x."""\n    # Replace the next line by your answer.\n'
        '    raise NotImplementedError("Question double: write double")\n' in script
    )


def test_a_solution_outside_any_function_is_left_out(make_course: Callable[..., Course]) -> None:
    text = SOLUTION.replace("# %%\ndef name", "# %%\n### BEGIN SOLUTION\nHELPER = 1\n### END SOLUTION\n\n\ndef name")
    course = make_course(doubling=text)
    script = template_files(course, course.assignment("doubling"))["doubling.py"].decode()
    assert "HELPER" not in script
    assert "def name" in script


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ("[]", "import the standard library, and nothing else"),
        ('["numpy"]', "import the standard library and `numpy`, and nothing else"),
        ('["numpy", "torch", "scikit-learn"]', "import the standard library, `numpy`, `torch` and `scikit-learn`, and"),
    ],
)
@pytest.mark.parametrize("untitled", [False, True])
def test_the_packages_that_may_be_imported_are_named(
    make_course: Callable[..., Course], packages: str, said: str, untitled: bool
) -> None:
    text = SOLUTION.replace("[markdown]", 'tags=["demo"]') if untitled else SOLUTION
    toml = ASSIGNMENT_TOML.replace('["numpy"]', packages)
    course = make_course(doubling=text, assignment=toml)
    made = nbformat.reads(template_files(course, course.assignment("doubling"))["doubling.ipynb"].decode(), 4)
    assert [cell.cell_type for cell in made.cells if said in cell.source.replace("\n", " ")] == ["markdown"]


def test_a_missing_figure_is_named(make_course: Callable[..., Course]) -> None:
    text = SOLUTION.replace("# # Doubling", "# # Doubling\n# ![a picture](figures/none.png)")
    course = make_course(doubling=text)
    with pytest.raises(CourseError, match=r"doubling.py:1: the figure .*none.png"):
        template_files(course, course.assignment("doubling"))


def test_building_twice_gives_the_same_bytes(course: Course) -> None:
    first = [path.read_bytes() for path in build_template(course, course.assignment("doubling"))]
    second = [path.read_bytes() for path in build_template(course, Course(course.root).assignment("doubling"))]
    assert first == second
    assert sorted(path.name for path in course.assignment("doubling").template_folder.iterdir()) == [
        "doubling.ipynb",
        "doubling.py",
    ]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_committed_template_is_up_to_date(name: str) -> None:
    assignment = COURSE.assignment(name)
    for file, content in template_files(COURSE, assignment).items():
        assert (assignment.template_folder / file).read_bytes() == content, f"run `grader build {name}`"


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_solution_line_marker_or_hidden_test_reaches_the_template(name: str) -> None:
    assignment = COURSE.assignment(name)
    secret: set[str] = set()
    shared: set[str] = set()
    for cell in assignment.cells:
        inside = False
        for line in map(str.strip, cell.source.splitlines()):
            if "SOLUTION" in line:
                inside = "BEGIN" in line
            (secret if inside else shared).add(line)
    secret = {line for line in secret - shared if len(line) > 12}
    assert secret
    hidden = {
        line.strip()
        for line in assignment.hidden_tests_path.read_text(encoding="utf-8").splitlines()
        if "assert" in line
    }
    notebook = nbformat.reads(template_files(COURSE, assignment)[f"{name}.ipynb"].decode(), as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells) + template_files(COURSE, assignment)[f"{name}.py"].decode()
    lines = {line.strip() for line in text.splitlines()}
    assert not lines & secret
    assert not lines & hidden
    assert not re.search(r"(BEGIN|END) SOLUTION", text)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_template_is_a_valid_notebook_whose_figures_are_inside_it(name: str) -> None:
    notebook = nbformat.reads(template_files(COURSE, COURSE.assignment(name))[f"{name}.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    assert "](figures/" not in "".join(cell.source for cell in notebook.cells)
    ast.parse(template_files(COURSE, COURSE.assignment(name))[f"{name}.py"].decode())


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_solved_notebook_runs_through_in_a_real_kernel_and_its_checks_say_correct(
    name: str, tmp_path: Path
) -> None:
    assignment = COURSE.assignment(name)
    cells = [cell for cell in assignment.cells if cell.role is not Role.TEXT]
    notebook = executed(tmp_path, [nbformat.v4.new_code_cell(cell.source) for cell in cells])
    for cell, ran in zip(cells, notebook.cells, strict=True):
        assert not [output for output in ran.outputs if output["output_type"] == "error"], cell.source
        if cell.role is Role.CHECK:
            printed = "".join(output.get("text", "") for output in ran.outputs if output.get("name") == "stdout")
            assert printed.count("correct") == cell.source.count("check("), cell.source
