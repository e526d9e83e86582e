"""What an export format is: a function that gets an `Export` and saves files. Found by entry point, ours and others'."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import GraderError
from autograder.files import write_whole
from autograder.overwrite import refuse_another, refuse_another_folder

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
        usual: where this export lies if nobody says otherwise.
        template: the teacher's own file, to be filled in.
        dry_run: nothing is written, and what would be refused is.
        grade_column: the title of the template's column for the score, for formats that do not find it by themselves.
        force: replace whatever is there.
        written: the files written so far.
    """

    course: Course
    assignment: Assignment
    rows: Sequence[Row]
    to: Path
    usual: Path | None = None
    template: Path | None = None
    dry_run: bool = False
    grade_column: str | None = None
    force: bool = False
    written: list[Path] = field(default_factory=list)

    def save(self, content: bytes, name: str = "", *, in_place: bool = False) -> None:
        """Write the file, or the one called ``name`` in the folder, whole or not at all.

        Args:
            in_place: whether it may replace the template: nothing of that is lost.

        Raises:
            GraderError: it cannot be written, or would replace a file of another kind.
        """
        path = self.to / name if name else self.to
        if not self.force:
            if self._is_template(path):
                if not in_place:
                    raise GraderError(
                        f"{path}: is the template, of which a part would be lost. Choose another name with --to, or add --force."
                    )
            elif not self._is_usual(path):
                refuse_another(path, content, "--force replaces it.")
        if not self.dry_run:
            self.written.append(write_whole(path, content))

    def refuse_another_folder(self, holds: Collection[str]) -> None:
        """Refuse to write into a folder that holds other things than such an export.

        Args:
            holds: patterns of the paths of what the format writes, from the folder on.

        Raises:
            GraderError: it does.
        """
        if not self.force and self.to != self.usual:
            refuse_another_folder(self.to, holds)

    def _is_template(self, path: Path) -> bool:
        return self.template is not None and path.exists() and path.samefile(self.template)

    def _is_usual(self, path: Path) -> bool:
        """Whether it is where this export lies if nobody says otherwise: an earlier one, whatever it looks like."""
        return self.usual is not None and path.resolve().is_relative_to(self.usual.resolve()) and not path.is_dir()

    def need_template(self, what: str) -> Path:
        """The teacher's own file.

        Raises:
            GraderError: none was given.
        """
        if self.template is None:
            raise GraderError(f"This format fills in a file of yours: add --template with {what}.")
        return self.template


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


@dataclass(frozen=True)
class Change:
    """What becomes of one row. ``after`` is None where the cell stays as it is, and ``reason`` says why."""

    who: str
    before: str
    after: str | None
    reason: str = ""


@dataclass(frozen=True)
class Format:
    """An export format that is installed, not yet loaded."""

    name: str
    point: EntryPoint
    others: tuple[EntryPoint, ...] = ()
    """What else is called so, and is not used."""

    @property
    def built_in(self) -> bool:
        return self.point.value.startswith("autograder.export.")

    @property
    def label(self) -> str:
        """What it is and where it comes from, for sentences."""
        return f"The export format '{self.name}' ({self.point.value}, installed by {distribution(self.point)})"

    def load(self) -> Exporter:
        """Import it.

        Raises:
            GraderError: it cannot be imported, or is no format.
        """
        try:
            exporter = self.point.load()
        except (Exception, SystemExit) as error:  # somebody else's module may raise anything
            raise GraderError(f"{self.label} cannot be loaded: {_said(error)}.") from error
        if not isinstance(exporter, Exporter):
            raise GraderError(
                f"{self.label} is {type(exporter).__name__}, and not an autograder.export.Exporter: say EXPORTER = Exporter(write)."
            )
        try:
            inspect.signature(exporter.write).bind(None)
        except (TypeError, ValueError):
            raise GraderError(
                f"{self.label} has a function that cannot be called with one argument, the Export: write it as def write(export)."
            ) from None
        if not isinstance(exporter.suffix, str) or not re.fullmatch(r"(\.[\w.-]*\w)?", exporter.suffix):
            raise GraderError(
                f"{self.label} has the suffix {exporter.suffix!r}: it must be as '.txt', or '' for a folder."
            )
        return exporter

    def run(self, exporter: Exporter, export: Export) -> list[Change]:
        """Write, and return what changes in a template.

        Raises:
            GraderError: it cannot be done; of somebody else's format, whatever goes wrong in it.
        """
        if self.built_in:
            return list(exporter.write(export) or ())
        try:
            changes = exporter.write(export)
            changes = [] if changes is None else list(changes)
        except GraderError:
            raise
        except (Exception, SystemExit) as error:
            done = (
                f" It had written {', '.join(map(str, export.written))}."
                if export.written
                else " It has saved nothing."
            )
            raise GraderError(f"{self.label} failed: {_said(error)}.{done}") from error
        if not all(isinstance(one, Change) for one in changes):
            raise GraderError(
                f"{self.label} returned something else than a list of autograder.export.Change, or nothing."
            )
        return changes


def formats() -> dict[str, Format]:
    """All formats that are installed, by name. A name of ours stays ours."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, []).append(point)
    made = {}
    for name, points in sorted(found.items()):
        ours = [point for point in points if point.value.startswith("autograder.export.")]
        first = (ours or points)[0]
        made[name] = Format(name, first, tuple(point for point in points if point.value != first.value))
    return made


def format_names() -> list[str]:
    return list(formats())


def find_format(name: str) -> Format:
    """The format of this name.

    Raises:
        GraderError: there is none, or there are two and neither is ours.
    """
    found = formats().get(name)
    if found is None:
        raise GraderError(f"No export format is called '{name}'. There are: {', '.join(format_names())}.")
    if found.others and not found.built_in:
        both = " and ".join(distribution(point) for point in (found.point, *found.others))
        raise GraderError(f"Two export formats are called '{name}', by {both}. Uninstall one of them.")
    return found


def distribution(point: EntryPoint) -> str:
    """Name and version of what installed it."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"


def _said(error: BaseException) -> str:
    """An error of any kind in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
