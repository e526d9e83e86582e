"""A student's folder below `submitted/`: what is written into it beside the notebook, and what an earlier import has left there."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path, PurePosixPath

from autograder.beside import choose, passed_over, paths_beside
from autograder.intake.archive import Entry, Refused
from autograder.text import file_name


def _beside(chosen: list[Entry], groups: list[list[Entry]]) -> dict[str, Entry]:
    """The files in the folder of the one that counts, or in its zip, and below: path there -> file. Of versions, the last."""
    first = chosen[0]
    group = next(files for files in groups if any(one is first for one in files))
    counting = {one.path for one in chosen}
    found: dict[str, Entry] = {}
    for entry in sorted(group, key=lambda one: (one.modified is not None, one.modified and one.modified.timestamp())):
        if entry.path not in counting and entry.path.is_relative_to(first.path.parent):
            path = entry.path.relative_to(first.path.parent).as_posix()
            if not passed_over(path):
                found[path] = entry
    return found


def read_files_beside(
    chosen: list[Entry], groups: list[list[Entry]], names: Collection[str]
) -> tuple[dict[str, bytes], list[str]]:
    """Content of these files, and which were left out and why.

    Args:
        names: of the files that count, as they are written.
    """
    found = _beside(chosen, groups)
    taken, left_out = choose((path, entry.size) for path, entry in found.items())
    contents = {}
    for path in taken:
        try:
            if path.partition("/")[0].casefold() in {name.casefold() for name in names}:
                raise Refused("has the name that the notebook gets")
            contents[path] = found[path].read()
        except Refused as problem:
            left_out.append(f"{file_name(path)} ({problem})")
    return contents, left_out


def clear(folder: Path) -> dict[str, bytes]:
    """Remove what an earlier import has left in a student's folder; what that was."""
    files = [one for one in (folder.glob("*") if folder.is_dir() else ()) if one.suffix.lower() in (".ipynb", ".py")]
    files = [one for one in files if one.is_symlink() or not one.is_dir()]
    files += [folder / path for path in paths_beside(folder / "no notebook")]
    old = {}
    for one in dict.fromkeys(files):
        with suppress(OSError):
            old[one.relative_to(folder).as_posix()] = (
                one.read_bytes() if one.is_file() and not one.is_symlink() else b""
            )
        one.unlink(missing_ok=True)
        for above in one.relative_to(folder).parents[:-1]:
            with suppress(OSError):  # something else is in it
                (folder / above).rmdir()
    return old


def in_the_way(folder: Path, path: str) -> bool:
    """Whether a link or a folder is where a file is to be written: what is written through a link lands elsewhere."""
    places = [folder / above for above in PurePosixPath(path).parents[:-1]]
    return (folder / path).is_dir() or any(one.is_symlink() or (one.exists() and not one.is_dir()) for one in places)
