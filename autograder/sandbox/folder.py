"""Folders that go when their maker does, however it ends: what is in them must not be found by the next student."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from autograder.errors import SandboxError

# Whoever is to hear of the folder may be gone by then; what ends every process of a user, a service or a job ends this one by
# no signal but the last. Student code may still be dying at the first try to remove it, and may have made folders that nobody may enter.
TIDY = """trap '' PIPE HUP INT QUIT TERM
clear() { for pause in 0 1 5; do rm -rf -- "$@" && return; chmod -R u+rwx -- "$@"; sleep $pause; done; }
folder=$(mktemp -d "$1/$2XXXXXXXX") || exit
echo "$folder" && exec >/dev/null && { shift 2; clear "$@"; cat; }
clear "$folder\""""
_OURS = re.compile(r"grader-[a-z]+-[A-Za-z0-9]{8}")
_LEFT_SECONDS = 3600.0
"""A folder that nobody holds for so long was not made a moment ago."""


class FolderForAWhile:
    """A new folder that only this user may enter. It goes at the end of a block, with `remove`, and with this process in any case.

    A process beside this one makes it, so that there is no moment at which a grader that is killed leaves one behind, and removes it. Where
    both are killed at once, or the power fails, the next folder's process does that.

    Args:
        prefix: of its name: ``grader-``, a word, and ``-``.

    Attributes: ``path``, and ``alive``, a descriptor: the folder stays as long as any process holds it.

    Raises:
        SandboxError: none can be made.
    """

    def __init__(self, prefix: str) -> None:
        read, self.alive = os.pipe()
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", TIDY, "sh", tempfile.gettempdir(), prefix, *_left_behind()],
            stdin=read,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            start_new_session=True,  # Ctrl-C, or whoever ends the grader's process group, leaves it alone
        )
        os.close(read)
        assert self._process.stdout is not None
        with self._process.stdout:
            name = os.fsdecode(self._process.stdout.readline().rstrip(b"\n"))
        if not name:
            os.close(self.alive)
            self._process.wait()
            raise SandboxError(f"No folder can be made in {tempfile.gettempdir()}. Make room there, or set TMPDIR.")
        self.path = Path(name)
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # not every file system has locks
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove it, if that is not done yet; what other processes still hold goes with them."""
        if self._process.returncode is None:
            os.close(self.alive)
            os.close(self._lock)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def _left_behind() -> Iterator[str]:
    """Folders of this user's graders that have ended without a trace."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        for entry in found:
            with contextlib.suppress(OSError):
                if _OURS.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False) and _is_left(entry):
                    yield entry.path


def _is_left(entry: os.DirEntry[str]) -> bool:
    facts = entry.stat(follow_symlinks=False)
    if facts.st_uid != os.geteuid() or time.time() - facts.st_mtime < _LEFT_SECONDS:
        return False
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:  # its maker lives, or there are no locks
        return False
    finally:
        os.close(descriptor)
