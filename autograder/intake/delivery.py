"""What a download holds, as all systems tell it: whose files these are, when they came, and whether they came late."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from autograder.intake.archive import Entry, Folder, Refused, everything


class Ids(Enum):
    """Whose word a person's ids are."""

    ROSTER = "the school's"
    """Student numbers and e-mail addresses, as the roster holds them."""
    NUMBER = "the system's"
    """A number that the system has given them, and which the roster may hold."""
    PARTICIPANT = "the assignment's"
    """A number that stands for them in one assignment; that it equals an id in the roster would be chance."""
    LOGIN = "the student's"
    """A login that they have chosen."""


@dataclass(frozen=True)
class Person:
    """Whoever handed in, as far as the download says."""

    name: str = ""
    """A display name: in some systems, students choose it."""
    ids: tuple[str, ...] = ()
    """What may be their id in the roster, or their e-mail address; the most telling first."""
    kind: Ids = Ids.ROSTER

    @property
    def label(self) -> str:
        return self.name or next(iter(self.ids), "unknown")


@dataclass(frozen=True)
class Delivery:
    """One submission: some files, from one person or from a group."""

    people: tuple[Person, ...]
    place: str = ""
    """What it is called in the download."""
    sender: str = ""
    """Who sent it, as the system tells senders apart; equal for two submissions of the same people only."""
    files: Callable[[], Iterator[Entry]] = field(default=lambda: iter(()))
    """Its files at the outermost level and below, zips among them. Raises `Refused`."""
    submitted_at: datetime | None = None
    late: bool = False
    """Whether the system calls it late."""
    group: str = ""
    others: tuple[Delivery, ...] = ()
    """What else it may be, should its name be readable in more ways than one."""


@dataclass(frozen=True)
class Download:
    """A download that has been recognised."""

    system: str
    deliveries: list[Delivery] = field(default_factory=list)
    times: str = ""
    """What its times are, unless they are those of handing in."""
    others: list[str] = field(default_factory=list)
    """What else lies at the outermost level, and is nothing of the system's."""
    why: str = ""
    """By what it was recognised."""


@dataclass(frozen=True)
class Fit:
    """How well a folder fits a system."""

    system: str
    why: str
    share: float
    """How much of it fits, up to 1."""
    rank: int
    """0 if the names at the outermost level say so, which are the system's; more if what is looked at may be a student's."""
    read: Callable[[], Download]


def may_count(name: str) -> bool:
    """Whether a file may be the submission, or hold it."""
    return name.lower().endswith((".ipynb", ".py", ".zip")) and not name.startswith((".", "~"))


def renamed(entry: Entry, name: str) -> Entry:
    """A file that lies at the outermost level, under the name that its student gave it."""
    return Entry(entry.path.with_name(_one_part(name)), entry.modified, entry.size, entry.read)


def _one_part(name: str) -> str:
    return name if name.strip(".") else f"file{name}"


def files_below(folder: Folder) -> Callable[[], Iterator[Entry]]:
    return lambda: everything(folder)


def files_together(files: Sequence[Entry], folders: Sequence[Folder]) -> Callable[[], Iterator[Entry]]:
    def found() -> Iterator[Entry]:
        yield from files
        for folder in folders:
            yield from everything(folder)

    return found


def files_and_folders(folder: Folder) -> list[Entry | Folder]:
    return [*folder.files(), *folder.folders()]


def outermost_files(folder: Folder) -> list[Entry]:
    """The files in a student's folder; none if there are too many to be looked at, which is said when they are."""
    try:
        return folder.files()
    except Refused:
        return []


def share_of(groups: Collection[tuple[list[Entry], list[Folder]]], others: Sequence[str]) -> float:
    fitting = sum(len(files) + len(folders) for files, folders in groups) or len(groups)
    return fitting / (fitting + len(others))


def latest_time(entries: Sequence[Entry]) -> datetime | None:
    """The latest time of files at the outermost level, where it is the system that writes it."""
    counting = [entry for entry in entries if may_count(entry.path.name)] or entries
    return max((entry.modified for entry in counting if entry.modified), default=None)


def all_like(others: Sequence[str], example: str, pattern: str) -> str:
    return f"{'most names' if others else 'every name'} at the top is like {example} ({pattern})"


def no_times(system: str) -> str:
    return f"{system} does not say when something was handed in: the times are those of the files in the download."
