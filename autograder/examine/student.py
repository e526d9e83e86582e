"""The student's code: calls into the sandbox, and errors that say what happened there."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from autograder.course import Limits
from autograder.errors import SandboxError
from autograder.examine import _context
from autograder.examine.kinds import brief
from autograder.examine.network import TASKS, CannotRun, Network
from autograder.examine.student_errors import (
    NOT_WRITTEN,
    Raised,
    StudentCrash,
    StudentError,
    StudentMissing,
    StudentTimeout,
    cell_error,
)
from autograder.language import N_, Translated, _
from autograder.notebook import Cell, Code, Text, definitions, parse
from autograder.result import MOST_CELL_ERRORS, CellError
from autograder.sandbox import wire
from autograder.sandbox.client import Died, OverTime

_MOST_BROKEN_CELLS = 3
"""After this many cells that overran or ended the process, only cells that define something are run."""
_DEFINES = re.compile(r"^(?:async )?(?:def|class|import|from)\b|^\w+ *=", re.MULTILINE)
_MOST_ENDS = 2
"""A function that ended the process this often, by overrunning, crashing or a malformed answer, is not called again."""
_MOST_FRESH_STARTS = 4
"""So often a call is asked again after a malformed answer, which may have been said before; a submission whose process
speaks unasked this often between calls is asked no more."""

_TOO_LARGE_CELL = N_("holds more than a million characters and was not run; grading went on without this cell")
_EXITED = N_("calls exit() or quit(), which would end the notebook's kernel; it was passed over, and grading went on")
_UNREADABLE_CELL = N_("gave an answer that could not be read; grading went on without this cell")
_UNREADABLE = N_("gave an answer that could not be read")


class Process(Protocol):
    """What runs student code: a `Sandbox`, or a notebook's kernel."""

    @property
    def closed(self) -> bool: ...
    def cpu_seconds(self) -> float: ...
    def cpu_seconds_at_rest(self) -> float: ...
    def used(self) -> tuple[float, float]: ...
    def has_spoken(self) -> bool: ...
    def ask_encoded(self, message: bytes, seconds: float) -> Any: ...
    def put(self, message: bytes, seconds: float) -> Any: ...
    def paused(self) -> contextlib.AbstractContextManager[None]: ...
    def close(self) -> None: ...


class Processes(Protocol):
    """Where they come from: a `Zygote`, or a notebook's kernel."""

    @property
    def isolation(self) -> tuple[str, ...]: ...
    def sandbox(self, *, memory_mb: int, cpu_seconds: float) -> Process: ...


@dataclass(frozen=True)
class Timed:
    """What came of a call that was timed."""

    value: Any
    seconds: float
    """CPU seconds of the process from before it was sent the call until it had answered."""
    inside: float
    """Those of the function alone, as the process says: the reference's can be believed, a student's cannot."""

    @property
    def transport(self) -> float:
        """CPU seconds that it took to read the arguments and to write the answer."""
        return max(self.seconds - self.inside, 0.0)


