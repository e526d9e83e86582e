"""Which files to grade, and whose each one is: from its name, or from nbgrader's folders."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from autograder.beside import NOTHING, Beside, read_beside
from autograder.errors import GraderError, SubmissionError
from autograder.files import open_regular
from autograder.language import ENGLISH
from autograder.notebook.note import read_note
from autograder.notebook.submission import with_beside
from autograder.result import short_id
from autograder.times import UnclearTime, read_stamp

SUFFIXES = (".ipynb", ".py")
_COPY_OF = re.compile(r"(?:copy of |bản sao của )+", re.IGNORECASE)
_COPY = re.compile(r"(?: ?\(\d{1,9}\)|[-_ ]copy\d{0,9}|[-_ ]?v\d{1,2})$", re.IGNORECASE)
_LONGEST_COPY = 15
"""No match of it has more characters."""
_SEPARATORS = "-_ ."


@dataclass(frozen=True)
class Found:
    """One student's submission. ``problem``, if not empty, says why it cannot be graded."""

    student: str
    path: Path
    submitted_at: datetime | None
    """None if nothing says when."""
    problem: str = ""
    own_folder: bool = False
    """Whether the folder that it lies in is the student's own, so that what lies beside it is theirs, too."""

    late: bool = False
    """Whether the system it was handed in to calls it late, and tells no time."""
    given: bool = False
    """Whether the time is the instructor's word."""
    unclear: str = ""
    """What is written in place of its time, and why that is none."""
    language: str = ENGLISH
    """Of what its student is told."""
    beside: Beside | None = None
    """What lies beside it, should that have been read already, on another machine perhaps."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was handed in, the files beside it included; for what is no regular file, a word that says so."""
        try:
            with open(open_regular(self.path), "rb") as file:
                own = hashlib.file_digest(file, "sha256").hexdigest()
        except SubmissionError:
            return "unreadable"
        return with_beside(own, self.read_beside())

    def read_beside(self) -> Beside:
        """What lies beside it; nothing, if the folder is not its student's own."""
        if self.beside is not None:
            return self.beside
        return read_beside(self.path) if self.own_folder else NOTHING


def find_submissions(assignment: str, paths: Sequence[Path], students: Collection[str] = ()) -> list[Found]:
    """Find the submissions in files and folders, sorted by student.

    In a folder, `*.ipynb` and `*.py` are submissions named after their students, and `<student>/<assignment>/` is
    nbgrader's layout. A file's name may also hold the assignment's name or a browser's `(1)`; if it
    holds the id of exactly one of the known ``students``, it is theirs. In nbgrader's layout, other files beside a notebook are
    its student's, too; elsewhere they are nobody's.

    Raises:
        GraderError: a path does not exist or is no submission, or nothing was found.
    """
    found: dict[str, list[Found]] = {}
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise GraderError(f"{path}: there is no such file or folder.")
        if not path.is_dir() and path.suffix.lower() not in SUFFIXES:
            raise GraderError(f"{path}: is no submission. Submissions are .ipynb and .py files, and folders of them.")
        for name, file, own_folder in _files(assignment, path, students):
            student = short_id(_printable(name))
            entries = found.setdefault(student, [])
            if file not in [known.path for known in entries]:
                entries.append(_with_time(Found(student, file, None, own_folder=own_folder)))
    if not found:
        raise GraderError(
            f"No submission of {assignment} in {', '.join(map(str, paths))}: looked for *.ipynb and *.py, "
            f"and for <student>/{assignment}/ as nbgrader lays them out."
        )
    return [_one(found[student]) for student in sorted(found)]


def _one(entries: list[Found]) -> Found:
    if len(entries) == 1:
        return entries[0]
    names = ", ".join(str(one.path) for one in entries)
    return replace(
        entries[0],
        problem=f"{len(entries)} files were submitted and it is not clear which one counts: {names}. Keep one.",
    )


def _files(assignment: str, path: Path, students: Collection[str]) -> list[tuple[str, Path, bool]]:
    """Student, file, and whether the folder is the student's own."""
    if not path.is_dir():
        parents = path.absolute().parents
        if len(parents) > 2 and parents[0].name == assignment and parents[2].name == "submitted":
            return [(parents[1].name, path, True)]
        return [(_student(assignment, path, students), path, False)]
    here = path.absolute()
    if here.name == assignment and here.parent.parent.name == "submitted":
        folder = path.resolve() if path.is_symlink() else path
        return [(here.parent.name, file, True) for file in _chosen(assignment, folder)]
    if here.parent.name == "submitted" and (path / assignment).is_dir():
        return [(here.name, file, True) for file in _chosen(assignment, path / assignment)]
    loose = [(_student(assignment, file, students), file, False) for file in _submissions(path)]
    nested = [
        (_normal(folder.name), file, True)
        for folder in sorted(path.iterdir())
        if (folder / assignment).is_dir() and not folder.name.startswith(".")
        for file in _chosen(assignment, folder / assignment)
    ]
    return loose + nested


def _submissions(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in SUFFIXES and not file.name.startswith((".", "~"))
    ]


def _chosen(assignment: str, folder: Path) -> list[Path]:
    """A student's own folder: the notebook of the assignment's name, if there is one; else all notebooks, else the script of that name, else all scripts.

    A link is what is handed in, and is refused when it is read: in a clone it may lead to somebody else's folder.
    """
    if folder.is_symlink():
        return [folder]
    files = _submissions(folder)
    files = [file for file in files if file.suffix.lower() == ".ipynb"] or files
    return [file for file in files if file.stem == assignment] or files


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _printable(text: str) -> str:
    """Names from a foreign file system may hold anything; an id goes to terminals, tables and file names."""
    return "".join(char if char.isprintable() else "_" for char in text)


def _student(assignment: str, path: Path, students: Collection[str]) -> str:
    stem = _printable(_normal(path.stem)).strip() or "unnamed"
    known = {
        student for student in students if re.search(rf"(?<![A-Za-z0-9]){re.escape(student)}(?![A-Za-z0-9])", stem)
    }
    if len(known) == 1:
        return known.pop()
    stem = _without_copies(stem)
    stripped = stem
    if stripped.startswith(assignment) and stripped[len(assignment) :][:1] in tuple(_SEPARATORS):
        stripped = stripped[len(assignment) :].lstrip(_SEPARATORS)
    if stripped.endswith(assignment) and stripped[: -len(assignment)][-1:] in tuple(_SEPARATORS):
        stripped = stripped[: -len(assignment)].rstrip(_SEPARATORS)
    return stripped or stem


def _without_copies(stem: str) -> str:
    """A name without a browser's `(1)` and the like, as many of them as there are."""
    start = match.end() if (match := _COPY_OF.match(stem)) else 0
    end = len(stem)
    while copy := _COPY.search(stem, max(start, end - _LONGEST_COPY), end):
        end = copy.start()
        while end > start and stem[end - 1].isspace():
            end -= 1
    return stem[start:end].strip() or stem


def _with_time(found: Found) -> Found:
    """With the time that nbgrader's `timestamp.txt` tells, or what an import has noted. No file's own date counts: that of a download, or of a copy."""
    if not found.own_folder:
        return found
    note = read_note(found.path.parent)
    found = replace(found, late=note.late, given=note.given)
    try:
        return replace(found, submitted_at=read_stamp(found.path.parent))
    except UnclearTime as problem:
        return replace(found, unclear=str(problem))
