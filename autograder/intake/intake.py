"""`grader import`: a download becomes `submitted/<student>/<assignment>/`, as nbgrader lays it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.files import write_whole
from autograder.intake.archive import Entry, Refused, open_download
from autograder.intake.roster import Known, Roster
from autograder.intake.sources import Delivery, file_name, notebooks, recognise
from autograder.notebook import parse_cells


@dataclass
class Imported:
    """What an import did."""

    system: str
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
    unmatched: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Students of the roster without a submission in this download."""
    refused: list[str] = field(default_factory=list)
    """Files that were left out because they could do harm, with the reason."""
    times: str = ""
    """A remark, should the times not be those of handing in."""

    @property
    def complete(self) -> bool:
        """Whether nothing needs the instructor."""
        return not (self.ties or self.empty or self.unmatched or self.refused)


def import_submissions(source: Path, assignment: Assignment, students: Sequence[Known], to: Path) -> Imported:
    """Read a download and write what it holds below ``to``.

    Raises:
        GraderError: it cannot be read or is not recognised; a file cannot be written.
    """
    refused: list[str] = []
    entries = open_download(source, max_bytes=int(assignment.limits.file_mb * 2**20), refused=refused)
    download = recognise(source, entries, assignment.name)
    done = Imported(download.system, refused=refused)
    roster = Roster(students)
    newest: dict[str, Delivery] = {}
    for delivery in download.deliveries:
        match = roster.match(delivery)
        if match.problem:
            done.unmatched.append(match.problem)
        for student in match.students:
            before = newest.get(student)
            if before and _when(before, assignment) > _when(delivery, assignment):
                before, delivery = delivery, before  # the one that is replaced, and the one that counts
            if before:
                done.older.append(f"{student}, {_when(before, assignment):%Y-%m-%d %H:%M}")
            newest[student] = delivery
    for student, delivery in sorted(newest.items()):
        _write(student, delivery, assignment, to, done)
    enrolled = {student.id for student in students if student.name or student.email}
    done.missing = sorted(enrolled - set(newest))
    if not download.exact_times:
        done.times = f"{download.system} does not say when something was handed in: the times are those of the files in the download."
    return done


def _write(student: str, delivery: Delivery, assignment: Assignment, to: Path, done: Imported) -> None:
    chosen: list[tuple[Entry, bytes]] = []
    best = -1
    for entry in notebooks(delivery):
        try:
            data = entry.read()
        except Refused as problem:
            done.refused.append(f"{entry.path}: {problem}")
            continue
        count = count_defined(data, entry.path.suffix, assignment)
        if count > best:
            chosen, best = [], count
        if count == best and data not in [other for _, other in chosen]:
            chosen.append((entry, data))
    named = [one for one in chosen if file_name(one[0]) == f"{assignment.name}{one[0].path.suffix}"]
    chosen = named if len(named) == 1 else chosen
    if not chosen:
        done.empty.append(f"{student}: {', '.join(file_name(entry) for entry in delivery.files[:5]) or 'no file'}")
        return
    folder = to / "submitted" / _folder(student) / assignment.name
    when = _when(delivery, assignment)
    if (there := _stamp(folder / "timestamp.txt")) and there > when.replace(microsecond=0):
        done.older.append(f"{student}, {when:%Y-%m-%d %H:%M}: {folder} holds a newer one, which stays")
        return
    for old in folder.glob("*") if folder.is_dir() else ():
        if old.suffix.lower() in (".ipynb", ".py"):
            old.unlink()
    for number, (entry, data) in enumerate(chosen, 1):
        suffix = entry.path.suffix.lower()
        name = f"{assignment.name}{suffix}" if len(chosen) == 1 else f"{assignment.name}-{number}{suffix}"
        done.written[student] = write_whole(folder / name, data)
    write_whole(folder / "timestamp.txt", f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())
    if len(chosen) > 1:
        done.ties.append(f"{student}: {', '.join(file_name(entry) for entry, _ in chosen)}")
    if delivery.late:
        done.late.append(student)


def count_defined(data: bytes, suffix: str, assignment: Assignment) -> int:
    """How many of the questions' functions and classes a file defines; -1 if it cannot be read."""
    try:
        text = "\n".join(cell.source for cell in parse_cells(data, suffix))
    except SubmissionError:
        return 0
    names = {name for question in assignment.questions for name in question.names}
    return len(names & set(re.findall(r"^\s*(?:def|class)\s+(\w+)", text, re.MULTILINE)))


def _when(delivery: Delivery, assignment: Assignment) -> datetime:
    """When it was handed in; if only files have times, the latest of those that may count."""
    times = [entry.modified for entry in notebooks(delivery) if entry.modified]
    return delivery.submitted_at or max(times, default=datetime(1970, 1, 1, tzinfo=UTC))


def _stamp(path: Path) -> datetime | None:
    """The time in a `timestamp.txt`, should there be one."""
    try:
        return datetime.fromisoformat(path.read_text(encoding="utf-8").strip().replace(" UTC", "+00:00"))
    except (OSError, ValueError):
        return None


def _folder(student: str) -> str:
    """A folder's name that any system takes, the student's id where possible."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", student).strip(" .")
    return name or "unnamed"
