"""Imports from `autograder.in_notebooks` become code of the notebook."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import in_notebooks
from autograder.build import template_files
from autograder.commands import grade
from autograder.course import Course
from autograder.course.inlined import TITLES
from autograder.errors import CourseError
from tests.conftest import COURSE_TOML, SOLUTION

IMPORT = "from autograder.in_notebooks.check import check"
WITH_IMPORT = SOLUTION.replace(
    'def check(name, actual, expected, atol=1e-9):\n    assert np.allclose(actual, expected, atol=atol), name\n',
    f"# %%\n{IMPORT}\n",
)  # fmt: skip
MODULES = sorted(path for path in Path(in_notebooks.__file__).parent.glob("*.py") if path.stem != "__init__")


def test_the_import_becomes_the_code_in_a_folded_cell_of_its_own(make_course: Callable[..., Course]) -> None:
    course = make_course(doubling=WITH_IMPORT)
    files = template_files(course, course.assignment("doubling"))
    assert not any(b"autograder.in_notebooks" in content for content in files.values())
    cells = json.loads(files["doubling.ipynb"])["cells"]
    (cell,) = [cell for cell in cells if "def check(" in "".join(cell["source"])]
    assert "".join(cell["source"]).startswith("# @title check: ")
    assert cell["metadata"] == {"cellView": "form", "jupyter": {"source_hidden": True}}


def test_the_cell_and_its_title_are_in_the_language_of_the_course(make_course: Callable[..., Course]) -> None:
    course = make_course(course=f'{COURSE_TOML}language = "vi"\n', doubling=WITH_IMPORT)
    script = template_files(course, course.assignment("doubling"))["doubling.py"].decode()
    assert "# @title check: so sánh kết quả của bạn" in script
    assert 'print("{name}: đúng".format(name=name))' in script
    assert '"""Compare your answer with the expected one, and say where they differ."""' in script


def test_the_script_itself_earns_all_points_when_it_is_graded(make_course: Callable[..., Course]) -> None:
    course = make_course(doubling=WITH_IMPORT)
    (result,) = grade(
        course=course.root, assignment="doubling", paths=[course.root / "solutions" / "doubling.py"]
    ).graded
    assert (result.score, result.partial, result.message) == (100, False, "")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"{IMPORT}\nx = 1", "write that import alone in a cell"),
        ("import autograder.in_notebooks.check", "write that import alone in a cell"),
        (
            "from autograder.in_notebooks.check import chekc",
            "autograder.in_notebooks.check holds nothing called 'chekc'",
        ),
        ("from autograder.in_notebooks.chekc import check", "autograder.in_notebooks holds nothing called 'chekc'"),
    ],
)
def test_any_other_import_of_it_is_refused_with_its_line(
    make_course: Callable[..., Course], cell: str, said: str
) -> None:
    course = make_course(doubling=WITH_IMPORT.replace(IMPORT, cell))
    with pytest.raises(CourseError, match=r"solutions/doubling\.py:\d+: ") as raised:
        template_files(course, course.assignment("doubling"))
    assert said in str(raised.value)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_each_module_begins_with_a_docstring_of_one_line_and_has_a_title(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r'"""[^\n]+"""\n\n', text)
    assert path.stem in TITLES
    imported = [
        ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert [line for line in imported if "autograder" in line] == ["from autograder.language import N_"]
