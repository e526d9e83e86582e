"""What an import of a roster changes, also beside another list of the same class."""

import csv
import io
from pathlib import Path

import pytest

from autograder.commands import export
from autograder.course import Course
from autograder.errors import GradebookError
from autograder.gradebook import Gradebook, RosterChange
from autograder.people.columns import GITHUB
from tests.gradebook.test_gradebook import result
from tests.people.test_roster_file import VIETNAMESE, write


def counts(change: RosterChange) -> tuple[int, int, int]:
    return change.added, change.updated, change.unchanged


def test_an_import_adds_then_updates_and_forgets_nobody(gradebook: Gradebook, tmp_path: Path) -> None:
    assert counts(gradebook.import_roster(write(tmp_path, VIETNAMESE))) == (2, 0, 0)
    assert counts(gradebook.import_roster(write(tmp_path, VIETNAMESE))) == (0, 0, 2)
    changed = "student_id;name;email\n22020002;Trần Văn Ất;\n22020003;Vũ Y;y@vnu.edu.vn\n"
    assert counts(gradebook.import_roster(write(tmp_path, changed))) == (1, 1, 0)
    assert [(student.id, student.name, student.email, student.section) for student in gradebook.students()] == [
        ("22020001", "Nguyễn Thị Ánh Đào", "dao@vnu.edu.vn", "K67-A"),
        ("22020002", "Trần Văn Ất", "at@vnu.edu.vn", ""),
        ("22020003", "Vũ Y", "y@vnu.edu.vn", ""),
    ]


def test_a_roster_with_an_error_changes_nothing(gradebook: Gradebook, tmp_path: Path) -> None:
    with pytest.raises(GradebookError):
        gradebook.import_roster(write(tmp_path, VIETNAMESE + "22020001,Again,,\n"))
    assert gradebook.students() == []


FACULTY = (
    "STT,Mã SV,Họ đệm,Tên,Email,Lớp\n1,22020001,Nguyễn Văn,An,an@vnu.edu.vn,K67-A\n2,22020002,Trần Thị,Bình,binh@vnu.edu.vn,K67-A\n"
    "3,22020003,Lê,Chi,chi@vnu.edu.vn,K67-B\n"
)
CLASSROOM_50 = (
    "username,first_name,last_name,email,section,github_id,role\nan-nv,An,Nguyen,AN@vnu.edu.vn,,111,student\n"
    ",Binh,Tran,binh@vnu.edu.vn,,,student\nchichi,Chi,Le,chi@vnu.edu.vn,L9,113,student\n"
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
    '"An, Nguyen",9001,22020001,an.nv,L1\n"Binh, Tran",9002,22020002,binh.tt,L1\n"Chi, Le",9003,22020003,chi.l,L1\n'
)


def who(gradebook: Gradebook) -> dict[str, str]:
    return {student.id: student.name for student in gradebook.students()}


def ids(gradebook: Gradebook, student: str) -> set[tuple[str, str]]:
    return {(one.kind, one.value) for one in gradebook.student(student).ids}


def test_a_second_list_of_the_class_adds_ids_and_nobody(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, FACULTY))
    before = who(gradebook)
    change = gradebook.import_roster(write(tmp_path, CLASSROOM_50), sync=True)
    assert (counts(change), change.gone) == ((0, 2, 1), [])  # of Bình, who has no login yet, all is known
    assert who(gradebook) == before
    assert {("GitHub login", "an-nv"), ("GitHub id", "111"), ("student number", "22020001")} <= ids(gradebook, "an-nv")
    assert gradebook.student("chichi").section == "K67-B"
    assert "22020003 (Lê Chi) (K67-B, here L9)" in " ".join(change.remarks)
    assert counts(gradebook.import_roster(write(tmp_path, CLASSROOM_50.replace("\n,Binh", "\nbinh99,Binh")))) == (
        0,
        1,
        2,
    )
    assert gradebook.student("binh99").id == "22020002"
    assert counts(gradebook.import_roster(write(tmp_path, FACULTY), sync=True)) == (0, 0, 3)


