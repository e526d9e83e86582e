"""What hidden tests see as ``student``: the student's functions by their names, and four ways to ask otherwise."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograder.examine.network import Network
from autograder.examine.reference import Reference, StandIn
from autograder.examine.student import Student


class Proxy:
    """``student.conv2d(x)`` calls `conv2d`, whatever else goes by that name here: only what is defined below means something else.

    These few names are no names for functions of students; `grader build` refuses them.
    """

    __slots__ = ("__code", "__reference")

    def __init__(self, code: Student | StandIn, reference: Reference) -> None:
        self.__code = code
        self.__reference = reference

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        self.__reference.require("call", name)
        return functools.partial(self.__code.call, name)

    def mutated(self, name: str, *args: Any) -> list[str]:
        """Call the function ``name`` and return the names of the array arguments that it changed, as the process says."""
        self.__reference.require("call", name)
        return self.__code.mutated(name, *args)

    def probe(self, name: str, *args: Any) -> Any:
        """Run the function ``name`` of the assignment's `probes.py` beside the student's code, for a value to compare."""
        self.__reference.require("probe", name)
        return self.__code.probe(name, *args)

    def observe(self, name: str, *args: Any) -> Any:
        """`probe`, where the answer is what the process says of itself, such as which error was raised.

        A hostile submission can forge that, as it can forge `mutated`: whatever a probe looks at, it runs in the
        student's own process. A number that only the right computation gives is for `probe`. `grader check` counts
        the points that rest on the two, and refuses more than a tenth.
        """
        self.__reference.require("probe", name)
        return self.__code.observe(name, *args)

    def network(self, probe: str, *args: Any) -> Network:
        """A network as data: ``probe`` of `probes.py` returns what `autograder.sandbox.tracing.trace` makes of it.

        Raises:
            Mismatch: it is no network.
        """
        self.__reference.require("probe", probe)
        return self.__code.network(probe, *args)
