"""What a submission and a whole download may unpack to is bounded, for each submission: one bomb is refused by name, and the rest imported."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from autograder.errors import GraderError
from autograder.intake import Imported
from autograder.intake.archive import Entry, Refused, everything, open_download, unpacked
from tests.conftest import REPOSITORY, RIGHT, notebook
from tests.intake.test_attacks import GOOD, OUTER, ROSTER, canvas, packed, run

MB = 2**20
"""The most that a file may have in this course."""


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def notebooks(count: int, size: int) -> dict[str, bytes]:
    """Right answers, no two alike, padded with blanks to so many bytes each."""
    return {f"{n:04}.ipynb": notebook(RIGHT, f"n = {n}").encode().ljust(size) for n in range(count)}


def many_names(count: int, length: int) -> bytes:
    return zipped({f"{n:06}".rjust(length, "x"): b"" for n in range(count)})


def encrypted() -> bytes:
    data = bytearray(zipped({"doubling.ipynb": GOOD.encode()}))
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(start) + place
        data[at : at + 2] = struct.pack("<H", 1)
    return bytes(data)


def of_one_body(count: int) -> bytes:
    """A zip whose entries all point at the same packed bytes."""
    body = zipped({"a.ipynb": b" " * (MB - 1)})
    end = body.rindex(b"PK\x05\x06")
    at = body.index(b"PK\x01\x02")
    entry, local = body[at:end], body[:at]
    entries = b"".join(entry.replace(b"a.ipynb", f"{n:05}.p".encode()) for n in range(count))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, min(count, 65535), min(count, 65535), len(entries), at, 0)
    return local + entries + tail


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "many large notebooks": (lambda: zipped(notebooks(30, MB - 10)), "together these files are larger than 4 MB"),
    "many small notebooks": (lambda: zipped(notebooks(300, 1000)), "of which the first 200 were looked at"),
    "a file that is too large": (lambda: zipped({"a.ipynb": b" " * 3 * MB}), "is larger than 1 MB"),
    "packed too densely": (lambda: zipped({"a.ipynb": b" " * (MB + 1)}), "is larger than 1 MB"),
    "too many files": (lambda: many_names(6_000, 10), "holds more than 5,000 files"),
    "names that are too long": (lambda: zipped({"x" * 2_000 + ".ipynb": b""}), "has a name of more than 1,000 characters"),
    "too deep": (lambda: zipped({"a/" * 100 + "x.ipynb": b""}), "lies more than 40 folders deep"),
    "LZMA": (lambda: zipped({"a.ipynb": GOOD.encode()}, zipfile.ZIP_LZMA), "packed by another method"),
    "bzip2": (lambda: zipped({"a.ipynb": GOOD.encode()}, zipfile.ZIP_BZIP2), "packed by another method"),
    "encrypted": (encrypted, "is encrypted"),
    "no zip": (lambda: b"nothing", "is no zip file"),
    "cut off": (lambda: zipped(notebooks(3, 1000))[:-40], "the zip file is damaged"),
    "itself within": (lambda: zipped({"in.zip": zipped({"a.ipynb": GOOD.encode()})}), ""),
    "one body under many names": (lambda: of_one_body(2_000), ""),
    "noise behind a right beginning": (lambda: b"PK\x03\x04" + random.Random(1).randbytes(500_000), "the zip file is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_by_name_and_the_others_are_imported(bomb: str, tmp_path: Path) -> None:
    make, says = BOMBS[bomb]
    data = make()
    honest = {
        "nguyễnthịan_4711_90001_doubling.ipynb": GOOD,
        "trầnvănbình_4712_90002_all.zip": packed({"x.ipynb": GOOD}, OUTER),
    }
    path = tmp_path / "s.zip"
    path.write_bytes(canvas({**honest, "maikẻ_4719_91000_all.zip": data}))
    done, files = run(path)
    assert {"22020001", "22020002"} <= set(done.written)
    mine = {name: len(content) for name, content in files.items() if name.startswith("22020009/")}
    assert sum(mine.values()) <= MB + 100
    said = [line for line in done.refused if line.startswith("maikẻ")]
    assert not says or any(says in line for line in said), done.refused
    assert len(done.refused) < 12
    assert all(len(line) < 1_000 for line in done.refused)
    assert not done.complete


@pytest.mark.parametrize("count", [1, 20])
def test_the_lists_of_many_zips_take_no_more_memory_than_that_of_one(tmp_path: Path, count: int) -> None:
    """All of a student's zips are open at a time, and Python takes hundreds of bytes for each name."""
    long = many_names(2_000, 10)
    names = {f"maikẻ_4719_{91000 + n}_all-{n}.zip": long for n in range(count)}
    path = tmp_path / "s.zip"
    path.write_bytes(canvas({"nguyễnthịan_4711_90001_doubling.ipynb": GOOD, **names}))
    done, _ = run(path)
    assert "22020001" in done.written
    assert any("list" in line for line in done.refused) == (count > 1), done.refused


