"""What there is to grade in files and folders: whose it is, which file counts, and what is told of the rest."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Course
from autograder.errors import GraderError, SubmissionError
from autograder.intake.archive import open_download
from autograder.intake.look import Looked, find_submissions
from autograder.intake.passed_over import problem_of, unreadable
from autograder.intake.sources import recognise
from autograder.notebook import read_submission
from autograder.notebook.note import Note, write_note
from autograder.result import short_id
from tests.pooling_course import assignment, course

__all__ = ["assignment", "course"]

BOTH = "def max_pool2d(x):\n    return x\n\n\ndef avg_pool2d(x):\n    return x\n"
ONE = "def max_pool2d(x):\n    return x\n"


@dataclass(frozen=True)
class Id:
    """An id by which a system knows a student."""

    kind: str
    value: str


@dataclass(frozen=True)
class Known:
    """A student of a gradebook."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    language: str = ""
    enrolled: bool = True
    has_left: bool = False
    ids: Sequence[Id] = field(default=())


CLASS = [
    Known("22020117", "Trần Văn Bình"), Known("2202", "Lê Chi"), Known("0020005", "Phạm Dung"), Known("an.nguyen", "Nguyễn An", "an@vnu.edu.vn"),
    Known("annv1", "Nguyễn Văn Ân"), Known("gone", "Vũ Hà", "ha@vnu.edu.vn", enrolled=False, has_left=True),
]  # fmt: skip


def notebook(source: str) -> str:
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))


def write(folder: Path, *names: str, source: str = "") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(source) if path.suffix == ".ipynb" else source or "x", encoding="utf-8")


class Look:
    """Looks into folders below one of the test's."""

    def __init__(self, course: Course, folder: Path) -> None:
        self.course = course
        self.folder = folder

    def __call__(self, *paths: str, students: Sequence[Known] = ()) -> Looked:
        places = [self.folder / path for path in paths or [""]]
        return find_submissions(self.course, self.course.assignment("pooling"), places, students)  # type: ignore[arg-type]  # ids are none here

    def students(self, *paths: str, students: Sequence[Known] = ()) -> list[str]:
        return [one.student for one in self(*paths, students=students).found]


@pytest.fixture
def look(course: Course, tmp_path: Path) -> Look:
    (tmp_path / "in").mkdir()
    return Look(course, tmp_path / "in")


def told(looked: Looked) -> dict[str, str]:
    """Name -> what is told of it."""
    return {one.path.name: f"{one.owner}: {one.problem}" for one in looked.passed_over}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("s01.ipynb", "s01"),
        ("s01.py", "s01"),
        ("s01 (1).ipynb", "s01"),
        ("Copy of s01.ipynb", "s01"),
        ("Bản sao của s01.ipynb", "s01"),
        ("s01-Copy1.ipynb", "s01"),
        ("s01_v2.ipynb", "s01"),
        ("annv1.ipynb", "annv1"),
        ("pooling_s01.ipynb", "s01"),
        ("s01_pooling.ipynb", "s01"),
        ("Pooling-s01.ipynb", "s01"),
        ("pooling.ipynb", "pooling"),
        ("nguyễn.ipynb", "nguyễn"),
        ("a%2Fb.ipynb", "a/b"),
        ("100%.ipynb", "100%"),
        ("100%FF.ipynb", "100%FF"),
    ],
)
def test_the_file_name_says_whose_it_is(look: Look, name: str, student: str) -> None:
    write(look.folder, name, source=BOTH)
    assert look.students() == [student]


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("BT3 - Trần Văn B - 22020117 (final).ipynb", "22020117"),
        ("AN.NGUYEN.ipynb", "an.nguyen"),
        ("Annv1.ipynb", "annv1"),
        ("an@vnu.edu.vn_hw.ipynb", "an.nguyen"),
        ("22020117/pooling/x.ipynb", "22020117"),
        ("AN@vnu.edu.vn/pooling/x.ipynb", "an.nguyen"),
    ],
)
def test_an_id_of_the_roster_is_found_in_any_spelling_and_place(look: Look, name: str, student: str) -> None:
    write(look.folder, name)
    assert look.students(students=CLASS) == [student]


