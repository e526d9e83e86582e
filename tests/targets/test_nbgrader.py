"""The nbgrader target, with the real nbgrader: release, validate, autograde, feedback, export and formgrader."""

from __future__ import annotations

import base64
import csv
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.commands import build, export
from autograder.commands import grade as grade_in_sandboxes
from autograder.course import Assignment, Course, Role
from autograder.errors import GraderError
from autograder.kernel import Sources
from autograder.targets.nbgrader import NotGradedError, points_earned
from tests.conftest import ALONE, HIDDEN_TESTS, REPOSITORY, RIGHT, free_port, write_course
from tests.small_class.answers import ANSWERS
from tests.small_class.make import fill
from tests.test_small_class import EXPECTED

BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
Notebook = dict[str, Any]

SAMPLE = {
    "pooling": ["22020001", "22020002", "22020003", "22020004"],
    "sizing": ["22020002", "22020003", "22020004", "22020006"],
}
"""Of the sample class: slow races, wrong answers that spread, stubs, deleted questions. Not sizing's 22020005, who ends the
process, which is nbgrader's kernel here. Each costs a start of a kernel."""

HIDDEN = ("HIDDEN TESTS", "_grader_", "hidden-input-42", "secret_of_the_solution", "BEGIN SOLUTION", "points_earned")

ANSWER = {"double": "def double(x):\n    return 2 * x", "name": RIGHT[RIGHT.index("def name") :]}
DOUBLING: dict[str, tuple[dict[str, str], dict[str, float]]] = {
    "right": (ANSWER, {"double": 70, "name": 30}),
    "tripled": (ANSWER | {"double": "def double(x):\n    return 3 * x"}, {"double": 10, "name": 30}),
    "warns": (
        {
            "double": "import sys, warnings, os\n\ndef double(x):\n    warnings.warn('careful')\n"
            "    print('loud', file=sys.stderr)\n    os.write(2, b'louder')\n    return 2 * x\n\ndouble(A)",
            "name": ANSWER["name"] + "\nimport numpy as np\nnp.float64(0.5)",
        },
        {"double": 70, "name": 30},
    ),
    "shadows": (
        {
            "double": "import numpy as np\nfloat = np.float32\nround = print = sum = None\n" + ANSWER["double"],
            "name": "%precision 3\nnp.set_printoptions(precision=1)\n" + ANSWER["name"],
        },
        {"double": 70, "name": 30},
    ),
    "raises": ({"double": "1 / 0", "name": ANSWER["name"]}, {"double": 0, "name": 30}),
    "broken": ({"double": "def double(x:", "name": ANSWER["name"]}, {"double": 0, "name": 30}),
    "untouched": ({}, {"double": 0, "name": 0}),
}
"""Student -> answers, and what they earn."""


def copied(cells: list[Notebook]) -> list[Notebook]:
    """A test copied to the top, and each solution cell twice, with its marks, as JupyterLab's *split* leaves them."""
    test = next(cell for cell in cells if marks(cell).get("points"))
    halves = [half for cell in cells for half in ([cell, cell] if marks(cell).get("solution") else [cell])]
    return [dict(cell, id=f"copy-{number}") for number, cell in enumerate([test, *halves])]


def unmarked(cells: list[Notebook]) -> list[Notebook]:
    """Saved by an editor that keeps no metadata."""
    return [cell | {"metadata": {}} for cell in cells]


def without_tests(cells: list[Notebook]) -> list[Notebook]:
    return [cell for cell in cells if not marks(cell).get("grade")]


DAMAGE: dict[str, Callable[[list[Notebook]], list[Notebook]]] = {
    "copied": copied, "unmarked": unmarked, "without_tests": without_tests,
}  # fmt: skip
"""Right answers in notebooks that have lost something. Other students come after each of them."""
DOUBLING |= dict.fromkeys(DAMAGE, (ANSWER, {"double": 70.0, "name": 30.0}))


