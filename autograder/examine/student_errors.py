"""What the student's code raised: read from what the sandbox says, and told with places as the student sees them."""

from __future__ import annotations

import builtins
import re
from typing import Any

from autograder.examine.advice import advise
from autograder.language import N_, _, joined, original
from autograder.notebook import Cell, Code, Place, cell_name, quoted
from autograder.result import CellError
from autograder.text import one_line, printable

NOT_WRITTEN = N_("{name} is not written yet: it raises NotImplementedError")
"""What is said of a function that is still as the template has it."""
_MOST_FRAMES = 12
_MOST_TYPES = 20
_LONGEST_TOLD = 100
"""Characters of an exception's message that are shown of a hidden call."""
_LONGEST_MESSAGE = 2000
_FRAME = re.compile(r"<cell ([0-9]{1,7})>")
_OWN_PLACE = re.compile(r" \(<cell [0-9]{1,7}>, line [0-9]{1,7}\)$")
"""Where a SyntaxError's text says that it is, in what is run; where that is in the notebook is told beside it."""


class StudentError(Exception):
    """The student's code did not answer a call; the message is for the student.

    Where the student's code raised a builtin exception, this is one, too, so that `pytest.raises(ValueError)`
    holds. Attributes: ``call``, ``summary``, ``traceback``; of a hidden call, they hold its type, its place and the beginning of its message.
    """

    kind = ""
    """The exception's type, if the student's code raised it."""
    place = ""
    """Where in the student's code it was raised, as in ``line 12 of the cell that defines `conv2d```."""
    message = ""
    """The exception's whole message, for tests to recognise well-known ones by; the student is not shown it."""
    advice = ""
    """What to do, if that is known."""
    again = False
    """Whether the call was not even tried, because of what came of those before."""

    def __init__(self, call: str, summary: str, traceback: str = "") -> None:
        super().__init__(summary)
        self.call = call
        self.summary = summary
        self.traceback = traceback


class StudentMissing(StudentError):
    """The function is not defined, or not written yet."""


class StudentTimeout(StudentError):
    """The call used up its time."""


class StudentCrash(StudentError):
    """The process ended during the call."""


class Raised:
    """An exception as the sandbox described it: read by exact type, since it may say anything.

    Args:
        told: the description.
        code: whose places its frames are to name.
        position: which of the code's cells raised it while it was run, if one did.
    """

    def __init__(self, told: Any, code: Code, position: int = 0) -> None:
        told = told if type(told) is dict else {}
        self.kind = _word(told.get("kind"))
        self.name = _word(told.get("name"))
        self.message = _OWN_PLACE.sub("", _word(told.get("message"), _LONGEST_MESSAGE))
        types = told.get("types")
        self.types = [kind for kind in types[:_MOST_TYPES] if type(kind) is str] if type(types) is list else []
        self.frames = _frames(told.get("frames"), code)
        self.function = self.frames[-1].function if self.frames else ""
        self._code = code
        self._place = self.frames[-1] if self.frames else _place(code, [position, told.get("line"), 0])

    @property
    def type(self) -> str:
        name = self.types[0] if self.types else ""
        return _word(name, 60) if name.isidentifier() else _("an error")

    @property
    def summary(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type

    @property
    def told(self) -> str:
        """As much of the message as is told of a hidden call."""
        return self.message if len(self.message) <= _LONGEST_TOLD else self.message[:_LONGEST_TOLD] + " ..."

    @property
    def advice(self) -> str:
        places = self.frames or ([self._place] if self._place else [])
        return advise(self.type, self.message, places, self._code)

    def as_exception(self, call: str, public: bool) -> StudentError:
        """As an error of a call; ``public``: of a public check, whose inputs everybody knows."""
        if public:
            summary, frames = self.summary, self.frames
        else:
            summary, frames = f"{self.type}: {self.told}" if self.told else self.type, self.frames[-1:]
        kind: type[StudentError] = StudentError
        for name in self.types:
            base = getattr(builtins, name, None)
            if isinstance(base, type) and issubclass(base, Exception):
                # exceptions whose constructors want more, or no point
                strange = UnicodeError | ImportError | OSError | SyntaxError | BaseExceptionGroup
                if base is not Exception and not issubclass(base, strange):
                    kind = type(name, (StudentError, base), {})
                break
        error = kind(call, _("raised {error}", error=summary), joined("\n", map(_frame, frames)))
        error.kind, error.message, error.advice = self.type, self.message, self.advice
        error.place = str(self.frames[-1]) if self.frames else ""
        return error

    def as_cell_error(self, cell: Cell, *, briefly: bool) -> CellError:
        """As an error of a cell; ``briefly``: without traceback and advice."""
        places = [*self.frames, *([self._place] if self._place else [])]
        place = next((place for place in reversed(places) if place.cell == cell.number and not place.file), None)
        # One frame in the cell says no more than its line and what is written there, which are told anyway.
        needed = self.frames and self.frames != [place] and not briefly
        traceback = joined("\n", map(_frame, self.frames)) if needed else ""
        return cell_error(cell, self.summary, line=place, advice="" if briefly else self.advice, traceback=traceback)


def cell_error(
    cell: Cell, error: str, *, line: Place | None = None, advice: str = "", traceback: str = ""
) -> CellError:
    """What is told of a cell that failed."""
    return CellError(
        cell=cell.number,
        name=line.cell_name if line else cell_name(cell.source),
        line=line.line if line else None,
        text=quoted(line.text) if line else "",
        error=error,
        english=original(error),
        advice=advice,
        traceback=traceback,
    )


def _word(value: Any, longest: int = 200) -> str:
    """Text of the student's: bounded, in one line, and without what a terminal or a file format would obey."""
    return one_line(printable(value[:longest])) if type(value) is str else ""


def _frames(told: Any, code: Code) -> list[Place]:
    """The student's own frames, innermost last; all that is taken from what the sandbox says are numbers."""
    frames = []
    for frame in told[-_MOST_FRAMES:] if type(told) is list else []:
        if type(frame) is list and [type(part) for part in frame] == [str, int, int]:
            file = _FRAME.fullmatch(frame[0])
            frames.append(code.place(int(file[1]), *frame[1:]) if file else code.place_in(*frame))
    return [place for place in frames if place]


def _place(code: Code, numbers: list[Any]) -> Place | None:
    return code.place(*numbers) if all(type(number) is int for number in numbers) else None


def _frame(place: Place) -> str:
    line = joined("", ["  ", _("{place}, in {function}", place=str(place), function=place.function or "<module>")])
    return joined("\n", [line, f"    {place.text}"]) if place.text else line