SEVERAL_IDS = [
    Known("22020001", ids=(Id("Canvas id", "7"), Id("GitHub login", "lab"), Id("participant of conv_forward", "41"))),
    Known("22020002", ids=(Id("GitHub login", "an-v1"), Id("Canvas id", "104512"), Id("participant of pooling", "42"))),
    Known("22020003", ids=(Id("login", "long"), Id("student number", "B22DCCN001"), Id("GitLab login", "annv1"))),
    Known("5", email="nam@vnu.edu.vn"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("lab.ipynb", "22020001"),
        ("pooling-lab.ipynb", "22020001"),
        ("pooling-Lab (2).ipynb", "22020001"),
        ("int3414-pooling-lab.ipynb", "22020001"),
        ("lab_pooling_final.ipynb", "22020001"),
        ("an-v1.ipynb", "22020002"),
        ("pooling-an-v1.ipynb", "22020002"),
        ("104512.ipynb", "22020002"),
        ("BT3 b22dccn001 final.ipynb", "22020003"),
        ("annv1_pooling.ipynb", "22020003"),
        ("22020003-7.ipynb", "22020003"),
        ("22020003 lab long.ipynb", "22020003"),
        ("5_pooling.ipynb", "5"),
        ("nam@vnu.edu.vn pooling 5 lab.ipynb", "5"),
    ],
)
def test_an_id_in_a_name_says_whose_it_is_where_nothing_else_can_be_meant(look: Look, name: str, student: str) -> None:
    write(look.folder, name)
    assert look.students(students=SEVERAL_IDS) == [student]


@pytest.mark.parametrize(
    "name",
    [
        "22020099-7.ipynb", "22020099 (7).ipynb", "22020099 (5).ipynb", "pooling-7.ipynb", "bai 5.ipynb", "pooling 104512.ipynb",
        "my lab final.ipynb", "Nguyễn Long long 22020099.ipynb",
        "41.ipynb", "42.ipynb", "pooling_42.ipynb", "Teilnehmer 42.ipynb", "41/pooling/x.ipynb", "42/pooling/x.ipynb",
        "lab-pooling-annv1.ipynb",
    ],
)  # fmt: skip
def test_numbers_of_systems_and_words_in_a_name_make_it_nobodys(look: Look, name: str) -> None:
    write(look.folder, name)
    looked = look(students=SEVERAL_IDS)
    assert [one.student for one in looked.found] == []
    assert len(looked.unknown) == 1


def test_a_name_with_two_known_ids_is_not_guessed(look: Look) -> None:
    write(look.folder, "22020117_and_2202.ipynb")
    looked = look(students=CLASS)
    assert looked.found == []
    assert [one.student for one in looked.unknown] == ["22020117_and_2202"]


def test_ids_that_nobody_has_are_not_graded_and_told_with_whom_they_may_mean(look: Look) -> None:
    write(look.folder, "20005.ipynb", "Nguyễn An.ipynb", "an.nguyne/pooling/x.ipynb", "zzz.py", source=BOTH)
    looked = look(students=CLASS)
    assert looked.found == []
    assert looked.likeliest == {
        "20005": ("0020005",),
        "Nguyễn An": ("an.nguyen",),
        "an.nguyne": ("an.nguyen",),
        "zzz": (),
    }


def test_what_is_of_students_who_have_left_is_told_apart_whatever_it_is(look: Look) -> None:
    names = (
        "gone.ipynb",
        "hw - Gone (1).py",
        "HA@vnu.edu.vn/pooling/x.ipynb",
        "gone.zip",
        "gone.pdf",
        "gone/x.ipynb",
        "gone/Pooling/x.ipynb",
    )
    for name in names:
        folder = look.folder / name.replace("/", "-")
        write(folder, name, "2202.ipynb")
        looked = look(folder.name, students=CLASS)
        assert [one.student for one in looked.left] == ["gone"], name
        assert (looked.unknown, looked.passed_over, [one.student for one in looked.found]) == ([], [], ["2202"])
    looked = find_submissions(
        look.course,
        look.course.assignment("pooling"),
        [look.folder / "gone.ipynb" / "gone.ipynb"],
        CLASS,
        anyone=True,  # type: ignore[arg-type]
    )
    assert ([one.student for one in looked.found], looked.left) == (["gone"], [])


def test_without_a_roster_two_spellings_of_one_id_are_one_student(look: Look) -> None:
    write(look.folder, "AN.ipynb", source=BOTH)
    assert look.students(students=[Known("an", enrolled=False)]) == ["an"]


def test_a_folder_of_scripts_makes_no_students_of_those_that_answer_nothing(look: Look) -> None:
    write(look.folder, "make.py", "__init__.py", "conftest.py")
    write(look.folder, "s01.py", source=BOTH)
    for students in ((), CLASS):
        looked = look(students=students)
        assert [one.student for one in looked.found + looked.unknown] == ["s01"]
        assert [path.name for path in looked.scripts] == ["__init__.py", "conftest.py", "make.py"]
    write(look.folder, "2202.py")
    assert look.students(students=CLASS) == ["2202"]  # empty, and a student's


