"""Whether a file may be replaced: by one of its own kind, as an earlier run wrote it; never a roster, a notebook or the gradebook."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import zipfile
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.errors import GraderError

_MOST = 512 * 2**20
"""Bytes of a file that are looked at; what is larger was not written by this program."""
_ALIKE = 0.6
"""Of the columns, keys or names in either file, so many are in both: a question or a column may have been added since."""
_HTML = re.compile(r"<!doctype html|<html", re.IGNORECASE)
_OURS = "Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src '"
"""What our pages have in their head, and hardly any other."""
_ROOT = re.compile(r"<(\w+)")


def refuse_another(path: Path, content: bytes, hint: str = "") -> None:
    """Refuse to replace what is of another kind than what is to be written.

    Args:
        hint: what else helps where a file is in the way, as a sentence.

    Raises:
        GraderError: such a file is there, or a folder, or nobody can tell what it is.
    """
    if not os.path.lexists(path):
        return
    if path.is_dir():
        raise GraderError(f"{path}: is a folder, and a file is to be written. Choose another name with --to.")
    if path.exists() and not path.is_file():
        raise GraderError(f"{path}: is no regular file. Choose another name with --to.")
    if path.exists() and not _is_same_kind(path, content):
        told = (
            f"{path}: another file is here, which would be lost. Choose another name with --to, or move that file away."
        )
        raise GraderError(f"{told} {hint}".rstrip())


def refuse_another_kind_of_place(to: Path, *, folder: bool, what: str) -> None:
    """Refuse a file where a folder is to be written, and the reverse.

    Raises:
        GraderError: so it is.
    """
    if folder and to.exists() and not to.is_dir():
        raise GraderError(f"{to}: is a file, and {what} is a folder. Choose another name with --to.")
    if not folder and to.is_dir():
        raise GraderError(f"{to}: is a folder, and {what} is a file. Say with --to what it is to be called in there.")


def refuse_another_folder(to: Path, holds: Collection[str]) -> None:
    """Refuse to write into a folder that holds other things than an earlier run wrote; what is hidden, as git's, does not count.

    Args:
        holds: patterns of the paths of what a run writes, from the folder on.

    Raises:
        GraderError: it does.
    """
    strangers = (
        path
        for path in (to.rglob("*") if to.is_dir() else ())
        if not path.is_dir() or path.is_symlink()
        if not any(part.startswith(".") for part in path.relative_to(to).parts)
        if not any(_matches(path.relative_to(to), pattern) for pattern in holds)
    )
    if found := next(strangers, None):
        raise GraderError(
            f"{to}: holds other things, such as {found.relative_to(to)}. Choose an empty folder or a new one with --to, or add --force."
        )


def _matches(path: Path, pattern: str) -> bool:
    parts = pattern.split("/")
    return len(path.parts) == len(parts) and all(map(fnmatchcase, path.parts, parts))


def _is_same_kind(path: Path, content: bytes) -> bool:
    try:
        if path.stat().st_size > _MOST:
            return False
        there = path.read_bytes()
    except OSError:
        return False
    if there == content or not there:
        return True
    try:
        return _alike(_traits(there), _traits(content))
    except (ValueError, RecursionError, zipfile.BadZipFile, csv.Error, LookupError):
        return False


def _traits(data: bytes) -> tuple[str, Collection[str]]:
    """What sort of file it is, and the names in it that are the same each time one is written.

    Raises:
        ValueError: it is none of the sorts that are known.
    """
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "zip", {PurePosixPath(name).name for name in archive.namelist()}
    text = _text(data)
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return "json", _keys(json.loads(text))
    if _HTML.match(text.lstrip()[:200]):
        return "our html" if _OURS in text[:2000] else "html", {"page"}
    if start == "<":
        root = _ROOT.search(re.sub(r"<\?.*?\?>|<!.*?>", "", text[:2000]))
        name = re.search(r'name="([^" ]*)', text[root.start() : 2000]) if root else None
        return "xml", {root[1] if root else "?", name[1] if name else ""}
    if heading := re.match(r"(#+) ", text):
        return "markdown", {heading[1]}
    first = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=first.count)
    cells = next(csv.reader([first], delimiter=delimiter), [])
    return "table", {cell.strip().casefold() for cell in cells}


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = data.decode(encoding, "replace")
    if "\0" in text[:1000]:
        raise ValueError("no text")
    return text


def _keys(document: Any) -> set[str]:
    """The keys of an object; of a list, its first entry's."""
    if isinstance(document, list):
        return _keys(document[0]) if document and isinstance(document[0], dict) else set()
    return set(document) if isinstance(document, dict) else {"?"}


def _alike(there: tuple[str, Collection[str]], new: tuple[str, Collection[str]]) -> bool:
    one, other = set(there[1]), set(new[1])
    if there[0] != new[0]:
        return False
    if there[0] in ("xml", "markdown"):
        return one == other
    return not one or not other or len(one & other) >= _ALIKE * len(one | other)
