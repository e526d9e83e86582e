"""Modules and data that were handed in with a notebook come along with it, in every system, and are graded with it."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.beside import MOST_FILES
from autograder.commands import grade
from autograder.course import Course
from autograder.intake import Imported
from tests.conftest import RIGHT, notebook
from tests.intake.test_attacks import packed
from tests.intake.test_import import GOOD, GRADESCOPE, ROSTER, importer, zipped

__all__ = ["importer"]

USES = notebook("from layers import *\nassert open('data/two.txt').read() == '2'")
FILES: dict[str, str | bytes] = {"hw.ipynb": USES, "layers.py": RIGHT, "data/two.txt": "2"}
FLAT: dict[str, str | bytes] = {"hw.ipynb": notebook("from layers import *"), "layers.py": RIGHT}
assert "22020001" in ROSTER


def below(folder: str, files: dict[str, str | bytes]) -> dict[str, str | bytes]:
    return {f"{folder}{name}": content for name, content in files.items()}


LAYOUTS: dict[str, dict[str, str | bytes]] = {
    "canvas, single files": {
        "nguyễnthịan_4711_90001_hw-1.ipynb": FLAT["hw.ipynb"],
        "nguyễnthịan_4711_90002_layers-1.py": RIGHT,
        "trầnvănbình_4712_90003_layers.py": "def double(x): return 0",
    },
    "canvas, a zip": {"nguyễnthịan_4711_90001_all.zip": packed(FILES, (2026, 12, 7, 20, 0, 0))},
    "canvas, a zip with a folder in it": {"nguyễnthịan_4711_90001_all.zip": packed(below("hw 1/src/", FILES), (2026, 12, 7, 20, 0, 0))},
    "moodle, in folders": below("Nguyễn Thị An_101_assignsubmission_file/", FILES),
    "moodle, not in folders": below("Nguyễn Thị An_101_assignsubmission_file_", FLAT),
    "gradescope": {
        "assignment_9_export/submission_metadata.yml": GRADESCOPE,
        **below("assignment_9_export/submission_1/", FILES),
        **below("assignment_9_export/submission_2/", {"layers.py": "def double(x): return 0"}),
    },
    "nbgrader": {**below("submitted/22020001/doubling/", FILES), "submitted/22020002/doubling/layers.py": "x = 1"},
    "nbgrader's exchange": below("inbound/22020001+doubling+2026-12-07 13:00:00 UTC/", FILES),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_lies_beside_a_notebook_comes_along(
    layout: str, course: Course, tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    done = importer(zipped(tmp_path / "download.zip", LAYOUTS[layout]))
    assert "22020001" in done.written, done
    assert not any("left out" in remark for remark in done.remarks)
    run = grade(course=course.root, assignment="doubling", paths=[tmp_path / "out" / "submitted" / "22020001"])
    assert run.results[0].score == 100, run.results[0]


def test_a_clone_brings_its_modules(course: Course, tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    clone = tmp_path / "clones" / "doubling-an"
    for name, content in {**FILES, ".git/HEAD": "ref: refs/heads/main\n", "README.md": "# Hello"}.items():
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(content), encoding="utf-8")
    (clone / "secret.txt").symlink_to("/etc/passwd")
    (tmp_path / "clones" / "doubling-binh" / ".git").mkdir(parents=True)
    done = importer(tmp_path / "clones")
    folder = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    assert done.written["22020001"] == folder / "doubling.ipynb"
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == ["README.md", "data/two.txt", "doubling.ipynb", "layers.py", "timestamp.txt"]
    assert any("secret.txt: is a symbolic link" in line for line in done.refused)
    run = grade(course=course.root, assignment="doubling", paths=[folder.parents[1]])
    assert run.results[0].score == 100


def test_a_notebook_counts_with_the_modules_that_it_imports(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    """Not `layers.py`, though it defines more than the notebook that stands on it; nor a copy of the notebook with nothing in it."""
    files = {**FLAT, "old.ipynb": notebook("def double(x): return x")}
    done = importer(zipped(tmp_path / "m.zip", below("Nguyễn Thị An_101_assignsubmission_file/", files)))
    assert done.written["22020001"].read_text(encoding="utf-8") == FLAT["hw.ipynb"]


def test_the_next_import_leaves_nothing_of_the_one_before_and_all_that_is_not_an_imports(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    folder = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    mine = ("comments.md", "feedback/page.html", "data/plan.txt")
    for name in mine:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("the instructor's")
    place = "Nguyễn Thị An_101_assignsubmission_file/"
    importer(zipped(tmp_path / "1.zip", below(place, {**FILES, "data/deep/x.txt": "x", "points": "1"})))
    later = (2026, 12, 9, 20, 0, 0)
    second = {"hw.ipynb": GOOD, "points/a.txt": "2", "comments.md": "3"}
    done = importer(zipped(tmp_path / "2.zip", below(place, second), later))
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == sorted(["doubling.ipynb", "points/a.txt", *mine])
    assert all((folder / name).read_text() == "the instructor's" for name in mine)
    assert any("comments.md (something that is no file of an import" in remark for remark in done.remarks)


def test_a_list_of_files_that_a_student_made_removes_nothing_elsewhere(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    own, theirs = (tmp_path / "out" / "submitted" / student / "doubling" for student in ("22020001", "22020002"))
    for folder in (own, theirs):
        folder.mkdir(parents=True)
        (folder / "two.txt").write_text("2")
    (own / "link").symlink_to(theirs)
    names = ["../../22020002/doubling/two.txt", str(theirs / "two.txt"), "link/two.txt", "..", "", ".", "\xff"]
    note = {"format": 1, "files": names, "late": False, "given": False, "downloaded": 0}
    (own.parent / ".doubling.imported").write_text(json.dumps(note), encoding="utf-8")
    importer(zipped(tmp_path / "m.zip", below("Nguyễn Thị An_101_assignsubmission_file/", FLAT)))
    assert (theirs / "two.txt").read_text() == (own / "two.txt").read_text() == "2"


def test_what_is_left_out_is_named(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    files = FLAT | {f"images/{number:04}.png": "x" for number in range(1000)} | {"Timestamp.txt/x.py": "1"}
    done = importer(zipped(tmp_path / "m.zip", below("Nguyễn Thị An_101_assignsubmission_file/", files)))
    (remark,) = [one for one in done.remarks if "left out" in one]
    assert remark.startswith("22020001: left out of the files beside the notebook: images/")
    assert "more)" in remark
    folder = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    assert (
        len([path for path in folder.rglob("*") if path.is_file()]) <= MOST_FILES + 3
    )  # the notebook, the time, and the list
    assert (folder / "layers.py").is_file()
    assert (folder / "doubling.ipynb").is_file()
    assert not (folder / "timestamp.txt").exists()


def test_nothing_is_written_through_a_link_in_a_students_folder(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    """A folder that nbgrader has collected may hold one that leads to somebody else's."""
    own, theirs = (tmp_path / "out" / "submitted" / student / "doubling" for student in ("22020001", "22020002"))
    for folder in (own, theirs):
        folder.mkdir(parents=True)
    (theirs / "doubling.ipynb").write_text("theirs")
    (theirs / "two.txt").write_text("theirs")
    (own / "data").symlink_to("../../22020002/doubling")
    (own / "layers.py").symlink_to("../../22020002/doubling/doubling.ipynb")
    done = importer(zipped(tmp_path / "m.zip", below("Nguyễn Thị An_101_assignsubmission_file/", FILES)))
    assert {path.name: path.read_text() for path in theirs.iterdir()} == {
        "doubling.ipynb": "theirs",
        "two.txt": "theirs",
    }
    assert (own / "layers.py").read_text() == RIGHT
    assert any("data/two.txt (something that is no file of an import" in remark for remark in done.remarks)


