"""What there is to grade in files and folders: whose it is, which file counts, and what is no submission as it is.

In a folder, `*.ipynb` and `*.py` are submissions named after their students, and `<student>/<assignment>/` is nbgrader's layout.
Nothing that may have been handed in is passed over in silence.
"""

from __future__ import annotations

import os
import shlex
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from autograder.beside import LITTER
from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.intake.archive import Refused
from autograder.intake.counting import Candidate, asked_for, may_define
from autograder.intake.passed_over import (
    PassedOver,
    Problem,
    called_like,
    hand_in,
    hidden,
    misplaced,
    nobody_grades,
    not_unpacked,
    problem_of,
    too_high,
    unreadable,
    wrongly_called,
)
from autograder.intake.several import entry_of, the_one
from autograder.intake.systems.moodle import moodle_name
from autograder.intake.unpack import Unpacked, unpack
from autograder.intake.whose import Names, Owner
from autograder.language import _, in_english, joined, known_language, language, speaking
from autograder.notebook import SUFFIXES, Found
from autograder.notebook.note import is_in_clone, read_note
from autograder.people.file_names import to_file_name
from autograder.people.match import Known
from autograder.text import file_name, shortened
from autograder.times import STAMP, UnclearTime, read_stamp

_MOST_FOLDERS = 200
"""Of one student, that are looked through for a submission."""
_MOST_NAMES = 5_000
"""In all of these together."""


@dataclass
class Looked:
    """What was found."""

    found: list[Found] = field(default_factory=list)
    """One for each student, sorted by id."""
    unknown: list[Found] = field(default_factory=list)
    """The same of ids that nobody in the roster has, nor has had; zips among them are not opened."""
    left: list[Found] = field(default_factory=list)
    """What there is of students who have left the class, whether it can be graded or not."""
    likeliest: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Unknown id -> ids of those whom it may mean."""
    passed_over: list[PassedOver] = field(default_factory=list)
    scripts: list[Path] = field(default_factory=list)
    """Scripts that define nothing that is asked for, and bear nobody's id: no submissions."""


def find_submissions(
    course: Course,
    assignment: Assignment,
    paths: Sequence[Path],
    students: Iterable[Known] = (),
    *,
    anyone: bool = False,
) -> Looked:
    """Look for submissions.

    Args:
        students: of the gradebook.
        anyone: what bears an id that nobody in the roster has is found, too.

    Raises:
        GraderError: a path does not exist, or nothing was handed in there.
    """
    search = _Search(course, assignment, list(students), anyone=anyone)
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise GraderError(f"{path}: there is no such file or folder.")
        search.at(path)
    looked = search.done()
    if not (looked.found or looked.unknown or looked.left or any(one.known for one in looked.passed_over)):
        if looked.passed_over:
            raise GraderError(
                f"No submission of {assignment.name} in {', '.join(map(str, paths))}. {_first(looked.passed_over)}"
            )
        scripts = f" {looked.scripts[0]} defines nothing that is asked for." if looked.scripts else ""
        raise GraderError(
            f"No submission of {assignment.name} in {', '.join(map(str, paths))}: looked for *.ipynb and *.py, "
            f"and for <student>/{assignment.name}/ as nbgrader lays them out.{scripts}"
        )
    return looked


def lies_in_own_folder(path: Path, assignment: str) -> bool:
    """Whether the folder that a file lies in is its student's own, as nbgrader or an import lays it out."""
    parents = path.absolute().parents
    return len(parents) > 2 and parents[0].name == assignment and parents[2].name in ("submitted", "unpacked")


