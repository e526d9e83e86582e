"""The catalogue put to the test: every mistake must lose points, every alternative none; the kill matrix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from autograder.catalogue import Entry
from autograder.check.finding import Finding
from autograder.course import Assignment, Role
from autograder.errors import CourseError
from autograder.notebook import Found
from autograder.result import Outcome, Result, TestResult

SIGNS = {
    Outcome.PASSED: "·",
    Outcome.FAILED: "x",
    Outcome.ERROR: "!",
    Outcome.TIMEOUT: "T",
    Outcome.SKIPPED: "-",
    Outcome.NOT_GRADABLE: "?",
}


_SLIPS = re.compile(r" raised (TypeError|NameError|UnboundLocalError|AttributeError|ImportError|ModuleNotFoundError)\b")

Draws = Sequence[Mapping[str, Result]]
"""For each secret: name of an entry, or ``reference`` -> its result."""


def judge_mistakes(assignment: Assignment, mistakes: Sequence[Entry], draws: Draws) -> Iterator[Finding]:
    """Whether the hidden tests catch every mistake under every secret, and the feedback names none as another."""
    if mistakes:
        alive = _where(
            mistakes, draws, lambda entry, result: "" if _caught(assignment, entry, result) else "slips through"
        )
        yield Finding(
            assignment.name,
            not alive,
            f"{len(mistakes) - len(alive)} of {len(mistakes)} mistakes lose points on their own question's hidden tests{_under(draws)}"
            + _list(alive),
            _matrix(assignment, mistakes, draws[0]),
        )

        mute = _where(mistakes, draws, lambda entry, result: _never_answers(assignment, entry, result))
        yield Finding(
            assignment.name,
            not mute,
            "every mistake answers where it is called"
            if not mute
            else "mistakes that never answer, so that no answer of a student can be told by them" + _list(mute),
        )

        def taken_for(entry: Entry, result: Result) -> str:
            others = _named(assignment, entry, result) - {entry.id}
            return f"is taken for {', '.join(sorted(others))}" if others else ""

        taken = _where(mistakes, draws, taken_for)
        named = sum(
            all(entry.id in _named(assignment, entry, draw[name_of(entry)]) for draw in draws) for entry in mistakes
        )
        yield Finding(
            assignment.name,
            not taken,
            f"{named} of {len(mistakes)} mistakes are named to who makes them, and none is taken for another{_under(draws)}"
            + _list(taken),
        )


def judge_alternatives(assignment: Assignment, alternatives: Sequence[Entry], draws: Draws) -> Iterator[Finding]:
    """Whether every right answer earns what it should under every secret."""
    if alternatives:
        refused = _where(alternatives, draws, _refused)
        yield Finding(
            assignment.name,
            not refused,
            f"{len(alternatives) - len(refused)} of {len(alternatives)} alternatives earn full marks, slow ones all but those for speed"
            + _under(draws)
            + _list(refused),
            _matrix(assignment, alternatives, draws[0]),
        )


def _where(entries: Sequence[Entry], draws: Draws, problem: Callable[[Entry, Result], str]) -> dict[Entry, list[str]]:
    """Entries -> what is wrong with them, for each secret under which something is."""
    found = {entry: [text for draw in draws if (text := problem(entry, draw[name_of(entry)]))] for entry in entries}
    return {entry: texts for entry, texts in found.items() if texts}


def _under(draws: Draws) -> str:
    return f", under each of {len(draws)} secrets" if len(draws) > 1 else ", under one secret"


def _list(found: Mapping[Entry, list[str]]) -> str:
    return "".join(
        f"\n  {entry.id} ({entry.of}): {texts[0]}{f' (under {len(texts)} secrets)' if len(texts) > 1 else ''}"
        for entry, texts in found.items()
    )


def check_entries(assignment: Assignment, entries: Sequence[Entry]) -> None:
    """Raise a `CourseError` for an entry of an unknown function, or with another's name."""
    names = [name for question in assignment.questions for name in question.names]
    seen: set[str] = set()
    for entry in entries:
        if entry.of not in names:
            raise CourseError(
                f"{entry.path}: '{entry.id}' is of '{entry.of}', which no question defines. There are: {', '.join(names)}."
            )
        if name_of(entry) in seen:
            raise CourseError(f"{entry.path}: two entries are called '{entry.id}'.")
        seen.add(name_of(entry))


def write_submissions(assignment: Assignment, entries: Sequence[Entry], folder: Path) -> Iterator[Found]:
    solution = solution_of(assignment)
    for number, entry in enumerate(entries):
        path = folder / f"{number}.py"
        path.write_text(entry.as_submission(solution), encoding="utf-8")
        yield Found(name_of(entry), path, None)


def solution_of(assignment: Assignment) -> str:
    """What students have to write, as a percent script."""
    return "\n\n# %%\n".join(cell.source for cell in assignment.cells if cell.role is Role.QUESTION)


def name_of(entry: Entry) -> str:
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


def _never_answers(assignment: Assignment, entry: Entry, result: Result) -> str:
    """How a mistake fails that does not run at all, or raises what only a slip of its author raises on every call."""
    if result.cell_errors:
        return f"does not run: {result.cell_errors[0].error}"
    own = [test for test in result.tests if test.question == _own(assignment, entry)]
    if any(test.outcome not in (Outcome.ERROR, Outcome.SKIPPED) for test in own):
        return ""
    raised = [test.message.partition("\n")[0] for test in own if _SLIPS.search(test.message)]
    missing = [test.message for test in own if test.message.startswith("Not run: ")]
    return next(iter(raised or missing), "")


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


def _matrix(assignment: Assignment, entries: Sequence[Entry], results: Mapping[str, Result]) -> str:
    """A row for each entry and a column for each hidden test; below, what the columns are."""
    any_result = results["reference"]
    questions = [question.id for question in assignment.questions]
    width = max(len(name_of(entry)) for entry in entries)
    columns = {
        question: [test.test for test in any_result.tests if test.question == question and not test.public]
        for question in questions
    }
    lines = [
        f"{'':{width}}  lost  named  {'  '.join(f'Q{i}'.ljust(len(columns[q])) for i, q in enumerate(questions, 1))}"
    ]
    for entry in entries:
        tests = {test.test: test for test in results[name_of(entry)].tests}
        cells = "  ".join("".join(_sign(tests.get(name)) for name in columns[q]).ljust(2) for q in questions)
        lost = results[name_of(entry)].max_score - results[name_of(entry)].score
        named = "yes" if entry.id in _named(assignment, entry, results[name_of(entry)]) else ""
        lines.append(f"{name_of(entry):{width}}  {lost:4.3g}  {named:5}  {cells}")
    lines.append("")
    for number, question in enumerate(questions, 1):
        names = [re.sub(r"^test_", "", name) for name in columns[question]]
        lines.append(f"Q{number} {question}: {', '.join(names)}")
    return "\n".join(lines)


def _sign(test: TestResult | None) -> str:
    if test is None:
        return "?"
    return "½" if test.outcome is Outcome.FAILED and test.earned else SIGNS[test.outcome]
