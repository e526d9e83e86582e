"""Somebody, as a download or a row of a file tells who it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
    kinds: tuple[str, ...] = ()
    """As which kinds the gradebook may hold these very ids, as `autograder.people.columns` calls them; then they are certain."""

    @property
    def label(self) -> str:
        own = next(iter(self.ids), "")
        if self.kind is Ids.PARTICIPANT and self.name and own:  # in blind marking, all have one name
            return f"{self.name} {own}"
        return self.name or own or "unknown"
