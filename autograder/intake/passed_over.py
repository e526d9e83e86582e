"""What was handed in and is no submission as it is: what is wrong with it, and what to do."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.language import ENGLISH, _, joined
from autograder.notebook import SUFFIXES
from autograder.text import file_name

_BEGINS = 4096
_NOTEBOOK = re.compile(rb'\s*\{\s*"(?:cells|metadata|nbformat|nbformat_minor|worksheets)"\s*:')
"""How a notebook begins, as any program writes it."""
_WITH_MORE = re.compile(r"(?P<name>.+\.(?:ipynb|py))(?:[. _-].*|\d+)", re.IGNORECASE)
"""`lab.ipynb.txt`, as browsers and mail programs leave it."""
_PACKED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_PRINTED = (".pdf", ".html", ".htm", ".docx", ".doc", ".odt", ".rtf", ".txt", ".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class PassedOver:
    """A file or folder that was not graded as it is."""

    path: Path
    owner: str
    """Whose it may be; empty if nothing says."""
    known: bool
    """Whether the owner is in the roster."""
    problem: str
    """What is wrong, and what to do: goes on behind the path."""
    language: str = ENGLISH
    """Of ``problem``."""
    likeliest: str = ""
    """Whom the owner may mean, in words, if they are not in the roster."""

    @property
    def sentence(self) -> str:
        return joined("", [f"{file_name(self.path.name)}: ", self.problem, "."])


def problem_of(path: Path) -> str:
    """Why something that lies where submissions do is none, and the cure; empty if nothing says that it was handed in.

    Whatever cannot be looked at is told as well.
    """
    try:
        facts = path.lstat()
        if stat.S_ISDIR(facts.st_mode):
            return _("is a folder in spite of its name. Take the notebook out of it") if _ends(path, *SUFFIXES) else ""
        if not stat.S_ISREG(facts.st_mode):
            return ""
        with open(path, "rb") as file:
            begins = file.read(_BEGINS)
    except (OSError, ValueError) as error:
        return unreadable(error)
    if match := _WITH_MORE.fullmatch(path.name):
        return _("has a wrong ending. Rename it to {name}", name=match["name"])
    if _NOTEBOOK.match(begins):
        return _("is a notebook with a wrong ending. Rename it to {name}", name=f"{path.stem}.ipynb")
    if begins.startswith(b"PK") and _ends(path, ".zip"):
        return _(
            "is a zip of nobody in the roster. Name it after the student's id; or, if it is what Canvas, Moodle or Gradescope let you download, "
            "`grader import` it"
        )
    if _ends(path, ".zip", *_PACKED):
        return _("is packed in a way that is not opened here. Unpack it, or ask for the notebook")
    return _is_a_print() if _ends(path, *_PRINTED) else ""


def nobody_grades(path: Path) -> str:
    """The same for a file that was handed in by what it is called, and may be of any kind."""
    return problem_of(path) or _(
        "is no notebook. Hand in the file that ends in .ipynb: in Colab, it is had by File > Download > Download .ipynb"
    )


def unreadable(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return _("cannot be read ({reason}). Make it readable, or get it again", reason=reason)


def _is_a_print() -> str:
    return _(
        "is no notebook, perhaps a print of one. Hand in the file that ends in .ipynb: in Colab, it is had by File > Download > Download .ipynb"
    )


def _ends(path: Path, *suffixes: str) -> bool:
    return path.name.lower().endswith(suffixes)
