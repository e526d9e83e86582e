"""Times that others wrote: students, systems and file systems may write any."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.files import open_regular

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Near the ends of the calendar, a time cannot be told in every zone."""
_LONGEST = 100


def read_time(text: Any) -> datetime | None:
    """A time with its zone, UTC if it names none; None if it is no time, or one in which nobody hands in."""
    text = str(text or "").strip()[:_LONGEST].replace(" UTC", "+00:00")
    text = re.sub(r" ([+-]\d{2}):?(\d{2})$", r"\1:\2", text)
    for candidate in (text, text.replace("_", ":"), text.rpartition(" ")[0]):
        try:
            found = datetime.fromisoformat(candidate)
        except ValueError:
            continue
        return _credible(found if found.tzinfo else found.replace(tzinfo=UTC))
    return None


def from_seconds(seconds: float) -> datetime | None:
    """The time so many seconds after 1970 began; None if nobody hands in then."""
    try:
        return _credible(datetime.fromtimestamp(seconds, UTC))
    except (OSError, OverflowError, ValueError):
        return None


def read_stamp(folder: Path) -> datetime | None:
    """The time in nbgrader's `timestamp.txt`, should there be one in the folder."""
    try:
        with open(open_regular(folder / "timestamp.txt"), "rb") as file:
            return read_time(os.read(file.fileno(), _LONGEST).decode("utf-8", "replace"))
    except (OSError, SubmissionError):
        return None


def _credible(time: datetime) -> datetime | None:
    try:
        return time if _EARLIEST <= time < _LATEST else None
    except OverflowError:
        return None
