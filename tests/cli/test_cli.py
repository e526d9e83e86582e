"""The commands as an instructor types them, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.cli import _COMMANDS
from autograder.course import Course
from tests.conftest import ASSIGNMENT_TOML, COURSE_TOML, RIGHT, SOLUTION, SOUND_HIDDEN_TESTS, notebook, write_course

GRADER = str(Path(sys.executable).with_name("grader"))
HEAVY = ("torch", "nbconvert", "sqlalchemy", "numpy", "rich", "pydantic", "jupytext", "pytest", "IPython", "jinja2")


def grader(course: Course, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run a command in the course's folder; its output, standard error after standard output."""
    done = subprocess.run(
        [GRADER, *arguments], cwd=course.root, capture_output=True, text=True, check=False, timeout=300,
        env=os.environ | {"COLUMNS": "140"} | environment,
    )  # fmt: skip
    output = done.stdout + done.stderr
    assert "Traceback" not in output, output
    assert done.returncode == code, output
    return output


def submit(course: Course, **sources: str) -> None:
    folder = course.root / "in"
    folder.mkdir(exist_ok=True)
    for student, source in sources.items():
        (folder / f"{student}.ipynb").write_text(notebook(source), encoding="utf-8")


@pytest.mark.parametrize("command", ["", *_COMMANDS])
def test_every_command_has_help_and_loads_nothing_heavy_for_it(command: str) -> None:
    code = (
        "import sys\nfrom autograder.cli import main\n"
        f"try:\n    main({[*command.split(), '--help']!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
    assert len(done.stdout) > 200


def test_every_command_is_in_the_docs() -> None:
    docs = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).resolve().parents[2] / "docs").glob("*.md")
    )
    for command in _COMMANDS:
        assert f"grader {command}" in docs


def test_a_course_from_build_to_export(course: Course) -> None:
    write_course(course.root, hidden_tests=SOUND_HIDDEN_TESTS)
    assert "wrote" in grader(course, "build")
    assert "FAIL" not in grader(course, "check")
    submit(course, ann=RIGHT, bob=RIGHT.replace("2 * x", "3 * x"))
    (course.root / "in" / "eve.ipynb").write_bytes(b"")
    (course.root / "class.csv").write_text("id,name\nann,Ann\nbob,Bob\ndan,Dan\neve,Eve\n", encoding="utf-8")
    assert "4 students added" in grader(course, "roster", "class.csv")
    first = grader(course, "grade", "doubling", "in")
    assert "3 graded in" in first
    assert "missing" in first
    assert "dan" in first
    again = grader(course, "grade", "doubling", "in")
    assert "0 graded" in again
    assert "3 unchanged" in again
    submit(course, bob=RIGHT)
    assert "1 graded" in grader(course, "grade", "doubling", "in")
    assert "2 unchanged" not in grader(course, "grade", "doubling", "in", "--force")
    assert "100" in grader(course, "show", "BOB", "doubling")
    grader(course, "override", "bob", "doubling", "10", "--question", "name", "--reason", "copied", "--author", "Lan")
    for format, file in {"csv": "doubling.csv", "json": "doubling.json", "junit": "doubling.junit.xml"}.items():
        assert file in grader(course, "export", "doubling", "--format", format)
        assert (course.root / "exports" / file).stat().st_size > 100
    rows = (course.root / "exports" / "doubling.csv").read_text(encoding="utf-8-sig")
    assert "copied" in rows
    assert "dan" in rows
    grader(course, "export", "doubling", "--format", "gradescope")
    scores = json.loads(
        (course.root / "exports" / "doubling-gradescope" / "ann" / "results.json").read_text(encoding="utf-8")
    )
    assert scores["score"] == 100
    assert "3 student pages" in grader(course, "report", "doubling")
    assert "Ann" in (course.root / "reports" / "doubling" / "index.html").read_text(encoding="utf-8")


