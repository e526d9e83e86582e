"""Whose a name, id or e-mail address is, of the students of the gradebook."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeVar

from autograder.people.columns import CHOSEN, EMAIL, GIVEN, NUMBER, SCHOOLS, SYSTEMS, is_participant
from autograder.people.person import Ids, Person
from autograder.text import one_line, printable

KeyT = TypeVar("KeyT")
_OWN = ""
"""The kind of a student's own id."""
_TELLING = (_OWN, NUMBER, EMAIL)
"""Kinds of ids that say whose a file is wherever they stand in its name. A login may be a word like any other."""
_COUNTS_COPIES = re.compile(r"\d{1,3}")
"""Numbers that are found in names of files anyway."""


class KnownId(Protocol):
    """An id that a system knows a student by."""

    kind: str
    value: str


class Named(Protocol):
    """Whoever has an id and may have a name."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class Known(Protocol):
    """A student of the gradebook."""

    id: str
    name: str
    email: str
    section: str
    language: str

    @property
    def enrolled(self) -> bool: ...

    @property
    def has_left(self) -> bool: ...

    @property
    def ids(self) -> Sequence[KnownId]: ...


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
    by: str = ""
    """The id that led there, of several ways to read one."""


class Roster:
    """Finds students by what downloads say of them. With nobody enrolled, ids are taken as they come.

    Args:
        students: of the gradebook; those who are enrolled count.
        others: more ids, given by hand: id -> student. They are certain.
        everybody: guests and those who have left count, too.
    """

    def __init__(
        self, students: Iterable[Known], others: Mapping[str, str] | None = None, *, everybody: bool = False
    ) -> None:
        self._students = [student for student in students if everybody or student.enrolled]
        self._given = {plain(value): student for value, student in (others or {}).items()}
        self._own = {plain(student.id): student.id for student in self._students}
        self._by_kind: dict[tuple[str, str], list[str]] = {}
        self._by_value: dict[str, list[str]] = {}
        """Without the numbers that stand for somebody in one assignment: they say nothing in another."""
        for student in self._students:
            values = [(_OWN, student.id), (EMAIL, student.email), *((one.kind, one.value) for one in student.ids)]
            for kind, value in values:
                if key := plain(value):
                    _add(self._by_kind, (kind, key), student.id)
                    if not is_participant(kind):
                        _add(self._by_value, key, student.id)

    @property
    def known(self) -> bool:
        """Whether anybody is enrolled."""
        return bool(self._students)

    def section(self, name: str) -> list[str]:
        """The members of a section."""
        return [student.id for student in self._students if name and student.section == name]

    def by_id(self, value: str) -> str | None:
        """The student of this id, whichever system's it is; None if it is nobody's, or several people's, or a number of one assignment's."""
        key = plain(value)
        if key in self._given:
            return self._given[key]
        return self._own.get(key) or _only(self._by_value.get(key, ()))

    def called(self, name: str) -> str | None:
        """The student whom people call so: `by_id`, without the numbers that only a system knows a student by."""
        return self._called.get(plain(name))

    def in_name(self, name: str) -> list[str]:
        """The students whose own id, student number or e-mail address stands in a file's name, between other signs than letters and digits.

        Of ids within longer ones, the longer counts. Numbers of up to three digits say nothing.
        """
        key = plain(name)
        spans = {
            match.span(): student
            for known, student in self._telling.items()
            if known in key
            for match in re.finditer(rf"(?<![^\W_]){re.escape(known)}(?![^\W_])", key)
        }
        outer = [
            student
            for (start, end), student in spans.items()
            if not any((s <= start and end <= e) and (s, e) != (start, end) for s, e in spans)
        ]
        return list(dict.fromkeys(outer))

    @cached_property
    def _called(self) -> dict[str, str]:
        return self._of_kinds({kind for kind, _ in self._by_kind if kind not in SYSTEMS and not is_participant(kind)})

    @cached_property
    def _telling(self) -> dict[str, str]:
        return {key: one for key, one in self._of_kinds(_TELLING).items() if not _COUNTS_COPIES.fullmatch(key)}

    def _of_kinds(self, kinds: Container[str]) -> dict[str, str]:
        """Id -> student, of these kinds. What several people are called by is nobody's, unless it is somebody's own."""
        found: dict[str, list[str]] = {}
        for (kind, key), students in self._by_kind.items():
            if kind in kinds:
                for student in students:
                    _add(found, key, student)
        return {key: those[0] for key, those in found.items() if len(those) == 1} | self._own | self._given

    @cached_property
    def _by_name(self) -> dict[bool, dict[str, list[str]]]:
        """Whether accents count -> a spelling of a name -> the students."""
        found: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
        for student in self._students:
            for accents, students in found.items():
                for spelling in _spellings(student.name, accents):
                    _add(students, spelling, student.id)
        return found

    def _named(self, name: str, *, accents: bool) -> list[str]:
        """The students of this name: in any case, with the family name first or last, run together or not."""
        by_name = self._by_name[accents]
        those = {one for spelling in _written(name, accents) for one in by_name.get(spelling, ())}
        return [student.id for student in self._students if student.id in those] if those else []

    def bearers(self, value: str) -> list[str]:
        """The students who have this id; whose own it is goes before those whom another system calls so."""
        key = plain(value)
        own = [student.id for student in self._students if plain(student.id) == key]
        return [one for one in own if one == value] or own or list(self._by_value.get(key, ()))

    def likeliest(self, value: str) -> list[str]:
        """Who may be meant by an id that is nobody's: it lacks zeros, or a letter is mistyped, or is a name or the beginning of an e-mail address."""
        key = plain(value)
        found = [one for known, one in self._own.items() if _bare(known) == _bare(key)]
        close = difflib.get_close_matches(key, self._by_value, 3, cutoff=0.8)
        names = self._named(value, accents=False)
        names += [one.id for one in self._students if one.email and plain(one.email.partition("@")[0]) == key]
        return list(dict.fromkeys([*found, *names, *(one for near in close for one in self._by_value[near])]))[:3]

    def find(self, person: Person) -> Found:
        """The student that a person is."""
        exact = [plain(value) for value in person.ids]
        if self._students and person.kind is Ids.LOGIN and len(exact) > 1:  # several ways to read one name
            ways = {value: self.find(replace(person, ids=(value,))) for value in person.ids}
            longest_first = sorted(person.ids, key=len, reverse=True)  # which leaves least of it out
            by = next((value for value in longest_first if ways[value].students), person.ids[0])
            return replace(ways[by], by=by)
        if given := [self._given[value] for value in exact if value in self._given]:
            return Found((given[0],), True)
        if not self._students:
            student = person.ids[0] if person.ids else person.name
            certain = bool(person.ids) and person.kind is not Ids.LOGIN
            return Found((student,), certain) if student else Found(problem="nothing says whose it is")
        kinds = person.kinds or ((_OWN, *SCHOOLS, GIVEN) if person.kind is Ids.ROSTER else (GIVEN,))
        pairs = [(kind, value) for kind in kinds for value in exact]
        if own := _only(student for pair in pairs for student in self._by_kind.get(pair, ())):
            return Found((own,), True)  # the very number by which this system knows them
        by_id: list[str] = []
        if person.kind is not Ids.PARTICIPANT:
            by_id = list(dict.fromkeys(one for value in exact for one in self._by_value.get(value, ())))
        named = self._named(person.name, accents=True) or self._named(person.name, accents=False)
        if len(by_id) == 1 and person.kind is Ids.NUMBER and named and by_id[0] not in named:
            return _unclear(person, [*by_id, *named])  # a number of the system's that happens to be a student's id
        if by_id:
            chosen = any(by_id[0] in self._by_kind.get((kind, value), ()) for kind in CHOSEN for value in exact)
            # A number alone may be another's.
            certain = not chosen if person.kind is Ids.ROSTER else bool(person.kind is Ids.NUMBER and named)
            return Found((by_id[0],), certain) if len(by_id) == 1 else _unclear(person, by_id)
        if person.kind in (Ids.ROSTER, Ids.LOGIN):
            logins = [one.id for one in self._students if one.email and plain(one.email.partition("@")[0]) in exact]
            named = logins or named
        return Found((named[0],)) if len(named) == 1 else _unclear(person, named)


