"""Tables that an instructor adds to a download: when submissions came (`--times`), and whose other ids are (`--map`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.people.columns import ALSO_IDS, CANVAS, FIELDS, IDS, participant_cell, participant_of, title_of
from autograder.people.match import Roster, plain
from autograder.people.person import Ids, Person
from autograder.people.table_text import decode, split_rows
from autograder.result import LONGEST_ID
from autograder.times import UnclearTime, read_spoken_time

_TIMES = {
    "submitted at", "submission time", "submission date", "time", "timestamp", "date", "submitted", "last submission",
    "last modified (submission)", "zuletzt geändert (abgabe)", "dernière modification (travail remis)", "dernière modification (remise)",
    "thời gian nộp", "thời gian nộp bài", "chỉnh sửa lần cuối (bài nộp)", "lần sửa cuối (bài nộp)", "chỉnh sửa cuối cùng (bài nộp)",
}  # fmt: skip
_NONE = {"", "-", "–", "—", "never", "nie", "jamais", "chưa bao giờ", "null", "none"}
_WORKSHEET = ("identifier", "identifiant", "id", "mã định danh", "định danh")


@dataclass
class Times:
    """When submissions came, by a table of the instructor's."""

    of: dict[str, datetime] = field(default_factory=dict)
    """Student -> the latest."""
    problems: list[str] = field(default_factory=list)
    """Lines that say nothing, and why."""


def read_times(path: Path, roster: Roster, assignment: str, zone: tzinfo | None, remarks: list[str]) -> Times:
    """Read a CSV table of ids and times, a grading worksheet of Moodle, or what Canvas's API lists as an assignment's submissions.

    Args:
        zone: that of times which name none.
        remarks: gets a line if the encoding had to be guessed.

    Raises:
        GraderError: it is none of these.
    """
    text = decode(path, remarks)
    entries = _from_canvas(path, text) if text.lstrip()[:1] in ("[", "{") else _from_csv(path, text, assignment, roster)
    found = Times()
    for line, people, written in entries:
        if written.strip().casefold() in _NONE:
            continue
        try:
            time = read_spoken_time(written, zone)
        except UnclearTime as problem:
            cure = "" if zone else ' Or say in course.toml where the course is, as in time_zone = "Asia/Ho_Chi_Minh".'
            found.problems.append(f"{path.name}:{line}: {problem}{cure if 'no time zone' in str(problem) else ''}")
            continue
        students = next((one.students for one in map(roster.find, people) if len(one.students) == 1), ())
        if not students:
            who = next((person.label for person in people), "nobody")
            found.problems.append(f"{path.name}:{line}: {who} is nobody in the roster")
        for student in students:
            found.of[student] = max(time, found.of.get(student, time))
    return found


def read_map(path: Path, roster: Roster, remarks: list[str]) -> tuple[dict[str, str], list[str]]:
    """Other id -> student, of a table of two columns, in either order, or of a grading worksheet of Moodle; and which lines say nothing.

    Args:
        remarks: gets a line if the encoding had to be guessed.

    Raises:
        GraderError: it is neither, or gives one id to two students.
    """
    text = decode(path, remarks)
    rows = [(line, cells) for line, cells in split_rows(text) if any(cells)]
    if not rows:
        raise GraderError(f"{path}: is empty.")
    found: dict[str, str] = {}
    problems: list[str] = []
    pairs = _worksheet_pairs(rows, roster) if len(rows[0][1]) > 2 else _pairs(path, rows, roster)
    for number, (line, other, student) in enumerate(pairs):
        if student is None:
            named = number == 0 and (len(rows[0][1]) > 2 or not any(map(str.isdigit, "".join(rows[0][1]))))
            if not named:  # a first line may name the columns
                problems.append(f"{path.name}:{line}: neither of its ids is in the roster")
            continue
        taken = roster.by_id(other)
        if len(other) > LONGEST_ID or not other.isprintable():
            problems.append(
                f"{path.name}:{line}: {other[:60]!r} is no id: it is too long, or holds a sign that cannot be seen"
            )
            continue
        if taken not in (None, student) and plain(str(taken)) == plain(other):
            problems.append(
                f"{path.name}:{line}: '{other}' is a student of the roster, and cannot be another id of {student}'s"
            )
            continue
        if found.setdefault(other, student) != student:
            raise GraderError(
                f"{path}:{line}: '{other}' is {found[other]}'s already, and cannot be {student}'s. Keep one."
            )
    if not found:
        raise GraderError(
            f"{path}: gives no student another id. Each line holds two: one that the roster has, and one that it has not; or it is the grading worksheet of Moodle."
        )
    return found, problems


