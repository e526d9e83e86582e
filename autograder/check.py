"""`grader check`: an assignment proves that it is sound before a student sees it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.build import template_files
from autograder.catalogue import Entry, read_catalogue
from autograder.course import Assignment, Course, Role
from autograder.course.script import BEGIN, END
from autograder.engine import grade_all
from autograder.errors import CourseError
from autograder.notebook import Found
from autograder.result import Outcome, Result, TestResult
from autograder.sandbox.client import namespace_error

SIGNS = {
    Outcome.PASSED: "·",
    Outcome.FAILED: "x",
    Outcome.ERROR: "!",
    Outcome.TIMEOUT: "T",
    Outcome.SKIPPED: "-",
    Outcome.NOT_GRADABLE: "?",
}


@dataclass(frozen=True)
class Finding:
    """One thing that holds for an assignment, or does not."""

    assignment: str
    holds: bool
    text: str
    details: str = ""
    """More lines, such as the kill matrix."""


def check(*, course: Path | None = None, assignments: Sequence[str] = (), mutants: bool = False) -> Iterator[Finding]:
    """Check these assignments (default: all) and yield what was found, as it is found.

    Args:
        mutants: change the reference in one place at a time, too, and see whether the hidden tests notice.

    Raises:
        CourseError: no such assignment.
    """
    found_course = Course.find(course)
    for assignment in found_course.assignments(assignments):
        try:
            yield from _check(found_course, assignment)
            if mutants:
                yield _check_mutants(found_course, assignment)
        except CourseError as error:
            yield Finding(assignment.name, False, str(error))


def _check(course: Course, assignment: Assignment) -> Iterator[Finding]:
    def finding(holds: bool, text: str, details: str = "") -> Finding:
        return Finding(assignment.name, holds, text, details)

    files = template_files(assignment)
    public = sum(test.points for test in assignment.tests if test.public)
    yield finding(
        assignment.points == 100,
        f"{assignment.points:g} points in {len(assignment.questions)} questions and {len(assignment.tests)} tests; {public:g} points are public",
    )
    stale = [name for name, content in files.items() if _read(assignment.template_folder / name) != content]
    rebuild = f"{' and '.join(stale)} differ from the sources: run `grader build {assignment.name}`"
    yield finding(not stale, rebuild if stale else "the template is up to date")
    leaks = [name for name, content in files.items() if any(word in content.decode() for word in (BEGIN, END))]
    yield finding(
        not leaks,
        "the template holds no solution marker" if not leaks else f"solution markers in {' and '.join(leaks)}",
    )

    stubs = [assignment.template_folder / name for name in files if name not in stale]
    mistakes, alternatives = read_catalogue(assignment.mistakes_path), read_catalogue(assignment.alternatives_path)
    _check_catalogue(assignment, [*mistakes, *alternatives])
    with tempfile.TemporaryDirectory(prefix="grader-check-") as folder:
        submissions = [
            Found("reference", assignment.script_path, None),
            *(Found(f"template{path.suffix}", path, None) for path in stubs),
            *_submissions(assignment, [*mistakes, *alternatives], Path(folder)),
        ]
        results = {
            result.student: result
            for result in grade_all(course, assignment, submissions, jobs=2, namespaces=not namespace_error())
        }
    for name in ("reference", *(f"template{path.suffix}" for path in stubs)):
        result = results[name]
        wanted = assignment.points if name == "reference" else 0
        yield finding(
            result.score == wanted,
            f"the {name} earns {result.score:g} of {result.max_score:g}{_why(result, wanted)}",
        )
    if mistakes:
        alive = [entry for entry in mistakes if not _caught(assignment, entry, results[_name(entry)])]
        yield finding(
            not alive,
            f"{len(mistakes) - len(alive)} of {len(mistakes)} mistakes lose points on their own question's hidden tests"
            + "".join(f"\n  {entry.id} ({entry.of}) slips through" for entry in alive),
            _matrix(assignment, mistakes, results),
        )
        names = {entry: _named(assignment, entry, results[_name(entry)]) for entry in mistakes}
        taken = {entry: found - {entry.id} for entry, found in names.items() if found - {entry.id}}
        yield finding(
            not taken,
            f"{sum(entry.id in found for entry, found in names.items())} of {len(mistakes)} mistakes are named to who makes them, and none is taken for another"
            + "".join(
                f"\n  {entry.id} ({entry.of}) is taken for {', '.join(sorted(others))}"
                for entry, others in taken.items()
            ),
        )
    if alternatives:
        refused = {entry: lost for entry in alternatives if (lost := _refused(entry, results[_name(entry)]))}
        yield finding(
            not refused,
            f"{len(alternatives) - len(refused)} of {len(alternatives)} alternatives earn full marks, slow ones all but those for speed"
            + "".join(f"\n  {entry.id} ({entry.of}): {lost}" for entry, lost in refused.items()),
            _matrix(assignment, alternatives, results),
        )


def _check_catalogue(assignment: Assignment, entries: Sequence[Entry]) -> None:
    names = [name for question in assignment.questions for name in question.names]
    seen: set[str] = set()
    for entry in entries:
        if entry.of not in names:
            raise CourseError(
                f"{entry.path}: '{entry.id}' is of '{entry.of}', which no question defines. There are: {', '.join(names)}."
            )
        if _name(entry) in seen:
            raise CourseError(f"{entry.path}: two entries are called '{entry.id}'.")
        seen.add(_name(entry))


def _submissions(assignment: Assignment, entries: Sequence[Entry], folder: Path) -> Iterator[Found]:
    solution = _solution(assignment)
    for number, entry in enumerate(entries):
        path = folder / f"{number}.py"
        path.write_text(entry.as_submission(solution), encoding="utf-8")
        yield Found(_name(entry), path, None)


def _solution(assignment: Assignment) -> str:
    """What students have to write, as a percent script."""
    return "\n\n# %%\n".join(cell.source for cell in assignment.cells if cell.role is Role.QUESTION)


def _check_mutants(course: Course, assignment: Assignment) -> Finding:
    from autograder.mutants import run_mutants

    with tempfile.TemporaryDirectory(prefix="grader-mutants-") as folder:
        done = run_mutants(course, assignment, _solution(assignment), Path(folder), namespaces=not namespace_error())
    text = f"of {done.total} mutants of the reference, the hidden tests notice {done.killed}; {done.equivalent} are recorded as equivalent"
    for mutant in done.survivors:
        text += f"\n  survives in {mutant.function}:\n    - {mutant.was}\n    + {mutant.now}"
    for function, was, now in done.stale:
        text += f"\n  recorded as equivalent, but none such survives in {function}:\n    - {was}\n    + {now}"
    if done.survivors:
        text += f"\n  Write a test that notices, or say in {assignment.equivalent_mutants_path} why none can: [[mutant]] with function, was, now (without it: any change of that line) and reason."
    return Finding(assignment.name, not done.survivors and not done.stale, text)


def _name(entry: Entry) -> str:
    return f"{entry.id} ({entry.of})"


def _own(assignment: Assignment, entry: Entry) -> str:
    """The question that asks for what the entry replaces."""
    return next(question.id for question in assignment.questions if entry.of in question.names)


def _caught(assignment: Assignment, entry: Entry, result: Result) -> bool:
    own = _own(assignment, entry)
    return any(test.earned < test.points for test in result.tests if test.question == own and not test.public)


def _named(assignment: Assignment, entry: Entry, result: Result) -> set[str]:
    """The mistakes that the feedback on the entry's question names."""
    own = _own(assignment, entry)
    return {
        test.diagnosis.mistake
        for test in result.tests
        if test.question == own and test.diagnosis and test.diagnosis.mistake
    }