def _unclear(person: Person, students: Sequence[str]) -> Found:
    who = " or ".join(students[:4]) if students else "nobody in the roster"
    number = f" ({person.ids[0]})" if students and person.name and person.kind is Ids.NUMBER else ""
    return Found(problem=f"{person.label}{number}: may be {who}", maybe=tuple(students))


def _add(found: dict[KeyT, list[str]], key: KeyT, student: str) -> None:
    those = found.setdefault(key, [])
    if student not in those:
        those.append(student)


def _only(students: Iterable[str]) -> str | None:
    """The student, if all say the same one."""
    found = set(students)
    return found.pop() if len(found) == 1 else None


def _bare(key: str) -> str:
    """An id as a spreadsheet leaves it, which takes it for a number."""
    return key.lstrip("0") or key


def id_and_name(student: Named) -> str:
    """How a student is told to whoever knows people rather than numbers: ``an01 (Nguyễn Văn An)``."""
    return one_line(printable(f"{student.id} ({student.name})" if student.name else student.id))


def plain(text: str) -> str:
    """An id for comparison: in any case, however its accents are written."""
    return unicodedata.normalize("NFC", text[:1000]).strip().casefold()


def _spellings(name: str, accents: bool) -> set[str]:
    """All that a name may be written like, as `_written` tells it."""
    words = _letters(name, accents)
    turns = {"".join(words[i:] + words[:i]) for i in range(len(words))}
    return turns | {" ".join(sorted(words))} if words else set()


def _written(name: str, accents: bool) -> set[str]:
    """A name as it is written: its words in any order, and run together."""
    words = _letters(name, accents)
    return {" ".join(sorted(words)), "".join(words)} if words else set()


def name_key(name: str) -> tuple[str, ...]:
    """What names that `Roster.find` takes for one, without their accents, have in common, unless one is run together."""
    return tuple(sorted(_letters(name, accents=False)))


def _letters(name: str, accents: bool) -> list[str]:
    """The words of a name, in small letters."""
    text = unicodedata.normalize("NFC", name[:1000]).casefold()  # it takes the square of many accents on one letter
    if not accents:
        text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
        text = text.replace("đ", "d")
    return re.findall(r"[^\W\d_]+", text)
