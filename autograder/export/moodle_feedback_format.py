"""Moodle: a zip with each student's page, for "Upload multiple feedback files in a zip"."""

from __future__ import annotations

import zipfile
from io import BytesIO

from autograder.errors import GraderError
from autograder.export.exporter import Export, Exporter
from autograder.export.fill import Change, find_students
from autograder.intake.archive import open_download
from autograder.intake.sources import MOODLE, Person

_DATE = (1980, 1, 1, 0, 0, 0)  # the same results make the same zip


def write(export: Export) -> list[Change]:
    """Write a zip whose folders are called as in Moodle's own download: by these, Moodle knows whose each one is."""
    from autograder.report import student_page

    template = export.need_template("the submissions downloaded from Moodle (Download all submissions)")
    entries = open_download(template, max_bytes=2**40, refused=[])
    parts = sorted({part for entry in entries for part in entry.path.parts if MOODLE.match(part)})
    if not parts:
        raise GraderError(
            f"{template}: is no download of submissions from Moodle: no name in it holds _assignsubmission_."
        )
    people, folders = {}, {}
    for number, part in enumerate(parts):
        match = MOODLE.match(part)
        assert match is not None
        people[number] = Person(match["name"], (match["number"],))
        ending = "" if part.endswith("_assignsubmission_file") else "_"  # newer sites' folders end without it
        folders[number] = f"{match['name']}_{match['number']}_assignsubmission_file{ending}"
    students = find_students(export, people)
    changes = [
        Change(people[number].name, "", None, "is not in the gradebook") for number in people if number not in students
    ]
    pages: dict[str, bytes] = {}
    for number, row in students.items():
        if row.result is None:
            continue
        pages[f"{folders[number]}/feedback.html"] = student_page(
            course=export.course, assignment=export.assignment, result=row.result, name=row.student.name
        ).encode()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(pages):
            archive.writestr(zipfile.ZipInfo(name, _DATE), pages[name], zipfile.ZIP_DEFLATED)
    export.save(buffer.getvalue())
    return changes


EXPORTER = Exporter(write, suffix=".zip", template=True)
