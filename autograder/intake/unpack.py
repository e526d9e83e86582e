"""Zips that are graded as they were handed in: what counts in them, written where it can be graded again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course import Assignment
from autograder.errors import GraderError
from autograder.intake.archive import Entry, Refused, file_reader
from autograder.intake.delivery import Delivery
from autograder.intake.intake import candidates_of
from autograder.intake.own_folder import read_files_beside, replace_files
from autograder.intake.passed_over import Problem, hand_in
from autograder.intake.several import choose
from autograder.language import _, in_english, joined
from autograder.notebook.note import Note
from autograder.text import file_name, shortened

_MOST_TOLD = 5


@dataclass(frozen=True)
class Unpacked:
    """What counts in a student's zips."""

    zip: Path
    """The one that holds it."""
    file: Path
    """Where it was written."""
    handed_in: tuple[str, ...] = ()
    """Names of the files of which it is the one that counts, itself first, if there were several."""
    left_out: tuple[str, ...] = ()
    """What could not be had of what else is in the zips, and why."""


def unpack(zips: Sequence[Path], assignment: Assignment, folder: Path) -> Unpacked | Problem:
    """Write what counts in a student's zips, and what lies beside it there, into a folder of their own.

    Returns:
        What counts; or what is wrong with the first of the zips.
    """
    most = int(assignment.limits.file_mb * 2**20)
    entries = [Entry(PurePosixPath(path.name), None, path.lstat().st_size, file_reader(path, most)) for path in zips]
    problems: list[str] = []
    with candidates_of(Delivery((), files=lambda: iter(entries)), assignment, problems) as (found, groups, names):
        choice = choose(found, assignment)
        chosen = choice.chosen
        problems += choice.problems
        if not chosen and problems:
            return Problem.for_both(joined(" ", [_("cannot be opened ({problem}).", problem=problems[0]), hand_in()]))
        if not chosen:
            inside = ", ".join(map(file_name, names[1:4])) or _("nothing")
            return Problem.for_both(joined(" ", [_("holds no notebook ({names}).", names=inside), hand_in()]))
        if len(chosen) > 1:
            some = ", ".join(file_name(str(one.path.relative_to(one.path.parts[0]))) for one in chosen[:3])
            what = _("holds {n} notebooks and scripts, of which it is not clear which one counts ({names}).", n=len(found), names=some)  # fmt: skip
            cure = (
                "Unpack it and keep one; if it is what Canvas, Moodle, Gradescope or Classroom 50 let you download of the class, "
                "`grader import` it"
            )
            to_student = joined(" ", [what, _("Hand in only the one that is to be graded")])
            return Problem(f"{in_english(what)} {cure}", to_student)
        counting = chosen[0]
        name = f"{assignment.name}{counting.path.suffix.lower()}"
        try:
            content = counting.read()
        except Refused as problem:
            inside = file_name(counting.path.name)
            what = _("holds {name}, which cannot be had ({problem}).", name=inside, problem=problem)
            return Problem.for_both(joined(" ", [what, hand_in()]))
        beside, left_out = read_files_beside(chosen, groups, [name])
        in_the_way = replace_files(folder, {name: content, **beside}, Note(handed_in=choice.handed_in))
    if name in in_the_way:
        raise GraderError(f"{folder / name}: is in the way, and is no file. Remove it.")
    left_out += [joined("", [file_name(one), " (", _("something is in its way"), ")"]) for one in in_the_way]
    of = next(path for path in zips if path.name == counting.path.parts[0])
    return Unpacked(of, folder / name, choice.handed_in, tuple(shortened(problems + left_out, _MOST_TOLD)))


@contextmanager
def as_graded(path: Path, assignment: Assignment) -> Iterator[Path]:
    """The file that is graded of what was handed in: itself or, of a zip, what counts in it, for as long as it is looked at."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="unpacked-") as folder:
        done = unpack([path], assignment, Path(folder) / assignment.name)
        yield path if isinstance(done, Problem) else done.file
