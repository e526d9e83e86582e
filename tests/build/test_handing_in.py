"""Notebooks say how to hand in, by what the course and the assignment say, and follow when that changes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from autograder.build import build_template, stale_files, template_files
from autograder.course import Course
from autograder.targets.nbgrader import _notebook
from autograder.targets.otter import student_files
from tests.conftest import ASSIGNMENT_TOML, COURSE_TOML, SOLUTION

RULES = 'collaboration = "Talk, but write alone."\nfeedback = "On Moodle."\n[late]\npercent_per_day = 10\n'


def texts(content: bytes) -> str:
    cells = json.loads(content)["cells"]
    return " ".join(" ".join("".join(cell["source"]).split()) for cell in cells if cell["cell_type"] == "markdown")


def test_a_notebook_says_when_how_and_within_which_limits(make_course: Callable[..., Course]) -> None:
    course = make_course(course=COURSE_TOML + RULES)
    text = texts(template_files(course, course.assignment("doubling"))["doubling.ipynb"])
    assert text.startswith("# Doubling **Due** on Monday, 7 December 2026, 23:59 (UTC+7).")
    for said in (
        "hand in that one file, `doubling.ipynb`: no PDF",
        "Due on Monday, 7 December 2026, 23:59 (UTC+7). Each day begun after the due date costs 10 % of the points earned.",
        "Of 100 points, the checks in this notebook give 20, and hidden tests, on other inputs, give 80.",
        "each cell may take 2 seconds of computing time, each call of a function of yours 1 second, and all together 30 seconds, in 0.5 GB of memory",
        "**Working together.** Talk, but write alone.",
        "**Feedback.** On Moodle.",
    ):
        assert text.count(said) == 1, said


def test_nothing_is_said_of_what_the_course_does_not_say(make_course: Callable[..., Course]) -> None:
    course = make_course(assignment=ASSIGNMENT_TOML.replace("due = 2026-12-07T23:59:00+07:00\n", ""))
    text = texts(template_files(course, course.assignment("doubling"))["doubling.ipynb"])
    assert not [word for word in ("Due", "late", "Working together", "Feedback") if word in text]


@pytest.mark.parametrize(
    ("old", "new"),
    [("percent_per_day = 10", "percent_per_day = 20"), ("Talk", "Discuss"), ("[late]", 'language = "vi"\n[late]')],
)
def test_a_change_in_the_course_makes_templates_stale_until_they_are_built(
    make_course: Callable[..., Course], old: str, new: str
) -> None:
    course = make_course(course=COURSE_TOML + RULES)
    build_template(course, course.assignment("doubling"))
    assert stale_files(course, course.assignment("doubling")) == []
    changed = make_course(course=(COURSE_TOML + RULES).replace(old, new))
    assert stale_files(changed, changed.assignment("doubling")) == ["doubling.ipynb", "doubling.py"]
    build_template(changed, changed.assignment("doubling"))
    assert stale_files(changed, changed.assignment("doubling")) == []


def test_other_systems_notebooks_say_it_too_with_their_own_limits(course: Course) -> None:
    assignment = course.assignment("doubling")
    otter = texts(student_files(course, assignment, 7)["doubling.ipynb"])
    nbgrader = texts(_notebook(course, assignment))
    assert "each call of a function of yours may take 1 second." in otter
    assert "each cell may take 60 seconds, and each call of a function of yours 1 second." in nbgrader
    for text in (otter, nbgrader):
        assert "`doubling.ipynb`" in text
        assert "GB of memory" not in text


ALL_PUBLIC = {
    "assignment": ASSIGNMENT_TOML.replace("points = 70", "points = 20").partition('\n[[questions]]\nid = "name"')[0],
    "hidden_tests": "",
}
ALL_HIDDEN = {
    "assignment": ASSIGNMENT_TOML.replace("points = 70", "points = 50"),
    "doubling": SOLUTION.replace('# %% check="double" points=20 title="A small array"', "# %%"),
}


@pytest.mark.parametrize(
    ("changes", "says", "never"),
    [
        (ALL_PUBLIC, "The checks in this notebook give all 20 points.", "hidden tests"),
        (ALL_HIDDEN, "Hidden tests give all 80 points.", "checks in this notebook give"),
    ],
)
def test_points_are_not_said_to_come_from_tests_that_there_are_not(
    changes: dict[str, str], says: str, never: str, make_course: Callable[..., Course]
) -> None:
    course = make_course(**changes)
    assignment = course.assignment("doubling")
    for content in (template_files(course, assignment)["doubling.ipynb"], student_files(course, assignment, 7)["doubling.ipynb"]):  # fmt: skip
        text = texts(content)
        assert f"{says} Your answers alone count" in text
        assert never not in text


def test_a_vietnamese_course_gives_vietnamese_notebooks(make_course: Callable[..., Course]) -> None:
    course = make_course(course=f'{COURSE_TOML}language = "vi"\n')
    files = template_files(course, course.assignment("doubling"))
    script = files["doubling.py"].decode()
    assert "**Hạn nộp**: 23:59 thứ Hai, ngày 7 tháng 12 năm 2026 (UTC+7)." in texts(files["doubling.ipynb"])
    assert "# Kiểm tra (20 điểm): A small array\n" in script
    assert 'raise NotImplementedError("Câu double: hãy viết double")' in script
    assert "## Nộp bài" in script
