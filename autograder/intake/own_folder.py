"""A student's folder below `submitted/`: what is written into it beside the notebook, and what an earlier import has left there."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf
from pathlib import Path, PurePosixPath

from autograder.beside import choose, passed_over, problem_of
from autograder.files import write_whole
from autograder.intake.archive import Entry, Refused
from autograder.notebook import SUFFIXES
from autograder.notebook.note import Note, read_note, write_note
from autograder.text import file_name


def _beside(chosen: list[Entry], groups: list[list[Entry]]) -> dict[str, Entry]:
    """The files in the folder of the one that counts, or in its zip, and below: path there -> file. Of versions, the last."""
    first = chosen[0]
    group = next(files for files in groups if any(one is first for one in files))
    counting = {one.path for one in chosen}
    found: dict[str, Entry] = {}
    for entry in sorted(group, key=lambda one: one.modified.timestamp() if one.modified else -inf):
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
    counting = {name.casefold() for name in names}
    for path in taken:
        try:
            if path.partition("/")[0].casefold() in counting:
                raise Refused("has the name that the notebook gets")
            if any(str(above) in found for above in PurePosixPath(path).parents):  # a zip may hold both
                raise Refused("lies in a folder that is called like a file")
            contents[path] = found[path].read()
        except Refused as problem:
            left_out.append(f"{file_name(path[:200])} ({problem})")
    return contents, left_out


def holds(folder: Path, contents: Mapping[str, bytes]) -> bool:
    """Whether an earlier import has left just these files there."""
    return set(_earlier(folder)) == set(contents) and all(
        not path.is_symlink() and path.stat().st_size == len(data) and path.read_bytes() == data
        for path, data in ((folder / name, data) for name, data in contents.items())
    )


def replace_files(folder: Path, contents: Mapping[str, bytes], note: Note) -> list[str]:
    """Write files in place of those that an earlier import has left; what else is in the folder stays as it is.

    Args:
        note: what to note of them; the files are added.

    Returns:
        The names of files that are not written, because something stands there that no import has written.
    """
    for name in _earlier(folder):
        (folder / name).unlink()
        for above in PurePosixPath(name).parents[:-1]:
            with suppress(OSError):  # something else is in it
                (folder / above).rmdir()
    there = [name for name in contents if _in_the_way(folder, name)]
    written = {name: data for name, data in contents.items() if name not in there}
    listed = tuple(name for name in written if not _counts(name))
    write_note(folder, replace(note, files=listed))  # first: it may name too much
    for name, data in written.items():
        write_whole(folder / name, data)
    return there


def _earlier(folder: Path) -> list[str]:
    """The files that an earlier import has left: those that it has listed, and whatever would count as handed in."""
    names = [one.name for one in (folder.iterdir() if folder.is_dir() else ()) if _counts(one.name)]
    names += [name for name in read_note(folder).files if not problem_of(name, 0) and not passed_over(name)]
    # A link is not followed, be it the last part or one above it.
    return [
        name
        for name in dict.fromkeys(names)
        if (folder / name).is_symlink() or ((folder / name).is_file() and not _leads_elsewhere(folder, name))
    ]


def _counts(name: str) -> bool:
    """Whether a file is taken for a submission, as those at the top of the folder may be, whoever wrote them."""
    return "/" not in name and PurePosixPath(name).suffix.lower() in SUFFIXES


def _in_the_way(folder: Path, name: str) -> bool:
    return os.path.lexists(folder / name) or _leads_elsewhere(folder, name)


def _leads_elsewhere(folder: Path, name: str) -> bool:
    """Whether a link or a file stands where a folder should: what is written through a link lands elsewhere."""
    places = [folder / above for above in PurePosixPath(name).parents[:-1]]
    return any(one.is_symlink() or (one.exists() and not one.is_dir()) for one in places)
