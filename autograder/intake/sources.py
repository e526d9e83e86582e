"""What each system's download looks like: whose files these are, when they came, and whether they came late."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.intake.archive import Entry, Refused


@dataclass(frozen=True)
class Person:
    """Whoever handed in, as far as the download says."""

    name: str = ""
    ids: tuple[str, ...] = ()
    """What may be their id in the roster, or their e-mail address; the most telling first."""

    @property
    def label(self) -> str:
        return self.name or next(iter(self.ids), "unknown")


@dataclass(frozen=True)
class Delivery:
    """One submission: some files, from one person or from a group."""

    people: tuple[Person, ...]
    files: tuple[Entry, ...]
    submitted_at: datetime | None = None
    late: bool = False
    """Whether the system calls it late."""
    group: str = ""


@dataclass(frozen=True)
class Download:
    """A download that has been recognised."""

    system: str
    deliveries: list[Delivery] = field(default_factory=list)
    exact_times: bool = False
    """Whether the times are those of handing in, and not just those of files."""


def recognise(source: Path, entries: Sequence[Entry], assignment: str) -> Download:
    """Read a download of whichever system it is.

    Raises:
        GraderError: of none that is known.
    """
    for read in (_gradescope, _git, _nbgrader, _moodle, _canvas):
        download = read(source, entries, assignment)
        if download and download.deliveries:
            return download
    some = ", ".join(str(entry.path) for entry in entries[:3]) or "nothing"
    raise GraderError(
        f"{source}: is not recognised (it holds {some}). Known are the downloads of Canvas, Moodle and Gradescope, nbgrader's submitted/ and inbound/ "
        "folders, and a folder of git clones. Notebooks that are named after their students can be graded as they are."
    )


# Gradescope: submission_metadata.yml and a folder for each submission


def _gradescope(source: Path, entries: Sequence[Entry], assignment: str) -> Download | None:
    metadata = next((entry for entry in entries if entry.path.name == "submission_metadata.yml"), None)
    if metadata is None:
        return None
    import yaml

    try:
        submissions = yaml.load(metadata.read(), Loader=_timeless_loader(yaml))
        if not isinstance(submissions, dict):
            raise Refused("is no list of submissions")
    except (yaml.YAMLError, Refused, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise GraderError(f"{source}: submission_metadata.yml cannot be read ({error}). Download it again.") from None
    root = metadata.path.parent
    deliveries = []
    for name, facts in submissions.items():
        if not isinstance(name, str) or not isinstance(facts, dict):
            continue
        people = tuple(
            Person(_text(one, "name"), tuple(filter(None, (_text(one, "sid"), _text(one, "email")))))
            for one in _field(facts, "submitters") or ()
            if isinstance(one, dict)
        )
        folder = root / name
        files = tuple(entry for entry in entries if folder in entry.path.parents)
        deliveries.append(Delivery(people, files, _time(_field(facts, "created_at"))))
    return Download("Gradescope", deliveries, exact_times=True)


def _timeless_loader(yaml: Any) -> Any:
    """YAML's safe loader, with times left as text: Ruby writes some that it does not know."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _field(facts: dict[Any, Any], name: str) -> Any:
    """A value under a Ruby symbol, or under the plain name."""
    return facts.get(f":{name}", facts.get(name))


def _text(facts: dict[Any, Any], name: str) -> str:
    value = _field(facts, name)
    return str(value).strip() if isinstance(value, str | int) else ""


# Git clones, as GitHub Classroom's and GitLab's tools leave them: a folder with .git for each student


def _git(source: Path, entries: Sequence[Entry], assignment: str) -> Download | None:
    if not source.is_dir():
        return None
    clones = sorted(folder for folder in source.iterdir() if (folder / ".git").exists() and not folder.is_symlink())
    deliveries = []
    for clone in clones:
        # Classroom's names are <assignment>-<login>; a group's repository has the group's name instead.
        login = re.sub(rf"^{re.escape(assignment)}[-_.]+", "", clone.name, flags=re.IGNORECASE)
        files = tuple(entry for entry in entries if entry.path.parts[0] == clone.name)
        deliveries.append(Delivery((Person(ids=(login, clone.name)),), files, _last_commit(clone), group=login))
    return Download("git", deliveries, exact_times=True) if deliveries else None


