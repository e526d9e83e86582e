"""Many at once: dead workers are replaced, a poisoned submission spoils nothing, nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.commands import grade
from autograder.course import Course
from autograder.engine import grade_all
from autograder.errors import CourseError
from autograder.intake.look import find_submissions
from autograder.notebook import Found
from autograder.result import Result, Status
from tests.conftest import HIDDEN_TESTS, RIGHT, notebook, write_course


def submit(course: Course, *students: str) -> list[Found]:
    folder = course.root / "in"
    folder.mkdir(exist_ok=True)
    for student in students:
        (folder / f"{student}.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    return find_submissions(course, course.assignment("doubling"), [folder]).found


def children() -> set[int]:
    """Processes that descend from this one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def worker_of(results: Iterator[Result]) -> int:
    """A worker process of a run under way: the one that runs `_work`."""
    for pid in sorted(children()):
        with contextlib.suppress(OSError):  # one that has just ended
            if b"autograder.engine.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    raise AssertionError("no worker")


def test_a_killed_worker_is_replaced_and_every_submission_gets_its_result(course: Course) -> None:
    submissions = submit(course, *"abcdef")
    results = grade_all(course, course.assignment("doubling"), submissions, jobs=1)
    first = next(results)
    os.kill(worker_of(results), signal.SIGKILL)
    everything = [first, *results]
    assert sorted(result.student for result in everything) == list("abcdef")
    assert all((result.status, result.score) == (Status.GRADED, 100) for result in everything)


def test_who_took_long_before_is_graded_first(course: Course) -> None:
    submissions = submit(course, *"abc")
    submissions[1].path.write_text(notebook(RIGHT, *["sum(range(4 * 10**7))"] * 5), encoding="utf-8")
    order = []
    for _ in range(2):
        run = grade(
            course=course.root, assignment="doubling", paths=[course.root / "in"], force=True, jobs=1,
            gradebook=f"sqlite:///{course.root}/g.db",
        )  # fmt: skip
        order.append([result.student for result in run.graded])
    assert order[0] == ["a", "b", "c"]
    assert order[1][0] == "b"


def test_a_submission_that_kills_its_worker_every_time_is_not_gradable_and_the_rest_go_on(course: Course) -> None:
    # A hidden test stands for a fault of the grader itself: nothing a student does reaches its worker.
    tests = HIDDEN_TESTS + (
        '\n\n@pytest.mark.question("name", points=5)\ndef test_poison(student):\n    """Poison"""\n'
        '    if student.name("x") == "poison":\n        import os\n        os._exit(9)\n'
    )
    course = write_course(course.root, hidden_tests=tests.replace('"name", points=10', '"name", points=5'))
    submissions = submit(course, "a", "b")
    (course.root / "in" / "a.ipynb").write_text(notebook("def name(who): return 'poison'"), encoding="utf-8")
    results = {
        result.student: result for result in grade_all(course, course.assignment("doubling"), submissions, jobs=1)
    }
    assert results["a"].status is Status.NOT_GRADABLE
    assert "exit code 9" in results["a"].message
    assert results["b"].score == 100


@pytest.mark.parametrize(
    "also", ["", "traceback.format_exception = explain"], ids=["that is told", "that cannot be told"]
)
def test_an_error_of_the_grader_itself_is_of_that_submission_alone(course: Course, also: str) -> None:
    # The hidden tests' module puts it there: no submission is known that brings one about.
    broken = f"""
import traceback
from autograder.examine.diagnosis import Diagnostician
whole = Diagnostician.explain
def explain(*args, **kwargs):
    if len(args) < 2 or args[1]:
        raise MemoryError
    return whole(*args, **kwargs)
Diagnostician.explain = explain
{also}
"""
    course = write_course(course.root, hidden_tests=HIDDEN_TESTS + broken)
    submissions = submit(course, "a", "b", "c")
    (course.root / "in" / "a.ipynb").write_text(notebook(RIGHT.replace("2 * x", "3 * x")), encoding="utf-8")
    results = {
        result.student: result for result in grade_all(course, course.assignment("doubling"), submissions, jobs=1)
    }
    assert results["a"].status is Status.NOT_GRADABLE
    assert "collected" not in results["a"].message
    assert results["b"].score == results["c"].score == 100


def test_a_hidden_test_that_is_broken_is_not_the_students_fault(course: Course) -> None:
    tests = HIDDEN_TESTS.replace(
        'assert student.mutated("double", np.ones(3)) == [], "double changed its argument."', "1 / 0"
    )
    course = write_course(course.root, hidden_tests=tests)
    (result,) = grade_all(course, course.assignment("doubling"), submit(course, "a"), jobs=1)
    assert result.status is Status.NOT_GRADABLE
    assert "instructor" in result.message


def test_a_hidden_test_that_stumbles_over_a_strange_answer_is_not_the_graders_fault(course: Course) -> None:
    tests = HIDDEN_TESTS.replace(
        'assert student.mutated("double", np.ones(3)) == [], "double changed its argument."',
        "student.double(np.ones(3)) + 1",
    )
    course = write_course(course.root, hidden_tests=tests)
    submissions = submit(course, "a")
    submissions[0].path.write_text(notebook(RIGHT.replace("2 * x", "'text'")), encoding="utf-8")
    (result,) = grade_all(course, course.assignment("doubling"), submissions, jobs=1)
    assert result.status is Status.GRADED
    assert result.score == 30


def test_hidden_tests_that_do_not_import_end_the_run_with_their_error(course: Course) -> None:
    course = write_course(course.root, hidden_tests="import no_such_module\n" + HIDDEN_TESTS)
    with pytest.raises(CourseError, match="no_such_module"):
        list(grade_all(course, course.assignment("doubling"), submit(course, "a"), jobs=1))


def test_a_reference_that_fails_is_named_with_its_line(course: Course) -> None:
    script = course.root / "solutions" / "doubling.py"
    script.write_text(script.read_text().replace("A = np.array", "A = np.arrray"))
    with pytest.raises(CourseError, match=r"doubling.py:4: this cell fails: AttributeError"):
        list(grade_all(course, course.assignment("doubling"), submit(course, "a"), jobs=1))


def test_a_run_that_is_given_up_leaves_no_process_and_no_folder(
    course: Course, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = children()
    rooms = tmp_path_factory.mktemp("rooms")
    rooms.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(rooms))
    results = grade_all(course, course.assignment("doubling"), submit(course, *"abcd"), jobs=2)
    next(results)
    assert children() - before
    assert list(rooms.glob("grader-room-*"))
    results.close()  # type: ignore[attr-defined]  # grade_all is a generator
    for _ in range(3000):
        left = [*(children() - before), *rooms.glob("grader-room-*")]
        if not left:
            break
        time.sleep(0.01)
    assert not left
