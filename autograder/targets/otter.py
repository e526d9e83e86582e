"""otter-grader: a student's notebook with otter's public checks, and an `autograder.zip` made by `otter generate`.

What is hidden is in the zip only, whose test files hand the student's names to `autograder.kernel`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.metadata
import io
import json
import os
import subprocess
import symtable
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course, Question, Role
from autograder.errors import GraderError
from autograder.files import own_files, strict_json, write_whole
from autograder.kernel import Sources, grade
from autograder.language import ENGLISH, _, speaking
from autograder.overwrite import refuse_another
from autograder.result import TestResult
from autograder.sandbox.folder import FolderForAWhile

_LIBRARY = "cnn_autograder.zip"
_SOURCES = "cnn_autograder.json"
_NEEDED = ("msgpack", "numpy", "pydantic", "pytest", "threadpoolctl", "tqdm")
"""What `autograder.kernel` imports, and `tqdm`, which every notebook may; the course's packages come on top."""
_CPU_TORCH = "--extra-index-url https://download.pytorch.org/whl/cpu"

_HEAD = """OK_FORMAT = False

from otter.test_files import test_case

name = {name!r}
points = None  # each case has its own
"""
_HIDDEN_HEAD = f"""
import os
import sys

sys.path.insert(0, os.path.abspath({_LIBRARY!r}))
from autograder.targets.otter import Verdicts

judge = Verdicts(name)
"""
_CASE = """

@test_case(name={title!r}, points={points!r}, hidden={hidden!r})
def {function}({parameters}):
{body}
"""

_LIST = """
import json, sys
from autograder.kernel import Sources, grade

sources = Sources.from_json(sys.stdin.read())
print(json.dumps([test.model_dump(mode="json") for question in sys.argv[1:] for test in grade(sources, question, {})]))
"""

_SETUP = '''#@title {title}
try:
    import otter
except ImportError:  # as on Colab
    %pip install --quiet "otter-grader>={major},<{next_major}"
    import otter


def _unpack(tests):
    """Colab hands over the notebook alone, and otter wants files."""
    from pathlib import Path
    from tempfile import mkdtemp

    folder = Path(mkdtemp())
    for question, source in tests.items():
        (folder / f"{{question}}.py").write_text(source, encoding="utf-8")
    return str(folder)


grader = otter.Notebook(tests_dir=_unpack({tests}))'''
_CHECK = "# {heading}\ngrader.check({question!r})"


def build(course: Course, assignments: Sequence[Assignment], to: Path) -> list[Path]:
    """Write `<assignment>/student/` and `<assignment>/autograder.zip` for each assignment.

    Raises:
        CourseError: a source is wrong; names file and line.
        GraderError: otter-grader is not installed or refuses, or the folder cannot be written.
    """
    try:
        major = int(importlib.metadata.version("otter-grader").partition(".")[0])
    except importlib.metadata.PackageNotFoundError:
        raise GraderError('otter-grader is not installed: pip install "cnn-autograder[otter]".') from None
    written: list[Path] = []
    for assignment in assignments:
        folder = to / assignment.name
        with speaking(course.language):
            student = student_files(course, assignment, major)
            bundle = _autograder_zip(course, assignment)
        refuse_another(folder / "autograder.zip", bundle)
        for stale in set((folder / "student" / "tests").glob("*.py")) - {folder / "student" / name for name in student}:
            stale.unlink()  # otter would run it
        written += [write_whole(folder / "student" / name, content) for name, content in student.items()]
        written.append(write_whole(folder / "autograder.zip", bundle))
    return written


