"""The languages that students and pages are spoken to in: one catalogue of messages, in gettext's format.

The code says everything in English; what a student or a page is told goes through `_`, with names for what is filled in::

    _("{call} must raise {wanted}, but {summary}.", call=call, wanted=wanted, summary=summary)

A translation may put the names in another order. What is filled in is never read as a format itself, whoever has written it.
The language is that of whoever will read, settled by `speaking` around all that composes for them. `docs/authoring.md` says how a sentence is
translated; the command line, which only instructors read, stays English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = {"en": "English", "vi": "Tiếng Việt"}
"""Code -> what the language calls itself."""
ENGLISH = "en"
_OTHER_NAMES = {"anh": "en", "tieng anh": "en", "viet": "vi", "vietnamese": "vi", "vn": "vi"}
_spoken: ContextVar[str] = ContextVar("_spoken", default=ENGLISH)


class Translated(str):
    """A sentence in another language than English; ``english`` is what it would be in English.

    By that, what many students are told is counted together, whichever language each of them reads.
    """

    __slots__ = ("english",)
    english: str

    def __new__(cls, text: str, english: str = "") -> Translated:
        made = super().__new__(cls, text)
        made.english = english
        return made

    def __str__(self) -> str:  # an exception's text is what this returns: without it, that is the bare text
        return self


def language() -> str:
    """The code of the language that is spoken now."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say in this language what is composed meanwhile.

    Raises:
        ValueError: it is none of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is none of {', '.join(LANGUAGES)}")
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def known_language(text: str) -> str:
    """The code of a language, from the code or the name as a roster may have it: ``vi``, ``vi-VN``, ``Tiếng Việt``, ``English (UK)``; empty if it is none of ours."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    plain = "".join(char for char in plain if not unicodedata.combining(char)).strip()
    if plain.startswith("tieng viet"):
        return "vi"
    word = plain.partition("(")[0].strip()
    code = word.replace("_", "-").partition("-")[0]
    names = {name.casefold(): code for code, name in LANGUAGES.items()} | _OTHER_NAMES
    return code if code in LANGUAGES else names.get(word, "")


def _(message: str, /, **values: Any) -> str:
    """The message in the language that is spoken, with the values in the places of their names; without values, braces are braces."""
    spoken = _spoken.get()
    if spoken == ENGLISH:
        return message.format(**values) if values else message
    return _filled(_catalogue(spoken).gettext(message) if message else "", message, values)


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """`_` of the message that goes with this number, which both may call ``{n}``."""
    values["n"] = n
    english = one if n == 1 else many
    spoken = _spoken.get()
    if spoken == ENGLISH:
        return english.format(**values)
    return _filled(_catalogue(spoken).ngettext(one, many, n), english, values)


def N_(message: str) -> str:  # noqa: N802  # gettext's own name
    """The message as it is, for the catalogue to hold: a constant, which `_` translates where it is used."""
    return message


def joined(separator: str, parts: Iterable[str]) -> str:
    """``separator.join(parts)``, which stays `Translated` if one of the parts is."""
    every = list(parts)
    text = separator.join(every)
    return Translated(text, separator.join(map(in_english, every))) if _has_translated(every) else text


def in_english(text: str) -> str:
    """What a sentence is in English; itself, where that is not known."""
    return text.english if isinstance(text, Translated) else text


def original(text: str) -> str:
    """What a sentence is in English, if it is in another language; empty if it is in none other."""
    return text.english if isinstance(text, Translated) else ""


def _filled(translated: str, english: str, values: dict[str, Any]) -> Translated:
    if not values:
        return Translated(translated, english)
    originals = {name: in_english(value) if isinstance(value, str) else value for name, value in values.items()}
    return Translated(translated.format(**values), english.format(**originals))


def _has_translated(parts: Iterable[str]) -> bool:
    return any(isinstance(part, Translated) for part in parts)


@cache
def _catalogue(language: str) -> NullTranslations:
    import gettext
    import io
    import pkgutil

    content = pkgutil.get_data("autograder", f"locales/{language}/LC_MESSAGES/autograder.mo")  # from a zip, too
    return gettext.GNUTranslations(io.BytesIO(content or b""))