def _last_commit(clone: Path) -> datetime | None:
    """When the last commit was made. Nothing that the clone's own configuration names is run."""
    settings = [
        f"safe.directory={clone.absolute()}",
        "core.fsmonitor=false",
        "protocol.allow=never",
        "core.sshCommand=false",
    ]
    command = ["git", *(part for setting in settings for part in ("-c", setting)), "-C", str(clone)]
    try:
        done = subprocess.run(
            [*command, "log", "-1", "--no-show-signature", "--format=%cI"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _time(done.stdout.strip())


# nbgrader: submitted/<student>/<assignment>/, and the exchange's inbound/<student>+<assignment>+<time>[+<random>]/


_INBOUND = re.compile(r"^(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>[^+]+)(\+.*)?$")


def _nbgrader(source: Path, entries: Sequence[Entry], assignment: str) -> Download | None:
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        parts = entry.path.parts
        inbound = next((match for part in parts[:-1] if (match := _INBOUND.match(part))), None)
        if inbound and inbound["assignment"] == assignment:
            groups.setdefault((inbound["student"], inbound["time"]), []).append(entry)
        elif not inbound and assignment in parts[1:-1]:
            place = parts.index(assignment, 1)
            if place == 1 or parts[place - 2] == "submitted":
                groups.setdefault((parts[place - 1], ""), []).append(entry)
    deliveries = [
        Delivery((Person(ids=(student,)),), tuple(files), _stamp(files) or _time(time))
        for (student, time), files in groups.items()
    ]
    return Download("nbgrader", deliveries, exact_times=True)


def _stamp(files: Sequence[Entry]) -> datetime | None:
    """nbgrader's `timestamp.txt`."""
    for entry in files:
        if entry.path.name == "timestamp.txt":
            try:
                return _time(entry.read().decode("utf-8", "replace").strip())
            except Refused:
                return None
    return None


# Moodle: <full name>_<participant>_assignsubmission_file[_]/<file>, or flat with the file's name behind it


MOODLE = re.compile(
    r"^(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<plugin>file|onlinetext)(?:_(?P<file>.*))?$", re.DOTALL
)


def _moodle(source: Path, entries: Sequence[Entry], assignment: str) -> Download | None:
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for part in entry.path.parts:
            if match := MOODLE.match(part):
                if match["plugin"] == "file":
                    groups.setdefault((match["name"], match["number"]), []).append(entry)
                break
    deliveries = [
        Delivery((Person(name, (number,)),), tuple(files), group=name) for (name, number), files in groups.items()
    ]
    return Download("Moodle", deliveries)


# Canvas: {sortable name}[_LATE]_{user id}_{attachment id}_{file}


_CANVAS = re.compile(
    r"^(?:(?P<late_first>LATE_|late_)?anon_(?P<anonymous>\w+?)|(?P<name>[^_]+)_(?P<late>LATE_|late_)?(?P<user>\d+))"
    r"_(?P<attachment>\d+)_(?P<file>.+)$",
    re.DOTALL,
)


def _canvas(source: Path, entries: Sequence[Entry], assignment: str) -> Download | None:
    groups: dict[tuple[str, str], list[Entry]] = {}
    late: set[tuple[str, str]] = set()
    for entry in entries:
        match = next((found for part in entry.path.parts if (found := _CANVAS.match(part))), None)
        if match:
            key = (match["name"] or "", match["user"] or f"anon_{match['anonymous']}")
            groups.setdefault(key, []).append(entry)
            if match["late"] or match["late_first"]:
                late.add(key)
    deliveries = [
        Delivery((Person(name, (user,)),), tuple(files), late=(name, user) in late)
        for (name, user), files in groups.items()
    ]
    return Download("Canvas", deliveries)


def file_name(entry: Entry) -> str:
    """The name that the student gave the file: without what the system put before it, and without Canvas's `-1`."""
    name = entry.path.name
    for pattern in (MOODLE, _CANVAS):
        if match := pattern.match(name):
            name = match["file"] or name
    stem, dot, suffix = name.rpartition(".")
    return re.sub(r"-\d{1,2}$", "", stem) + dot + suffix if stem else name


def _time(value: Any) -> datetime | None:
    """A time with its zone; UTC if it names none."""
    text = str(value or "").strip().replace(" UTC", "+00:00")
    text = re.sub(r" ([+-]\d{2}):?(\d{2})$", r"\1:\2", text)
    for candidate in (text, text.replace("_", ":"), text.rpartition(" ")[0]):
        try:
            found = datetime.fromisoformat(candidate)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def notebooks(delivery: Delivery) -> Iterator[Entry]:
    """The files that may be the submission."""
    for entry in delivery.files:
        if entry.path.suffix.lower() in (".ipynb", ".py") and not entry.path.name.startswith((".", "~")):
            yield entry
