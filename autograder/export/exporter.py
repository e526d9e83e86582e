"""What an export format is: a function that gets an `Export` and saves files. Found by entry point, ours and others'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import GraderError
from autograder.files import write_whole

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.scores.final import Row

GROUP = "cnn_autograder.exporters"
"""The group of entry points: format name -> an `Exporter`."""


@dataclass(frozen=True)
class Export:
    """What is to be exported, and where to.

    Attributes:
        rows: one for each student, sorted by id.
        to: the file, or the folder if the format makes several files.
        template: the teacher's own file, to be filled in.
        dry_run: nothing is written.
        written: the files written so far.
    """

    course: Course
    assignment: Assignment
    rows: Sequence[Row]
    to: Path
    template: Path | None = None
    dry_run: bool = False
    written: list[Path] = field(default_factory=list)

    def save(self, content: bytes, name: str = "") -> None:
        """Write the file, or the one called ``name`` in the folder, whole or not at all.

        Raises:
            GraderError: it cannot be written, or would replace a file that is neither an earlier export nor the template.
        """
        if self.dry_run:
            return
        path = self.to / name if name else self.to
        if not self._is_ours(path) and _is_another(path, content):
            raise GraderError(
                f"{path}: another file is here, which the export would replace. Choose another name with --to, or move that file away."
            )
        self.written.append(write_whole(path, content))

    def _is_ours(self, path: Path) -> bool:
        """Whether it lies where exports do, or is the template, which then is to be filled in where it is."""
        same = self.template is not None and path.exists() and path.samefile(self.template)
        return same or path.resolve().is_relative_to(self.course.root / "exports")

    def need_template(self, what: str) -> Path:
        """The teacher's own file.

        Raises:
            GraderError: none was given.
        """
        if self.template is None:
            raise GraderError(f"This format fills in a file of yours: add --template with {what}.")
        return self.template


def _is_another(path: Path, content: bytes) -> bool:
    """Whether there is a file that does not begin as this one: a roster, a submission, the gradebook."""
    try:
        with open(path, "rb") as file:
            there = file.read(1 << 16)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    except OSError:
        return True
    end = 4 if content.startswith(b"PK") else max(content.find(b"\n"), 12)
    return there[:end] != content[:end]


@dataclass(frozen=True)
class Exporter:
    """A format.

    Attributes:
        write: does it; may return what changes in a template, to be shown.
        suffix: of the file it makes; empty if it makes a folder.
        template: whether it fills in a file of the teacher's.
    """

    write: Callable[[Export], Any]
    suffix: str = ""
    template: bool = False


def format_names() -> list[str]:
    """All formats that are installed."""
    return sorted(point.name for point in entry_points(group=GROUP))


def find_exporter(name: str) -> Exporter:
    """The format of this name.

    Raises:
        GraderError: there is none, or it cannot be loaded.
    """
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        raise GraderError(f"No export format is called '{name}'. There are: {', '.join(format_names())}.")
    try:
        exporter = found[0].load()
    except Exception as error:  # somebody else's module may raise anything
        raise GraderError(f"The export format '{name}' ({found[0].value}) cannot be loaded: {error}.") from error
    if not isinstance(exporter, Exporter):
        raise GraderError(f"The export format '{name}' ({found[0].value}) is no autograder.export.Exporter.")
    return exporter
