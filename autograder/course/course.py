"""A course and its assignments: read and checked from `assignments/`, `solutions/` and `course.toml`."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainValidator

from autograder import __version__
from autograder.course.asked import refuse_bad_tests
from autograder.course.final_grade import FinalGrade, refuse_wrong_grade
from autograder.course.inlined import inlined
from autograder.course.moments import Moment, in_zone, zone_of
from autograder.course.names import defined_names, why_refused
from autograder.course.script import Role, ScriptCell, read_script
from autograder.course.shipped import read_shipped
from autograder.course.tests import TestSpec, read_hidden_tests
from autograder.course.toml import Location, TomlModel, line_of, read_toml
from autograder.errors import CourseError
from autograder.files import read_text
from autograder.language import ENGLISH, LANGUAGES
from autograder.people.match import plain
from autograder.text import meant

_SHORTEST_SECRET = 8
Positive = Annotated[float, Field(gt=0, strict=True)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def _one_of_ours(language: str) -> str:
    if language not in LANGUAGES:
        known = " or ".join(f'"{code}" ({name})' for code, name in LANGUAGES.items())
        raise ValueError(f"is {language!r}; write {known}")
    return language


class LatePolicy(TomlModel):
    """What a late submission loses, computed on export, never stored."""

    grace_minutes: Annotated[float, Field(ge=0, strict=True)] = 0
    percent_per_day: Annotated[float, Field(ge=0, le=100, strict=True)] = 0
    """Of the points earned, for each day begun."""
    max_days: Annotated[int, Field(ge=0, strict=True)] | None = None
    """Later than this many days earns nothing; unlimited if absent."""
    tokens: Annotated[int, Field(ge=0, strict=True)] = 0
    """Days that each student may be late in the whole course before it costs points; used by themselves, first come, first served."""


class Extension(TomlModel):
    """One student's later due date for one assignment."""

    student: Annotated[str, Field(min_length=1)]
    """By the id that the gradebook has."""
    assignment: str
    until: Moment
    """With a zone, once the course has been read."""
    reason: str = ""


class _CourseFile(TomlModel):
    title: str
    code: str
    term: str
    time_zone: Annotated[ZoneInfo, PlainValidator(zone_of)] | None = None
    """Of dates that name none."""
    language: Annotated[str, AfterValidator(_one_of_ours)] = ENGLISH
    """Of pages, notebooks and messages, for whom the roster says nothing else."""
    collaboration: str = ""
    """What students may discuss with others, for the notebooks to say."""
    feedback: str = ""
    """Where and when students find their feedback, for the notebooks to say."""
    late: LatePolicy = LatePolicy()
    extensions: tuple[Extension, ...] = ()
    final: FinalGrade | None = None


class Limits(TomlModel):
    """What one submission may use."""

    cell_seconds: Positive = 30
    call_seconds: Positive = 10
    submission_seconds: Positive = 300
    memory_mb: Annotated[int, Field(gt=0, strict=True)] = 2048
    file_mb: Positive = 50
    """Largest notebook that is read."""


class Question(TomlModel):
    """What earns points: one or more functions or classes that a student writes."""

    id: Identifier
    title: str
    points: Positive
    defines: tuple[Identifier, ...] = ()
    """Names the student must define; the question's id if absent."""

    @property
    def names(self) -> tuple[str, ...]:
        return self.defines or (self.id,)


class _AssignmentFile(TomlModel):
    title: str
    due: Moment | None = None
    packages: tuple[str, ...] = ("numpy",)
    limits: Limits = Limits()
    files: tuple[str, ...] = ()
    questions: tuple[Question, ...]


