"""What each system's download looks like: whose files these are, when they came, and whether they came late.

Only what the system itself writes is read here: the names at the outermost level of a download, and files that lie there. Whatever a
student can choose (what their own files and folders are called, what is in them, their display name) decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.intake.archive import Entry, Folder, Refused, everything, file_reader
from autograder.notebook.times import from_seconds, read_time

SYSTEMS = ("canvas", "moodle", "gradescope", "nbgrader", "git")
"""What `--from` takes."""
_TITLES = {"canvas": "Canvas", "moodle": "Moodle", "gradescope": "Gradescope"}


class Ids(Enum):
    """Whose word a person's ids are."""

    ROSTER = "the school's"
    """Student numbers and e-mail addresses, as the roster holds them."""
    NUMBER = "the system's"
    """A number that the system has given them, and which the roster may hold."""
    LOGIN = "the student's"
    """A login that they have chosen."""


@dataclass(frozen=True)
class Person:
    """Whoever handed in, as far as the download says."""

    name: str = ""
    """A display name: in some systems, students choose it."""
    ids: tuple[str, ...] = ()
    """What may be their id in the roster, or their e-mail address; the most telling first."""
    kind: Ids = Ids.ROSTER

    @property
    def label(self) -> str:
        return self.name or next(iter(self.ids), "unknown")


@dataclass(frozen=True)
class Delivery:
    """One submission: some files, from one person or from a group."""

    people: tuple[Person, ...]
    place: str = ""
    """What it is called in the download."""
    sender: str = ""
    """Who sent it, as the system tells senders apart; equal for two submissions of the same people only."""
    files: Callable[[], Iterator[Entry]] = field(default=lambda: iter(()))
    """Its files at the outermost level and below, zips among them. Raises `Refused`."""
    submitted_at: datetime | None = None
    late: bool = False
    """Whether the system calls it late."""
    group: str = ""
    others: tuple[Delivery, ...] = ()
    """What else it may be, should its name be readable in more ways than one."""


@dataclass(frozen=True)
class Download:
    """A download that has been recognised."""

    system: str
    deliveries: list[Delivery] = field(default_factory=list)
    times: str = ""
    """What its times are, unless they are those of handing in."""
    others: list[str] = field(default_factory=list)
    """What else lies at the outermost level, and is nothing of the system's."""
    why: str = ""
    """By what it was recognised."""


@dataclass(frozen=True)
class _Fit:
    """How well a folder fits a system."""

    system: str
    why: str
    share: float
    """How much of it fits, up to 1."""
    rank: int
    """0 if the names at the outermost level say so, which are the system's; more if what is looked at may be a student's."""
    read: Callable[[], Download]


def recognise(source: Path, root: Folder, assignment: str, system: str | None = None) -> Download:
    """Read a download of whichever system it is, or of the one of `SYSTEMS` that is named.

    Raises:
        GraderError: of none that is known, or of several.
    """
    try:
        fits = _fits(source, root, assignment, system)
        inner = [*root.folders()]
        if not fits and len(inner) == 1 and not root.files():  # whoever packs a folder again gets one around it
            fits = _fits(source, inner[0], assignment, system)
        some = ", ".join(one.path.name for one in _both(root)[:3]) or "nothing"
    except Refused as problem:
        raise GraderError(f"{source}: {problem}. Is it the right one?") from None
    if not fits:
        wanted = f"is no download of {_title(system)}" if system else "is not recognised"
        raise GraderError(
            f"{source}: {wanted} (it holds {some}). Known are the downloads of Canvas, Moodle and Gradescope, nbgrader's submitted/ and inbound/ "
            "folders, and a folder of git clones. Notebooks that are named after their students can be graded as they are."
        )
    best = _best(fits)
    if len(best) > 1:
        reasons = "; or ".join(f"{_title(fit.system)}: {fit.why}" for fit in best)
        options = " or ".join(f"--from {fit.system}" for fit in best)
        raise GraderError(f"{source}: may be of several systems. {reasons}. Say which with {options}.")
    return replace(best[0].read(), why=best[0].why)


