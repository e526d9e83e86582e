"""Git clones, a folder with `.git` for each student, as tools for GitHub organisations, Classroom 50 and GitLab groups leave them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from autograder.intake.archive import Entry, Folder, Refused, everything, file_reader
from autograder.intake.delivery import Delivery, Download, Fit, may_count
from autograder.people.columns import GITHUB, GITLAB
from autograder.people.person import Ids, Person
from autograder.times import from_seconds

_TIMES = (
    "git: commits bear whatever dates their authors give them, so what counts is when they came onto this computer, by cloning or pulling. "
    "Of what came after the due date, nothing says when it was pushed, unless the clone was there after the due date without it."
)

_CLASSROOM_50 = ("result.json", "results.json")
"""What `gh teacher download` writes into a clone that holds none of it, and `scores.csv` beside all."""


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    named = re.compile(rf"(.*[-_.])?{_words(assignment)}", re.IGNORECASE)
    rank, here = 1, root
    several: dict[str, str] = {}
    clones = {folder.path.name: folder for folder in root.folders() if _is_clone(folder)}
    inner = [folder for folder in root.folders() if named.fullmatch(folder.path.name)]
    if not clones and len(inner) == 1:  # a GitLab group, with one for each assignment in it
        rank, here = 3, inner[0]
        clones = {folder.path.name: folder for folder in here.folders() if _is_clone(folder)}
    if not clones:  # a GitLab group, with one for each student in it
        rank, here = 3, root
        for one in root.folders():
            projects = [folder for folder in one.folders() if _is_clone(folder)]
            fitting = [(folder, match[1]) for folder in projects if (match := named.fullmatch(folder.path.name))]
            own = [folder for folder, prefix in fitting if not prefix] or [folder for folder, _ in fitting]
            if len(own) == 1:
                clones[one.path.name] = own[0]
            elif own:
                names = ", ".join(folder.path.name for folder in own)
                several[one.path.name] = f"holds several projects that may be meant ({names}). Move all but one away"
    folders = [folder.path.name for folder in here.folders() if not folder.path.name.startswith(".")]
    if not clones or (rank > 1 and 2 * (len(clones) + len(several)) <= len(folders)):
        return None
    others = [f"{name}: {several.get(name, 'is no git clone')}" for name in folders if name not in clones]
    beside = [entry.path.name for entry in here.files()]
    others += [f"{name}: lies beside the git clones, and is in none" for name in beside if may_count(name)]
    why = f"{len(clones)} of {len(folders)} folders are git clones, as {next(iter(clones))} is"

    def read() -> Download:
        logins = logins_of(list(clones), assignment)
        deliveries = []
        for name, folder in clones.items():
            place = folder.on_disk()
            assert place is not None
            # Of a single clone, where the prefix ends is a guess, unless it is the assignment's name.
            kinds = _hosts(place) if len(clones) > 1 or len(logins[name]) == 1 else ()
            person = Person(ids=tuple(dict.fromkeys((*logins[name], name))), kind=Ids.LOGIN, kinds=kinds)
            # A group's repository has the group's name in place of a login.
            deliveries.append(
                Delivery(
                    (person,), name, name, _files_of(folder, _CLASSROOM_50 if "scores.csv" in beside else ()),
                    between=_arrived(place), group=logins[name][0],
                )
            )  # fmt: skip
        return Download("git", deliveries, _TIMES, others)

    return Fit("git", why, len(clones) / (len(clones) + len(others)), rank, read)


def _is_clone(folder: Folder) -> bool:
    place = folder.on_disk()
    return place is not None and (place / ".git").exists()


def _hosts(clone: Path) -> tuple[str, ...]:
    """Whose logins a clone's may be, by the address that it was cloned from."""
    try:
        config = file_reader(clone / ".git" / "config", 2**16)().decode(errors="replace")
    except (Refused, OSError):
        config = ""
    hosts = re.findall(r"^[ \t]*url[ \t]*=[ \t]*(?:\w+://)?(?:[^@/\s]*@)?([^/:\s]*)", config, re.MULTILINE)
    found = tuple(kind for kind in (GITHUB, GITLAB) if any(kind.split()[0].lower() in host.lower() for host in hosts))
    return found or (GITHUB, GITLAB)


def _files_of(clone: Folder, left_out: Collection[str]) -> Callable[[], Iterator[Entry]]:
    """The files of a clone, but for those of these names that lie in its own folder."""
    return lambda: (
        entry for entry in everything(clone) if entry.path.parent != clone.path or entry.path.name not in left_out
    )


def _words(assignment: str) -> str:
    """A pattern for the assignment's name: hosts have `-` where it has `_`."""
    return "[-_.]".join(map(re.escape, re.split(r"[-_.]", assignment)))


def logins_of(names: Sequence[str], assignment: str) -> dict[str, list[str]]:
    """Folder -> what in its name may be the login, the likeliest first.

    Tools call clones `<prefix>-<login>`. The prefix ends with the assignment's name if it is in most of them, and else where most of them
    differ. What less than that have is login: those can be chosen, to look like another's behind a prefix.
    """
    of_assignment = re.compile(rf"(?:^|.*?[-_.]){_words(assignment)}[-_.](?=.)", re.IGNORECASE)
    starts = {name: match.end() for name in names if (match := of_assignment.match(name))}
    ends = {name: [match.end() for match in re.finditer(r"[-_.](?=.)", name)] for name in names}
    shared = Counter(name[:end].casefold() for name in names for end in ends[name])
    found = {}
    for name in names:
        common = [end for end in reversed(ends[name]) if 2 * shared[name[:end].casefold()] > len(names)]
        if name in starts and 2 * len(starts) > len(names):
            everywhere = [end for end in common if end > starts[name] and shared[name[:end].casefold()] == len(names)]
            common = [starts[name], *(everywhere if len(names) > 2 else ())]
        elif len(names) == 1:
            common = [0, *common]
        found[name] = [name[end:] for end in common] or [name]
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
