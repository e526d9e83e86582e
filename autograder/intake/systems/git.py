"""Git clones, a folder with `.git` for each student, as tools for GitHub organisations, Classroom 50 and GitLab groups leave them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.intake.archive import Folder, Refused, file_reader
from autograder.intake.delivery import Delivery, Download, Fit, files_below
from autograder.people.columns import GITHUB, GITLAB
from autograder.people.person import Ids, Person
from autograder.times import from_seconds

_TIMES = (
    "git: commits bear whatever dates their authors give them, so what counts is when they came onto this computer, by cloning or pulling. "
    "Of what came after the due date, nothing says when it was pushed, unless the clone was there after the due date without it."
)


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
        logins = logins_of([folder.path.name for folder, _ in clones], assignment)
        deliveries = []
        for folder, place in clones:
            name = folder.path.name
            # Of a single clone, where the prefix ends is a guess, unless it is the assignment's name.
            kinds = (GITHUB, GITLAB) if len(clones) > 1 or len(logins[name]) == 1 else ()
            person = Person(ids=tuple(dict.fromkeys((*logins[name], name))), kind=Ids.LOGIN, kinds=kinds)
            # A group's repository has the group's name in place of a login.
            deliveries.append(
                Delivery((person,), name, name, files_below(folder), between=_arrived(place), group=logins[name][0])
            )
        return Download("git", deliveries, _TIMES, others)

    return Fit("git", why, len(clones) / (len(clones) + len(others)), 1, read)


def logins_of(names: Sequence[str], assignment: str) -> dict[str, list[str]]:
    """Folder -> what in its name may be the login, the likeliest first.

    Tools call clones `<prefix>-<login>`, and most of them have the prefix. What less than that have is login: those can be chosen, to
    look like another's behind a prefix.
    """
    words = "[-_.]".join(map(re.escape, re.split(r"[-_.]", assignment)))
    of_assignment = re.compile(rf"(?:^|.*?[-_.]){words}[-_.]", re.IGNORECASE)
    ends = {name: [match.end() for match in re.finditer(r"[-_.]", name)] for name in names}
    shared = Counter(name[:end].casefold() for name in names for end in ends[name])
    found = {}
    for name in names:
        usual = [end for end in ends[name] if 2 * shared[name[:end].casefold()] > len(names)]
        if (match := of_assignment.match(name)) and match.end() in usual:
            usual = [match.end(), *usual] if len(names) > 1 else [match.end()]
        found[name] = list(dict.fromkeys(name[end:] for end in usual if name[end:])) or [name]
    return found


def _arrived(clone: Path) -> tuple[datetime | None, datetime] | None:
    """When the clone was last without the commit that is checked out, and when it first had it, by what git noted then.

    git writes `.git` itself, and takes nothing of that name from others: nobody but the owner of the clone can change these notes.
    """
    try:
        lines = file_reader(clone / ".git" / "logs" / "HEAD", 2**22)().splitlines()
        # <old> <new> <name> <e-mail> <seconds> <zone>, and behind a tab what was done
        notes = [words for line in lines if len(words := line.partition(b"\t")[0].split()) > 4]
        first = next(place for place, words in enumerate(notes) if words[1] == notes[-1][1])
        had = from_seconds(int(notes[first][-2]))
        if had:
            return from_seconds(int(notes[first - 1][-2])) if first else None, had
    except (Refused, OSError, ValueError, OverflowError, StopIteration):
        pass
    try:
        had = from_seconds((clone / ".git" / "HEAD").stat().st_mtime)
    except OSError:
        return None
    return (None, had) if had else None