def _best(fits: list[_Fit]) -> list[_Fit]:
    """The one that is meant; several if there is no telling. What a single student can do must not change it."""
    fits = [fit for fit in fits if fit.rank < 2] or fits
    for rank in (0, 1):
        if whole := [fit for fit in fits if fit.share == 1 and fit.rank == rank]:
            return whole
    return [fit for fit in fits if fit.share > 0.5] or fits


def _title(system: str | None) -> str:
    return _TITLES.get(system or "", system or "")


def _fits(source: Path, root: Folder, assignment: str, system: str | None) -> list[_Fit]:
    found = (look(source, root, assignment) for name, look in _LOOKS.items() if system in (None, name))
    return [fit for fit in found if fit]


# Gradescope: submission_metadata.yml and a folder for each submission


_METADATA = "submission_metadata.yml"


def _gradescope(source: Path, root: Folder, assignment: str) -> _Fit | None:
    metadata = next((entry for entry in root.files() if entry.path.name == _METADATA), None)
    if metadata is None:
        return None
    why = f"{_METADATA} lies at the top"
    return _Fit("gradescope", why, 1, 0, lambda: _read_gradescope(source, root, metadata))


def _read_gradescope(source: Path, root: Folder, metadata: Entry) -> Download:
    import yaml

    try:
        submissions = yaml.load(metadata.read(), Loader=_timeless_loader(yaml))
        if not isinstance(submissions, dict):
            raise Refused("is no list of submissions")
    except (yaml.YAMLError, Refused, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise GraderError(f"{source}: submission_metadata.yml cannot be read ({error}). Download it again.") from None
    folders = {folder.path.name: folder for folder in root.folders()}
    deliveries = []
    for name, facts in submissions.items():
        if not isinstance(name, str) or not isinstance(facts, dict):
            continue
        submitters = _field(facts, "submitters")
        people = tuple(
            Person(_text(one, "name"), tuple(filter(None, (_text(one, "sid"), _text(one, "email")))))
            for one in (submitters if isinstance(submitters, list) else ())
            if isinstance(one, dict)
        )
        # Without any id, nothing tells whether two submissions are of the same people.
        known = all(person.ids for person in people)
        sender = repr(sorted(repr(person.ids) for person in people)) if known else name
        files = _below(folders[name]) if name in folders else Delivery(()).files
        deliveries.append(Delivery(people, name, sender, files, read_time(_field(facts, "created_at"))))
    return Download("Gradescope", deliveries)


def _timeless_loader(yaml: Any) -> Any:
    """YAML's safe loader, with times left as text: Ruby writes some that it does not know."""
    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [(tag, pattern) for tag, pattern in those if tag != "tag:yaml.org,2002:timestamp"]
        for first, those in safe.yaml_implicit_resolvers.items()
    }
    return type("Loader", (safe,), {"yaml_implicit_resolvers": resolvers})


def _field(facts: dict[Any, Any], name: str) -> Any:
    """A value under a Ruby symbol, or under the plain name."""
    return facts.get(f":{name}", facts.get(name))


def _text(facts: dict[Any, Any], name: str) -> str:
    value = _field(facts, name)
    return str(value).strip()[:300] if isinstance(value, str | int) else ""


# Git clones, as GitHub Classroom's and GitLab's tools leave them: a folder with .git for each student


def _git(source: Path, root: Folder, assignment: str) -> _Fit | None:
    places = [(folder, place) for folder in root.folders() if (place := folder.on_disk())]
    clones = [(folder, place) for folder, place in places if (place / ".git").exists()]
    if not clones:
        return None
    others = [
        f"{folder.path.name}: is no git clone"
        for folder, place in places
        if not (place / ".git").exists() and not folder.path.name.startswith(".")
    ]
    why = f"{len(clones)} of {len(places)} folders are git clones, as {clones[0][0].path.name} is"

    def read() -> Download:
        deliveries = []
        for folder, place in clones:
            # Classroom's names are <assignment>-<login>; a group's repository has the group's name instead.
            name = folder.path.name
            login = name
            if name.casefold().startswith(assignment.casefold()) and name[len(assignment) :][:1] in ("-", "_", "."):
                login = name[len(assignment) :].lstrip("-_.") or name
            person = Person(ids=(login, name), kind=Ids.LOGIN)
            time = _arrived(place)
            deliveries.append(Delivery((person,), name, name, _below(folder), time, group=login))
        times = (
            "git: the times are those at which the commits came onto this computer, by cloning or pulling: commits bear whatever "
            "dates their authors give them."
        )
        return Download("git", deliveries, times, others)

    return _Fit("git", why, len(clones) / (len(clones) + len(others)), 1, read)


