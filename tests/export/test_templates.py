"""Canvas's gradebook and Moodle's worksheet are filled in: the scores, and not one byte more."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export import Exported, export
from autograder.export.sheet import Sheet, value_of
from autograder.gradebook import Gradebook
from autograder.result import Outcome, Result, Status

MakeResult = Callable[..., Result]
Fill = Callable[..., Exported]

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Pooling (12345),Other (77),Final Score\r\n"
    "    Points Possible,,,,,100.00,10.00,(read only)\r\n"
    '"Nguyễn, An",101,an,an@vnu.edu.vn,A,,9.50,88.1\r\n'
    '"Bình, Trần",102,,binh@vnu.edu.vn,A,50.00,,\r\n'
    '"Lê, Chi ""the third""",103,chi,,"B, evening",,1.00,\r\n'
    '"Student, Test",104,,,A,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 7,Nguyễn An,an@vnu.edu.vn,"Submitted for grading",,"100,00",Yes,-,-,\r\n'
    'Participant 8,Trần Bình,binh@vnu.edu.vn,Submitted,"50,00","100,00",No,-,-,see me\r\n'
    'Participant 9,Lê Chi,chi@vnu.edu.vn,No submission,,"100,00",Yes,-,-,\r\n'
)


@pytest.fixture
def fill(
    course: Course,
    assignment: Assignment,
    gradebook: Gradebook,
    make_result: MakeResult,
    tests: Callable[..., tuple[object, ...]],
    tmp_path: Path,
) -> Fill:
    """An has 72.5 points, Bình 100, Chi has handed in nothing."""
    half = {"outcome": Outcome.FAILED, "earned": 12.5}
    gradebook.record(make_result("an", tests=tests({}, half)))
    gradebook.record(make_result("binh"))

    def run(format: str, text: str | bytes | None, **options: Any) -> Exported:
        template = tmp_path / "template"
        if text is not None:
            template.write_bytes(text if isinstance(text, bytes) else text.encode())
        return export(
            course=course, assignment=assignment, gradebook=gradebook, format=format, to=tmp_path / "out" / "file",
            template=None if text is None else template, **options,
        )  # fmt: skip

    return run


def said(done: Exported) -> list[tuple[str, str, str | None, str]]:
    return [(change.who, change.before, change.after, change.reason) for change in done.changes]


def test_canvas_gets_its_own_file_back_with_one_column_filled_in(fill: Fill) -> None:
    done = fill("canvas", CANVAS)
    text = done.files[0].read_bytes().decode()
    lines = CANVAS.split("\r\n")
    assert text.split("\r\n") == [
        lines[0],
        lines[1],
        '"Nguyễn, An",101,an,an@vnu.edu.vn,A,72.5,9.50,88.1',
        '"Bình, Trần",102,,binh@vnu.edu.vn,A,100,,',
        "",
    ]
    assert said(done) == [
        ("an (Nguyễn An)", "", "72.5", ""),
        ("binh (Trần Bình)", "50.00", "100", ""),
        ("chi (Lê Chi)", "", None, "has handed in nothing"),
        ("Student, Test (104)", "", None, "is not in the gradebook"),
    ]


def test_a_dry_run_tells_and_writes_nothing(fill: Fill, tmp_path: Path) -> None:
    done = fill("canvas", CANVAS, dry_run=True)
    assert done.files == []
    assert len(done.changes) == 4
    assert not (tmp_path / "out").exists()


def test_canvas_excused_students_and_other_points(fill: Fill) -> None:
    text = CANVAS.replace("100.00,10.00", "10.00,10.00").replace("A,50.00,,", "A,EX,,")
    done = fill("canvas", text)
    assert said(done)[:2] == [
        ("an (Nguyễn An)", "", "7.25", "72.5 of 100"),
        ("binh (Trần Bình)", "EX", None, "may not be changed"),
    ]
    assert '"Bình, Trần",102,,binh@vnu.edu.vn,A,EX,,' in done.files[0].read_text(encoding="utf-8-sig")


def test_canvas_with_semicolons_and_decimal_commas(fill: Fill) -> None:
    text = "Student;ID;SIS Login ID;Section;pooling\n Points Possible;;;;100,00\nNguyễn An;1;an@vnu.edu.vn;A;\n"
    done = fill("canvas", text)
    assert done.files[0].read_text(encoding="utf-8") == text.replace("A;\n", "A;72,5\n")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Pooling (12345)", "Pool (12345)", r"Its assignments are: 'Pool \(12345\)', 'Other \(77\)'"),
        ("Student,ID", "Name,ID", "is no gradebook exported from Canvas"),
        (
            "Student,ID",
            "Studierende,ID",
            "not Student and ID but 'Studierende' and 'ID'.*set yours to English in Canvas",
        ),
        ("100.00,10.00", "(read only),10.00", "read only"),
    ],
)
def test_a_file_that_is_not_canvass_is_refused(old: str, new: str, says: str, fill: Fill) -> None:
    with pytest.raises(GraderError, match=says):
        fill("canvas", CANVAS.replace(old, new))


