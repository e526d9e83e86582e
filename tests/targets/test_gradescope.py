"""The Gradescope bundle, set up and run by its own two scripts in a container made here."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import CourseError, SubmissionError
from autograder.sandbox import landlock
from autograder.targets import build_target
from autograder.targets.gradescope.run import choose
from tests.conftest import ASSIGNMENT_TOML, COURSE_TOML, RIGHT, notebook, write_course
from tests.targets.container import Container
from tests.test_small_class import EXPECTED, place

EXTENSION = (
    '[[extensions]]\nstudent = "22020001"\nassignment = "doubling"\nuntil = 2026-12-08T00:00:00Z\nreason = "ill"\n'
)
METADATA = {"id": 1, "users": [{"id": 7, "email": "an@example.edu", "name": "An"}], "previous_submissions": []}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a container")


@dataclass(frozen=True)
class Kind:
    """How far a container lets us shut students' code in."""

    like: str
    landlock: bool

    @property
    def isolation(self) -> list[str]:
        if self.like == "full":
            return ["user, mount, pid, net, ipc, uts and cgroup namespaces", "own root"]
        has = self.landlock and landlock.version()
        return ["process", "ordinary user", "landlock" if has else "no landlock in this kernel"]


KINDS = {
    "namespaces": Kind("full", True),
    "docker": Kind("docker", True),
    "docker on an old kernel": Kind("docker", False),
}


@dataclass(frozen=True)
class Graded:
    """What a run left."""

    results: dict[str, Any]
    log: str

    def test(self, name: str) -> dict[str, Any]:
        (found,) = [test for test in self.results["tests"] if test["name"] == name]
        return dict(found)


