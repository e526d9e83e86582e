"""Class lists as Excel and learning platforms write them."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
        ("id,name\na,A\n,B\n", r"roster.csv:3: B has no id. Column 'id' should hold one"),
        ("id,name,email\na,A,\n,B,-\n", r"roster.csv:3: B has no id. Column 'id' or 'email' should hold one"),
        ("name,email\nA,a@b\nB,a@b\n", r"roster.csv:3: student 'a@b' stands on line 2 already, with another name"),
        (
            "id,name,email\n1,A,a@b\n,B,a@b\n",
            r"roster.csv:3: has no id but the e-mail address 'a@b', which is on line 2, too",
        ),
        ("id,gitlab,name\n1,x,A\n2,x,B\n", r"roster.csv:3: 'x' is the GitLab login of line 2 already"),
        (
            "id,name,role\n1,A,TA\n2,B,Prof\n",
            r"holds no students.* Left out are: line 2: A is left out, who is TA; line 3: B",
        ),
        (
            "name,phone\nA,7\n",
            r"roster.csv:1: no column holds the students' ids or e-mail addresses; .*It has: name, phone",
        ),
        ("id,ID\na,b\n", r"roster.csv:1: two columns are called 'id'"),
        ("id,name\na,Lê, An\n", r"roster.csv:2: has 3 cells, the header has 2"),
        ('id,name\na,"Lê"x\n', r"roster.csv:2: is not valid CSV"),
        ('id,name\na,A\n"b\nc",B\n', r"roster.csv:4: column 'id' holds two lines \('b' and 'c'\)"),
        ('id,login\na,"b\u2028c"\n', r"roster.csv:2: column 'login' holds two lines"),
        ('name,email\nA,"a@b\r\nc@d"\n', r"roster.csv:3: column 'email' holds two lines"),
        (f"id,name\n{'x' * 201},A\n", r"roster.csv:2: column 'id' holds 201 characters, and an id has 200 at most"),
        (
            "id,name\n1E+99999999999999999999,A\n",
            r"roster.csv:2: '1E\+9+' was a number that a spreadsheet has shortened",
        ),
        (f"id,github\na,{'x' * 5000}\n", r"roster.csv:2: column 'github' holds 5000 characters"),
        ("id,name\na\x1b[31m,A\n", r"roster.csv:2: column 'id' holds a sign that cannot be seen"),
        ("", r"roster.csv:1: holds no students"),
        ("id,name\n", r"roster.csv:1: holds no students"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GradebookError, match=message):
        read_roster(write(tmp_path, text))


def test_a_name_of_a_column_may_begin_as_a_zip_does(tmp_path: Path) -> None:
    (student,) = read_roster(write(tmp_path, "PK,student_id,name\n1,22020001,An\n")).students
    assert student.id == "22020001"


def test_what_is_folded_over_several_lines_and_no_id_is_one_line(tmp_path: Path) -> None:
    (student,) = read_roster(write(tmp_path, 'id,name,class\n"a\n","Lê\n  An","K67\n A"\n')).students
    assert (student.id, student.name, student.section) == ("a", "Lê An", "K67 A")


def zipped(*names: str) -> bytes:
    """The beginning of what Excel (`xl/`) and LibreOffice (`mimetype`) write."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name in names:
            file.writestr(name, "application/vnd.oasis.opendocument.spreadsheet" if name == "mimetype" else "<xml/>")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("class.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook"),
        ("class.csv", zipped("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook"),
        ("class.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is an Excel workbook"),
        ("class.ods", zipped("mimetype", "content.xml"), "is an OpenDocument spreadsheet"),
        ("class.zip", zipped("class.csv"), "is a zip archive"),
        ("class.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF document"),
        ("class.xls", b"<html><table><tr><td>MSSV</td></tr></table></html>", "is a web page"),
        ("class.rtf", b"{\\rtf1\\ansi MSSV}", "is a Word document"),
        ("class.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\2\0\0\0", "is no text"),
    ],
)
def test_what_is_no_text_is_told_by_name_and_what_to_save_it_as(
    tmp_path: Path, name: str, data: bytes, what: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(GradebookError, match=rf"{name}: {what}.* '?CSV UTF-8'"):
        read_roster(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(GradebookError, match=r"roster.csv: cannot be read \(No such file"):
        read_roster(tmp_path / "roster.csv")


MOODLE = "First name,Last name,ID number,Email address,Groups\n"


def test_who_has_no_id_goes_by_the_next_id_or_the_address_and_is_told(tmp_path: Path) -> None:
    rows = "An,Lê,22020001,an@vnu.edu.vn,L1\nBình,Trần,,binh@vnu.edu.vn,L1\n"
    roster = read_roster(write(tmp_path, MOODLE + rows))
    assert [one.id for one in roster.students] == ["22020001", "binh@vnu.edu.vn"]
    assert roster.id_column == "ID number"
    assert roster.remarks == [
        "roster.csv: 1 of 2 have nothing in column 'ID number', and their ids from 'Email address': binh@vnu.edu.vn (Bình Trần)"
    ]


@pytest.mark.parametrize(
    ("text", "ids", "column"),
    [
        # Moodle shows addresses only, unless the school shows more; Classroom 50 before an invitation is accepted; Canvas without SIS
        ("First name,Last name,Email address\nAn,Lê,an@vnu.edu.vn\n", ["an@vnu.edu.vn"], "Email address"),
        ("email\nan@vnu.edu.vn\n", ["an@vnu.edu.vn"], "email"),
        ("Danh sách lớp\nHọ và tên,Email,Lớp\nLê An,an@vnu.edu.vn,K67\n", ["an@vnu.edu.vn"], "Email"),
        (
            "username,first_name,last_name,email,section,github_id,role\nan-nv,An,Lê,an@x,L1,1,student\n,B,T,b@x,L1,,student\n",
            ["an-nv", "b@x"],
            "username",
        ),
        ("Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n'An, L',981,,,K67\n".replace("'", '"'), ["981"], "ID"),
        ("Student,ID,SIS User ID,SIS Login ID,Section\nAn,1,7,an,K\nB,2,8,,K\n", ["an", "8"], "SIS Login ID"),
        ("Email,MSSV,Họ và tên\nan@x,7,An\n", ["7"], "MSSV"),
    ],
)  # fmt: skip
def test_rows_without_student_numbers_are_students_too(tmp_path: Path, text: str, ids: list[str], column: str) -> None:
    roster = read_roster(write(tmp_path, text))
    assert ([one.id for one in roster.students], roster.id_column) == (ids, column)


def test_an_address_that_two_people_share_is_nobodys_id(tmp_path: Path) -> None:
    roster = read_roster(write(tmp_path, "id,name,email\n1,A,Home@x.vn\n2,B,home@x.vn\n3,C,c@x.vn\n"))
    assert [one.email for one in roster.students] == ["Home@x.vn", "home@x.vn", "c@x.vn"]
    assert [("e-mail address" in dict(one.ids)) for one in roster.students] == [False, False, True]
    assert roster.remarks == [
        "roster.csv, lines 2, 3: the e-mail address home@x.vn is that of 2 students, so none is known by it"
    ]


def test_a_student_who_is_listed_once_for_each_group_is_taken_once_and_told(tmp_path: Path) -> None:
    roster = read_roster(write(tmp_path, "MSSV,Họ và tên,Email,Nhóm\n1,Lê An,,L1\n2,Trần B,,L1\n1,Lê An,an@x,TH2\n"))
    assert [(one.id, one.email, one.section) for one in roster.students] == [("1", "an@x", "L1"), ("2", "", "L1")]
    assert roster.remarks == ["roster.csv, line 4: 1 stands on line 2 already, and is taken once; section 'L1' counts"]


def test_a_facultys_printed_list_has_its_header_on_each_page_and_words_below(tmp_path: Path) -> None:
    header = "STT,Mã SV,Họ đệm,Tên,Lớp\n"
    text = f"DANH SÁCH,,,,\n{header}1,22020001,Nguyễn Văn,An,L1\n{header}2,22020002,Trần,Bình,L1\nTổng số: 2 sinh viên,,,,\n"
    roster = read_roster(write(tmp_path, text))
    assert [(one.id, one.name) for one in roster.students] == [
        ("22020001", "Nguyễn Văn An"),
        ("22020002", "Trần Bình"),
    ]
    assert roster.remarks == ["roster.csv, line 6: 'Tổng số: 2 sinh viên' is left out: it stands alone"]


def test_a_name_that_is_folded_over_two_lines_is_one_line(tmp_path: Path) -> None:
    (student,) = read_roster(write(tmp_path, '"Mã\nSV",name\n22020001,"Nguyễn\r\nVăn\u00a0 An"\n')).students
    assert student.name == "Nguyễn Văn An"


@pytest.mark.parametrize(
    "header",
    [
        "Tên đệm và tên,Họ,Mã số ID,Địa chỉ thư điện tử,Các nhóm,Các vai trò",
        "Tên,Họ và tên đệm,Mã số ID,Thư điện tử,Nhóm,Vai trò",
        "Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Gruppen,Rollen",
        "Prénom,Nom de famille,Numéro d’identification,Adresse de courriel,Groupes,Rôles",
        "Prénom,Nom,Numéro d'identification,Adresse e-mail,Groupes,Rôles",
    ],
)
def test_moodles_participants_are_read_in_the_schools_language(tmp_path: Path, header: str) -> None:
    role = {"T": "Học viên", "V": "Teilnehmer/in", "P": "Étudiant"}[header[0]]
    text = f"{header}\nAn,Lê,22020001,an@x.vn,L1,{role}\nMai,Vũ,,mai@x.vn,,Giáo viên\n"
    roster = read_roster(write(tmp_path, text))
    (student,) = roster.students
    assert (student.id, student.email, student.section) == ("22020001", "an@x.vn", "L1")
    assert student.name == ("Lê An" if "Họ" in header else "An Lê")
    assert "line 3: " in roster.remarks[0]
    assert "is left out, who is Giáo viên" in roster.remarks[0]


# Any class, as each system writes it

SYLLABLES = ["Nguyễn", "Thị", "Ánh", "Đào", "Trần", "Ất", "Phượng", "Quỳnh", "Lê", "Hữu", "O'Brien", "Smith", "Jr.", "=1+1", 'Bob "B"', "a, b", "x;y"]  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """Somebody of a class."""

    number: str
    login: str
    family: str
    given: str
    section: str

    @property
    def email(self) -> str:
        return f"{self.login}@vnu.edu.vn"


NAMES = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=3).map(" ".join)
PEOPLE = st.lists(
    st.builds(
        Listed,
        st.integers(0, 10**8 - 1).map("{:08}".format),
        st.from_regex(r"[a-z]{2,8}(\.[a-z]{1,3})?[0-9]?", fullmatch=True),
        NAMES,
        NAMES,
        st.sampled_from(["", "K67-A", "L 1", "Nhóm 2"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=(lambda one: one.number, lambda one: one.login),
)
Form = tuple[str, Callable[[Listed], list[str]], str, str]
"""Header, cells of a row, which attribute becomes the id, which part of the name stands first (or neither: as the system joins them)."""
FORMS: dict[str, Form] = {
    "own": ("student_id,name,email,section", lambda p: [p.number, f"{p.family} {p.given}", p.email, p.section], "number", "family"),
    "Canvas": ("Student,ID,SIS User ID,SIS Login ID,Section", lambda p: [f"{p.family}, {p.given}", f"9{p.number}", p.number, p.login, p.section], "login", "comma"),
    "Moodle": ("First name,Last name,ID number,Email address,Groups", lambda p: [p.given, p.family, p.number, p.email, p.section], "number", "given"),
    "Moodle, addresses only": ("First name,Last name,Email address,Groups", lambda p: [p.given, p.family, p.email, p.section], "email", "given"),
    "Moodle in Vietnamese": ("Tên,Họ,Mã số ID,Thư điện tử,Các nhóm", lambda p: [p.given, p.family, p.number, p.email, p.section], "number", "family"),
    "Moodle in German": ("Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Gruppen", lambda p: [p.given, p.family, p.number, p.email, p.section], "number", "given"),
    "Gradescope": ("First Name,Last Name,SID,Email,Role,Sections", lambda p: [p.given, p.family, p.number, p.email, "Student", p.section], "number", "given"),
    "Brightspace": ("OrgDefinedId,Username,Last Name,First Name,Email,Sections,End-of-Line Indicator", lambda p: [f"#{p.number}", f"#{p.login}", p.family, p.given, p.email, p.section, "#"], "number", "given"),
    "nbgrader": ("id,lms_user_id,last_name,first_name,email,section", lambda p: [p.number, f"9{p.number}", p.family, p.given, p.email, p.section], "number", "given"),
    "Classroom 50": ("username,first_name,last_name,email,section,github_id,role", lambda p: [p.login, p.given, p.family, p.email, p.section, f"8{p.number}", "student"], "login", "given"),
    "a faculty": ("STT,Mã SV,Họ đệm,Tên,Lớp", lambda p: ["1", p.number, p.family, p.given, p.section], "number", "family"),
    "Excel's formulas": ("MSSV,Họ và tên,Lớp", lambda p: [f'="{p.number}"', f"{p.family} {p.given}", p.section], "number", "family"),
}  # fmt: skip


def encoded(text: str, encoding: str) -> bytes:
    if encoding != "cp1258":
        return text.encode(encoding)
    data = b""
    for char in text:  # Windows writes tones as characters of their own
        base, *tone = unicodedata.normalize("NFD", char)
        if tone and not char.encode(encoding, "ignore"):
            whole = unicodedata.normalize("NFC", base + "".join(tone[:-1]))
            if not whole.encode(encoding, "ignore"):
                whole, tone = unicodedata.normalize("NFC", base + tone[-1]), tone[:1] * 2
            char = whole + tone[-1]
        data += char.encode(encoding)
    return data


@pytest.mark.parametrize("system", FORMS)
@given(
    people=PEOPLE,
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    before=st.sampled_from(["", "ĐẠI HỌC QUỐC GIA\nDANH SÁCH LỚP\n\n"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_class_is_read_back_from_the_form_and_encoding_of_each_system(
    tmp_path: Path, system: str, people: list[Listed], delimiter: str, encoding: str, newline: str, before: str
) -> None:
    header, cells, own, order = FORMS[system]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline)
    writer.writerow(header.split(","))
    writer.writerows(cells(one) for one in people)
    path = tmp_path / "class.csv"
    path.write_bytes(encoded(before + text.getvalue(), encoding))
    names = {
        "family": lambda one: f"{one.family} {one.given}",
        "given": lambda one: f"{one.given} {one.family}",
        "comma": lambda one: f"{one.family}, {one.given}",
    }
    read = read_roster(path).students
    assert [(one.id, one.name, one.section) for one in read] == [
        (getattr(one, own), names[order](one), one.section) for one in people
    ]
    for one, whole in zip(read, people, strict=True):
        ids = {value for _, value in one.ids}
        assert ids >= {value for value in (whole.number, whole.login, whole.email) if value in cells(whole)}


def test_ten_thousand_rows_are_read(tmp_path: Path) -> None:
    rows = "".join(f"{number},Nguyễn Văn {number},{number}@x.vn,L1\n" for number in range(10**4, 2 * 10**4))
    assert len(read_roster(write(tmp_path, "student_id,name,email,section\n" + rows)).students) == 10**4
