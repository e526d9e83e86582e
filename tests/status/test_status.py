"""Where a course stands: who waits for whom, on a terminal of 80 columns, for any number of students."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from autograder.cli import main
from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.gradebook import Gradebook, Student
from autograder.notebook import Found
from autograder.result import Outcome, Status
from autograder.scores.final import final_rows
from autograder.status import Overview, overview, render_assignment, render_course, render_student
from autograder.status.overview import counts
from tests.pooling_course import make_tests
from tests.whole_course import FIRST_DUE, NAMES, enrol, fill, make_course, make_result

NOW = FIRST_DUE + timedelta(weeks=2, days=-2)  # a and b are due, c in two days
LATE = "[late]\npercent_per_day = 10\ntokens = 2\n"


def shown(what: Any, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    return "\n".join(lines)


def words(what: Any) -> str:
    return " ".join(shown(what).split())


@pytest.fixture
def view(tmp_path: Path) -> Callable[[Course], Overview]:
    def make(course: Course) -> Overview:
        with Gradebook.open(course.root) as gradebook:
            return overview(course, gradebook, NOW)

    return make


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Six students; 22020001 has handed in everything that is due."""
    extension = '[[extensions]]\nstudent = "22020006"\nassignment = "b"\nuntil = 2026-10-01T23:59:00Z\n'
    course = make_course(tmp_path, ["a", "b", "c"], LATE + extension)
    a, b, _ = course.assignments()
    no = {"earned": 0, "outcome": Outcome.NOT_GRADABLE}
    broken = {**no, "fault": "ZeroDivisionError"}
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 6)
        for result in (
            make_result(a, "22020001", 90),
            make_result(b, "22020001", 80, days=1),
            make_result(a, "22020002", 70, assignment_fingerprint="old"),
            make_result(a, "22020003", status=Status.NOT_GRADABLE, message="A hidden test itself failed.", tests=make_tests(broken)),
            make_result(a, "22020004", status=Status.NOT_GRADABLE, message="2 files were submitted.", tests=make_tests(no, no, no)),
            make_result(a, "22020005", 60, submitted_at=None),
            make_result(a, "22020006", 0, status=Status.UNREADABLE),
            make_result(a, "zoe", 100),
        ):  # fmt: skip
            gradebook.record(result)
        gradebook.add_override(
            student="22020004", assignment=b, question=None, score=50, reason="on paper", author="T"
        )  # fmt: skip
    return course


def test_everybody_is_counted_once(course: Course, view: Callable[[Course], Overview]) -> None:
    found = {one.name: counts(view(course), one.name) for one in course.assignments()}
    numbers = {name: (one.graded, one.missing, one.open, one.no_score) for name, one in found.items()}
    assert numbers == {"a": (5, 0, 0, 2), "b": (2, 4, 1, 0), "c": (0, 0, 7, 0)}
    assert [(one.late, one.by_hand) for one in found.values()] == [(0, 0), (1, 1), (0, 0)]


def test_what_waits_for_whom_is_said_by_name_with_the_next_command(
    course: Course, view: Callable[[Course], Overview]
) -> None:
    text = words(render_course(view(course)))
    students, _, instructor = text.partition("Waiting for you")
    assert "6 students in the roster, 1 more in no roster" in students
    assert "b: was due 5 days ago; an extension still runs for 1 of 7." in students
    assert "c: due in 2 days; not handed in by 7 of 7." in students
    assert "Nothing handed in, and due: b 4." in students
    assert "the file cannot be read: Vũ Hữu Phước (22020006) in a." in students
    for told in (
        "No score, as a hidden test failed by itself: Lê Khánh Linh (22020003) in a. grader check a, then grader grade a submitted",
        "No score, as the grader could not judge the submission: Phạm Thu Hà (22020004) in a. grader grade a submitted",
        "Graded with another version of the assignment or of the grader: Trần Bảo Ngọc (22020002) in a. grader grade a submitted",
        "Nobody knows when it was handed in: Hoàng Thị Ánh (22020005) in a. grader import DOWNLOAD --assignment a --to . --times FILE.csv",
        "In no roster: zoe. grader roster FILE.csv",
    ):
        assert told in instructor


