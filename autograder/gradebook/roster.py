"""What an import of a class list changes: whose each row is, by any id that is certain, and who has come and gone."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from autograder.errors import GradebookError
from autograder.gradebook.models import State, Student
from autograder.gradebook.people import all_students, set_ids
from autograder.language import LANGUAGES, known_language
from autograder.people.columns import EMAIL, NUMBER, SCHOOLS
from autograder.people.match import id_and_name, name_key, plain
from autograder.people.roster_file import RosterFile, RosterStudent
from autograder.text import shortened


@dataclass
class RosterChange:
    """What an import of a roster changed."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    id_column: str = ""
    """The title of the column that the ids came from."""
    gone: list[Student] = field(default_factory=list)
    """Who was enrolled and is not in the file; with ``sync``, they have left."""
    back: list[Student] = field(default_factory=list)
    """Who had left and is in the file."""
    remarks: list[str] = field(default_factory=list)


def apply_roster(session: Session, roster: RosterFile, *, sync: bool, sure: bool) -> RosterChange:
    """Add the students of a class list, or update those known. A blank cell leaves what is known.

    A row under a student's own id updates what is known of them; one that is theirs by another id adds what is not known yet.

    Args:
        sync: whoever is enrolled and not in the file has left.
        sure: even if they are more than half of the class.

    Raises:
        GradebookError: a row has ids of two students, or two rows are one student's; too many would leave.
    """
    change = RosterChange(id_column=roster.id_column, remarks=list(roster.remarks))
    known = all_students(session)
    enrolled = [student for student in known if student.enrolled]
    owners = _Owners(known)
    rows: dict[str, RosterStudent] = {}
    new: list[Student] = []
    sections: list[str] = []
    for row in roster.students:
        student = owners.of(row, roster)
        if student is None:
            student = Student(id=row.id, name="", email="", section="", language="", state=State.ENROLLED)
            session.add(student)
            new.append(student)
            added = True
        elif student.id in rows:
            raise GradebookError(
                f"{roster.path}:{row.line}: is {id_and_name(student)}, as line {rows[student.id].line} is. Keep one, or correct its ids."
            )
        else:
            added = False
        rows[student.id] = row
        if row.language and not known_language(row.language):
            known_ones = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
            change.remarks.append(
                f"{student.id}: is told in the course's language, as none is called '{row.language}' here. There are: {known_ones}."
            )
        before = _facts(student)
        if student.state == State.LEFT:
            change.back.append(student)
        student.state = State.ENROLLED
        own = plain(row.id) == plain(student.id)
        if not own and row.section and student.section and row.section != student.section:
            sections.append(f"{id_and_name(student)} ({student.section}, here {row.section})")
        for name in ("name", "email", "section", "language"):
            new_one, old = getattr(row, name), getattr(student, name)
            setattr(student, name, (new_one or old) if own else (old or new_one))
        replaced = {kind for kind, _ in row.ids if own or kind not in SCHOOLS}
        kept = [(one.kind, one.value) for one in student.ids if one.kind not in replaced]
        there = {(kind, plain(value)) for kind, value in kept}
        set_ids(student, [*kept, *((kind, value) for kind, value in row.ids if (kind, plain(value)) not in there)])
        change.updated += not added and _facts(student) != before
    change.added = len(new)
    change.unchanged = len(rows) - change.added - change.updated
    change.gone = sorted((one for one in enrolled if one.id not in rows), key=lambda one: one.id)
    if sections:
        change.remarks.append(
            f"another section than in the gradebook, which stays: {', '.join(shortened(sections, 5))}"
        )
    everybody = [*known, *new]
    change.remarks += _moved(everybody, rows, _bearers_of(everybody))
    change.remarks += _namesakes(new, change.gone)
    if sync:
        if 2 * len(change.gone) > len(enrolled) and not sure:
            raise GradebookError(
                f"{roster.path}: {len(change.gone)} of the {len(enrolled)} students who are enrolled are not in it, and would be taken out; "
                f"{change.added} are new. Nothing is changed. If it is the whole class, add --yes; else import it without --sync."
            )
        for student in change.gone:
            student.state = State.LEFT
    return change


