"""Files beside the notebook, a student's own and those of the assignment, in real sandboxes."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from autograder.beside import MOST_BYTES
from autograder.check.check import check
from autograder.commands import Grading, grade, replay
from autograder.course import Course
from autograder.errors import CourseError
from autograder.examine import reference
from autograder.result import Outcome, Result
from tests.conftest import ASSIGNMENT_TOML, HIDDEN_TESTS, RIGHT, SOLUTION, notebook, write_course

DOUBLE, NAME = RIGHT.split("def name")
NAME = f"def name{NAME}"
TWO = "FACTOR = 2\n"


def grade_here(course: Course, path: Path, **options: bool) -> Grading:
    return grade(course=course.root, assignment="doubling", paths=[path], **options)  # type: ignore[arg-type]


def hand_in(root: Path, student: str, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / "submitted" / student / "doubling" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def told(result: Result) -> str:
    parts = [
        result.message,
        *(f"cell {one.cell} line {one.line}: {one.error} {one.traceback}" for one in result.cell_errors),
    ]
    return "\n".join([*parts, *(test.message for test in result.tests)])


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


FULL = {
    "a_module": {"hw.ipynb": notebook("from layers import double", NAME), "layers.py": DOUBLE},
    "a_module_of_all": {"hw.ipynb": notebook("from layers import *"), "layers.py": RIGHT},
    "a_package": {
        "hw.ipynb": notebook("import cnn.layers as L\ndouble = L.double", NAME),
        "cnn/__init__.py": "",
        "cnn/layers.py": "from .factor import FACTOR\ndef double(x): return FACTOR * x",
        "cnn/factor.py": TWO,
    },
    "data": {
        "hw.ipynb": notebook("import numpy as np\nw = np.load('data/w.npy')\ndef double(x): return w * x", NAME),
        "data/w.npy": npy(np.array(2.0)),
    },
    "data_read_late": {
        "hw.ipynb": notebook("def double(x): return int(open('w.txt').read()) * x", NAME),
        "w.txt": "2",
    },
    "in_another_assignments_notebook": {
        "hw.ipynb": notebook("from layers import *", metadata={"cnn_autograder": {"assignment": "tripling"}}),
        "layers.py": RIGHT,
    },
    "run_magic": {"hw.ipynb": notebook("%run layers.py"), "layers.py": RIGHT},
    "script_with_a_module": {"doubling.py": f"from layers import double\n{NAME}", "layers.py": DOUBLE},
    "latin_1_module": {
        "hw.ipynb": notebook("from layers import *"),
        "layers.py": f"# -*- coding: latin-1 -*-\n# é\nE = 'é'\nassert E == chr(233)\n{RIGHT}".encode("latin-1"),
    },
    "modules_of_well_known_names": {
        "hw.ipynb": notebook(RIGHT),
        "numpy.py": "1 / 0", "random.py": "1 / 0", "json.py": "1 / 0", "autograder.py": "1 / 0", "inspect.py": "1 / 0",
        "msgpack.py": "1 / 0", "sitecustomize.py": "1 / 0", "encodings/__init__.py": "1 / 0", "autograder/sandbox/wire.py": "1 / 0",
    },
    "a_fresh_process_has_them_again": {
        "hw.ipynb": notebook("from layers import *", "import os\nopen('layers.py', 'w').close()\nos._exit(1)"),
        "layers.py": RIGHT,
    },
    "a_module_with_a_line_that_fails": {
        "hw.ipynb": notebook("from layers import *"), "layers.py": f"name = input('x')\nimport pandas\n{RIGHT}",
    },
    "a_script_with_a_line_that_fails": {"hw.ipynb": notebook("%run layers.py"), "layers.py": f"name = input('x')\n{RIGHT}"},
    "names_as_macos_writes_them": {
        "hw.ipynb": notebook("from lớp import *\nassert open('dữ liệu.csv').read() == '1'"),
        unicodedata.normalize("NFD", "lớp.py"): RIGHT,
        unicodedata.normalize("NFD", "dữ liệu.csv"): "1",
    },
    "autoreload": {
        "hw.ipynb": notebook("%load_ext autoreload\n%autoreload 2\nimport sys\nsys.path.append('.')\nfrom layers import *"),
        "layers.py": RIGHT,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    root = tmp_path_factory.mktemp("course")
    course = write_course(root)
    for name, files in FULL.items():
        hand_in(root, name, files)
    hand_in(root, "not_theirs", {"hw.ipynb": notebook("from a_module_of_somebody import *")})
    hand_in(root, "raises", {
        "hw.ipynb": notebook("from layers import double", NAME),
        "layers.py": "# a comment\n\n# and another\ndef double(x):\n    # here\n    raise KeyError('oops')",
    })  # fmt: skip
    hand_in(root, "stub", {
        "hw.ipynb": notebook("from layers import double", NAME),
        "layers.py": "def double(x):\n    raise NotImplementedError",
    })  # fmt: skip
    hand_in(
        root,
        "broken",
        {"hw.ipynb": notebook("import os\nfrom layers import double", NAME), "layers.py": "x = 1\n\ndef double(:"},
    )
    hand_in(root, "too_large", {"hw.ipynb": notebook("x = open('w.bin')", RIGHT), "w.bin": bytes(MOST_BYTES + 1)})
    hand_in(
        root,
        "runs_another",
        {"doubling.ipynb": notebook("%run ./helper.ipynb", RIGHT), "helper.ipynb": notebook(RIGHT)},
    )
    (root / "submitted" / "link" / "doubling").mkdir(parents=True)
    hand_in(root, "link", {"hw.ipynb": notebook("from layers import *")})
    (root / "submitted" / "link" / "doubling" / "layers.py").symlink_to("../../a_module_of_all/doubling/layers.py")
    run = grade_here(course, root / "submitted")
    return {result.student: result for result in run.results}


@pytest.mark.parametrize("name", FULL)
def test_what_lies_beside_a_notebook_in_its_own_folder_is_there(graded: dict[str, Result], name: str) -> None:
    assert graded[name].score == 100, told(graded[name])
    assert not graded[name].message


def test_an_error_in_a_module_is_told_by_its_place(graded: dict[str, Result]) -> None:
    message = next(test.message for test in graded["raises"].tests if test.public)
    assert "KeyError: 'oops'" in message
    assert "layers.py, line 6, in double" in told(graded["raises"]) or "layers.py, line 6" in message


def test_a_stub_in_a_module_is_not_written_yet(graded: dict[str, Result]) -> None:
    assert "double is not written yet" in told(graded["stub"])


def test_a_module_that_is_no_python_fails_the_cell_that_imports_it(graded: dict[str, Result]) -> None:
    (error,) = graded["broken"].cell_errors
    assert (error.cell, error.line) == (1, 2)
    assert "(layers.py, line 3)" in error.error
    assert graded["broken"].score == 30


def test_what_is_too_large_or_a_link_is_told_by_name(graded: dict[str, Result]) -> None:
    assert "w.bin (larger than 2 MB)" in graded["too_large"].message
    assert graded["too_large"].score == 100
    assert "layers.py (a link)" in graded["link"].message
    assert graded["link"].score == 0


def test_another_notebook_that_is_not_there_is_told_as_such(graded: dict[str, Result]) -> None:
    (error,) = graded["runs_another"].cell_errors
    assert "Other notebooks are not there when yours is run" in error.told


def test_in_a_folder_of_many_students_nothing_beside_is_anybodys(course: Course, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "an.ipynb").write_text(
        notebook("from binh import double", "import os\nfiles = os.listdir()\nassert not files, files")
    )
    (folder / "binh.py").write_text(RIGHT)
    (folder / "double.txt").write_text("2")
    run = grade_here(course, folder)
    assert {result.student: result.score for result in run.results} == {"an": 0, "binh": 100}
    assert "No module named 'binh'" in told(run.results[0])
    assert not [error for error in run.results[0].cell_errors if error.cell == 2]


def test_a_changed_module_is_a_changed_submission_and_replay_finds_it(course: Course, tmp_path: Path) -> None:
    hand_in(tmp_path, "an", {"doubling.ipynb": notebook("from layers import *"), "layers.py": RIGHT})
    assert grade_here(course, tmp_path / "submitted").results[0].score == 100
    assert len(grade_here(course, tmp_path / "submitted").unchanged) == 1
    replayed = replay(student="an", assignment="doubling", test="test_values[3]", course=course.root)
    assert replayed.now.outcome is Outcome.PASSED
    assert not replayed.remarks
    hand_in(tmp_path, "an", {"layers.py": RIGHT.replace("2 * x", "3 * x")})
    run = grade_here(course, tmp_path / "submitted")
    assert not run.unchanged
    assert run.results[0].score < 100


def test_replay_of_a_changed_notebook_takes_no_files_of_other_students_and_still_its_own(
    course: Course, tmp_path: Path
) -> None:
    uses = notebook("from layers import *")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "binh.ipynb").write_text(uses)
    (tmp_path / "all" / "layers.py").write_text(RIGHT)
    hand_in(tmp_path, "an", {"doubling.ipynb": uses, "layers.py": RIGHT})
    grade_here(course, tmp_path / "all")
    grade_here(course, tmp_path / "submitted")
    for path in (tmp_path / "all" / "binh.ipynb", tmp_path / "submitted" / "an" / "doubling" / "doubling.ipynb"):
        path.write_text(uses + " ")
    binh, an = (
        replay(student=student, assignment="doubling", test="test_values[3]", course=course.root)
        for student in ("binh", "an")
    )
    assert binh.remarks == an.remarks == ("The submission has changed since it was graded.",)
    assert binh.now.outcome is Outcome.SKIPPED
    assert an.now.outcome is Outcome.PASSED


SHIPPED = ASSIGNMENT_TOML.replace('packages = ["numpy"]', 'packages = ["numpy"]\nfiles = ["factor.py", "data"]')
GIVEN = SOLUTION.replace(
    "A = np", "from factor import FACTOR\n\nW = np.load('data/w.npy')\nassert W.shape == (3,)\n\nA = np"
).replace("secret_of_the_solution = 2", "secret_of_the_solution = int(np.loadtxt('data/two.txt'))")
TESTS = HIDDEN_TESTS.replace(
    '"hello hidden-input-42")', '"hello hidden-input-42")\n    assert np.loadtxt("data/two.txt") == 2'
)


def ship(root: Path) -> Course:
    """A course whose assignment hands out a module and data, which its solution and its hidden tests read."""
    course = write_course(root, assignment=SHIPPED, doubling=GIVEN, hidden_tests=TESTS)
    folder = course.root / "assignments" / "doubling"
    (folder / "data").mkdir()
    (folder / "factor.py").write_text(TWO)
    (folder / "data" / "w.npy").write_bytes(npy(np.arange(3.0)))
    (folder / "data" / "two.txt").write_text("2")
    return course


@pytest.fixture
def shipping(tmp_path: Path) -> Course:
    return ship(tmp_path)


USES = "from factor import FACTOR\nimport numpy as np\nassert np.load('data/w.npy').sum() == 3"


def test_an_assignments_files_are_there_for_the_reference_and_for_everybody(shipping: Course, tmp_path: Path) -> None:
    before = Path.cwd()
    hand_in(tmp_path, "an", {"hw.ipynb": notebook(USES, RIGHT.replace("return 2", "return FACTOR"))})
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "binh.ipynb").write_text(notebook(USES, RIGHT.replace("return 2", "return FACTOR")))
    for path in (tmp_path / "submitted", tmp_path / "flat"):
        (result,) = grade_here(shipping, path).results
        assert result.score == 100, told(result)
    replayed = replay(student="binh", assignment="doubling", test="test_values[3]", course=shipping.root)
    assert replayed.now.outcome is Outcome.PASSED
    assert Path.cwd() == before


def test_an_assignments_file_wins_over_a_students_and_that_is_told(shipping: Course, tmp_path: Path) -> None:
    hand_in(
        tmp_path,
        "an",
        {"hw.ipynb": notebook(USES, RIGHT.replace("return 2", "return FACTOR")), "factor.py": "FACTOR = 3"},
    )
    hand_in(tmp_path, "binh", {"hw.ipynb": notebook(USES, RIGHT), "factor.py": TWO, "data": "I am no folder"})
    an, binh = grade_here(shipping, tmp_path / "submitted").results
    assert an.score == 100, told(an)
    assert "Your own version of factor.py was not used" in an.message
    assert "Your own version of data was not used" in binh.message
    assert "factor.py" not in binh.message


def test_no_file_of_a_students_is_imported_in_an_assignments_place(shipping: Course, tmp_path: Path) -> None:
    others = ["factor/__init__.py", "factor.abi3.so", "factor.so", "factor/__init__.cpython-311-x86_64-linux-gnu.so"]
    for number, path in enumerate(others):
        files = {
            "hw.ipynb": notebook(USES, RIGHT.replace("return 2", "return FACTOR")),
            path: "FACTOR = 3",
            "factors.py": "",
            "factor.txt": "",
        }
        hand_in(tmp_path, f"s{number}", files)
    for result, path in zip(grade_here(shipping, tmp_path / "submitted").results, others, strict=True):
        assert result.score == 100, told(result)
        assert f"Your own version of {path} was not used" in result.message
        assert "factors.py" not in result.message
        assert "factor.txt" not in result.message


def test_a_changed_file_of_the_assignment_has_all_graded_again(shipping: Course, tmp_path: Path) -> None:
    hand_in(tmp_path, "an", {"hw.ipynb": notebook(RIGHT)})
    grade_here(shipping, tmp_path / "submitted")
    assert len(grade_here(shipping, tmp_path / "submitted").unchanged) == 1
    (tmp_path / "assignments" / "doubling" / "factor.py").write_text("FACTOR = 1 + 1\n")
    assert not grade_here(Course(shipping.root), tmp_path / "submitted").unchanged


def test_a_file_that_the_reference_needs_and_that_is_not_named_is_said(shipping: Course, tmp_path: Path) -> None:
    write_course(tmp_path, doubling=GIVEN, hidden_tests=TESTS)
    hand_in(tmp_path, "an", {"hw.ipynb": notebook(RIGHT)})
    with pytest.raises(
        CourseError, match=r"No module named 'factor'. If it is a file of yours, put it into .* and name it in `files`"
    ):
        grade_here(Course(tmp_path), tmp_path / "submitted")


def test_check_runs_with_the_files(shipping: Course) -> None:
    from autograder.build import build_template

    build_template(shipping, shipping.assignment("doubling"))
    found = {finding.text: finding.holds for finding in check(course=shipping.root)}
    assert found["the template is up to date"]
    assert found["the reference earns 100 of 100"], found
    (shipping.root / "student_templates" / "doubling" / "data" / "two.txt").write_text("3")
    assert any("data/two.txt differ from the sources" in finding.text for finding in check(course=shipping.root))


def test_modules_of_one_assignment_are_not_those_of_another(shipping: Course) -> None:
    one = reference.Reference(shipping.assignment("doubling"))
    (shipping.root / "assignments" / "doubling" / "factor.py").write_text("FACTOR = 7\n")
    other = reference.Reference(Course(shipping.root).assignment("doubling"))
    assert (one.names.FACTOR, other.names.FACTOR) == (2, 7)
    for each in (one, other):
        each.close()
