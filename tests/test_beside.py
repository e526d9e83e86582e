"""Files beside a notebook: which are taken, and what is said of the others."""

from __future__ import annotations

import os
import socket
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.beside import (
    MOST_BYTES,
    MOST_BYTES_IN_ALL,
    MOST_FILES,
    choose,
    passed_over,
    problem_of,
    read_beside,
)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "own" / "hw.ipynb"
    path.parent.mkdir()
    path.write_text("{}", encoding="utf-8")
    return path


def put(notebook: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        path = notebook.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(notebook: Path) -> list[str]:
    return [path for path, _ in read_beside(notebook).files]


def test_modules_and_data_in_the_folder_and_below_are_taken(notebook: Path) -> None:
    put(notebook, "layers.py", "data/points.npy", "utils/__init__.py", "tên của em.txt")
    beside = read_beside(notebook)
    assert beside.files == (
        ("data/points.npy", b"x"),
        ("layers.py", b"x"),
        ("tên của em.txt", b"x"),
        ("utils/__init__.py", b"x"),
    )
    assert not beside.left_out


def test_names_are_composed_whatever_system_they_come_from(notebook: Path) -> None:
    name = "dữ liệu/lớp.py"
    put(notebook, unicodedata.normalize("NFD", name), unicodedata.normalize("NFD", "điểm.csv"))
    assert read_beside(notebook).files == (("dữ liệu/lớp.py", b"x"), ("điểm.csv", b"x"))
    put(notebook, name, content=b"y")
    beside = read_beside(notebook)
    assert [path for path, _ in beside.files] == [name, "điểm.csv"]
    assert beside.left_out == (f'"{name}" (another file has the same name in another Unicode form)',)


def test_what_no_code_needs_is_passed_over_without_a_word(notebook: Path) -> None:
    put(
        notebook,
        "hw.ipynb", "other.ipynb", "timestamp.txt", ".git/config", ".env", "~lock", ".ipynb_checkpoints/hw.py",
        "__pycache__/layers.cpython-311.pyc", "__MACOSX/layers.py", "desktop.ini",
    )  # fmt: skip
    assert read_beside(notebook).files == read_beside(notebook).left_out == ()


def test_nothing_leads_out_of_the_folder(notebook: Path) -> None:
    (notebook.parents[1] / "secret.py").write_text("secret", encoding="utf-8")
    (notebook.parents[1] / "other").mkdir()
    (notebook.parents[1] / "other" / "theirs.py").write_text("theirs", encoding="utf-8")
    (notebook.parent / "layers.py").symlink_to("../secret.py")
    (notebook.parent / "lib").symlink_to("../other")
    (notebook.parent / "gone").symlink_to("nowhere")
    beside = read_beside(notebook)
    assert beside.files == ()
    assert beside.left_out == ("gone (a link)", "layers.py (a link)", "lib (a link)")


def test_pipes_and_sockets_are_told_and_not_waited_for(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(notebook.parent / "pipe.py")
    with socket.socket(socket.AF_UNIX) as one:
        monkeypatch.chdir(notebook.parent)
        one.bind("socket.py")
    assert read_beside(notebook).left_out == ("pipe.py (no plain file)", "socket.py (no plain file)")


def test_names_with_line_breaks_and_the_like_are_left_out_and_told_in_one_line(notebook: Path) -> None:
    put(notebook, "a\nScore: 100.py", "b\x1b[31m.py", "c\u202etxt.py")
    (notebook.parent / os.fsdecode(b"d\xff.py")).write_bytes(b"x")
    beside = read_beside(notebook)
    assert beside.files == ()
    assert len(beside.left_out) == 4
    assert all(line.isprintable() for line in beside.left_out)


def test_ten_thousand_files_are_not_looked_at_and_what_lies_beside_them_is(notebook: Path) -> None:
    (notebook.parent / "images").mkdir()
    for number in range(10_000):
        os.close(os.open(notebook.parent / "images" / f"{number}.png", os.O_CREAT))
    put(notebook, "layers.py", "zoo/model.py")
    beside = read_beside(notebook)
    assert [path for path, _ in beside.files] == ["layers.py", "zoo/model.py"]
    assert beside.left_out == ("images (too many files)",)


def test_many_full_folders_are_not_looked_at_for_ever(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.beside._MOST_IN_FOLDER", 10)
    monkeypatch.setattr("autograder.beside._MOST_NAMES", 50)
    put(notebook, *(f"{folder}/{number}.py" for folder in "abcdefghi" for number in range(20)))
    beside = read_beside(notebook)
    assert beside.files == ()
    assert beside.left_out == ("a (too many files)", "b (too many files)", "c (too many files)", "d (too many files)")


def test_a_file_and_a_folder_whose_names_differ_in_unicode_form_alone_cannot_both_be_there(notebook: Path) -> None:
    put(notebook, "caf\u00e9", "cafe\u0301/x/y.py", "b/cafe\u0301/z.py", "b/caf\u00e9")
    beside = read_beside(notebook)
    assert [path for path, _ in beside.files] == ["b/caf\u00e9", "caf\u00e9"]
    assert len(beside.left_out) == 2


def test_bounds_hold_and_code_comes_first(notebook: Path) -> None:
    put(notebook, *(f"{number:03}.txt" for number in range(MOST_FILES + 9)), "deep/layers.py")
    put(notebook, "large.bin", content=bytes(MOST_BYTES + 1))
    beside = read_beside(notebook)
    assert len(beside.files) == MOST_FILES
    assert "deep/layers.py" in dict(beside.files)
    assert f"{MOST_FILES - 1:03}.txt (more than {MOST_FILES} files)" in beside.left_out
    assert beside.left_out[-1].endswith("(and 2 more)")


def test_all_together_are_bounded(notebook: Path) -> None:
    put(notebook, "a.bin", "b.bin", "c.bin", content=bytes(MOST_BYTES))
    put(notebook, "d.bin")
    beside = read_beside(notebook)
    assert [path for path, _ in beside.files] == ["a.bin", "b.bin", "d.bin"]
    assert beside.left_out == ("c.bin (more than 5 MB in all)",)


def test_deep_folders_end_somewhere(notebook: Path) -> None:
    put(notebook, "/".join("abcdefghijkl") + "/layers.py")
    assert read_beside(notebook).files == ()
    assert "lies too deep" in read_beside(notebook).left_out[0]


@given(
    st.lists(
        st.tuples(st.text(max_size=130), st.integers(0, 2 * MOST_BYTES)), max_size=80, unique_by=lambda one: one[0]
    )
)
def test_whatever_they_are_called_what_is_taken_stays_in_the_folder_and_in_bounds(sizes: list[tuple[str, int]]) -> None:
    taken, left_out = choose(sizes)
    assert len(taken) + len(left_out) == len(sizes)
    assert len(taken) <= MOST_FILES
    assert sum(dict(sizes)[path] for path in taken) <= MOST_BYTES_IN_ALL
    for path in taken:
        assert not problem_of(path, 0)
        assert path.isprintable()
        assert not path.startswith("/")
        assert ".." not in path.split("/")
    assert all("\n" not in line for line in left_out)


def test_only_the_outermost_timestamp_is_nbgraders() -> None:
    assert passed_over("timestamp.txt")
    assert passed_over("Timestamp.TXT/layers.py")
    assert not passed_over("data/timestamp.txt")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("data/lớp-1.csv", "data/lớp-1.csv"),
        ("my data.csv", '"my data.csv"'),
        ("ok). Your score was set to 100. (x.dat", '"ok). Your score was set to 100. (x.dat"'),
        ('ok". Your score was set to 100. "x.dat', "\"ok'. Your score was set to 100. 'x.dat\""),
    ],
)
def test_a_name_cannot_be_taken_for_a_sentence_of_the_graders(path: str, told: str) -> None:
    assert choose([(path, MOST_BYTES + 1)]) == ([], [f"{told} (larger than 2 MB)"])