def test_moodles_worksheet_is_filled_in_in_its_own_style(fill: Fill) -> None:
    done = fill("moodle", MOODLE)
    assert done.files[0].read_bytes().decode() == MOODLE.replace(
        '"Submitted for grading",,"100,00",Yes,-,-,\r\n',
        '"Submitted for grading","72,5","100,00",Yes,-,-,max_pool2d: 32.5; avg_pool2d: 40\r\n',
    )
    assert said(done) == [
        ("an (Nguyễn An)", "", "72,5", ""),
        ("binh (Trần Bình)", "50,00", None, "may not be changed"),
        ("chi (Lê Chi)", "", None, "has handed in nothing"),
        ("Feedback comments", "", None, "is filled in for 1 student"),
    ]


def test_moodles_comment_says_in_sentences_how_the_score_came_about_and_what_to_hand_in(
    fill: Fill, gradebook: Gradebook, make_result: MakeResult, tests: Callable[..., tuple[object, ...]]
) -> None:
    late = datetime(2026, 12, 9, 12, tzinfo=UTC)
    blank = tests(*[{"outcome": Outcome.NOT_GRADABLE, "earned": 0}] * 3)
    gradebook.record(make_result("an", submitted_at=late, submission_fingerprint="s2"))
    gradebook.record(
        make_result(
            "chi", status=Status.NOT_GRADABLE, tests=blank, hand_in_again=True, message="x.pdf: is no notebook."
        )
    )
    done = fill("moodle", MOODLE)
    an, _, chi = list(csv.reader(io.StringIO(done.files[0].read_text(encoding="utf-8-sig"))))[1:]
    assert an[-1] == "max_pool2d: 60; avg_pool2d: 40. Final score: 100, 20 % late (2 days): 80"
    assert chi[-1] == "x.pdf: is no notebook."


def test_moodle_in_another_language(fill: Fill) -> None:
    text = (
        "Kennung,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden\n"
        "Teilnehmer/in 7,Nguyễn An,an@vnu.edu.vn,x,,10.00,Ja\nTeilnehmer/in 8,Trần Bình,binh@vnu.edu.vn,x,,10.00,Ja\n"
    )
    done = fill("moodle", text)
    assert [change.after for change in done.changes] == ["7.25", "10"]
    assert "x,7.25,10.00,Ja" in done.files[0].read_text(encoding="utf-8")


def test_what_is_no_worksheet_is_refused(fill: Fill) -> None:
    with pytest.raises(GraderError, match="no grading worksheet of Moodle"):
        fill("moodle", "a,b\nc,d\n")
    with pytest.raises(GraderError, match="is in no encoding that is known"):
        fill("moodle", b"\xff\xfea")
    with pytest.raises(GraderError, match="is an Excel workbook or a zip"):
        fill("moodle", b"PK\3\4")
    with pytest.raises(GraderError, match="is empty"):
        fill("moodle", "")


def test_a_template_must_be_given(
    course: Course, assignment: Assignment, gradebook: Gradebook, make_result: Callable[..., Result], tmp_path: Path
) -> None:
    gradebook.record(make_result())
    for name in ("canvas", "moodle", "moodle-feedback"):
        with pytest.raises(GraderError, match="add --template with"):
            export(course=course, assignment=assignment, gradebook=gradebook, format=name, to=tmp_path / "x")


def test_moodles_feedback_zip_keeps_the_folders_names(fill: Fill) -> None:
    download = io.BytesIO()
    with zipfile.ZipFile(download, "w") as archive:
        archive.writestr("Nguyễn An_7_assignsubmission_file_/pooling.ipynb", "{}")
        archive.writestr("Lê Chi_9_assignsubmission_file_/pooling.ipynb", "{}")
        archive.writestr("Stranger_10_assignsubmission_file_/pooling.ipynb", "{}")
    done = fill("moodle-feedback", download.getvalue())
    with zipfile.ZipFile(done.files[0]) as archive:
        assert archive.namelist() == ["Nguyễn An_7_assignsubmission_file_/feedback.html"]
        assert "72.5" in archive.read(archive.namelist()[0]).decode()
    assert said(done)[0] == ("Stranger (10)", "", None, "is not in the gradebook")


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("canvas", CANVAS.replace("an,an@vnu.edu.vn", "x,x").replace("Nguyễn, An", "Anders, X").replace("binh@vnu.edu.vn", "y").replace("Bình, Trần", "Y").replace("Lê, Chi", "Z").replace("103,chi", "103,z")),
        ("moodle", MOODLE.replace("@vnu.edu.vn", "@x.org").replace("Nguyễn An", "X").replace("Trần Bình", "Y").replace("Lê Chi", "Z")),
    ],
)  # fmt: skip
def test_a_file_of_another_class_is_not_filled_in(format: str, text: str, fill: Fill, tmp_path: Path) -> None:
    with pytest.raises(
        GraderError,
        match=r"template: it is not clear of anybody in it who that is in the gradebook, so there is nothing to fill in: .* `grader roster",
    ):
        fill(format, text)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [("Stranger_10", "it is not clear of anybody in it who that is in the gradebook, so there is nothing to fill in: Stranger .10. is not"), ("Lê Chi_9", "nobody in it has a result of pooling")],
)  # fmt: skip
def test_a_zip_without_any_page_is_not_written(name: str, says: str, fill: Fill, tmp_path: Path) -> None:
    download = io.BytesIO()
    with zipfile.ZipFile(download, "w") as archive:
        archive.writestr(f"{name}_assignsubmission_file_/pooling.ipynb", "{}")
    with pytest.raises(GraderError, match=says):
        fill("moodle-feedback", download.getvalue())
    assert not (tmp_path / "out").exists()


