"""Whose a file is: from its name, or from nbgrader's folders."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import GraderError, SubmissionError
from autograder.notebook import find_submissions, read_submission
from autograder.notebook.note import Note, write_note
from autograder.result import short_id


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("s01.ipynb", "s01"),
        ("s01.py", "s01"),
        ("s01 (1).ipynb", "s01"),
        ("Copy of s01.ipynb", "s01"),
        ("Bản sao của s01.ipynb", "s01"),
        ("s01-Copy1.ipynb", "s01"),
        ("pooling_s01.ipynb", "s01"),
        ("s01_pooling.ipynb", "s01"),
        ("pooling.ipynb", "pooling"),
        ("nguyễn.ipynb", "nguyễn"),
    ],
)
def test_the_file_name_says_whose_it_is(tmp_path: Path, name: str, student: str) -> None:
    write(tmp_path, name)
    assert [found.student for found in find_submissions("pooling", [tmp_path])] == [student]


def test_a_known_id_anywhere_in_the_name_wins(tmp_path: Path) -> None:
    write(tmp_path, "BT3 - Trần Văn B - 22020117 (final).ipynb")
    assert find_submissions("pooling", [tmp_path], ["22020117", "2202"])[0].student == "22020117"


def test_a_name_with_two_known_ids_is_not_guessed(tmp_path: Path) -> None:
    write(tmp_path, "a1_and_b2.ipynb")
    assert find_submissions("pooling", [tmp_path], ["a1", "b2"])[0].student == "a1_and_b2"


def test_what_is_no_submission_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "s01.ipynb", ".ipynb_checkpoints/s01-checkpoint.ipynb", "notes.txt", ".hidden.ipynb", "~lock.ipynb")
    assert [found.student for found in find_submissions("pooling", [tmp_path])] == ["s01"]


def test_nbgraders_layout(tmp_path: Path) -> None:
    root = tmp_path / "submitted"
    write(
        root,
        "bob/pooling/pooling.ipynb",
        "bob/pooling/scratch.ipynb",
        "ann/pooling/renamed.ipynb",
        "ann/other/other.ipynb",
    )
    (root / "bob" / "pooling" / "timestamp.txt").write_text("2026-11-20 15:58:23.948203 UTC", encoding="utf-8")
    found = find_submissions("pooling", [root])
    assert [(one.student, one.path.name) for one in found] == [("ann", "renamed.ipynb"), ("bob", "pooling.ipynb")]
    assert found[1].submitted_at == datetime(2026, 11, 20, 15, 58, 23, 948203, UTC)


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "clones/ann/pooling/pooling.ipynb", "clones/bob/README.md")
    (tmp_path / "clones" / "bob" / "pooling").symlink_to("../ann/pooling")
    ann, bob = find_submissions("pooling", [tmp_path / "clones"])
    assert (ann.student, bob.student) == ("ann", "bob")
    assert ann.path.name == "pooling.ipynb"
    with pytest.raises(SubmissionError, match="it is a link"):
        read_submission(bob.path, max_bytes=1000)


@pytest.mark.parametrize("path", ["submitted/ann/pooling/pooling.ipynb", "submitted/ann/pooling", "submitted/ann"])
def test_a_part_of_nbgraders_layout(tmp_path: Path, path: str) -> None:
    write(tmp_path, "submitted/ann/pooling/pooling.ipynb")
    if path == "submitted/ann":
        (tmp_path / "submitted" / "ann" / "unrelated").mkdir()
    assert [one.student for one in find_submissions("pooling", [tmp_path / path])] == ["ann"]


def test_two_files_of_one_student_are_a_problem_that_names_both(tmp_path: Path) -> None:
    write(tmp_path, "s01.ipynb", "s01 (1).ipynb", "s02.ipynb")
    one, two = find_submissions("pooling", [tmp_path])
    assert "s01.ipynb" in one.problem
    assert "s01 (1).ipynb" in one.problem
    assert two.problem == ""


def test_the_same_file_given_twice_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, "s01.ipynb")
    assert find_submissions("pooling", [tmp_path, tmp_path / "s01.ipynb"])[0].problem == ""


def test_nothing_found_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"looked for \*.ipynb"):
        find_submissions("pooling", [tmp_path])


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="nowhere"):
        find_submissions("pooling", [tmp_path / "nowhere"])


def test_a_folder_given_through_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "real", "s01.ipynb")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [found.student for found in find_submissions("pooling", [tmp_path / "link"])] == ["s01"]


def test_a_file_that_is_no_submission_is_nobodys(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt")
    with pytest.raises(GraderError, match=r"notes.txt: is no submission. Submissions are .ipynb and .py files"):
        find_submissions("pooling", [tmp_path / "notes.txt"])


def test_an_id_is_of_bounded_length_and_printable_wherever_it_comes_from(tmp_path: Path) -> None:
    long = "\N{LATIN SMALL LETTER I WITH MACRON}" * 120  # 240 bytes, the longest that a file system takes
    write(tmp_path, f"{long}.ipynb", "in\x07between/pooling/pooling.ipynb")
    (tmp_path / os.fsdecode(b"caf\xe9.ipynb")).write_text("{}", encoding="utf-8")
    found = [one.student for one in find_submissions("pooling", [tmp_path])]
    assert sorted(found) == sorted([long, "in_between", "caf_"])
    assert len(short_id("x" * 5000)) == 200


def test_only_a_folder_in_nbgraders_layout_is_a_students_own(tmp_path: Path) -> None:
    write(tmp_path, "flat/an.ipynb", "flat/binh.py", "class/an/pooling/hw.ipynb", "submitted/an/pooling/hw.ipynb")

    def own(path: str) -> list[bool]:
        return [found.own_folder for found in find_submissions("pooling", [tmp_path / path])]

    assert own("flat") == [False, False]
    assert own("flat/an.ipynb") == [False]
    assert own("class") == [True]
    assert own("class/an/pooling/hw.ipynb") == [False]
    for path in ("submitted", "submitted/an", "submitted/an/pooling", "submitted/an/pooling/hw.ipynb"):
        assert own(path) == [True]


def test_a_script_of_the_assignments_name_counts_and_other_scripts_are_its_modules(tmp_path: Path) -> None:
    write(tmp_path, "an/pooling/pooling.py", "an/pooling/layers.py", "binh/pooling/hw.py", "binh/pooling/layers.py")
    write(tmp_path, "chi/pooling/hw.ipynb", "chi/pooling/pooling.py", "chi/pooling/layers.py")
    an, binh, chi = find_submissions("pooling", [tmp_path])
    assert (an.path.name, an.problem) == ("pooling.py", "")
    assert "2 files were submitted" in binh.problem
    assert (chi.path.name, chi.problem) == ("hw.ipynb", "")


def test_no_date_of_a_file_is_the_time_of_handing_in(tmp_path: Path) -> None:
    """A download or a copy has its own; only nbgrader's stamp in a student's own folder, and what an import has noted, say when."""
    write(tmp_path, "an/pooling/hw.ipynb", "an/pooling/layers.py", "flat/binh.ipynb", "flat/timestamp.txt")
    (tmp_path / "flat/timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    (an,) = find_submissions("pooling", [tmp_path])
    (binh,) = find_submissions("pooling", [tmp_path / "flat"])
    assert (an.submitted_at, an.late) == (None, False)
    assert (binh.submitted_at, binh.late) == (None, False)
    (tmp_path / "an/pooling/timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    write_note(tmp_path / "an/pooling", Note(late=True, given=True))
    (an,) = find_submissions("pooling", [tmp_path])
    assert (an.submitted_at, an.late, an.given) == (datetime(2020, 1, 1, tzinfo=UTC), True, True)
