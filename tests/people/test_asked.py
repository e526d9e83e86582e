"""Whoever is named on the command line is found by any id, or told who may be meant."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.errors import GradebookError
from autograder.gradebook import Gradebook, Student
from autograder.people.asked import student_asked_for

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Email,Section\n"
    '"Nguyễn Văn An",9001,0020001,an.nv,an1@vnu.edu.vn,L1\n'
    '"Nguyễn Văn An",9002,0020002,an.nv2,an2@vnu.edu.vn,L1\n'
    '"Trần Thị Bình",9003,0020003,binh.tt,binh@vnu.edu.vn,L1\n'
)


@pytest.fixture
def students(tmp_path: Path) -> Sequence[Student]:
    path = tmp_path / "class.csv"
    path.write_text(CANVAS, encoding="utf-8")
    with Gradebook.open(tmp_path) as book:
        book.import_roster(path)
        book.add_ids({"an.nv": [("GitHub login", "An-NV")], "binh.tt": [("participant of pooling", "41")]})
        book.add_ids({"an.nv2": [("GitHub login", "an-x")], "binh.tt": [("GitLab login", "an-x")]})
        return book.students(left=True)


@pytest.mark.parametrize(
    "asked", ["an.nv", "AN.NV", " an.nv ", "0020001", "9001", "an1@vnu.edu.vn", "AN1@VNU.EDU.VN", "an-nv"]
)
def test_every_id_in_any_case_leads_to_the_student(students: Sequence[Student], asked: str) -> None:
    assert student_asked_for(asked, students) == "an.nv"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("an-x", r"'an-x' is an id of 2 students: an.nv2 \(Nguyễn Văn An\); binh.tt \(Trần Thị Bình\). Name one"),
        ("41", r"No student has the id '41'. Known are"),
        ("20003", r"No student has the id '20003'; did you mean binh.tt \(Trần Thị Bình\)\?"),
        ("Tran Thi Binh", r"did you mean binh.tt \(Trần Thị Bình\)\?"),
        ("Nguyễn Văn An", r"did you mean an.nv \(Nguyễn Văn An\) or an.nv2 \(Nguyễn Văn An\)\?"),
        ("binh", r"did you mean binh.tt \(Trần Thị Bình\)\?"),
        ("zoe", r"No student has the id 'zoe'. Known are: an.nv \(Nguyễn Văn An\), an.nv2 \(Nguyễn Văn An\), binh.tt"),
        ("", r"No student has the id ''. Known are"),
    ],
)
def test_an_id_that_is_nobodys_or_several_peoples_is_refused_with_who_may_be_meant(
    students: Sequence[Student], asked: str, says: str
) -> None:
    with pytest.raises(GradebookError, match=says):
        student_asked_for(asked, students)


def test_a_students_own_id_goes_before_an_id_of_another_system(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("sid,lms_user_id,name\n41,77,A\n77,41,B\nan,1,C\n", encoding="utf-8")
    with Gradebook.open(tmp_path) as book:
        book.import_roster(path)
        assert [book.student(asked).name for asked in ("41", "77", "1", "AN")] == ["A", "B", "C", "C"]
