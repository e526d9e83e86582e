"""A course and its assignments: read and checked from `assignments/`, `solutions/` and `course.toml`."""

from __future__ import annotations

import contextlib
import copy
import difflib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from autograder import __version__
from autograder.course.script import Role, ScriptCell, read_script
from autograder.course.tests import TestSpec, read_hidden_tests
from autograder.errors import CourseError

FileT = TypeVar("FileT", bound=BaseModel)
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LatePolicy(_Model):
    """What a late submission loses, computed on export, never stored."""

    grace_minutes: Annotated[float, Field(ge=0)] = 0
    percent_per_day: Annotated[float, Field(ge=0, le=100)] = 0
    """Of the points earned, for each day begun."""
    max_days: Annotated[int, Field(ge=0)] | None = None
    """Later than this many days earns nothing; unlimited if absent."""


class Extension(_Model):
    """One student's later due date for one assignment."""

    student: str
    assignment: str
    until: AwareDatetime
    reason: str = ""


class _CourseFile(_Model):
    title: str
    code: str
    term: str
    late: LatePolicy = LatePolicy()
    extensions: tuple[Extension, ...] = ()


class Limits(_Model):
    """What one submission may use."""

    cell_seconds: Annotated[float, Field(gt=0)] = 30
    call_seconds: Annotated[float, Field(gt=0)] = 10
    submission_seconds: Annotated[float, Field(gt=0)] = 300
    memory_mb: Annotated[int, Field(gt=0)] = 2048
    file_mb: Annotated[float, Field(gt=0)] = 50
    """Largest notebook that is read."""


class Question(_Model):
    """What earns points: one or more functions or classes that a student writes."""

    id: Identifier
    title: str
    points: Annotated[float, Field(gt=0)]
    defines: tuple[Identifier, ...] = ()
    """Names the student must define; the question's id if absent."""

    @property
    def names(self) -> tuple[str, ...]:
        return self.defines or (self.id,)


class _AssignmentFile(_Model):
    title: str
    due: AwareDatetime | None = None
    packages: tuple[str, ...] = ("numpy",)
    limits: Limits = Limits()
    questions: tuple[Question, ...]


