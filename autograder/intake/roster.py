"""Whose a delivery is: the student of the roster that a name, id or e-mail address means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from autograder.intake.delivery import Ids, Person


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


@dataclass(frozen=True)
class Found:
    """The students that a person may be, and by what."""

    students: tuple[str, ...] = ()
    certain: bool = False
    """Whether an id says so that the person has not chosen; else it is a display name, or a login."""
    problem: str = ""
    """Why it is not clear which, or that it is nobody."""
    maybe: tuple[str, ...] = ()
    """Who it may be, if it is not clear."""


class Roster:
    """Finds students by what downloads say of them. With nobody enrolled, ids are taken as they come."""

    def __init__(self, students: Iterable[Known]) -> None:
        self._students = [student for student in students if student.name or student.email]

    @property
    def known(self) -> bool:
        """Whether anybody is enrolled."""
        return bool(self._students)

    def match(self, people: Iterable[Person]) -> Match:
        """The students that a row of a teacher's own file is about."""
        found = [self.find(person) for person in people]
        if problem := next((one.problem for one in found if one.problem), ""):
            return Match(problem=problem)
        return Match(tuple(dict.fromkeys(student for one in found for student in one.students)))

    def section(self, name: str) -> list[str]:
        """The members of a section."""
        return [student.id for student in self._students if name and student.section == name]

    def find(self, person: Person) -> Found:
        """The student that a person is."""
        if not self._students:
            student = person.ids[0] if person.ids else person.name
            certain = bool(person.ids) and person.kind is not Ids.LOGIN
            return Found((student,), certain) if student else Found(problem="nothing says whose it is")
        exact = {_plain(value) for value in person.ids if person.kind is not Ids.PARTICIPANT}
        by_id = [
            one.id for one in self._students if _plain(one.id) in exact or (one.email and _plain(one.email) in exact)
        ]
        named = [one.id for one in self._students if person.name and same_name(person.name, one.name, accents=True)]
        named = named or [
            one.id for one in self._students if person.name and same_name(person.name, one.name, accents=False)
        ]
        if len(by_id) == 1 and person.kind is Ids.NUMBER and named and by_id[0] not in named:
            return _unclear(person, [*by_id, *named])  # a number of the system's that happens to be a student's id
        if by_id:
            certain = person.kind is Ids.ROSTER or bool(
                person.kind is Ids.NUMBER and named
            )  # a number alone may be another's
            return Found((by_id[0],), certain) if len(by_id) == 1 else _unclear(person, by_id)
        if person.kind in (Ids.ROSTER, Ids.LOGIN):
            logins = [one.id for one in self._students if one.email and _plain(one.email.partition("@")[0]) in exact]
            named = logins or named
        return Found((named[0],)) if len(named) == 1 else _unclear(person, named)


def _unclear(person: Person, students: Sequence[str]) -> Found:
    who = " or ".join(students[:4]) if students else "nobody in the roster"
    number = f" ({person.ids[0]})" if students and person.name and person.kind in (Ids.NUMBER, Ids.PARTICIPANT) else ""
    return Found(problem=f"{person.label}{number}: may be {who}", maybe=tuple(students))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text[:1000]).strip().casefold()


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
    text = unicodedata.normalize("NFC", name[:1000]).casefold()  # it takes the square of many accents on one letter
    if not accents:
        text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
        text = text.replace("đ", "d")
    return re.findall(r"[^\W\d_]+", text)
