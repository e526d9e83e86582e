"""A download as folders and files, whether zip or folder: nothing leads outside, and nothing is larger than it may be.

Only what is looked at is read, one file at a time; a zip of 4 GB takes no more memory than its list of names.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedReader, BytesIO, FileIO
from pathlib import Path, PurePosixPath
from typing import Protocol

from autograder.beside import LITTER
from autograder.errors import GraderError
from autograder.text import file_name, shortened
from autograder.times import from_seconds

_MOST_IN_FOLDER = 50_000
"""Names in one folder; in the list of a whole zip, there may be more."""
_MOST_FILES = 5_000
"""In one submission."""
_MOST_LEVELS = 40
_MOST_NAME = 1_000
_MOST_LIST = 16 * 2**20
"""Bytes of a zip's list of names: some 125,000 files, for which Python takes 200 MB."""
_MOST_INNER_LIST = 2 * 2**20
"""The same for a zip in a download."""
_MOST_RATIO = 200
"""Text packs ten to one; what packs better than this is made to fill a disk."""
_SMALL = 2**20
"""Below this many bytes, no ratio does harm."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others unpack without a bound on the memory they take."""
_LITTER = (".git", ".ipynb_checkpoints", ".DS_Store", *LITTER)
_DAMAGED = (
    zipfile.BadZipFile, ValueError, OSError, EOFError, LookupError, RuntimeError, NotImplementedError, OverflowError, struct.error, zlib.error,
)  # fmt: skip


class Refused(Exception):
    """A file is not what it seems, or larger than it may be; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One file of a download."""

    path: PurePosixPath
    """Within the download, never absolute, without `..`."""
    modified: datetime | None
    size: int
    """In bytes, as the download says: never less than `read` returns."""
    read: Callable[[], bytes]
    """Its content. Raises `Refused`."""


class Folder(Protocol):
    """One folder of a download; files and folders are sorted by name."""

    path: PurePosixPath

    def files(self) -> list[Entry]:
        """The files that lie in it. Raises `Refused`: there are too many."""

    def folders(self) -> list[Folder]:
        """The folders that lie in it. Raises `Refused`: there are too many."""

    def on_disk(self) -> Path | None:
        """Where it is, unless it is in a zip."""

    def forget(self) -> None:
        """Let go of what was found in it, which can be found again."""


def everything(folder: Folder) -> Iterator[Entry]:
    """The files in a folder and below, those that lie least deep first.

    Raises:
        Refused: there are more of them, or they lie deeper, than any honest submission has.
    """
    count, level = 0, [folder]
    try:
        for _ in range(_MOST_LEVELS):
            for here in level:
                for entry in here.files():
                    count += 1
                    if count > _MOST_FILES:
                        raise Refused(f"holds more than {_MOST_FILES:,} files")
                    yield entry
            level = [below for here in level for below in here.folders()]
            if not level:
                return
            if len(level) > _MOST_FILES:
                raise Refused(f"holds more than {_MOST_FILES:,} folders")
        raise Refused(f"has folders more than {_MOST_LEVELS} deep")
    finally:
        folder.forget()


@contextmanager
def open_download(source: Path, *, max_bytes: int, refused: list[str]) -> Iterator[Folder]:
    """A zip or a folder, for as long as it is looked at. Zips in it are files; `unpacked` looks into one.

    Args:
        max_bytes: of one file.
        refused: gets a line for each file that is left out because it could do harm.

    Raises:
        GraderError: it is neither, or damaged, or holds too much.
    """
    with ExitStack() as stack:
        if source.is_dir():
            yield _DiskFolder(source, PurePosixPath(), max_bytes, refused)
            return
        if not source.is_file():
            raise GraderError(f"{source}: there is no such file or folder.")
        try:
            file = stack.enter_context(_Listing(FileIO(source)))
        except OSError as error:
            raise GraderError(f"{source}: cannot be read ({error.strerror}).") from None
        try:
            archive = stack.enter_context(_open(file, _MOST_LIST))
        except Refused as problem:
            hint = "Unpack it, and import the folder." if "list" in str(problem) else "Download it again."
            raise GraderError(f"{source}: {problem}. {hint}") from None
        if archive is None:
            raise GraderError(f"{source}: is neither a folder nor a zip file.")
        yield _tree(archive, PurePosixPath(), max_bytes, refused)