@pytest.mark.parametrize("first", [FACULTY, CANVAS, CLASSROOM_50])
def test_lists_in_any_order_make_everybody_once(gradebook: Gradebook, tmp_path: Path, first: str) -> None:
    """Canvas's and the classroom's have no id in common: the faculty's list joins them."""
    gradebook.import_roster(write(tmp_path, first))
    for text in (FACULTY, CANVAS, CLASSROOM_50, FACULTY):
        assert gradebook.import_roster(write(tmp_path, text), sync=True).added == 0
    people = gradebook.students()
    assert len(people) == 3
    for known in ("22020001", "an.nv", "9001", "an-nv", "an@vnu.edu.vn"):
        assert gradebook.student(known).id == gradebook.student("22020001").id


def test_a_name_alone_joins_nobody_and_is_told(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, "MSSV,Họ và tên\n22020001,Nguyễn Văn An\n22020002,Trần Thị Bình\n"))
    change = gradebook.import_roster(write(tmp_path, "username,name,github_id\nan-nv,An Nguyen Van,111\n"))
    assert counts(change) == (1, 0, 0)
    assert "has their name: an-nv (An Nguyen Van) and 22020001 (Nguyễn Văn An). If they are one" in change.remarks[0]


def test_a_chosen_login_that_is_called_like_a_student_number_takes_nothing_over(
    gradebook: Gradebook, tmp_path: Path
) -> None:
    gradebook.import_roster(write(tmp_path, FACULTY))
    text = "username,name,email,github_id\n22020002,An,{},111\n"
    with pytest.raises(
        GradebookError, match=r":2: '22020002' is a GitHub login here, and the student number of 22020002"
    ):
        gradebook.import_roster(write(tmp_path, text.format("")))
    gradebook.import_roster(write(tmp_path, text.format("an@vnu.edu.vn")))
    assert ("GitHub login", "22020002") in ids(gradebook, "22020001")
    assert ids(gradebook, "binh@vnu.edu.vn") == {("student number", "22020002"), ("e-mail address", "binh@vnu.edu.vn")}


def test_a_number_of_a_system_is_nobodys_student_number(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, "MSSV,name\n9001,Bình\n9002,Chi\n"))
    gradebook.import_roster(write(tmp_path, "Student,ID,SIS User ID\nBình,9002,9001\nChi,9001,9002\n"))
    assert who(gradebook) == {"9001": "Bình", "9002": "Chi"}
    assert ids(gradebook, "9001") == {("student number", "9001"), ("Canvas id", "9002")}


def test_a_row_with_ids_of_two_students_is_refused_with_both_named(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, "username,name\nan.nv,An\nan@x.vn,An Nguyễn\n"))
    with pytest.raises(
        GradebookError, match=r"roster.csv:3: holds ids of an.nv \(An\) and of an@x.vn \(An Nguyễn\), who are two"
    ):
        gradebook.import_roster(write(tmp_path, "username,name,email\nbinh,B,\nan.nv,An,an@x.vn\n"))
    assert set(who(gradebook)) == {"an.nv", "an@x.vn"}


def test_two_rows_that_are_one_students_are_refused_by_line(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, FACULTY))
    with pytest.raises(GradebookError, match=r"roster.csv:3: is 22020001 \(Nguyễn Văn An\), as line 2 is"):
        gradebook.import_roster(write(tmp_path, "username,email\nan1,an@vnu.edu.vn\n22020001,\n"))


def test_who_shares_an_address_with_somebody_known_is_somebody_else(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, FACULTY))
    more = "Mã SV,Họ và tên,Email\n22020009,Nguyễn Thị Mai,an@vnu.edu.vn\n"
    change = gradebook.import_roster(write(tmp_path, more))
    assert counts(change) == (1, 0, 0)
    assert "none of whom is known by them: an@vnu.edu.vn (22020009, 22020001)" in " ".join(change.remarks)
    with pytest.raises(GradebookError, match=r"'an@vnu.edu.vn' is an id of 2 students"):
        gradebook.student("an@vnu.edu.vn")
    both = FACULTY + "4,22020009,Nguyễn Thị,Mai,an@vnu.edu.vn,K67-A\n"
    assert gradebook.import_roster(write(tmp_path, both)).added == 0
    assert len(gradebook.students()) == 4


