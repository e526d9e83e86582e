"""A large notebook without its outputs, found out without decoding it: `json.loads` makes 1.3 GB of 48 MB of ``{}``.

What is passed over takes time but no memory, and is read only as far as it takes to find its end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

# Possessive throughout: linear in time, and nothing is remembered for going back.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TEXT = re.compile(_STRING, re.DOTALL)
_UP_TO_BRACKET = re.compile(rb'(?:[^][{}"]++|' + _STRING + rb")*+", re.DOTALL)
_WORD = re.compile(rb"(?:true|false|null|NaN|-?Infinity|-?\d[\d.eE+-]{0,1000}+)(?![^][{}:,\s])")
_SPACE = re.compile(rb"[ \t\n\r]*+")
_LONGEST_NAME = 1000
_LONGEST_METADATA = 1000
_LONGEST_PROSE = 10_000
"""Bytes of a cell that is no code: pictures are pasted into text, too."""
_MOST_MEMBERS = 1000
_MOST_BRACKETS = 2_000_000
"""About half a second's worth."""
_DEEPEST = 1000

Span = tuple[int, int]
"""Where a value begins and ends, in bytes."""
_Part = bytes | memoryview


class Damaged(ValueError):
    """This is no JSON; ``at`` is where that was noticed."""

    def __init__(self, at: int) -> None:
        super().__init__(f"no JSON at byte {at}")
        self.at = at


class TooMuch(ValueError):
    """More lists and objects, or names in one object, than anything honest has."""


class TooLong(ValueError):
    """What is left is ``size`` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


def slim(data: bytes, *, most_cells: int, most_bytes: int) -> bytes:
    """The notebook with its code cells' sources, the other cells' and their metadata if they are short, and what its own metadata say of language and assignment.

    Args:
        most_cells: cells beyond these, and one, are left out.
        most_bytes: of the result.

    Raises:
        Damaged, TooMuch, TooLong.
    """
    span = _value(data, _skip(data, 0))
    if (rest := _skip(data, span[1])) != len(data):
        raise Damaged(rest)
    parts = list(_slimmed(data, span, most_cells))
    if (size := sum(map(len, parts))) > most_bytes:
        raise TooLong(size)
    return b"".join(parts)


def _slimmed(data: bytes, span: Span, most: int) -> Iterator[_Part]:
    notebook = _members(data, span)
    yield b'{"format": 0'
    if metadata := notebook.get("metadata"):
        yield b',"metadata":'
        yield from _only(data, _members(data, metadata), ("kernelspec", "language_info", "cnn_autograder"))
    if cells := notebook.get("cells"):
        yield b',"cells":'
        yield from _cells(data, cells, most)
    if sheets := notebook.get("worksheets"):
        yield b',"worksheets":[null'
        for number, sheet in enumerate(_items(data, sheets)):
            if number == _MOST_MEMBERS:
                raise TooMuch
            if cells := _members(data, sheet).get("cells"):
                yield b',{"cells":'
                yield from _cells(data, cells, most)
                yield b"}"
        yield b"]"
    yield b"}"


def _cells(data: bytes, span: Span, most: int) -> Iterator[_Part]:
    if data[span[0] : span[0] + 1] != b"[":
        yield b"null"
        return
    yield b"["
    for number, cell in enumerate(_items(data, span)):
        found = _members(data, cell)
        yield b"," if number else b""
        yield from _only(data, found, _wanted(data, found))
        if number == most:
            break
    yield b"]"


def _wanted(data: bytes, cell: Mapping[str, Span]) -> list[str]:
    """What is kept of a cell: its source if it is code or short, its metadata if they are short."""
    code = data[slice(*cell.get("cell_type", (0, 0)))] == b'"code"'
    most = {"cell_type": _LONGEST_NAME, "metadata": _LONGEST_METADATA}
    most |= dict.fromkeys(("source", "input"), len(data) if code else _LONGEST_PROSE)
    return [name for name in most if name in cell and cell[name][1] - cell[name][0] <= most[name]]


def _only(data: bytes, found: Mapping[str, Span], names: Sequence[str]) -> Iterator[_Part]:
    yield b'{"":0'
    for name in names:
        if name in found:
            yield f',"{name}":'.encode()
            yield memoryview(data)[slice(*found[name])]
    yield b"}"


def _members(data: bytes, span: Span) -> dict[str, Span]:
    """Name -> value of an object, the last of those of the same name; empty if the value is no object."""
    found: dict[str, Span] = {}
    at, count = span[0], 0
    if data[at : at + 1] != b"{":
        return found
    at = _skip(data, at + 1)
    while data[at : at + 1] != b"}":
        name = _value(data, at)
        colon = _skip(data, name[1])
        if data[at : at + 1] != b'"' or data[colon : colon + 1] != b":":
            raise Damaged(at)
        value = _value(data, _skip(data, colon + 1))
        if name[1] - name[0] <= _LONGEST_NAME:  # no name that anybody asks for is longer
            found[_name(data, name)] = value
        count += 1
        if count > _MOST_MEMBERS:
            raise TooMuch
        at = _next(data, value[1], b"}")
    return found


def _name(data: bytes, span: Span) -> str:
    try:
        return str(json.loads(data[slice(*span)].decode()))
    except ValueError:  # not UTF-8, or no escape
        raise Damaged(span[0]) from None


def _items(data: bytes, span: Span) -> Iterator[Span]:
    """The items of a list; none if the value is no list."""
    at = span[0]
    if data[at : at + 1] != b"[":
        return
    at = _skip(data, at + 1)
    while data[at : at + 1] != b"]":
        value = _value(data, at)
        yield value
        at = _next(data, value[1], b"]")


def _skip(data: bytes, at: int) -> int:
    """Past white space."""
    found = _SPACE.match(data, at)
    return found.end() if found else at


def _next(data: bytes, at: int, close: bytes) -> int:
    """Past a comma, or to the end of the list or object."""
    at = _skip(data, at)
    if data[at : at + 1] == close:
        return at
    after = _skip(data, at + 1)
    if data[at : at + 1] != b"," or data[after : after + 1] == close:
        raise Damaged(at)
    return after


def _value(data: bytes, start: int) -> Span:
    """The value that begins just there."""
    first = data[start : start + 1]
    if first in (b"{", b"["):
        return start, _end(data, start)
    found = _TEXT.match(data, start) if first == b'"' else _WORD.match(data, start)
    if not found:
        raise Damaged(start)
    return start, found.end()


def _end(data: bytes, at: int) -> int:
    """Where the list or object that begins there ends."""
    depth = brackets = 0
    while depth <= _DEEPEST:
        byte = data[at : at + 1]
        if byte in (b"{", b"["):
            depth += 1
        elif byte in (b"}", b"]"):
            depth -= 1
        else:
            break  # the file's end, or a text without one
        at += 1
        brackets += 1
        if not depth:
            return at
        if brackets > _MOST_BRACKETS:
            raise TooMuch
        found = _UP_TO_BRACKET.match(data, at)
        at = found.end() if found else at
    raise Damaged(at)