def nbgrader(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*ALONE, BIN / "nbgrader", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=600,
        env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def read(path: Path) -> Notebook:
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def marks(cell: Notebook) -> dict[str, Any]:
    return cell["metadata"].get("nbgrader", {})  # type: ignore[no-any-return]


def source(cell: Notebook) -> str:
    return "".join(cell["source"])


def submit(folder: Path, assignment: str, student: str, cells: Sequence[Notebook]) -> None:
    released = read(folder / "release" / assignment / f"{assignment}.ipynb")
    path = folder / "submitted" / student / assignment / f"{assignment}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(released | {"cells": list(cells)}), encoding="utf-8")


def scores(folder: Path) -> dict[tuple[str, str, str], float]:
    """(assignment, student, question) -> points in nbgrader's gradebook, for cells that are worth points."""
    query = """
        select assignment.name, submitted_assignment.student_id, base_cell.name, grade.auto_score
        from grade join base_cell on base_cell.id = grade.cell_id join grade_cells on grade_cells.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        join assignment on assignment.id = submitted_assignment.assignment_id where grade_cells.max_score > 0
    """
    with closing(sqlite3.connect(folder / "gradebook.db")) as book:
        return {(a, s, q): score for a, s, q, score in book.execute(query)}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def directory(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory with `doubling` released."""
    folder = tmp_path_factory.mktemp("nbgrader")
    build(course=course.root, target="nbgrader", to=folder)
    nbgrader(folder, "generate_assignment", "doubling")
    return folder


@pytest.fixture(scope="module")
def graded(directory: Path) -> Path:
    """The same once `nbgrader autograde`, `generate_feedback` and `export` have run."""
    released = read(directory / "release" / "doubling" / "doubling.ipynb")["cells"]
    for student, (answers, _) in DOUBLING.items():
        cells = deepcopy(released)
        for cell in cells:
            if marks(cell).get("solution"):
                name = next(name for name in ANSWER if f"def {name}" in source(cell))
                cell["source"] = answers.get(name, source(cell))
        submit(directory, "doubling", student, DAMAGE.get(student, list)(cells))
    for command in ("autograde", "generate_feedback"):
        nbgrader(directory, command, "doubling")
    nbgrader(directory, "export")
    return directory


def test_the_source_is_what_nbgrader_takes_for_its_own(course: Course, directory: Path) -> None:
    path = directory / "source" / "doubling" / "doubling.ipynb"
    nbformat.validate(read(path))
    cells = [cell for cell in read(path)["cells"] if marks(cell)]
    assert all(marks(cell)["schema_version"] == 3 for cell in cells)
    assert {marks(cell)["grade_id"]: marks(cell)["points"] for cell in cells if marks(cell).get("points")} == {
        "double": 70,
        "name": 30,
    }
    assert [marks(cell)["grade_id"] for cell in cells if marks(cell)["solution"]] == ["solution-1", "solution-2"]
    assert all(marks(cell)["locked"] for cell in cells if not marks(cell)["solution"])
    before = path.read_bytes()
    build(course=course.root, target="nbgrader", to=directory)
    assert path.read_bytes() == before


@pytest.mark.parametrize("assignment", ["doubling", "pooling"])
def test_nothing_hidden_is_released(directory: Path, sample: Path, course: Course, assignment: str) -> None:
    folder, of = (directory, course) if assignment == "doubling" else (sample / assignment, Course(REPOSITORY))
    assert [path.name for path in (folder / "release" / assignment).iterdir()] == [f"{assignment}.ipynb"]
    path = folder / "release" / assignment / f"{assignment}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert not [word for word in HIDDEN if word in text]
    released = "\n".join(source(cell) for cell in read(path)["cells"])
    inside, regions = False, []
    for line in of.assignment(assignment).script_path.read_text(encoding="utf-8").splitlines():
        inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
        if inside and len(line.strip()) > 25 and "BEGIN SOLUTION" not in line:
            regions.append(line.strip())
    assert regions
    assert not [line for line in regions if line in released]
    tests = [
        line.strip() for line in of.assignment(assignment).hidden_tests_path.read_text(encoding="utf-8").splitlines()
    ]
    assert not [line for line in tests if len(line) > 25 and not line.startswith("import") and line in released]


def test_validate_tells_students_which_checks_fail(directory: Path, tmp_path: Path) -> None:
    """Without cnn-autograder, as it is at a student's."""
    released = read(directory / "release" / "doubling" / "doubling.ipynb")
    blocked = 'import sys\nsys.modules["autograder"] = None'
    shell: Notebook = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": blocked}
    for name, answer in ANSWER.items():
        for cell in released["cells"]:
            if marks(cell).get("solution") and f"def {name}" in source(cell):
                cell["source"] = answer
    right = released | {"cells": [shell | {"id": "blocked"}, *released["cells"]]}
    (tmp_path / "right.ipynb").write_text(json.dumps(right), encoding="utf-8")
    assert "Success! Your notebook passes all the tests." in nbgrader(tmp_path, "validate", "right.ipynb")
    wrong = json.dumps(right).replace("return 2 * x", "return 3 * x")
    (tmp_path / "wrong.ipynb").write_text(wrong, encoding="utf-8")
    said = nbgrader(tmp_path, "validate", "wrong.ipynb")
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "A small array" in said


def test_autograde_gives_what_was_earned(graded: Path) -> None:
    """Also where code warns on stderr, ends in a numpy scalar, raises, or gives other meanings to Python's own names;

    and where cells were copied, split or deleted.
    """
    expected = {("doubling", s, q): points for s, (_, earned) in DOUBLING.items() for q, points in earned.items()}
    assert scores(graded) == pytest.approx(expected)
    for student in DOUBLING:
        cells = read(graded / "autograded" / student / "doubling" / "doubling.ipynb")["cells"]
        for cell in cells:
            if marks(cell).get("points"):
                kinds = [output.get("name", output["output_type"]) for output in cell["outputs"]]
                assert kinds == ["stdout", "execute_result"], student


def test_students_read_what_grader_report_says(graded: Path) -> None:
    page = (graded / "feedback" / "tripled" / "doubling" / "doubling.html").read_text(encoding="utf-8")
    assert "Twice as much: 10 of 70 points." in page
    assert "Random arrays" in page
    page = (graded / "feedback" / "untouched" / "doubling" / "doubling.html").read_text(encoding="utf-8")
    assert "double is not written yet" in page


def test_feedback_shows_nothing_hidden(course: Course, graded: Path) -> None:
    packed = zlib.compress(Sources.of(course, course.assignment("doubling")).to_json().encode(), 9)
    pages = list((graded / "feedback").rglob("*.html"))
    assert len(pages) == len(DOUBLING)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert base64.b64encode(packed).decode()[:40] not in text
        assert not [word for word in HIDDEN if word in text]


def test_export_has_the_scores(graded: Path) -> None:
    with (graded / "grades.csv").open(encoding="utf-8", newline="") as file:
        found = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert found == {student: (sum(earned.values()), 100) for student, (_, earned) in DOUBLING.items()}


def test_grader_reads_nbgraders_submissions(course: Course, graded: Path, tmp_path: Path) -> None:
    run = grade_in_sandboxes(
        course=course.root, assignment="doubling", paths=[graded / "submitted"], gradebook=f"sqlite:///{tmp_path}/g.db"
    )
    found = {
        ("doubling", result.student, question): earned
        for result in run.results
        for question, (earned, _) in result.by_question().items()
    }
    assert found == pytest.approx(scores(graded))


def test_grader_grades_in_the_place_of_autograde(course: Course, graded: Path, tmp_path: Path) -> None:
    """The better way round, on the same submissions: nbgrader's programs show the same points."""
    folder = tmp_path / "nb"
    folder.mkdir()
    shutil.copy(graded / "nbgrader_config.py", folder)
    for name in ("source", "release", "submitted"):
        shutil.copytree(graded / name, folder / name)
    of = {"course": course.root, "assignment": "doubling", "gradebook": f"sqlite:///{tmp_path}/g.db"}
    grade_in_sandboxes(paths=[folder / "submitted"], **of)  # type: ignore[arg-type]
    export(format="nbgrader", to=folder, **of)  # type: ignore[arg-type]
    expected = {("doubling", s, q): points for s, (_, earned) in DOUBLING.items() for q, points in earned.items()}
    assert scores(folder) == pytest.approx(expected)
    nbgrader(folder, "generate_feedback", "doubling")
    nbgrader(folder, "export")
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        found = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert found == {student: (sum(earned.values()), 100) for student, (_, earned) in DOUBLING.items()}
    page = (folder / "feedback" / "tripled" / "doubling" / "doubling.html").read_text(encoding="utf-8")
    assert "Random arrays" in page
    assert not [word for word in HIDDEN if word in page]


@pytest.fixture(scope="module")
def formgrader(graded: Path) -> Iterator[Callable[[str], str]]:
    """Asks a real Jupyter server with nbgrader's extension."""
    token = secrets.token_hex(16)
    port = free_port()
    server = subprocess.Popen(
        [BIN / "jupyter-server", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
         "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
         "--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True"],
        cwd=graded, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def ask(path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"token {token}"})
        for _ in range(300):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.read().decode()  # type: ignore[no-any-return]
            except ConnectionError:
                pass
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionError):
                    raise
            assert server.poll() is None, "the server ended"
            time.sleep(0.2)
        raise AssertionError("the server does not answer")

    yield ask
    server.terminate()
    server.wait(timeout=30)


def test_formgrader_opens_on_the_directory(formgrader: Callable[[str], str]) -> None:
    assert "formgrader" in formgrader("/formgrader/manage_assignments")
    (assignment,) = json.loads(formgrader("/formgrader/api/assignments"))
    assert assignment["name"] == "doubling"
    assert assignment["max_score"] == 100
    assert assignment["num_submissions"] == len(DOUBLING)
    submissions = json.loads(formgrader("/formgrader/api/submissions/doubling"))
    assert {one["student"]: one["score"] for one in submissions} == {
        student: sum(earned.values()) for student, (_, earned) in DOUBLING.items()
    }
    notebooks = json.loads(formgrader("/formgrader/api/submitted_notebooks/doubling/doubling"))
    page = formgrader(f"/formgrader/submissions/{notebooks[0]['id']}/")
    assert "Points" in page


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, lectures: Path) -> Path:
    """The course's own assignments, released and graded; each in a directory of its own, so that they do so at once."""
    root = tmp_path_factory.mktemp("sample")

    for name in SAMPLE:  # not in the threads: Python 3.11 may fail to parse in two of them at once
        build(course=lectures, assignments=[name], target="nbgrader", to=root / name)

    def run(name: str) -> None:
        folder = root / name
        nbgrader(folder, "generate_assignment", name)
        released = read(folder / "release" / name / f"{name}.ipynb")
        for student in SAMPLE[name]:
            submit(folder, name, student, answered(Course(REPOSITORY).assignment(name), released, student))
        nbgrader(folder, "autograde", name)

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, SAMPLE))
    return root