class Assignment:
    """One assignment: its questions, its solution script and its hidden tests.

    Attributes: ``name`` (the folder's), ``title``, ``due``, ``packages``, ``limits``, ``questions``.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        self.folder = root / "assignments" / name
        self.toml_path = self.folder / "assignment.toml"
        self.hidden_tests_path = self.folder / "hidden_tests.py"
        self.probes_path = self.folder / "probes.py"
        self.mistakes_path = self.folder / "mistakes.py"
        self.alternatives_path = self.folder / "alternatives.py"
        self.equivalent_mutants_path = self.folder / "equivalent_mutants.toml"
        self.script_path = root / "solutions" / f"{name}.py"
        self.template_folder = root / "student_templates" / name
        self._file = read_toml(self.toml_path, _AssignmentFile)
        self.title = self._file.title
        self.due = self._file.due
        self.packages = self._file.packages
        self.limits = self._file.limits
        self.questions = self._file.questions

    @property
    def points(self) -> float:
        return round(sum(question.points for question in self.questions), 2)

    @cached_property
    def cells(self) -> tuple[ScriptCell, ...]:
        """The solution script's cells."""
        return read_script(self.script_path)

    @cached_property
    def tests(self) -> tuple[TestSpec, ...]:
        """Public checks, then hidden tests; parametrised tests count once, with all their points."""
        checks = tuple(
            TestSpec(
                name=f"check[{cell.check.title}]",
                question=cell.check.question,
                points=cell.check.points,
                title=cell.check.title,
                public=True,
                path=self.script_path,
                line=cell.line,
            )
            for cell in self.cells
            if cell.check
        )
        return checks + read_hidden_tests(self.hidden_tests_path)

    def validate(self) -> None:
        """Check that every question has a test and that the points add up.

        Raises:
            CourseError: naming file and line.
        """
        ids = [question.id for question in self.questions]
        for duplicate in {name for name in ids if ids.count(name) > 1}:
            raise CourseError(f"{self.toml_path}:{self._line_of(duplicate)}: question '{duplicate}' is declared twice.")
        for test in self.tests:
            if test.question not in ids:
                raise CourseError(
                    f"{test.path}:{test.line}: '{test.title}' is for question '{test.question}', which "
                    f"{self.toml_path} does not declare. It has: {', '.join(ids)}."
                )
        names = [test.name for test in self.tests]
        for test in self.tests:
            if names.count(test.name) > 1:
                raise CourseError(
                    f"{test.path}:{test.line}: two tests are called '{test.name}'; give each its own name or title."
                )
        for question in self.questions:
            if not any(test.question == question.id for test in self.tests):
                where = f"{self.toml_path}:{self._line_of(question.id)}"
                raise CourseError(
                    f"{where}: question '{question.id}' has no test. Add a hidden test or a check cell for it."
                )
        for question in self.questions:
            total = sum(test.points for test in self.tests if test.question == question.id)
            where = f"{self.toml_path}:{self._line_of(question.id)}"
            if abs(total - question.points) > 1e-9:
                raise CourseError(
                    f"{where}: question '{question.id}' is worth {question.points:g} points, "
                    f"but its tests add up to {total:g}."
                )
        source = "\n".join(cell.source for cell in self.cells if cell.role is Role.QUESTION)
        for question in self.questions:
            for name in question.names:
                if f"def {name}(" not in source and f"class {name}(" not in source:
                    raise CourseError(
                        f"{self.script_path}:1: no cell with a solution defines '{name}' (question '{question.id}')."
                    )

    def _line_of(self, question: str) -> int:
        for number, line in enumerate(self.toml_path.read_text(encoding="utf-8").splitlines(), 1):
            if line.replace(" ", "").startswith(f'id="{question}"'):
                return number
        return 1

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of everything that can change a verdict or its explanation: not the title or the due date."""
        digest = hashlib.sha256(__version__.encode())
        digest.update(json.dumps(self._file.model_dump(mode="json", exclude={"title", "due"}), sort_keys=True).encode())
        for path in (self.script_path, self.hidden_tests_path, self.probes_path, self.mistakes_path):
            digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
        return digest.hexdigest()


class Course:
    """A course: the folder that holds `assignments/course.toml`.

    Attributes: ``root``, ``title``, ``code``, ``term``, ``late``, ``extensions``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        file = read_toml(self.root / "assignments" / "course.toml", _CourseFile)
        self.title = file.title
        self.code = file.code
        self.term = file.term
        self.late = file.late
        self.extensions = file.extensions
        for extension in self.extensions:
            if extension.assignment not in self.assignment_names:
                raise CourseError(
                    f"{self.root / 'assignments' / 'course.toml'}: the extension of '{extension.student}' is for "
                    f"'{extension.assignment}'. This course has: {', '.join(self.assignment_names) or 'no assignment'}."
                )

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """The course that ``start`` (default: the working directory) lies in."""
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / "assignments" / "course.toml").is_file():
                return cls(folder)
        raise CourseError(
            f"{here}: no course here: neither this folder nor one above it holds assignments/course.toml."
        )

    @property
    def assignment_names(self) -> list[str]:
        return sorted(path.parent.name for path in (self.root / "assignments").glob("*/assignment.toml"))

    def assignment(self, name: str) -> Assignment:
        if name not in self.assignment_names:
            raise CourseError(
                f"No assignment is called '{name}'. This course has: {', '.join(self.assignment_names) or 'none'}."
            )
        return Assignment(self.root, name)

    def assignments(self, names: Sequence[str] = ()) -> list[Assignment]:
        """Those named, or all of them."""
        return [self.assignment(name) for name in names or self.assignment_names]

    def due(self, assignment: Assignment, student: str) -> datetime | None:
        """When this student's submission is due: the latest extension, else the assignment's date."""
        own = [e.until for e in self.extensions if e.student == student and e.assignment == assignment.name]
        return max(own) if own else assignment.due

    def under(self, secret: bytes) -> Course:
        """The same course under another secret, to see what other inputs of the hidden tests give."""
        other = copy.copy(self)
        other.secret = secret
        return other

    @property
    def secret_path(self) -> Path:
        return self.root / "course.secret"

    @cached_property
    def secret(self) -> bytes:
        """The course's secret, from which every random test input is derived; made on first use.

        It lies in `course.secret`, readable by its owner only. Keep it as long as verdicts may be disputed.

        Raises:
            CourseError: it can be neither read nor made, or is empty.
        """
        path = self.secret_path
        try:
            if not path.exists():
                self._make_secret()
            secret = path.read_bytes().strip()
        except OSError as error:
            raise CourseError(
                f"{path}: the course's secret can be neither read nor made ({error.strerror}). Check the permissions of the file and of its folder."
            ) from None
        if not secret:
            raise CourseError(
                f"{path}: is empty. Restore it from a copy; if nothing has been graded yet, delete it, and a new one is made."
            )
        return secret

    def _make_secret(self) -> None:
        """Whole or not at all, and one only, should two runs begin at once."""
        descriptor, temporary = tempfile.mkstemp(dir=self.root, prefix=".course.secret.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(32).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(temporary, self.secret_path)
        finally:
            os.unlink(temporary)


def derive_seed(secret: bytes, student: str, assignment: str, test: str, code: str) -> int:
    """The seed of one test's random inputs: HMAC-SHA256 (RFC 2104) of who and what, under the course's secret.

    Args:
        code: the fingerprint of what is run of the submission, so that nothing learned about these inputs is of use in another.
    """
    message = json.dumps([student, assignment, test, code]).encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256"), "big")


def read_toml(path: Path, model: type[FileT]) -> FileT:
    """Read and check a TOML file.

    Raises:
        CourseError: naming the file and the entry.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: is not valid TOML: {error}.") from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"]
        if first["type"] == "extra_forbidden":
            models: list[type[BaseModel]] = [model, *_Model.__subclasses__()]
            known = {name for one in models for name in one.model_fields}
            close = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
            what = "there is no such entry" + (f"; did you mean '{close[0]}'?" if close else "")
        elif first["type"].startswith(("datetime", "timezone")):
            what += ". Write date, time and zone, as in 2026-11-30T23:59:00+07:00"
        raise CourseError(f"{path}: {where}: {what}{'' if what.endswith('?') else '.'}") from None
