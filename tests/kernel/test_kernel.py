"""Grading in a notebook's own process gives what grading in a sandbox gives, and keeps quiet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from autograder.commands import grade as grade_in_sandboxes
from autograder.course import Course
from autograder.kernel import Sources, grade
from autograder.result import Outcome, TestResult
from tests.conftest import ASSIGNMENT_TOML, HIDDEN_TESTS, RIGHT, notebook, write_course

SUBMISSIONS = {
    "right": RIGHT,
    "empty": "",
    "tripled": RIGHT.replace("2 * x", "3 * x"),
    "raises": RIGHT.replace("return 2 * x", "raise IndexError('five')"),
    "stub": RIGHT.replace("return 2 * x", "raise NotImplementedError('Question double: write double')"),
    "returns_nothing": RIGHT.replace("return 2 * x", "2 * x"),
    "changes_its_argument": RIGHT.replace("return 2 * x", "x *= 2\n    return x"),
    "loops": RIGHT.replace("return 2 * x", "for _ in range(20): y = np.array([[2 * v for v in row] for row in np.atleast_2d(x)])\n    return y.reshape(x.shape)"),
    "wrong_error": RIGHT.replace("raise ValueError", "raise KeyError"),
}  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("course")
    return write_course(
        root,
        assignment=ASSIGNMENT_TOML.replace("call_seconds = 1", "call_seconds = 0.5"),
    )


@pytest.fixture(scope="module")
def sources(course: Course) -> Sources:
    return Sources.from_json(Sources.of(course, course.assignment("doubling")).to_json())


def answers(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)
    return namespace


def verdicts(results: list[TestResult]) -> dict[str, tuple[float, bool]]:
    return {one.test: (one.earned, one.outcome is Outcome.PASSED) for one in results}


def test_every_verdict_is_the_sandboxs(course: Course, sources: Sources, tmp_path: Path) -> None:
    for name, source in SUBMISSIONS.items():
        (tmp_path / f"{name}.ipynb").write_text(notebook(source), encoding="utf-8")
    run = grade_in_sandboxes(
        course=course.root, assignment="doubling", paths=[tmp_path], gradebook=f"sqlite:///{tmp_path}/g.db"
    )
    assert len(run.results) == len(SUBMISSIONS)
    for result in run.results:
        here = [one for q in ("double", "name") for one in grade(sources, q, answers(SUBMISSIONS[result.student]))]
        assert verdicts(here) == verdicts(list(result.tests)), result.student


def test_nothing_of_the_course_but_the_assignment_is_carried(course: Course, sources: Sources) -> None:
    assert course.secret not in sources.secret
    assert {path for path, _ in sources.files} == {
        "assignments/doubling/assignment.toml",
        "assignments/doubling/hidden_tests.py",
        "solutions/doubling.py",
    }


def test_no_hidden_test_is_left_on_disk_by_a_process_that_is_killed(sources: Sources, tmp_path: Path) -> None:
    """The next student's notebook runs as the same user."""
    code = """
import os, sys
from autograder.kernel import Sources, grade
def double(x):
    assert [one[:14] for one in os.listdir(os.environ["TMPDIR"])] == ["grader-kernel-"]
    os.kill(os.getpid(), 9)
grade(Sources.from_json(sys.stdin.read()), "double", {"double": double})
"""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    killed = subprocess.run(
        [sys.executable, "-c", code], input=sources.to_json(), text=True, env=environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    end = time.monotonic() + 30
    while list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_call_ends_and_the_other_tests_go_on(sources: Sources) -> None:
    stubborn = """
    while True:
        try:
            while True:
                pass
        except BaseException:
            tries.append(1)
            if len(tries) % 3 == 0:
                raise
"""
    names = answers(RIGHT.replace("    return 2 * x", stubborn) + "\ntries = []\n")
    before = signal.getsignal(signal.SIGALRM)
    results = grade(sources, "double", names)
    assert {one.outcome for one in results} == {Outcome.TIMEOUT, Outcome.SKIPPED}
    assert "ran longer than 0.5 seconds" in results[0].message
    assert signal.getsignal(signal.SIGALRM) is before
    assert all(one.outcome is Outcome.PASSED for one in grade(sources, "name", names))


def test_what_students_print_does_not_get_out(sources: Sources, capfd: pytest.CaptureFixture[str]) -> None:
    names = answers(RIGHT) | {"os": os, "sys": sys}
    loud = """
def double(x):
    print("printed")
    print("to stderr", file=sys.stderr)
    os.write(2, b"to the descriptor")
    return 2 * x
"""
    exec(loud, names)
    assert all(one.outcome is Outcome.PASSED for one in grade(sources, "double", names))
    assert capfd.readouterr() == ("", "")


def test_a_notebook_that_makes_warnings_errors_is_graded_all_the_same(sources: Sources) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        names = answers(RIGHT.replace("return 2 * x", "warnings.warn('careful')\n    return 2 * x"))
        names["warnings"] = warnings
        assert all(one.outcome is Outcome.PASSED for one in grade(sources, "double", names))


def test_a_call_that_wants_to_end_the_process_is_an_error(sources: Sources) -> None:
    results = grade(sources, "double", answers("import sys\ndef double(x): sys.exit(3)\n"))
    assert all(one.earned == 0 for one in results)
    assert "SystemExit" in results[0].message


def test_each_assignment_has_its_own_tests(sources: Sources, tmp_path: Path) -> None:
    other = write_course(tmp_path, hidden_tests=HIDDEN_TESTS.replace("test_greets", "test_says_hello"))
    for _ in range(2):
        assert "test_greets" in verdicts(grade(sources, "name", answers(RIGHT)))
        others = Sources.of(other, other.assignment("doubling"))
        assert "test_says_hello" in verdicts(grade(others, "name", answers(RIGHT)))
    assert "hidden_tests" not in sys.modules
