"""Nothing that a student can write is taken for an import's note."""

from dataclasses import asdict
from pathlib import Path

import pytest

from autograder.files import strict_json
from autograder.notebook.note import Note, read_note, write_note


@pytest.mark.parametrize("root", ["submitted", "unpacked"])
def test_an_imports_note_is_read_again(tmp_path: Path, root: str) -> None:
    folder = tmp_path / root / "an" / "pooling"
    folder.mkdir(parents=True)
    note = Note(("layers.py",), late=True, handed_in=("a.ipynb", "b.ipynb"), time=5)
    write_note(folder, note)
    assert read_note(folder) == note
    assert list(folder.iterdir()) == []
    write_note(folder, Note())
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize(
    "place",
    [
        "submitted/an/pooling/.imported",
        "submitted/an/pooling/.pooling.imported",
        "submitted/an/pooling/pooling/.pooling.imported",
        "clones/an/pooling/.imported",
        "clones/an/.pooling.imported",
        "clones/.pooling.imported",
        "submitted/binh/.pooling.imported",
    ],
)
def test_a_note_of_a_students_own_says_nothing(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_bytes(strict_json({"format": 1, **asdict(Note(given=True, time=1))}))
    (tmp_path / "submitted/binh/.git").mkdir(parents=True)
    for folder in ("submitted/an/pooling", "submitted/binh/pooling", "clones/an/pooling", "clones/an"):
        assert read_note(tmp_path / folder) == Note()


@pytest.mark.parametrize("sign", ["é", "\udc80", "\U0001f40d", '"'])
def test_names_that_a_student_has_chosen_cannot_make_a_note_too_long_to_be_read(tmp_path: Path, sign: str) -> None:
    folder = tmp_path / "submitted" / "an" / "pooling"
    folder.mkdir(parents=True)
    write_note(
        folder, Note(tuple(f"{n}{sign * 90}" for n in range(50)), late=True, handed_in=(sign * 1000,) * 200, time=5)
    )
    assert read_note(folder).late
    assert read_note(folder).handed_in == (sign * 255,) * 200
