"""Classroom 50's "Download all submissions": `<login>.zip` for each student, each as GitHub packs a repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.intake.archive import Entry, Folder, Refused, unpacked
from autograder.intake.delivery import Delivery, Download, Fit, files_and_folders
from autograder.people.columns import GITHUB
from autograder.people.person import Ids, Person

_LOGIN = re.compile(r"(?P<login>[A-Za-z0-9-]{1,99}(_[A-Za-z0-9]{1,20})?)\.zip")
"""A login at GitHub, behind whose `_` may be a company's code; or a group's name."""
_TIMES = (
    "Classroom 50's download does not say when something was pushed, so that all of it counts as on time. For the times, add --times, "
    "or import clones, as gh teacher download makes them."
)


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    found: dict[str, Entry] = {}
    unread: dict[str, Entry] = {}
    others = []
    for one in files_and_folders(root):
        match = _LOGIN.fullmatch(one.path.name) if isinstance(one, Entry) else None
        packed = _is_packed_by_github(one, match["login"]) if match and isinstance(one, Entry) else False
        if match and isinstance(one, Entry) and packed is not False:
            (unread if packed is None else found)[match["login"]] = one
        elif not one.path.name.startswith("."):
            others.append(f"{one.path.name}: is no repository named after its student, as GitHub packs them")
    if len(found) <= len(others):  # what a single student packs decides nothing
        return None

    def read() -> Download:
        return Download(
            "Classroom 50",
            [
                Delivery(
                    (Person(ids=(login,), kind=Ids.LOGIN, kinds=(GITHUB,)),),
                    f"{login}.zip", login, _only(entry), group=login,
                )
                for login, entry in sorted((found | unread).items())
            ],
            _TIMES,
            others,
        )  # fmt: skip

    why = f"{len(found)} files are repositories as GitHub packs them, each named after its student, as {next(iter(found))}.zip is"
    return Fit("classroom50", why, len(found) / (len(found) + len(others)), 2, read)


def _is_packed_by_github(entry: Entry, login: str) -> bool | None:
    """Whether a zip holds one folder, `<organisation>-<repository>-<commit>`, with the login at the repository's end.

    None if it cannot be read, as it is too large or damaged; what is wrong is said where it is imported.
    """
    try:
        with unpacked(entry, max_bytes=0, refused=[]) as inner:
            names = [one.path.name for one in files_and_folders(inner)]
    except Refused:
        return None
    return (
        len(names) == 1
        and re.fullmatch(rf".*-{re.escape(login)}-[0-9a-f]{{7,40}}", names[0], re.IGNORECASE) is not None
    )


def _only(entry: Entry) -> Callable[[], Iterator[Entry]]:
    return lambda: iter([entry])
