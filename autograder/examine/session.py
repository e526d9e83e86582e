"""One pytest session that runs the hidden tests again and again, each time with another in the student's place.

Tests are collected once. The session's run loop then serves instead of ending: a pytest start costs more than a small
submission. Nothing of the student's is imported here, but where their own kernel grades itself; what the sandbox answers is data.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.course import Assignment, TestSpec, derive_seed
from autograder.errors import CourseError, SandboxError
from autograder.examine import _context
from autograder.examine._context import Answer, Trace
from autograder.examine.check_item import CheckItem
from autograder.examine.fault import describe_fault
from autograder.examine.proxy import Proxy
from autograder.examine.race import Race, Rehearsal
from autograder.examine.reference import Reference, StandIn
from autograder.examine.student import Processes, Student
from autograder.examine.verdict import first_problem
from autograder.notebook import Code

_OPTIONS = "--assert=plain --import-mode=importlib --noconftest --strict-markers -s -W ignore".split()
_PLUGINS_OFF = (
    "cacheprovider terminal logging junitxml doctest unittest faulthandler threadexception unraisableexception "
    "setuponly setupplan stepwise debugging pastebin warnings"
).split()
Item = tuple[pytest.Item, TestSpec, float]
"""A test, what is known of it, and its points."""


class Session:
    """A pytest plugin whose run loop serves.

    Args:
        secret: the course's; random inputs are derived from it.
    """

    def __init__(self, assignment: Assignment, secret: bytes, zygote: Processes) -> None:
        self.assignment = assignment
        self.reference = Reference(assignment)
        self.student: Student | StandIn = StandIn(self.reference, self.reference.names)
        self.items: list[Item] = []
        """Public checks first, races last."""
        self._given = tuple(sorted(assignment.shipped.items()))
        self._secret = secret
        self._zygote = zygote
        self._serve: Callable[[], None] = lambda: None
        self._serving = False
        self._racer: Student | None = None
        self._collect_error = ""
        self._ended_by: Exception | None = None
        self._name = ""
        self._code = Code(())
        self._in_kernel = False
        self._race: Race | None = None
        self._caught: BaseException | None = None

    def run(self, serve: Callable[[], None]) -> None:
        """Collect the hidden tests, then serve.

        Args:
            serve: called once everything is ready; when it returns, the session ends.

        Raises:
            CourseError: the hidden tests cannot be collected.
            Exception: whatever ``serve`` raised.
        """
        self._serve = serve
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("PYTEST_ADDOPTS", None)
        off = [option for name in _PLUGINS_OFF for option in ("-p", f"no:{name}")]
        path = self.assignment.hidden_tests_path
        sys.modules.pop(path.stem, None)  # another assignment's
        code = pytest.main([*_OPTIONS, "-c", os.devnull, *off, f"--rootdir={path.parent}", str(path)], plugins=[self])
        if self._ended_by:
            raise self._ended_by
        if not self._serving and (
            self._collect_error or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        ):
            raise CourseError(
                f"{path}: the hidden tests cannot be collected. {self._collect_error or f'pytest ended with {code}.'}"
            )

    def close(self) -> None:
        """End the sandbox that the reference runs its races in, and remove its files."""
        if self._racer:
            self._racer.close()
        self.reference.close()

    # pytest's hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "question(id, points): the question a hidden test belongs to, and its points"
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._collect_error = str(report.longrepr)[-1000:]

    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        checks: list[pytest.Item] = [
            CheckItem.from_parent(
                session, name=f"check[{cell.check.title}]", source=cell.source, line=cell.line, examiner=self
            )
            for cell in self.assignment.cells
            if cell.check
        ]
        items[:0] = checks
        specs = {spec.name: spec for spec in self.assignment.tests}
        names = [getattr(item, "originalname", None) or item.name for item in items]
        counts = Counter(names)
        self.items = [
            (item, specs[name], specs[name].points / counts[name]) for item, name in zip(items, names, strict=True)
        ]
        # Races last: they want a warm process, and a submission that runs out of time loses them, not the rest.
        self.items.sort(key=lambda one: one[1].race)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not session.testsfailed:
            self._serving = True
            try:
                self._serve()
            except Exception as error:  # pytest would make an exit code of it, as of tests that cannot be collected
                self._ended_by = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
        """Keep the exception and make an empty report: pytest's own formats a traceback, which nobody is shown."""
        if call.excinfo is not None and self._caught is None:
            self._caught = call.excinfo.value
        if call.when == "collect":
            return None
        return pytest.TestReport(item.nodeid, item.location, {}, "passed", None, call.when, duration=call.duration)

    @pytest.fixture(name="student")
    def _student_fixture(self) -> Proxy:
        return Proxy(self.student, self.reference)

    @pytest.fixture(name="reference")
    def _reference_fixture(self) -> Any:
        return self.reference.names

    @pytest.fixture(name="rng")
    def _rng_fixture(self, request: pytest.FixtureRequest) -> np.random.Generator:
        return self._rng(request.node.name)

    @pytest.fixture(name="race")
    def _race_fixture(self, request: pytest.FixtureRequest) -> Race | Rehearsal:
        if not isinstance(self.student, Student):
            return Rehearsal(self.student, self._rng(request.node.name))
        if self._racer is None:
            self._racer = self.reference_process(self.reference.probes)
        self._race = Race(self.student, self._racer, self._rng(request.node.name), self.reference.require)
        return self._race

    def reference_process(self, probes: str) -> Student:
        """The reference in a sandbox of its own, which the caller closes."""
        limits = self.assignment.limits.model_copy(update={"submission_seconds": 10**6})
        return Student(
            self._zygote, Code(self.reference.cells, given=self._given), limits, self.reference.signatures, probes
        )

    def _rng(self, test: str) -> np.random.Generator:
        seed = derive_seed(self._secret, self._name, self.assignment.name, test, self._code.fingerprint)
        return np.random.default_rng(seed)

    def _run_item(
        self, item: pytest.Item, *, soft: bool = True, keep: bool = False
    ) -> tuple[BaseException | None, Trace]:
        trace = _context.begin(soft=soft, keep=keep)
        self._caught = None
        # Whatever comes next, the fixtures of this test are torn down after it, and those of the module are not.
        other = next((one for one, _, _ in self.items if one is not item), None)
        # In a notebook's own kernel, the student's functions run in this process, and in their own folder.
        own = self._in_kernel and isinstance(self.student, Student)
        with contextlib.nullcontext() if own else self.reference.in_its_folder():
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=other)
        caught, self._caught = self._caught, None
        return caught, trace

    def _in_their_place(
        self, stand_in: StandIn, item: pytest.Item, *, soft: bool = True
    ) -> tuple[BaseException | None, Trace]:
        self.student, student = stand_in, self.student
        try:
            return self._run_item(item, soft=soft)
        finally:
            self.student = student

    def run_with(self, stand_in: StandIn, item: pytest.Item) -> BaseException | None:
        """Run a test with someone in the student's place, and return what it raised."""
        return first_problem(*self._in_their_place(stand_in, item))

    def hidden_items(self, student: str) -> list[pytest.Item]:
        """The hidden tests, races apart, with what this student is asked from now on."""
        self._name = student
        return [item for item, spec, _ in self.items if not (spec.public or spec.race)]

    def _fault_of(self, item: pytest.Item) -> tuple[str, list[Answer]]:
        """What a test that fails the reference, too, comes to grief over: then it is no verdict on anybody. Empty if it passes.

        Beside it, what the reference answers.
        """
        problem, trace = self._in_their_place(StandIn(self.reference, self.reference.names), item, soft=False)
        if isinstance(problem, SandboxError | KeyboardInterrupt):
            raise problem
        return describe_fault(problem, self.assignment) if problem else "", trace.answers
