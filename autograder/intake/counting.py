"""Which of several files that were handed in counts: one rule for folders, downloads and Gradescope.

The one whose code defines most of what the questions ask for; of equals, the one called like the assignment; then a notebook before a script.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.language import _
from autograder.notebook import parse_cells
from autograder.text import file_name, shortened

_DEFINES = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_DEFINES_IN_JSON = re.compile(rb'(?:"|\\n|\n)[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)')
"""The same in a file as it is: at the beginning of a string or of a line."""
_IMPORTS = re.compile(
    r"^[ \t]*(?:from|import|%run)[ \t]+[\"']?(\w+)|\bimport_module\(\s*[\"'](\w+)|\b(\w+)\.py\b", re.MULTILINE
)
"""A module, by the first part of its name; or a script that is named in any other way, as in ``exec(open("layers.py").read())``."""
_MOST_COMMAS = 500_000
"""JSON with more of them may become objects of hundreds of megabytes, so it is not read as such: 48 MB of `{}` are 1.3 GB."""


@dataclass(frozen=True)
class Candidate:
    """A file that may be the submission."""

    path: PurePath
    digest: bytes
    """Of its code; of what cannot be read, of all of it."""
    defines: frozenset[str]
    """Of the questions' functions and classes."""
    imports: frozenset[str]
    """Of the modules that lie beside it."""

    @classmethod
    def unread(cls, path: PurePath) -> Candidate:
        """One of which nothing is known: the only one, or one that cannot be read."""
        return cls(path, b"", frozenset(), frozenset())

    @classmethod
    def of(cls, path: PurePath, data: bytes, asked: Container[str], modules: Container[str] = ()) -> Candidate:
        """What a file's content says; nothing, if it cannot be read.

        Args:
            asked: the names of the questions' functions and classes.
            modules: that lie beside it. No other name is kept: of those there may be any number.
        """
        digest = hashlib.sha256(data).digest()
        if data.count(b",") > _MOST_COMMAS:
            found = (match[1].decode("utf-8", "replace") for match in _DEFINES_IN_JSON.finditer(data))
            return cls(path, digest, frozenset(name for name in found if name in asked), frozenset())
        try:
            sources = [cell.source for cell in parse_cells(data, path.suffix)]
            digest = hashlib.sha256("\0".join(sources).encode("utf-8", "surrogatepass")).digest()
        except SubmissionError:
            sources = []
        defines = (_identifier(match[1]) for source in sources for match in _DEFINES.finditer(source))
        imports = (
            _identifier(match[match.lastindex or 0]) for source in sources for match in _IMPORTS.finditer(source)
        )
        return cls(
            path,
            digest,
            frozenset(name for name in defines if name in asked),
            frozenset(name for name in imports if name in modules),
        )


def _identifier(name: str) -> str:
    """A name as Python reads it: in one Unicode form, whichever a file system or an editor writes."""
    return unicodedata.normalize("NFKC", name)


def may_define(data: bytes, asked: Container[str]) -> bool:
    """Whether a file, as it is, defines any of these names, even where it cannot be read as code."""
    return any(match[1].decode("utf-8", "replace") in asked for match in _DEFINES_IN_JSON.finditer(data))


def asked_for(assignment: Assignment) -> frozenset[str]:
    """The names of the functions and classes that an assignment's questions ask for."""
    return frozenset(name for question in assignment.questions for name in question.names)


def modules_of(paths: Sequence[PurePath]) -> dict[PurePath, dict[str, list[PurePath]]]:
    """Folder of a file -> name by which code there imports what lies in it or below -> the scripts that it stands for."""
    found: dict[PurePath, dict[str, list[PurePath]]] = {path.parent: {} for path in paths}
    scripts = [path for path in paths if path.suffix.lower() == ".py"]
    for folder, names in found.items():
        above = folder.parts
        for script in scripts:
            parts = script.parts
            if len(parts) > len(above) and parts[: len(above)] == above:
                names.setdefault(_identifier(parts[len(above)].removesuffix(".py")), []).append(script)
    return found


def which_count(
    candidates: Sequence[Candidate],
    modules: Mapping[PurePath, Mapping[str, Sequence[PurePath]]],
    assignment: Assignment,
) -> tuple[list[Candidate], list[Candidate]]:
    """The one that counts, or several if there is no telling, though no copies of one another; and all that might have.

    What a file imports from beside it counts as its own, and is no submission by itself.
    """
    by_path: dict[PurePath, set[str]] = {}
    for one in candidates:
        by_path.setdefault(one.path, set()).update(one.defines)
    used: set[PurePath] = set()
    defined: dict[Candidate, int] = {}
    for one in candidates:
        names = set(one.defines)
        for path in (path for name in one.imports for path in modules[one.path.parent][name]):
            if path != one.path:
                names |= by_path.get(path, set())
                used.add(path)
        defined[one] = len(names)
    own = [one for one in candidates if one.path not in used] or list(candidates)
    most = max((defined[one] for one in own), default=0)
    left = [one for one in own if defined[one] == most]
    left = [one for one in left if one.path.stem == assignment.name] or left
    left = [one for one in left if one.path.suffix.lower() == ".ipynb"] or left
    different: dict[bytes, Candidate] = {}
    for one in left:
        different.setdefault(one.digest, one)
    return list(different.values()), own


def handed_in(counting: Candidate, own: Iterable[Candidate]) -> tuple[str, ...]:
    """The names of what might have counted, the one that does first; nothing if there is only that one.

    A script that defines nothing that is asked for is a module, and no submission; and a copy is no other one.
    """
    rivals = [
        one.path.name
        for one in own
        if one.digest != counting.digest and (one.defines or one.path.suffix.lower() == ".ipynb")
    ]
    return (counting.path.name, *rivals) if rivals else ()


def told(handed_in: Sequence[str], assignment: str) -> str:
    """For the student: which of several files was graded, and by what rule.

    Args:
        handed_in: their names; the one that counts is the first.
    """
    return _(
        "{n} files were handed in ({names}), and {counting} was graded: the one counts that defines most of what is asked for; "
        "of equals, the one called {assignment}, and then a notebook before a script.",
        n=len(handed_in),
        names=", ".join(shortened([file_name(name) for name in sorted(handed_in)], 5)),
        counting=file_name(handed_in[0]),
        assignment=assignment,
    )