def answered(assignment: Assignment, released: Notebook, student: str) -> list[Notebook]:
    """The release version with a student's answers in it."""
    questions = iter([cell.source for cell in assignment.cells if cell.role is Role.QUESTION])
    cells = deepcopy(released["cells"])
    for cell in cells:
        if marks(cell).get("solution"):
            cell["source"] = fill(next(questions), ANSWERS[assignment.name][student])
    if (assignment.name, student) == ("sizing", "22020006"):  # deleted everything about parameters
        cells = [cell for cell in cells if marks(cell).get("points") or "num_params" not in source(cell)]
    return cells


def test_the_sample_class_earns_what_it_earns_in_sandboxes(sample: Path) -> None:
    found = {key: points for name in SAMPLE for key, points in scores(sample / name).items()}
    expected = {
        (name, student, question): float(points)
        for name, students in SAMPLE.items()
        for student in students
        for question, points in EXPECTED[name][student]["points"].items()
    }
    for (name, student, question), points in expected.items():
        print(f"{name:14}{student:10}{question:20}{points:8g}{found.get((name, student, question), float('nan')):8g}")
    assert found == expected


def test_a_config_that_would_show_hidden_tests_is_refused(course: Course, tmp_path: Path) -> None:
    config = tmp_path / "nbgrader_config.py"
    config.write_text("c = get_config()\n", encoding="utf-8")
    with pytest.raises(GraderError, match=r"configure\(c\)"):
        build(course=course.root, target="nbgrader", to=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["nbgrader_config.py"]
    own = "c = get_config()\nc.CourseDirectory.course_id = 'mine'\nfrom autograder.targets.nbgrader import configure\nconfigure(c)\n"
    config.write_text(own, encoding="utf-8")
    build(course=course.root, target="nbgrader", to=tmp_path)
    assert config.read_text(encoding="utf-8") == own
    assert (tmp_path / "source" / "doubling" / "doubling.ipynb").is_file()


def test_a_hidden_test_that_fails_itself_gives_no_points_and_no_traceback(tmp_path: Path) -> None:
    tests = HIDDEN_TESTS.replace('assert_matches(student.name("hidden', 'assert_matches(1 / 0, ("hidden')
    course = write_course(tmp_path, hidden_tests=tests)
    packed = base64.b64encode(zlib.compress(Sources.of(course, course.assignment("doubling")).to_json().encode()))
    names: dict[str, Any] = {}
    exec(RIGHT, names)
    with pytest.raises(NotGradedError, match="itself failed") as caught:
        points_earned("name", names, packed.decode())
    assert "hidden-input" not in "\n".join(caught.value._render_traceback_())
    assert points_earned("double", names, packed.decode()) == 70


def test_a_solution_outside_any_function_does_not_stop_a_run_of_all_cells(sample: Path) -> None:
    for step, helps in (("source", True), ("release", False)):
        cells = read(sample / "pooling" / step / "pooling" / "pooling.ipynb")["cells"]
        (cell,) = [cell for cell in cells if marks(cell).get("grade_id") == "solution-1"]
        names: dict[str, Any] = {}
        exec(source(cell), names)
        assert ("output_size" in names) is helps