def test_an_assignment_lists_who_needs_attention_and_nobody_else(
    course: Course, view: Callable[[Course], Overview]
) -> None:
    seen = view(course)
    a, b, c = course.assignments()
    text = words(render_assignment(seen, a))
    assert "22020001" not in text
    assert "Phạm Thu Hà (22020004): 2 files were submitted." in text
    text = words(render_assignment(seen, b))
    assert "Nguyễn Văn An (22020001): 80, 1 day late, free: of 2 free days, 1 left" in text
    assert "Phạm Thu Hà (22020004): nothing was handed in; set to 50 by the instructor: on paper" in text
    assert "Nothing handed in, and due (4) Trần Bảo Ngọc (22020002)" in text
    assert "Nothing here needs attention." in words(render_assignment(seen, c))


def test_a_print_waits_for_its_student_and_its_message_is_told_once(
    tmp_path: Path, view: Callable[[Course], Overview]
) -> None:
    course = make_course(tmp_path, ["a"])
    (a,) = course.assignments()
    no = make_tests(*[{"earned": 0, "outcome": Outcome.NOT_GRADABLE}] * 3)
    printed = {"status": Status.NOT_GRADABLE, "tests": no, "message": "an.pdf: is no notebook.", "submitted_at": None}
    died = {**printed, "message": "The worker died."}
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 3)
        gradebook.record(make_result(a, "22020001", hand_in_again=True, **printed))
        gradebook.record(make_result(a, "22020002", **died))
        gradebook.record(make_result(a, "22020003", submitted_at=None, graded_at=FIRST_DUE - timedelta(hours=1)))
    students, _, instructor = words(render_course(view(course))).partition("Waiting for you")
    assert "Handed in, but it cannot be graded as it is: Nguyễn Văn An (22020001) in a." in students
    assert "could not judge the submission: Trần Bảo Ngọc (22020002) in a." in instructor
    assert "(22020001)" not in instructor
    assert "(22020003)" not in instructor  # graded before it was due: it came in time
    text = words(render_assignment(view(course), a))
    assert text.count("an.pdf: is no notebook.") == 1
    assert text.count("The worker died.") == 1
    assert "Nobody knows when it was handed in (1) Trần Bảo Ngọc (22020002)" in text


def test_a_student_sees_every_assignment_and_the_free_days(course: Course, view: Callable[[Course], Overview]) -> None:
    seen = view(course)
    student = seen.find("22020001@vnu.edu.vn")
    assert isinstance(student, Student)
    text = words(render_student(seen, student))
    assert "Nguyễn Văn An (22020001)" in text
    assert "80, 1 day late, free: of 2 free days, 1 left" in text
    assert "not due yet" in text
    assert "Free late days: 1 of 2 left; used: b 1." in text


@pytest.mark.parametrize(
    ("name", "hint"), [("conv_forwrad", "did you mean 'conv_forward'"), ("2202003", r"did you mean 2202000\d \(")]
)
def test_a_name_that_nobody_has_is_refused_with_the_likeliest(
    tmp_path: Path, view: Callable[[Course], Overview], name: str, hint: str
) -> None:
    course = make_course(tmp_path, ["conv_forward"])
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 5)
    with pytest.raises(GraderError, match=hint):
        view(course).find(name)


def test_a_file_that_is_another_by_now_is_said_to_be_one(tmp_path: Path, view: Callable[[Course], Overview]) -> None:
    course = make_course(tmp_path, ["a"])
    chosen = course.assignment("a")
    with Gradebook.open(tmp_path) as gradebook:
        for student in ("an", "binh", "chi", "dung"):
            path = tmp_path / "submitted" / student / "a" / "a.py"
            path.parent.mkdir(parents=True)
            path.write_text("x = 1\n", encoding="utf-8")
            (path.parent / "lib").mkdir()
            (path.parent / "lib" / "layers.py").write_text("z = 1\n", encoding="utf-8")
            fingerprint = Found(student, path, None, own_folder=True).fingerprint
            gradebook.record(
                make_result(
                    chosen, student, path=str(path), submission_fingerprint=fingerprint, graded_at=datetime.now(UTC)
                )
            )
    assert "has changed" not in words(render_course(view(course)))
    (tmp_path / "submitted" / "an" / "a" / "a.py").write_text("x = 2\n", encoding="utf-8")
    (tmp_path / "submitted" / "binh" / "a" / "helper.py").write_text("y = 2\n", encoding="utf-8")
    (tmp_path / "submitted" / "chi" / "a" / "a.py").unlink()
    (tmp_path / "submitted" / "dung" / "a" / "lib" / "layers.py").write_text("z = 2\n", encoding="utf-8")
    text = words(render_course(view(course)))
    assert "The file has changed since it was graded: an, binh, dung in a." in text


