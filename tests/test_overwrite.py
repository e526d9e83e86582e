"""What is written replaces what an earlier run wrote, and nothing of another kind."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.overwrite import refuse_another, refuse_another_kind_of_place


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
SCORES = "\ufeffstudent,name,email,status,submitted_at,score,max_score,conv\nan,An,,graded,,1,2,1\n".encode()
ROSTER = b"student,name,email\nan,An,\n"
WORKSHEET = b"Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed\r\nParticipant 1,An,x,,100,Yes\r\n"
FEEDBACK = zipped("An_7_assignsubmission_file_/feedback.html", "Chi_9_assignsubmission_file_/feedback.html")
SUBMISSIONS = zipped("An_7_assignsubmission_file_/pooling.ipynb", "Chi_9_assignsubmission_file_/a.ipynb")
RESULTS = json.dumps({"score": 1, "output": "", "tests": []}).encode()
JUNIT = b'<?xml version="1.0"?>\n<testsuites name="INT3414 pooling" tests="1"></testsuites>'
PYTEST = b'<?xml version="1.0"?><testsuites name="pytest tests"></testsuites>'
TOML = b'title = "Course"\n'
ALL = [NOTEBOOK, SCORES, ROSTER, WORKSHEET, FEEDBACK, SUBMISSIONS, RESULTS, JUNIT, PYTEST, TOML]
ALL += [
    b"SQLite format 3\0" + bytes(100),
    b"## Pooling\n",
    b"# Notes\n",
    b"<!DOCTYPE html><title>My site</title>",
    b"\xff\xd8jpg\0",
]


@pytest.mark.parametrize("there", ALL)
@pytest.mark.parametrize("new", [SCORES, WORKSHEET, FEEDBACK, RESULTS, JUNIT])
def test_another_kind_of_file_is_not_replaced(there: bytes, new: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(there)
    if there == new:
        refuse_another(path, new)
        return
    with pytest.raises(GraderError, match="another file is here, which would be lost"):
        refuse_another(path, new)


@pytest.mark.parametrize(
    ("there", "new"),
    [
        (SCORES, SCORES.replace(b",conv", b",conv,pool,explanation")),
        (FEEDBACK, zipped("Ha_8_assignsubmission_file_/feedback.html")),
        (RESULTS, json.dumps({"score": 2, "output": "x", "tests": [1], "leaderboard": []}).encode()),
        (JUNIT, JUNIT.replace(b'tests="1"', b'tests="7"').replace(b"pooling", b"conv")),
        (WORKSHEET, WORKSHEET.replace(b",,100", b",90,100")),
        (b"## Pooling\n\n3 submissions", b"## Convolution\n"),
        (b"[]\n", b'[{"description": "x"}]'),
        (b"", SCORES),
    ],
)
def test_an_earlier_one_is_replaced(there: bytes, new: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(there)
    refuse_another(path, new)


def test_folders_pipes_and_places_of_another_kind_are_refused(tmp_path: Path) -> None:
    import os

    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    refuse_another(tmp_path / "nothing", b"x")
    with pytest.raises(GraderError, match="is a folder, and a file is to be written"):
        refuse_another(tmp_path / "folder", b"x")
    with pytest.raises(GraderError, match="is no regular file"):
        refuse_another(tmp_path / "pipe", b"x")
    with pytest.raises(GraderError, match="is a file, and a report is a folder"):
        refuse_another_kind_of_place(tmp_path / "file", folder=True, what="a report")
    with pytest.raises(GraderError, match="is a folder, and an export is a file"):
        refuse_another_kind_of_place(tmp_path / "folder", folder=False, what="an export")