def _pairs(path: Path, rows: Sequence[tuple[int, list[str]]], roster: Roster) -> Iterator[tuple[int, str, str | None]]:
    if wrong := next((line for line, cells in rows if len(cells) != 2 or not all(cells)), 0):
        raise GraderError(f"{path}:{wrong}: does not hold two ids. Each line holds two, with a comma between them.")
    known = [sum(roster.by_id(cells[place]) is not None for _, cells in rows) for place in (0, 1)]
    own = int(known[1] >= known[0])
    for line, cells in rows:
        yield line, cells[1 - own], roster.by_id(cells[own])


def _worksheet_pairs(rows: Sequence[tuple[int, list[str]]], roster: Roster) -> Iterator[tuple[int, str, str | None]]:
    for line, cells in rows:
        number = participant_cell(cells[0])
        others = (roster.by_id(cell) for cell in cells[2:] if cell)
        yield line, number["number"] if number else cells[0], next((one for one in others if one), None)


def _from_csv(path: Path, text: str, assignment: str, roster: Roster) -> Iterator[tuple[int, list[Person], str]]:
    rows = [(line, cells) for line, cells in split_rows(text) if any(cells)]
    if not rows:
        raise GraderError(f"{path}: is empty.")
    header = [title_of(cell) for cell in rows[0][1]]
    column = next((place for place, title in enumerate(header) if title in {title_of(one) for one in _TIMES}), None)
    ids = [
        place
        for place, title in enumerate(header)
        if title in IDS or title in ALSO_IDS or title == "student" or FIELDS.get(title) == "email"
    ]
    names = [place for place, title in enumerate(header) if FIELDS.get(title) == "name"]
    firsts = [participant_cell(cells[0]) for _, cells in rows[1:]]
    participants = (
        header[0] in _WORKSHEET
        and len({first and first["word"] for first in firsts}) == 1
        and all(firsts)
        and not any(roster.by_id(cells[0]) for _, cells in rows[1:])
    )
    if column is None or not (ids or names or participants):
        raise GraderError(
            f"{path}:{rows[0][0]}: the first line must name a column of ids and one of times, as in: student_id,submitted_at. It has: {', '.join(rows[0][1])[:300]}."
        )
    for line, cells in rows[1:]:
        cells = cells + [""] * (len(header) - len(cells))
        people = []
        if participants and (number := participant_cell(cells[0])):
            people.append(Person(ids=(number["number"],), kind=Ids.PARTICIPANT, kinds=(participant_of(assignment),)))
        name = next((cells[place] for place in names), "")
        values = tuple(filter(None, (cells[place] for place in ids if not (participants and place == 0))))
        people.append(Person(name, values, Ids.ROSTER))
        yield line, people, cells[column]


def _from_canvas(path: Path, text: str) -> Iterator[tuple[int, list[Person], str]]:
    """What `GET /api/v1/courses/:id/assignments/:id/submissions` answers, pages behind one another."""
    decoder, place = json.JSONDecoder(), 0
    entries: list[Any] = []
    try:
        while place < len(text.rstrip()):
            page, place = decoder.raw_decode(text, place + len(text[place:]) - len(text[place:].lstrip()))
            entries += page if isinstance(page, list) else [page]
    except (ValueError, RecursionError) as error:
        raise GraderError(f"{path}: is no JSON ({error}).") from None
    listed = [one for one in entries if isinstance(one, dict) and "submitted_at" in one and "user_id" in one]
    if not listed:
        raise GraderError(
            f"{path}: is not what Canvas's API lists as an assignment's submissions: no entry has user_id and submitted_at."
        )
    for number, entry in enumerate(listed, 1):
        given = entry.get("user")
        user: dict[str, Any] = given if isinstance(given, dict) else {}
        people = [Person(_text(user.get("name")), (_text(entry["user_id"]),), Ids.NUMBER, (CANVAS,))]
        own = tuple(filter(None, (_text(user.get(name)) for name in ("sis_user_id", "login_id", "email"))))
        people += [Person(ids=own)] if own else []
        yield number, people, _text(entry["submitted_at"])


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
