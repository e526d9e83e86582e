"""Scores go into the gradebook of a real nbgrader, whose own programs then show them."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export import Exported, export
from autograder.export.nbgrader_notebook import MarkedCell, graded_notebook
from autograder.gradebook import Gradebook
from autograder.report.comment import block
from autograder.result import CellError, Diagnosis, Outcome, Result, Status
from tests.conftest import ALONE

MakeResult = Callable[..., Result]
MakeTests = Callable[..., Any]
Fill = Callable[..., Exported]
Cells = list[dict[str, Any]]

BIN = Path(sys.executable).parent
HIDDEN = "### BEGIN HIDDEN TESTS\nassert max_pool2d('hidden-input-42')\n### END HIDDEN TESTS\n"


def cell(name: str, source: str, *, points: float | None = None, **marks: Any) -> dict[str, Any]:
    marks = {"schema_version": 3, "grade": points is not None, "solution": points is None, "locked": points is not None, "task": False} | marks  # fmt: skip
    if points is not None:
        marks["points"] = points
    return {
        "cell_type": "code", "execution_count": None, "id": name.replace("_", "-"), "outputs": [], "source": source,
        "metadata": {"nbgrader": {"grade_id": name, **marks}},
    }  # fmt: skip


def source_cells() -> Cells:
    return [
        cell("answer-one", "def max_pool2d(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
        cell("max_pool2d", f"assert max_pool2d(1) == 1\n{HIDDEN}", points=60),
        cell("answer-two", "def avg_pool2d(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
        cell("avg_pool2d", "assert avg_pool2d(1) == 1", points=40),
    ]


def write_notebook(path: Path, cells: Cells) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8"
    )
    return path


def nbgrader(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*ALONE, BIN / "nbgrader", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def made_by_nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory in which `nbgrader generate_assignment` has run."""
    folder = tmp_path_factory.mktemp("nbgrader")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'cnn'\n")
    write_notebook(folder / "source" / "pooling" / "pooling.ipynb", source_cells())
    nbgrader(folder, "generate_assignment", "pooling")
    return folder


@pytest.fixture
def directory(made_by_nbgrader: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_by_nbgrader, tmp_path / "nb"))


@pytest.fixture
def fill(course: Course, assignment: Assignment, gradebook: Gradebook, directory: Path) -> Fill:
    def run(to: Path = directory, **options: Any) -> Exported:
        return export(
            course=course, assignment=assignment, gradebook=gradebook, format="nbgrader", to=to, **options
        )  # fmt: skip

    return run


@pytest.fixture
def submit(directory: Path, gradebook: Gradebook, make_result: MakeResult) -> Callable[..., Path]:
    """Hands in the release version, or other cells, and records a result for it."""

    def run(student: str, cells: Cells | bytes | None = None, **values: Any) -> Path:
        path = directory / "submitted" / student / "pooling" / "pooling.ipynb"
        if isinstance(cells, bytes):
            path.parent.mkdir(parents=True)
            path.write_bytes(cells)
        else:
            released = json.loads((directory / "release" / "pooling" / "pooling.ipynb").read_text())["cells"]
            write_notebook(path, released if cells is None else cells)
        if "submitted_at" in values:
            stamp = values["submitted_at"].strftime("%Y-%m-%d %H:%M:%S.%f UTC")
            (path.parent / "timestamp.txt").write_text(stamp, encoding="utf-8")
        gradebook.record(make_result(student, path=str(path), **values))
        return path

    return run


@contextmanager
def opened(folder: Path) -> Iterator[Any]:
    from nbgrader.api import Gradebook as Theirs

    with Theirs(f"sqlite:///{folder}/gradebook.db", "cnn") as book:
        yield book
        book.engine.dispose()


def grades(folder: Path, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
    """Question -> points by machine, points by hand, whether it must be looked at."""
    with opened(folder) as book:
        (notebook,) = book.find_submission("pooling", student).notebooks
        return {
            entry.name: (entry.auto_score, entry.manual_score, entry.needs_manual_grade) for entry in notebook.grades
        }


def dump(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "gradebook.db")) as connection:
        return list(connection.iterdump())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.suffix != ".db" and path.is_file()}  # fmt: skip


