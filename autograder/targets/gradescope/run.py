"""Grades one submission in Gradescope's container, and leaves a `results.json` whatever happens.

`main` waits for a worker process, which grades, and writes what it says. Should that fail, students read that it is not their
fault, and instructors what it was: what is printed here goes to Gradescope's log, which only they see.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import GraderError, SandboxError, SubmissionError
from autograder.files import strict_json, write_whole
from autograder.language import ENGLISH, N_, _, speaking

if TYPE_CHECKING:
    from autograder.course import Assignment
    from autograder.examine.examiner import Examiner
    from autograder.result import Result

FOLDER = Path("/autograder")
_COURSE = FOLDER / "source" / "course"
_RESERVE = 45.0
"""Seconds of Gradescope's time for starting and ending."""
_FAILED = N_(
    "The grader could not judge this submission. This says nothing about your work, and 0 is no verdict: your "
    "instructor can see what happened, and can have it graded again."
)
_TOO_LONG = N_(
    "Grading took longer than the {minutes} minutes that there are, and was stopped. Look for loops that do not end "
    "and for long experiments outside functions, take them out, and submit again."
)


def main(minutes: float) -> None:
    """Have `/autograder/submission` graded within so many minutes, and write `/autograder/results/results.json`."""
    started = time.monotonic()
    target = FOLDER / "results" / "results.json"
    write_whole(target, strict_json(_notice(_(_FAILED))))  # should this very process be killed
    seconds = max(60 * minutes - _RESERVE, 5)
    command = [sys.executable, "-I", "-m", "autograder.targets.gradescope.run", "worker", str(seconds)]
    document = _notice(_(_FAILED))
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=seconds, check=False)
        if done.returncode == 0:
            document = json.loads(done.stdout)
        else:
            print(f"The process that grades ended with exit code {done.returncode}.")
    except subprocess.TimeoutExpired:
        print(f"Grading was stopped after {seconds:g} seconds; run_autograder says how long it may take.")
        document = _notice(_(_TOO_LONG, minutes=f"{minutes:g}"))
    except ValueError:
        print("The process that grades gave no result.")
    document["execution_time"] = round(time.monotonic() - started, 3)
    write_whole(target, strict_json(document))


def work(seconds: float) -> None:
    """Grade the submission, and write the document to stdout; what hidden tests print goes to stderr."""
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)
        assignment = _assignment()
        try:
            path, names = choose(assignment, FOLDER / "submission")
        except SubmissionError as problem:
            print(f"Not graded: {problem}", file=sys.stderr)
            document = _notice(str(problem))
        else:
            document = _document(assignment, _grade(assignment, path, _student(), seconds), names)
        answer.write(strict_json(document))