class _Owners:
    """Whose a row of a class list is, of the students known before."""

    def __init__(self, students: Iterable[Student]) -> None:
        self._exact: dict[str, Student] = {}
        self._own: dict[str, Student] = {}
        self._by_kind: dict[tuple[str, str], dict[str, Student]] = {}
        """Kind and id -> students by their own id. What several have says of nobody whose it is."""
        for student in students:
            self._exact[student.id] = student
            self._own[plain(student.id)] = student
            for kind, value in [*_ids(student), *([(EMAIL, student.email)] if "@" in student.email else [])]:
                key = "school" if kind in SCHOOLS else kind
                for one in {kind, key}:
                    self._by_kind.setdefault((one, plain(value)), {})[student.id] = student

    def of(self, row: RosterStudent, roster: RosterFile) -> Student | None:
        """The student whose row it is; None if nobody's whom the gradebook knows.

        Raises:
            GradebookError: it holds ids of two.
        """
        called = self._exact.get(row.id) or self._own.get(plain(row.id))
        found = {called.id: called} if called and _same_kind(row, called) else {}
        for kind, value in row.ids:
            bearers = self._bearers(kind, value)
            if len(bearers) == 1 and (bearers[0] is called or not _other_numbers(row, bearers[0])):
                found.setdefault(bearers[0].id, bearers[0])
        if called and not found:
            there = " and ".join(sorted({kind for kind, value in _ids(called) if plain(value) == plain(row.id)}))
            here = next(kind for kind, value in row.ids if plain(value) == plain(row.id))
            raise GradebookError(
                f"{roster.path}:{row.line}: '{row.id}' is a {here} here, and the {there} of {id_and_name(called)} in the gradebook. "
                "Add a column of student numbers or e-mail addresses to the file: it tells whose the row is."
            )
        if len(found) > 1:
            those = " and of ".join(id_and_name(student) for student in found.values())
            raise GradebookError(
                f"{roster.path}:{row.line}: holds ids of {those}, who are two in the gradebook. If the row is wrong, correct it; "
                "if they are one person, erase one of them (grader person erase), import again and grade their submissions again."
            )
        return next(iter(found.values()), None)

    def _bearers(self, kind: str, value: str) -> Sequence[Student]:
        key = plain(value)
        found = self._by_kind.get((kind, key))
        if found is None and kind in SCHOOLS:
            found = self._by_kind.get(("school", key)) or ({one.id: one} if (one := self._guest(key)) else None)
        return list((found or {}).values())

    def _guest(self, key: str) -> Student | None:
        """Whoever has been graded under this id, which no list has told the kind of."""
        student = self._own.get(key)
        return student if student is not None and not student.ids else None


def _ids(student: Student) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in student.ids]


def _same_kind(row: RosterStudent, student: Student) -> bool:
    """Whether the id that both are called by can be one and the same."""
    here = {kind for kind, value in row.ids if plain(value) == plain(row.id)}
    there = {kind for kind, value in _ids(student) if plain(value) == plain(row.id)}
    return not here or not there or bool(here & there) or bool(here & SCHOOLS and there & SCHOOLS)


def _other_numbers(row: RosterStudent, student: Student) -> bool:
    """Whether their student numbers tell them apart, whatever else they share; numbers of two systems look different."""
    here, there = ({plain(value) for kind, value in ids if kind == NUMBER} for ids in (row.ids, _ids(student)))
    return not here & there and any(_form(one) == _form(other) for one in here for other in there)


def _form(number: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", number))


def _moved(
    students: Sequence[Student], rows: Mapping[str, RosterStudent], bearers: Mapping[tuple[str, str], list[Student]]
) -> list[str]:
    """Ids that the file gives to one student are nobody else's any more; e-mail addresses, which families share, tell of none then who it is."""
    moved: list[str] = []
    shared: list[str] = []
    for student in students:
        for kind, value in rows[student.id].ids if student.id in rows else ():
            others = [one for one in bearers[kind, plain(value)] if one is not student]
            if others and kind == EMAIL:
                shared.append(f"{value} ({', '.join(one.id for one in (student, *others))})")
                continue
            for other in others:
                other.ids[:] = [one for one in other.ids if (one.kind, plain(one.value)) != (kind, plain(value))]
                moved.append(f"{kind} {value}, of {id_and_name(other)} before")
    told = {
        "ids that are somebody else's now": moved,
        "e-mail addresses of several students, none of whom is known by them": shared,
    }
    return [f"{title}: {', '.join(shortened(those, 5))}" for title, those in told.items() if those]


def _bearers_of(students: Iterable[Student]) -> defaultdict[tuple[str, str], list[Student]]:
    found: defaultdict[tuple[str, str], list[Student]] = defaultdict(list)
    for student in students:
        for pair in {(kind, plain(value)) for kind, value in _ids(student)}:
            found[pair].append(student)
    return found


def _namesakes(new: Sequence[Student], gone: Sequence[Student]) -> list[str]:
    """Who may have come in twice: a name alone is no proof, and nothing else of theirs is known to both lists."""
    missed = {name_key(student.name): student for student in reversed(gone) if student.name}
    pairs = [
        f"{id_and_name(student)} and {id_and_name(missed[name_key(student.name)])}"
        for student in new
        if student.name and name_key(student.name) in missed
    ]
    if not pairs:
        return []
    return [
        f"new, though somebody enrolled who is not in the file has their name: {', '.join(shortened(pairs, 5))}. If they are one person, "
        "erase the new one (grader person erase), and import a list that has a student number or an e-mail address of theirs in common."
    ]


def _facts(student: Student) -> str:
    ids = sorted(_ids(student))
    return json.dumps([student.name, student.email, student.section, student.language, student.state, ids])
