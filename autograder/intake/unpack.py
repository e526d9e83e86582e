"""Zips that are graded as they were handed in: what counts in them, written where it can be graded again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from autograder.course import Assignment
from autograder.errors import GraderError
from autograder.intake.archive import Entry, Refused, file_reader
from autograder.intake.delivery import Delivery
from autograder.intake.intake import candidates_of, choose
from autograder.intake.own_folder import read_files_beside, replace_files
from autograder.language import _
from autograder.notebook.note import Note
from autograder.text import file_name


def unpack(zips: Sequence[Path], assignment: Assignment, folder: Path) -> tuple[Path | None, str]:
    """Write what counts in a student's zips, and what lies beside it there, into a folder of their own.

    Returns:
        The file that counts; or None, and what is wrong and what to do, which goes on behind the zip's name.
    """
    most = int(assignment.limits.file_mb * 2**20)
    entries = [Entry(PurePosixPath(path.name), None, path.lstat().st_size, file_reader(path, most)) for path in zips]
    problems: list[str] = []
    with candidates_of(Delivery((), files=lambda: iter(entries)), assignment, problems) as (found, groups, names):
        chosen, handed_in = choose(found, assignment, problems)
        if not chosen and problems:
            return None, _("cannot be opened ({problem}). Hand in the file that ends in .ipynb", problem=problems[0])
        if not chosen:
            inside = ", ".join(map(file_name, names[1:4])) or _("nothing")
            return None, _("holds no notebook ({names}). Hand in the file that ends in .ipynb", names=inside)
        if len(chosen) > 1:
            some = ", ".join(file_name(str(one.path.relative_to(one.path.parts[0]))) for one in chosen[:3])
            return None, _(
                "holds {n} notebooks and scripts, of which it is not clear which one counts ({names}). Unpack it and keep one; "
                "if it is what Canvas, Moodle or Gradescope let you download, `grader import` it",
                n=len(found),
                names=some,
            )
        name = f"{assignment.name}{chosen[0].path.suffix.lower()}"
        try:
            content = chosen[0].read()
        except Refused as problem:
            return None, _(
                "holds {name}, which cannot be had ({problem}). Hand in the file that ends in .ipynb",
                name=file_name(chosen[0].path.name),
                problem=problem,
            )
        beside = read_files_beside(chosen, groups, [name])[0]
        left = replace_files(folder, {name: content, **beside}, Note(handed_in=handed_in))
    if name in left:
        raise GraderError(f"{folder / name}: is in the way, and is no file. Remove it.")
    return folder / name, ""
