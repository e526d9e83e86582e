"""What is to be imported, and what an import did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.course import Assignment
from autograder.people.match import Known


@dataclass
class Imported:
    """What an import did."""

    system: str
    why: str = ""
    """By what the system was recognised."""
    written: dict[str, Path] = field(default_factory=dict)
    """Student -> the file that counts."""
    late: list[str] = field(default_factory=list)
    """Students whose submission the system calls late."""
    older: list[str] = field(default_factory=list)
    """Submissions that a newer one of the same student replaces."""
    ties: list[str] = field(default_factory=list)
    """Several files, and no telling which counts: all were written, and `grader grade` will ask."""
    empty: list[str] = field(default_factory=list)
    """Submissions without any notebook or script."""
    conflicts: list[str] = field(default_factory=list)
    """Students for whom several senders have handed in: nothing of theirs was written."""
    unmatched: list[str] = field(default_factory=list)
    """Submissions of which nothing certain says whose they are."""
    missing: list[str] = field(default_factory=list)
    """Students of the roster without a submission in this download."""
    names: dict[str, str] = field(default_factory=dict)
    """Student -> name, of those who have one."""
    left: list[str] = field(default_factory=list)
    """Submissions of students who have left the class: nothing of them was written."""
    refused: list[str] = field(default_factory=list)
    """Files that were left out because they could do harm, with the reason."""
    unclear: list[str] = field(default_factory=list)
    """Times and ids that cannot be read, in the download or in a table of the instructor's."""
    times: str = ""
    """A remark, should the times not be those of handing in."""
    maybe: set[str] = field(default_factory=set)
    """Students who may have handed in something of which it is not clear whose it is."""
    remarks: list[str] = field(default_factory=list)
    """What else to know; nothing has to be done about it."""
    ids: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """Student -> kinds and values of ids by which this system knows them, or which are given by hand."""

    @property
    def complete(self) -> bool:
        """Whether nothing needs the instructor."""
        return not (self.ties or self.empty or self.conflicts or self.unmatched or self.refused or self.unclear)


@dataclass(frozen=True)
class Task:
    """What is to be imported, and with what help.

    Attributes:
        students: of the gradebook, those who have left the class among them.
        due: student -> when their submission is due.
        to: the folder that holds `submitted/`.
        system: one of `sources.SYSTEMS`, should it not be recognised.
        times: a table of ids and times.
        map: a table of other ids of students.
        zone: of times that name none.
        anyone: whoever is nobody in the roster is written under their own id.
    """

    source: Path
    assignment: Assignment
    students: Sequence[Known]
    due: Callable[[str], datetime | None]
    to: Path
    system: str | None = None
    times: Path | None = None
    map: Path | None = None
    zone: tzinfo | None = None
    anyone: bool = False