def student_files(course: Course, assignment: Assignment, otter: int) -> dict[str, bytes]:
    """File name -> content of what students get: the notebook, the public tests for `otter check`, and the files that go with it.

    Args:
        otter: the major version of otter-grader that the notebook installs where it is missing.
    """
    from autograder.build import template_files

    notebook = json.loads(template_files(course, assignment, "otter")[f"{assignment.name}.ipynb"])
    tests = {
        question.id: source for question in assignment.questions if (source := _public_tests(assignment, question))
    }
    last = {cell.check.question: cell.source for cell in assignment.cells if cell.check}
    question_after = {source: question for question, source in last.items()}
    hidden = any(test.points and not test.public for test in assignment.tests)
    heading = _("Public checks only: hidden tests give the other points.") if hidden else _("Public checks")
    cells: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not any(one["cell_type"] == "code" for one in cells):
            cells.append(_otter_cell(f"{assignment.name}-otter", _setup(tests, otter), hidden=True))
        cells.append(cell)
        source = "".join(cell["source"]).partition("\n")[2]
        if cell["cell_type"] == "code" and (question := question_after.get(source)):
            cells.append(
                _otter_cell(
                    f"{assignment.name}-otter-{question}"[:64], _CHECK.format(heading=heading, question=question)
                )
            )
    notebook["cells"] = cells
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return {
        f"{assignment.name}.ipynb": text.encode(),
        **{f"tests/{question}.py": source.encode() for question, source in tests.items()},
        **assignment.shipped,
    }


def _setup(tests: dict[str, str], major: int) -> str:
    texts = "".join(f"    {question!r}: {source!r},\n" for question, source in tests.items())
    title = _("Run this cell first: otter-grader and the public checks")
    return _SETUP.format(title=title, major=major, next_major=major + 1, tests=f"{{\n{texts}}}")


def _otter_cell(identifier: str, source: str, *, hidden: bool = False) -> dict[str, Any]:
    """A cell that otter leaves out when it grades: else it would run all tests here, and not on the finished notebook."""
    metadata: dict[str, Any] = {"tags": ["otter_ignore"]}
    if hidden:
        from autograder.build.template import FOLDED

        metadata |= FOLDED
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identifier,
        "metadata": metadata,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _public_tests(assignment: Assignment, question: Question) -> str:
    """An otter test file of a question's check cells, which needs nothing but the notebook's own names."""
    notebook_names = {
        name for cell in assignment.cells if cell.role in (Role.GIVEN, Role.QUESTION) for name in _bound(cell.source)
    }
    cases: list[str] = []
    for cell in assignment.cells:
        if cell.check and cell.check.question == question.id:
            tree = ast.parse(cell.source)
            used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & notebook_names
            cases.append(
                _case(len(cases) + 1, cell.check.title, cell.check.points, False, sorted(used), ast.unparse(tree))
            )
    return _ascii(_HEAD.format(name=question.id) + "".join(cases)) if cases else ""


def _bound(source: str) -> list[str]:
    """The names that a cell defines."""
    symbols = symtable.symtable(source, "<cell>", "exec").get_symbols()
    return [symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()]


