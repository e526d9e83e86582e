"""A file that was handed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.beside import NOTHING, Beside, read_beside
from autograder.errors import SubmissionError
from autograder.files import open_regular
from autograder.language import ENGLISH, speaking
from autograder.notebook.submission import with_beside

SUFFIXES = (".ipynb", ".py")
NO_FILE = "unreadable"
"""What stands for the fingerprint of what is no regular file."""


@dataclass(frozen=True)
class Found:
    """One student's submission. ``problem``, if not empty, says to its student why it cannot be graded."""

    student: str
    path: Path
    submitted_at: datetime | None
    """None if nothing says when."""
    problem: str = ""
    hand_in_again: bool = False
    """Whether the problem is what was handed in, and not that it cannot be read here."""
    own_folder: bool = False
    """Whether the folder that it lies in is the student's own, so that what lies beside it is theirs, too."""

    late: bool = False
    """Whether the system it was handed in to calls it late, and tells no time."""
    given: bool = False
    """Whether the time is the instructor's word."""
    unclear: str = ""
    """What is written in place of its time, and why that is none."""
    language: str = ENGLISH
    """Of what its student is told."""
    handed_in: tuple[str, ...] = ()
    """Names of the files of which it is the one that counts, itself first, if there were several."""
    zip: Path | None = None
    """The zip that it was handed in in, if it was in one: ``path`` is a copy, then."""
    left_out: tuple[str, ...] = ()
    """What of its zip could not be had, and why; in its student's language."""
    beside: Beside | None = None
    """What lies beside it, should that have been read already, on another machine perhaps."""

    @property
    def handed_in_at(self) -> Path:
        """What was handed in: the file, or the zip that it was in."""
        return self.zip or self.path

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was handed in, the files beside it included; `NO_FILE` for what is no regular file."""
        try:
            with open(open_regular(self.path), "rb") as file:
                own = hashlib.file_digest(file, "sha256").hexdigest()
        except SubmissionError:
            return NO_FILE
        return with_beside(own, self.read_beside())

    def read_beside(self) -> Beside:
        """What lies beside it; nothing, if the folder is not its student's own."""
        if self.beside is not None:
            return self.beside
        with speaking(self.language):
            return read_beside(self.path) if self.own_folder else NOTHING