def _refused(entry: Entry, result: Result) -> str:
    """What a right answer lost that it should not have lost."""
    if result.message:
        return result.message
    lost = [
        test for test in result.tests if test.outcome is not Outcome.PASSED and not (entry.slow and _is_speed(test))
    ]
    if lost:
        return "; ".join(f"{test.test} {test.outcome}: {test.message}" for test in lost[:5])
    if entry.slow and not any(_is_speed(test) and test.earned == 0 for test in result.tests):
        return "is called slow, but earns points for speed"
    return ""


def _is_speed(test: TestResult) -> bool:
    return test.ratio is not None or test.outcome is Outcome.TIMEOUT


def _matrix(assignment: Assignment, entries: Sequence[Entry], results: dict[str, Result]) -> str:
    """A row for each entry and a column for each hidden test; below, what the columns are."""
    any_result = results["reference"]
    questions = [question.id for question in assignment.questions]
    width = max(len(_name(entry)) for entry in entries)
    columns = {
        question: [test.test for test in any_result.tests if test.question == question and not test.public]
        for question in questions
    }
    lines = [
        f"{'':{width}}  lost  named  {'  '.join(f'Q{i}'.ljust(len(columns[q])) for i, q in enumerate(questions, 1))}"
    ]
    for entry in entries:
        tests = {test.test: test for test in results[_name(entry)].tests}
        cells = "  ".join("".join(_sign(tests.get(name)) for name in columns[q]).ljust(2) for q in questions)
        lost = results[_name(entry)].max_score - results[_name(entry)].score
        named = "yes" if entry.id in _named(assignment, entry, results[_name(entry)]) else ""
        lines.append(f"{_name(entry):{width}}  {lost:4.3g}  {named:5}  {cells}")
    lines.append("")
    for number, question in enumerate(questions, 1):
        names = [re.sub(r"^test_", "", name) for name in columns[question]]
        lines.append(f"Q{number} {question}: {', '.join(names)}")
    return "\n".join(lines)


def _sign(test: TestResult | None) -> str:
    if test is None:
        return "?"
    return "½" if test.outcome is Outcome.FAILED and test.earned else SIGNS[test.outcome]


def _why(result: Result, wanted: float) -> str:
    if result.score == wanted:
        return ""
    odd = [test for test in result.tests if (test.outcome is Outcome.PASSED) == (wanted == 0)]
    return f", not {wanted:g}: " + (
        result.message or "; ".join(f"{test.test} {test.outcome} {test.message}".strip() for test in odd[:5])
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