def test_what_is_due_and_ungraded_and_what_has_no_assignment_is_not_passed_over(
    tmp_path: Path, view: Callable[[Course], Overview]
) -> None:
    course = make_course(tmp_path, ["a", "b"], "[final]\nweights = { a = 1 }\n")
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 2)
        gradebook.record(make_result(course.assignment("a"), "22020001").model_copy(update={"assignment": "old"}))
    text = words(render_course(view(course)))
    assert "Due, and nothing has been graded: a 2, b 2. grader grade a PATH (and so for the others)" in text
    assert "that this course has not, or has no longer: Nguyễn Văn An (22020001) in old." in text
    assert "Without a part in the grade: b." in text


@pytest.mark.parametrize("size", [3, 60])
def test_a_class_fits_into_eighty_columns_and_few_lines(
    tmp_path: Path, view: Callable[[Course], Overview], size: int
) -> None:
    course = make_course(tmp_path, NAMES, LATE)
    with Gradebook.open(tmp_path) as gradebook:
        fill(course, gradebook, enrol(course, gradebook, size), graded=4)
    seen = view(course)
    text = shown(render_course(seen))
    assert text.count("\n") < 60
    assert "…" not in text
    assert all(name in text for name in NAMES[:-1])
    for assignment in seen.assignments:
        shown(render_assignment(seen, assignment))
    shown(render_student(seen, seen.students[0]))


def test_without_students_it_says_how_they_get_in(tmp_path: Path, view: Callable[[Course], Overview]) -> None:
    text = words(render_course(view(make_course(tmp_path, ["a"]))))
    assert "No student is known yet: grader roster FILE.csv" in text
    assert "Nobody waits" not in text


def test_a_name_cannot_draw_on_the_terminal(tmp_path: Path, view: Callable[[Course], Overview]) -> None:
    course = make_course(tmp_path, ["a"])
    with Gradebook.open(tmp_path) as gradebook:
        gradebook.record(
            make_result(
                course.assignment("a"), "x\x1b[2Jy[bold]", status=Status.NOT_GRADABLE, message="\x1b[31mno", tests=()
            )
        )
    seen = view(course)
    for what in (
        render_course(seen),
        render_assignment(seen, course.assignment("a")),
        render_student(seen, seen.students[0]),
    ):
        assert "\x1b" not in shown(what)
        assert "xy[bold]" in shown(what)


def test_the_scores_of_the_command_are_those_of_every_export(course: Course) -> None:
    run = CliRunner().invoke(main, ["--course", str(course.root), "status", "22020001"], env={"COLUMNS": "80"})
    assert run.exit_code == 0, run.output
    with Gradebook.open(course.root) as gradebook:
        for assignment in course.assignments():
            row = final_rows(course=course, assignment=assignment, gradebook=gradebook, students=["22020001"])[0]
            line = next(line for line in run.output.splitlines() if line.startswith(f"{assignment.name} "))
            assert f"{row.score:g}" in line.split()
    run = CliRunner().invoke(main, ["--course", str(course.root), "status"])
    assert run.exit_code == 0, run.output
    assert isinstance(course.assignment("a"), Assignment)


def test_whoever_has_left_is_said_to_have_and_is_nowhere_else(
    tmp_path: Path, view: Callable[[Course], Overview]
) -> None:
    course = make_course(tmp_path, ["a"])
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 3)
        gradebook.record(make_result(course.assignment("a"), "22020003").model_copy(update={"assignment": "old"}))
        roster = tmp_path / "fewer.csv"
        roster.write_text("student_id\n22020001\n22020002\n", encoding="utf-8")
        gradebook.import_roster(roster, sync=True)
    with pytest.raises(
        GraderError, match=r"^22020003 \(.*\) has left the class, and stands in no table. `grader show` has"
    ):
        view(course).find("22020003")
    assert "has no longer" not in words(render_course(view(course)))
