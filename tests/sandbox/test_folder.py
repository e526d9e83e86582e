"""Folders go when their maker does, however it ends, and whatever else is ended with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.sandbox.folder import TIDY, FolderForAWhile
from tests.faults.injection import family

MAKES = """
import signal, time
from autograder.sandbox.folder import FolderForAWhile
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)  # whoever runs the tests, with nohup or behind a shell's &, may have them ignored
with FolderForAWhile("grader-check-") as folder:
    (folder.path / "solution.py").write_text("secret")
    print(folder.path, flush=True)
    time.sleep(600)
"""


def kill_at_once(pid: int) -> None:
    """End a process and all below it, so that none sees another's end."""
    stopped: set[int] = set()
    while running := [one for generation in family(pid).values() for one in generation if one not in stopped]:
        for one in running:  # parents first: then none that ends is forgotten, or its number given to another
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGSTOP)
        stopped.update(running)
    # Children first: Linux wakes those who are stopped when nobody outside their process group is left above them.
    for generation in reversed(family(pid).values()):
        for one in generation:
            os.kill(one, signal.SIGKILL)


def test_a_folder_whose_maker_is_killed_before_it_hears_of_it_is_removed(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    subprocess.run(
        ["/bin/sh", "-c", TIDY, "sh", tmp_path, "grader-room-"], stdin=subprocess.DEVNULL, stdout=write, check=True
    )
    os.close(write)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL])
def test_a_signal_to_every_process_of_a_user_or_a_job_leaves_no_folder(tmp_path: Path, number: int) -> None:
    """As `systemctl stop`, `pkill -u` and a CI job that is cancelled send it; what cannot be caught goes to the maker alone."""
    maker = subprocess.Popen(
        [sys.executable, "-c", MAKES], stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": str(tmp_path)}, text=True
    )
    assert maker.stdout is not None
    folder = Path(maker.stdout.readline().strip())
    assert folder.parent == tmp_path
    below = [pid for generation in family(maker.pid).values() for pid in generation if pid != maker.pid]
    assert below
    for pid in below if number != signal.SIGKILL else []:
        with contextlib.suppress(ProcessLookupError):  # an `rm` that was already ending
            os.kill(pid, number)
    assert (folder / "solution.py").exists()
    os.kill(maker.pid, number)
    maker.communicate()
    assert maker.returncode == -number
    end = time.monotonic() + 30
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_removed_at_the_end_of_its_block_and_after_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail() -> None:
        with FolderForAWhile("grader-check-") as folder:
            (folder.path / "a" / "b").mkdir(parents=True)
            assert folder.path.stat().st_mode & 0o777 == 0o700
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_where_everything_was_killed_at_once_goes_with_the_next_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed = subprocess.Popen(
        [sys.executable, "-c", MAKES], stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": str(tmp_path)}, text=True
    )
    assert killed.stdout is not None
    left = Path(killed.stdout.readline().strip())
    kill_at_once(killed.pid)
    killed.communicate()
    (left / "closed").mkdir(mode=0)
    assert (left / "solution.py").exists()
    with FolderForAWhile("grader-check-"):
        assert left.exists()  # it may have been made a moment ago
    foreign = [tmp_path / name for name in ("grader-demo", "grader-notes-2026", "grader-check-AbCdEfGh.txt")]
    link = tmp_path / "grader-check-AbCdEfGi"
    link.symlink_to(foreign[0])
    with FolderForAWhile("grader-check-") as lives:
        for folder in foreign:
            folder.mkdir()
        for folder in (left, lives.path, *foreign):
            os.utime(folder, (0, 0))
        with FolderForAWhile("grader-room-"):
            end = time.monotonic() + 30
            while left.exists() and time.monotonic() < end:
                time.sleep(0.01)
            assert sorted(one.name for one in tmp_path.iterdir() if not one.name.startswith("grader-room-")) == sorted(
                one.name for one in (lives.path, link, *foreign)
            )