def test_a_script_that_is_named_is_graded_whatever_is_in_it(look: Look) -> None:
    write(look.folder, "make.py")
    assert look.students("make.py") == ["make"]


def test_of_the_course_itself_only_what_was_handed_in_counts(look: Look) -> None:
    root = look.course.root
    write(
        root, "solutions/pooling.py", "tests/pooling/test_x.py", "reports/pooling/s01.html", "docs/x.ipynb", source=BOTH
    )
    write(
        root, "exports/pooling/x.py", "make.py", "submitted/s01/pooling/x.ipynb", "s02.ipynb", "README.md", "notes.pdf"
    )
    find = Look(look.course, root)
    looked = find()
    assert [one.student for one in looked.found] == ["s01", "s02"]
    assert told(looked) == {}


def test_what_is_hidden_or_litter_is_passed_over(look: Look) -> None:
    write(
        look.folder, "s01.ipynb", ".ipynb_checkpoints/s01-checkpoint.ipynb", "notes.md", ".hidden.ipynb", "~lock.ipynb"
    )
    write(look.folder, "__MACOSX/x.ipynb", "__pycache__/x.py")
    looked = look()
    assert [one.student for one in looked.found] == ["s01"]
    assert looked.passed_over == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("2202.ipynb.txt", "has a wrong ending. Rename it to 2202.ipynb"),
        ("2202.ipynb (1)", "has a wrong ending. Rename it to 2202.ipynb"),
        ("2202.py.txt", "has a wrong ending. Rename it to 2202.py"),
        ("2202.pdf", "is no notebook, perhaps a print of one. Hand in the file that ends in .ipynb"),
        ("2202_pooling.html", "is no notebook, perhaps a print of one"),
        ("2202.rar", "is packed in a way that is not opened here. Unpack it"),
        ("2202.7z", "is packed in a way that is not opened here"),
        ("2202.zip", "is no zip file, in spite of its name"),
        ("2202.pages", "is no notebook. Hand in the file that ends in .ipynb"),
        ("2202/x.ipynb", "lies one level too high. Move it to 2202/pooling/"),
        ("2202/Pooling/x.ipynb", "is called 'Pooling' and not 'pooling'. Rename it"),
        ("2202/pool-ing/x.ipynb", "is called 'pool-ing' and not 'pooling'. Rename it"),
        ("2202/hw/x.ipynb", "lies elsewhere than in 2202/pooling/. Move it there"),
        ("2202/pooling/x.pdf", "is no notebook, perhaps a print of one"),
        ("2202/pooling/x.ipynb.txt", "has a wrong ending. Rename it to x.ipynb"),
        ("2202/pooling/deep/x.ipynb", "lies too deep. Move it to 2202/pooling/"),
        ("2202/pooling/data.csv", "holds no notebook (data.csv)"),
        ("2202/pooling/.ipynb", "has no name before its ending. Give it one, as in name.ipynb"),
        ("2202/pooling/.py", "Give it one, as in name.py"),
        ("2202/pooling/.ZIP", "Give it one, as in name.zip"),
        ("2202/pooling/.ipynb (1)", "Give it one, as in name.ipynb"),
        ("2202/pooling/deep/.ipynb", "lies too deep. Move it to 2202/pooling/"),
        ("2202/.pdf", "lies elsewhere than in 2202/pooling/"),
    ],
)  # fmt: skip
def test_what_is_no_submission_as_it_is_is_told_with_its_owner_and_the_cure(look: Look, name: str, says: str) -> None:
    write(look.folder, name)
    looked = look(students=CLASS)
    assert looked.found == []
    (one,) = looked.passed_over
    assert (one.owner, one.known) == ("2202", True)
    assert says in one.problem


def test_a_file_that_is_called_like_an_ending_is_not_taken_for_hidden(look: Look) -> None:
    write(look.folder, ".ipynb", "2202.ipynb", ".gitignore", ".ipynb_checkpoints/x.ipynb")
    assert told(look(students=CLASS)) == {".ipynb": ": has no name before its ending. Give it one, as in name.ipynb"}


def test_where_nothing_else_was_handed_in_it_is_one_sentence(look: Look) -> None:
    write(look.folder, "report.pdf")
    with pytest.raises(
        GraderError, match=r"No submission of pooling in .*report.pdf: is no notebook, perhaps a print of one"
    ):
        look()