class Student:
    """A submission's code, run in a sandbox. A call that overruns or crashes ends the process; the next call gets a fresh one.

    Args:
        code: the notebook's; errors of given cells, numbered 0, are not the student's.
        signatures: function name -> parameter names, to describe calls in messages.
        texts: the notebook's cells that are not run, among which may be an answer.
    """

    def __init__(
        self,
        zygote: Processes,
        code: Code,
        limits: Limits,
        signatures: Mapping[str, tuple[str, ...]],
        probes: str,
        texts: Sequence[Text] = (),
    ) -> None:
        self._zygote = zygote
        self._code = code
        self._limits = limits
        self._signatures = signatures
        self._probes = probes
        self._texts = texts
        self._sandbox: Process | None = None
        self._clean: Student | None = None
        self._broken: dict[int, CellError] = {}
        """Cells that overran or ended the process, and how: of these, only what they define is run."""
        self._hopeless: set[int] = set()
        """Those of them that did even that."""
        self._ended: dict[str, list[StudentError]] = {}
        self._spent = (0.0, 0.0)
        """Seconds of CPU time and asleep, of the processes before this one."""
        self._asked_again = self._fresh_starts = 0
        self._careful = False
        self._given = {name for cell in code.cells if cell.number == 0 for name in definitions(cell.source)}
        self._failed: list[CellError] = []
        self.cell_errors: list[CellError] = []
        """Those to tell, of the cells that failed."""
        self.killed = False
        """Whether a process of it may have been killed from outside."""
        self.cell_seconds = 0.0
        """What running the notebook's cells has taken so far, in all of its processes; the first test to need them waits for it."""

    # What hidden tests use, by way of `Proxy`

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call the function ``name``."""
        return self._call(name, args, kwargs).value

    def mutated(self, name: str, *args: Any) -> list[str]:
        """Call the function ``name`` and return the names of the array arguments that it changed, as the process says."""
        answer = self._call(name, args, {})
        changed = list(answer.changed)
        answer.value = changed
        return changed

    def probe(self, name: str, *args: Any) -> Any:
        """Run the function ``name`` of the assignment's `probes.py` beside the student's code."""
        return self._answer(_context.Answer(_("your code")), "probe", name, source=self._probes, args=args).value

    def observe(self, name: str, *args: Any) -> Any:
        """`probe`, where the answer is what the process says of itself."""
        return self.probe(name, *args)

    def network(self, probe: str, *args: Any) -> Network:
        """A network as data, as ``probe`` has traced it."""
        return Network.read(self.probe(probe, *args), self._perform, self._code.place)

    def _perform(self, task: str, *args: Any) -> Any:
        """Carry out a task on a graph in a process that holds none of the student's code, nor of another's graph."""
        if self._clean is None:
            limits = self._limits.model_copy(update={"submission_seconds": max(self._left(), 1.0)})
            self._clean = Student(self._zygote, Code(()), limits, {}, TASKS)
        what = _("Training your network") if task == "train" else _("Running your network")
        try:
            return self._clean._ask("probe", what, task, name=task, source=TASKS, args=args)["value"]
        except (StudentTimeout, StudentCrash):
            raise
        except StudentError as error:
            raised = f"{error.kind}: {error.message}" if error.kind else error.summary
            raise CannotRun(raised.removeprefix("Refused: ")[:300]) from None
        except wire.WireError as error:
            raise CannotRun(_("it is too large: {error}", error=str(error))) from None
        finally:
            self.killed |= self._clean.killed

    # What the examiner uses

    def check(self, given: list[str], source: str) -> dict[str, Any]:
        """Run a public check; the reply's ``seen`` lists label and answer of each comparison."""
        reply = self._ask("check", _("This check"), source, given=given, source=source, names=[*self._signatures])
        seen = reply.get("seen")
        if type(seen) is not list or any(
            type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str for pair in seen
        ):
            raise StudentError(_("This check"), _("gave answers that could not be read"))
        return reply

    def timed_call(self, op: str, name: str, args: tuple[Any, ...]) -> Timed:
        """One call, its process's clock read from outside."""
        request: dict[str, Any] = {"name": name, "args": args}
        request |= {"source": self._probes} if op == "probe" else {"kwargs": {}, "mutated": False}
        call = self._describe(name, args)
        try:
            reply, spent = self._exchange(wire.encode({"op": op, **request}), call, name, timed=True)
        except Died as death:
            self.killed |= death.killed
            raise StudentCrash(call, death.reason) from None
        self.raise_error(reply, call, name)
        inside = reply.get("seconds")
        return Timed(reply.get("value"), spent, inside if type(inside) is float else 0.0)

    def paused(self) -> contextlib.AbstractContextManager[None]:
        """Meanwhile nothing of the student's runs, such as a thread that would slow down what is timed beside it."""
        return self._sandbox.paused() if self._sandbox else contextlib.nullcontext()

    def start(self) -> None:
        """Run the notebook's cells; of any that overran or ended the process before, only what they define."""
        self._running()

    def close(self) -> None:
        if self._clean:
            self._clean.close()
        if self._sandbox:
            self._sandbox.close()
            self._spent = self._used()
            self._sandbox = None

    # How it is done

    def _running(self) -> Process:
        """The sandbox with the notebook's cells run, from which no answer is left that nobody asked for."""
        while True:
            if self._sandbox is not None and not self._sandbox.closed:
                if not self._sandbox.has_spoken():
                    return self._sandbox
                self._fresh_starts += 1
            self.close()
            if self._fresh_starts >= _MOST_FRESH_STARTS:
                raise StudentCrash(
                    "", _("was not run, because the notebook's process keeps answering what it was not asked")
                )
            if self._left() <= 0:
                raise StudentTimeout(
                    "",
                    _(
                        "the whole submission used up its {seconds} seconds",
                        seconds=f"{self._limits.submission_seconds:g}",
                    ),
                )
            self._sandbox = self._zygote.sandbox(memory_mb=self._limits.memory_mb, cpu_seconds=self._left() * 1.5)
            started = time.monotonic()
            self._run_cells(self._sandbox)
            self.cell_seconds += time.monotonic() - started

    @functools.cached_property
    def _files(self) -> bytes:
        """The request that writes the files beside the notebook."""
        files = [[path, np.frombuffer(data, np.uint8)] for path, data in self._code.files]
        return wire.encode({"op": "put", "files": files})

    def _put_files(self, sandbox: Process) -> None:
        """Nothing of the student's runs yet: that it fails is no doing of theirs."""
        try:
            reply = sandbox.put(self._files, self._limits.cell_seconds)
        except (OverTime, Died, wire.WireError) as error:
            raise SandboxError(
                f"The files beside the notebook could not be written into the sandbox: {error!r}"
            ) from None
        if reply != {}:
            raise SandboxError(f"The files beside the notebook could not be written into the sandbox: {reply}")

    def _run_cells(self, sandbox: Process) -> None:
        if self._code.files:
            self._put_files(sandbox)
        self.cell_errors = list(self._broken.values())
        self._failed = list(self._broken.values())
        last: Cell | None = None
        for position, (cell, source) in enumerate(zip(self._code.cells, self._code.sources, strict=True), 1):
            broken = cell.number in self._broken
            if cell.number in self._hopeless or not self._worth_running(source):
                continue
            if last and self._has_spoken(sandbox):
                self._break(last, _(_UNREADABLE_CELL))
                return
            try:
                message = wire.encode({"op": "define" if broken else "cell", "source": source, "number": position})
            except wire.WireError:
                self._failed.append(cell_error(cell, _(_TOO_LARGE_CELL)))
                self.cell_errors.append(self._failed[-1])
                continue
            limit = min(self._limits.cell_seconds, self._left())
            try:
                reply = sandbox.ask_encoded(message, limit)
            except OverTime as over:
                stop = _("{stop}; grading went on without this cell", stop=_stopped(over, limit))
                self._break(cell, stop, timeout=True)
                return
            except Died as death:
                self.killed |= death.killed
                self._break(cell, _("{stop}; grading went on without this cell", stop=death.reason))
                return
            except wire.WireError:
                if self._careful:
                    self._break(cell, _(_UNREADABLE_CELL))
                self._careful = True
                return
            last = cell if cell.number > 0 else last
            if broken:
                self._note_definitions(cell, reply)
            elif type(reply) is dict and "error" in reply and cell.number > 0:
                raised = Raised(reply["error"], self._code, position)
                told = not self._is_told_by_tests(raised)
                error = raised.as_cell_error(cell, briefly=not told or len(self.cell_errors) >= MOST_CELL_ERRORS)
                error = error.model_copy(update={"rest_defined": reply.get("rest_defined") is True})
                self._failed.append(error)
                self.cell_errors += [error] if told else []
            elif type(reply) is dict and reply.get("exited") is True and cell.number > 0:
                self.cell_errors.append(cell_error(cell, _(_EXITED)))
        if last and self._has_spoken(sandbox):
            self._break(last, _(_UNREADABLE_CELL))

    def _note_definitions(self, cell: Cell, reply: Any) -> None:
        """Say of a cell that overran or ended the process that what it defines is there."""
        if type(reply) is dict and reply.get("rest_defined") is True:
            self.cell_errors = [
                error.model_copy(update={"rest_defined": True}) if error.cell == cell.number else error
                for error in self.cell_errors
            ]

    def _is_told_by_tests(self, raised: Raised) -> bool:
        """A stub that was called, or the notebook's own `check`, which found what the public checks find, and say better."""
        return raised.kind == "not implemented" or (raised.type == "AssertionError" and raised.function in self._given)

    def _has_spoken(self, sandbox: Process) -> bool:
        """Whether the cell before has said more than its answer; once one cell has, it is given the time to."""
        with contextlib.suppress(Died):
            if self._careful:
                sandbox.cpu_seconds_at_rest()
        return sandbox.has_spoken()

    def _worth_running(self, source: str) -> bool:
        """A function that hangs or crashes takes each cell down that calls it, but not those that define the others.

        Nothing may be decided by a cell as it was submitted, of which the inputs of hidden tests know nothing.
        """
        broken = len(self._broken)
        return broken <= _MOST_BROKEN_CELLS or (broken <= 2 * _MOST_BROKEN_CELLS and bool(_DEFINES.search(source)))

    def _break(self, cell: Cell, reason: str, *, timeout: bool = False) -> None:
        if cell.number in self._broken:
            self._hopeless.add(cell.number)
        self._broken.setdefault(cell.number, cell_error(cell, reason).model_copy(update={"timeout": timeout}))
        self.close()

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _context.Answer:
        arguments = {self._parameter(name, position): value for position, value in enumerate(args)} | kwargs
        answer = _context.Answer(self._describe(name, args, kwargs), arguments)
        return self._answer(answer, "call", name, args=args, kwargs=kwargs, mutated=True)

    def _answer(self, answer: _context.Answer, op: str, name: str, **request: Any) -> _context.Answer:
        """Ask, and remember the answer for the running test."""
        try:
            reply = self._ask(op, answer.call, name, name=name, **request)
        except StudentError as error:
            error.__traceback__ = error.__context__ = None  # they hold all that the sandbox said, which may be much
            answer.error, answer.judged[None] = error, False
            _context.record(answer)
            raise
        answer.value = reply["value"]
        _context.record(answer)
        names, changed = list(answer.arguments), reply.get("mutated")
        if type(changed) is list:
            answer.changed = tuple(names[i] for i in changed if type(i) is int and 0 <= i < len(names))
        return answer

    def _ask(self, op: str, call: str, subject: str, **request: Any) -> dict[str, Any]:
        reply, _seconds = self._exchange(wire.encode({"op": op, **request}), call, subject)
        if op != "check":
            self.raise_error(reply, call, subject)
            if "value" not in reply:
                raise StudentError(call, _(_UNREADABLE))
        return reply

    def _exchange(
        self, message: bytes, call: str, subject: str, *, timed: bool = False
    ) -> tuple[dict[str, Any], float]:
        """The reply, and the CPU seconds that it took if it is timed. No process is asked the same twice: it might know the answer."""
        limit = self._limits.call_seconds
        ended = self._ended.setdefault(subject, [])
        if len(ended) >= _MOST_ENDS:
            many, summary = len(ended), ended[-1].summary
            why = _("was not run, because in {many} calls before it {summary}", many=many, summary=summary)
            error = type(ended[-1])(call, why)
            error.again = True
            raise error
        sandbox = self._running()
        before = sandbox.cpu_seconds_at_rest() if timed else 0.0
        try:
            reply = sandbox.ask_encoded(message, min(limit, self._left()))
        except OverTime as over:
            ended.append(StudentTimeout(call, _stopped(over, limit)))
            raise ended[-1] from None
        except Died as death:
            self.killed |= death.killed
            ended.append(StudentCrash(call, death.reason))
            raise ended[-1] from None
        except wire.WireError as error:
            if self._asked_again < _MOST_FRESH_STARTS:
                self._asked_again += 1
                return self._exchange(message, call, subject, timed=timed)
            ended.append(StudentError(call, _("gave an answer that could not be read: {error}", error=str(error))))
            raise ended[-1] from None
        if type(reply) is not dict:
            self.close()
            ended.append(StudentError(call, _(_UNREADABLE)))
            raise ended[-1]
        return reply, sandbox.cpu_seconds_at_rest() - before if timed else 0.0

    def raise_error(self, reply: dict[str, Any], call: str, subject: str = "", *, public: bool = False) -> None:
        """Raise the error that a reply tells of, if it does.

        Args:
            public: whether the call is one of a public check, whose inputs everybody knows.

        Raises:
            StudentError.
        """
        if "error" not in reply:
            return
        error = Raised(reply["error"], self._code)
        undefined = error.types[:1] == ["NameError"] and error.name in self._signatures
        if error.kind == "missing" or undefined:
            name = error.name if undefined or error.name.isidentifier() else subject or call
            missing = _("{name} is not defined in the notebook", name=name[:60])
            if why := self._why_missing(name):
                missing = _("{problem}: {cause}", problem=missing, cause=why)
            raise StudentMissing(call, missing)
        if error.kind == "not implemented":
            raise StudentMissing(call, _(NOT_WRITTEN, name=error.function or subject or call))
        if error.kind == "answer":
            raise StudentError(call, _("gave an answer that cannot be used: {error}", error=error.told))
        exception = error.as_exception(call, public)
        if error.types[:1] == ["NameError"]:
            exception.advice = exception.advice or self._why_not_imported(error.name)
        raise exception

    def _why_missing(self, name: str) -> str:
        """The cell that would have defined it, if that cell failed, or is not run."""
        failed = {error.cell: error for error in self._failed}
        for cell in self._code.cells:
            if cell.number in failed and name in definitions(cell.source):
                return _("the cell that should define it failed ({error})", error=_said(failed[cell.number]))
        for kind, source in self._texts:
            if name in definitions(source):
                if kind == "raw":
                    return _("a raw cell holds it, which is not run; turn it into a code cell")
                return _("a text cell holds it, which is not run; turn it into a code cell")
        return ""

    def _why_not_imported(self, name: str) -> str:
        """The import of this name that failed, if one did."""
        failed = {error.cell: error for error in self._failed}
        for cell in self._code.cells:
            for node in ast.walk(parse(cell.source) or ast.Module([], [])) if cell.number in failed else ():
                names = node.names if isinstance(node, ast.Import | ast.ImportFrom) else []
                if any((alias.asname or alias.name.partition(".")[0]) == name for alias in names):
                    return _(
                        "The cell that should import `{name}` failed ({error}).",
                        name=name,
                        error=_said(failed[cell.number]),
                    )
        return ""

    def _left(self) -> float:
        """Seconds of CPU time that the submission may still use, or may still sleep, whichever is less."""
        return self._limits.submission_seconds - max(self._used())

    def _used(self) -> tuple[float, float]:
        cpu, asleep = self._sandbox.used() if self._sandbox else (0.0, 0.0)
        return self._spent[0] + cpu, self._spent[1] + asleep

    def _parameter(self, name: str, position: int) -> str:
        names = self._signatures.get(name, ())
        return names[position] if position < len(names) else _("number {number}", number=position + 1)

    def _describe(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> str:
        """The call in words: arrays by their shapes."""
        parts = [f"{self._parameter(name, i)} {_brief(arg)}" for i, arg in enumerate(args)]
        parts += [f"{key} {_brief(value)}" for key, value in (kwargs or {}).items()]
        return f"{name}({', '.join(parts)})"


def _said(error: CellError) -> str:
    """What a cell's error is told as, with what that is in English: a result keeps the two apart."""
    return Translated(error.error, error.english) if error.english else error.error


def _stopped(over: OverTime, limit: float) -> str:
    seconds = f"{limit:g}"
    if over.did == "waited":
        return _("waited longer than {seconds} seconds and was stopped", seconds=seconds)
    return _("ran longer than {seconds} seconds and was stopped", seconds=seconds)


def _brief(value: Any) -> str:
    return ("x".join(map(str, value.shape)) or _("a number")) if isinstance(value, np.ndarray) else brief(value)