class Assignment:
    """One assignment: its questions, its solution script and its hidden tests.

    Attributes: ``name`` (the folder's), ``title``, ``due``, ``packages``, ``limits``, ``questions``.
    """

    def __init__(self, root: Path, name: str, zone: ZoneInfo | None = None) -> None:
        """Read an assignment.

        Args:
            zone: the course's; None to ask its `course.toml`. Where there is none, as an assignment may travel alone, a due date without
                a zone is left out.
        """
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
        due = self._file.due
        if due is not None and due.tzinfo is None and zone is None:
            if _course_file(root).is_file():
                zone = _zone(root)
            else:
                due = None  # where it travels alone, nobody asks
        self.due = in_zone(due, zone, self.toml_path, ("due",))
        self.packages = self._file.packages
        self.limits = self._file.limits
        self.questions = self._file.questions

    @cached_property
    def shipped(self) -> dict[str, bytes]:
        """The files that students get beside the notebook: path below the assignment's folder -> content, sorted.

        Raises:
            CourseError: one is missing, or cannot be handed out.
        """
        return read_shipped(self.folder, self.name, self._file.files, self.packages)

    @property
    def points(self) -> float:
        return round(sum(question.points for question in self.questions), 2)

    @cached_property
    def cells(self) -> tuple[ScriptCell, ...]:
        """The solution script's cells, each with the code that students get."""
        return tuple(inlined(self.script_path, cell) for cell in read_script(self.script_path))

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
        _ = self.shipped
        ids = [question.id for question in self.questions]
        for duplicate in (name for name in ids if ids.count(name) > 1):
            raise CourseError(f"{self._place(duplicate)}: question '{duplicate}' is declared twice.")
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
                raise CourseError(
                    f"{self._place(question.id)}: question '{question.id}' has no test. Add a hidden test or a check cell for it."
                )
        for question in self.questions:
            total = sum(test.points for test in self.tests if test.question == question.id)
            if abs(total - question.points) > 1e-9:
                raise CourseError(
                    f"{self._place(question.id)}: question '{question.id}' is worth {question.points:g} points, "
                    f"but its tests add up to {total:g}."
                )
        self._check_names()

    def _check_names(self) -> None:
        """Whether every name that students are to write can be theirs, and the solution defines it."""
        given = defined_names(self.script_path, self.cells, Role.GIVEN)
        solved = defined_names(self.script_path, self.cells, Role.QUESTION)
        owners: dict[str, str] = {}
        for question in self.questions:
            for name in question.names:
                reason = why_refused(name)
                if not reason and name in given:
                    reason = f"a given cell defines it ({self.script_path}:{given[name]}), and given cells are run again before each public check"
                if not reason and owners.setdefault(name, question.id) != question.id:
                    reason = f"question '{owners[name]}' asks for it already"
                if reason:
                    raise CourseError(
                        f"{self._place(question.id)}: no question can ask for '{name}': {reason}. Choose another name."
                    )
                if name not in solved:
                    raise CourseError(
                        f"{self.script_path}:1: no cell with a solution defines '{name}' (question '{question.id}')."
                    )

    def refuse_bad_tests(self) -> None:
        """Refuse a hidden test that asks for a fixture, a function or a probe that nobody defines, or takes the shorter of two answers.

        Left out when grading: there, one that fails by itself is said to, and the others give their points.

        Raises:
            CourseError: naming the line.
        """
        roles = (Role.GIVEN, Role.QUESTION)
        names = {name for role in roles for name in defined_names(self.script_path, self.cells, role)}
        refuse_bad_tests(self.hidden_tests_path, names, self.probes_path)

    def _place(self, question: str) -> str:
        """File and line of a question; takes a while."""
        position = next(number for number, one in enumerate(self.questions) if one.id == question)
        return f"{self.toml_path}:{line_of(read_text(self.toml_path), ('questions', position, 'id'))}"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of everything that can change a verdict or its explanation: not the title or the due date."""
        digest = hashlib.sha256(__version__.encode())
        settings = self._file.model_dump(mode="json", exclude={"title", "due", "files"})
        digest.update(json.dumps(settings, sort_keys=True).encode())
        for path in (self.script_path, self.hidden_tests_path, self.probes_path, self.mistakes_path):
            digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
        for name, content in self.shipped.items():
            digest.update(f"{name} ".encode() + hashlib.sha256(content).digest())
        return digest.hexdigest()


def _course_file(root: Path) -> Path:
    return root / "assignments" / "course.toml"


def _zone(root: Path) -> ZoneInfo | None:
    """The course's time zone."""
    return read_toml(_course_file(root), _CourseFile).time_zone


