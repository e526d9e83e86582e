"""Grading worksheets as Moodle writes them in many languages: the right column, or a question, never a guess."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export import Exported, export
from autograder.gradebook import Gradebook
from autograder.people.columns import participant_of
from autograder.result import Outcome, Result

Fill = Callable[..., tuple[Exported, list[str]]]

ENGLISH = "Identifier,Full name,Email address,Status,{}Grade,Maximum Grade,{}Grade can be changed,Last modified (submission),{}Last modified (grade),Feedback comments"
# mod/assign/lang/de, fr, es, ca, ja; with the columns that a site may add
SHEETS = {
    "de": (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar",
        'Teilnehmer/in{},{},{},Zur Bewertung abgegeben,{},"{}",{},"x",-,',
        ("Ja", "Nein"),
    ),
    "de, a column of numbers, semicolons": (
        "ID;Vollständiger Name;Matrikelnummer;E-Mail-Adresse;Status;Gruppe;Bewertung;Bestwertung;Bewertung kann geändert werden",
        "Teilnehmer/in{};{};22020003;{};Zur Bewertung abgegeben;Gruppe 1;{};{};{}",
        ("Ja", "Nein"),
    ),
    "fr": (
        "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée,Dernière modification (travail remis),Feedback par commentaires",
        'Participant {},{},{},Remis pour évaluation,{},"{}",{},-,',
        ("Oui", "Non"),
    ),
    "es, with the state of the marking workflow": (
        "Identificador,Nombre completo,Dirección de correo,Estado,Calificación,Calificación máxima,Estado del flujo de trabajo,La calificación puede cambiarse,Última modificación (entrega)",
        'Participante{},{},{},Enviado para calificar,{},"{}",No marcado,{},-',
        ("Sí", "No"),
    ),
    "vi": (
        "Mã định danh,Họ và tên,Địa chỉ thư điện tử,Trạng thái,Điểm,Điểm tối đa,Điểm có thể được thay đổi,Chỉnh sửa lần cuối (bài nộp),Nhận xét phản hồi",
        'Thành viên {},{},{},Đã nộp để chấm,{},"{}",{},-,',
        ("Có", "Không"),
    ),
    "ja, whose titles are not known": (
        "識別子,フルネーム,メールアドレス,ステータス,ひょうてん,最大,変更できる,最終更新",
        '参加者{},{},{},提出済み,{},"{}",{},-',
        ("はい", "いいえ"),
    ),
}


@pytest.fixture
def fill(
    course: Course,
    assignment: Assignment,
    gradebook: Gradebook,
    make_result: Callable[..., Result],
    tests: Callable[..., tuple[object, ...]],
    tmp_path: Path,
) -> Fill:
    """An has 72.5 points, Bình 100. Returns the lines of the filled worksheet, too."""
    gradebook.record(make_result("an", tests=tests({}, {"outcome": Outcome.FAILED, "earned": 12.5})))
    gradebook.record(make_result("binh"))

    def run(text: str, *, encoding: str = "utf-8", grade_column: str | None = None) -> tuple[Exported, list[str]]:
        template = tmp_path / "worksheet.csv"
        template.write_bytes(text.encode(encoding))
        done = export(
            course=course, assignment=assignment, gradebook=gradebook, format="moodle", to=tmp_path / "filled.csv",
            template=template, grade_column=grade_column, force=True,
        )  # fmt: skip
        return done, done.files[0].read_bytes().decode(encoding).split("\r\n")

    return run


def sheet(language: str, *, before: str = "", most: str = "100,00", locked: bool = True) -> list[str]:
    """An may be graded, Bình may not; with some grade in every row before."""
    header, row, (yes, no) = SHEETS[language]
    cell = f'"{before}"' if before else ""
    mail = ("an@vnu.edu.vn", "binh@vnu.edu.vn")
    return [
        header,
        row.format(7, "Nguyễn An", mail[0], cell, most, yes),
        row.format(8, "Trần Bình", mail[1], cell, most, no if locked else yes),
        "",
    ]


@pytest.mark.parametrize("language", SHEETS)
@pytest.mark.parametrize("before", ["", "0,00", "50,00"])
def test_the_grade_goes_to_its_column_and_what_is_locked_stays(fill: Fill, language: str, before: str) -> None:
    lines = sheet(language, before=before)
    done, filled = fill("\r\n".join(lines))
    was, new = (f'"{before}"', '"72,5"') if before else ("", '"72,5"' if "," in lines[0] else "72,5")
    delimiter = ";" if ";" in lines[0] else ","
    most = '"100,00"' if delimiter == "," else "100,00"
    expected = lines[1].replace(f"{delimiter}{was}{delimiter}{most}", f"{delimiter}{new}{delimiter}{most}")
    assert filled[1].startswith(expected.rstrip(delimiter) if expected.endswith(delimiter) else expected)
    assert [filled[0], *filled[2:]] == [lines[0], *lines[2:]]
    told = [(one.who, one.after, one.reason) for one in done.changes if one.reason != "is filled in for 1 student"]
    assert told == [("an (Nguyễn An)", "72,5", ""), ("binh (Trần Bình)", None, "may not be changed")]


@pytest.mark.parametrize("language", ["de, a column of numbers, semicolons", "ja, whose titles are not known"])
def test_one_row_is_enough(fill: Fill, language: str) -> None:
    lines = sheet(language)
    del lines[2]
    done, filled = fill("\r\n".join(lines))
    assert [one.after for one in done.changes] == ["72,5", None]
    assert "72,5" in filled[1]
    assert done.changes[1].reason == "is not in the file"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_encoding_mark_and_line_ends_stay(fill: Fill, encoding: str, tmp_path: Path) -> None:
    text = "\r\n".join(sheet("de"))
    fill(text, encoding=encoding)
    written = (tmp_path / "filled.csv").read_bytes()
    assert written.decode(encoding).replace('"72,5"', "").replace("max_pool2d: 32.5; avg_pool2d: 40", "") == text
    assert written[:3] == text.encode(encoding)[:3]


def test_columns_that_a_site_adds_do_not_mislead(fill: Fill) -> None:
    header = ENGLISH.format("Due date,Group,Marker,", "Marking workflow state,", "Online text,")
    rows = [
        'Participant 7,Nguyễn An,an@vnu.edu.vn,Submitted,"Monday, 7 December 2026",12,5,,100.00,Not marked,Yes,-,"1,000 words: 12.5",-,',
        'Participant 8,Trần Bình,binh@vnu.edu.vn,Submitted,"Monday, 7 December 2026",12,5,,100.00,Not marked,No,-,99,-,',
    ]
    _, filled = fill("\r\n".join([header, *rows, ""]))
    assert filled[1] == rows[0].replace(",5,,100.00", ",5,72.5,100.00") + "max_pool2d: 32.5; avg_pool2d: 40"
    assert filled[2] == rows[1]


def test_another_maximum_scales_and_is_told(fill: Fill) -> None:
    done, _ = fill("\r\n".join(sheet("fr", most="20,00", locked=False)))
    told = [(one.after, one.reason) for one in done.changes]
    assert told == [("14,5", "72.5 of 100"), ("20", "100 of 100"), (None, "is filled in for 2 students")]


UNKNOWN = (
    "A,B,C,D,E,F,G\r\nxyz 7,Nguyễn An,an@vnu.edu.vn,q,,100.00,{}\r\nxyz 8,Trần Bình,binh@vnu.edu.vn,q,,100.00,{}\r\n"
)


def test_what_cannot_be_told_is_asked_for(fill: Fill, tmp_path: Path) -> None:
    text = UNKNOWN.format("perhaps", "never")
    with pytest.raises(GraderError, match=r"not clear. Say so with --grade-column NAME. It has: A, B, C, D, E, F, G"):
        fill(text)
    assert not (tmp_path / "filled.csv").exists()
    done, filled = fill(text, grade_column="e")
    assert filled[1] == "xyz 7,Nguyễn An,an@vnu.edu.vn,q,72.5,100.00,perhaps"
    assert (done.changes[-1].who, done.changes[-1].after) == ("E", None)
    assert "may be locked in some rows" in done.changes[-1].reason


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("Z", "no column is called 'Z'"),
        ("B", r"the column 'B' holds 'Nguyễn An' in row 2, which is no number of points"),
    ],
)
def test_a_column_that_holds_no_grades_is_never_overwritten(fill: Fill, column: str, says: str) -> None:
    with pytest.raises(GraderError, match=says):
        fill(UNKNOWN.format("Yes", "Yes"), grade_column=column)


def test_two_columns_that_may_be_meant_are_asked_about(fill: Fill) -> None:
    header = "Identifier,Full name,Email address,Status,Alpha,Most,Sure,Beta,Most,Sure"
    rows = [f"Participant {i},{who},x,,,10.00,Yes,,20.00,Yes" for i, who in ((7, "Nguyễn An"), (8, "Trần Bình"))]
    text = "\r\n".join([header, *rows, ""])
    with pytest.raises(GraderError, match=r"it may be Alpha or Beta. Say so with --grade-column NAME"):
        fill(text)
    _, filled = fill(text, grade_column="Beta")
    assert filled[1] == "Participant 7,Nguyễn An,x,,,10.00,Yes,14.5,20.00,Yes"


def test_a_scale_is_refused(fill: Fill) -> None:
    text = 'Identifier,Full name,Status,Grade,Scale,Grade can be changed\r\nParticipant 7,Nguyễn An,x,Good,"Poor, Good",Yes\r\n'
    with pytest.raises(GraderError, match="holds 'Good' in row 2, which is no number of points"):
        fill(text)


BLIND = (
    "Identifier,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\r\n"
    "Participant 41,Submitted for grading - ,,100.00,Yes,x,-,\r\nParticipant 43,Submitted for grading - ,,100.00,Yes,x,-,\r\n"
)


def test_blind_marking_goes_by_the_participants_numbers_that_the_gradebook_has(
    fill: Fill, gradebook: Gradebook
) -> None:
    with pytest.raises(GraderError, match=r"fill in: Participant 41 is not in the gradebook; Participant 43 is not in"):
        fill(BLIND)
    gradebook.add_ids({"an": [(participant_of("pooling"), "41")], "binh": [(participant_of("other"), "43")]})
    _, filled = fill(BLIND)
    assert filled[1].startswith("Participant 41,Submitted for grading - ,72.5,100.00,Yes,x,-,max_pool2d")
    assert filled[2] == BLIND.split("\r\n")[2]  # that is another assignment's number
    german = BLIND.replace("Participant ", "Teilnehmer/in")
    assert fill(german)[1][1].startswith("Teilnehmer/in41,Submitted for grading - ,72.5,")


def test_a_number_and_an_address_of_two_people_are_said(fill: Fill, gradebook: Gradebook) -> None:
    gradebook.add_ids({"an": [(participant_of("pooling"), "8")]})
    done, filled = fill("\r\n".join(sheet("vi", locked=False)))
    assert filled[2] == sheet("vi", locked=False)[2]
    assert ("Trần Bình (8)", "may be an or binh: its ids are those of different students") in [
        (one.who, one.reason) for one in done.changes
    ]


def test_namesakes_without_ids_are_not_given_each_others_scores(fill: Fill) -> None:
    text = (
        "Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed\r\n"
        "Participant 7,Nguyễn An,x,,100.00,Yes\r\nParticipant 9,Nguyễn An,x,,100.00,Yes\r\n"
    )
    problem = (
        r"Nguyễn An \(7\) may be an, and so may be another row; Nguyễn An \(9\) may be an, and so may be another row"
    )
    with pytest.raises(GraderError, match=problem):
        fill(text)
