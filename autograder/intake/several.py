"""Which of several files of one student counts, by what is in them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.files import open_regular
from autograder.intake.counting import Candidate, handed_in, which_counts
from autograder.language import _
from autograder.notebook import Found
from autograder.text import file_name, shortened

_MOST = 200
"""Files of one student that are looked at."""


def the_one(entries: Sequence[Found], assignment: Assignment) -> Found:
    """The one of a student's files that counts; with a problem, if that is not clear."""
    if len(entries) == 1:
        return entries[0]
    read = {candidate(one.path, assignment): one for one in entries[:_MOST]}
    counting, own = which_counts(list(read), assignment)
    chosen = read[counting[0]]
    if len(counting) == 1 and len(entries) <= _MOST:
        names = handed_in(counting[0], own)
        return replace(chosen, handed_in=names) if names else chosen
    above = os.path.commonpath([one.path.absolute().parent for one in entries])  # what lies above is the instructor's
    names_told = shortened([file_name(os.path.relpath(one.path, above)) for one in entries], 4)
    problem = _(
        "{n} files were submitted and it is not clear which one counts: {names}. Hand in only the one that is to be graded.",
        n=len(entries),
        names=", ".join(names_told),
    )
    return replace(chosen, problem=problem, hand_in_again=True)


def candidate(path: Path, assignment: Assignment) -> Candidate:
    """What decides whether a file counts; of one that cannot be read, that it defines nothing."""
    data = b""
    most = int(assignment.limits.file_mb * 2**20)
    with suppress(SubmissionError, OSError), open(open_regular(path), "rb") as file:
        data = file.read(most + 1)
    return Candidate.of(path, data if len(data) <= most else b"", assignment)