def said(done: Exported) -> list[tuple[str, str, str | None, str]]:
    return [(change.who, change.before, change.after, change.reason) for change in done.changes]


WRONG = {
    "outcome": Outcome.FAILED,
    "earned": 12.5,
    "message": "3 of 4 wrong <script>.",
    "diagnosis": Diagnosis(mistake="turned", hint="You *turn* it."),
}
LATE = datetime(2026, 12, 8, 17, tzinfo=UTC)


# What nbgrader's programs show


def test_nbgraders_own_programs_show_scores_penalties_and_comments(
    directory: Path, fill: Fill, submit: Callable[..., Path], tests: MakeTests
) -> None:
    cells = source_cells()
    cells[0]["source"] = "def max_pool2d(x):\n    return 'mine'"
    cells[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "printed by An\n"}]
    cells[1]["source"] = "assert max_pool2d(1) == 1"
    submit("an", cells, tests=tests({}, WRONG), cell_errors=(CellError(cell=7, line=2, error="NameError: name 'x'"),))
    submit("binh", submitted_at=LATE)
    done = fill()
    assert said(done) == [
        ("an (Nguyễn An)", "", "72.5", ""),
        ("binh (Trần Bình)", "", "80", ""),
        ("chi (Lê Chi)", "", None, "has handed in nothing"),
    ]

    nbgrader(directory, "export")
    with open(directory / "grades.csv", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"an", "binh"}
    assert [rows["an"][name] for name in ("raw_score", "late_submission_penalty", "score", "max_score")] == ["72.5", "0.0", "72.5", "100.0"]  # fmt: skip
    assert [rows["binh"][name] for name in ("raw_score", "late_submission_penalty", "score")] == [
        "100.0",
        "20.0",
        "80.0",
    ]
    assert rows["binh"]["timestamp"] == "2026-12-08 17:00:00"

    output = nbgrader(directory, "generate_feedback", "pooling")
    assert "Late submission penalty: 20.0" in output
    page = (directory / "feedback" / "an" / "pooling" / "pooling.html").read_text(encoding="utf-8")
    assert "(Score: 72.5 / 100.0)" in page
    assert "return" in page
    assert "printed by An" in page
    assert "What went wrong: You *turn* it." in page
    assert "3 of 4 wrong &lt;script&gt;." in page
    assert "Cell 7, line 2: NameError" in page
    assert "hidden-input-42" not in page

    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    api = NbGraderAPI(CourseDirectory(root=str(directory), course_id="cnn"))  # what formgrader asks
    formgrader = {entry["student"]: entry for entry in api.get_submissions("pooling")}
    assert {name: (entry["score"], entry["autograded"], entry["needs_manual_grade"]) for name, entry in formgrader.items()} == {
        "an": (72.5, True, False), "binh": (100, True, False),
    }  # fmt: skip


def test_whatever_students_do_to_cells_nbgrader_makes_their_feedback(
    directory: Path, fill: Fill, submit: Callable[..., Path], tests: MakeTests, gradebook: Gradebook
) -> None:
    """Deleted, copied, split and edited cells, foreign marks, broken outputs; a file that is no notebook."""
    first, one, second, two = source_cells()
    foreign = {"grade_id": "max_pool2d", "schema_version": 0, "points": "many", "grade": "yes"}
    broken = [{"output_type": "x"}, "text", {"output_type": "stream", "name": "stdout", "text": 7}, {"output_type": "display_data", "data": {"text/html": "\ud800"}, "metadata": {}}]  # fmt: skip
    cells = [
        first | {"source": "def max_pool2d(x):"}, first | {"source": "    return 1"}, one, one, two | {"cell_type": "markdown"},
        second | {"outputs": broken}, {"cell_type": "code", "metadata": {"nbgrader": foreign}, "source": ["a", 1]},
        {"cell_type": "raw", "source": "raw", "metadata": []}, "no cell", {"metadata": {"nbgrader": 7}, "source": "x"},
    ]  # fmt: skip
    submit("an", cells)
    submit("binh", [], status=Status.UNREADABLE, message="The file is empty.")
    submit("chi", b'{"cells": [', status=Status.UNREADABLE, message="The file is no notebook.")
    fill()
    nbgrader(directory, "generate_feedback", "pooling")
    for student, score in {"an": "100.0", "binh": "100.0", "chi": "100.0"}.items():
        page = (directory / "feedback" / student / "pooling" / "pooling.html").read_text(encoding="utf-8")
        assert f"/ {score})" in page
        notebook = nbformat.read(directory / "autograded" / student / "pooling" / "pooling.ipynb", as_version=4)
        marks = [entry.metadata["nbgrader"]["grade_id"] for entry in notebook.cells if "nbgrader" in entry.metadata]
        assert sorted(marks) == ["answer-one", "answer-two", "avg_pool2d", "max_pool2d"]
    assert "is no notebook: its JSON is damaged" in page
    assert grades(directory, "an")["max_pool2d"] == (60, None, False)


