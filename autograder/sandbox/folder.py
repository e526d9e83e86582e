"""Folders that go when their maker does, however it ends: what is in them must not be found by the next student."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.errors import SandboxError

# Whoever is to hear of the folder may be gone by then; what ends every process of a user, a service or a job ends this one by
# no signal but the last. Student code may still be dying at the first try to remove it, and may have made folders that nobody may enter.
TIDY = """trap '' PIPE HUP INT QUIT TERM
folder=$(mktemp -d "$1/$2XXXXXXXX") || exit
echo "$folder" && exec >/dev/null && cat
for pause in 0 1 5; do rm -rf "$folder" && exit; chmod -R u+rwx "$folder"; sleep $pause; done"""


def folder_for_a_while(prefix: str) -> tuple[Path, Callable[[], None]]:
    """A new folder that only this user may enter, and what removes it; it goes with this process in any case.

    Raises:
        SandboxError: none can be made.
    """
    folder, tidier, alive = tidied_folder(prefix)

    def remove() -> None:
        if tidier.returncode is None:
            os.close(alive)
            tidier.wait()

    return folder, remove


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """The same, removed at the end of a block."""
    folder, remove = folder_for_a_while(prefix)
    try:
        yield folder
    finally:
        remove()


def tidied_folder(prefix: str) -> tuple[Path, subprocess.Popen[bytes], int]:
    """A new folder, a process that removes it once every holder of the descriptor has ended, however it ended, and that.

    The process makes the folder, too, so that there is no moment at which a grader that is killed leaves one behind.
    """
    read, alive = os.pipe()
    process = subprocess.Popen(
        ["/bin/sh", "-c", TIDY, "sh", tempfile.gettempdir(), prefix],
        stdin=read,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        start_new_session=True,  # Ctrl-C, or whoever ends the grader's process group, leaves it alone
    )
    os.close(read)
    assert process.stdout is not None
    with process.stdout:
        folder = os.fsdecode(process.stdout.readline().rstrip(b"\n"))
    if not folder:
        os.close(alive)
        process.wait()
        raise SandboxError(f"No folder can be made in {tempfile.gettempdir()}. Make room there, or set TMPDIR.")
    return Path(folder), process, alive