def _case(number: int, title: str, points: float, hidden: bool, parameters: Sequence[str], body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return _CASE.format(
        title=title, points=points, hidden=hidden, function=f"test_{number}", parameters=", ".join(parameters), body=lines
    ).rstrip("\n") + "\n"  # fmt: skip


def _hidden_tests(assignment: Assignment, question: Question, tests: Sequence[TestResult]) -> str:
    """An otter test file of all tests of a question; a race, which may earn half of its points, is two cases."""
    races = {test.name for test in assignment.tests if test.race}
    cases: list[str] = []
    for test in tests:
        halves = [0.5, 1.0] if test.test.partition("[")[0] in races else [1.0]
        for share in halves:
            title = test.title if len(halves) == 1 else _halves(test.title, share)
            body = f"judge(env, {test.test!r}, {share!r})"
            cases.append(_case(len(cases) + 1, title, test.points / len(halves), not test.public, ["env"], body))
    return _ascii(_HEAD.format(name=question.id) + _HIDDEN_HEAD + "".join(cases))


def _halves(title: str, share: float) -> str:
    if share < 1:
        return _("{title} (half of the points)", title=title)
    return _("{title} (all of the points)", title=title)


def _all_tests(assignment: Assignment, sources: Sources) -> dict[str, list[TestResult]]:
    """Question -> its tests, each case of a parametrised one: the results of an empty notebook.

    In a process of its own, which pytest may change as it likes.
    """
    run = subprocess.run(
        [sys.executable, "-P", "-c", _LIST, *(question.id for question in assignment.questions)],
        input=sources.to_json(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    if run.returncode:
        raise GraderError(f"{assignment.hidden_tests_path}: {_last_line(run)}")
    listed = [TestResult.model_validate(test) for test in json.loads(run.stdout)]
    return {question.id: [test for test in listed if test.question == question.id] for question in assignment.questions}


def _last_line(run: subprocess.CompletedProcess[str]) -> str:
    lines = (run.stderr or run.stdout).strip().splitlines()
    return lines[-1] if lines else "ended without a word."


def _ascii(source: str) -> str:
    """The same code with escapes for letters that otter, which reads test files as the platform likes, may get wrong."""
    escaped = source.encode("ascii", "backslashreplace").decode()
    with contextlib.suppress(SyntaxError):  # names with such letters have no escapes
        if ast.dump(ast.parse(escaped)) == ast.dump(ast.parse(source)):
            return escaped
    return source


def _autograder_zip(course: Course, assignment: Assignment) -> bytes:
    """What the real `otter generate` makes of the hidden tests; the same sources give the same bytes."""
    sources = Sources.of(course, assignment)
    tests = _all_tests(assignment, sources)
    with FolderForAWhile("grader-otter-") as place:
        folder = place.path
        files = {
            "requirements.txt": _requirements(assignment).encode(),
            "otter_config.json": strict_json({"show_hidden": True}),
            _LIBRARY: _library(),
            _SOURCES: sources.to_json().encode(),
            **{
                # in the course's order; and not the names that a copied `grader.check` asks for before the notebook ends
                f"tests/{number:02}_{question.id}.py": _hidden_tests(assignment, question, tests[question.id]).encode()
                for number, question in enumerate(assignment.questions, 1)
            },
            **assignment.shipped,
        }
        for path, content in files.items():
            write_whole(folder / path, content)
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        command = [
            sys.executable,
            "-m",
            "otter",
            "generate",
            "--python-version",
            python,
            _LIBRARY,
            _SOURCES,
            *assignment.shipped,
        ]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if run.returncode or not (folder / "autograder.zip").is_file():
            raise GraderError(f"otter generate failed on {assignment.name}: {_last_line(run)}")
        with zipfile.ZipFile(folder / "autograder.zip") as made:
            return _zip({info.filename: made.read(info) for info in made.infolist()})


def _library() -> bytes:
    """This package, as a zip that Python imports from: otter copies a file over one of the student's, but not a folder."""
    return _zip({f"autograder/{name}": path.read_bytes() for name, path in own_files().items()})


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            bundle.writestr(info, files[name])
    return buffer.getvalue()


def _requirements(assignment: Assignment) -> str:
    """The versions that the zip was made with: what is graded today should be graded alike in two years."""
    lines = [_CPU_TORCH] if "torch" in assignment.packages else []
    for package in sorted({*_NEEDED, *assignment.packages}):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            package += "==" + importlib.metadata.version(package).partition("+")[0]
        lines.append(package)
    return "\n".join(lines) + "\n"


class Verdicts:
    """The results of one question, for the cases of its otter test file.

    Args:
        question: the question's id.
    """

    def __init__(self, question: str) -> None:
        self._question = question
        self._results: dict[str, TestResult] = {}
        self._language = ENGLISH

    def __call__(self, env: dict[str, Any], test: str, share: float) -> None:
        """Pass if the student earned this share of a test's points.

        Raises:
            AssertionError: with what the student is told.
        """
        if not self._results:
            sources = Sources.from_json(Path(_SOURCES).read_text(encoding="utf-8"))
            self._results = {result.test: result for result in grade(sources, self._question, env)}
            self._language = sources.language
        result = self._results[test]
        if result.earned < share * result.points - 1e-9:
            with speaking(self._language):
                told = " ".join([result.message, *([result.diagnosis.text] if result.diagnosis else [])])
            raise AssertionError(told)