class Gradescope:
    """Does as Gradescope does: unpacks the zip, runs setup.sh once, and run_autograder for each submission."""

    def __init__(self, bundle: Path, root: Path) -> None:
        self.container = Container.make(root)
        self.folder = root / "autograder"
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(self.folder / "source")
        script = shutil.copy(self.folder / "source" / "run_autograder", self.folder)
        Path(script).chmod(0o755)
        self.setup = self.container.run("bash", "/autograder/source/setup.sh", cwd="/autograder/source", **_pip())

    def grade(self, kind: Kind = KINDS["docker"], **files: str) -> Graded:
        for name in ("submission", "results"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
        for name, text in files.items():
            (self.folder / "submission" / name.replace("__", ".")).write_text(text, encoding="utf-8")
        (self.folder / "submission_metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
        done = self.container.run(
            "sh", "-c", f"/autograder/run_autograder; {_LIST_PROCESSES}",
            cwd="/autograder", like=kind.like, landlock=kind.landlock,
        )  # fmt: skip
        assert "left behind" not in done.stdout, done.stdout
        assert os.listdir(self.folder / "results") == ["results.json"]
        return Graded(json.loads((self.folder / "results" / "results.json").read_bytes()), done.stdout + done.stderr)


# By the shell itself, for a program would be a process, too. Zombies, and those still about to end, do not count.
_LIST_PROCESSES = """
attempt=0
while [ $attempt -lt 30 ]; do
    attempt=$((attempt + 1))
    left=""
    for process in /proc/[0-9]*; do
        if read -r number name state rest 2>/dev/null < "$process/stat"; then
            case "$name $state" in "(sh) "*|*" Z") ;; *) left="$left $name" ;; esac
        fi
    done
    [ -n "$left" ] || break
    sleep 1
done
[ -z "$left" ] || echo "left behind:$left"
"""


def _pip() -> dict[str, str]:
    """Where pip finds packages on this machine, as environment variables."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = [line.partition("=") for line in done.stdout.splitlines()]
    return {
        f"PIP_{name.rpartition('.')[2].replace('-', '_').upper()}": value.strip("'").replace("\\n", " ")
        for name, _, value in settings
    } | {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gradescope")
    toml = ASSIGNMENT_TOML.replace('["numpy"]', '["numpy", "matplotlib"]')
    course = write_course(folder / "course", course=COURSE_TOML + EXTENSION, assignment=toml)
    (path,) = build_target("gradescope", course, course.assignments(), folder / "zips")
    return path


@pytest.fixture(scope="module")
def gradescope(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradescope]:
    root = tmp_path_factory.mktemp("container")
    yield Gradescope(bundle, root)
    shutil.rmtree(root)  # a quarter of a gigabyte


# The zip


def test_the_zip_has_both_scripts_at_its_root_and_what_grading_needs(bundle: Path) -> None:
    assert bundle.name == "doubling.zip"
    with zipfile.ZipFile(bundle) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o100755
    assert {name for name in modes if name.startswith("course/")} == {
        "course/course.secret", "course/language", "course/assignments/doubling/assignment.toml",
        "course/assignments/doubling/hidden_tests.py", "course/solutions/doubling.py",
    }  # fmt: skip
    assert all(name.endswith((".py", ".mo")) for name in modes if name.startswith("autograder/"))
    assert bundle.stat().st_size < 2**19


def test_the_zip_holds_neither_the_courses_secret_nor_anything_about_students(bundle: Path) -> None:
    secret = Course(bundle.parents[1] / "course").secret
    with zipfile.ZipFile(bundle) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert len(archive.read("course/course.secret")) == 64
    assert secret not in everything
    assert b"22020001" not in everything


def test_the_same_sources_give_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    course = Course(bundle.parents[1] / "course")
    for path in sorted(course.root.rglob("*")):
        os.utime(path, (10**9, 10**9))
    (again,) = build_target("gradescope", course, course.assignments(), tmp_path)
    assert again.read_bytes() == bundle.read_bytes()


def test_torch_comes_without_cuda_and_only_where_it_is_used(tmp_path: Path) -> None:
    course = write_course(tmp_path, assignment=ASSIGNMENT_TOML.replace('["numpy"]', '["numpy", "torch"]'))
    (path,) = build_target("gradescope", course, course.assignments(), tmp_path)
    with zipfile.ZipFile(path) as archive:
        first, *lines = archive.read("requirements.txt").decode().splitlines()
    assert first == "--extra-index-url https://download.pytorch.org/whl/cpu"
    names = [line.partition("==")[0] for line in lines]
    assert names == ["ipython", "msgpack", "numpy", "pydantic", "pytest", "torch", "tqdm"]
    assert lines[names.index("torch")].endswith("+cpu")


def test_a_package_that_is_not_installed_is_named_with_its_cure(tmp_path: Path) -> None:
    course = write_course(tmp_path, assignment=ASSIGNMENT_TOML.replace('["numpy"]', '["no-such-package"]'))
    with pytest.raises(CourseError, match="pip install no-such-package"):
        build_target("gradescope", course, course.assignments(), tmp_path)


# setup.sh


@as_root
def test_setup_grades_the_solution_and_closes_the_doors(gradescope: Gradescope) -> None:
    assert gradescope.setup.returncode == 0, gradescope.setup.stdout + gradescope.setup.stderr
    assert "doubling.py: graded, 100 of 100 points." in gradescope.setup.stdout
    assert gradescope.container.mode("autograder/source") & 0o077 == 0
    assert gradescope.container.mode("autograder/source/course/course.secret") & 0o077 == 0
    assert gradescope.container.mode("tmp") & 0o002 == 0


# run_autograder


@as_root
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_right_notebook_gets_all_its_points(gradescope: Gradescope, kind: Kind) -> None:
    graded = gradescope.grade(kind, doubling__ipynb=notebook(RIGHT))
    results = graded.results
    assert results["score"] == sum(test["max_score"] for test in results["tests"]) == 100, graded.log
    assert type(results["execution_time"]) is float
    assert results["stdout_visibility"] == "hidden"
    visible = {test["name"]: test["visibility"] for test in results["tests"]}
    assert visible["double: A small array"] == "visible"
    assert set(visible.values()) == {"visible", "after_published"}
    assert [race["name"] for race in results["leaderboard"]] == ["double: Speed (times the reference)"]
    assert type(results["leaderboard"][0]["value"]) is float
    assert results["extra_data"]["isolation"][: len(kind.isolation)] == kind.isolation
    assert ", ".join(kind.isolation) in graded.log


@as_root
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_modules_and_data_are_uploaded_with_the_notebook(gradescope: Gradescope, kind: Kind) -> None:
    cell = "import numpy as np\nfrom layers import *\nassert np.loadtxt('two.txt') == 2"
    graded = gradescope.grade(kind, hw__ipynb=notebook(cell), layers__py=RIGHT, two__txt="2")
    assert graded.results["score"] == 100, graded.log
    assert "AssertionError" not in graded.results["output"]


HOSTILE = """
import ctypes, glob, os, socket, subprocess, threading, time
worked = []

def attempt(what, action):
    try:
        action()
    except BaseException:
        return
    worked.append(what)

def refused(code):
    if code:
        raise PermissionError

for path in [
    "/autograder/source/course/assignments/doubling/hidden_tests.py", "/autograder/source/course/solutions/doubling.py",
    "/autograder/source/course/course.secret", "/autograder/submission_metadata.json",
    "/autograder/results/results.json", f"/proc/{os.getppid()}/environ", f"/proc/{os.getppid()}/mem",
]:
    if not (os.getpid() == 1 and path.endswith("results.json")):
        attempt("read " + path, lambda: open(path, "rb").read(1) if "results" not in path else open(path, "r+b"))
for folder in ["/autograder/source", "/autograder/submission"]:
    attempt("list " + folder, lambda: os.listdir(folder))
for folder in ["/autograder", "/autograder/results", "/autograder/source", "/autograder/submission", "/etc", "/dev/shm",
               "/var/tmp", os.path.dirname(os.__file__), *glob.glob("/autograder/venv/lib/*/site-packages")]:
    attempt("write to " + folder, lambda: open(folder + "/results.json", "w"))
if os.getpid() != 1:  # where it is alone, /tmp is its own
    attempt("write to /tmp", lambda: open("/tmp/results.json", "w"))
    for number in range(1, 400):
        if number != os.getpid():
            attempt(f"signal {number}", lambda: os.kill(number, 0))
            attempt(f"kill {number}", lambda: os.kill(number, 9))
attempt("kill all", lambda: refused(ctypes.CDLL(None).kill(-1, 9)))
attempt("connect", lambda: socket.create_connection(("127.0.0.1", PORT), 2).send(b"hidden tests"))
attempt("send", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT)))
attempt("listen", lambda: socket.create_server(("127.0.0.1", 0)))
attempt("fork", os.fork)
attempt("leave a process", lambda: subprocess.Popen(["sleep", "1000"], start_new_session=True))
attempt("trace", lambda: refused(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)))
attempt("be root", lambda: os.setuid(0))
attempt("leave shared memory", lambda: refused(ctypes.CDLL(None).shmget(4711, 4096, 0o1666) < 0))
attempt("take namespaces", lambda: refused(ctypes.CDLL(None).unshare(0x10000000)))
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
os.mkdir("left", 0o300)
open("left/behind", "w").write("x")

