"""nbgrader: a course directory with a source notebook for each assignment.

A question's hidden tests are in one locked cell, packed into a line of text inside nbgrader's markers for hidden tests:
`nbgrader generate_assignment` takes them out, and `nbgrader autograde` puts them back and runs them by `autograder.kernel`.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import textwrap
import tomllib
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course, Question, Role
from autograder.course.script import BEGIN, END
from autograder.errors import CourseError, GraderError
from autograder.files import write_whole
from autograder.kernel import Sources, grade
from autograder.language import N_, _, speaking
from autograder.result import Outcome, Result, Status, TestResult

if TYPE_CHECKING:
    from traitlets.config import Config

_TEST_SECONDS = 900
"""All tests of a question; each call in them has the assignment's own limit."""

_CONFIGURE = "from autograder.targets.nbgrader import configure\n\nconfigure(c)"
_CONFIG = """c = get_config()
c.CourseDirectory.course_id = {course_id!r}

# Feedback without the hidden tests, and time for them to run. Needs cnn-autograder, as `nbgrader autograde` does.
{configure}
"""

_HEADING = N_("""## Points

Each cell below gives the points of one question once you have handed in: those of the checks above, and those of hidden
tests. There is nothing to do here. Please leave these cells as they are.""")

# Between the packed sources and what may fail lie enough lines to keep them out of a traceback.
_TEST = """# {heading}
### BEGIN HIDDEN TESTS
# Packed by `grader build --target nbgrader` from
{files}
_grader_sources = "{sources}"
# To change a test, change those files, build again and run `nbgrader generate_assignment --force`: what is
# changed here is lost. To read what is packed:
#     import base64, json, zlib
#     for path, text in json.loads(zlib.decompress(base64.b64decode(_grader_sources)))["files"]:
#         print(path, text, sep="\\n")
# The last line prints what the student is told and gives the points. Both are those of `grader grade`, but the
# student's code shares this kernel with the hidden tests: nothing is isolated.
from autograder.targets.nbgrader import points_earned as _grader_points

_grader_points({question!r}, globals(), _grader_sources)
### END HIDDEN TESTS"""


def build(course: Course, assignments: Sequence[Assignment], to: Path) -> list[Path]:
    """Write `source/<assignment>/<assignment>.ipynb` for each assignment, the files that go with it, and `nbgrader_config.py` if there is none.

    Raises:
        CourseError: a source is wrong; names file and line.
        GraderError: there is an `nbgrader_config.py` that would show hidden tests, or the folder cannot be written.
    """
    with speaking(course.language):
        notebooks = {assignment.name: _notebook(course, assignment) for assignment in assignments}
    written = _write_config(course, to / "nbgrader_config.py")
    for assignment in assignments:
        # nbgrader releases them with the notebook, and puts them in the place of a student's own when it grades.
        files = {f"{assignment.name}.ipynb": notebooks[assignment.name], **assignment.shipped}
        written += [write_whole(to / "source" / assignment.name / path, content) for path, content in files.items()]
    return written


def _write_config(course: Course, path: Path) -> list[Path]:
    try:
        present = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        course_id = re.sub(r"[^\w.-]+", "-", course.code)
        return [write_whole(path, _CONFIG.format(course_id=course_id, configure=_CONFIGURE).encode())]
    except (OSError, UnicodeDecodeError) as error:
        raise GraderError(f"{path}: cannot be read ({error}).") from None
    if not re.search(r"^configure\(c\)", present, re.MULTILINE):
        raise GraderError(
            f"{path}: without these lines at its end, nbgrader's feedback would show hidden tests to students; please add "
            f"them and build again. Nothing was written.\n\n{_CONFIGURE}"
        )
    return []


