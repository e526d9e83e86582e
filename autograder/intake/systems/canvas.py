"""Canvas's download: `{sortable name}[_LATE]_{user id}_{attachment id}_{file}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.intake.archive import Entry, Folder
from autograder.intake.delivery import (
    Delivery,
    Download,
    Fit,
    all_like,
    files_and_folders,
    files_together,
    renamed,
    share_of,
)
from autograder.people.columns import CANVAS
from autograder.people.person import Ids, Person

_CANVAS = re.compile(r"(?=_(?P<user>[0-9]+)_[0-9]+_(?P<file>.))", re.DOTALL)
"""Every place where Canvas's numbers may stand: a display name may hold such, and so may what a student calls a file."""
_NUMBERS = re.compile(r"_[0-9]+_[0-9]+_")
_ANONYMOUS = re.compile(r"(?P<late>LATE_|late_)?anon_(?P<user>[A-Za-z0-9]+)_[0-9]+_(?P<file>.+)", re.DOTALL)
_NEVER_IN_NAMES = re.compile(r"[\x00-/:-@A-Z\[-^`{-\x7f]")
"""Canvas writes names in small letters, without blanks and signs."""
_MOST_READINGS = 8
_TIMES = (
    "Canvas's download does not say when something was handed in: what it does not call LATE counts as on time, whatever the due date here. "
    "For the times, add --times with a table of ids and times, or with what Canvas's API lists as the assignment's submissions."
)


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


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    groups: dict[tuple[Canvas, ...], tuple[list[Entry], list[Folder]]] = {}
    whole_names: dict[tuple[Canvas, ...], list[str]] = {}
    first, others = "", []
    for one in files_and_folders(root):
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
            files.append(renamed(one, _without_version(readings[0].file)))
        else:
            folders.append(one)
    if not groups:
        return None
    why = all_like(others, first, "<name>_<number>_<number>_<file>")

    def read() -> Download:
        deliveries = []
        for readings, (files, folders) in groups.items():
            name, user = readings[0].name, readings[0].user
            sure = len(readings) == 1
            place = f"{name or 'without a name'}, user {user}" if sure else f"the file {whole_names[readings][0]}"
            late = any(canvas_names(one)[0].late for one in whole_names[readings])
            ways = [
                Delivery(
                    (Person(one.name, (one.user,), Ids.NUMBER, (CANVAS,)),), place, user if sure else place,
                    files_together(files, folders), late=late if sure else one.late,
                )
                for one in readings
            ]  # fmt: skip
            deliveries.append(replace(ways[0], others=tuple(ways[1:])))
        return Download("Canvas", deliveries, _TIMES, others)

    return Fit("canvas", why, share_of(groups.values(), others), 0, read)


def _without_version(name: str) -> str:
    """Canvas counts what is handed in again: `-1`, `-2`."""
    stem, dot, suffix = name.rpartition(".")
    short = re.fullmatch(r"(.+)-[0-9]{1,2}", stem, re.DOTALL)
    return f"{short[1] if short else stem}{dot}{suffix}"
