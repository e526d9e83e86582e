"""What a grading run tells a CI system: annotations, a summary in Markdown, JUnit and Code Quality files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.ci.findings import Finding, findings
from autograder.ci.gitlab import code_quality
from autograder.ci.output import annotate, guarded, inert
from autograder.ci.summary import SUMMARY_BYTES, summary
from autograder.errors import GraderError
from autograder.export.junit_format import document as junit
from autograder.files import write_whole
from autograder.overwrite import refuse_another

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.scores.final import Row

__all__ = ["SYSTEMS", "Finding", "annotate", "findings", "guarded", "inert", "summary", "write_reports"]

SYSTEMS = ("github", "gitlab", "plain")


def write_reports(
    *,
    system: str,
    course: Course,
    assignment: Assignment,
    rows: Sequence[Row],
    to: Path,
) -> list[Path]:
    """Write `junit.xml` and `summary.md` into the folder ``to``; for GitLab also `gl-code-quality-report.json`.

    On GitHub the summary becomes the job's, too.

    Args:
        system: one of `SYSTEMS`.
        rows: the final scores of the students that the run was about.

    Raises:
        GraderError: a file cannot be written.
    """
    found = findings([row.result for row in rows if row.result], assignment)
    files = [
        _written(to / "junit.xml", junit(course, assignment, rows)),
        _written(to / "summary.md", summary(assignment, rows, found).encode()),
    ]
    if system == "gitlab":
        files.append(_written(to / "gl-code-quality-report.json", code_quality(found)))
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if system == "github" and page:
        try:
            with open(page, "ab") as file:  # steps before this one in the same job have pages of their own
                left = SUMMARY_BYTES - file.tell()
                file.write(summary(assignment, rows, found, most_bytes=left).encode())
        except OSError as error:
            raise GraderError(f"{page}: the job's summary cannot be written ({error.strerror}).") from None
    return files


def _written(path: Path, content: bytes) -> Path:
    refuse_another(path, content)
    return write_whole(path, content)
