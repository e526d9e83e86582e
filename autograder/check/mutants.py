"""Mutation testing: the reference is changed in one place at a time, and the hidden tests must notice.

The changes are cosmic-ray's. Of the two well-kept tools for Python it is the one that hands out a changed source text
and leaves the running to others: the mutants are graded here as submissions are, in the sandbox and many in one session.
mutmut wants to import and run the package itself, under pytest.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.check.finding import Finding
from autograder.check.matrix import solution_of
from autograder.course import Assignment, Course
from autograder.course.toml import TomlModel, read_toml
from autograder.engine import grade_all
from autograder.errors import GraderError
from autograder.notebook import Found
from autograder.result import Outcome, Result, Status
from autograder.sandbox.client import namespace_error
from autograder.sandbox.folder import FolderForAWhile

_WANTS_A_VARIABLE = ("core/VariableReplacer", "core/VariableInserter")
"""Operators that have to be told a variable's name."""


@dataclass(frozen=True)
class Mutant:
    """The reference with one change."""

    function: str
    was: str
    now: str
    source: str

    @property
    def change(self) -> tuple[str, str, str]:
        return self.function, self.was, self.now


@dataclass(frozen=True)
class Mutation:
    """What came of an assignment's mutants."""

    total: int
    killed: int
    equivalent: int
    survivors: tuple[Mutant, ...]
    stale: tuple[tuple[str, str, str], ...]
    """Recorded as equivalent, though no such mutant survives."""


def run_mutants(
    course: Course, assignment: Assignment, solution: str, folder: Path, *, namespaces: bool, jobs: int
) -> Mutation:
    """Grade every mutant of the solution by the hidden tests, those for speed apart.

    Args:
        solution: the cells that students have to write, as a percent script.
        folder: for the mutants' files.

    Raises:
        GraderError: cosmic-ray is not installed.
        CourseError: the record of equivalent mutants cannot be read.
    """
    equivalent = _read_equivalent(assignment.equivalent_mutants_path)
    mutants = list(mutate(solution))
    found = []
    for number, mutant in enumerate(mutants):
        path = folder / f"{number}.py"
        path.write_text(mutant.source, encoding="utf-8")
        found.append(Found(str(number), path, None))
    alive = [
        mutants[int(result.student)]
        for result in grade_all(course, assignment, found, jobs=jobs, namespaces=namespaces)
        if not is_killed(result)
    ]
    recorded = {mutant: {mutant.change, (mutant.function, mutant.was, "")} & equivalent for mutant in alive}
    survivors = [mutant for mutant in alive if not recorded[mutant]]
    return Mutation(
        total=len(mutants),
        killed=len(mutants) - len(alive),
        equivalent=len(alive) - len(survivors),
        survivors=tuple(sorted(survivors, key=lambda mutant: solution.find(mutant.was))),
        stale=tuple(sorted(equivalent.difference(*recorded.values()))),
    )


def is_killed(result: Result) -> bool:
    """Whether a hidden test has noticed."""
    return result.status is not Status.GRADED or any(
        test.outcome is not Outcome.PASSED for test in result.tests if not test.public and test.ratio is None
    )


def mutate(source: str) -> Iterator[Mutant]:
    """Every mutant of a source text, in the order of cosmic-ray's operators.

    Raises:
        GraderError: cosmic-ray is not installed.
    """
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator, operator_names
    except ImportError:
        raise GraderError("Mutation testing needs cosmic-ray. Install it: pip install cosmic-ray") from None
    seen = {source}
    for name in operator_names():
        if name in _WANTS_A_VARIABLE:
            continue
        operator = get_operator(name)()
        places = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(source)))
        for occurrence in range(places):
            changed = mutate_code(source, operator, occurrence)
            if changed is not None and changed not in seen:
                seen.add(changed)
                yield Mutant(*_change(source, changed), changed)


def _change(source: str, changed: str) -> tuple[str, str, str]:
    """The function, the lines that were, and the lines that are now."""
    before, after = source.splitlines(), changed.splitlines()
    for tag, i, k, j, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            heads = [re.match(r"(?:def|class) (\w+)", line) for line in before[: i + 1]]
            function = next((head[1] for head in reversed(heads) if head), "")
            return function, _joined(before[i:k]), _joined(after[j:m])
    return "", "", ""


def _joined(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


class _Equivalent(TomlModel):
    """A change that no test can notice, and why."""

    function: str
    was: str
    now: str = ""
    """The line after the change; any, if absent."""
    reason: str


class _EquivalentFile(TomlModel):
    mutant: tuple[_Equivalent, ...] = ()


def _read_equivalent(path: Path) -> set[tuple[str, str, str]]:
    """Function, old line and new line of the changes that no test can notice."""
    if not path.exists():
        return set()
    file = read_toml(path, _EquivalentFile)
    return {(entry.function, _joined([entry.was]), _joined([entry.now])) for entry in file.mutant}


def check_mutants(course: Course, assignment: Assignment, jobs: int) -> Finding:
    """Whether the hidden tests notice every change."""
    with FolderForAWhile("grader-mutants-") as folder:
        done = run_mutants(
            course, assignment, solution_of(assignment), folder.path, namespaces=not namespace_error(), jobs=jobs
        )
    text = f"of {done.total} mutants of the reference, the hidden tests notice {done.killed}; {done.equivalent} are recorded as equivalent"
    for mutant in done.survivors:
        text += f"\n  survives in {mutant.function}:\n    - {mutant.was}\n    + {mutant.now}"
    for function, was, now in done.stale:
        text += f"\n  recorded as equivalent, but none such survives in {function}:\n    - {was}\n    + {now}"
    if done.survivors:
        text += f"\n  Write a test that notices, or say in {assignment.equivalent_mutants_path} why none can: [[mutant]] with function, was, now (without it: any change of that line) and reason."
    return Finding(assignment.name, not done.survivors and not done.stale, text)
