"""Whatever of a grader dies, and however, nothing below it stays, whatever student code has tried to stay."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RIGHT, notebook, write_course
from tests.faults.injection import PROCESSES, family, victims

STAYS = """
import ctypes, os, signal, threading, time
libc = ctypes.CDLL(None)
libc.prctl(1, 0, 0, 0, 0)
threading.Thread(target=lambda: libc.prctl(1, 0, 0, 0, 0)).start()
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for call in (os.setsid, os.setpgrp):
    try: call()
    except OSError: pass
"""
WAYS = {
    "sleeps": "while True:\n    try: time.sleep(3600)\n    except BaseException: pass",
    "stops itself": "libc.kill(os.getpid(), 19)\nwhile True: time.sleep(3600)",
}


def alive(processes: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of (process id, time of its start) that still run."""
    return {one for one in processes if one[1] and born(one[0]) == one[1]}


def born(pid: int) -> str:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        threads = os.listdir(f"/proc/{pid}/task")  # whose first may have ended before the others
        return "" if fields[0] == "Z" and len(threads) < 2 else fields[19]
    return ""


def descendants(pid: int) -> set[tuple[int, str]]:
    return {(one, born(one)) for generation in family(pid).values() for one in generation} - {(pid, born(pid))}


def wait_for(done: Callable[[], bool]) -> bool:
    for _ in range(3000):
        if done():
            return True
        time.sleep(0.01)
    return False


def command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes()!r}"
    return str(pid)


def filtered(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    return False


def blocks_signals(pid: int) -> bool:
    """Whether it has begun to do what a cell of STAYS does."""
    with contextlib.suppress(OSError):
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(status["SigBlk"], 16).bit_count() > 50
    return False


@pytest.mark.parametrize("isolation", ["full", "process"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize(
    ("victim", "way"),
    [(victim, way) for victim in PROCESSES[:4] for way in WAYS if way == "sleeps" or victim == "guardian"],
)
def test_nothing_stays(tmp_path: Path, victim: str, way: str, number: int, isolation: str) -> None:
    course = write_course(tmp_path)
    toml = course.root / "assignments" / "doubling" / "assignment.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(
        text.replace("cell_seconds = 2", "cell_seconds = 600").replace(
            "submission_seconds = 30", "submission_seconds = 600"
        )
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text(notebook(RIGHT, STAYS + WAYS[way]), encoding="utf-8")
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    run = subprocess.Popen(
        [Path(sys.executable).with_name("grader"), "grade", "doubling", "in", "--jobs", "1", "--isolation", isolation],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"TMPDIR": str(rooms)},
    )  # fmt: skip
    try:
        while not any(map(filtered, victims(run.pid, "child"))):
            if run.poll() is not None:
                assert run.stderr is not None
                said = run.stderr.read()
                if "ordinary user" in said:
                    pytest.skip("an ordinary user cannot reach this Python")
                pytest.fail(said)
            time.sleep(0.01)
        below = descendants(victims(run.pid, victim)[0])
        assert wait_for(lambda: any(map(blocks_signals, victims(run.pid, "child"))))
        time.sleep(0.3)  # what the cell does besides
        assert len(below) >= len(PROCESSES) - 1 - PROCESSES.index(victim)
        for pid in victims(run.pid, victim):
            os.kill(pid, number)
        wait_for(lambda: not alive(below))
        assert [command(one) for one, _ in alive(below)] == []
    finally:
        everything = descendants(run.pid)
        run.kill()  # and it alone: among the others is what removes the folders
        run.communicate()
        gone = wait_for(lambda: not alive(everything) and not any(rooms.iterdir()))
        for one, _ in alive(everything):
            os.kill(one, signal.SIGKILL)
    assert gone


def test_a_terminated_run_says_what_to_do(tmp_path: Path) -> None:
    write_course(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text(notebook(RIGHT, "import time; time.sleep(1000)"), encoding="utf-8")
    run = subprocess.Popen(
        [Path(sys.executable).with_name("grader"), "grade", "doubling", "in"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    while run.poll() is None and not victims(run.pid, "worker"):
        time.sleep(0.01)
    run.send_signal(signal.SIGTERM)
    said = run.communicate(timeout=60)[0]
    assert "Stopped" in said
    assert "Traceback" not in said
    assert run.returncode == 1
