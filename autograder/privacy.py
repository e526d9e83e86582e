"""What is kept of one person: to hand it out, and to erase it, as laws on privacy let everybody ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.files import strict_json, write_whole
from autograder.gradebook import Gradebook
from autograder.overwrite import refuse_another
from autograder.people.file_names import to_file_name
from autograder.people.match import id_and_name, plain
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
    submissions: tuple[Path, ...]
    """Files of theirs that have been graded and still are there."""
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
    submissions = tuple(path for path in map(Path, found["submitted_files"]) if path.exists())
    elsewhere = [f"submitted file: {path}" for path in submissions]
    for folder, what in (("reports", "reports"), ("exports", "exports"), ("ci-report", "reports for CI")):
        if (course.root / folder).is_dir():
            elsewhere.append(f"{what} that were written before: {course.root / folder}, and wherever you sent them")
    if found["extensions"]:
        elsewhere.append(f"{count(len(found['extensions']), 'extension')} in {course.toml_path}")
    if (course.root / "faults.log").exists():
        elsewhere.append(f"the log of faults, which may name their files: {course.root / 'faults.log'}")
    elsewhere.append("rosters and downloads that you have imported, and copies of the gradebook")
    return Kept(
        own, id_and_name(book.student(own)), len(found["results"]), len(found["overrides"]), len(found["ids"]),
        submissions, tuple(elsewhere),
    )  # fmt: skip
