"""One of each fault; `make faults` injects 200 at random moments."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import SandboxError
from autograder.sandbox.client import Zygote
from tests.faults.injection import (
    STUDENTS,
    VICTIMS,
    Server,
    Verdicts,
    difference,
    family,
    finish,
    inject,
    left_over,
    new_url,
    start,
    undisturbed,
    verdicts,
    victims,
)


@pytest.fixture(scope="module")
def quiet() -> Iterator[tuple[Course, Server, Verdicts, float]]:
    with undisturbed() as known:
        yield known


@pytest.mark.parametrize("victim", VICTIMS)
def test_whatever_is_killed_the_next_run_completes_the_class(
    quiet: tuple[Course, Server, Verdicts, float], victim: str
) -> None:
    course, database, expected, _ = quiet
    outcome = inject(course, database, expected, victim, 0.5)
    assert outcome.hit
    assert outcome.problem == "", outcome.said


@pytest.mark.parametrize("moment", ["worker", "zygote", "child"])
def test_ctrl_c_ends_a_run_with_one_sentence(
    quiet: tuple[Course, Server, Verdicts, float], tmp_path: Path, moment: str
) -> None:
    course, _, expected, _ = quiet
    url = new_url(course, None)
    tmp_path.chmod(0o755)
    run = start(course, url, TMPDIR=str(tmp_path))
    while run.poll() is None and not victims(run.pid, moment):
        time.sleep(0.001)
    descendants = [pid for generation in family(run.pid).values() for pid in generation]
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does
    said = finish(run)
    assert "Stopped" in said
    assert "Traceback" not in said
    assert left_over(tmp_path) == ""
    for _ in range(3000):
        alive = [pid for pid in descendants if os.path.exists(f"/proc/{pid}")]
        if not alive:
            break
        time.sleep(0.01)
    assert not alive
    finish(start(course, url))
    assert difference(course, url, expected) == ""


def test_two_runs_at_once_grade_nothing_twice(quiet: tuple[Course, Server, Verdicts, float]) -> None:
    course, database, expected, _ = quiet
    for server in (None, database):
        url = new_url(course, server)
        runs = [start(course, url), start(course, url)]
        for run in runs:
            said = finish(run)
            assert run.returncode == 0, said
            assert f"{len(STUDENTS)} submission" in said
        assert difference(course, url, expected) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_disk_that_is_full_is_told_and_the_class_completed_once_it_is_not(
    quiet: tuple[Course, Server, Verdicts, float], tmp_path: Path
) -> None:
    course, _, expected, _ = quiet
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=True)
    try:
        url = f"sqlite:///{tmp_path}/gradebook.db"
        run = start(course, url)
        said = " ".join(finish(run).split())
        assert run.returncode == 1
        assert "the disk is full. Free some space and try again" in said
        assert "Traceback" not in said
        assert len(verdicts(course, url)) < len(expected)
        subprocess.run(["mount", "-o", "remount,size=10m", str(tmp_path)], check=True)
        finish(start(course, url))
        assert difference(course, url, expected) == ""
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_no_room_for_a_sandbox_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=1", "tmpfs", str(tmp_path)], check=True)
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with pytest.raises(SandboxError, match="folder"):
            Zygote(["numpy"])
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_gradebook_that_another_program_keeps_locked_is_waited_for(
    quiet: tuple[Course, Server, Verdicts, float],
) -> None:
    course, _, expected, seconds = quiet
    url = new_url(course, None)
    finish(start(course, url))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("delete from test_outcome")
        other.execute("delete from result")
        other.execute("begin exclusive")
        run = start(course, url)
        time.sleep(min(seconds, 15))  # of the 30 seconds that a run waits
        other.execute("commit")
        said = finish(run)
    assert run.returncode == 0, said
    assert difference(course, url, expected) == ""
