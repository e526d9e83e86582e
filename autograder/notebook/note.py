"""What an import notes in a student's folder: which files it has written, and whether their system calls them late."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.files import open_regular, strict_json, write_whole

_PLACES = ("submitted", "unpacked")
"""Folders of `<student>/<assignment>/` that imports write, where a student's own is the innermost."""
_LONGEST = 2**19
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Note:
    """An import's note.

    It lies beside the folder that it is of, as students' own files, and in clones all of a student's folders, may hold anything.
    """

    files: tuple[str, ...] = ()
    """Beside the notebook, so that the next import knows what it may remove."""
    late: bool = False
    """Whether the system calls it late, and tells no time."""
    given: bool = False
    """Whether its time is the instructor's word, which counts whatever was recorded before."""
    handed_in: tuple[str, ...] = ()
    """What the files were called of which one counts, which is the first, if there were several."""
    downloaded: float = 0.0
    """When the download was made that it comes from, in seconds since 1970, where that is the only date there is; else 0."""
    time: int = 0
    """The time of handing in that the import has written, in seconds since 1970; 0 if none. Another one in its place is the instructor's."""


def is_in_clone(folder: Path) -> bool:
    """Whether a student's `<student>/<assignment>/` is, or lies in, a clone of a repository of theirs, where everything is their word."""
    here = folder.absolute()
    return any(os.path.lexists(one / ".git") for one in (here, here.parent))


def read_note(folder: Path) -> Note:
    """The note in a folder; an empty one if there is none that can be read, or no import has written there."""
    try:
        if folder.absolute().parents[1].name not in _PLACES or is_in_clone(folder):
            return Note()
        with open(open_regular(_of(folder)), "rb") as file:
            found = json.loads(file.read(_LONGEST))
        files, handed_in = (
            tuple(name for name in found[key] if isinstance(name, str)) for key in ("files", "handed_in")
        )
        downloaded = found["downloaded"]
        known = isinstance(downloaded, int | float) and math.isfinite(downloaded)
        time = found.get("time")
        return Note(
            files,
            found["late"] is True,
            found["given"] is True,
            handed_in,
            float(downloaded) if known else 0.0,
            time if isinstance(time, int) else 0,
        )
    except (SubmissionError, OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return Note()


def write_note(folder: Path, note: Note) -> None:
    """Leave a note, or none if there is nothing to note."""
    _of(folder).unlink(missing_ok=True)
    note = replace(note, handed_in=tuple(name[:_LONGEST_NAME] for name in note.handed_in))
    if note != Note():
        write_whole(_of(folder), strict_json({"format": 1, **asdict(note)}))


def _of(folder: Path) -> Path:
    """Where the note of a folder is: hidden, so it is no file of anybody's."""
    here = folder.absolute()
    return here.parent / f".{here.name}.imported"
