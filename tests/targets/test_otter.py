"""The otter target, with the real otter-grader: what students get, what `otter run` gives, and that both stay apart."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.commands import build
from autograder.course import Course, Role
from autograder.errors import GraderError
from autograder.result import Outcome, TestResult
from tests.conftest import ALONE, REPOSITORY, RIGHT, executed, notebook, write_course
from tests.test_small_class import EXPECTED, place

SLOW = """
def double(x):
    return np.array([[2 * cell for cell in row] for row in x for _ in range(9)])[::9] if x.ndim == 2 else 2 * x
"""

SAMPLE = {"pooling": ["22020001", "22020002", "22020004"], "conv_forward": ["22020009"]}
"""Of the sample class: a slow race, a wrong answer, a stub, a syntax error. Each costs a run of otter."""

IN_COLAB = """
import sys
sys.modules["otter"] = None  # Colab has no otter-grader

def pip(line):
    print("pip", line)
    del sys.modules["otter"]

shell = get_ipython()
shell.register_magic_function(pip, "line")
shell.__class__ = type("Shell", (type(shell),), {"__module__": "google.colab._shell"})
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def made(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("otter")
    build(course=course.root, target="otter", to=folder)
    return folder / "doubling"


def otter_run(bundle: Path, submission: Path, **environment: str) -> dict[str, Any]:
    out = Path(str(submission) + ".out")
    out.mkdir()
    said = command("run", "-a", str(bundle), "-o", str(out), "--no-logo", str(submission), **environment)
    assert (out / "results.json").is_file(), said
    document: dict[str, Any] = json.loads(
        (out / "results.json").read_text(encoding="utf-8"), parse_constant=pytest.fail
    )
    return document


def command(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    run = subprocess.run(
        [*ALONE, sys.executable, "-m", "otter", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return run.stdout + run.stderr


def questions(results: dict[str, Any]) -> dict[str, float]:
    return {test["name"]: test["score"] for test in results["tests"] if "score" in test}


def outputs(folder: Path, cells: Sequence[Any]) -> dict[str, str]:
    """Run cells in a kernel that finds no other file; cell id -> what it shows."""
    content = executed(folder, cells)
    return {cell.id: "\n".join(shown(output) for output in cell.outputs) for cell in content.cells if "outputs" in cell}


def shown(output: Any) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain") or output.get("evalue"))


def student_notebook(made: Path, answer: str = "") -> Any:
    """The student's notebook, answered in a cell before the first check."""
    content = nbformat.read(made / "student" / "doubling.ipynb", 4)
    if answer:
        first = next(number for number, cell in enumerate(content.cells) if "# Check (" in cell.source)
        content.cells.insert(first, nbformat.v4.new_code_cell(answer, id="answer"))
    return content


# What students get


def test_students_get_the_notebook_and_the_public_tests(made: Path) -> None:
    files = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    assert files == {"autograder.zip", "student/doubling.ipynb", "student/tests/double.py"}
    assert nbformat.validate(nbformat.read(made / "student" / "doubling.ipynb", nbformat.NO_CONVERT)) is None


def test_checks_run_in_colab_which_has_neither_otter_nor_files(made: Path, tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(IN_COLAB, id="colab"), *student_notebook(made, RIGHT).cells]
    said = outputs(tmp_path, cells)
    assert said["doubling-otter"].strip() == 'pip install --quiet "otter-grader>=7,<8"'
    assert said["doubling-otter-double"] == "double results: All test cases passed!"


def test_a_check_that_fails_says_which_and_why(made: Path, tmp_path: Path) -> None:
    said = outputs(tmp_path, student_notebook(made).cells)["doubling-otter-double"]
    assert "A small array result:" in said
    assert "check('A', double(A), [[2, 4], [6, 8]])" in said
    assert "NotImplementedError: Question double: write double" in said


def test_otter_check_works_on_the_public_part(made: Path, tmp_path: Path) -> None:
    nbformat.write(student_notebook(made, RIGHT), tmp_path / "doubling.ipynb")
    said = command("check", "-t", str(made / "student" / "tests"), "doubling.ipynb", cwd=tmp_path)
    assert "All tests passed!" in said.splitlines()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # on importing otter
@pytest.mark.parametrize("letters", ["à la façon de Conv", "Tích chập", "σ × 2"])
def test_otter_may_read_tests_as_any_platform_does(
    make_course: Callable[..., Course], tmp_path: Path, letters: str
) -> None:
    from autograder.targets.otter import student_files
    from tests.conftest import SOLUTION

    course = make_course(doubling=SOLUTION.replace("A small array", letters))
    source = student_files(course, course.assignment("doubling"), 7)["tests/double.py"]
    assert source.isascii()
    names: dict[str, Any] = {}
    exec(source, names)
    assert names["test_1"].name == letters


@pytest.mark.parametrize("name", Course(REPOSITORY).assignment_names)
def test_students_get_nothing_hidden(name: str) -> None:
    from autograder.build import template_files
    from autograder.targets.otter import student_files

    course = Course(REPOSITORY)
    assignment = course.assignment(name)
    files = student_files(course, assignment, 7)
    content = b"\n".join(files.values()).decode()
    public = b"\n".join(template_files(course, assignment).values()).decode()
    secrets = [
        line.strip() for cell in assignment.cells if cell.role is Role.QUESTION for line in cell.source.splitlines()
    ]
    secrets += [line.strip() for line in assignment.hidden_tests_path.read_text(encoding="utf-8").splitlines()]
    secrets = [line for line in secrets if len(line) > 15 and line not in public]
    assert len(secrets) > 50
    assert [line for line in secrets if line in content or json.dumps(line)[1:-1] in content] == []
    titles = [test.title for test in assignment.tests if not test.public and test.title not in public]
    assert [title for title in titles if title in content] == []
    assert {path for path in files if path.startswith("tests/")} == {
        f"tests/{test.question}.py" for test in assignment.tests if test.public
    }


# The zip


def test_otter_made_the_zip(made: Path) -> None:
    with zipfile.ZipFile(made / "autograder.zip") as bundle:
        names = set(bundle.namelist())
        environment = bundle.read("environment.yml").decode()
    assert {"setup.sh", "run_autograder", "run_otter.py", "otter_config.json"} <= names
    assert {name for name in names if name.startswith("tests/")} == {"tests/01_double.py", "tests/02_name.py"}
    for package in ("otter-grader", "numpy", "pydantic", "pytest"):
        assert f"{package}" in environment
    assert "torch" not in environment


def test_the_same_sources_give_the_same_bytes(course: Course, made: Path, tmp_path: Path) -> None:
    stale = tmp_path / "doubling" / "student" / "tests" / "renamed.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("OK_FORMAT = False\n", encoding="utf-8")
    build(course=course.root, target="otter", to=tmp_path)
    assert not stale.exists()
    for path in made.rglob("*"):
        if path.is_file():
            assert (tmp_path / "doubling" / path.relative_to(made)).read_bytes() == path.read_bytes()


def test_torch_comes_without_cuda() -> None:
    from autograder.targets.otter import _requirements

    lines = _requirements(Course(REPOSITORY).assignment("pytorch_cnn")).splitlines()
    assert lines[0] == "--extra-index-url https://download.pytorch.org/whl/cpu"
    assert any(line.startswith("torch==") and "+" not in line for line in lines)


def test_without_otter_it_says_what_to_install(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    with pytest.raises(GraderError, match=r"pip install \"cnn-autograder\[otter\]\""):
        build(course=course.root, target="otter", to=tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # on importing otter
def test_half_the_points_of_a_race_are_one_of_two_cases(
    course: Course, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.targets import otter as target

    def half(*_: Any) -> list[TestResult]:
        race = TestResult(
            test="test_speed", question="double", title="Speed", points=10, earned=5, outcome=Outcome.FAILED,
            message="Your double takes 5 times as long as the reference.",
        )  # fmt: skip
        return [race]

    with zipfile.ZipFile(made / "autograder.zip") as bundle:
        bundle.extract("files/cnn_autograder.json", tmp_path)
        bundle.extract("tests/01_double.py", tmp_path)
    monkeypatch.chdir(tmp_path / "files")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(target, "grade", half)
    names: dict[str, Any] = {}
    exec((tmp_path / "tests" / "01_double.py").read_text(encoding="utf-8"), names)
    cases = [case for case in names.values() if isinstance(case, names["test_case"])]
    assert sum(case.points for case in cases) == 70
    first, second = (case for case in cases if case.name.startswith("Speed"))
    assert first.points == second.points == 5
    first.call_func({})
    with pytest.raises(AssertionError, match="takes 5 times as long"):
        second.call_func({})


# Grading


@pytest.fixture(scope="module")
def results(made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of a student's notebook that a browser renamed, with copied check cells and the right answers at its very end.

    No other package but the one in the zip can be imported as `autograder`.
    """
    folder = tmp_path_factory.mktemp("student")
    content = student_notebook(made)
    copied = [nbformat.v4.new_code_cell(cell.source) for cell in content.cells if "otter" in cell.get("id", "")]
    content.cells += [*copied, nbformat.v4.new_code_cell(RIGHT)]
    path = folder / "doubling (1).ipynb"
    nbformat.write(content, path)
    (folder / "autograder").mkdir()
    (folder / "autograder" / "__init__.py").write_text("raise ImportError('the wrong package')", encoding="utf-8")
    return otter_run(made / "autograder.zip", path, PYTHONPATH=str(folder))


def test_the_finished_notebook_is_graded(results: dict[str, Any]) -> None:
    """Not the names as they are where a check cell stands, before the right answer."""
    assert questions(results) == {"double": 70, "name": 30}


def test_results_are_what_gradescope_expects(results: dict[str, Any]) -> None:
    assert set(results) == {"tests"}
    assert sum(test.get("max_score", 0) for test in results["tests"]) == 100
    for test in results["tests"]:
        assert set(test) <= {"name", "score", "max_score", "status", "visibility", "output"}
        assert test["visibility"] == ("after_published" if "score" in test else "visible")


def test_wrong_answers_are_told_to_students_and_right_ones_are_not(made: Path, tmp_path: Path) -> None:
    submission = tmp_path / "doubling.ipynb"
    submission.write_text(notebook(RIGHT, "def name(who):\n    return 'hi ' + who", SLOW), encoding="utf-8")
    results = otter_run(made / "autograder.zip", submission)
    public, double, name = results["tests"]
    assert (double["score"], name["score"]) == (60, 0)
    assert "Greets by name" in name["output"]
    assert "times as long as the reference" in double["output"]
    assert "hello hidden-input-42" not in json.dumps(results)
    assert "Greets by name" not in public["output"]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory, lectures: Path) -> Path:
    folder = tmp_path_factory.mktemp("bundles")
    build(course=lectures, assignments=list(SAMPLE), target="otter", to=folder)
    return folder


def test_the_sample_class_earns_the_same_points_for_each_question(
    bundles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [(assignment, student) for assignment, students in SAMPLE.items() for student in students]

    def grade(who: tuple[str, str]) -> dict[str, float]:
        assignment, student = who
        (submitted,) = (
            path for path in place(assignment).rglob("*") if student in str(path) and path.suffix in (".ipynb", ".py")
        )
        copy = tmp_path / assignment / student / f"{assignment}{submitted.suffix}"
        copy.parent.mkdir(parents=True)
        copy.write_bytes(submitted.read_bytes())
        return questions(otter_run(bundles / assignment / "autograder.zip", copy))

    with ThreadPoolExecutor(2) as pool:
        earned = dict(zip(chosen, pool.map(grade, chosen), strict=True))
    rows = [
        (*who, question, points, earned[who].get(question))
        for who in chosen
        for question, points in EXPECTED[who[0]][who[1]]["points"].items()
    ]
    with capsys.disabled():
        print("\nassignment    student   question              grader   otter")
        for assignment, student, question, points, other in rows:
            print(f"{assignment:13} {student:9} {question:20} {points:7.2f} {other:7.2f}")
    assert [row for row in rows if row[4] is None or round(row[4], 2) != row[3]] == []
