"""GitLab's Code Quality report: a subset of Code Climate's format, shown in merge requests and pipelines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from autograder.ci.findings import Finding
from autograder.files import strict_json
from autograder.report.words import plain

_SEVERITY = {"error": "major", "warning": "minor"}


def code_quality(found: Sequence[Finding]) -> bytes:
    """The document. Two findings of one notebook have two fingerprints: GitLab shows only one of several alike."""
    entries = []
    for finding in found:
        known = "\0".join((finding.student, finding.path, finding.about, finding.message))
        entries.append(
            {
                "description": plain(f"{finding.student}, {finding.about}: {finding.message}"),
                "check_name": finding.about,
                "fingerprint": hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest(),
                "severity": _SEVERITY[finding.level],
                # Cells are no lines of the file: which one it is, the description says.
                "location": {"path": plain(finding.path), "lines": {"begin": 1}},
            }
        )
    return strict_json(entries)