def test_the_right_notebook_is_found_among_thousands_of_files(tmp_path: Path) -> None:
    """A folder of pictures, or of installed packages, does not keep a notebook from being imported."""
    folder = tmp_path / "m" / "Nguyễn Thị An_101_assignsubmission_file"
    (folder / "data").mkdir(parents=True)
    (folder / "doubling.ipynb").write_text(GOOD, encoding="utf-8")
    for number in range(5_001):
        (folder / "data" / f"{number}.png").touch()
    packages = {f"site-packages/p{number}/x.py": f"x = {number}".encode() for number in range(300)}
    other = tmp_path / "m" / "Trần Văn Bình_102_assignsubmission_file"
    other.mkdir()
    (other / "all.zip").write_bytes(zipped({**packages, "work.ipynb": GOOD.encode()}))
    done, files = run(tmp_path / "m")
    assert files["22020001/doubling/doubling.ipynb"] == files["22020002/doubling/doubling.ipynb"] == GOOD.encode()
    assert [line.partition(": ")[2] for line in done.refused] == [
        "holds more than 5,000 files: those that lie least deep were looked at",
        "holds 301 notebooks and scripts, of which the first 200 were looked at",
    ]


def test_folders_that_go_down_without_end_are_left(tmp_path: Path) -> None:
    deep = tmp_path / "m" / "Nguyễn Thị An_101_assignsubmission_file" / Path(*["d"] * 60)
    deep.mkdir(parents=True)
    (deep / "x.ipynb").write_text(GOOD, encoding="utf-8")
    done, files = run(tmp_path / "m")
    assert files == {}
    assert "has folders more than 40 deep" in done.refused[0]


def test_a_tie_of_many_large_files_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    path.write_bytes(canvas({"maikẻ_4719_91000_all.zip": zipped(notebooks(3, MB - 10))}))
    done, files = run(path)
    assert files == {}
    assert done.ties == ["22020009: 0000.ipynb, 0001.ipynb, 0002.ipynb and more, 3 in all. They were not written"]


def test_what_is_packed_too_densely_is_refused_whatever_a_file_may_have(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({"dense.ipynb": b"\0" * 5_000_000, "text.ipynb": os.urandom(2_000_000).hex().encode()}))
    with open_download(path, max_bytes=50 * MB, refused=[]) as root:
        dense, text = everything(root)
        assert dense.path == PurePosixPath("dense.ipynb")
        with pytest.raises(Refused, match="packed so densely"):
            dense.read()
        assert len(text.read()) == 4_000_000


def test_a_list_of_names_does_not_fill_the_memory() -> None:
    """Not even where files may be large: 3 MB of list is 20,000 names, and could be 60,000."""
    data = many_names(20_000, 120)
    entry = Entry(PurePosixPath("all.zip"), None, len(data), lambda: data)
    with pytest.raises(Refused, match="its list of files alone is larger than 2 MB"):
        with unpacked(entry, max_bytes=50 * MB, refused=[]):
            pass


def test_a_download_whose_list_is_too_long_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(18_000):
            archive.writestr(f"{number:06}".rjust(900, "x"), b"")
    with pytest.raises(GraderError, match=r"its list of files alone is larger than 16 MB. Unpack it"):
        run(path)


@pytest.mark.parametrize("size", [3 * 2**30, 2**20])
def test_a_download_of_gigabytes_takes_no_more_memory_than_a_small_one(size: int, tmp_path: Path) -> None:
    """The process may have a quarter of the download's size, and with the small one may not need it, either."""
    path = tmp_path / "s.zip"
    with open(path, "wb") as file:
        file.truncate(size)  # a zip may begin with anything
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("nguyễnthịan_4711_90001_doubling.ipynb", GOOD)
    code = f"""
import resource
from pathlib import Path
from tests.intake.test_attacks import ROSTER, assignment, import_submissions, task
assignment()
resource.setrlimit(resource.RLIMIT_DATA, (700 * 2**20,) * 2)
done = import_submissions(task(Path({str(path)!r}), ROSTER, Path({str(tmp_path / "out")!r})))
assert list(done.written) == ["22020001"], done
"""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def test_choosing_between_files_of_empty_objects_takes_little_memory(tmp_path: Path) -> None:
    """40 MB of them would be a gigabyte of dicts; which file defines more is found all the same."""
    filler = ("{}," * 14_000_000).encode()
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path, source in zip(paths, ("x = 1", RIGHT), strict=True):
        cell = json.dumps({"cell_type": "code", "source": source})
        path.write_bytes(b'{"cells": [' + filler + cell.encode() + b"]}")
    code = f"""
import resource
from pathlib import Path
from autograder.intake.counting import Candidate, asked_for
from tests.intake.test_attacks import assignment
course = assignment()
resource.setrlimit(resource.RLIMIT_DATA, (700 * 2**20,) * 2)
print([len(Candidate.of(Path(path), Path(path).read_bytes(), asked_for(course)).defines) for path in {[str(path) for path in paths]!r}])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert done.stdout == "[0, 2]\n"


def test_the_report_of_an_import_names_what_was_left_out(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    links = {f"maikẻ_4719_9{n}_all{n}.zip": b"PK\x03\x04" for n in range(1000, 1030)}
    path.write_bytes(canvas(links))
    done: Imported = run(path, ROSTER)[0]
    assert done.refused[0] == "maikẻ, user 4719: holds 30 zip files, of which the first 20 were looked at"
    assert done.refused[-1].endswith("(and 15 more)")
    assert done.empty == [f"22020009: {', '.join(f'all{n}.zip' for n in range(1000, 1005))}"]
