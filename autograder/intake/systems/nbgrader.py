"""nbgrader's `submitted/<student>/<assignment>/`, and its exchange's `inbound/<student>+<assignment>+<time>[+<random>]/`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.intake.archive import Folder, Refused
from autograder.intake.delivery import Delivery, Download, Fit, Person, files_below, latest_time, outermost_files
from autograder.notebook.times import read_time


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    folders = {folder.path.name: folder for folder in root.folders()}
    inbound = [folder for folder in folders.values() if _inbound(folder)]
    if inbound:
        why = f"folders are called like {inbound[0].path.name} (<student>+<assignment>+<time>)"
        return Fit("nbgrader", why, len(inbound) / len(folders), 0, lambda: _read_inbound(inbound, assignment))
    for name in ("submitted", "inbound"):
        place = folders[name].on_disk() if name in folders else None
        if name in folders and not (place and (place / ".git").exists()):  # a clone may be called so, too
            below = fit(source, folders[name], assignment)
            if below:
                why = f"there is a folder {name}/, in which {below.why}"
                return Fit("nbgrader", why, 1, 0, below.read)
    students = [folder for folder in folders.values() if _of(folder, assignment)]
    if not students:
        return None
    why = f"folders are laid out like {students[0].path.name}/{assignment}/"
    return Fit("nbgrader", why, len(students) / len(folders), 2, lambda: _read_submitted(students, assignment))


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
            deliveries.append(Delivery((person,), folder.path.name, student, files_below(folder), read_time(time)))
    return Download("nbgrader", deliveries)


def _read_submitted(folders: Sequence[Folder], assignment: str) -> Download:
    deliveries = []
    for student in folders:
        folder = _of(student, assignment)
        assert folder is not None
        name = student.path.name
        times = _stamp(folder) or latest_time(outermost_files(folder))
        deliveries.append(Delivery((Person(ids=(name,)),), f"{name}/{assignment}", name, files_below(folder), times))
    return Download("nbgrader", deliveries)


def _stamp(folder: Folder) -> datetime | None:
    """nbgrader's `timestamp.txt`."""
    for entry in outermost_files(folder):
        if entry.path.name == "timestamp.txt" and entry.size < 1000:
            try:
                return read_time(entry.read().decode("utf-8", "replace").strip())
            except Refused:
                return None
    return None
