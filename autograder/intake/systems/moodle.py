"""Moodle's download: `<full name>_<participant>_assignsubmission_file[_]/<file>`, or flat with the file's name behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from autograder.people.columns import participant_of
from autograder.people.person import Ids, Person

_MOODLE_FOLDER = re.compile(r"(?P<name>.*)_(?P<number>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_?", re.DOTALL)
"""The end of a folder's name is Moodle's own."""
_MOODLE_FILE = re.compile(r"_(?P<number>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_", re.DOTALL)
"""Of a file's name, only the beginning is: Moodle makes blanks of the `_` in a display name, so the first one counts."""

_TIMES = (
    "Moodle's download does not say when something was handed in, so that all of it counts as on time. For the times, add --times with the "
    "assignment's grading worksheet."
)


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


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    groups: dict[tuple[str, str], tuple[list[Entry], list[Folder]]] = {}
    first, others = "", []
    for one in files_and_folders(root):
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
            files.append(renamed(one, found.file))
        else:
            folders.append(one)
    if not groups:
        return None
    why = all_like(others, first, "<name>_<number>_assignsubmission_...")

    def read() -> Download:
        deliveries = []
        for (name, number), (files, folders) in groups.items():
            if not files and not folders:  # text typed into Moodle
                continue
            people = (Person(name, (number,), Ids.PARTICIPANT, (participant_of(assignment),)),)
            place = f"{name}, participant {number}"
            deliveries.append(Delivery(people, place, number, files_together(files, folders), group=name))
        return Download("Moodle", deliveries, _TIMES, others)

    return Fit("moodle", why, share_of(groups.values(), others), 0, read)
