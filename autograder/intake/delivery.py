"""What a download holds, as all systems tell it: whose files these are, when they came, and whether they came late."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.intake.archive import Entry, Folder, Refused, everything
from autograder.people.person import Person


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
    """When, by what the system has written down; None if it has not."""
    between: tuple[datetime | None, datetime] | None = None
    """If nobody has noted when: the last moment at which it was not here yet, and one at which it was."""
    unclear: str = ""
    """What the system has written in place of a time, and why that is none."""
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
    """0 if the names at the outermost level say so, which are the system's; more if what is looked at may be a student's, 3 if
    another system's may look the same."""
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


def all_like(others: Sequence[str], example: str, pattern: str) -> str:
    return f"{'most names' if others else 'every name'} at the top is like {example} ({pattern})"