def test_a_folder_of_the_notebooks_name_is_told_and_nothing_is_lost(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    folder = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    (folder / "doubling.ipynb").mkdir(parents=True)
    (folder / "old.ipynb").write_text(GOOD)
    done = importer(zipped(tmp_path / "m.zip", below("Nguyễn Thị An_101_assignsubmission_file/", FILES)))
    assert any("doubling.ipynb is a folder" in line for line in done.refused)
    assert "22020001" not in done.written
    assert sorted(os.listdir(folder)) == ["doubling.ipynb", "old.ipynb"]


def test_names_that_lead_outside_are_refused(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    inner = {
        **FLAT,
        "../../22020002/doubling/doubling.ipynb": GOOD,
        "/etc/x.py": "1",
        "a\nb.py": "2",
        "c" * 300 + ".py": "3",
        "..\\x.py": "4",
        "doubling.ipynb/y.py": "5",
    }
    done = importer(
        zipped(tmp_path / "m.zip", {"nguyễnthịan_4711_90001_all.zip": packed(inner, (2026, 12, 7, 20, 0, 0))})
    )
    assert list(done.written) == ["22020001"]
    out = tmp_path / "out"
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == [
        f"submitted/22020001/{name}" for name in (".doubling.imported", "doubling/doubling.ipynb", "doubling/layers.py")
    ]
    assert any("leads outside" in line for line in done.refused)
    (remark,) = [one for one in done.remarks if "left out" in one]
    assert remark.isprintable()
    assert "doubling.ipynb/y.py (has the name that the notebook gets)" in remark


def test_a_link_and_an_encrypted_file_in_a_zip_are_left_out(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    path = tmp_path / "inner.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FLAT.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 12, 7, 20, 0, 0)), content)
        link = zipfile.ZipInfo("passwd.txt", (2026, 12, 7, 20, 0, 0))
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    done = importer(zipped(tmp_path / "c.zip", {"nguyễnthịan_4711_90001_all.zip": path.read_bytes()}))
    folder = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    assert sorted(os.listdir(folder)) == ["doubling.ipynb", "layers.py"]
    assert any("passwd.txt" in line and "is a symbolic link" in line for line in done.refused)
