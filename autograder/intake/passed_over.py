"""What was handed in and is no submission as it is: what is wrong with it, and what to do."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.language import ENGLISH, _, in_english, joined
from autograder.notebook import SUFFIXES
from autograder.text import file_name

_BEGINS = 4096
_NOTEBOOK = re.compile(rb'\s*\{\s*"(?:cells|metadata|nbformat|nbformat_minor|worksheets)"\s*:')
"""How a notebook begins, as any program writes it."""
_WITH_MORE = re.compile(r"(?P<name>.+\.(?:ipynb|py))(?:[. _-].*|\d+)", re.IGNORECASE)
"""`lab.ipynb.txt`, as browsers and mail programs leave it."""
_NAMELESS = re.compile(
    r"(?P<ending>\.(?:ipynb|py|zip|rar|7z|tar|t?gz|pdf|html?|docx?|odt))(?:[. ].*)?", re.IGNORECASE | re.DOTALL
)
"""A file that is called like an ending and nothing else, as some editors save what has no title: systems hide it, and it was handed in."""
_PACKED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_PRINTED = (".pdf", ".html", ".htm", ".docx", ".doc", ".odt", ".rtf", ".txt", ".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Problem:
    """What is wrong with something that lies where submissions do, and what to do: goes on behind its name."""

    told: str
    """To the instructor, in English."""
    to_student: str
    """To its student, in their language: what to hand in instead."""
    hand_in_again: bool = True
    """Whether its student can mend it."""

    @classmethod
    def for_both(cls, sentence: str) -> Problem:
        """Where the cure is the same, whoever reads of it."""
        return cls(in_english(sentence), sentence)


@dataclass(frozen=True)
class PassedOver:
    """A file or folder that was not graded as it is."""

    path: Path
    owner: str
    """Whose it may be; empty if nothing says."""
    known: bool
    """Whether the owner is in the roster."""
    what: Problem
    language: str = ENGLISH
    """Of what its student is told."""
    likeliest: tuple[str, ...] = ()
    """Ids of those whom the owner may mean, if they are not in the roster."""

    @property
    def problem(self) -> str:
        """What the instructor is told."""
        return self.what.told

    @property
    def sentence(self) -> str:
        """What its student is told."""
        return joined("", [f"{file_name(self.path.name)}: ", self.what.to_student, "."])


def hidden(name: str) -> bool:
    """Whether a file or folder is hidden, or an editor's own, and so nothing that was handed in."""
    return name.startswith((".", "~")) and not _NAMELESS.fullmatch(name)


def problem_of(path: Path) -> Problem | None:
    """Why something that lies where submissions do is none, and the cure; None if nothing says that it was handed in.

    Whatever cannot be looked at is told as well.
    """
    try:
        facts = path.lstat()
        if stat.S_ISDIR(facts.st_mode):
            return _a_folder() if _ends(path, *SUFFIXES) else None
        if not stat.S_ISREG(facts.st_mode):
            return None
        with open(path, "rb") as file:
            begins = file.read(_BEGINS)
    except (OSError, ValueError) as error:
        return unreadable(error)
    if match := _NAMELESS.fullmatch(path.name):
        name = f"name{match['ending'].lower()}"
        return Problem(
            f"has no name before its ending. Give it one, as in {name}",
            _("has no name before its ending. Give it one, as in {name}, and hand that in", name=name),
        )
    if match := _WITH_MORE.fullmatch(path.name):
        return _wrong_ending("has a wrong ending", match["name"])
    if _NOTEBOOK.match(begins):
        return _wrong_ending("is a notebook with a wrong ending", f"{path.stem}.ipynb")
    if begins.startswith(b"PK") and _ends(path, ".zip"):
        return Problem(
            "is a zip of nobody in the roster. If it is one student's, as GitHub packs a repository, name it after their id; if it is what "
            "Canvas, Moodle, Gradescope or Classroom 50 let you download of the class, `grader import` it",
            joined(" ", [_("is a zip whose name does not say whose it is."), hand_in()]),
        )
    if _ends(path, ".zip", *_PACKED):
        return Problem(
            "is packed in a way that is not opened here. Unpack it, or ask for the notebook",
            joined(" ", [_("is packed in a way that is not opened here."), hand_in()]),
        )
    return _is_a_print() if _ends(path, *_PRINTED) else None


def nobody_grades(path: Path) -> Problem:
    """The same for a file that was handed in by what it is called, and may be of any kind."""
    return problem_of(path) or Problem.for_both(joined(" ", [_("is no notebook."), hand_in()]))


def hand_in() -> str:
    """What to hand in instead of something else."""
    return _("Hand in the file that ends in .ipynb: in Colab, it is had by File > Download > Download .ipynb")


def misplaced(told: str, place: str) -> Problem:
    """Something that lies elsewhere than it is looked for: whoever made the folders can move it."""
    return Problem(
        told, _("is looked for in {place}/. Hand it in there, or ask your instructor to move it", place=place)
    )


def called_like(name: str, assignment: str) -> bool:
    """Whether a folder's name is the assignment's but for case, hyphens, underscores, points and blanks."""
    return _words(name) == _words(assignment)


def _words(name: str) -> str:
    return re.sub("[-_. ]", "", name.casefold())


def wrongly_called(name: str, assignment: str) -> Problem:
    """A folder that is meant to be called like the assignment."""
    return Problem(
        f"is called '{name}' and not '{assignment}'. Rename it",
        _(
            "is called '{wrong}' and not '{name}'. Rename it, and hand it in again, or ask your instructor to rename it",
            wrong=name,
            name=assignment,
        ),
    )


def too_high(place: str) -> Problem:
    """A submission that lies beside the folder that it should lie in."""
    return misplaced(f"lies one level too high. Move it to {place}/", place)


def not_unpacked(error: Exception) -> Problem:
    """A zip of which what counts cannot be written: by no fault of its student's."""
    return Problem(
        f"cannot be unpacked ({str(error).rstrip('.')}). Mend that, and grade it again",
        _("cannot be unpacked where it is to be graded. Ask your instructor"),
        hand_in_again=False,
    )


def unreadable(error: OSError | ValueError) -> Problem:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Problem(
        f"cannot be read ({reason}). Make it readable, or get it again",
        _("cannot be read where it is to be graded ({reason}). Ask your instructor", reason=reason),
        hand_in_again=False,
    )


def _a_folder() -> Problem:
    return Problem(
        "is a folder in spite of its name. Take the notebook out of it",
        _("is a folder in spite of its name. Hand in the notebook itself, which is a file that ends in .ipynb"),
    )


def _wrong_ending(told: str, name: str) -> Problem:
    return Problem(
        f"{told}. Rename it to {name}", _("has a wrong ending. Rename it to {name}, and hand that in", name=name)
    )


def _is_a_print() -> Problem:
    return Problem.for_both(joined(" ", [_("is no notebook, perhaps a print of one."), hand_in()]))


def _ends(path: Path, *suffixes: str) -> bool:
    return path.name.lower().endswith(suffixes)
