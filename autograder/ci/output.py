"""What is printed in CI, so that nothing a student wrote becomes a command of the CI system.

GitHub's runner obeys lines of standard output that begin with ``::``, after any blanks, and ``##[`` anywhere in a line;
Azure Pipelines ``##vso[`` and TeamCity ``##teamcity[``; GitLab escape sequences with ``section_start:``.
"""

from __future__ import annotations

import re
import secrets
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import click

from autograder.ci.findings import Finding
from autograder.errors import GraderError
from autograder.report.words import count, plain

MOST = 10
"""GitHub keeps this many errors and as many warnings of a step."""

_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|(#)(?=#)", re.MULTILINE)


def inert(text: str) -> str:
    """The same text to a reader, without control characters and with a blank inside what a CI system could obey."""
    return _COMMAND.sub(lambda match: f"{match[0]} ", plain(text))


def annotation(level: str, message: str, **properties: str) -> str:
    """A workflow command of GitHub's in one line; as actions/toolkit escapes it."""
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {listed}::{_data(message)}" if listed else f"::{level}::{_data(message)}"


def annotate(found: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands for the first findings of each level, and one that says how many are left out."""
    for level in ("error", "warning"):
        chosen = [finding for finding in found if finding.level == level]
        shown = chosen if len(chosen) <= MOST else chosen[: MOST - 1]
        for finding in shown:
            yield annotation(level, finding.message, file=finding.path, title=f"{finding.student}, {finding.about}")
        if len(chosen) > len(shown):
            yield annotation(level, f"{count(len(chosen) - len(shown), f'more {level}')}: see the job's summary.")


@contextmanager
def guarded(system: str | None) -> Iterator[None]:
    """Until this ends, GitHub's runner obeys no line but one with a secret word; elsewhere nothing is needed."""
    if system != "github":
        yield
        return
    word = secrets.token_hex(16)
    click.echo(f"::stop-commands::{word}")
    try:
        yield
    except (GraderError, click.ClickException):
        raise
    except Exception:  # a bug of ours, whose traceback may hold anything
        click.echo(inert(traceback.format_exc()))
        raise SystemExit(1) from None
    finally:
        click.echo(f"::{word}::")


def _data(text: str) -> str:
    return _escape(plain(text), {"%": "%25", "\r": "%0D", "\n": "%0A"}.items())


def _property(text: str) -> str:
    return _escape(_data(text), {":": "%3A", ",": "%2C"}.items())


def _escape(text: str, codes: Iterable[tuple[str, str]]) -> str:
    for character, code in codes:
        text = text.replace(character, code)
    return text
