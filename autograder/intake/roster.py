"""Whose a delivery is: the student of the roster that a name, id or e-mail address means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from autograder.intake.sources import Delivery, Person


class Known(Protocol):
    """A student of the gradebook."""

    id: str
    name: str
    email: str
    section: str


@dataclass(frozen=True)
class Match:
    """The students that a delivery counts for; none, and ``problem`` says why."""

    students: tuple[str, ...] = ()
    problem: str = ""


class Roster:
    """Finds students by what downloads say of them. With nobody enrolled, ids are taken as they come."""

    def __init__(self, students: Iterable[Known]) -> None:
        self._students = [student for student in students if student.name or student.email]

    def match(self, delivery: Delivery) -> Match:
        if not self._students:
            found = tuple(one.ids[0] if one.ids else one.name for one in delivery.people)
            return Match(found) if all(found) else Match(problem="nothing says whose it is")
        own: list[str] = []
        for person in delivery.people:
            students = self._find(person, delivery)
            if len(students) != 1:
                who = " or ".join(students[:4]) if students else "nobody in the roster"
                break
            own += students
        else:
            return Match(tuple(dict.fromkeys(own)))
        members = [student.id for student in self._students if delivery.group and student.section == delivery.group]
        return Match(tuple(members)) if members else Match(problem=f"{person.label}: may be {who}")

    def _find(self, person: Person, delivery: Delivery) -> list[str]:
        """The students that this person may be, by the first way of comparing that finds any."""
        exact = {_plain(value) for value in person.ids}
        names = [_plain(entry.path.name) for entry in delivery.files]
        for found in (
            [one.id for one in self._students if _plain(one.id) in exact],
            [one.id for one in self._students if one.email and _plain(one.email) in exact],
            [one.id for one in self._students if one.email and _plain(one.email.partition("@")[0]) in exact],
            [one.id for one in self._students if person.name and same_name(person.name, one.name, accents=True)],
            [one.id for one in self._students if person.name and same_name(person.name, one.name, accents=False)],
            [one.id for one in self._students if any(_holds(name, one.id) for name in names)],
        ):
            if found:
                return found
        return []


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _holds(name: str, student: str) -> bool:
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(_plain(student))}(?![a-z0-9])", name))


def same_name(one: str, other: str, *, accents: bool) -> bool:
    """Whether two spellings mean the same name: in any case, with the family name first or last, run together or not."""
    first, second = (_letters(text, accents) for text in (one, other))
    if not first or not second:
        return False
    joined = "".join(first)
    turns: Sequence[str] = ["".join(second[i:] + second[:i]) for i in range(len(second))]
    return sorted(first) == sorted(second) or joined in turns


def _letters(name: str, accents: bool) -> list[str]:
    """The words of a name, in small letters."""
    text = unicodedata.normalize("NFC", name).casefold()
    if not accents:
        text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
        text = text.replace("đ", "d")
    return re.findall(r"[^\W\d_]+", text)
