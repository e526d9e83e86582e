"""Reading a course's TOML files: whatever is wrong in one is told by its line, in a sentence, with the cure."""

from __future__ import annotations

import bisect
import difflib
import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from autograder.errors import CourseError
from autograder.files import read_text

FileT = TypeVar("FileT", bound=BaseModel)
Location = Sequence[int | str]
"""Keys and, of a list, positions, as in ``("questions", 1, "points")``."""

_DATE = "Write date, time and zone, as in 2026-11-30T23:59:00+07:00, with seconds"
_TIME = re.compile(r"=\s*[\"']?(\d{4}-\d\d?-\d|\d\d?:\d\d|\d\d?[./]\d\d?[./]\d)")
_BARE_TEXT = re.compile(r"^\s*[\w.-]+\s*=\s*(?!true\b|false\b|inf\b|nan\b)[A-Za-z_“”‘’«]")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_MOST_TOLD = 5
_KINDS = {
    "string_too_short": "must not be empty",
    "string": 'must be text in quotes, as in {name} = "..."',
    "int": "must be a whole number, without quotes",
    "float": "must be a number, without quotes",
    "finite": "must be a finite number",
    "tuple": "must be a list in brackets, as in {name} = [...]",
    "list": "must be a list in brackets, as in {name} = [...]",
    "dict": "must be a table, as in {name} = {{ conv_forward = 20, pooling = 10 }}",
    "bool": "must be true or false",
    "model": "must be a table of its own, as in [{name}] on a line and its entries below it",
    "date": "must be a moment. " + _DATE,
    "timezone": "must be a moment with its time zone. " + _DATE,
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "string_pattern": "must be a name as Python has them: letters of A to Z, digits and _, not beginning with a digit",
}
"""How a kind of pydantic's begins -> what an author is told; the longest beginning counts."""


class TomlModel(BaseModel):
    """A table of a TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def read_toml(path: Path, model: type[FileT]) -> FileT:
    """Read and check a TOML file.

    Raises:
        CourseError: naming the file, the lines and what to write there.
    """
    text = read_text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(_not_toml(path, text, str(error))) from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors()
        told = [f"{path}:{line_of(text, one['loc'])}: {_sentence(one, model)}" for one in found[:_MOST_TOLD]]
        more = [f"{path}: and {len(found) - _MOST_TOLD} more."] if len(found) > _MOST_TOLD else []
        raise CourseError("\n".join(told + more)) from None


def line_of(text: str, location: Location) -> int:
    """The line, counted from 1, that a part of a TOML text begins on; of what is not there, that of what should hold it.

    `tomllib` tells no lines. But it tells from which line on the text up to there holds the part, and what it holds once it holds for good.
    """
    lines = text.splitlines()
    for length in range(len(location), 0, -1):
        holding = functools.partial(_is_in, lines, location[:length])
        first = bisect.bisect_left(range(len(lines) + 1), True, key=holding)  # of that many lines
        if first <= len(lines):
            return _begun(lines, first - 1)[0] + 1
    return 1


def _is_in(lines: Sequence[str], part: Location, number: int) -> bool:
    return _holds(_begun(lines, number)[1], part)


def _begun(lines: Sequence[str], number: int) -> tuple[int, dict[str, Any]]:
    """How many of the first lines are TOML by themselves, at most so many, and what they hold."""
    while True:
        try:
            return number, tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            number -= 1


def _holds(values: Any, location: Location) -> bool:
    for part in location:
        try:
            values = values[part]
        except (LookupError, TypeError):
            return False
    return True


def _not_toml(path: Path, text: str, error: str) -> str:
    place = _PLACE.search(error)
    lines = text.splitlines() or [""]
    number = int(place[1]) if place and place[1] else len(lines)
    line = lines[number - 1] if number <= len(lines) else ""
    what = error[: place.start()] if place else error
    if _TIME.search(line):
        advice = f"{_DATE}. Day and hour must be ones that there are: midnight is 00:00:00 of the next day"
    elif _BARE_TEXT.match(line):
        advice = 'Text stands in straight quotes, as in title = "Pooling"'
    elif what.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate")):
        advice = "It stands in the file already; of several of a kind, each begins with a line as [[questions]] or [[extensions]]"
    elif what.startswith("Expected '='"):
        advice = 'Between a name and its value stands =, as in title = "Pooling"'
    elif what.startswith("Expected newline"):
        advice = 'The line must end behind its value. A number has a point and no unit, as in 10.5; ids stand in quotes, as in "0020001"; no comma follows'
    elif line.lstrip().startswith(("//", "--", ";")):
        advice = "A remark begins with #"
    elif what in ("Illegal character '\\n'", 'Expected "\'"'):
        advice = "The quote at the end of the text is missing"
    else:
        advice = what
    return f"{path}:{number}: is not valid TOML: {line.strip()[:80]}\n  {advice.rstrip('.')}."


def _sentence(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    """What is wrong, and what to write instead."""
    location = error["loc"]
    name = next((str(part) for part in reversed(location) if isinstance(part, str)), "")
    where = ".".join(part for part in location if isinstance(part, str))
    kind = error["type"]
    if kind == "missing":
        tables = ".".join(part for part in location[:-1] if isinstance(part, str))
        holder = f"[[{tables}]]" if len(location) > 2 else "file of this kind"
        return f"{where}: is missing; every {holder} has it."
    if kind == "extra_forbidden":
        known = list(_table(model, location[:-1]).model_fields)
        close = [one for one in known if one.startswith(name)] or difflib.get_close_matches(name, known, 1)
        instead = f"; did you mean '{close[0]}'?" if close else f". There are: {', '.join(known)}."
        return f"{where}: there is no such entry{instead}"
    if kind.startswith(("tuple", "list")) and _table(model, location) is not _table(model, location[:-1]):
        return f"{where}: each of them begins with [[{where}]], in two pairs of brackets."
    beginning = max((one for one in _KINDS if kind.startswith(one)), key=len, default="")
    what = _KINDS[beginning].format(name=name, **error.get("ctx", {})) if beginning else error["msg"]
    what = what.removeprefix("Value error, ").removesuffix(".")
    if what.endswith("?"):
        return f"{where}: {what}"
    value = repr(error["input"])
    shown = (
        f", and not {value}"
        if beginning and len(value) <= 40 and not kind.startswith(("date", "timezone", "string_too"))
        else ""
    )
    return f"{where}: {what}{shown}."


def _table(model: type[BaseModel], location: Location) -> type[BaseModel]:
    """The model of the table at a location; the last one on the way, if that is no table."""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field's type is or holds, as ``Question`` in ``tuple[Question, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