def choose(assignment: Assignment, folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The submitted file to grade, and what the files are called of which it is the one that counts, if there are several.

    Raises:
        SubmissionError: there is none, or there are several and no telling which counts; for the student.
    """
    from autograder.intake.several import choose as choose_of
    from autograder.intake.several import entry_of

    files = _uploaded(folder)
    candidates = [path for path in files if path.suffix.lower() in (".ipynb", ".py")]
    names = ", ".join(path.name for path in (candidates or files)[:5])
    if not candidates:
        raise SubmissionError(
            _(
                "There is no notebook in this submission (it holds {names}). Submit {name}.ipynb.",
                names=names or _("nothing"),
                name=assignment.name,
            )
        )
    if len(candidates) == 1:
        return candidates[0], ()
    choice = choose_of([entry_of(path, assignment) for path in candidates], assignment)
    if not choice.complete:
        raise SubmissionError(
            _("There are {many} notebooks and scripts in this submission. Submit one.", many=len(candidates))
        )
    if not choice.chosen:  # none can be read: what is wrong is told when it is graded
        return candidates[0], ()
    if len(choice.chosen) > 1:
        raise SubmissionError(
            _(
                "There are {many} files in this submission, and it is not clear which one is to be graded: {names}. "
                "Submit only {name}.ipynb.",
                many=len(candidates),
                names=names,
                name=assignment.name,
            )
        )
    return Path(choice.chosen[0].path), choice.handed_in


def _uploaded(folder: Path) -> list[Path]:
    """Regular files, those that lie least deep first; nothing hidden, and no links."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        paths = (Path(place, name) for name in names if not name.startswith((".", "~")))
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
    return sorted(found, key=lambda path: (len(path.parts), path))


def _assignment() -> Assignment:
    """The one that was bundled."""
    from autograder.course import Assignment

    (toml,) = (_COURSE / "assignments").glob("*/assignment.toml")
    return Assignment(_COURSE, toml.parent.name)


def _student() -> str:
    """Whoever submitted, so that test inputs are the same each time they do."""
    try:
        users = json.loads((FOLDER / "submission_metadata.json").read_bytes())["users"]
        return " ".join(sorted(str(user["id"]) for user in users))
    except (OSError, ValueError, LookupError, TypeError):
        return "student"


def _language() -> str:
    """The course's."""
    path = _COURSE / "language"
    return path.read_text(encoding="ascii") if path.exists() else ENGLISH


def _grade(assignment: Assignment, path: Path, student: str, seconds: float) -> Result:
    """Grade a file, shut in as well as this container allows."""
    from autograder.examine.examiner import examine
    from autograder.notebook import Found
    from autograder.sandbox.client import namespace_error

    results: list[Result] = []
    started = False

    def serve(examiner: Examiner) -> None:
        nonlocal started
        started = True
        limits = examiner.assignment.limits
        # By the clock, a submission may take twice its CPU seconds, and its last cell likewise; as much again is for a busy container.
        most = max((seconds - 60) / 4 - limits.cell_seconds, 10)
        update = {"submission_seconds": min(limits.submission_seconds, most)}
        examiner.assignment.limits = limits.model_copy(update=update)
        own_folder = path != assignment.script_path
        results.append(examiner.grade(Found(student, path, None, own_folder=own_folder, language=_language())))

    refusal = namespace_error()
    secret = (_COURSE / "course.secret").read_bytes()
    for namespaces in (False,) if refusal else (True, False):
        try:
            examine(_COURSE, assignment.name, secret, namespaces, serve)
            break
        except SandboxError as error:
            if started or not namespaces:
                raise
            refusal = str(error)
    result = results[0]
    print(f"{path.name}: {result.status}, {result.score:g} of {result.max_score:g} points. {result.message}")
    print(f"Isolation: {', '.join(result.isolation)}{f' (no namespaces: {refusal})' if refusal else ''}.")
    return result


def _document(assignment: Assignment, result: Result, names: tuple[str, ...]) -> dict[str, Any]:
    from autograder.export.gradescope_format import document
    from autograder.intake.counting import told
    from autograder.result import Status

    notes = [_(_FAILED)] if result.status is Status.NOT_GRADABLE else []
    notes += [told(names, assignment.name)] if names else []
    notes.append(result.message)
    notes += [f"{error.where}: {error.told}" for error in result.cell_errors]
    extra = {"isolation": result.isolation, "assignment_fingerprint": result.assignment_fingerprint}
    return document(assignment, result, score=result.score, notes=notes) | {
        "stdout_visibility": "hidden",
        "extra_data": extra,
    }


def _notice(text: str) -> dict[str, Any]:
    """A `results.json` without tests."""
    return {"score": 0, "output": text, "output_format": "text", "stdout_visibility": "hidden", "tests": []}


if __name__ == "__main__":
    try:
        with speaking(_language()):
            match sys.argv[1:]:
                case ["submission", minutes]:
                    main(float(minutes))
                case ["worker", seconds]:
                    work(float(seconds))
                case _:
                    bundled = _assignment()
                    _grade(bundled, bundled.script_path, "solution", 600)
    except GraderError as error:
        sys.exit(str(error))
