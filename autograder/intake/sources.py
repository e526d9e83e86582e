"""Of which system a download is.

Only what the system itself writes is read here and in `systems`: the names at the outermost level of a download, and files that lie
there. Whatever a student can choose (what their own files and folders are called, what is in them, their display name) decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.errors import GraderError
from autograder.intake.archive import Folder, Refused
from autograder.intake.delivery import Download, Fit, files_and_folders
from autograder.intake.systems import canvas, classroom50, git, gradescope, moodle, nbgrader

_LOOKS: dict[str, Callable[[Path, Folder, str], Fit | None]] = {
    "canvas": canvas.fit, "moodle": moodle.fit, "gradescope": gradescope.fit, "nbgrader": nbgrader.fit, "git": git.fit,
    "classroom50": classroom50.fit,
}  # fmt: skip
SYSTEMS = tuple(_LOOKS)
"""What `--from` takes."""
_TITLES = {"canvas": "Canvas", "moodle": "Moodle", "gradescope": "Gradescope", "classroom50": "Classroom 50"}


def recognise(source: Path, root: Folder, assignment: str, system: str | None = None) -> Download:
    """Read a download of whichever system it is, or of the one of `SYSTEMS` that is named.

    Raises:
        GraderError: of none that is known, or of several.
    """
    try:
        fits = _fits(source, root, assignment, system)
        inner = [*root.folders()]
        if not fits and len(inner) == 1 and not root.files():  # whoever packs a folder again gets one around it
            fits = _fits(source, inner[0], assignment, system)
        some = ", ".join(one.path.name for one in files_and_folders(root)[:3]) or "nothing"
    except Refused as problem:
        raise GraderError(f"{source}: {problem}. Is it the right one?") from None
    if not fits:
        wanted = f"is no download of {_title(system)}" if system else "is not recognised"
        raise GraderError(
            f"{source}: {wanted} (it holds {some}). Known are the downloads of Canvas, Moodle, Gradescope and Classroom 50, nbgrader's submitted/ and inbound/ "
            "folders, and a folder of git clones. Notebooks that are named after their students can be graded as they are."
        )
    best = _best(fits)
    if len(best) > 1:
        reasons = "; or ".join(f"{_title(fit.system)}: {fit.why}" for fit in best)
        options = " or ".join(f"--from {fit.system}" for fit in best)
        raise GraderError(f"{source}: may be of several systems. {reasons}. Say which with {options}.")
    return replace(best[0].read(), why=best[0].why)


def _best(fits: list[Fit]) -> list[Fit]:
    """The one that is meant; several if there is no telling. What a single student can do must not change it."""
    fits = [fit for fit in fits if fit.rank < 2] or [fit for fit in fits if fit.rank < 3] or fits
    for rank in (0, 1):
        if whole := [fit for fit in fits if fit.share == 1 and fit.rank == rank]:
            return whole
    return [fit for fit in fits if fit.share > 0.5] or fits


def _title(system: str | None) -> str:
    return _TITLES.get(system or "", system or "")


def _fits(source: Path, root: Folder, assignment: str, system: str | None) -> list[Fit]:
    found = (look(source, root, assignment) for name, look in _LOOKS.items() if system in (None, name))
    return [fit for fit in found if fit]
