"""Which of several files of one submission counts, by what is in them: one set of bounds for folders, downloads and Gradescope."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath, PurePosixPath

from autograder.course import Assignment
from autograder.intake.archive import Entry, Refused, file_reader
from autograder.intake.counting import Candidate, asked_for, handed_in, modules_of, which_count
from autograder.language import _
from autograder.notebook import Found
from autograder.text import file_name, shortened

_MOST_LOOKED_AT = 200
"""Notebooks and scripts of one submission."""
_MOST_READ = 4
"""As many times the size of a file may be read of one submission."""
_LONGEST_PATH = 200


@dataclass(frozen=True)
class Choice:
    """What was found out about the files of one submission."""

    chosen: list[Entry]
    """The one that counts; several if there is no telling, though no copies of one another; none if none can be read."""
    handed_in: tuple[str, ...]
    """The names of those of which it counts, itself first, if there are others that might have."""
    problems: list[str]
    """What was left out, and why, for the instructor."""
    complete: bool
    """Whether no file was left out because there are too many, or too large ones together."""


def choose(entries: Sequence[Entry], assignment: Assignment) -> Choice:
    """The one of a submission's notebooks and scripts that counts, of all that may be looked at.

    At most 200 of them are, which together may be four times as large as a file; those most likely to count come first.
    """
    most = assignment.limits.file_mb
    entries = sorted(
        entries,
        key=lambda one: (one.path.stem != assignment.name, one.path.suffix.lower() != ".ipynb", len(one.path.parts)),
    )
    problems: list[str] = []
    complete = len(entries) <= _MOST_LOOKED_AT
    if not complete:
        problems.append(
            f"holds {len(entries):,} notebooks and scripts, of which the first {_MOST_LOOKED_AT} were looked at"
        )
        entries = entries[:_MOST_LOOKED_AT]
    asked, beside = asked_for(assignment), modules_of([one.path for one in entries])
    left = _MOST_READ * int(most * 2**20)
    read: dict[Candidate, Entry] = {}
    unread: list[Candidate] = []
    for entry in entries:
        left -= entry.size
        try:
            if left < 0:
                complete = False
                raise Refused(f"was not read: together these files are larger than {_MOST_READ * most:g} MB")
            data = entry.read()
        except Refused as problem:
            problems.append(f"{shown(entry.path)}: {problem}")
            unread.append(Candidate.unread(entry.path))
        else:
            modules = beside[entry.path.parent]
            one = Candidate.of(entry.path, data, asked, modules) if len(entries) > 1 else Candidate.unread(entry.path)
            read.setdefault(one, entry)
    counting, own = which_count(list(read), beside, assignment)
    chosen = sorted((read[one] for one in counting), key=lambda one: str(one.path))
    return Choice(chosen, handed_in(counting[0], [*own, *unread]) if len(chosen) == 1 else (), problems, complete)


def the_one(files: Sequence[Found], assignment: Assignment) -> Found:
    """The one of a student's files that counts; with a problem, if that is not clear."""
    if len(files) == 1:
        return files[0]
    entries = {entry_of(one.path, assignment): one for one in files}
    choice = choose(list(entries), assignment)
    chosen = entries[choice.chosen[0]] if choice.chosen else files[0]  # of what cannot be read, grading says why
    if len(choice.chosen) < 2 and choice.complete:
        return replace(chosen, handed_in=choice.handed_in) if choice.handed_in else chosen
    above = os.path.commonpath([one.path.absolute().parent for one in files])  # what lies above is the instructor's
    names_told = shortened([file_name(os.path.relpath(one.path, above)) for one in files], 4)
    problem = _(
        "{n} files were submitted and it is not clear which one counts: {names}. Hand in only the one that is to be graded.",
        n=len(files),
        names=", ".join(names_told),
    )
    return replace(chosen, problem=problem, hand_in_again=True)


def entry_of(path: Path, assignment: Assignment) -> Entry:
    """A file on disk as one of a download, no larger than the assignment allows."""
    try:
        size = path.lstat().st_size
    except OSError:
        size = 0  # reading it says what is wrong
    return Entry(PurePosixPath(path), None, size, file_reader(path, int(assignment.limits.file_mb * 2**20)))


def shown(path: PurePath | str) -> str:
    """The end of a path, within a sentence."""
    return file_name(str(path)[-_LONGEST_PATH:])
