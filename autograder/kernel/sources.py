"""All that grading an assignment needs, as one text that fits into a file or a cell."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, Course


@dataclass(frozen=True)
class Sources:
    """An assignment without its course.

    Attributes:
        assignment: its name.
        secret: what random inputs are derived from. It is the assignment's own: the course's stays at home.
        files: path below a course -> text, sorted.
    """

    assignment: str
    secret: bytes
    files: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, course: Course, assignment: Assignment) -> Sources:
        """Those of an assignment.

        Raises:
            CourseError: the assignment does not validate.
        """
        assignment.validate()
        paths = [
            assignment.toml_path,
            assignment.hidden_tests_path,
            assignment.probes_path,
            assignment.mistakes_path,
            assignment.script_path,
        ]
        files = {
            path.relative_to(assignment.root).as_posix(): path.read_text(encoding="utf-8")
            for path in paths
            if path.exists()
        }
        secret = hashlib.sha256(course.secret + assignment.name.encode()).digest()
        return cls(assignment.name, secret, tuple(sorted(files.items())))

    def to_json(self) -> str:
        """As text; the same sources give the same text."""
        content = {"assignment": self.assignment, "secret": self.secret.hex(), "files": self.files}
        return json.dumps(content, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Sources:
        """From what `to_json` made."""
        content = json.loads(text)
        files = tuple((path, source) for path, source in content["files"])
        return cls(content["assignment"], bytes.fromhex(content["secret"]), files)

    def write(self, root: Path) -> Assignment:
        """Lay the files out below a folder as a course has them."""
        for path, text in self.files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return Assignment(root, self.assignment)
