"""Grade one question of the notebook that this process runs."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from threadpoolctl import threadpool_limits

from autograder.examine.examiner import Examiner
from autograder.kernel.process import Kernel
from autograder.kernel.sources import Sources
from autograder.language import speaking
from autograder.result import TestResult
from autograder.sandbox.folder import FolderForAWhile


def grade(sources: Sources, question: str, namespace: dict[str, Any]) -> list[TestResult]:
    """The results of a question's public checks and hidden tests.

    Args:
        question: its id.
        namespace: the notebook's names, ``globals()`` in a cell.

    Raises:
        CourseError: the hidden tests cannot be collected.
    """
    results: list[TestResult] = []

    # One thread, as in a sandbox: threads that wait for each other use CPU time, more for the quicker of two that race.
    with FolderForAWhile("grader-kernel-") as folder, _quiet(), threadpool_limits(1), speaking(sources.language):
        assignment = sources.write(folder.path)
        module = assignment.hidden_tests_path.stem
        sys.modules.pop(module, None)  # pytest would take it for these tests, whosever it is
        examiner = Examiner(assignment, sources.secret, Kernel({"__name__": "reference"}))
        try:
            examiner.run(lambda: results.extend(examiner.grade_names(namespace, question)))
        finally:
            examiner.close()
            sys.modules.pop(module, None)
    return results


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing that student code or a library prints gets out: nbgrader takes anything on stderr for an error.

    Nor do warnings become errors, should the notebook have asked for that.
    """
    with open(os.devnull, "wb") as nowhere, contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for number in (1, 2):
            before = os.dup(number)
            stack.callback(os.close, before)
            stack.callback(os.dup2, before, number)
            os.dup2(nowhere.fileno(), number)
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        yield
