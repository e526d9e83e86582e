"""Text that a student may have had a part in."""

import difflib
import re
from collections.abc import Iterable

from autograder.language import _

_PLAIN_PATH = re.compile(r"[\w./+-]+")


def printable(text: str) -> str:
    """The text with every character that is not printable, other than a line break, made visible as such."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def one_line(text: str) -> str:
    """The text with spaces for its line breaks: what a student says in a sentence of ours must not begin a line that looks like ours."""
    return " ".join(text.splitlines())


def meant(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that says of a name that there is none: which one may be meant; empty if none comes close."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def shortened(lines: list[str], most: int = 3) -> list[str]:
    """The first lines, and how many more there are."""
    return (
        lines
        if len(lines) <= most + 1
        else [*lines[:most], _("{last} (and {n} more)", last=lines[most], n=len(lines) - most - 1)]
    )


def file_name(path: str) -> str:
    """A path within a sentence: in quotes, unless it is so plain that it cannot be taken for a part of the sentence."""
    return path if _PLAIN_PATH.fullmatch(path) else '"' + one_line(printable(path)).replace('"', "'") + '"'


def number(value: float) -> str:
    """At most two decimals and none that say nothing: ``12``, ``12.5``, ``0.33``."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def count(many: int, noun: str) -> str:
    """``1 test``, ``2 tests``."""
    return f"{many} {noun}{'' if many == 1 else 's'}"
