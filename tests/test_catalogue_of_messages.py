"""The translations are whole: every sentence of the code is in them, with the same names to fill in, and what ships is compiled of them."""

from __future__ import annotations

import io
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import autograder
from autograder.language import ENGLISH, LANGUAGES

PACKAGE = Path(autograder.__file__).parent
TRANSLATED = [code for code in LANGUAGES if code != ENGLISH]


def _path(code: str) -> Path:
    return PACKAGE / "locales" / code / "LC_MESSAGES" / "autograder.po"


def _catalogue(code: str) -> Catalog:
    with open(_path(code), "rb") as file:
        return read_po(file, abort_invalid=True)


def _messages(code: str) -> Iterator[Message]:
    return (message for message in _catalogue(code) if message.id)


def _names(text: str) -> set[str]:
    """What is filled in; a message without any is never filled in, and may hold braces of its own."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None and name.isidentifier()}
    except ValueError:
        return set()


@pytest.fixture(scope="module")
def sentences() -> set[object]:
    methods = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]
    options = {"**.j2": {"trimmed": "true"}}
    return {found[2] for found in extract_from_dir(PACKAGE, methods, options)}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_of_the_code_is_in_the_catalogue_and_no_other(code: str, sentences: set[object]) -> None:
    catalogue = _catalogue(code)
    known = {message.id for message in _messages(code)}
    assert len(sentences) > 200
    assert (sentences - known, known - sentences) == (set(), set()), "run `make messages` and translate what is new"
    assert not catalogue.obsolete


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated_and_none_is_a_guess(code: str) -> None:
    for message in _messages(code):
        texts = [message.string] if isinstance(message.string, str) else message.string
        assert all(text and text.strip() for text in texts), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_is_filled_in_is_the_same_in_every_language(code: str) -> None:
    for message in _messages(code):
        ids = [message.id] if isinstance(message.id, str) else message.id
        texts = [message.string] if isinstance(message.string, str) else message.string
        wanted = {name for one in ids for name in _names(one)}
        assert all(_names(text) == wanted for text in texts), message.id
        assert all(text.count("`") == ids[0].count("`") for text in texts), message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_ships_is_compiled_of_the_catalogue(code: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue(code))
    assert _path(code).with_suffix(".mo").read_bytes() == compiled.getvalue(), "run `make messages`"
