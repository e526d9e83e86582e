"""`grader import`: a download becomes `submitted/<student>/<assignment>/`, as nbgrader lays it out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Assignment
from autograder.files import write_whole
from autograder.intake.archive import Entry, Refused, everything, open_download, unpacked
from autograder.intake.code import Candidate, best
from autograder.intake.delivery import Delivery, may_count
from autograder.intake.own_folder import holds, read_files_beside, replace_files
from autograder.intake.roster import Known, Roster
from autograder.intake.sources import recognise
from autograder.notebook.times import read_stamp
from autograder.text import file_name, shortened

_MOST_CANDIDATES = 200
"""Notebooks and scripts of one submission that are looked at."""
_MOST_READ = 4
"""As many times the size of a file may be read of one submission."""
_MOST_TIES = 20
_MOST_ZIPS = 20
_MOST_NAME = 150
"""Bytes of a folder's name."""


@dataclass
class Imported:
    """What an import did."""

    system: str
    why: str = ""
    """By what the system was recognised."""
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
    conflicts: list[str] = field(default_factory=list)
    """Students for whom several senders have handed in: nothing of theirs was written."""
    unmatched: list[str] = field(default_factory=list)
    """Submissions of which nothing certain says whose they are."""
    missing: list[str] = field(default_factory=list)
    """Students of the roster without a submission in this download."""
    refused: list[str] = field(default_factory=list)
    """Files that were left out because they could do harm, with the reason."""
    times: str = ""
    """A remark, should the times not be those of handing in."""
    maybe: set[str] = field(default_factory=set)
    """Students who may have handed in something of which it is not clear whose it is."""
    remarks: list[str] = field(default_factory=list)
    """What else to know; nothing has to be done about it."""

    @property
    def complete(self) -> bool:
        """Whether nothing needs the instructor."""
        return not (self.ties or self.empty or self.conflicts or self.unmatched or self.refused)


@dataclass(frozen=True)
class _Claim:
    """A delivery that may count for a student."""

    student: str
    delivery: Delivery
    certain: bool
    """Whether an id says so that the student has not chosen; else it is a display name or a login, or can be read in another way."""


def import_submissions(
    source: Path, assignment: Assignment, students: Sequence[Known], to: Path, system: str | None = None
) -> Imported:
    """Read a download and write what it holds below ``to``.

    Args:
        system: one of `sources.SYSTEMS`, should it not be recognised.

    Raises:
        GraderError: it cannot be read or is not recognised; a file cannot be written.
    """
    refused: list[str] = []
    with open_download(source, max_bytes=_most(assignment), refused=refused) as root:
        download = recognise(source, root, assignment.name, system)
        done = Imported(download.system, download.why, refused=refused, times=download.times)
        refused += shortened(download.others, 20)
        roster = Roster(students)
        claims = _claims(download.deliveries, roster, done)
        by_name = 0
        for found in claims.values():
            counting = _settle(found, assignment, to, done)
            if counting:
                by_name += not counting.certain
                _write(counting.student, counting.delivery, assignment, to, download.system, done)
        if by_name and roster.known:
            what = "login" if download.system == "git" else "display name"
            done.remarks.append(
                f"{by_name} of {len(claims)} students were found by their {what} alone, which students may be able to choose: "
                f"the roster does not hold {download.system}'s own ids."
            )
    enrolled = {student.id for student in students if student.name or student.email}
    done.missing = sorted(enrolled - {claim.student for found in claims.values() for claim in found} - done.maybe)
    return done


def _most(assignment: Assignment) -> int:
    return int(assignment.limits.file_mb * 2**20)


def _claims(deliveries: Sequence[Delivery], roster: Roster, done: Imported) -> dict[str, list[_Claim]]:
    """Folder's name -> what may count for the student, sorted by student."""
    claims: list[_Claim] = []
    groups: list[Delivery] = []
    for delivery in deliveries:
        if delivery.others:
            claims += _read_several_ways(delivery, roster, done)
            continue
        problems = []
        for person in delivery.people:
            found = roster.find(person)
            claims += [_Claim(student, delivery, found.certain) for student in found.students]
            problems += (
                [found.problem if person.label != "unknown" else f"{delivery.place}: {found.problem}"]
                if found.problem
                else []
            )
            done.maybe.update(found.maybe)
        if not delivery.people:
            problems = [f"{delivery.place}: names nobody who handed it in"]
        if problems and roster.section(delivery.group):
            groups.append(delivery)
        else:
            done.unmatched += problems
    claims += _of_groups(groups, claims, roster, done)
    by_folder: dict[str, list[_Claim]] = {}
    for claim in sorted(claims, key=lambda one: one.student):
        folder = _folder(claim.student)
        if len(folder.encode()) > _MOST_NAME:
            done.unmatched.append(f"{claim.student[:60]}...: is too long for an id")
            continue
        by_folder.setdefault(unicodedata.normalize("NFC", folder).casefold(), []).append(claim)
    return by_folder


