"""The student's template: the solution script with its solutions replaced by stubs, as notebook and as script, and the files that go with it."""

from __future__ import annotations

import base64
import json
import re
import textwrap
from dataclasses import replace
from pathlib import Path

from autograder.build.handing_in import beforehand, handing_in
from autograder.course import Assignment, Course, Role, ScriptCell
from autograder.course.inlined import in_language
from autograder.course.script import BEGIN, END, Check
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.language import _, ngettext, speaking

FOLDED: dict[str, object] = {"cellView": "form", "jupyter": {"source_hidden": True}}
"""Metadata of a cell whose code Colab and JupyterLab show on request only."""
_DEFINITION = re.compile(r"^(\s*)(?:async\s+)?(def|class)\s+(\w+)")
_FIGURE = re.compile(r"!\[([^\]]*)\]\((figures/[\w.-]+\.png)\)")


def template_files(course: Course, assignment: Assignment, system: str = "") -> dict[str, bytes]:
    """File name -> content of a template, in the course's language; the same sources give the same bytes.

    Args:
        system: as `handing_in`.

    Raises:
        CourseError: the assignment does not validate, or a figure is missing.
    """
    assignment.validate()
    with speaking(course.language):
        cells = [(cell, _student_source(assignment, cell)) for cell in student_cells(course, assignment, system)]
        cells = [(cell, source) for cell, source in cells if source.strip()]
        return {
            f"{assignment.name}.ipynb": _notebook(assignment, cells).encode(),
            f"{assignment.name}.py": _script(cells).encode(),
            **assignment.shipped,
        }


def stale_files(course: Course, assignment: Assignment) -> list[str]:
    """The files of the template that are not what `build_template` would write.

    Raises:
        CourseError: as `template_files`.
    """
    folder = assignment.template_folder
    return [name for name, content in template_files(course, assignment).items() if _read(folder / name) != content]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def build_template(course: Course, assignment: Assignment) -> list[Path]:
    """Write an assignment's template and return the files written.

    Raises:
        CourseError: as `template_files`.
    """
    files = template_files(course, assignment)
    return [write_whole(assignment.template_folder / name, content) for name, content in files.items()]


def student_cells(course: Course, assignment: Assignment, system: str = "") -> tuple[ScriptCell, ...]:
    """The solution script's cells in the language that is spoken, with what is said of the rules: due date and packages first, the rest at the end.

    Args:
        system: as `handing_in`.
    """
    cells = [in_language(cell) for cell in assignment.cells]
    begin = "\n\n".join(_wrapped(text) for text in beforehand(assignment))
    first = next((number for number, cell in enumerate(cells) if cell.role is Role.TEXT), None)
    if first is None:
        cells.insert(0, ScriptCell(Role.TEXT, begin, 1))
    else:
        cells[first] = replace(cells[first], source=f"{cells[first].source}\n\n{begin}")
    rules = (_wrapped(f"* {text}", "  ") for text in handing_in(course, assignment, system))
    end = "\n".join(["## " + _("Handing in"), "", *rules])
    return (*cells, ScriptCell(Role.TEXT, end, cells[-1].line))


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 116, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _student_source(assignment: Assignment, cell: ScriptCell) -> str:
    if cell.role is Role.CHECK and cell.check:
        return f"{check_heading(cell.check)}\n{cell.source}"
    return _stub(assignment, cell.source) if cell.role is Role.QUESTION else cell.source


def check_heading(check: Check) -> str:
    """The comment above a public check, in the language that is spoken."""
    return ngettext(
        "# Check ({points} point): {title}",
        "# Check ({points} points): {title}",
        1 if check.points == 1 else 2,
        points=f"{check.points:g}",
        title=check.title,
    )


def _stub(assignment: Assignment, source: str) -> str:
    """Replace each solution region by a `raise` that names the question; drop those outside any function."""
    lines: list[str] = []
    inside = False
    for line in source.splitlines():
        if line.strip() == BEGIN:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            if name := _enclosing(lines, indent):
                question = _question(assignment, name)
                todo = _("{question}: write {name}", question=question, name=name)
                lines += [
                    f"{indent}# " + _("Replace the next line by your answer."),
                    f"{indent}raise NotImplementedError({_quoted(todo)})",
                ]
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines).strip("\n")


def _enclosing(lines: list[str], indent: str) -> str:
    """The dotted name of the function that a line of this indentation stands in."""
    names: list[str] = []
    width = len(indent)
    for line in reversed(lines):
        match = _DEFINITION.match(line)
        if match and len(match[1]) < width:
            names.insert(0, match[3])
            width = len(match[1])
    return ".".join(names)


def _question(assignment: Assignment, name: str) -> str:
    outer = name.partition(".")[0]
    title = next((_("Question {id}", id=q.id) for q in assignment.questions if outer in q.names), "")
    return title or assignment.title


def _quoted(text: str) -> str:
    """A text as Python writes it, in double quotes."""
    return json.dumps(str(text), ensure_ascii=False)


def _notebook(assignment: Assignment, cells: list[tuple[ScriptCell, str]]) -> str:
    notebook = {
        "cells": [
            _cell(assignment, f"{assignment.name}-{number:02d}", cell, source)
            for number, (cell, source) in enumerate(cells, 1)
        ],
        "metadata": {
            "cnn_autograder": {"assignment": assignment.name, "format": 1},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(assignment: Assignment, identifier: str, cell: ScriptCell, source: str) -> dict[str, object]:
    if cell.role is Role.TEXT:
        source = _FIGURE.sub(lambda match: f"![{match[1]}]({_embedded(assignment, cell, match[2])})", source)
        return {"cell_type": "markdown", "id": identifier, "metadata": {}, "source": source.splitlines(keepends=True)}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identifier,
        "metadata": dict(FOLDED) if cell.inlined else {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _embedded(assignment: Assignment, cell: ScriptCell, figure: str) -> str:
    """A figure as a data URI: Colab shows no attachments, and a notebook travels without its folder."""
    path = assignment.script_path.parent / figure
    try:
        return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
    except OSError as error:
        raise CourseError(
            f"{assignment.script_path}:{cell.line}: the figure {path} cannot be read ({error.strerror})."
        ) from None


def _script(cells: list[tuple[ScriptCell, str]]) -> str:
    parts = []
    for cell, source in cells:
        if cell.role is Role.TEXT:
            text = _FIGURE.sub(lambda match: _("(Figure, see the notebook: {what})", what=match[1]), source)
            parts.append("# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in text.splitlines()))
        else:
            parts.append(f"# %%\n{source}")
    return "\n\n".join(parts) + "\n"
