"""`grader check`: an assignment proves that it is sound before a student sees it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.build import template_files
from autograder.catalogue import read_catalogue
from autograder.check.finding import Finding
from autograder.check.matrix import check_entries, judge_alternatives, judge_mistakes, write_submissions
from autograder.course import Assignment, Course
from autograder.course.script import BEGIN, END
from autograder.engine import grade_all
from autograder.errors import CourseError
from autograder.notebook import Found
from autograder.result import Outcome, Result
from autograder.sandbox.client import namespace_error

_REFUSING = "code that raises ValueError whatever it is asked"


def check(
    *, course: Path | None = None, assignments: Sequence[str] = (), mutants: bool = False, races: bool = False
) -> Iterator[Finding]:
    """Check these assignments (default: all) and yield what was found, as it is found.

    Args:
        mutants: change the reference in one place at a time, too, and see whether the hidden tests notice.
        races: run every race with every alternative, and again while all processors are busy; takes minutes.

    Raises:
        CourseError: no such assignment.
    """
    found_course = Course.find(course)
    for assignment in found_course.assignments(assignments):
        try:
            yield from _check(found_course, assignment)
            if mutants:
                from autograder.check.mutants import check_mutants

                yield check_mutants(found_course, assignment)
            if races:
                from autograder.check.races import check_races

                yield from check_races(found_course, assignment)
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
    check_entries(assignment, [*mistakes, *alternatives])
    with tempfile.TemporaryDirectory(prefix="grader-check-") as folder:
        refusing = Path(folder) / "refusing.py"
        refusing.write_text(_refusing(assignment), encoding="utf-8")
        submissions = [
            Found("reference", assignment.script_path, None),
            Found(_REFUSING, refusing, None),
            *(Found(f"template{path.suffix}", path, None) for path in stubs),
            *write_submissions(assignment, [*mistakes, *alternatives], Path(folder)),
        ]
        results = {
            result.student: result
            for result in grade_all(course, assignment, submissions, jobs=2, namespaces=not namespace_error())
        }
    for name in ("reference", *(f"template{path.suffix}" for path in stubs), _REFUSING):
        result = results[name]
        wanted = assignment.points if name == "reference" else 0
        yield finding(
            result.score == wanted,
            f"{name if name == _REFUSING else f'the {name}'} earns {result.score:g} of {result.max_score:g}{_why(result, wanted)}",
        )
    yield from judge_mistakes(assignment, mistakes, results)
    yield from judge_alternatives(assignment, alternatives, results)


def _refusing(assignment: Assignment) -> str:
    """A submission that would pass every test of what must be refused."""
    names = [name for question in assignment.questions for name in question.names]
    stub = "def {0}(*args, **kwargs):\n    raise ValueError('no')\n"
    return "\n\n".join(stub.format(name) for name in names)


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