def _arrived(clone: Path) -> datetime | None:
    """When the commit that is checked out came onto this computer, by what git noted then.

    git writes `.git` itself, and takes nothing of that name from others: nobody but the owner of the clone can change these notes.
    """
    try:
        lines = file_reader(clone / ".git" / "logs" / "HEAD", 2**22)().splitlines()
        # <old> <new> <name> <e-mail> <seconds> <zone>, and behind a tab what was done
        notes = [words for line in lines if len(words := line.partition(b"\t")[0].split()) > 4]
        return next(from_seconds(int(words[-2])) for words in notes if words[1] == notes[-1][1])
    except (Refused, OSError, ValueError, OverflowError, StopIteration):
        pass
    try:
        return from_seconds((clone / ".git" / "HEAD").stat().st_mtime)
    except OSError:
        return None


# nbgrader: submitted/<student>/<assignment>/, and the exchange's inbound/<student>+<assignment>+<time>[+<random>]/


def _nbgrader(source: Path, root: Folder, assignment: str) -> _Fit | None:
    folders = {folder.path.name: folder for folder in root.folders()}
    inbound = [folder for folder in folders.values() if _inbound(folder)]
    if inbound:
        why = f"folders are called like {inbound[0].path.name} (<student>+<assignment>+<time>)"
        return _Fit("nbgrader", why, len(inbound) / len(folders), 0, lambda: _read_inbound(inbound, assignment))
    for name in ("submitted", "inbound"):
        place = folders[name].on_disk() if name in folders else None
        if name in folders and not (place and (place / ".git").exists()):  # a clone may be called so, too
            below = _nbgrader(source, folders[name], assignment)
            if below:
                why = f"there is a folder {name}/, in which {below.why}"
                return _Fit("nbgrader", why, 1, 0, below.read)
    students = [folder for folder in folders.values() if _of(folder, assignment)]
    if not students:
        return None
    why = f"folders are laid out like {students[0].path.name}/{assignment}/"
    return _Fit("nbgrader", why, len(students) / len(folders), 2, lambda: _read_submitted(students, assignment))


def _inbound(folder: Folder) -> list[str] | None:
    """Student, assignment and time that a folder of the exchange is called after."""
    parts = folder.path.name.split("+", 3)
    return parts[:3] if len(parts) > 2 and all(parts[:3]) else None


def _of(folder: Folder, assignment: str) -> Folder | None:
    try:
        return next((below for below in folder.folders() if below.path.name == assignment), None)
    except Refused:
        return None


def _read_inbound(folders: Sequence[Folder], assignment: str) -> Download:
    deliveries = []
    for folder in folders:
        student, name, time = _inbound(folder) or ("", "", "")
        if name == assignment:
            person = Person(ids=(student,))
            deliveries.append(Delivery((person,), folder.path.name, student, _below(folder), read_time(time)))
    return Download("nbgrader", deliveries)


def _read_submitted(folders: Sequence[Folder], assignment: str) -> Download:
    deliveries = []
    for student in folders:
        folder = _of(student, assignment)
        assert folder is not None
        name = student.path.name
        times = _stamp(folder) or _latest(_outermost(folder))
        deliveries.append(Delivery((Person(ids=(name,)),), f"{name}/{assignment}", name, _below(folder), times))
    return Download("nbgrader", deliveries)


def _stamp(folder: Folder) -> datetime | None:
    """nbgrader's `timestamp.txt`."""
    for entry in _outermost(folder):
        if entry.path.name == "timestamp.txt" and entry.size < 1000:
            try:
                return read_time(entry.read().decode("utf-8", "replace").strip())
            except Refused:
                return None
    return None


# Moodle: <full name>_<participant>_assignsubmission_file[_]/<file>, or flat with the file's name behind it


_MOODLE_FOLDER = re.compile(r"(?P<name>.*)_(?P<number>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_?", re.DOTALL)
"""The end of a folder's name is Moodle's own."""
_MOODLE_FILE = re.compile(r"_(?P<number>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_", re.DOTALL)
"""Of a file's name, only the beginning is: Moodle makes blanks of the `_` in a display name, so the first one counts."""


