"""The reference solution, run in the examiner: expected answers for hidden tests and public checks."""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.catalogue import Entry
from autograder.course import Assignment, Role
from autograder.course.names import bound
from autograder.errors import CourseError
from autograder.examine import _context
from autograder.examine.kinds import depth, is_number, wrong_kind
from autograder.examine.network import CannotRun, Network
from autograder.files import read_text, write_whole
from autograder.language import _
from autograder.notebook import Cell
from autograder.sandbox.folder import FolderForAWhile
from autograder.sandbox.inside import seed_all, watched
from autograder.sandbox.wire import Opaque
from autograder.testing import Mismatch, assert_matches
from autograder.text import meant


@dataclass(frozen=True)
class Expected:
    """One comparison of a public check cell."""

    label: str
    value: Any
    atol: float


class _Names(SimpleNamespace):
    """What a solution script defines, as attributes."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the solution script defines no '{name}'{meant(name, vars(self)) or '.'}")


class Reference:
    """The names that a solution script defines. `check` cells are run with them when first needed.

    Attributes:
        names: the namespace, as the ``reference`` fixture shows it.
        given: sources of the cells that students get as they are.
        cells: the solution as a submission, to race against.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._folder = FolderForAWhile("grader-files-") if assignment.shipped else None
        if self._folder:
            for path, content in assignment.shipped.items():
                write_whole(self._folder.path / path, content)
        own = [cell for cell in assignment.cells if cell.role in (Role.GIVEN, Role.QUESTION)]
        self.given = [cell.source for cell in own if cell.role is Role.GIVEN]
        self._not_run = {_bare(cell.source) for cell in assignment.cells if cell.role in (Role.CHECK, Role.TIMING)}
        self._not_run |= {
            cell.inlined for cell in assignment.cells if cell.inlined
        }  # where the script itself is graded
        self.cells = tuple(Cell(number, cell.source) for number, cell in enumerate(own, 1))
        self._namespace: dict[str, Any] = {"__name__": "reference"}
        for cell in own:
            self._run(cell.source, cell.line, self._namespace)
        self.names = _Names(**{name: value for name, value in self._namespace.items() if not name.startswith("__")})
        probes = assignment.probes_path
        self.probes = read_text(probes) if probes.exists() else ""
        self.probes_code = compile(self.probes, "probes.py", "exec")
        self._probe_names = {name for name, _ in bound(ast.parse(self.probes).body)}
        self._expected: dict[str, list[Expected]] = {}
        self._returned: dict[str, list[Any]] = {}

    def require(self, op: str, name: str) -> None:
        """See that there is such a function, or for ``op`` "probe" such a probe: to ask for another is the test's mistake, and no student's.

        Raises:
            AttributeError: naming the one that may be meant.
        """
        if op != "probe":
            getattr(self.names, name)
        elif not self._probe_names & {name, "*"}:
            raise AttributeError(f"probes.py defines no '{name}'{meant(name, self._probe_names) or '.'}")

    def close(self) -> None:
        """Remove its working folder."""
        if self._folder:
            self._folder.remove()

    @contextlib.contextmanager
    def in_its_folder(self) -> Iterator[None]:
        """Meanwhile the working folder holds what students get beside the notebook, and Python finds the modules among it."""
        if self._folder is None:
            yield
            return
        place = str(self._folder.path)
        known = set(sys.modules)
        with contextlib.chdir(place):
            sys.path.insert(0, place)
            try:
                yield
            finally:
                with contextlib.suppress(ValueError):
                    sys.path.remove(place)
                for name in set(sys.modules) - known:  # another assignment may have modules of the same names
                    if (getattr(sys.modules[name], "__file__", None) or "").startswith(place):
                        del sys.modules[name]

    def to_run(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """What is run of a notebook: given cells first, should they have been deleted; no public check, which are graded, and no timing."""
        given = tuple(Cell(0, source) for source in self.given)
        return given + tuple(
            cell for cell in cells if not {_bare(cell.source), _below_heading(cell.source)} & self._not_run
        )

    @functools.cached_property
    def signatures(self) -> dict[str, tuple[str, ...]]:
        """Name of a function or class of the script -> parameter names, to describe calls with."""
        own = {
            name: value for name, value in self._namespace.items() if getattr(value, "__module__", "") == "reference"
        }
        return {name: tuple(inspect.signature(value).parameters) for name, value in own.items() if callable(value)}

    def expected(self, source: str, line: int) -> list[Expected]:
        """What a check cell compares, in order."""
        if source not in self._expected:
            seen: list[Expected] = []

            def check(label: str, actual: Any, expected: Any, atol: float = 1e-9) -> None:
                seen.append(Expected(label, expected, atol))

            namespace, returned = dict(self._namespace), self._returned.setdefault(source, [])
            with watched(namespace, self.signatures, returned):
                self._run(source, line, namespace | {"check": check})
            self._expected[source] = seen
        return self._expected[source]

    def wrong_return(self, source: str, returned: Any, *, raised: bool) -> str:
        """Which function returned a value of a wrong kind in a check cell that failed; empty if none did.

        What is returned where nothing is wanted does no harm.

        Args:
            returned: what the sandbox says that the student's functions returned.
            raised: whether the check raised an error. If not, it has compared what it takes for numbers, be it a list of them.
        """
        own: dict[str, list[Any]] = {}
        for name, value in self._returned[source]:
            own.setdefault(name, []).append(value)
        for pair in returned if type(returned) is list else ():
            if type(pair) is list and len(pair) == 2 and type(pair[0]) is str and (right := own.get(pair[0])):
                problems = [wrong_kind(pair[1], value) for value in right]
                numbers = all(map(is_number, [pair[1], *right])) or (
                    isinstance(pair[1], list)
                    and all(isinstance(value, np.ndarray) and depth(pair[1]) == value.ndim for value in right)
                )
                wanted = any(value is not None for value in right)
                if all(problems) and wanted and (raised or not numbers):
                    return _("{what}: {problem}", what=pair[0], problem=problems[0])
        return ""

    def variation(self, entry: Entry) -> SimpleNamespace:
        """The reference's names with a mistake in the place of the function that it is of; other functions call it, too."""
        namespace = dict(self._namespace)
        for cell in self._assignment.cells:
            if cell.role is Role.QUESTION:
                self._run(cell.source, cell.line, namespace)
        namespace[entry.of] = entry.replacement(self.names)
        return _Names(**{name: value for name, value in namespace.items() if not name.startswith("__")})

    def _run(self, source: str, line: int, namespace: dict[str, Any]) -> None:
        try:
            # so that a traceback's line is that of the script; the header is the line before the source
            with self.in_its_folder():
                exec(compile("\n" * line + source, str(self._assignment.script_path), "exec"), namespace)
        except Exception as error:  # the author's code may raise anything; it is told by file and line
            cure = ""
            if isinstance(error, FileNotFoundError | ModuleNotFoundError):
                cure = f" If it is a file of yours, put it into {self._assignment.folder} and name it in `files` of assignment.toml."
            raise CourseError(
                f"{self._assignment.script_path}:{line}: this cell fails: {type(error).__name__}: {error}{cure and '.'}{cure}"
            ) from error


def _bare(source: str) -> str:
    """A cell without what editors do to line ends."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _below_heading(source: str) -> str:
    """A check cell as it was written, without the comment that a template puts above it, in whichever language."""
    heading, _, rest = _bare(source).partition("\n")
    return rest if heading.startswith("#") else ""


class StandIn:
    """The reference, or a variation of it, in the student's place and without a sandbox.

    Args:
        names: the functions to call, as `Reference.names` or `Reference.variation` gives them.
    """

    def __init__(self, reference: Reference, names: SimpleNamespace) -> None:
        self._reference = reference
        self._names = names

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """As `Student.call`."""
        seed_all()
        return self._answer(lambda: getattr(self._names, name)(*_copies(args), **kwargs))

    def mutated(self, name: str, *args: Any) -> list[str]:
        """As `Student.mutated`."""
        copies = _copies(args)

        def ask() -> list[str]:
            getattr(self._names, name)(*copies)
            changed = zip(args, copies, self._reference.signatures[name], strict=False)
            return [
                parameter
                for old, new, parameter in changed
                if isinstance(old, np.ndarray) and not np.array_equal(old, new, equal_nan=True)
            ]

        seed_all()
        return self._answer(ask)  # type: ignore[no-any-return]  # which returns what it is given

    def probe(self, name: str, *args: Any) -> Any:
        """As `Student.probe`."""
        self._reference.require("probe", name)
        namespace: dict[str, Any] = {"__name__": "probes"}
        exec(self._reference.probes_code, namespace)
        seed_all()
        return self._answer(lambda: namespace[name](self._names, *_copies(args)))

    def network(self, probe: str, *args: Any) -> Network:
        """As `Student.network`; run in this process."""
        return Network.read(self.probe(probe, *args), _perform)

    def observe(self, name: str, *args: Any) -> Any:
        """As `Student.observe`."""
        return self.probe(name, *args)

    def check(self, source: str, expected: Sequence[Expected]) -> None:
        """Run a public check.

        Raises:
            Mismatch.
        """
        wanted = iter(expected)

        def check(label: str, actual: Any, expected: Any = None, atol: float = 0.0) -> None:
            want = next(wanted)
            answer = self._answer(lambda: plain(actual))
            assert_matches(answer, plain(want.value), atol=want.atol, label=want.label)

        def fail() -> None:
            raise error

        seed_all()
        try:
            namespace = {name: _own_copy(value) for name, value in vars(self._names).items()}
            exec(compile(source, "<check>", "exec"), namespace | {"check": check})
        except Mismatch:
            raise
        except Exception as raised:  # the author's check may raise anything: that is its answer
            error = raised
            self._answer(fail)

    def _answer(self, ask: Callable[[], Any]) -> Any:
        """What a student's code answers is remembered for the running test, by which comparisons of answers are told from others."""
        answer = _context.Answer("")
        try:
            answer.value = ask()
        except Exception as error:  # whatever was raised is the answer, and goes on
            answer.error = error
            raise
        finally:
            _context.record(answer)
        return answer.value


def _perform(task: str, *args: Any) -> Any:
    from autograder.sandbox import interpreter

    try:
        return getattr(interpreter, task)(None, *_copies(args))
    except Exception as error:  # the reference, which the author wrote, may raise anything
        raise CannotRun(f"{type(error).__name__}: {error}") from error


_MOST_NUMBERS = 10**6


def _numbers(value: Any) -> float:
    """How many numbers there are in a value; infinitely many if it holds text, of which numpy makes fields as wide as the longest."""
    if isinstance(value, list | tuple):
        return sum(map(_numbers, value))
    return math.inf if isinstance(value, str) else value.size if isinstance(value, np.ndarray) else 1


def plain(value: Any) -> Any:
    """Lists, tuples and numbers of any real dtype as float64 arrays, as the notebook's own `check` sees them.

    Text stays as it is, and so do more than a million numbers: public checks are small.
    """
    if isinstance(value, Opaque):
        value = _without_tensors(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str) or value is None or _numbers(value) > _MOST_NUMBERS:
        return value
    if isinstance(value, list | tuple | int | float | np.generic):
        try:
            value = np.asarray(_without_tensors(value))
        except ValueError:
            return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "iubf":
        return value.astype(np.float64, copy=False)
    return value


def _without_tensors(value: Any) -> Any:
    """With numbers for tensors that hold one and have no axes, as `check` sees them."""
    if isinstance(value, list | tuple):
        return [_without_tensors(part) for part in value]
    return value.number if isinstance(value, Opaque) and value.number is not None else value


def _copies(args: tuple[Any, ...]) -> list[Any]:
    return [_own_copy(arg) for arg in args]


def _own_copy(value: Any) -> Any:
    """What crosses into a sandbox is a copy, too: a mistake that writes into its arguments must not spoil them for others."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return value.clone() if type(value).__name__ == "Tensor" else value
