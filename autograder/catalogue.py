"""The catalogue of an assignment: wrong answers that students give, and right ones written differently.

`mistakes.py` and `alternatives.py` of an assignment hold functions under the decorators below. Such a function takes
the reference's names as its first parameter, ``right``, and then the parameters of the function that it replaces::

    @mistake(of="conv2d", hint="Your signs are reversed: do not turn the kernel.", known="lecture 3, 'Edge detection'")
    def kernel_turned(right, x, weight, bias=None):
        return right.conv2d(x, weight[:, :, ::-1, ::-1], bias)

One that takes nothing but ``right`` makes what goes in the function's place instead: a class, or any other object.
Its name is the mistake's id. Both files are code of the course and are trusted.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from autograder.errors import CourseError
from autograder.files import read_text

_IMPORT = re.compile(r"^from autograder\.catalogue import .*$", re.MULTILINE)
_SHIM = """
import functools, types

right = types.SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})


def mistake(**_):
    return lambda function: function


alternative = mistake
"""


@dataclass(frozen=True)
class Entry:
    """A mistake or an alternative, for one of the functions that it is `of`."""

    id: str
    of: str
    """The function or class that it replaces."""
    function: Callable[..., Any]
    path: Path
    hint: str = ""
    """For the student: what was done, and what to do instead."""
    known: str = ""
    """Where it is known from."""
    slow: bool = False
    """Right, but not quick enough for the points of a race."""

    @property
    def makes(self) -> bool:
        """Whether the function makes the replacement, instead of being it."""
        return len(inspect.signature(self.function).parameters) == 1

    def replacement(self, right: SimpleNamespace) -> Any:
        """What goes in the place of the function that this entry is of."""
        return self.function(right) if self.makes else functools.partial(self.function, right)

    def as_submission(self, solution: str) -> str:
        """A percent script that a student might have handed in: the solution, with this entry in its place."""
        text = _IMPORT.sub("", read_text(self.path))
        call = f"{self.id}(right)" if self.makes else f"functools.partial({self.id}, right)"
        return "\n\n# %%\n".join([solution, _SHIM, text, f"{self.of} = {call}\n"])


def mistake(*, of: str | tuple[str, ...], hint: str, known: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A wrong answer; see the module's docstring.

    Args:
        of: the function or class that it replaces, or several that it may replace, one at a time.
        hint: what a student reads who made it.
        known: where it is known from.
    """
    return _mark(of=of, hint=hint, known=known)


def alternative(*, of: str | tuple[str, ...], slow: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A right answer that must get full marks, or all but the points for speed if it is ``slow``."""
    return _mark(of=of, slow=slow)


def _mark(of: str | tuple[str, ...], **facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__dict__["catalogue"] = [facts | {"of": name} for name in ((of,) if isinstance(of, str) else of)]
        return function

    return mark


def read_catalogue(path: Path) -> list[Entry]:
    """The entries of a `mistakes.py` or `alternatives.py`, in its order; none if there is no such file.

    Raises:
        CourseError: the file fails.
    """
    if not path.exists():
        return []
    namespace: dict[str, Any] = {"__name__": path.stem}
    source = read_text(path)
    try:
        exec(compile(source, str(path), "exec"), namespace)
    except Exception as error:  # the author's code may raise anything; it is told by file
        raise CourseError(f"{path}: fails: {type(error).__name__}: {error}") from error
    return [
        Entry(id=name, function=value, path=path, **facts)
        for name, value in namespace.items()
        for facts in getattr(value, "catalogue", ())
    ]
