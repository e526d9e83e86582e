"""Whose a file or a folder is, by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.people.file_names import from_file_name
from autograder.people.match import Known, Roster, plain
from autograder.result import short_id

_COPY_OF = re.compile(r"(?:copy of |bản sao của )+", re.IGNORECASE)
_COPY = re.compile(r"(?: ?\(\d{1,9}\)|[-_ ]copy\d{0,9}|[-_ ]v\d{1,2})$", re.IGNORECASE)
_LONGEST_COPY = 15
"""No match of it has more characters."""
_SEPARATORS = "-_ ."
_FOLDED = str.maketrans("- .", "___")


@dataclass(frozen=True)
class Owner:
    """Whose something is."""

    id: str
    known: bool
    """Whether this is somebody in the roster; where there is none, whether the gradebook has them."""
    left: bool = False
    """Whether this is somebody who has left the class."""


class Names:
    """Reads names of files and folders of one assignment.

    Args:
        students: of the gradebook. With any of them enrolled, only those are known.
    """

    def __init__(self, assignment: str, students: Iterable[Known]) -> None:
        students = list(students)
        self._assignment = assignment
        self.roster = Roster(students)
        self._guests = {} if self.roster.known else {plain(student.id): student.id for student in students}
        self._left = Roster([one for one in students if one.has_left and self.roster.known], everybody=True)

    def of_folder(self, name: str) -> Owner:
        """The owner of a folder of nbgrader's, which is called like them."""
        name = from_file_name(unicodedata.normalize("NFC", name))
        whole = self.roster.by_id(name)
        return Owner(whole, True) if whole else self._of(name)

    def of_file(self, stem: str) -> Owner:
        """The owner of a file: its name may also hold the assignment's, or a browser's `(1)`.

        A student number or e-mail address in the roster may stand anywhere in it; a login, alone or beside the assignment's name;
        a number that only a system knows a student by is all of it.

        Args:
            stem: the name without its ending.
        """
        stem = unicodedata.normalize("NFC", stem)
        name = _without_copies(stem.strip())
        stripped = from_file_name(self._stripped(name))
        whole = self.roster.by_id(from_file_name(stem)) or self.roster.called(
            from_file_name(self._stripped(stem.strip()))
        )
        if whole := whole or self.roster.called(stripped):
            return Owner(whole, True)
        if found := self._in_file(self.roster, stem, name):
            return Owner(found[0], True) if len(found) == 1 else self._of(stripped)
        gone = self._in_file(self._left, stem, name)
        return Owner(gone[0], False, left=True) if len(gone) == 1 else self._of(stripped)

    def likeliest(self, owner: str) -> tuple[str, ...]:
        """The ids of those in the roster whom an unknown id may mean."""
        return tuple(self.roster.likeliest(owner)[:2]) if self.roster.known else ()

    def _of(self, name: str) -> Owner:
        name = short_id(_printable(name).strip() or "unnamed")
        known = self.roster.called(name) or self._guests.get(plain(name))
        gone = None if known else self._left.called(name)
        return Owner(known or gone or name, known is not None, gone is not None)

    def _in_file(self, roster: Roster, stem: str, name: str) -> list[str]:
        """Whose a file may be by a part of its name, be it without what is added to copies."""
        parts = [part for whole in (stem, name) for part in (whole, *self._beside(whole))]
        called = [roster.called(from_file_name(part)) for part in parts]
        return list(dict.fromkeys([*filter(None, called), *roster.in_name(stem)]))

    def _beside(self, name: str) -> list[str]:
        """What stands before and behind the assignment's name, with `-` or a space in it as well, as clones are called."""
        folded, assignment = (text.translate(_FOLDED).lower() for text in (name, self._assignment))
        before, found, behind = f"_{folded}_".rpartition(f"_{assignment}_")
        if not found or len(folded) != len(name):  # of some letters two small ones are made
            return []
        parts = name[: max(len(before) - 1, 0)], name[len(name) + 1 - len(behind) :]
        return [part.strip(_SEPARATORS) for part in parts if part.strip(_SEPARATORS)]

    def _stripped(self, stem: str) -> str:
        stripped, assignment = stem, self._assignment.casefold()
        if stripped.casefold().startswith(assignment) and stripped[len(assignment) :][:1] in tuple(_SEPARATORS):
            stripped = stripped[len(assignment) :].lstrip(_SEPARATORS)
        if stripped.casefold().endswith(assignment) and stripped[: -len(assignment)][-1:] in tuple(_SEPARATORS):
            stripped = stripped[: -len(assignment)].rstrip(_SEPARATORS)
        return stripped or stem


def _printable(text: str) -> str:
    """Names from a foreign file system may hold anything; an id goes to terminals, tables and file names."""
    return "".join(char if char.isprintable() else "_" for char in text)


def _without_copies(stem: str) -> str:
    """A name without a browser's `(1)` and the like, as many of them as there are."""
    start = match.end() if (match := _COPY_OF.match(stem)) else 0
    end = len(stem)
    while copy := _COPY.search(stem, max(start, end - _LONGEST_COPY), end):
        end = copy.start()
        while end > start and stem[end - 1].isspace():
            end -= 1
    return stem[start:end].strip() or stem
