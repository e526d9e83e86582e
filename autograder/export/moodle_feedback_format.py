"""Moodle: a zip with each student's page, for "Upload multiple feedback files in a zip"."""

from __future__ import annotations

import zipfile
from io import BytesIO

from autograder.errors import GraderError
from autograder.export.exporter import Change, Export, Exporter
from autograder.export.fill import find_students
from autograder.intake.archive import open_download
from autograder.intake.systems.moodle import moodle_name
from autograder.people.columns import participant_of
from autograder.people.person import Ids, Person
from autograder.scores.final import MISSING

_DATE = (1980, 1, 1, 0, 0, 0)  # the same results make the same zip


def write(export: Export) -> list[Change]:
    """Write a zip whose folders are called as in Moodle's own download: by these, Moodle knows whose each one is."""
    from autograder.report import student_page

    if export.grade_column:
        raise GraderError("The format 'moodle-feedback' fills in no column: leave --grade-column out.")
    template = export.need_template("the submissions downloaded from Moodle (Download all submissions)")
    # Names at the top are Moodle's; a name further down is whatever its student made it.
    with open_download(template, max_bytes=0, refused=[]) as root:
        if (
            len(inner := root.folders()) == 1
            and not root.files()
            and not moodle_name(inner[0].path.name, is_folder=True)
        ):
            root = inner[0]  # packed again, with a folder around it
        names = [(one.path.name, True) for one in root.folders()] + [(one.path.name, False) for one in root.files()]
    read = {name: found for name, is_folder in names if (found := moodle_name(name, is_folder=is_folder))}
    if not read:
        raise GraderError(
            f"{template}: is no download of submissions from Moodle: no name in it holds _assignsubmission_."
        )
    people, folders = {}, {}
    for number, name in enumerate(sorted(read)):
        found = read[name]
        people[number] = (
            Person(found.name, (found.number,), Ids.PARTICIPANT, (participant_of(export.assignment.name),)),
        )
        ending = "" if name.endswith("_assignsubmission_file") else "_"  # newer sites' folders end without it
        folders[number] = f"{found.name}_{found.number}_assignsubmission_file{ending}"
    matched = find_students(export, people)  # feedback must not go to whoever took another's name
    pages: dict[str, bytes] = {}
    for number, row in matched.students.items():
        if row.status == MISSING:
            continue
        pages[f"{folders[number]}/feedback.html"] = student_page(
            course=export.course, assignment=export.assignment, row=row
        ).encode()
    if not pages:
        raise GraderError(
            f"{template}: nobody in it has a result of {export.assignment.name}, so there is no page to write. `grader grade {export.assignment.name}` "
            "the submissions first, or see whether this is another assignment's download."
        )
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(pages):
            archive.writestr(zipfile.ZipInfo(name, _DATE), pages[name], zipfile.ZIP_DEFLATED)
    export.save(buffer.getvalue())
    return matched.left


EXPORTER = Exporter(write, suffix=".zip", template=True)
