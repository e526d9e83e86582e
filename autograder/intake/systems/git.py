"""Git clones, as GitHub Classroom's and GitLab's tools leave them: a folder with `.git` for each student."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autograder.intake.archive import Folder, Refused, file_reader
from autograder.intake.delivery import Delivery, Download, Fit, Ids, Person, files_below
from autograder.notebook.times import from_seconds


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
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
            deliveries.append(Delivery((person,), name, name, files_below(folder), time, group=login))
        times = (
            "git: the times are those at which the commits came onto this computer, by cloning or pulling: commits bear whatever "
            "dates their authors give them."
        )
        return Download("git", deliveries, times, others)

    return Fit("git", why, len(clones) / (len(clones) + len(others)), 1, read)


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