@dataclass(frozen=True)
class Moodle:
    """What a name in Moodle's download says."""

    name: str
    number: str
    plugin: str
    file: str
    """What the student called the file; empty for a folder."""


def moodle_name(name: str, *, is_folder: bool) -> Moodle | None:
    """Read a name at the outermost level of a download from Moodle; None if it is none."""
    if is_folder:
        found = _MOODLE_FOLDER.fullmatch(name)
        return Moodle(found["name"], found["number"], found["plugin"], "") if found and found["name"] else None
    found = _MOODLE_FILE.search(name)
    if not found or not found.start():
        return None
    return Moodle(name[: found.start()], found["number"], found["plugin"], name[found.end() :])


def _moodle(source: Path, root: Folder, assignment: str) -> _Fit | None:
    groups: dict[tuple[str, str], tuple[list[Entry], list[Folder]]] = {}
    first, others = "", []
    for one in _both(root):
        is_folder = not isinstance(one, Entry)
        found = moodle_name(one.path.name, is_folder=is_folder)
        if found is None:
            if not one.path.name.startswith("."):
                others.append(f"{one.path.name}: is not named as in a download from Moodle")
            continue
        first = first or one.path.name
        files, folders = groups.setdefault((found.name, found.number), ([], []))
        if found.plugin != "file":
            continue
        if isinstance(one, Entry):
            files.append(_renamed(one, found.file))
        else:
            folders.append(one)
    if not groups:
        return None
    why = _all_like(others, first, "<name>_<number>_assignsubmission_...")

    def read() -> Download:
        deliveries = []
        for (name, number), (files, folders) in groups.items():
            if not files and not folders:  # text typed into Moodle
                continue
            outer = [*files, *(entry for folder in folders for entry in _outermost(folder))]
            people = (Person(name, (number,), Ids.NUMBER),)
            place = f"{name}, participant {number}"
            deliveries.append(Delivery(people, place, number, _together(files, folders), _latest(outer), group=name))
        return Download("Moodle", deliveries, _no_times("Moodle"), others)

    return _Fit("moodle", why, _share(groups.values(), others), 0, read)


# Canvas: {sortable name}[_LATE]_{user id}_{attachment id}_{file}


_CANVAS = re.compile(r"(?=_(?P<user>[0-9]+)_[0-9]+_(?P<file>.))", re.DOTALL)
"""Every place where Canvas's numbers may stand: a display name may hold such, and so may what a student calls a file."""
_NUMBERS = re.compile(r"_[0-9]+_[0-9]+_")
_ANONYMOUS = re.compile(r"(?P<late>LATE_|late_)?anon_(?P<user>[A-Za-z0-9]+)_[0-9]+_(?P<file>.+)", re.DOTALL)
_NEVER_IN_NAMES = re.compile(r"[\x00-/:-@A-Z\[-^`{-\x7f]")
"""Canvas writes names in small letters, without blanks and signs."""
_MOST_READINGS = 8


@dataclass(frozen=True)
class Canvas:
    """One way to read a name in Canvas's download."""

    name: str
    user: str
    file: str
    """What the student called the file."""
    late: bool


def canvas_names(name: str) -> list[Canvas]:
    """All ways to read a name at the outermost level of a download from Canvas, the likeliest first."""
    found: list[Canvas] = []
    for match in _CANVAS.finditer(name):
        before = name[: match.start()]
        late = before.endswith(("_LATE", "_late"))
        before = before[:-5] if late else before
        if found and _NEVER_IN_NAMES.search(before):
            break  # and so it is in all that follow
        numbers = _NUMBERS.match(name, match.start())
        assert numbers is not None
        found.append(Canvas(before, match["user"], name[numbers.end() :], late))
        if len(found) >= _MOST_READINGS:
            break
    if not found and (anonymous := _ANONYMOUS.fullmatch(name)):
        return [Canvas("", f"anon_{anonymous['user']}", anonymous["file"], anonymous["late"] is not None)]
    return found


