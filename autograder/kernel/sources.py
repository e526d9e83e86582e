"""All that grading an assignment needs, as one text that fits into a file or a cell."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.files import read_text, write_whole
from autograder.language import ENGLISH


@dataclass(frozen=True)
class Sources:
    """An assignment without its course.

    Attributes:
        assignment: its name.
        secret: what random inputs are derived from. It is the assignment's own: the course's stays at home.
        files: path below a course -> text, sorted.
        shipped: path beside the notebook -> content of what students get with it, sorted.
        language: the course's, which students are told in.
    """

    assignment: str
    secret: bytes
    files: tuple[tuple[str, str], ...]
    shipped: tuple[tuple[str, bytes], ...] = ()
    language: str = ENGLISH

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
        files = {path.relative_to(assignment.root).as_posix(): read_text(path) for path in paths if path.exists()}
        secret = hashlib.sha256(course.secret + assignment.name.encode()).digest()
        shipped = tuple(assignment.shipped.items())
        return cls(assignment.name, secret, tuple(sorted(files.items())), shipped, course.language)

    def to_json(self) -> str:
        """As text; the same sources give the same text."""
        content: dict[str, Any] = {"assignment": self.assignment, "secret": self.secret.hex(), "files": self.files}
        if self.language != ENGLISH:
            content["language"] = self.language
        if self.shipped:
            content["shipped"] = [(path, base64.b64encode(data).decode()) for path, data in self.shipped]
        return json.dumps(content, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Sources:
        """From what `to_json` made."""
        content = json.loads(text)
        files = tuple((path, source) for path, source in content["files"])
        shipped = tuple((path, base64.b64decode(data)) for path, data in content.get("shipped", ()))
        language = content.get("language", ENGLISH)
        return cls(content["assignment"], bytes.fromhex(content["secret"]), files, shipped, language)

    def write(self, root: Path) -> Assignment:
        """Lay the files out below a folder as a course has them."""
        for path, text in self.files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        for path, data in self.shipped:
            write_whole(root / "assignments" / self.assignment / path, data)
        return Assignment(root, self.assignment)