def test_without_a_roster_too_whatever_may_have_been_handed_in_is_told(look: Look) -> None:
    write(
        look.folder,
        "s01.ipynb",
        "an.ipynb.txt",
        "binh.pdf",
        "chi/x.ipynb",
        "dung/Pooling/x.ipynb",
        "readme.md",
        "class.csv",
    )
    (look.folder / "ha.json").write_text(notebook(ONE))
    assert told(look()) == {
        "an.ipynb.txt": "an: has a wrong ending. Rename it to an.ipynb",
        "binh.pdf": "binh: is no notebook, perhaps a print of one. Hand in the file that ends in .ipynb: "
        "in Colab, it is had by File > Download > Download .ipynb",
        "x.ipynb": "chi: lies one level too high. Move it to chi/pooling/",
        "Pooling": "dung: is called 'Pooling' and not 'pooling'. Rename it",
        "ha.json": "ha: is a notebook with a wrong ending. Rename it to ha.ipynb",
    }


def test_folders_and_files_that_cannot_be_opened_stop_nothing(look: Look) -> None:
    write(look.folder, "s01.ipynb")
    (look.folder / "s02.ipynb").symlink_to("s02.ipynb")  # a circle
    (look.folder / "s03.ipynb").mkdir()
    (look.folder / "s04").symlink_to("s04")
    os.mkfifo(look.folder / "s05.ipynb")
    os.mkfifo(look.folder / "s06.zip")
    (look.folder / "s07.zip").symlink_to("nowhere")
    looked = look()
    assert [one.student for one in looked.found] == ["s01", "s02", "s05"]
    for one in looked.found[1:]:
        with pytest.raises(SubmissionError):
            read_submission(one.path, max_bytes=1000)
    assert "is a folder in spite of its name" in told(looked)["s03.ipynb"]
    assert {"s06.zip", "s07.zip"} <= set(told(looked))


def test_what_another_assignments_folder_holds_is_not_this_ones(look: Look) -> None:
    (look.course.root / "assignments" / "other").mkdir()
    (look.course.root / "assignments" / "other" / "assignment.toml").write_text('title = "Other"\n')
    write(look.folder, "2202/other/x.ipynb", "22020117/pooling/x.ipynb")
    looked = look(students=CLASS)
    assert [one.student for one in looked.found] == ["22020117"]
    assert looked.passed_over == []


def test_a_folder_as_moodle_lets_it_be_downloaded_is_to_be_imported(look: Look) -> None:
    write(look.folder, "s01.ipynb", "Lê Chi_7_assignsubmission_file/x.ipynb")
    assert "grader import" in told(look(students=CLASS))["Lê Chi_7_assignsubmission_file"]


def test_a_zip_of_one_submission_is_opened(look: Look) -> None:
    with zipfile.ZipFile(look.folder / "2202.zip", "w") as archive:
        archive.writestr("hw/mine.ipynb", notebook(BOTH))
        archive.writestr("hw/old.ipynb", notebook(ONE))
        archive.writestr("hw/layers.py", "x = 1")
    (one,) = look(students=CLASS).found
    assert one.student == "2202"
    assert one.handed_in == ("mine.ipynb", "old.ipynb")
    assert [path for path, _ in one.read_beside().files] == ["layers.py"]
    assert read_submission(one.path, max_bytes=10_000).cells[0].source == BOTH
    assert one.path.is_relative_to(look.course.root / "unpacked")
    assert one.handed_in_at == look.folder / "2202.zip"