cells = st.text(alphabet='ab,;"\n\r é1.', max_size=8)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=5), st.sampled_from(["\r\n", "\n"]))
def test_a_sheet_that_is_not_changed_is_the_same_to_the_byte(rows: list[list[str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([["Student", "ID", "x"], *rows])
    sheet = Sheet.parse(Path("sheet.csv"), text.getvalue().encode())
    assert sheet.content() == text.getvalue().encode()
    expected = [row or [""] for row in csv.reader(io.StringIO(text.getvalue(), newline=""))]
    assert [[value_of(cell) for cell in row] for row in sheet.rows] == expected


def test_a_template_is_filled_in_where_it_is_only_if_nothing_of_it_is_lost(
    course: Course, assignment: Assignment, gradebook: Gradebook, fill: Fill, tmp_path: Path
) -> None:
    def onto_itself(format: str, content: bytes, **options: Any) -> bytes:
        path = tmp_path / "own"
        path.write_bytes(content)
        export(course=course, assignment=assignment, gradebook=gradebook, format=format, to=path, template=path, **options)  # fmt: skip
        return path.read_bytes()

    assert b'"72,5"' in onto_itself("moodle", MOODLE.encode())
    with pytest.raises(GraderError, match=r"own: is the template, of which a part would be lost"):
        onto_itself("canvas", CANVAS.encode())  # Chi's row and the test student's are left out
    assert (tmp_path / "own").read_bytes() == CANVAS.encode()
    assert "Lê, Chi".encode() not in onto_itself("canvas", CANVAS.encode(), force=True)
    download = io.BytesIO()
    with zipfile.ZipFile(download, "w") as archive:
        archive.writestr("Nguyễn An_7_assignsubmission_file_/pooling.ipynb", "{}")
    with pytest.raises(GraderError, match="is the template"):
        onto_itself("moodle-feedback", download.getvalue())


def test_canvas_asks_for_the_column_and_takes_a_name(fill: Fill) -> None:
    with pytest.raises(GraderError, match="Say which one it is with --grade-column NAME"):
        fill("canvas", CANVAS.replace("Pooling", "Pool"))
    for name in ("Pool", "pool (12345)"):
        done = fill("canvas", CANVAS.replace("Pooling", "Pool"), grade_column=name, force=True)
        assert [change.after for change in done.changes] == ["72.5", "100", None, None]


@pytest.mark.parametrize("points", ["1,000.00", "1,000", "n/a"])
def test_points_possible_that_may_be_read_in_several_ways_scale_nothing(points: str, fill: Fill) -> None:
    with pytest.raises(GraderError, match=rf"points possible of 'Pooling \(12345\)' are '{points}'"):
        fill("canvas", CANVAS.replace(",100.00,10.00,", f',"{points}",10.00,'))
    assert said(fill("canvas", CANVAS.replace(",100.00,10.00,", ",1000.00,10.00,")))[0][2] == "725"


def test_what_moodles_feedback_column_gets_and_keeps_is_told(fill: Fill) -> None:
    filled = fill("moodle", MOODLE).files[0].read_bytes().decode()
    assert said(fill("moodle", MOODLE))[-1] == ("Feedback comments", "", None, "is filled in for 1 student")
    assert "Feedback comments" not in [who for who, *_ in said(fill("moodle", filled))]  # it tells the same score
    old = said(fill("moodle", filled.replace("max_pool2d: 32.5", "max_pool2d: 10")))[-1]
    assert old[3] == "holds other text for 1 student, which stays; it may tell an earlier score"


def test_a_row_of_a_worksheet_that_is_no_participants_is_told(fill: Fill) -> None:
    told = said(fill("moodle", MOODLE + "Total,,,,,,,,,3\r\n"))
    assert ("row 5", "", None, "begins with no participant's number") in told


def test_vietnamese_in_a_sheet_of_an_older_windows_stays_readable(tmp_path: Path) -> None:
    header = "Mã số,Điểm\r\n1,\r\n".translate({ord("ã"): "a\u0303", ord("ố"): "ô\u0301", ord("ể"): "ê\u0309"})
    sheet = Sheet.parse(tmp_path / "x.csv", header.encode("cp1258"))
    text = "Điểm cuối: 85.5; trễ 1 ngày; ậ ợ ữ ặ ỵ Ế"
    sheet.put(1, 1, text)
    written = unicodedata.normalize("NFC", sheet.content().decode("cp1258"))
    assert written == f"Mã số,Điểm\r\n1,{text}\r\n"