def _read_several_ways(delivery: Delivery, roster: Roster, done: Imported) -> list[_Claim]:
    """A name that can be read in several ways counts if just one of them leads to somebody in the roster."""
    ways = [replace(delivery, others=()), *delivery.others]
    found = [(way, one) for way in ways if (one := roster.find(way.people[0])).students]
    if roster.known and len(found) == 1:
        ((way, one),) = found
        return [_Claim(one.students[0], way, one.certain)]
    people = " or ".join(f"{way.people[0].label} ({way.people[0].ids[0]})" for way in ways[:4])
    done.unmatched.append(
        f"{delivery.place}: its name can be read as of {people}. See in {done.system} whose it is, and rename it in the unpacked download."
    )
    return []


def _of_groups(groups: Sequence[Delivery], claims: Sequence[_Claim], roster: Roster, done: Imported) -> list[_Claim]:
    """Who is called like a section counts for all of it, unless somebody of it has handed in themselves: names can be chosen."""
    own = {claim.student for claim in claims}
    found = []
    for delivery in groups:
        members = roster.section(delivery.group)
        if own & set(members):
            there = ", ".join(sorted(own & set(members))[:4])
            done.unmatched.append(
                f"{delivery.place}: is called like the section {delivery.group}, of which {there} handed in alone"
            )
            continue
        found += [_Claim(student, delivery, False) for student in members]
    return found


def _settle(claims: list[_Claim], assignment: Assignment, to: Path, done: Imported) -> _Claim | None:
    """The newest of one sender's; none if there are several senders. What an id says is not questioned by a mere name."""
    certain = [claim for claim in claims if claim.certain]
    for claim in claims:
        if certain and not claim.certain:
            done.unmatched.append(
                f"{claim.delivery.place}: is called like {claim.student}, whose own submission is another one"
            )
    claims = certain or claims
    if len({claim.delivery.sender for claim in claims}) > 1:
        places = list(dict.fromkeys(claim.delivery.place for claim in claims))
        folder = to / "submitted" / _folder(claims[0].student) / assignment.name
        there = f" {folder} is as an earlier import left it." if folder.is_dir() else ""
        done.conflicts.append(
            f"{claims[0].student}: {'; and '.join(places[:6])}{' and more' if len(places) > 6 else ''}. See in {done.system} who they are, take "
            f"those that are of others out of the download (unpack it), and import the folder.{there}"
        )
        return None
    claims.sort(key=lambda claim: _when(claim.delivery, assignment))
    done.older += [f"{claim.student}, {_when(claim.delivery, assignment):%Y-%m-%d %H:%M}" for claim in claims[:-1]]
    return claims[-1]


def _write(student: str, delivery: Delivery, assignment: Assignment, to: Path, system: str, done: Imported) -> None:
    folder = to / "submitted" / _folder(student) / assignment.name
    when = _when(delivery, assignment)
    problems: list[str] = []
    with _candidates(delivery, assignment, problems) as (candidates, groups, others):
        chosen = _choose(candidates, assignment, problems)
        done.refused += shortened([f"{delivery.place}: {problem}" for problem in problems], 5)
        if not chosen:
            done.empty.append(f"{student}: {', '.join(others[:5]) or 'no file'}")
            return
        there = read_stamp(folder)
        if there and there > when.replace(microsecond=0):
            done.older.append(f"{student}, {when:%Y-%m-%d %H:%M}: {folder} holds a newer one, which stays")
            return
        if len(chosen) > 1 and (len(chosen) > _MOST_TIES or sum(entry.size for entry in chosen) > _most(assignment)):
            names = ", ".join(entry.path.name for entry in chosen[:5])
            done.ties.append(f"{student}: {names} and more, {len(chosen)} in all. They were not written")
            return
        contents = {}
        for number, entry in enumerate(chosen, 1):
            suffix = entry.path.suffix.lower()
            contents[f"{assignment.name}{suffix}" if len(chosen) == 1 else f"{assignment.name}-{number}{suffix}"] = (
                entry.read()
            )
        beside, left_out = read_files_beside(chosen, groups, contents)
        if blocked := [name for name in contents if (folder / name).is_dir()]:
            done.refused.append(
                f"{student}: {folder / blocked[0]} is a folder, so nothing was written. Move it away, and import again"
            )
            return
        done.written[student] = folder / list(contents)[-1]
        contents |= beside
        if there and system == "git" and holds(folder, contents):
            when = there  # it was here then
        left_out += [
            f"{file_name(name)} (something that is no file of an import is in {folder})"
            for name in replace_files(folder, contents)
        ]
    if left_out:
        done.remarks.append(
            f"{student}: left out of the files beside the notebook: {', '.join(shortened(left_out, 5))}."
        )
    write_whole(folder / "timestamp.txt", f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())
    if len(chosen) > 1:
        done.ties.append(f"{student}: {', '.join(entry.path.name for entry in chosen)}")
    if delivery.late:
        done.late.append(student)
    if delivery.late and delivery.submitted_at is None:
        done.remarks.append(
            f"{student}: {system} calls it late, and nothing says by how much, so it counts as one day."
        )
    elif delivery.late and delivery.submitted_at and assignment.due and delivery.submitted_at <= assignment.due:
        done.remarks.append(
            f"{student}: {system} calls it late, but by its time in the download, {delivery.submitted_at:%Y-%m-%d %H:%M}, it is not. It counts as one day "
            f"late; look it up in {system}."
        )
    elif delivery.submitted_at is None:
        done.remarks.append(f"{student}: nothing says when it was handed in, so it counts as on time.")


