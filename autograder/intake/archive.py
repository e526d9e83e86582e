"""A download as a list of files, whether zip or folder: nothing leads outside, and nothing is larger than it may be."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

from autograder.errors import GraderError

_MOST_FILES = 50_000
_MOST_BYTES = 4 * 2**30
_MOST_RATIO = 200
"""Text packs ten to one; what packs better than this is made to fill a disk."""
_SMALL = 2**20
"""Below this many bytes, no ratio does harm."""
_PACKED = (".zip",)


class Refused(Exception):
    """A file is not what it seems; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One file of a download."""

    path: PurePosixPath
    """Within the download, never absolute, without `..`."""
    modified: datetime | None
    read: Callable[[], bytes]
    """Its content. Raises `Refused`."""

    def below(self, folder: str) -> Entry:
        """The same file, in a folder."""
        return Entry(PurePosixPath(folder) / self.path, self.modified, self.read)


def open_download(source: Path, *, max_bytes: int, refused: list[str]) -> list[Entry]:
    """The files of a zip or a folder, those of zips in it included.

    Args:
        max_bytes: of one file.
        refused: gets a line for each file that is left out because it could do harm.

    Raises:
        GraderError: it is neither, or damaged, or holds too much.
    """
    entries: list[Entry] | None
    if source.is_dir():
        entries = _folder(source, max_bytes, refused)
    elif source.is_file():
        entries = _zip(source.name, BytesIO(source.read_bytes()), max_bytes, refused)
        if entries is None:
            raise GraderError(f"{source}: is neither a folder nor a zip file.")
    else:
        raise GraderError(f"{source}: there is no such file or folder.")
    return [one for entry in entries for one in _unpacked(entry, max_bytes, refused)]


def _unpacked(entry: Entry, max_bytes: int, refused: list[str]) -> Iterator[Entry]:
    """The file itself, or the files in it if it is a zip. A zip within that stays one."""
    if entry.path.suffix.lower() not in _PACKED:
        yield entry
        return
    try:
        inner = _zip(str(entry.path), BytesIO(entry.read()), max_bytes, refused)
    except Refused as problem:
        refused.append(f"{entry.path}: {problem}")
        return
    except GraderError as problem:
        refused.append(str(problem))
        return
    yield from (one.below(str(entry.path)) for one in inner or ())


def _folder(root: Path, max_bytes: int, refused: list[str]) -> list[Entry]:
    entries = []
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        for name in [name for name in folders if (here / name).is_symlink()]:
            folders.remove(name)
            refused.append(f"{(here / name).relative_to(root)}: is a symbolic link")
        folders[:] = sorted(name for name in folders if name not in (".git", ".ipynb_checkpoints", "__MACOSX"))
        for name in sorted(files):
            path = here / name
            relative = PurePosixPath(path.relative_to(root).as_posix())
            try:
                facts = path.lstat()
            except OSError as error:
                refused.append(f"{relative}: {error.strerror}")
                continue
            if not stat.S_ISREG(facts.st_mode):
                what = "a symbolic link" if stat.S_ISLNK(facts.st_mode) else "a pipe or device"
                refused.append(f"{relative}: is {what}")
                continue
            modified = datetime.fromtimestamp(facts.st_mtime, UTC)
            entries.append(Entry(relative, modified, _file_reader(path, max_bytes)))
            if len(entries) > _MOST_FILES:
                raise GraderError(f"{root}: holds more than {_MOST_FILES} files. Is it the right folder?")
    return entries


def _file_reader(path: Path, max_bytes: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Refused(f"cannot be read ({error.strerror})") from None
        with open(descriptor, "rb") as file:
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise Refused(f"is larger than {max_bytes / 2**20:g} MB")
        return data

    return read


def _zip(name: str, file: BytesIO, max_bytes: int, refused: list[str]) -> list[Entry] | None:
    """The files of a zip; None if it is none."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        if file.getvalue()[:2] == b"PK":
            raise GraderError(f"{name}: the zip file is damaged, perhaps cut off. Download it again.") from None
        return None
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > _MOST_FILES:
        raise GraderError(f"{name}: holds more than {_MOST_FILES} files.")
    if sum(info.file_size for info in infos) > _MOST_BYTES:
        raise GraderError(f"{name}: would unpack to more than {_MOST_BYTES // 2**30} GB.")
    entries = []
    for info in infos:
        path = _name(info)
        try:
            entries.append(Entry(_safe(path), _modified(info), _zip_reader(archive, info, max_bytes)))
        except Refused as problem:
            refused.append(f"{name}: {path!r} {problem}")
    return [entry for entry in entries if not {"__MACOSX", ".ipynb_checkpoints", ".git"} & set(entry.path.parts)]


def _name(info: zipfile.ZipInfo) -> str:
    """The name, in UTF-8 even where a packer on Windows or macOS has not said so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _safe(name: str) -> PurePosixPath:
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused("has an absolute path")
    path = PurePosixPath(name)
    if ".." in path.parts:
        raise Refused("leads outside")
    if not path.parts or "\0" in name:
        raise Refused("has no usable name")
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
    if info.flag_bits & 1:
        raise Refused("is encrypted")
    if info.file_size > max_bytes:
        raise Refused(f"is larger than {max_bytes / 2**20:g} MB")
    if info.file_size > _SMALL and info.file_size > _MOST_RATIO * max(info.compress_size, 1):
        raise Refused("is packed so densely that it may be made to fill the disk")

    def read() -> bytes:
        try:
            with archive.open(info) as file:
                data = file.read(max_bytes + 1)
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise Refused(f"is damaged in the zip ({error})") from None
        except Exception as error:  # zlib.error, lzma.LZMAError: whatever the packing method raises
            raise Refused(f"is damaged in the zip ({error})") from None
        if len(data) > max_bytes:
            raise Refused(f"is larger than {max_bytes / 2**20:g} MB")
        return data

    return read