def _canvas(source: Path, root: Folder, assignment: str) -> _Fit | None:
    groups: dict[tuple[Canvas, ...], tuple[list[Entry], list[Folder]]] = {}
    whole_names: dict[tuple[Canvas, ...], list[str]] = {}
    first, others = "", []
    for one in _both(root):
        readings = canvas_names(one.path.name)
        if not readings:
            if not one.path.name.startswith("."):
                others.append(f"{one.path.name}: is not named as in a download from Canvas")
            continue
        first = first or one.path.name
        # A name that can be read in several ways stands for itself; the others go by name and number.
        sure = len(readings) == 1
        key = (Canvas(readings[0].name, readings[0].user, "", False),) if sure else tuple(readings)
        files, folders = groups.setdefault(key, ([], []))
        whole_names.setdefault(key, []).append(one.path.name)
        if isinstance(one, Entry):
            files.append(_renamed(one, _without_version(readings[0].file)))
        else:
            folders.append(one)
    if not groups:
        return None
    why = _all_like(others, first, "<name>_<number>_<number>_<file>")

    def read() -> Download:
        deliveries = []
        for readings, (files, folders) in groups.items():
            name, user = readings[0].name, readings[0].user
            sure = len(readings) == 1
            place = f"{name or 'without a name'}, user {user}" if sure else f"the file {whole_names[readings][0]}"
            late = any(canvas_names(one)[0].late for one in whole_names[readings])
            ways = [
                Delivery(
                    (Person(one.name, (one.user,), Ids.NUMBER),), place, user if sure else place, _together(files, folders),
                    _latest(files), late if sure else one.late,
                )
                for one in readings
            ]  # fmt: skip
            deliveries.append(replace(ways[0], others=tuple(ways[1:])))
        return Download("Canvas", deliveries, _no_times("Canvas"), others)

    return _Fit("canvas", why, _share(groups.values(), others), 0, read)


def _without_version(name: str) -> str:
    """Canvas counts what is handed in again: `-1`, `-2`."""
    stem, dot, suffix = name.rpartition(".")
    short = re.fullmatch(r"(.+)-[0-9]{1,2}", stem, re.DOTALL)
    return f"{short[1] if short else stem}{dot}{suffix}"


# All of them


_LOOKS: dict[str, Callable[[Path, Folder, str], _Fit | None]] = {
    "canvas": _canvas, "moodle": _moodle, "gradescope": _gradescope, "nbgrader": _nbgrader, "git": _git,
}  # fmt: skip


def may_count(name: str) -> bool:
    """Whether a file may be the submission, or hold it."""
    return name.lower().endswith((".ipynb", ".py", ".zip")) and not name.startswith((".", "~"))


def _renamed(entry: Entry, name: str) -> Entry:
    """A file that lies at the outermost level, under the name that its student gave it."""
    return Entry(entry.path.with_name(_one_part(name)), entry.modified, entry.size, entry.read)


def _one_part(name: str) -> str:
    return name if name.strip(".") else f"file{name}"


def _below(folder: Folder) -> Callable[[], Iterator[Entry]]:
    return lambda: everything(folder)


def _together(files: Sequence[Entry], folders: Sequence[Folder]) -> Callable[[], Iterator[Entry]]:
    def found() -> Iterator[Entry]:
        yield from files
        for folder in folders:
            yield from everything(folder)

    return found


def _both(folder: Folder) -> list[Entry | Folder]:
    return [*folder.files(), *folder.folders()]


def _outermost(folder: Folder) -> list[Entry]:
    """The files in a student's folder; none if there are too many to be looked at, which is said when they are."""
    try:
        return folder.files()
    except Refused:
        return []


def _share(groups: Collection[tuple[list[Entry], list[Folder]]], others: Sequence[str]) -> float:
    fitting = sum(len(files) + len(folders) for files, folders in groups) or len(groups)
    return fitting / (fitting + len(others))


def _latest(entries: Sequence[Entry]) -> datetime | None:
    """The latest time of files at the outermost level, where it is the system that writes it."""
    counting = [entry for entry in entries if may_count(entry.path.name)] or entries
    return max((entry.modified for entry in counting if entry.modified), default=None)


def _all_like(others: Sequence[str], example: str, pattern: str) -> str:
    return f"{'most names' if others else 'every name'} at the top is like {example} ({pattern})"


def _no_times(system: str) -> str:
    return f"{system} does not say when something was handed in: the times are those of the files in the download."
