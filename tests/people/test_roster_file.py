"""Class lists as Excel and learning platforms write them."""

from pathlib import Path

import pytest

from autograder.errors import GradebookError
from autograder.people.roster_file import read_roster

VIETNAMESE = (
    "student_id,name,email,section\n22020001,Nguyễn Thị Ánh Đào,dao@vnu.edu.vn,K67-A\n22020002,Trần Ất,at@vnu.edu.vn,\n"
)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_files_are_read_as_excel_writes_them(tmp_path: Path, encoding: str, separator: str, newline: str) -> None:
    text = VIETNAMESE.replace(",", separator).replace("\n", newline)
    roster = read_roster(write(tmp_path, text, encoding))
    students = roster.students
    assert roster.id_column == "student_id"
    assert [(entry.id, entry.name, entry.email, entry.section) for entry in students] == [
        ("22020001", "Nguyễn Thị Ánh Đào", "dao@vnu.edu.vn", "K67-A"),
        ("22020002", "Trần Ất", "at@vnu.edu.vn", ""),
    ]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        # nbgrader, Canvas, Gradescope, Moodle, a Vietnamese faculty
        ("id,last_name,first_name,email,lms_user_id", "s1,Lê,An,a@b.vn,7", ("s1", "An Lê", "a@b.vn", "")),
        ("Student,ID,SIS User ID,SIS Login ID,Section", '"Lê, An",981,2202,anle,K67', ("anle", "Lê, An", "", "K67")),
        ("First Name,Last Name,SID,Email,Sections", "An,Lê,2202,a@b.vn,K67", ("2202", "An Lê", "a@b.vn", "K67")),
        ("Username,First name,Last name,ID number,Email address", "anle,An,Lê,2202,a@b", ("2202", "An Lê", "a@b", "")),
        ("MSSV,Họ và tên,Email,Lớp", "22020001,Lê An,a@b.vn,K67", ("22020001", "Lê An", "a@b.vn", "K67")),
        ("username", "anle", ("anle", "", "", "")),
        ("ID", "22020001", ("22020001", "", "", "")),
    ],
)  # fmt: skip
def test_the_columns_of_known_platforms_are_found(
    tmp_path: Path, header: str, row: str, expected: tuple[str, str, str, str]
) -> None:
    (student,) = read_roster(write(tmp_path, f"{header}\n{row}\n")).students
    assert (student.id, student.name, student.email, student.section) == expected


def test_canvas_row_of_points_and_blank_rows_are_no_students(tmp_path: Path) -> None:
    text = 'Student,ID,SIS Login ID,Section\n    Points Possible,,,\n,,,\n"Lê, An",981,anle,K67\n\n'
    roster = read_roster(write(tmp_path, text))
    assert ([entry.id for entry in roster.students], roster.id_column) == (["anle"], "SIS Login ID")


def test_decomposed_accents_are_composed_as_in_file_names(tmp_path: Path) -> None:
    students = read_roster(write(tmp_path, "id,name\na\u0302n,Tra\u0302\u0300n\n")).students
    assert (students[0].id, students[0].name) == ("\u00e2n", "Tr\u1ea7n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,name\na,A\nb,B\na,C\n", r"roster.csv:4: student 'a' stands on line 2 already"),
        ("id,name\n,A\n", r"roster.csv:2: has no student id"),
        ("name,email\nA,a@b\n", r"roster.csv:1: no column holds the students' ids; .*It has: name, email"),
        ("id,ID\na,b\n", r"roster.csv:1: two columns are called 'id'"),
        ("id,name\na,Lê, An\n", r"roster.csv:2: has 3 cells, the header has 2"),
        ('id,name\na,"Lê"x\n', r"roster.csv:2: is not valid CSV"),
        ("", r"roster.csv:1: holds no students"),
        ("id,name\n", r"roster.csv:1: holds no students"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GradebookError, match=message):
        read_roster(write(tmp_path, text))


def test_a_workbook_or_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with pytest.raises(GradebookError, match=r"roster.xlsx: cannot be read \(No such file"):
        read_roster(path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(GradebookError, match="is an Excel workbook"):
        read_roster(path)