class Course:
    """A course: the folder that holds `assignments/course.toml`.

    Attributes: ``root``, ``toml_path``, ``title``, ``code``, ``term``, ``time_zone``, ``language``, ``collaboration``, ``feedback``, ``late``,
    ``extensions``, ``final`` (None if the course says nothing of a grade).
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.toml_path = _course_file(self.root)
        file = read_toml(self.toml_path, _CourseFile)
        self.title = file.title
        self.code = file.code
        self.term = file.term
        self.time_zone = file.time_zone
        self.language = file.language
        self.collaboration = file.collaboration.strip()
        self.feedback = file.feedback.strip()
        self.late = file.late
        self.extensions = tuple(
            one.model_copy(update={"until": in_zone(one.until, self.time_zone, self.toml_path, ("extensions", number, "until"))})
            for number, one in enumerate(file.extensions)
        )  # fmt: skip
        self._extended: dict[tuple[str, str], datetime] = {}
        names, due_of = self.assignment_names, cache(lambda name: self.assignment(name).due)
        for number, one in enumerate(self.extensions):
            self._check_extension(number, one, names, due_of)
            self._extended[plain(one.student), one.assignment] = one.until
        self.final = file.final
        if self.final:
            refuse_wrong_grade(self.final, self.assignment_names, self._wrong_grade)

    def _wrong_grade(self, location: Location, problem: str) -> CourseError:
        line = line_of(read_text(self.toml_path), ("final", *location))
        name = ".".join(part for part in ("final", *location) if isinstance(part, str))
        return CourseError(f"{self.toml_path}:{line}: {name}: {problem}")

    def _check_extension(
        self, number: int, extension: Extension, names: list[str], due_of: Callable[[str], datetime | None]
    ) -> None:
        if extension.assignment not in names:
            known = ", ".join(names) or "no assignment"
            hint = meant(extension.assignment, names) or f". This course has: {known}."
            raise self.wrong_extension(number, "assignment", f"no assignment is called '{extension.assignment}'{hint}")
        if (plain(extension.student), extension.assignment) in self._extended:
            raise self.wrong_extension(
                number,
                "student",
                f"'{extension.student}' has an extension of {extension.assignment} already, above. Keep one.",
            )
        due = due_of(extension.assignment)
        if due is None or extension.until <= due:
            when = f"is due {due:%Y-%m-%d %H:%M %z} for everybody" if due else "has no due date"
            raise self.wrong_extension(number, "until", f"is no later date: {extension.assignment} {when}.")

    def wrong_extension(self, number: int, key: str, problem: str) -> CourseError:
        """The error that an extension is wrong, by its line."""
        line = line_of(read_text(self.toml_path), ("extensions", number, key))
        return CourseError(f"{self.toml_path}:{line}: extensions.{key}: {problem}")

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """The course that ``start`` (default: the working directory) lies in."""
        here = (start or Path.cwd()).resolve()
        folder = cls.folder(here)
        if folder is None:
            raise CourseError(
                f"{here}: no course here: neither this folder nor one above it holds assignments/course.toml."
            )
        return cls(folder)

    @staticmethod
    def folder(start: Path) -> Path | None:
        """The folder of the course that ``start`` lies in, whatever its files hold; None if it lies in none."""
        return next((one for one in (start, *start.parents) if (one / "assignments" / "course.toml").is_file()), None)

    @property
    def assignment_names(self) -> list[str]:
        return sorted(path.parent.name for path in (self.root / "assignments").glob("*/assignment.toml"))

    def refuse_unknown(self, assignment: str) -> None:
        """Refuse the name of an assignment that there is not."""
        if assignment not in (names := self.assignment_names):
            hint = meant(assignment, names)
            raise CourseError(
                f"No assignment is called '{assignment}'{hint or '.'} This course has: {', '.join(names) or 'none'}."
            )

    def assignment(self, name: str) -> Assignment:
        self.refuse_unknown(name)
        return Assignment(self.root, name, self.time_zone)

    def assignments(self, names: Sequence[str] = ()) -> list[Assignment]:
        """Those named, or all of them."""
        return [self.assignment(name) for name in names or self.assignment_names]

    def due(self, assignment: Assignment, student: str) -> datetime | None:
        """When this student's submission is due: by an extension, else by the assignment's date."""
        return self._extended.get((plain(student), assignment.name), assignment.due)

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
            CourseError: it can be neither read nor made, or is too short.
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
        cut_off = len(secret) < 64 and re.fullmatch(rb"[0-9a-f]*", secret)  # one that was made here has so many digits
        if cut_off or len(secret) < _SHORTEST_SECRET:
            raise CourseError(
                f"{path}: is {'too short' if secret else 'empty'}{', as if it had been cut off' if cut_off and secret else ''}. "
                "Restore it from a copy; if nothing has been graded yet, delete it, and a new one is made."
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