def _notebook(course: Course, assignment: Assignment) -> bytes:
    from autograder.build.template import _cell, check_heading, student_cells

    sources = Sources.of(course, assignment)
    cells: list[dict[str, Any]] = []

    def add(cell: dict[str, Any], grade_id: str = "", **marks: Any) -> None:
        if grade_id:
            cell["metadata"]["nbgrader"] = {
                "schema_version": 3, "grade_id": grade_id, "grade": False, "locked": False, "solution": False, "task": False,
            } | marks  # fmt: skip
        cell["id"] = f"{assignment.name}-{len(cells) + 1:02d}"
        cells.append(cell)

    numbers: Counter[str] = Counter()
    for cell in student_cells(course, assignment, "nbgrader"):
        made = _cell(assignment, "", cell, _cleared_by_nbgrader(cell.source))
        if cell.check:
            made["source"].insert(0, f"{check_heading(cell.check)}\n")  # type: ignore[attr-defined]  # a list of lines, as `_cell` makes it
            name = f"{cell.check.question}-check"
            numbers[name] += 1
            # Worth nothing by itself: so `nbgrader validate` tells students whether it passes, and no point counts twice.
            add(made, f"{name}-{numbers[name]}", grade=True, locked=True, points=0)
        elif cell.role is Role.QUESTION:
            numbers["solution"] += 1
            add(made, f"solution-{numbers['solution']}", solution=True)
        elif cell.role is Role.GIVEN:
            numbers["given"] += 1
            add(made, f"given-{numbers['given']}", locked=True)
        else:
            add(made)
    # At the end, as in a sandbox: what counts is what the whole notebook has defined.
    add({"cell_type": "markdown", "metadata": {}, "source": _(_HEADING).splitlines(keepends=True)})
    for question in assignment.questions:
        source = _test(question, sources)
        test: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source.splitlines(keepends=True)}  # fmt: skip
        add(test, question.id, grade=True, locked=True, points=question.points)
    document = {
        "cells": cells,
        "metadata": {
            "cnn_autograder": {"assignment": assignment.name, "format": 1},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _cleared_by_nbgrader(source: str) -> str:
    """The same code, with solutions outside any function inside a `try`.

    nbgrader puts a `raise` in the place of each solution; this one must not end a run of all cells.
    """
    from autograder.build.template import _enclosing

    lines: list[str] = []
    margin = ""
    for line in source.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() == BEGIN and not _enclosing(lines, indent):
            lines += [f"{indent}try:  # " + _("helper functions of your own, if you want any")]
            margin = "    "
        lines.append(textwrap.indent(line, margin))
        if line.strip() == END and margin:
            lines += [f"{indent}except NotImplementedError:", f"{indent}    pass"]
            margin = ""
    return "\n".join(lines)


def _test(question: Question, sources: Sources) -> str:
    return _TEST.format(
        heading=_(
            "{title}: {points} points. Please leave this cell as it is.",
            title=" ".join(question.title.split()),
            points=f"{question.points:g}",
        ),
        files="\n".join(f"#     {path}" for path, text in sources.files),
        sources=base64.b64encode(zlib.compress(sources.to_json().encode(), 9)).decode(),
        question=question.id,
    )


def configure(c: Config) -> None:
    """Settings of nbgrader for course directories made here; `nbgrader_config.py` calls it with its ``c``."""
    from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearHiddenTests,
        ClearOutput,
        GetGrades,
        OverwriteCells,
        OverwriteKernelspec,
    )

    from autograder.build.handing_in import NBGRADER_CELL_SECONDS
    from autograder.targets.nbgrader_repair import RepairCells

    def seconds(cell: Any) -> int:
        return _TEST_SECONDS if cell.metadata.get("nbgrader", {}).get("points") else NBGRADER_CELL_SECONDS

    c.GenerateFeedback.preprocessors = [GetGrades, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
    c.Execute.timeout_func = seconds
    c.Autograde.sanitize_preprocessors = [
        ClearOutput,
        RepairCells,
        OverwriteKernelspec,
        OverwriteCells,
        CheckCellMetadata,
    ]


class NotGradedError(Exception):
    """There are no points to give. nbgrader takes it for 0 points, and shows it."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: no traceback, which would show hidden tests in the feedback."""
        return [f"{type(self).__name__}: {self}"]


def points_earned(question: str, namespace: dict[str, Any], packed: str) -> float:
    """Grade one question of the notebook that this process runs, and print what its student is told.

    Args:
        question: its id.
        namespace: the notebook's names.
        packed: the sources, as `build` puts them into a cell.

    Raises:
        NotGradedError: by the grader's fault, not the student's.
    """
    sources = Sources.from_json(zlib.decompress(base64.b64decode(packed)).decode())
    try:
        results = grade(sources, question, namespace)
    except BaseException as error:  # the time may be over: KeyboardInterrupt
        reason = str(error) if isinstance(error, CourseError) else type(error).__name__
        with speaking(sources.language):
            problem = _("The tests of {question} could not be run: {reason}", question=question, reason=reason)
        raise NotGradedError(problem) from None
    if any(test.outcome is Outcome.NOT_GRADABLE for test in results):
        with speaking(sources.language):
            problem = _("A hidden test of {question} itself failed; the instructor must look at it.", question=question)
        raise NotGradedError(problem)
    with speaking(sources.language):
        sys.stdout.write(_told(sources, question, results))
    # Not numpy's: nbgrader gives full points for a number that it cannot read.
    return float(round(sum(test.earned for test in results), 2))


def _told(sources: Sources, question: str, tests: list[TestResult]) -> str:
    """What `grader report` says of a question, as plain text."""
    from autograder.report.comment import comment

    result = Result(
        student="",
        assignment=sources.assignment,
        status=Status.GRADED,
        tests=tuple(tests),
        path="",
        graded_at=datetime.now(UTC),
        submission_fingerprint="",
        assignment_fingerprint="",
    )
    declared = tomllib.loads(dict(sources.files)[f"assignments/{sources.assignment}/assignment.toml"])["questions"]
    own = next(entry for entry in declared if entry["id"] == question)
    return textwrap.dedent(comment(result, Question.model_validate(own))) + "\n"
