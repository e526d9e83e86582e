"""nbgrader's `submitted/<student>/<assignment>/`, and its exchange's `inbound/<student>+<assignment>+<time>[+<random>]/`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.intake.archive import Folder, Refused
from autograder.intake.delivery import Delivery, Download, Fit, files_below, outermost_files
from autograder.intake.passed_over import called_like, too_high, wrongly_called
from autograder.notebook import SUFFIXES
from autograder.people.file_names import from_file_name
from autograder.people.person import Person
from autograder.times import STAMP, UnclearTime, read_stamped, read_time


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    folders = {folder.path.name: folder for folder in root.folders()}
    inbound = [folder for folder in folders.values() if _inbound(folder)]
    if inbound:
        why = f"folders are called like {inbound[0].path.name} (<student>+<assignment>+<time>)"
        return Fit(
            "nbgrader",
            why,
            len(inbound) / len(folders),
            0,
            lambda: _read_inbound(inbound, [one for one in folders.values() if one not in inbound], assignment),
        )
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
    others = [folder for folder in folders.values() if folder not in students]
    return Fit("nbgrader", why, len(students) / len(folders), 2, lambda: _read_submitted(students, others, assignment))


def _inbound(folder: Folder) -> list[str] | None:
    """Student, assignment and time that a folder of the exchange is called after."""
    parts = folder.path.name.split("+", 3)
    return parts[:3] if len(parts) > 2 and all(parts[:3]) else None


def _of(folder: Folder, assignment: str) -> Folder | None:
    try:
        return next((below for below in folder.folders() if below.path.name == assignment), None)
    except Refused:
        return None


def _read_inbound(folders: Sequence[Folder], others: Sequence[Folder], assignment: str) -> Download:
    deliveries = []
    strange = [f"{one.path.name}: is not called <student>+<assignment>+<time>" for one in others]
    for folder in folders:
        student, name, written = _inbound(folder) or ("", "", "")
        if name != assignment and called_like(name, assignment):
            strange.append(f"{folder.path.name}: is for '{name}' and not '{assignment}'. Rename it")
        if name == assignment:
            time, unclear = _read(written)
            deliveries.append(
                Delivery(
                    (Person(ids=(student,)),), folder.path.name, student, files_below(folder), time, unclear=unclear
                )
            )
    return Download("nbgrader", deliveries, others=strange)


def _read_submitted(folders: Sequence[Folder], others: Sequence[Folder], assignment: str) -> Download:
    deliveries = []
    for student in folders:
        folder = _of(student, assignment)
        assert folder is not None
        name = from_file_name(student.path.name)
        time, unclear = _stamp(folder)
        deliveries.append(
            Delivery((Person(ids=(name,)),), f"{name}/{assignment}", name, files_below(folder), time, unclear=unclear)
        )
    return Download("nbgrader", deliveries, others=[line for one in others if (line := _misplaced(one, assignment))])


def _misplaced(folder: Folder, assignment: str) -> str:
    """What lies where a student's folder should, though not as it should; empty if it is nothing of this assignment's."""
    try:
        for below in folder.folders():
            if called_like(below.path.name, assignment):
                return f"{below.path}: {wrongly_called(below.path.name, assignment).told}"
        loose = [one for one in folder.files() if one.path.suffix.lower() in SUFFIXES]
    except Refused:
        return ""
    return f"{loose[0].path}: {too_high(f'{folder.path.name}/{assignment}').told}" if loose else ""


def _stamp(folder: Folder) -> tuple[datetime | None, str]:
    """nbgrader's `timestamp.txt`: a time, or why there is none; neither if it is not there."""
    for entry in outermost_files(folder):
        if entry.path.name == STAMP and entry.size < 1000:
            try:
                return read_stamped(entry.read()), ""
            except (Refused, UnclearTime) as problem:
                return None, str(problem)
    return None, ""


def _read(written: str) -> tuple[datetime | None, str]:
    try:
        return read_time(written), ""
    except UnclearTime as problem:
        return None, str(problem)