class _Search:
    def __init__(self, course: Course, assignment: Assignment, students: Sequence[Known], *, anyone: bool) -> None:
        self._course = course
        self._assignment = assignment
        self._names = Names(assignment.name, students)
        self._anyone = anyone or not self._names.roster.known
        self._languages = {one.id: known_language(one.language) for one in students}
        self._others = {name for name in course.assignment_names if name != assignment.name}
        self._entries: dict[Owner, dict[Path, Found]] = {}
        self._noted: dict[Path, Path] = {}
        """File -> the folder that says when it was handed in. No file's own date counts: that of a download, or of a copy."""
        self._zips: dict[Owner, list[tuple[Path, Path | None]]] = {}
        """And the student's own folder, if they lie in it."""
        self._looked = Looked()

    def done(self) -> Looked:
        looked = self._looked
        for owner, zips in self._zips.items():
            if self._graded(owner):
                with self._speaking(owner):
                    self._open(owner, zips)
            else:
                self._not_graded(owner).append(Found(owner.id, zips[0][0], None))
        for owner, entries in self._entries.items():
            target = looked.found if self._graded(owner) else self._not_graded(owner)
            with self._speaking(owner):
                one = the_one(list(entries.values()), self._assignment)
                folder = self._noted.get(one.path)
                target.append(replace(_with_time(one, folder) if folder else one, language=language()))
        for found in (looked.found, looked.unknown, looked.left):
            found.sort(key=lambda one: one.student)
        looked.likeliest = {one.student: self._names.likeliest(one.student) for one in looked.unknown}
        looked.passed_over.sort(key=lambda one: (one.owner, str(one.path)))
        return looked

    def _graded(self, owner: Owner) -> bool:
        return owner.known or self._anyone

    def _not_graded(self, owner: Owner) -> list[Found]:
        return self._looked.left if owner.left else self._looked.unknown

    def at(self, path: Path) -> None:
        """Look at a path that was asked for."""
        here = path.absolute()
        parents = here.parents
        if not path.is_dir():
            if lies_in_own_folder(path, self._assignment.name):
                owner = self._names.of_folder(parents[1].name)
                if path.suffix.lower() in SUFFIXES:
                    self._add(owner, path, own_folder=True)
                else:  # a zip, or what lies beside: the folder says what counts
                    with self._speaking(owner):
                        self._own_folder(owner, path.parent)
            elif not self._loose(path, asked=True):
                owner = self._names.of_file(path.stem)
                with self._speaking(owner):
                    self._pass(path, owner, nobody_grades(path))
        elif here.name == self._assignment.name and here.parent.parent.name == "submitted":
            self._asked_folder(here.parent.name, path.resolve() if path.is_symlink() else path)
        elif here.parent.name == "submitted" and (path / self._assignment.name).is_dir():
            self._asked_folder(here.name, path / self._assignment.name)
        else:
            self._folder(path)

    def _asked_folder(self, name: str, folder: Path) -> None:
        owner = self._names.of_folder(name)
        with self._speaking(owner):
            self._own_folder(owner, folder)

    def _folder(self, path: Path) -> None:
        """A folder of files or folders named after students."""
        in_root = path.resolve() == self._course.root
        for one in self._inside(path, self._names.of_folder(path.absolute().name)):
            if hidden(one.name) or one.name in LITTER:
                continue
            if one.is_dir() and not one.is_symlink() and one.suffix.lower() not in SUFFIXES:
                owner = self._names.of_folder(one.name)
                if in_root and one.name == "submitted":
                    self._folder(one)
                elif not in_root or owner.known:  # of the others, the course is made
                    with self._speaking(owner):
                        self._students_folder(one, owner)
            elif not self._loose(one, asked=False):
                self._odd(one, in_root)

    def _speaking(self, owner: Owner) -> AbstractContextManager[None]:
        """What is told of somebody's files is told to them as well."""
        return speaking(self._languages.get(owner.id) or self._course.language)

    def _inside(self, folder: Path, owner: Owner, most: int | None = None) -> list[Path]:
        """What lies in a folder, or so much of it."""
        try:
            with os.scandir(folder) as found:
                return sorted(Path(one.path) for one in islice(found, most))
        except OSError as error:
            with self._speaking(owner):
                self._pass(folder, owner, unreadable(error))
            return []

    def _loose(self, file: Path, *, asked: bool) -> bool:
        """Take a file for a submission, if it is one."""
        suffix = file.suffix.lower()
        if file.is_dir():
            return False
        owner = self._names.of_file(file.stem)
        if suffix == ".zip" and (self._graded(owner) or owner.left):
            self._zips.setdefault(owner, []).append((file, None))
            return True
        if suffix not in SUFFIXES:
            return False
        if suffix == ".py" and not (owner.known or owner.left) and not asked and not self._answers(file):
            self._looked.scripts.append(file)
        else:
            self._add(owner, file)
        return True

    def _odd(self, file: Path, in_root: bool) -> None:
        """A file beside submissions that is none, if anything says that it was handed in."""
        whole, begins = self._names.of_file(file.stem), file.name.partition(".")[0]
        owner = whole if whole.known else self._names.of_file(begins) if begins else Owner("", False)
        with self._speaking(owner):
            if owner.known and self._names.roster.known:
                self._pass(file, owner, nobody_grades(file))
            elif not in_root and (problem := problem_of(file) or (nobody_grades(file) if file.is_symlink() else None)):
                self._pass(file, whole if file.is_dir() else owner, problem)

    def _students_folder(self, folder: Path, owner: Owner) -> None:
        """A folder called after a student, that should hold one of the assignment's name."""
        name = self._assignment.name
        if (folder / name).is_dir():
            self._own_folder(owner, folder / name)
            return
        inside = self._inside(folder, owner)
        like = [one for one in inside if one.is_dir() and called_like(one.name, name) and one.name not in self._others]
        if like:
            self._pass(like[0], owner, wrongly_called(like[0].name, name))
        elif loose := [one for one in inside if one.suffix.lower() in SUFFIXES and one.is_file()]:
            if moodle_name(folder.name, is_folder=True):
                command = shlex.join(["grader", "import", str(folder.parent), "--assignment", name, "--to", "."])
                told = f"is a folder as Moodle's downloads have them. First run `{command}`"
                self._pass(folder, Owner("", False), Problem(told, ""))  # nobody's
            elif loose[0].suffix.lower() == ".ipynb" or owner.known:
                self._pass(loose[0], owner, too_high(f"{folder.name}/{name}"))
        elif (owner.known or folder.absolute().parent.name == "submitted") and (deep := self._deep(folder, owner)):
            place = f"{folder.name}/{name}"
            self._pass(deep, owner, misplaced(f"lies elsewhere than in {place}/. Move it there", place))

    def _deep(self, folder: Path, owner: Owner) -> Path | None:
        """A notebook or something like it below a folder, elsewhere than in another assignment's; looks at so many folders and names."""
        level, folders, names = deque([folder]), 0, _MOST_NAMES
        while level and folders < _MOST_FOLDERS and names > 0:
            here = level.popleft()
            folders += 1
            inside = self._inside(here, owner, names)
            names -= len(inside)
            for one in inside:
                if hidden(one.name) or one.name in LITTER or one.is_symlink():
                    continue
                if one.is_dir():
                    if not (here == folder and one.name in self._others):
                        level.append(one)
                elif one.suffix.lower() in SUFFIXES or problem_of(one):
                    return one
        return None

    def _own_folder(self, owner: Owner, folder: Path) -> None:
        """A student's own folder. A link is what is handed in, and is refused when it is read: in a clone it may lead to somebody else's folder."""
        if folder.is_symlink():
            self._add(owner, folder, own_folder=True)
            return
        files = [one for one in self._inside(folder, owner) if not hidden(one.name) and one.name != STAMP]
        candidates = [
            one for one in files if one.suffix.lower() in SUFFIXES and not (one.is_dir() and not one.is_symlink())
        ]
        for one in candidates:
            self._add(owner, one, own_folder=True)
        if any(one.suffix.lower() == ".ipynb" or one.is_symlink() or self._answers(one) for one in candidates):
            return
        zips = [one for one in files if one.suffix.lower() == ".zip" and one.is_file()]
        if zips:
            self._zips.setdefault(owner, []).extend((one, folder) for one in zips)
            return
        odd = next(((one, problem) for one in files[:_MOST_NAMES] if (problem := problem_of(one))), None)
        if odd:
            self._pass(odd[0], owner, odd[1])
        elif candidates:
            return
        elif deep := self._deep(folder, owner):
            place = f"{folder.parent.name}/{folder.name}"
            self._pass(deep, owner, misplaced(f"lies too deep. Move it to {place}/", place))
        else:
            names = ", ".join(file_name(one.name) for one in files[:3]) or _("nothing")
            empty = joined(" ", [_("holds no notebook ({names}).", names=names), hand_in()])
            self._pass(folder, owner, Problem.for_both(empty))

    def _open(self, owner: Owner, zips: Sequence[tuple[Path, Path | None]]) -> None:
        """Open a student's zips: what counts in them is written to a folder of the course's; if that is not clear, it is told."""
        place = self._course.root / "unpacked" / to_file_name(owner.id) / self._assignment.name
        done: Unpacked | Problem
        try:
            done = unpack(list(dict.fromkeys(path for path, _ in zips)), self._assignment, place)
        except (GraderError, OSError) as error:  # the others are graded all the same
            done = not_unpacked(error)
        if isinstance(done, Problem):
            self._pass(zips[0][0], owner, done)
            return
        if done.left_out:
            files = "; ".join(map(in_english, done.left_out))
            told = f"is graded without what could not be had of it: {files}. If that is needed, ask for it"
            self._pass(done.zip, owner, Problem(told, ""))  # its student reads of it in the result
        found = Found(
            owner.id, done.file, None, own_folder=True, handed_in=done.handed_in, zip=done.zip, left_out=done.left_out
        )
        if folder := next((folder for _, folder in zips if folder), None):
            self._noted[done.file] = folder
        self._entries.setdefault(owner, {})[done.file] = found

    def _add(self, owner: Owner, file: Path, *, own_folder: bool = False) -> None:
        entries = self._entries.setdefault(owner, {})
        if file not in entries:
            entries[file] = Found(owner.id, file, None, own_folder=own_folder)
            if own_folder:
                self._noted[file] = file.parent

    def _pass(self, path: Path, owner: Owner, problem: Problem) -> None:
        if owner.left and not self._anyone:
            self._looked.left.append(Found(owner.id, path, None))
            return
        likeliest = () if owner.known else self._names.likeliest(owner.id)
        self._looked.passed_over.append(PassedOver(path, owner.id, owner.known, problem, language(), likeliest))

    def _answers(self, script: Path) -> bool:
        """Whether a script defines something that an assignment of the course asks for: another one's is told so when it is graded."""
        entry = entry_of(script, self._assignment)
        try:
            data = entry.read()
        except Refused:
            return True
        return may_define(data, self._asked) or bool(Candidate.of(entry.path, data, self._asked).defines)

    @cached_property
    def _asked(self) -> frozenset[str]:
        """The names that the assignments of the course ask for."""
        asked = asked_for(self._assignment)
        for name in self._others:
            with suppress(GraderError):  # what is wrong with other assignments does not matter here
                asked |= asked_for(self._course.assignment(name))
        return asked


def _first(passed_over: Sequence[PassedOver]) -> str:
    return " ".join(shortened([f"{file_name(str(one.path))}: {in_english(one.problem)}." for one in passed_over]))


def _with_time(found: Found, folder: Path) -> Found:
    """With the time that nbgrader's `timestamp.txt` tells, and what an import has noted; in a clone, both would be the student's."""
    if is_in_clone(folder):
        return found
    note = read_note(folder)
    found = replace(found, late=note.late, given=note.given, handed_in=found.handed_in or note.handed_in)
    try:
        time = read_stamp(folder)
    except UnclearTime as problem:
        return replace(found, unclear=str(problem))
    corrected = bool(time and note.time and int(time.timestamp()) != note.time)  # by hand, since it was imported
    return replace(found, submitted_at=time, given=found.given or corrected)
