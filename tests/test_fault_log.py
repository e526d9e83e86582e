"""A fault of the grader itself keeps its traceback, for the instructor and for nobody else."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import commands, fault_log
from autograder.cli import main
from autograder.course import Course
from autograder.fault_log import keep_fault
from autograder.result import Status
from tests.conftest import HIDDEN_TESTS, RIGHT, write_course

FAULTY = (
    HIDDEN_TESTS
    + '''

@pytest.mark.question("name", points=5)
def test_fault(student):
    """A hidden test stands for a fault of the grader: no submission reaches the examiner"""
    from autograder.errors import SandboxError

    if student.name("x") == "fault":
        raise SandboxError("secret words\\nof the grader")
'''
)


def test_what_a_worker_raised_is_in_the_log_and_the_result_says_so(tmp_path: Path) -> None:
    course = write_course(tmp_path, hidden_tests=FAULTY.replace('"name", points=10', '"name", points=5'))
    for name, code in (("ann", RIGHT), ("bob", "def name(who): return 'fault'")):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    run = commands.grade(course=course.root, assignment="doubling", paths=[*tmp_path.glob("*.py")], jobs=1)
    ann, bob = run.results
    assert ann.score == 100
    assert bob.status is Status.NOT_GRADABLE
    assert bob.message == (
        "The grader failed on this submission. What happened stands in faults.log, in the course's folder."
    )
    log = (tmp_path / "faults.log").read_text(encoding="utf-8")
    assert "UTC: doubling, bob, " in log.splitlines()[0]
    assert "Traceback (most recent call last):" in log
    assert "autograder.errors.SandboxError: secret words" in log
    assert stat.S_IMODE((tmp_path / "faults.log").stat().st_mode) == 0o600


def test_a_command_that_fails_by_itself_says_where_its_traceback_is(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(**_: object) -> None:
        raise KeyError("what")

    monkeypatch.setattr(commands, "show", fault)
    monkeypatch.setattr(
        sys, "argv", ["grader", "show", "--gradebook", "postgresql+psycopg://me:s3cret@host:5432/grades"]
    )
    for _ in range(2):
        done = CliRunner().invoke(main, ["--course", str(course.root), "show", "ann", "doubling"])
        assert (done.exit_code, "Traceback" in done.output) == (1, False)
        assert "a fault of grader (KeyError). What happened stands in faults.log, in the course's folder" in done.output
    log = (course.root / "faults.log").read_text(encoding="utf-8")
    assert log.count("KeyError: 'what'") == 2
    assert "show --gradebook postgresql+psycopg://...@host:5432/grades" in log
    assert "s3cret" not in log


def test_the_log_is_bounded_keeps_what_was_there_and_shows_which_lines_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_log, "_MOST_BYTES", 2000)
    forged = "Traceback\n2026-01-01 00:00:00 UTC: forged\x1b[2J\r2026-01-01"
    for number in range(100):
        keep_fault(tmp_path, f"number {number}\nforged", forged)
    both = "".join((tmp_path / name).read_text() for name in ("faults.old.log", "faults.log"))
    assert 2000 < len(both) < 6000
    entries = [line for line in both.splitlines() if not line.startswith("    ")]
    assert all(" forged" in line and "number" in line for line in entries)
    assert "number 99 " in entries[-1]
    assert [int(line.split("number ")[1].split()[0]) for line in entries] == list(range(100 - len(entries), 100))
    assert "\x1b" not in both


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "faults.log").mkdir()
    assert keep_fault(tmp_path, "x", "Traceback\n") == "What happened could not be kept in faults.log (Is a directory)"
