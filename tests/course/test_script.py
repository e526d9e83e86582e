"""A solution script may have been saved by Jupyter, VS Code or a Windows editor: the student's template stays the same."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder.build import template_files
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from tests.conftest import REPOSITORY, SOLUTION, write_course

COURSE = Course(REPOSITORY)


def saved_by_jupyter(script: str, folder: Path) -> str:
    """Opened as a notebook by way of Jupytext, and saved."""
    nbformat.write(jupytext.reads(script, fmt="py:percent"), folder / "paired.ipynb")
    content = nbformat.read(folder / "paired.ipynb", 4)
    content.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    for cell in content.cells[::3]:  # as JupyterLab notes when a cell is edited or folded
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}, "jp-MarkdownHeadingCollapsed": True}
    return jupytext.writes(content, fmt="py:percent")


@pytest.mark.parametrize("name", Course(REPOSITORY).assignment_names)
def test_saving_a_solution_in_jupyter_changes_no_template(name: str, tmp_path: Path) -> None:
    (tmp_path / "assignments").symlink_to(REPOSITORY / "assignments")
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "figures").symlink_to(REPOSITORY / "solutions" / "figures")
    before = (REPOSITORY / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    after = saved_by_jupyter(before, tmp_path)
    assert after.startswith("# ---\n# jupyter:")
    assert "check=" in after
    assert '# %% check="' not in after  # the title comes first by now
    for text in (after, "\ufeff" + after, after.replace("\n", "\r\n"), saved_by_jupyter(after, tmp_path)):
        (tmp_path / "solutions" / f"{name}.py").write_text(text, encoding="utf-8", newline="")
        assert template_files(Course(tmp_path), Assignment(tmp_path, name)) == template_files(
            COURSE, COURSE.assignment(name)
        )


@pytest.mark.parametrize(
    "title",
    ["x=3 wins", 'He says "no"', "a [part]", "100 % = all", "[1, 2] and {3}", "x = 3 wins", "Größe ≥ 1"],
)
def test_a_check_may_have_any_title_before_and_after_saving(title: str, tmp_path: Path) -> None:
    quoted = title.replace('"', '\\"')
    script = SOLUTION.replace('title="A small array"', f'title="{quoted}"')
    for text in (script, saved_by_jupyter(script, tmp_path)):
        checks = [
            cell.check for cell in write_course(tmp_path, doubling=text).assignment("doubling").cells if cell.check
        ]
        assert [(check.question, check.points, check.title) for check in checks] == [("double", 20, title)]


@pytest.mark.parametrize(
    "header", ["# %% [md]", "# %%  [markdown]", "# %% Title [markdown]", '# %% [markdown] tags=["a"]']
)
def test_text_is_text_however_its_cell_begins(header: str, tmp_path: Path) -> None:
    course = write_course(tmp_path, doubling=SOLUTION.replace("# %% [markdown]", header))
    made = template_files(course, course.assignment("doubling"))
    plain = write_course(tmp_path)
    assert made == template_files(plain, plain.assignment("doubling"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("# %% [markdown]", "# %% [raw]", r"doubling.py:1: '\[raw\]' is no kind of cell for students"),
        ("# %% [markdown]", "# ---\n# jupyter:\n#   format_name: light\n# ---", "Choose its percent format"),
        ("# %% [markdown]", "x = 1\n# %% [markdown]", r"doubling.py:1: begin every cell"),
        ("points=20", "points=twenty", r"doubling.py:23: a check cell starts with"),
        ("points=20", "points=true", r"doubling.py:23: a check cell starts with"),
        (' title="A small array"', "", r"doubling.py:23: a check cell starts with"),
    ],
)
def test_what_cannot_be_meant_is_told(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in SOLUTION
    with pytest.raises(CourseError, match=says):
        write_course(tmp_path, doubling=SOLUTION.replace(old, new)).assignment("doubling").validate()


def test_a_script_of_another_encoding_is_said_to_be_one(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    (tmp_path / "solutions" / "doubling.py").write_bytes("# %%\n# Größe".encode("latin-1"))
    with pytest.raises(CourseError, match=r"doubling.py: is not in UTF-8"):
        course.assignment("doubling").validate()
