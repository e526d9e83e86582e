"""Where a fault of the grader itself keeps its traceback: `faults.log` in the course's folder, for the instructor only."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path

from autograder.language import _
from autograder.text import printable

NAME = "faults.log"
_BEFORE = "faults.old.log"
NAMES = (NAME, _BEFORE)
_MOST_BYTES = 10**6
"""Of the log; then it goes on in a new one, and the one before is kept beside it."""
LONGEST = 20_000
"""Characters of one traceback, of which the end is kept."""


def keep_fault(root: Path, what: str, told: str) -> str:
    """Add a traceback to the log and return a sentence that says where it is, without anything of the traceback.

    Args:
        root: the course's folder.
        what: what was being done, in a line.
        told: the traceback. A student may have had a part in it, so each line of it stands further to the right than those that begin an entry.
    """
    path = root / NAME
    lines = [f"    {printable(line)}" for line in told[-LONGEST:].splitlines()]
    entry = "\n".join(
        [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: {' '.join(printable(what).split())[:300]}", *lines, ""]
    )
    try:
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > _MOST_BYTES:
                os.replace(path, root / _BEFORE)
        # It may quote hidden tests.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(entry)
    except OSError as error:
        return _("What happened could not be kept in {file} ({reason})", file=NAME, reason=error.strerror)
    return _("What happened stands in {file}, in the course's folder", file=NAME)
