"""What is kept of one person: to hand it out, and to erase it, as laws on privacy let everybody ask for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import fault_log
from autograder.course import Course
from autograder.files import strict_json, write_whole
from autograder.gradebook import Gradebook, Student
from autograder.overwrite import refuse_another
from autograder.people.file_names import from_file_name, to_file_name
from autograder.people.match import Roster, id_and_name, plain
from autograder.text import count


@dataclass(frozen=True)
class Kept:
    """What there is of a person."""

    student: str
    """Their own id."""
    label: str
    """Id and name."""
    results: int
    overrides: int
    ids: int
    """Those by which other systems know them."""
    elsewhere: tuple[str, ...]
    """Places outside of the gradebook that may hold something of theirs, in words."""

    @property
    def told(self) -> str:
        """What the gradebook has, in words."""
        parts = [count(self.results, "result"), f"{count(self.overrides, 'score')} set or withdrawn by hand"]
        return f"{self.label}: name and roster data, {count(self.ids, 'id')} of other systems, {' and '.join(parts)}"


def export_person(
    *,
    student: str,
    to: Path | None = None,
    force: bool = False,
    course: Path | None = None,
    gradebook: str | None = None,
) -> Path:
    """Write all that is kept of a person as JSON, for them to read: ids, roster data, results, paths, overrides, extensions.

    Args:
        student: any id of theirs; whoever has left is found, too.
        to: file; default `exports/person-<id>.json` in the course's folder.
        force: replace a file of another kind.

    Raises:
        GraderError: it is nobody's id, or several people's; a file of another kind is there, or it cannot be written.
    """
    found_course = Course.find(course)
    with Gradebook.open(found_course.root, gradebook) as book:
        everything = _everything(found_course, book, student)
    target = to or found_course.root / "exports" / f"person-{to_file_name(everything['student']['id'])}.json"
    content = strict_json(everything)
    if not force:
        refuse_another(target, content, "--force replaces it.")
    return write_whole(target, content)


def kept_of(*, student: str, course: Path | None = None, gradebook: str | None = None) -> Kept:
    """What there is of a person, and where.

    Raises:
        GraderError: it is nobody's id, or several people's.
    """
    found_course = Course.find(course)
    with Gradebook.open(found_course.root, gradebook) as book:
        return _kept(found_course, book, student)


def erase_person(*, student: str, course: Path | None = None, gradebook: str | None = None) -> Kept:
    """Take a person out of the gradebook, with all that it keeps of them; return what that was, and what is elsewhere.

    Raises:
        GraderError: it is nobody's id, or several people's.
    """
    found_course = Course.find(course)
    with Gradebook.open(found_course.root, gradebook) as book:
        kept = _kept(found_course, book, student)
        book.erase(kept.student)
    return kept


def _everything(course: Course, book: Gradebook, asked: str) -> dict[str, Any]:
    found = book.everything_of(asked)
    own = plain(found["student"]["id"])
    return found | {
        "submitted_files": sorted({result["path"] for result in found["results"]}),
        "extensions": [one.model_dump(mode="json") for one in course.extensions if plain(one.student) == own],
    }


def _kept(course: Course, book: Gradebook, asked: str) -> Kept:
    found = _everything(course, book, asked)
    own = found["student"]["id"]
    student = book.student(own)
    elsewhere = [f"what they handed in: {path}" for path in _handed_in(course, student, found["results"])]
    for folder, what in (("reports", "reports"), ("exports", "exports"), ("ci-report", "reports for CI")):
        if (course.root / folder).is_dir():
            elsewhere.append(f"{what} that were written before: {course.root / folder}, and wherever you sent them")
    if found["extensions"]:
        elsewhere.append(
            f"{count(len(found['extensions']), 'extension')} in {course.toml_path}: take that out, most commands refuse an extension of nobody"
        )
    for path in map(course.root.joinpath, fault_log.NAMES):
        if path.exists():
            elsewhere.append(f"the log of faults, which may name their files: {path}")
    elsewhere.append("rosters and downloads that you have imported, and copies of the gradebook")
    return Kept(
        own, id_and_name(student), len(found["results"]), len(found["overrides"]), len(found["ids"]), tuple(elsewhere),
    )  # fmt: skip


def _handed_in(course: Course, student: Student, results: Iterable[Mapping[str, str]]) -> list[Path]:
    """Where there is still something that a student handed in, each place once: their own folders whole, and files in others."""
    roster = Roster([student], everybody=True)

    def is_theirs(folder: Path) -> bool:
        name = unicodedata.normalize("NFC", folder.name)
        return name == to_file_name(student.id) or roster.by_id(from_file_name(name)) == student.id

    found: set[Path] = set()
    for result in results:
        for root in (Path.cwd(), course.root):  # a relative path is of wherever it was graded
            path = root / result["path"]
            path = path.parent.resolve() / path.name  # the file itself may be a link
            own = path.parent.name == result["assignment"] and is_theirs(path.parent.parent)
            if path.exists() or path.is_symlink():
                found.add(path.parent if own else path)
    for place in (course.root / "submitted", course.root / "unpacked"):
        found |= {one.resolve() for one in (place.iterdir() if place.is_dir() else ()) if is_theirs(one)}
    return sorted(one for one in found if not any(above in found for above in one.parents))