@contextmanager
def _candidates(
    delivery: Delivery, assignment: Assignment, problems: list[str]
) -> Iterator[tuple[list[Entry], list[list[Entry]], list[str]]]:
    """The notebooks and scripts of a submission, those in zips included; all its files, and those of each zip; and what some are called.

    A zip within a zip stays one. ``problems`` gets a line for whatever is left out.
    """
    found: list[Entry] = []
    groups: list[list[Entry]] = []
    names: list[str] = []

    def look(files: Iterator[Entry], where: str) -> Iterator[Entry]:
        groups.append([])
        group = groups[-1]
        try:
            for entry in files:
                group.append(entry)
                names.extend([entry.path.name] if len(names) < 5 else [])
                if may_count(entry.path.name):
                    yield entry
        except Refused as problem:
            problems.append(f"{where}{problem}: those that lie least deep were looked at")

    with ExitStack() as stack:
        zips: list[Entry] = []
        for entry in look(delivery.files(), ""):
            (zips if entry.path.suffix.lower() == ".zip" else found).append(entry)
        if len(zips) > _MOST_ZIPS:
            problems.append(f"holds {len(zips)} zip files, of which the first {_MOST_ZIPS} were looked at")
        left = _most(assignment)
        for entry in zips[:_MOST_ZIPS]:
            try:
                if entry.size > left:
                    raise Refused(f"is, or its zips together are, larger than {assignment.limits.file_mb:g} MB")
                left -= entry.size
                inner = stack.enter_context(
                    unpacked(entry, max_bytes=_most(assignment), refused=problems, one_of=len(zips[:_MOST_ZIPS]))
                )
                inside = look(everything(inner), f"{entry.path.name}: ")
                found += [one for one in inside if one.path.suffix.lower() != ".zip"]
            except Refused as problem:
                problems.append(f"{entry.path.name}: {problem}")
        yield found, groups, names


def _choose(candidates: list[Entry], assignment: Assignment, problems: list[str]) -> list[Entry]:
    """The file that counts: of several, the one that defines most of what the questions ask for; more if there is no telling."""
    candidates.sort(
        key=lambda one: (one.path.stem != assignment.name, one.path.suffix.lower() != ".ipynb", len(one.path.parts))
    )
    if len(candidates) > _MOST_CANDIDATES:
        problems.append(
            f"holds {len(candidates):,} notebooks and scripts, of which the first {_MOST_CANDIDATES} were looked at"
        )
    left = _MOST_READ * _most(assignment)
    read: dict[Candidate, Entry] = {}
    for entry in candidates[:_MOST_CANDIDATES]:
        left -= entry.size
        try:
            if left < 0:
                raise Refused(
                    f"was not read: together these files are larger than {_MOST_READ * assignment.limits.file_mb:g} MB"
                )
            data = entry.read()
            one = Candidate.of(entry.path, data, assignment) if len(candidates) > 1 else Candidate.alone(entry.path)
            read.setdefault(one, entry)
        except Refused as problem:
            problems.append(f"{entry.path}: {problem}")
    counting, _ = best(list(read))
    chosen = sorted((read[one] for one in counting), key=lambda one: str(one.path))
    named = [one for one in chosen if one.path.stem == assignment.name]
    return named if len(named) == 1 else chosen


def _when(delivery: Delivery, assignment: Assignment) -> datetime:
    """When it was handed in. If nothing says so, the system's own word for late counts, and no date of a student's."""
    told = delivery.submitted_at or datetime(1970, 1, 1, tzinfo=UTC)
    if delivery.late and assignment.due and told <= assignment.due:
        return assignment.due + timedelta(days=1)
    return told


def _folder(student: str) -> str:
    """A folder's name that any system takes, the student's id where possible."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]', "_", student).strip(" .")
    return name or "unnamed"
