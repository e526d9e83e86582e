"""Ids as names of files and folders, and back: one rule, which loses nothing."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

_NEVER = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|%\u202a-\u202e\u2066-\u2069\ud800-\udfff]|^[. ]|[. ]$')
"""What Windows or Unix does not allow in a name, hides or trims, and `%`, which marks what was replaced."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
"""Windows has devices of these names, whatever ending they bear."""

_MOST_BYTES = 200
"""File systems take 255 for a name, of which an ending is a part."""


def to_file_name(identity: str) -> str:
    """A name for a file or a folder, another for every id: ``a/b`` becomes ``a%2Fb``, and most ids stay as they are.

    What would be too long for a file system ends in a part of its SHA-256, and is not found back.
    """
    name = _NEVER.sub(_replaced, identity)
    if _RESERVED.fullmatch(name):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    whole = name.encode()
    if len(whole) <= _MOST_BYTES:
        return name
    digest = hashlib.sha256(whole).hexdigest()[:16]
    return f"{whole[: _MOST_BYTES - 18].decode(errors='ignore')}%~{digest}"


def from_file_name(name: str) -> str:
    """The id that a name was made of; a name that none is made into is an id itself."""
    try:
        identity = unquote(name, errors="surrogatepass")
    except UnicodeDecodeError:  # as in `100%FF`, which somebody else has made
        return name
    return identity if to_file_name(identity) == name else name


def _replaced(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))
