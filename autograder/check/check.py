"""`grader check`: an assignment proves that it is sound before a student sees it."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.build import stale_files, template_files
from autograder.catalogue import Entry, read_catalogue
from autograder.check.answers import check_answers
from autograder.check.course import course_faults
from autograder.check.finding import Finding
from autograder.check.matrix import check_entries, judge_alternatives, judge_mistakes, write_submissions
from autograder.check.parts import check_parts
from autograder.check.word import check_points_on_word
from autograder.course import Assignment, Course
from autograder.course.script import BEGIN, END
from autograder.engine import grade_all
from autograder.errors import CourseError
from autograder.examine.examiner import examine
from autograder.notebook import Found
from autograder.result import Outcome, Result
from autograder.sandbox.client import namespace_error
from autograder.sandbox.folder import FolderForAWhile
from autograder.text import count

_REFERENCES = ("reference", "reference 2", "reference 3")
_TIMES = 3
"""So often, each of them is graded."""
_WITHOUT_WORK = {
    "raises ValueError": "raise ValueError('no')",
    "raises ValueError from the second call on": """global _calls
    _calls = globals().get("_calls", 0) + 1
    if _calls > 1:
        raise ValueError("no")
    return 0.0""",
    "returns None": "return None",
    "returns 0": "return 0",
    "returns 1": "return 1",
    "returns 1.0": "return 1.0",
    "returns True": "return True",
    "returns NaN": "return float('nan')",
    "returns an empty text": "return ''",
    "returns an empty list": "return []",
    "returns an empty tuple": "return ()",
    "returns an empty array": "import numpy\n    return numpy.zeros(0)",
    "returns nothing of its first argument": "return args[0][:0]",
    "returns its first argument as NaN": "import numpy\n    return numpy.full_like(args[0], numpy.nan, dtype=float)",
    "returns zeros": "import numpy\n    return numpy.zeros_like(args[0])",
    "returns its first argument": "return args[0]",
    "returns a copy of its first argument": "import copy\n    return copy.deepcopy(args[0])",
}
"""What a function is -> its body. Whoever writes nothing else has not begun to answer, whatever is asked."""


def check(
    *,
    course: Path | None = None,
    assignments: Sequence[str] = (),
    secrets: int = 1,
    mutants: bool = False,
    races: bool = False,
    jobs: int | None = None,
    gradebook: str | None = None,
) -> Iterator[Finding]:
    """Check the course's own files and these assignments (default: all), and yield what was found, as it is found.

    Args:
        secrets: under how many the catalogue is graded, the course's own first: no verdict may hang on a lucky draw of inputs.
        mutants: change the reference in one place at a time, too, and see whether the hidden tests notice.
        jobs: submissions graded at once; default one for each processor.
        races: run every race with every alternative, and again while all processors are busy; takes minutes.
        gradebook: database URL, to see whether extensions are for people in it; default `gradebook.db`, if there is one.

    Raises:
        CourseError: no such assignment; `course.toml` is wrong.
    """
    found_course = Course.find(course)
    jobs = jobs or len(os.sched_getaffinity(0))
    for name in assignments:
        found_course.refuse_unknown(name)
    faults = course_faults(found_course, gradebook)
    yield from (Finding("course", False, fault) for fault in faults)
    if not faults:
        counted = f"{count(len(found_course.assignment_names), 'assignment')}, {count(len(found_course.extensions), 'extension')}"
        yield Finding("course", True, f"{counted}: course.toml and each assignment.toml can be read")
    for name in assignments or found_course.assignment_names:
        try:
            assignment = found_course.assignment(name)
        except CourseError:  # told above
            continue
        try:
            yield from _check(found_course, assignment, secrets, jobs)
            if mutants:
                from autograder.check.mutants import check_mutants

                yield check_mutants(found_course, assignment, jobs)
            if races:
                from autograder.check.races import check_races

                yield from check_races(found_course, assignment)
        except CourseError as error:
            yield Finding(assignment.name, False, str(error))


def _check(course: Course, assignment: Assignment, secrets: int, jobs: int) -> Iterator[Finding]:
    def finding(holds: bool, text: str, details: str = "") -> Finding:
        return Finding(assignment.name, holds, text, details)

    files = template_files(course, assignment)
    public = sum(test.points for test in assignment.tests if test.public)
    yield finding(
        True,
        f"{assignment.points:g} points in {len(assignment.questions)} questions and {len(assignment.tests)} tests; {public:g} points are public",
    )
    stale = stale_files(course, assignment)
    rebuild = f"{' and '.join(stale)} differ from the sources, of which course.toml is one: run `grader build {assignment.name}`"
    yield finding(not stale, rebuild if stale else "the template is up to date")
    leaks = [name for name, content in files.items() if any(word.encode() in content for word in (BEGIN, END))]
    yield finding(
        not leaks,
        "the template holds no solution marker" if not leaks else f"solution markers in {' and '.join(leaks)}",
    )
    yield check_points_on_word(assignment)
    found: list[Finding] = []
    examine(
        course.root, assignment.name, course.secret, not namespace_error(),
        lambda examiner: found.extend([check_answers(examiner), check_parts(examiner)]),
    )  # fmt: skip
    yield from found

    stubs = [assignment.template_folder / name for name in files if name not in [*stale, *assignment.shipped]]
    mistakes, alternatives = read_catalogue(assignment.mistakes_path), read_catalogue(assignment.alternatives_path)
    check_entries(assignment, [*mistakes, *alternatives])
    with FolderForAWhile("grader-check-") as folder:
        submissions = [
            *(Found(name, assignment.script_path, None) for name in _REFERENCES),
            *(Found(f"template{path.suffix}", path, None) for path in stubs),
            *_write_without_work(assignment, folder.path),
            *write_submissions(assignment, [*mistakes, *alternatives], folder.path),
        ]
        again = [one for one in submissions if one.student in _REFERENCES] * (_TIMES - 1)
        draws: list[dict[str, Result]] = []
        repeated: list[Result] = []
        for number in range(1, secrets + 1):
            one = course if number == 1 else course.under(b"secret %d of a check" % number)
            own = submissions + again if number == 1 else submissions
            results = list(grade_all(one, assignment, own, jobs=jobs, namespaces=not namespace_error()))
            draws.append({result.student: result for result in results})
            repeated += [result for result in results if result.student in _REFERENCES]
    yield _judge_tests(assignment, [result for draw in draws for result in draw.values()])
    yield judge_repetition(assignment, repeated)
    for name in ("reference", *(f"template{path.suffix}" for path in stubs)):
        wanted = assignment.points if name == "reference" else 0
        names = _REFERENCES if name == "reference" else (name,)
        result = max((draw[one] for draw in draws for one in names), key=lambda result: abs(result.score - wanted))
        yield finding(
            result.score == wanted,
            f"the {name} earns {result.score:g} of {result.max_score:g}{_why(result, wanted)}",
        )
    lucky = [
        f"\n  what {name}: {_hidden(results[name])}"
        for results in draws
        for name in _WITHOUT_WORK
        if _hidden(results[name])
    ]
    yield finding(
        not lucky,
        f"{'code that ' + ', '.join(_WITHOUT_WORK) if not lucky else 'code without work'} earns {'no' if not lucky else 'some'} "
        f"hidden point{''.join(lucky)}",
    )
    yield from _untried(assignment, mistakes, alternatives)
    yield from judge_mistakes(assignment, mistakes, draws)
    yield from judge_alternatives(assignment, alternatives, draws)


def _judge_tests(assignment: Assignment, results: Sequence[Result]) -> Finding:
    """Whether no hidden test fails by itself, whatever is drawn."""
    broken = {test.test: test.fault for result in results for test in result.tests if test.fault}
    told = "".join(f"\n  {test}: {textwrap.indent(fault, '    ').strip()}" for test, fault in broken.items())
    return Finding(
        assignment.name,
        not broken,
        f"hidden tests that fail the reference, too, and so are no verdict on anybody:{told}"
        if broken
        else "no hidden test fails by itself",
    )


def judge_repetition(assignment: Assignment, results: Sequence[Result]) -> Finding:
    """Whether results of the same submission under the same id agree in every test."""
    seen: dict[tuple[str, str], set[tuple[str, float]]] = {}
    for result in results:
        for test in result.tests:
            seen.setdefault((result.student, test.test), set()).add((str(test.outcome), test.earned))
    unlike = {test: sorted(verdicts) for (_, test), verdicts in seen.items() if len(verdicts) > 1}
    told = "".join(
        f"\n  {test}: " + ", then ".join(f"{outcome} ({earned:g})" for outcome, earned in verdicts)
        for test, verdicts in unlike.items()
    )
    return Finding(
        assignment.name,
        not unlike,
        f"the reference does not agree with itself; draw random numbers in tests from `rng`, and in the solution by the seed that it is given:{told}"
        if unlike
        else f"the reference gets the same verdicts {_TIMES} times, under each of {len(_REFERENCES)} ids",
    )


def _untried(assignment: Assignment, mistakes: Sequence[Entry], alternatives: Sequence[Entry]) -> Iterator[Finding]:
    """Questions whose tests have not been tried by a wrong or by another right answer."""
    for kind, entries, what in (
        ("mistake", mistakes, "that their tests catch anything is not shown"),
        ("alternative", alternatives, "that their tests take other right answers is not shown"),
    ):
        bare = [one.id for one in assignment.questions if not any(entry.of in one.names for entry in entries)]
        if bare:
            yield Finding(assignment.name, True, f"no {kind} is known of {', '.join(bare)}: {what}", note=True)


def _write_without_work(assignment: Assignment, folder: Path) -> Iterator[Found]:
    names = [name for question in assignment.questions for name in question.names]
    for number, (what, body) in enumerate(_WITHOUT_WORK.items()):
        path = folder / f"without_work_{number}.py"
        functions = [f"def {name}(*args, **kwargs):\n    {body}\n" for name in names]
        path.write_text("\n\n".join(functions), encoding="utf-8")
        yield Found(what, path, None)


def _hidden(result: Result) -> str:
    """The hidden tests that a result earns points for."""
    earned = [test for test in result.tests if test.earned and not test.public]
    return ", ".join(f"{test.test} ({test.earned:g})" for test in earned)


def _why(result: Result, wanted: float) -> str:
    if result.score == wanted:
        return ""
    odd = [test for test in result.tests if (test.outcome is Outcome.PASSED) == (wanted == 0)]
    told = "; ".join(f"{test.test} {test.outcome} {test.message}".strip() for test in odd[:5])
    return f", not {wanted:g}: {told if result.partial else result.message or told}"