# What is left alone


def test_a_second_run_changes_nothing(
    directory: Path, fill: Fill, submit: Callable[..., Path], tests: MakeTests
) -> None:
    submit("an", tests=tests({}, WRONG))
    submit("binh", submitted_at=LATE)
    fill()
    before, written = dump(directory), files(directory)
    done = fill()
    assert [(change.after, change.reason) for change in done.changes[:2]] == [(None, "unchanged")] * 2
    assert (dump(directory), files(directory)) == (before, written)


def test_points_and_comments_given_by_hand_stay(
    directory: Path,
    fill: Fill,
    submit: Callable[..., Path],
    tests: MakeTests,
    gradebook: Gradebook,
    make_result: MakeResult,
) -> None:
    path = submit("an", tests=tests({}, WRONG))
    fill()
    with opened(directory) as book:
        grade = book.find_grade("max_pool2d", "pooling", "pooling", "an")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 50.0, 2.0, False
        book.find_comment("answer-one", "pooling", "pooling", "an").manual_comment = "Right idea."
        book.db.commit()
    assert said(fill())[0] == (
        "an (Nguyễn An)",
        "92",
        None,
        "unchanged; 1 question with points given by hand in nbgrader",
    )
    assert grades(directory, "an")["max_pool2d"] == (32.5, 50, False)
    gradebook.record(make_result("an", path=str(path)))
    assert said(fill())[0][1:3] == ("92", None)
    assert grades(directory, "an")["max_pool2d"] == (60, 50, True)  # as nbgrader does: to be looked at again
    with opened(directory) as book:
        comment = book.find_comment("answer-one", "pooling", "pooling", "an")
        assert comment.comment == "Right idea."
        assert "All" not in comment.auto_comment
        assert book.find_grade("max_pool2d", "pooling", "pooling", "an").extra_credit == 2


def test_cells_that_are_graded_by_hand_in_nbgrader_are_not_touched(
    directory: Path, fill: Fill, submit: Callable[..., Path]
) -> None:
    essay = cell("essay", "Why?", points=5, solution=True, locked=False) | {"cell_type": "markdown"}
    del essay["outputs"], essay["execution_count"]
    write_notebook(directory / "source" / "pooling" / "pooling.ipynb", [*source_cells(), essay])
    nbgrader(directory, "generate_assignment", "pooling", "--force")
    submit("an")
    fill()
    assert grades(directory, "an")["essay"] == (None, None, True)
    nbgrader(directory, "generate_feedback", "pooling")
    assert "/ 105.0)" in (directory / "feedback" / "an" / "pooling" / "pooling.html").read_text(encoding="utf-8")


def test_a_dry_run_tells_the_same_and_writes_nothing(
    directory: Path, fill: Fill, submit: Callable[..., Path], tests: MakeTests
) -> None:
    submit("an", tests=tests({}, WRONG))
    submit("binh", submitted_at=LATE)
    before, written = dump(directory), files(directory)
    told = said(fill(dry_run=True))
    assert (dump(directory), files(directory)) == (before, written)
    assert told == said(fill())
    assert said(fill(dry_run=True)) == said(fill())


# Whose scores, and how they become nbgrader's