def test_a_killed_run_goes_on_where_it_stopped(course: Course) -> None:
    submit(course, **{f"s{number:02d}": RIGHT + f"# {number}" for number in range(12)})
    submit(course, s05=RIGHT.replace("return 2", "import time; time.sleep(30); return 2"))
    run = subprocess.Popen(
        [GRADER, "grade", "doubling", "in", "--jobs", "1"], cwd=course.root, stdout=subprocess.DEVNULL
    )
    book = course.root / "gradebook.db"
    deadline = time.monotonic() + 300
    while "s03" not in _graded(book) and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    before = _graded(book)
    assert {"s00", "s01", "s02", "s03"} <= before < {f"s{number:02d}" for number in range(12)}
    submit(course, s05=RIGHT)
    output = grader(course, "grade", "doubling", "in")
    assert f"{12 - len(before)} graded" in output
    assert f"{len(before)} unchanged" in output
    assert len(_graded(book)) == 12


def _graded(book: Path) -> set[str]:
    import contextlib
    import sqlite3

    if not book.exists():
        return set()
    # For writing, too: what a killed run was writing must be rolled back before anybody can read.
    with contextlib.closing(sqlite3.connect(f"file:{book}?mode=rw", uri=True)) as connection:
        try:
            return {row[0] for row in connection.execute("select student_id from submission")}
        except sqlite3.OperationalError:  # before the tables are there
            return set()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "nothing", "in"], "This course has: doubling"),
        (["grade", "doubling", "nowhere"], "no such file or folder"),
        (["grade", "doubling", "assignments"], "No submission of doubling"),
        (["show", "ann", "doubling"], "Nobody is in the gradebook yet"),
        (["person", "export", "ann"], "Nobody is in the gradebook yet"),
        (["person", "erase", "ann", "--yes"], "Nobody is in the gradebook yet"),
        (["grade", "doubling", "assignments/course.toml"], "course.toml: is no notebook"),
        (["report", "doubling"], "grader grade doubling"),
        (["override", "zoe", "doubling", "5", "--reason", "x", "--author", "y"], "zoe"),
        (["override", "zoe", "doubling", "500", "--reason", "x", "--author", "y"], "between 0 and 100"),
        (["build", "nothing"], "No assignment is called 'nothing'"),
        (["grade", "doubling", "in", "--gradebook", "sqlite:////nowhere/g.db"], "/nowhere/g.db"),
        (["grade", "doubling", "in", "--gradebook", "gibberish"], "gibberish"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_exit_code_1(course: Course, arguments: list[str], says: str) -> None:
    submit(course, ann=RIGHT)
    assert says in grader(course, *arguments, code=1)


def test_outside_a_course_every_command_says_so(tmp_path: Path) -> None:
    done = subprocess.run([GRADER, "build"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no course here" in done.stderr


def test_a_wrong_source_is_named_by_file_and_line_and_nothing_is_written(course: Course) -> None:
    write_course(course.root, doubling=SOLUTION.replace("    ### END SOLUTION\n\n\n# %% check", "\n\n# %% check"))
    assert "doubling.py:17: '### BEGIN SOLUTION' has no '### END SOLUTION'" in grader(course, "build", code=1)
    assert not (course.root / "student_templates").exists()


def test_check_fails_when_the_template_is_stale_or_the_reference_wrong(course: Course) -> None:
    grader(course, "build")
    write_course(course.root, doubling=SOLUTION.replace("secret_of_the_solution = 2", "secret_of_the_solution = 0"))
    output = grader(course, "check", code=1)
    assert "FAIL doubling: the reference earns" in output


def test_doctor_and_check_read_the_whole_course_and_say_what_is_wrong_in_it(course: Course) -> None:
    (course.root / "class.csv").write_text("id,name,email\n22020001,Nguyễn Văn An,an@vnu.edu.vn\n", encoding="utf-8")
    extension = '[[extensions]]\nstudent = "22020011"\nassignment = "doubling"\nuntil = 2026-12-09T23:59:00+07:00\n'
    write_course(course.root, course=COURSE_TOML + extension)
    assert "did you mean" not in grader(course, "doctor", "--gradebook", f"sqlite:///{course.root}/other.db")
    assert not (course.root / "other.db").exists()
    assert "did you mean 22020001 (Nguyễn Văn An)?" in grader(course, "roster", "class.csv")
    says = "course.toml:6: extensions.student: nobody in the gradebook is '22020011'; did you mean 22020001 (Nguyễn Văn An)?"
    assert says in grader(course, "doctor", code=1)
    assert says in grader(course, "check", "doubling", code=1)
    other = course.root / "assignments" / "other"
    other.mkdir()
    (other / "assignment.toml").write_text('title = "Other"\ndue = 2026-12-01T24:00:00+07:00\n', encoding="utf-8")
    for command in ("doctor", "check"):
        assert "midnight is 00:00:00 of the next day" in grader(course, command, code=1)
    course.toml_path.write_text(COURSE_TOML + 'timezone = "ICT"\n', encoding="utf-8")
    for command in ("doctor", "check"):
        assert "course.toml:5: timezone: there is no such entry; did you mean 'time_zone'?" in grader(
            course, command, code=1
        )


def test_a_score_set_by_hand_is_withdrawn_for_whoever_is_named_by_any_id(course: Course) -> None:
    (course.root / "class.csv").write_text(
        "student_id,username,email,name\n22020001,an.nv,an@vnu.edu.vn,Nguyễn Văn An\n", encoding="utf-8"
    )
    grader(course, "roster", "class.csv")
    submit(course, **{"22020001": RIGHT})
    grader(course, "grade", "doubling", "in")
    reason = ["--reason", "typing error", "--author", "Lan"]
    assert "22020001, doubling: score set to 90" in grader(course, "override", "AN.NV", "doubling", "90", *reason)
    grader(course, "export", "doubling", "--format", "csv")
    assert "typing error" in (course.root / "exports" / "doubling.csv").read_text(encoding="utf-8-sig")
    assert "one of the two" in grader(course, "override", "an.nv", "doubling", *reason, code=2)
    assert "one of the two" in grader(course, "override", "an.nv", "doubling", "1", "--withdraw", *reason, code=2)
    wrong = grader(course, "override", "an.nv", "doubling", "--withdraw", "--question", "name", *reason, code=1)
    assert "question 'name' is not set by hand. Set by hand: the whole score." in wrong
    done = grader(course, "override", "an@VNU.edu.vn", "doubling", "--withdraw", *reason)
    assert "22020001, doubling: score is no longer set by hand" in done
    grader(course, "export", "doubling", "--format", "csv")
    assert "typing error" not in (course.root / "exports" / "doubling.csv").read_text(encoding="utf-8-sig")
    again = grader(course, "override", "an.nv", "doubling", "--withdraw", *reason, code=1)
    assert "the whole score is not set by hand. Set by hand: nothing." in again


def test_submissions_without_a_verdict_give_exit_code_1(course: Course) -> None:
    submit(course, ann=RIGHT)
    (course.root / "in" / "ann (1).ipynb").write_text(notebook(f"{RIGHT}\nprint(1)"), encoding="utf-8")
    output = " ".join(grader(course, "grade", "doubling", "in", code=1).split())
    assert "Hand in only the one that is to be graded" in output
    assert "no verdict" in output


def test_who_is_not_on_the_roster_is_named_and_not_graded(course: Course) -> None:
    submit(course, ann=RIGHT, anne=RIGHT)
    (course.root / "class.csv").write_text("id,name\nann,Ann\n", encoding="utf-8")
    grader(course, "roster", "class.csv")
    output = grader(course, "grade", "doubling", "in", code=1)
    assert "nobody in the roster has the id: 1 submission" in output
    assert "anne: in/anne.ipynb, likeliest ann (Ann)" in output
    assert "anne" in grader(course, "grade", "doubling", "in", "--anyone")


def test_grade_says_of_whom_nobody_knows_when_they_handed_in_once_it_is_due(course: Course) -> None:
    submit(course, ann=RIGHT, bob=RIGHT)
    (course.root / "class.csv").write_text("id,name\nann,Ann\nbob,Bob\n", encoding="utf-8")
    grader(course, "roster", "class.csv")
    toml = course.root / "assignments" / "doubling" / "assignment.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("due = 2026-12-07", "due = 2199-12-07"), encoding="utf-8")
    assert "nobody knows when" not in grader(course, "grade", "doubling", "in/ann.ipynb")  # before it is due
    toml.write_text(text.replace("due = 2026-12-07", "due = 2026-01-07"), encoding="utf-8")
    output = " ".join(grader(course, "grade", "doubling", "in", "--ci", "plain").split())
    assert "For 2 nobody knows when they were handed in, counted as on time: ann (Ann), bob (Bob)." in output
    assert "grader import DOWNLOAD --assignment doubling --to . --times FILE.csv" in output
    assert "handed in: time unknown" in grader(course, "show", "ann", "doubling")
    report = (course.root / "ci-report" / "junit.xml").read_text(encoding="utf-8")
    assert 'name="ann"' in report


def test_after_grading_what_cannot_be_done_is_one_sentence(course: Course) -> None:
    submit(course, ann=RIGHT)
    grader(course, "grade", "doubling", "in")
    (course.root / "class.csv").write_text("a file", encoding="utf-8")
    assert "cannot be written" in grader(course, "report", "doubling", "--to", "class.csv/report", code=1)
    course.secret_path.unlink()
    assert "Restore it from a copy" in grader(course, "replay", "ann", "doubling", "test_speed", code=1)
    assert not course.secret_path.exists()


def test_doctor_says_which_notebooks_say_another_due_date_than_the_course(course: Course) -> None:
    assert "template" not in grader(course, "doctor")
    grader(course, "build")
    assert "ok   template: doubling is up to date" in grader(course, "doctor")
    write_course(course.root, assignment=ASSIGNMENT_TOML.replace("2026-12-07", "2026-12-08"))
    output = grader(course, "doctor")  # which does not fail: it is run before each grading in CI
    assert "note template: doubling.ipynb and doubling.py differ from the sources" in output
    assert "grader build doubling" in output


def test_doctor_proves_each_layer(course: Course) -> None:
    output = grader(course, "doctor")
    for layer in ("namespaces", "seccomp", "own root", "memory limit", "CPU clock"):
        assert f"ok   {layer}" in output


def test_a_second_roster_adds_to_the_first_and_a_wrong_one_takes_nobody_out(course: Course) -> None:
    (course.root / "class.csv").write_text("MSSV,name,email\n1,An,an@x.vn\n2,Bình,binh@x.vn\n", encoding="utf-8")
    (course.root / "students.csv").write_text("username,email,github_id\nan-nv,an@x.vn,7\n", encoding="utf-8")
    (course.root / "other.csv").write_text("MSSV,name\n8,Chi\n9,Dũng\n", encoding="utf-8")
    grader(course, "roster", "class.csv")
    assert "0 students added, 1 updated" in grader(course, "roster", "students.csv", "--sync")
    assert "back in the class: 2 (Bình)" in grader(course, "roster", "class.csv")
    refused = grader(course, "roster", "other.csv", "--sync", code=1)
    assert "2 of the 2 students who are enrolled are not in it" in refused
    assert "left the class: 1 (An), 2 (Bình)" in grader(course, "roster", "other.csv", "--sync", "--yes")


def test_a_score_that_was_set_by_hand_without_a_submission_cannot_be_run_again(course: Course) -> None:
    (course.root / "class.csv").write_text("student_id,name\n22020001,An\n", encoding="utf-8")
    grader(course, "roster", "class.csv")
    grader(course, "override", "22020001", "doubling", "50", "--reason", "viva", "--author", "Lan")
    said = grader(course, "replay", "22020001", "doubling", "test_values", code=1)
    assert "22020001 has handed nothing in for doubling; the score was set by hand." in said


def test_pages_of_an_earlier_run_that_say_other_scores_are_named(course: Course) -> None:
    (course.root / "class.csv").write_text("student_id,name\n22020001,An\n", encoding="utf-8")
    grader(course, "roster", "class.csv")
    submit(course, ann=RIGHT)
    grader(course, "grade", "doubling", "in", "--anyone")
    why = ["--reason", "viva", "--author", "Lan"]
    grader(course, "override", "22020001", "doubling", "50", *why)
    assert "still holds" not in grader(course, "report", "doubling")
    grader(course, "override", "22020001", "doubling", "--withdraw", *why)
    said = grader(course, "report", "doubling")
    assert "1 student page beside it" in said
    assert (
        "students still holds 1 page of an earlier run, of students who have none by now: 22020001.html. Remove" in said
    )
