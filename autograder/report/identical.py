"""Files that several students handed in alike, byte for byte. A fact for the instructor to look at, and no verdict: groups that hand in together have them, too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.course import Assignment
from autograder.notebook.found import NO_FILE
from autograder.report.words import count, plain
from autograder.result import Outcome, Result, Status

_EMPTY = hashlib.sha256(b"").hexdigest()
_MOST_TOLD = 8


def identical(results: Iterable[Result], assignment: Assignment) -> list[list[str]]:
    """Students whose submissions are the same bytes, in groups, the largest first; ids in order.

    Left out is what is nobody's work: the template, handed out or saved again with nothing written into it, and empty files.
    """
    nobodys = {_EMPTY, NO_FILE, *_templates(assignment.template_folder)}
    groups: dict[str, list[str]] = {}
    for result in results:
        if result.submission_fingerprint not in nobodys and not _untouched(result):
            groups.setdefault(result.submission_fingerprint, []).append(result.student)
    alike = [sorted(students) for students in groups.values() if len(students) > 1]
    return sorted(alike, key=lambda students: (-len(students), students))


def told(groups: Sequence[Sequence[str]]) -> list[str]:
    """A sentence for each group: ``3 students handed in the same file: an, binh, chi.`` The last says how many more groups there are."""
    lines = [
        f"{len(students)} students handed in the same file: {', '.join(map(plain, students[:_MOST_TOLD]))}"
        + (f" and {len(students) - _MOST_TOLD} more." if len(students) > _MOST_TOLD else ".")
        for students in groups[:_MOST_TOLD]
    ]
    more = len(groups) - _MOST_TOLD
    return [*lines, f"So did {count(more, 'more group')} of students."] if more > 0 else lines


def _untouched(result: Result) -> bool:
    """Whether nothing was written: a template that has only been opened and saved differs from the one that was handed out."""
    return (
        result.status is Status.GRADED
        and not result.cell_errors
        and all(test.outcome is Outcome.SKIPPED and not test.earned for test in result.tests)
    )


def _templates(folder: Path) -> set[str]:
    files = (*folder.glob("*.ipynb"), *folder.glob("*.py"))
    return {hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}
