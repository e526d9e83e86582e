"""Reading a file that is one, writing it whole or not at all, and JSON that every parser reads."""

from __future__ import annotations

import contextlib
import json
import math
import os
import stat
from pathlib import Path
from typing import Any

from autograder.errors import CourseError, GraderError, SubmissionError
from autograder.language import _


def open_regular(path: Path) -> int:
    """Open a regular file: no link, pipe or device, which may lead elsewhere or never end.

    Raises:
        SubmissionError: it is none, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "it is a link" if os.path.islink(path) else (error.strerror or str(error)).lower()
        raise SubmissionError(_("The file cannot be opened: {reason}.", reason=reason)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SubmissionError(_("This is not a regular file."))
    return descriptor


def read_text(path: Path) -> str:
    """What the author of a course has written, in UTF-8; Windows' editors begin a file with a mark, which is taken off.

    Raises:
        CourseError: it cannot be read, or is in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path}: is not in UTF-8. Save it with this encoding.") from None


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that a reader sees the old one or the new one, never a part; folders are made.

    Raises:
        GraderError: it cannot be written; the old file, if any, is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb") as file:  # not `tempfile`: the file should have the usual permissions
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:  # Ctrl-C, too, must leave no half-written file
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise GraderError(f"{path}: cannot be written ({error.strerror}).") from None
    return path


def strict_json(document: Any) -> bytes:
    """JSON in UTF-8. NaN and infinities, which JSON has not, become the strings "NaN", "Infinity" and "-Infinity"."""
    text = json.dumps(_finite(document), ensure_ascii=False, allow_nan=False, indent=1)
    # Half a surrogate pair has no UTF-8; its backslash escape is JSON's own.
    return text.encode("utf-8", errors="backslashreplace") + b"\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def own_files() -> dict[str, Path]:
    """What of this package goes where there is nothing but Python: its modules and its translations, by their names in it, sorted."""
    root = Path(__file__).resolve().parent
    found = {path.relative_to(root).as_posix(): path for kind in ("*.py", "*.mo") for path in root.rglob(kind)}
    return dict(sorted(found.items()))