def damaged(path: Path, name: str) -> None:
    """Spoil a file in a zip, as a broken upload does."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(info.orig_filename.encode())
    path.write_bytes(data[:start] + b"\xff" * info.compress_size + data[start + info.compress_size :])


def test_what_cannot_be_had_of_a_zip_is_told_though_something_in_it_counts(look: Look) -> None:
    place = look.folder / "2202" / "pooling" / "hw.zip"
    place.parent.mkdir(parents=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mine.ipynb", notebook(BOTH))
        archive.writestr("better, and 100 points.ipynb", notebook(BOTH))
        archive.writestr("../outside.py", "x = 1")
        archive.writestr("data/large.csv", os.urandom(3 * 2**20))
        archive.writestr("notes", "a file")
        archive.writestr("notes/x.txt", "in a folder of its name")
    damaged(place, "better, and 100 points.ipynb")
    looked = look(students=CLASS)
    (found,) = looked.found
    (one,) = looked.passed_over
    assert (one.owner, one.known, one.path, found.zip) == ("2202", True, place, place)
    for words in (
        'better, and 100 points.ipynb": is damaged in the zip',
        "outside.py' leads outside",
        "data/large.csv (larger than",
        "notes/x.txt (lies in a folder that is called like a file)",
    ):
        assert words in one.problem
        assert words in ", ".join(found.left_out)


def test_a_zip_of_somebody_unknown_is_not_opened_unless_anyone_is_graded(look: Look) -> None:
    for student in ("zed", "gone"):
        place = look.folder / student / "pooling" / "hw.zip"
        place.parent.mkdir(parents=True)
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("mine.ipynb", notebook(BOTH))
    looked = look(students=CLASS)
    assert [one.path for one in looked.unknown] == [look.folder / "zed" / "pooling" / "hw.zip"]
    assert [one.path for one in looked.left] == [look.folder / "gone" / "pooling" / "hw.zip"]
    assert not (look.course.root / "unpacked").exists()
    looked = find_submissions(look.course, look.course.assignment("pooling"), [look.folder], CLASS, anyone=True)  # type: ignore[arg-type]
    assert [one.student for one in looked.found] == ["gone", "zed"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a.ipynb": notebook(BOTH), "b.ipynb": notebook(BOTH + "x = 1")}, "holds 2 notebooks and scripts, of which it is not clear which one counts (a.ipynb, b.ipynb)"),
        ({"report.pdf": "%PDF"}, "holds no notebook (report.pdf)"),
        ({}, "holds no notebook"),
    ],
)  # fmt: skip
def test_a_zip_of_which_it_is_not_clear_what_counts_is_told(look: Look, files: dict[str, str], says: str) -> None:
    for place in ("2202.zip", "22020117/pooling/all.zip"):
        (look.folder / place).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(look.folder / place, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    assert [(one.owner, says in one.problem) for one in look(students=CLASS).passed_over] == [
        ("2202", True),
        ("22020117", True),
    ]


def test_nbgraders_layout(look: Look) -> None:
    write(look.folder, "bob/pooling/pooling.ipynb", source=BOTH)
    write(look.folder, "bob/pooling/scratch.ipynb", "ann/pooling/renamed.ipynb")
    (look.folder / "bob/pooling/timestamp.txt").write_text("2026-11-20 15:58:23.948203 UTC", encoding="utf-8")
    ann, bob = look().found
    assert (ann.student, ann.path.name, bob.student, bob.path.name) == ("ann", "renamed.ipynb", "bob", "pooling.ipynb")
    assert bob.submitted_at == datetime(2026, 11, 20, 15, 58, 23, 948203, UTC)


def test_a_folder_that_is_a_link_is_not_followed(look: Look) -> None:
    write(look.folder, "ann/pooling/pooling.ipynb", "bob/README.md")
    (look.folder / "bob" / "pooling").symlink_to("../ann/pooling")
    ann, bob = look().found
    assert (ann.student, bob.student) == ("ann", "bob")
    assert ann.path.name == "pooling.ipynb"
    with pytest.raises(SubmissionError, match="it is a link"):
        read_submission(bob.path, max_bytes=1000)


@pytest.mark.parametrize("path", ["submitted/ann/pooling/pooling.ipynb", "submitted/ann/pooling", "submitted/ann"])
def test_a_part_of_nbgraders_layout(look: Look, path: str) -> None:
    write(look.folder, "submitted/ann/pooling/pooling.ipynb")
    if path == "submitted/ann":
        (look.folder / "submitted" / "ann" / "unrelated").mkdir()
    assert look.students(path) == ["ann"]


@pytest.mark.parametrize(
    ("files", "counts", "handed_in"),
    [
        ({"a.ipynb": BOTH, "b.ipynb": ONE}, "a.ipynb", ("a.ipynb", "b.ipynb")),
        ({"pooling.ipynb": ONE, "final.py": BOTH}, "final.py", ("final.py", "pooling.ipynb")),
        ({"pooling.ipynb": BOTH, "final.ipynb": BOTH + "x = 1"}, "pooling.ipynb", ("pooling.ipynb", "final.ipynb")),
        ({"a.ipynb": BOTH, "b.py": BOTH + "x = 1"}, "a.ipynb", ("a.ipynb", "b.py")),
        ({"a.ipynb": "from layers import *", "layers.py": BOTH}, "a.ipynb", ()),
        ({"a.ipynb": 'exec(open("layers.py").read())', "layers.py": BOTH}, "a.ipynb", ()),
        ({"a.ipynb": "%run -i ./layers.py", "layers.py": BOTH}, "a.ipynb", ()),
        ({"a.ipynb": "import l\u1edbp", "l\u006f\u031b\u0301p.py": BOTH}, "a.ipynb", ()),
        ({"a.ipynb": BOTH, "helpers.py": "x = 1"}, "a.ipynb", ()),
        ({"a.ipynb": BOTH, "copy.ipynb": BOTH}, "a.ipynb", ()),
        ({"pooling.py": "", "layers.py": ""}, "pooling.py", ()),
    ],
)  # fmt: skip
def test_one_rule_says_which_of_several_files_counts(
    look: Look, files: dict[str, str], counts: str, handed_in: tuple[str, ...]
) -> None:
    for name, source in files.items():
        write(look.folder, f"an/pooling/{name}", source=source)
    (one,) = look().found
    assert (one.path.name, one.problem) == (counts, "")
    assert one.handed_in == handed_in


def test_of_equals_the_instructor_is_asked(look: Look) -> None:
    write(look.folder, "s01.ipynb", "s02.ipynb", source=BOTH)
    write(look.folder, "s01 (1).ipynb", source=BOTH + "x = 1")
    one, two = look().found
    assert "2 files were submitted and it is not clear which one counts" in one.problem
    assert "s01.ipynb" in one.problem
    assert "s01 (1).ipynb" in one.problem
    assert str(look.folder) not in one.problem
    assert (one.hand_in_again, two.problem, two.hand_in_again) == (True, "", False)


def test_files_of_the_same_name_are_told_apart_by_their_folders(look: Look) -> None:
    for number, place in enumerate(("early", "again")):
        write(look.folder, f"{place}/s01.ipynb", source=f"{BOTH}x = {number}")
    (one,) = look("early/s01.ipynb", "again/s01.ipynb").found
    assert "early/s01.ipynb, again/s01.ipynb" in one.problem


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("2202.ipynb.txt", "Rename it to 2202.ipynb, and hand that in."),
        ("2202.pdf", "is no notebook, perhaps a print of one. Hand in the file that ends in .ipynb: in Colab,"),
        ("2202.rar", "is packed in a way that is not opened here. Hand in the file that ends in .ipynb: in Colab,"),
        ("2202.zip", "is no zip file, in spite of its name). Hand in the file that ends in .ipynb: in Colab,"),
        ("Lab 2202 final.zip", "Hand in the file that ends in .ipynb: in Colab,"),
        ("2202/x.ipynb", "is looked for in 2202/pooling/. Hand it in there, or ask your instructor to move it."),
        ("2202/pooling/deep/x.ipynb", "is looked for in 2202/pooling/."),
        ("2202/Pooling/x.ipynb", "Rename it, and hand it in again, or ask your instructor to rename it."),
        ("2202/pooling/data.csv", "holds no notebook (data.csv). Hand in the file that ends in .ipynb: in Colab,"),
    ],
)  # fmt: skip
def test_its_student_reads_what_to_hand_in_and_nothing_that_is_meant_for_the_instructor(
    look: Look, name: str, reads: str
) -> None:
    write(look.folder, name)
    (one,) = look(students=CLASS).passed_over
    assert reads in one.sentence
    assert one.sentence.endswith(".")
    assert one.what.hand_in_again
    for not_theirs in ("grader", "ask for", "Unpack", "roster", str(look.folder)):
        assert not_theirs not in one.sentence


def test_of_a_zip_of_two_notebooks_its_student_is_asked_for_one(look: Look) -> None:
    with zipfile.ZipFile(look.folder / "2202.zip", "w") as archive:
        archive.writestr("a.ipynb", notebook(BOTH))
        archive.writestr("b.ipynb", notebook(BOTH + "x = 1"))
    (one,) = look(students=CLASS).passed_over
    assert one.sentence == (
        "2202.zip: holds 2 notebooks and scripts, of which it is not clear which one counts (a.ipynb, b.ipynb). "
        "Hand in only the one that is to be graded."
    )


def test_what_cannot_be_read_here_is_not_its_students_to_mend(look: Look) -> None:
    what = unreadable(PermissionError(13, "Permission denied"))
    assert what.told == "cannot be read (Permission denied). Make it readable, or get it again"
    assert what.to_student.endswith("(Permission denied). Ask your instructor")
    assert not what.hand_in_again


def test_every_file_of_a_students_own_folder_may_be_named_and_the_folder_says_what_counts(look: Look) -> None:
    write(
        look.folder,
        "submitted/an/pooling/hw.ipynb",
        "submitted/an/pooling/plot.pdf",
        "submitted/binh/pooling/x.pdf",
        source=BOTH,
    )
    for student in ("an", "chi"):
        (look.folder / f"submitted/{student}/pooling").mkdir(parents=True, exist_ok=True)
        (look.folder / f"submitted/{student}/pooling/timestamp.txt").write_text("2026-12-01 10:00:00 UTC")
    with zipfile.ZipFile(look.folder / "submitted/chi/pooling/all.zip", "w") as archive:
        archive.writestr("hw.ipynb", notebook(BOTH))
    files = sorted(path.relative_to(look.folder).as_posix() for path in look.folder.glob("submitted/*/pooling/*"))
    looked = look(*files)
    assert [(one.student, one.path.name, one.submitted_at is not None) for one in looked.found] == [
        ("an", "hw.ipynb", True), ("chi", "pooling.ipynb", True),
    ]  # fmt: skip
    assert set(told(looked)) == {"x.pdf"}


def test_the_same_file_given_twice_is_one(look: Look) -> None:
    write(look.folder, "s01.ipynb")
    (one,) = look("", "s01.ipynb").found
    assert (one.problem, one.handed_in) == ("", ())


def test_nothing_found_says_what_was_looked_for(look: Look) -> None:
    with pytest.raises(GraderError, match=r"looked for \*.ipynb"):
        look()
    write(look.folder, "make.py")
    with pytest.raises(GraderError, match=r"make.py defines nothing that is asked for"):
        look()
    with pytest.raises(GraderError, match="nowhere"):
        look("nowhere")


def test_one_of_several_paths_that_is_no_submission_does_not_stop_the_others(look: Look) -> None:
    write(look.folder, "s01.ipynb", "notes.txt", "x.bin")
    looked = look("s01.ipynb", "notes.txt", "x.bin")
    assert [one.student for one in looked.found] == ["s01"]
    assert sorted(told(looked)) == ["notes.txt", "x.bin"]


def test_a_folder_given_through_a_symbolic_link_is_followed(look: Look, tmp_path: Path) -> None:
    write(tmp_path / "real", "s01.ipynb")
    (look.folder / "link").symlink_to(tmp_path / "real")
    assert look.students("link") == ["s01"]


def test_an_id_is_of_bounded_length_and_printable_wherever_it_comes_from(look: Look) -> None:
    long = "\N{LATIN SMALL LETTER I WITH MACRON}" * 120  # 240 bytes, the longest that a file system takes
    write(look.folder, f"{long}.ipynb", "in\x07between/pooling/pooling.ipynb", "%0A" + "x" * 200 + "/pooling/a.ipynb")
    (look.folder / os.fsdecode(b"caf\xe9.ipynb")).write_text("{}", encoding="utf-8")
    found = look.students()
    assert sorted(found) == sorted([long, "in_between", "caf_", short_id("%0A" + "x" * 200)])
    assert len(short_id("x" * 5000)) == 200


def test_only_a_folder_in_nbgraders_layout_is_a_students_own(look: Look) -> None:
    write(
        look.folder,
        "flat/an.ipynb",
        "flat/binh.py",
        "class/an/pooling/hw.ipynb",
        "submitted/an/pooling/hw.ipynb",
        source=BOTH,
    )

    def own(path: str) -> list[bool]:
        return [found.own_folder for found in look(path).found]

    assert own("flat") == [False, False]
    assert own("flat/an.ipynb") == [False]
    assert own("class") == [True]
    assert own("class/an/pooling/hw.ipynb") == [False]
    for path in ("submitted", "submitted/an", "submitted/an/pooling", "submitted/an/pooling/hw.ipynb"):
        assert own(path) == [True]


def test_no_date_of_a_file_is_the_time_of_handing_in(look: Look) -> None:
    """A download or a copy has its own; only nbgrader's stamp in a student's own folder, and what an import has noted, say when."""
    write(
        look.folder,
        "submitted/an/pooling/hw.ipynb",
        "submitted/an/pooling/layers.py",
        "flat/binh.ipynb",
        "flat/timestamp.txt",
    )
    (look.folder / "flat/timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    (an,) = look("submitted").found
    (binh,) = look("flat").found
    assert (an.submitted_at, an.late) == (None, False)
    assert (binh.submitted_at, binh.late) == (None, False)
    (look.folder / "submitted/an/pooling/timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    write_note(look.folder / "submitted/an/pooling", Note(late=True, given=True))
    (an,) = look("submitted").found
    assert (an.submitted_at, an.late, an.given) == (datetime(2020, 1, 1, tzinfo=UTC), True, True)
    (look.folder / "submitted/an/pooling/timestamp.txt").write_text("2020-01-01 00:00:00 IST")
    (an,) = look("submitted").found
    assert an.submitted_at is None
    assert "'IST' may be" in an.unclear


@pytest.mark.parametrize("place", ["an/.git", "an/pooling/.git"])
def test_in_a_clone_a_time_would_be_its_students_word(look: Look, place: str) -> None:
    write(look.folder, "submitted/an/pooling/hw.ipynb")
    (look.folder / "submitted/an/pooling/timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    (an,) = look("submitted").found
    assert an.submitted_at == datetime(2020, 1, 1, tzinfo=UTC)
    (look.folder / "submitted" / place).mkdir()
    (an,) = look("submitted").found
    assert an.submitted_at is None


_NAMES = st.builds(
    lambda before, after, suffix: f"{before}2202{after}{suffix}",
    st.sampled_from(["", "pooling_", "Copy of ", "hw-", "(", "[1] ", "é "]), st.sampled_from(["", " (1)", "_final", "-v2", ".x", " – bài 3"]),
    st.one_of(st.sampled_from([".ipynb", ".py", ".zip", ".pdf", ".ipynb.txt", "", ".IPYNB", ".Zip", ".csv", ".md", ".ipynb~"]), st.text("abcz", max_size=5).map(lambda text: f".{text}")),
)  # fmt: skip


@given(
    names=st.lists(_NAMES, min_size=1, max_size=4, unique=True),
    content=st.sampled_from([b"", b"{}", b"PK", b"\xff\xfe", notebook(BOTH).encode()]),
)
@settings(max_examples=150)
def test_nothing_that_bears_a_students_id_is_passed_over_in_silence(names: list[str], content: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "in")
        (root := Path(place, "assignments", "pooling")).mkdir(parents=True)
        (root.parent / "course.toml").write_text('title = "x"\ncode = "y"\nterm = "z"\n')
        (root / "assignment.toml").write_text(
            'title = "Pooling"\n\n[[questions]]\nid = "max_pool2d"\ntitle = "x"\npoints = 100\n'
        )
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(content)
        found_course = Course(Path(place))
        looked = find_submissions(found_course, found_course.assignment("pooling"), [folder], CLASS)  # type: ignore[arg-type]
        assert {one.student for one in looked.found} | {one.owner for one in looked.passed_over} == {"2202"}


@pytest.mark.parametrize("in_the_way", ["file", "folder"])
def test_a_zip_that_cannot_be_unpacked_stops_nobody_elses(look: Look, in_the_way: str) -> None:
    for name in ("s01", "s02", ":" * 100):
        with zipfile.ZipFile(look.folder / f"{name}.zip", "w") as archive:
            archive.writestr("pooling.py", BOTH)
    place = look.course.root / "unpacked" / "s01"
    if in_the_way == "file":
        place.parent.mkdir()
        place.touch()
    else:
        (place / "pooling" / "pooling.py").mkdir(parents=True)
    looked = look()
    assert [one.student for one in looked.found] == [":" * 100, "s02"]
    assert "s01: cannot be unpacked (" in told(looked)["s01.zip"]
    (one,) = looked.passed_over
    assert one.sentence == "s01.zip: cannot be unpacked where it is to be graded. Ask your instructor."
    assert not one.what.hand_in_again


def test_folders_and_names_that_are_looked_through_are_bounded(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        (look.folder / f"2202/deep/{number:03}/below").mkdir(parents=True)
    (look.folder / "22020117" / "many").mkdir(parents=True)
    for number in range(6_000):
        (look.folder / f"22020117/many/{number}.dat").touch()
    write(look.folder, "annv1.ipynb", source=BOTH)
    seen: Counter[str] = Counter()
    real_scan, real_problem = os.scandir, problem_of

    def scan(folder: Path) -> Any:
        seen["2202"] += Path(folder).is_relative_to(look.folder / "2202")
        return real_scan(folder)

    def opened(path: Path) -> Any:
        seen["opened"] += 1
        return real_problem(path)

    monkeypatch.setattr("autograder.intake.look.os.scandir", scan)
    monkeypatch.setattr("autograder.intake.look.problem_of", opened)
    assert look.students(students=CLASS) == ["annv1"]
    assert seen["2202"] <= 201
    assert 1_000 < seen["opened"] <= 5_000


def test_what_systems_leave_in_a_class_is_nobodys(look: Look) -> None:
    write(look.folder, "s01.ipynb", source=BOTH)
    for name in ("Thumbs.db", "desktop.ini", "__pycache__/x.pyc", "__MACOSX/s02.ipynb"):
        (look.folder / name).parent.mkdir(exist_ok=True)
        (look.folder / name).write_text(notebook(BOTH), encoding="utf-8")
    looked = look()
    assert ([one.student for one in looked.found], looked.passed_over) == (["s01"], [])


@pytest.mark.parametrize("wrong", ["Pooling", "pool-ing", "POOL ing"])
def test_grading_and_importing_tell_the_same_of_a_folder_that_is_called_or_laid_out_wrongly(
    look: Look, wrong: str
) -> None:
    write(look.folder, "an/pooling/x.ipynb", f"binh/{wrong}/x.ipynb", "chi/x.ipynb", source=BOTH)
    told_grading = told(look())
    with open_download(look.folder, max_bytes=2**20, refused=[]) as root:
        download = recognise(look.folder, root, "pooling", "nbgrader")
    assert download.others == [
        f"binh/{wrong}: {told_grading[wrong].partition(': ')[2]}",
        f"chi/x.ipynb: {told_grading['x.ipynb'].partition(': ')[2]}",
    ]