@contextmanager
def unpacked(entry: Entry, *, max_bytes: int, refused: list[str], one_of: int = 1) -> Iterator[Folder]:
    """A zip that was handed in.

    Args:
        one_of: as many are open at a time; their lists of names take no more memory than a single one may.

    Raises:
        Refused: it is none, or damaged, or holds too much.
    """
    with _Listing(BytesIO(entry.read())) as file, _open(file, _MOST_INNER_LIST // one_of) as archive:
        if archive is None:
            raise Refused("is no zip file, in spite of its name")
        yield _tree(archive, entry.path, max_bytes, refused)


@dataclass
class _DiskFolder:
    root: Path
    path: PurePosixPath
    max_bytes: int
    refused: list[str]
    _found: tuple[list[Entry], list[Folder]] | None = None

    def files(self) -> list[Entry]:
        return self._scan()[0]

    def folders(self) -> list[Folder]:
        return self._scan()[1]

    def on_disk(self) -> Path | None:
        return self.root / self.path

    def _scan(self) -> tuple[list[Entry], list[Folder]]:
        if self._found is None:
            self._found = [], []
            odd = []
            try:
                for name in sorted(self._names()):
                    path = self.root / self.path / name
                    facts = path.lstat()
                    if stat.S_ISDIR(facts.st_mode):
                        self._found[1].append(_DiskFolder(self.root, self.path / name, self.max_bytes, self.refused))
                    elif stat.S_ISREG(facts.st_mode):
                        modified = from_seconds(facts.st_mtime)
                        read = file_reader(path, self.max_bytes)
                        self._found[0].append(Entry(self.path / name, modified, facts.st_size, read))
                    else:
                        what = "a symbolic link" if stat.S_ISLNK(facts.st_mode) else "a pipe or device"
                        odd.append(f"{self.path / name}: is {what}")
            except (OSError, OverflowError, ValueError) as error:
                odd.append(f"{self.path}: cannot be read ({error})")
            self.refused += [line for line in shortened(odd) if line not in self.refused]
        return self._found

    def forget(self) -> None:
        self._found = None

    def _names(self) -> list[str]:
        names = []
        with os.scandir(self.root / self.path) as found:
            for one in found:
                if one.name not in _LITTER:
                    names.append(one.name)
                if len(names) > _MOST_IN_FOLDER:
                    raise Refused(f"holds more than {_MOST_IN_FOLDER:,} files")
        return names


def file_reader(path: Path, max_bytes: int) -> Callable[[], bytes]:
    """What reads a file on disk, but no link, and nothing that is larger; raises `Refused`."""

    def read() -> bytes:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                data = file.read(max_bytes + 1)
        except OSError as error:
            raise Refused(f"cannot be read ({error.strerror})") from None
        if len(data) > max_bytes:
            raise Refused(f"is larger than {max_bytes / 2**20:g} MB")
        return data

    return read


class _Listing(BufferedReader):
    """A zip file. While its list of names is read, no more than ``most`` bytes are read at once."""

    most: int | None = None

    def __init__(self, raw: FileIO | BytesIO) -> None:
        super().__init__(raw)

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is None:
            return super().read(size)
        data = super().read(self.most + 1 if size is None or size < 0 else min(size, self.most + 1))
        if len(data) > self.most:
            raise _TooLong
        return data


class _TooLong(Exception):
    """The list of names is too long."""


@contextmanager
def _open(file: _Listing, most: int) -> Iterator[zipfile.ZipFile | None]:
    """The zip in a file; None if there is none. Raises `Refused`: it is damaged, or its list is longer than ``most`` bytes."""
    start = file.peek(2)[:2]
    file.most = most
    try:
        archive = zipfile.ZipFile(file)
    except _TooLong:
        raise Refused(f"its list of files alone is larger than {most / 2**20:g} MB") from None
    except _DAMAGED:
        if start == b"PK":
            raise Refused("the zip file is damaged, perhaps cut off") from None
        yield None
        return
    file.most = None
    with archive:
        yield archive


@dataclass
class _ZipFolder:
    path: PurePosixPath
    _files: dict[str, Entry] = field(default_factory=dict)
    _folders: dict[str, _ZipFolder] = field(default_factory=dict)

    def files(self) -> list[Entry]:
        return [entry for _, entry in sorted(self._files.items())]

    def folders(self) -> list[Folder]:
        return [folder for _, folder in sorted(self._folders.items())]

    def on_disk(self) -> Path | None:
        return None

    def forget(self) -> None:
        """All of it comes from one list, which was read at once."""

    def put(self, parts: tuple[str, ...], entry: Entry) -> None:
        here = self
        for part in parts[:-1]:
            if part not in here._folders:
                here._folders[part] = _ZipFolder(here.path / part)
            here = here._folders[part]
        here._files[parts[-1]] = entry


def _tree(archive: zipfile.ZipFile, path: PurePosixPath, max_bytes: int, refused: list[str]) -> _ZipFolder:
    root = _ZipFolder(path)
    odd = []
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = _name(info)
        try:
            place = _safe(name)
            if not set(_LITTER) & set(place.parts):
                entry = Entry(path / place, _modified(info), info.file_size, _zip_reader(archive, info, max_bytes))
                root.put(place.parts, entry)
        except Refused as problem:
            odd.append(
                f"{file_name(str(path))}: {name[:200]!r} {problem}" if path.parts else f"{name[:200]!r} {problem}"
            )
    refused += shortened(odd)
    return root


def _name(info: zipfile.ZipInfo) -> str:
    """The name, in UTF-8 even where a packer on Windows or macOS has not said so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _safe(name: str) -> PurePosixPath:
    if len(name) > _MOST_NAME:
        raise Refused(f"has a name of more than {_MOST_NAME:,} characters")
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused("has an absolute path")
    path = PurePosixPath(name)
    if ".." in path.parts:
        raise Refused("leads outside")
    if not path.parts or "\0" in name:
        raise Refused("has no usable name")
    if len(path.parts) > _MOST_LEVELS:
        raise Refused(f"lies more than {_MOST_LEVELS} folders deep")
    return path


def _modified(info: zipfile.ZipInfo) -> datetime | None:
    """A zip's times have no zone; they are taken as this computer's."""
    try:
        return datetime(*info.date_time).astimezone() if info.date_time > (1980, 1, 1, 0, 0, 0) else None
    except (ValueError, OverflowError):
        return None


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> Callable[[], bytes]:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused("is a symbolic link")

    def read() -> bytes:
        if info.flag_bits & 1:
            raise Refused("is encrypted")
        if info.compress_type not in _METHODS:
            raise Refused("is packed by another method than usual; pack it as an ordinary zip")
        if info.file_size > max_bytes:
            raise Refused(f"is larger than {max_bytes / 2**20:g} MB")
        if info.file_size > _SMALL and info.file_size > _MOST_RATIO * max(info.compress_size, 1):
            raise Refused("is packed so densely that it may be made to fill the disk")
        try:
            with archive.open(info) as file:
                return file.read(max_bytes + 1)[:max_bytes]
        except _DAMAGED as error:
            raise Refused(f"is damaged in the zip ({str(error)[:200]})") from None

    return read