def test_an_id_that_the_list_gives_to_somebody_else_is_theirs_no_more(gradebook: Gradebook, tmp_path: Path) -> None:
    header = "Mã SV,Họ và tên,GitHub username\n"
    gradebook.import_roster(write(tmp_path, f"{header}22020001,An,binh99\n22020002,Bình,\n"))
    change = gradebook.import_roster(write(tmp_path, f"{header}22020002,Bình,binh99\n"))
    assert gradebook.student("binh99").id == "22020002"
    assert "GitHub login binh99, of 22020001 (An) before" in " ".join(change.remarks)


def test_whoever_was_graded_before_any_roster_is_joined_by_their_number(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.record(result(student="22020001"))
    assert counts(gradebook.import_roster(write(tmp_path, CANVAS))) == (2, 1, 0)
    assert gradebook.student("an.nv").id == "22020001"


def test_a_sync_that_takes_out_most_of_the_class_asks_to_be_sure(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.import_roster(write(tmp_path, FACULTY))
    other = write(tmp_path, "MSSV,name\n23020001,Dũng\n22020003,Chi\n")
    with pytest.raises(
        GradebookError, match=r"2 of the 3 students who are enrolled are not in it.* 1 are new. Nothing is changed"
    ):
        gradebook.import_roster(other, sync=True)
    assert list(who(gradebook)) == ["22020001", "22020002", "22020003"]
    assert len(gradebook.import_roster(other, sync=True, sure=True).gone) == 2
    assert list(who(gradebook)) == ["22020003", "23020001"]
    assert [one.id for one in gradebook.import_roster(write(tmp_path, FACULTY), sync=True).back] == [
        "22020001",
        "22020002",
    ]


def test_two_thousand_students_are_joined_with_a_second_list(gradebook: Gradebook, tmp_path: Path) -> None:
    rows = "".join(f"{number},Nguyễn {number},{number}@x.vn\n" for number in range(1000, 3000))
    gradebook.import_roster(write(tmp_path, "student_id,name,email\n" + rows))
    second = "".join(f"u{number},{number}@x.vn\n" for number in range(1000, 3000))
    change = gradebook.import_roster(write(tmp_path, "GitHub username,email\n" + second))
    assert counts(change) == (0, 2000, 0)
    assert gradebook.student("u1500").id == "1500"


def test_a_formula_in_a_name_is_kept_as_text_and_harmless_in_what_is_exported(course: Course, tmp_path: Path) -> None:
    name = '=cmd|" /C calc"!A0'
    text = io.StringIO()
    csv.writer(text).writerows([["student_id", "name", "email"], ["22020001", name, "@SUM(1)"]])
    with Gradebook.open(course.root) as book:
        book.import_roster(write(tmp_path, text.getvalue()))
        assert book.student("22020001").name == name
        book.record(result(student="22020001", assignment="doubling"))
    written = export(course=course.root, assignment="doubling", format="csv", to=tmp_path / "scores.csv")
    (row,) = csv.DictReader(io.StringIO(written.files[0].read_text(encoding="utf-8-sig")))
    assert (row["name"], row["email"]) == ("'" + name, "'@SUM(1)")


def test_an_id_that_is_given_to_somebody_else_is_theirs_no_more_in_any_case(
    gradebook: Gradebook, tmp_path: Path
) -> None:
    gradebook.import_roster(write(tmp_path, "MSSV,name,GitHub username\n22020001,An,AnNV\n22020002,Bình,\n"))
    gradebook.add_ids({"22020002": [(GITHUB, "annv")]})
    assert gradebook.student("ANNV").id == "22020002"
    assert not [one for one in gradebook.student("22020001").ids if one.kind == GITHUB]