def test_an_assignment_and_students_that_nbgrader_does_not_know_are_added(
    tmp_path: Path,
    fill: Fill,
    submit: Callable[..., Path],
    gradebook: Gradebook,
    tests: MakeTests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # nbgrader's own program is found all the same
    submit("an", tests=tests({}, WRONG))
    fresh = tmp_path / "fresh"
    (fresh / "submitted").mkdir(parents=True)
    assert said(fill(fresh, dry_run=True))[0] == ("an (Nguyễn An)", "", "72.5", "")
    assert not (fresh / "gradebook.db").exists()
    assert said(fill(fresh))[0] == ("an (Nguyễn An)", "", "72.5", "")
    before = dump(fresh)
    fill(fresh)
    assert dump(fresh) == before
    with opened(fresh) as book:
        assignment = book.find_assignment("pooling")
        assert (assignment.max_score, assignment.duedate) == (100, datetime(2026, 12, 7, 16, 59))
        assert book.find_student("an").email == "an@vnu.edu.vn"
        comments = {entry.name: entry.comment for entry in book.find_submission("pooling", "an").notebooks[0].comments}
    assert "You *turn* it." in comments["max_pool2d-solution"]
    assert comments["avg_pool2d-solution"] == "    Mean: 40 of 40 points.\n    ✓ 1 test passed."
    monkeypatch.undo()
    nbgrader(fresh, "generate_feedback", "pooling")
    assert (fresh / "feedback" / "an" / "pooling" / "pooling.html").is_file()


def test_scores_are_scaled_to_nbgraders_points(directory: Path, fill: Fill, submit: Callable[..., Path]) -> None:
    with opened(directory) as book:
        book.find_grade_cell("max_pool2d", "pooling", "pooling").max_score = 6
        book.find_grade_cell("avg_pool2d", "pooling", "pooling").max_score = 4
        book.db.commit()
    submit("an", submitted_at=LATE)
    assert said(fill())[0] == ("an (Nguyễn An)", "", "8", "80 of 100")
    assert grades(directory, "an")["max_pool2d"][0] == 6


def test_a_whole_score_set_by_hand_is_spread_over_the_questions(
    directory: Path, fill: Fill, submit: Callable[..., Path], gradebook: Gradebook, assignment: Assignment
) -> None:
    submit("an", submitted_at=LATE)
    gradebook.add_override(student="an", assignment=assignment, question=None, score=75, reason="secret", author="T")
    gradebook.add_override(student="chi", assignment=assignment, question="avg_pool2d", score=4, reason="x", author="T")
    assert [change.after for change in fill().changes] == ["75", None, "4"]
    assert {name: points for name, (points, _, _) in grades(directory, "an").items()} == {
        "max_pool2d": 45,
        "avg_pool2d": 30,
    }
    assert grades(directory, "chi")["avg_pool2d"] == (4, None, False)
    assert not any("secret" in line for line in dump(directory))
    nbgrader(directory, "generate_feedback", "pooling")
    page = (directory / "feedback" / "chi" / "pooling" / "pooling.html").read_text(encoding="utf-8")
    assert "No notebook was submitted." in page


def test_nobody_is_given_a_score_that_there_is_not(
    directory: Path,
    fill: Fill,
    submit: Callable[..., Path],
    gradebook: Gradebook,
    make_result: MakeResult,
    tests: MakeTests,
) -> None:
    submit("an")
    fill()
    broken = {"outcome": Outcome.NOT_GRADABLE, "earned": 0}
    gradebook.record(make_result("an", status=Status.NOT_GRADABLE, tests=tests(broken, broken, broken)))
    gradebook.record(make_result("../up"))
    told = {change.who: (change.before, change.after, change.reason) for change in fill().changes}
    assert told["an (Nguyễn An)"] == ("100", None, "has no score yet")
    assert told["../up"] == ("", "100", "")
    assert grades(directory, "%2E.%2Fup")["max_pool2d"] == (60, None, False)
    assert grades(directory, "an")["max_pool2d"] == (60, None, False)


# What cannot be used


def test_what_is_no_course_directory_is_refused(fill: Fill, submit: Callable[..., Path], tmp_path: Path) -> None:
    submit("an")
    with pytest.raises(GraderError, match="is no course directory of nbgrader"):
        fill(tmp_path / "nothing")


def test_an_assignment_with_other_questions_is_refused(
    fill: Fill, directory: Path, submit: Callable[..., Path]
) -> None:
    submit("an")
    with opened(directory) as book:
        book.find_grade_cell("max_pool2d", "pooling", "pooling").name = "test1"
        book.db.commit()
    with pytest.raises(GraderError, match=r"has no grade cell called max_pool2d in pooling; it has avg_pool2d, test1"):
        fill()


def test_our_own_gradebook_is_not_taken_for_nbgraders(fill: Fill, course: Course, submit: Callable[..., Path]) -> None:
    submit("an")
    before = dump(course.root)
    with pytest.raises(GraderError, match="is no gradebook of nbgrader; it holds other tables"):
        fill(course.root)
    assert dump(course.root) == before


def test_a_database_that_is_none_and_a_broken_config_are_one_sentence(
    fill: Fill, directory: Path, submit: Callable[..., Path]
) -> None:
    submit("an")
    (directory / "gradebook.db").write_bytes(b"no database" * 100)
    with pytest.raises(GraderError, match=r"nbgrader's gradebook cannot be used \(file is not a database\)"):
        fill()
    (directory / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(GraderError, match=r"nbgrader_config.py: SyntaxError"):
        fill()


def test_the_config_says_where_the_database_is(fill: Fill, directory: Path, submit: Callable[..., Path]) -> None:
    (directory / "gradebook.db").rename(directory / "grades.sqlite")
    (directory / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///grades.sqlite'\n"
    )
    submit("an")
    assert fill().files[0] == directory / "grades.sqlite"
    assert not (directory / "gradebook.db").exists()


def test_without_nbgrader_it_says_what_to_install(
    fill: Fill, submit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit("an")
    monkeypatch.setitem(sys.modules, "nbgrader.coursedir", None)
    with pytest.raises(GraderError, match=r"pip install 'cnn-autograder\[nbgrader\]'"):
        fill()


# Whatever is submitted

texts = st.text(st.characters(exclude_categories=()), max_size=30)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
any_cell = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | values,
        "source": st.sampled_from(["x = 1", ["a\n", "b"]]) | values,
        "metadata": values | st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": st.sampled_from(["q", "a"]) | values})}),
        "outputs": values | st.lists(st.fixed_dictionaries({"output_type": st.sampled_from(["stream", "error", "display_data"]), "data": values, "text": values, "metadata": values, "name": texts})),
    },
)  # fmt: skip


@given(st.lists(any_cell | values, max_size=6))
def test_any_notebook_becomes_a_valid_one_with_each_mark_once(cells: list[Any]) -> None:
    import tempfile

    marked = [MarkedCell("q", 10, True, False), MarkedCell("a", None, False, True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "n.ipynb"
        path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
        notebook = nbformat.reads(graded_notebook(path, marked, "", 1).decode(), as_version=4)
    nbformat.validate(notebook)
    marks = [entry.metadata["nbgrader"]["grade_id"] for entry in notebook.cells if "nbgrader" in entry.metadata]
    assert sorted(marks) == ["a", "q"]


def test_a_very_large_notebook_keeps_its_marks_and_loses_its_outputs(tmp_path: Path) -> None:
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 500_000}}
    metadata = {"nbgrader": {"grade_id": "q"}}
    cell = {"cell_type": "code", "metadata": metadata, "source": "x = 1", "outputs": [picture], "execution_count": 1}
    text = {"cell_type": "markdown", "metadata": {}, "source": "Why?"}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [text, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    notebook = nbformat.reads(graded_notebook(path, [MarkedCell("q", 10, True, False)], "", 50).decode(), as_version=4)
    above, why, answer = notebook.cells
    assert "outputs are not shown" in above.source
    assert why.source == "Why?"
    assert (answer.source, answer.outputs, answer.metadata["nbgrader"]["grade_id"]) == ("x = 1", [], "q")


@given(texts | st.just("```\n<script>x</script>\n\n# head\n    code\n\tx\n- $a$ [b](c)"))
def test_a_block_stays_one_block_whatever_is_in_it(text: str) -> None:
    tokens = MarkdownIt().parse(block(text))
    assert [token.type for token in tokens] in (["code_block"], [])
