"""`grader import`: a download becomes `submitted/<student>/<assignment>/`, as nbgrader lays it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Assignment
from autograder.files import write_whole
from autograder.intake.archive import Entry, Refused, everything, open_download, unpacked
from autograder.intake.claims import Claim, claims_of, keep_given, settle, told, when_of
from autograder.intake.delivery import Delivery, may_count
from autograder.intake.own_folder import holds, read_files_beside, replace_files
from autograder.intake.several import choose, shown
from autograder.intake.sources import recognise
from autograder.intake.tables import Times, read_map, read_times
from autograder.intake.task import Imported, Task
from autograder.notebook.note import Note, read_note
from autograder.people.file_names import to_file_name
from autograder.people.match import Roster
from autograder.text import count, file_name, shortened
from autograder.times import STAMP, UnclearTime, from_seconds, read_stamp

_MOST_TIES = 20
_MOST_ZIPS = 20


def import_submissions(task: Task) -> Imported:
    """Read a download and write what it holds below ``task.to``.

    Raises:
        GraderError: it cannot be read or is not recognised; a file cannot be written; a table cannot be read.
    """
    refused: list[str] = []
    assignment = task.assignment
    with open_download(task.source, max_bytes=_most(assignment), refused=refused) as root:
        download = recognise(task.source, root, assignment.name, task.system)
        done = Imported(download.system, download.why, refused=refused, times=download.times)
        refused += shortened(download.others, 20)
        given: dict[str, str] = {}
        if task.map:
            given, done.unclear = read_map(task.map, Roster(task.students), done.remarks)
        roster = Roster(task.students, given)
        left = Roster([student for student in task.students if student.has_left], everybody=True)
        times = Times()
        if task.times:
            times = read_times(task.times, roster, assignment.name, task.zone, done.remarks)
            done.unclear += times.problems
            done.times = ""
        keep_given(given, download.deliveries, roster, done)
        claims = claims_of(download.deliveries, roster, left, done, anyone=task.anyone)
        by_name = 0
        for found in claims.values():
            counting = settle(found, task, times.of, done)
            if counting:
                by_name += not counting.certain and roster.by_id(counting.student) is not None
                _write(counting, task, times.of, done)
        if by_name and roster.known:
            what = "login" if download.system in ("git", "Classroom 50") else "display name"
            done.remarks.append(
                f"Found by their {what} alone, which students may be able to choose: {by_name} of {count(len(claims), 'student')}. "
                f"The roster does not hold {download.system}'s own ids. --map FILE.csv gives them."
            )
        done.unclear += [
            f"{task.times}: has a time for {student}, of whom nothing is in the download"
            for student in shortened(sorted(set(times.of) - {one.student for found in claims.values() for one in found}), 5)
        ]  # fmt: skip
    there = {claim.student for found in claims.values() for claim in found} | done.maybe
    done.names = {student.id: student.name for student in task.students if student.name}
    done.missing = [student.id for student in task.students if student.enrolled and student.id not in there]
    return done


def _most(assignment: Assignment) -> int:
    return int(assignment.limits.file_mb * 2**20)


def _write(claim: Claim, task: Task, times: Mapping[str, datetime], done: Imported) -> None:
    student, delivery, assignment = claim.student, claim.delivery, task.assignment
    folder = task.to / "submitted" / to_file_name(student) / assignment.name
    remarks: list[str] = []
    when, late = when_of(claim, task, times, remarks)
    problems: list[str] = []
    with candidates_of(delivery, assignment, problems) as (candidates, groups, others):
        choice = choose(candidates, assignment)
        chosen = choice.chosen
        problems += choice.problems
        done.refused += shortened([f"{delivery.place}: {problem}" for problem in problems], 5)
        if not chosen:
            done.empty.append(f"{student}: {', '.join(others[:5]) or 'no file'}")
            return
        there = _stamp(folder)
        downloaded = 0.0 if when or delivery.between else _downloaded(groups[0])
        newer = there > when.replace(microsecond=0) if there and when else 0 < downloaded < read_note(folder).downloaded
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
        if above := next((one for one in (folder.parent, folder) if one.exists() and not one.is_dir()), None):
            done.refused.append(
                f"{student}: {above} is a file where a folder is to be, so nothing was written. Move it away, and import again"
            )
            return
        if blocked := [name for name in contents if (folder / name).is_dir()]:
            done.refused.append(
                f"{student}: {folder / blocked[0]} is a folder, so nothing was written. Move it away, and import again"
            )
            return
        counting = list(contents)[-1]
        contents |= beside
        if newer and not (student in times and holds(folder, contents)):
            told_when = told(when) if when else f"of the download of {told(from_seconds(downloaded))}"
            done.older.append(f"{student}, {told_when}: {folder} holds a newer one, which stays")
            return
        done.written[student] = folder / counting
        note, given = read_note(folder), student in times
        told_before = there is not None and (note.given or (note.time != 0 and int(there.timestamp()) != note.time))
        if there and not given and holds(folder, contents) and (when is None or delivery.between or told_before):
            when, late, given = there, False, told_before  # it was here then, or the instructor has said so
            remarks.clear()
        left_out += [
            f"{file_name(name)} (something that is no file of an import is in {folder})"
            for name in replace_files(
                folder,
                contents,
                Note((), late, given, choice.handed_in, downloaded, int(when.timestamp()) if when else 0),
            )
        ]
    if left_out:
        done.remarks.append(
            f"{student}: left out of the files beside the notebook: {', '.join(shortened(left_out, 5))}."
        )
    stamp = folder / STAMP
    if when:
        write_whole(stamp, f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())
    else:
        stamp.unlink(missing_ok=True)
    if len(chosen) > 1:
        done.ties.append(f"{student}: {', '.join(entry.path.name for entry in chosen)}")
    if delivery.late:
        done.late.append(student)
    if delivery.unclear and when is None:
        done.unclear.append(f"{student}: {delivery.unclear} It counts as on time until then")
    done.remarks += [f"{student}: {remark}" for remark in remarks]


def _stamp(folder: Path) -> datetime | None:
    """The time that an earlier import has left; None if none, or nothing that is a time."""
    try:
        return read_stamp(folder)
    except UnclearTime:
        return None


def _downloaded(files: Sequence[Entry]) -> float:
    """When a download was made that bears no other dates; 0 if it bears none. It tells an older download from a newer one, and nothing else."""
    return max((one.modified.timestamp() for one in files if one.modified), default=0.0)


@contextmanager
def candidates_of(
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
                inside = look(everything(inner), f"{shown(entry.path.name)}: ")
                found += [one for one in inside if one.path.suffix.lower() != ".zip"]
            except Refused as problem:
                problems.append(f"{shown(entry.path.name)}: {problem}")
        yield found, groups, names