def double(x):
    return 2 * x

def name(who):
    raise RuntimeError(f"what worked: {worked}")
"""


@as_root
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_hostile_notebook_gets_its_due_points_and_nothing_else(gradescope: Gradescope, kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        graded = gradescope.grade(kind, doubling__ipynb=notebook(HOSTILE.replace("PORT", str(port))))
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "what worked: []" in graded.test("name: Greets by name")["output"], graded.results
    assert graded.results["score"] == 70, graded.results
    assert graded.results["extra_data"]["isolation"][: len(kind.isolation)] == kind.isolation
    assert gradescope.container.owned_by(gradescope.container.user("grader-student")) == []
    assert os.listdir(gradescope.container.root / "tmp") == []


@as_root
def test_the_sample_class_gets_the_points_that_grader_grade_gives(
    gradescope: Gradescope, tmp_path: Path, lectures: Path
) -> None:
    course = Course(lectures)
    (zipped,) = build_target("gradescope", course, course.assignments(["pooling"]), tmp_path)
    sources = gradescope.folder / "source" / "course"
    sources.rename(sources.with_name("away"))
    try:
        with zipfile.ZipFile(zipped) as archive:
            archive.extractall(sources.parent, [name for name in archive.namelist() if name.startswith("course/")])
        for student, expected in EXPECTED["pooling"].items():
            submitted = (place("pooling") / student / "pooling" / "pooling.ipynb").read_text(encoding="utf-8")
            graded = gradescope.grade(pooling__ipynb=submitted)
            points = dict.fromkeys(expected["points"], 0.0)
            for test in graded.results["tests"]:
                points[test["tags"][0]] = round(points[test["tags"][0]] + test["score"], 2)
            print(student, points)
            assert points == expected["points"], graded.results
    finally:
        shutil.rmtree(sources)
        sources.with_name("away").rename(sources)


@as_root
def test_a_notebook_that_ends_its_process_and_one_that_waits_lose_what_they_break(gradescope: Gradescope) -> None:
    broken = RIGHT.replace("if not who:", "import os\n    os._exit(3)\n    if not who:")
    graded = gradescope.grade(doubling__ipynb=notebook(broken, "while True: pass"))
    assert graded.results["score"] == 70
    assert "The cell that begins with `while True: pass`: ran longer than 2 seconds" in graded.results["output"]
    assert "exit code 3" in graded.test("name: Greets by name")["output"]


@as_root
def test_a_submission_without_a_notebook_is_told_so(gradescope: Gradescope) -> None:
    graded = gradescope.grade(essay__pdf="%PDF")
    assert (graded.results["score"], graded.results["tests"]) == (0, [])
    assert graded.results["output"] == (
        "There is no notebook in this submission (it holds essay.pdf). Submit doubling.ipynb."
    )


@as_root
def test_a_damaged_notebook_is_told_so(gradescope: Gradescope) -> None:
    graded = gradescope.grade(doubling__ipynb=notebook(RIGHT)[:-50])
    assert graded.results["score"] == 0
    assert "its JSON is damaged" in graded.results["output"]
    assert sum(test["max_score"] for test in graded.results["tests"]) == 100


@as_root
@pytest.mark.parametrize(
    ("add", "say"),
    [
        ("import no_such_module_of_the_instructor", "no_such_module_of_the_instructor"),
        ("import os, pytest\ndef pytest_generate_tests(metafunc): os._exit(9)", "exit code 9"),
    ],
    ids=["tests that cannot be collected", "a grader that ends"],
)
def test_a_failure_of_the_grader_is_no_fault_of_the_students(gradescope: Gradescope, add: str, say: str) -> None:
    path = gradescope.folder / "source" / "course" / "assignments" / "doubling" / "hidden_tests.py"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{add}\n{before}", encoding="utf-8")
        graded = gradescope.grade(doubling__ipynb=notebook(RIGHT))
    finally:
        path.write_text(before, encoding="utf-8")
    assert graded.results["output"].startswith("The grader could not judge this submission.")
    assert say not in json.dumps(graded.results)
    assert say in graded.log


@as_root
def test_grading_that_does_not_end_is_stopped_in_time(gradescope: Gradescope) -> None:
    script = gradescope.folder / "run_autograder"
    tests = gradescope.folder / "source" / "course" / "assignments" / "doubling" / "hidden_tests.py"
    before = script.read_text(encoding="utf-8"), tests.read_text(encoding="utf-8")
    try:
        script.write_text(before[0].replace("minutes=10", "minutes=0.5"), encoding="utf-8")
        tests.write_text(before[1] + "\nwhile True:\n    pass\n", encoding="utf-8")
        graded = gradescope.grade(doubling__ipynb=notebook(RIGHT))
    finally:
        script.write_text(before[0], encoding="utf-8")
        tests.write_text(before[1], encoding="utf-8")
    assert graded.results["output"].startswith("Grading took longer than the 0.5 minutes that there are")
    assert "was stopped after" in graded.log


@as_root
def test_a_python_that_does_not_start_is_told_too(gradescope: Gradescope) -> None:
    python = gradescope.folder / "venv" / "bin" / "python"
    python.rename(python.with_name("away"))
    try:
        graded = gradescope.grade(doubling__ipynb=notebook(RIGHT))
    finally:
        python.with_name("away").rename(python)
    assert "The grader did not start." in graded.results["output"]
    assert "see above" in graded.log


# Which file is graded


STUB = "def double(x):\n    raise NotImplementedError"


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (["thesis.ipynb"], "thesis.ipynb"),
        (["a.ipynb", "z.ipynb:right"], "z.ipynb"),
        (["a.ipynb:stub", "deep/er/z.py:right"], "deep/er/z.py"),
        (["other.ipynb:right", "doubling.ipynb:right 2"], "doubling.ipynb"),
        (["solved.py:right", "solved.ipynb:right"], "solved.ipynb"),
        (["a.ipynb", "b.py"], "a.ipynb"),
        (["a.ipynb:right", "deep/b.ipynb:right"], "a.ipynb"),
        ([".ipynb_checkpoints/a.ipynb:right", "__MACOSX/b.ipynb:right", "~c.py:right", "d.ipynb:stub"], "d.ipynb"),
    ],
)
def test_of_several_files_the_one_that_answers_is_graded(files: list[str], chosen: str, tmp_path: Path) -> None:
    assert choose(_course(tmp_path), _submit(tmp_path / "up", files))[0] == tmp_path / "up" / chosen


@pytest.mark.parametrize("files", [["a.ipynb:right", "b.ipynb:right 2"], ["a.py:right", "b.py:right 2"]])
def test_where_it_is_not_clear_which_file_counts_the_student_is_asked(files: list[str], tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"not clear which one .*: a.\w+, b.* Submit only doubling.ipynb"):
        choose(_course(tmp_path), _submit(tmp_path / "up", files))


def test_links_are_no_submission(tmp_path: Path) -> None:
    folder = _submit(tmp_path / "up", [])
    (folder / "doubling.ipynb").symlink_to("/etc/passwd")
    with pytest.raises(SubmissionError, match="no notebook"):
        choose(_course(tmp_path), folder)


def _course(root: Path) -> Any:
    return write_course(root / "course").assignment("doubling")


def _submit(folder: Path, files: list[str]) -> Path:
    sources = {"": "print(1)", "stub": STUB, "right": RIGHT, "right 2": RIGHT + "\nprint(2)"}
    for file in files:
        name, _, content = file.partition(":")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        source = sources[content]
        path.write_text(notebook(source) if path.suffix == ".ipynb" else source, encoding="utf-8")
    folder.mkdir(exist_ok=True)
    return folder
