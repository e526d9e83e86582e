"""`grader build --target gradescope`: one zip for each assignment, with all that its container needs."""

from __future__ import annotations

import hmac
import io
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.files import own_files, write_whole
from autograder.overwrite import refuse_another

_HERE = Path(__file__).parent
_SCRIPTS = ("setup.sh", "run_autograder")
_NEEDED = ("ipython", "msgpack", "numpy", "pydantic", "pytest", "tqdm")
_WITHOUT_CUDA = ("torch", "torchaudio", "torchvision")
_WITHOUT_CUDA_INDEX = "https://download.pytorch.org/whl/cpu"


def build(course: Course, assignments: Sequence[Assignment], to: Path) -> list[Path]:
    """Write ``to/<assignment>.zip`` for each assignment. The same sources and packages give the same bytes.

    Raises:
        CourseError: a source is wrong, or an allowed package is not installed.
        GraderError: a zip cannot be written.
    """
    bundles = {to / f"{assignment.name}.zip": _bundle(course, assignment) for assignment in assignments}
    for path, content in bundles.items():
        refuse_another(path, content)
    return [write_whole(path, content) for path, content in bundles.items()]


def _bundle(course: Course, assignment: Assignment) -> bytes:
    assignment.validate()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in _files(course, assignment):
            entry = zipfile.ZipInfo(name)  # its time is 1980, whenever it is made
            entry.create_system = 3  # Unix, wherever it is made
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name in _SCRIPTS else 0o100644) << 16
            archive.writestr(entry, content)
    return zipped.getvalue()


def _files(course: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    for name in _SCRIPTS:
        yield name, (_HERE / name).read_bytes()
    yield "requirements.txt", _requirements(assignment).encode()
    # Not the course's own secret: whoever sees this zip learns the inputs of this assignment's tests on Gradescope, no others.
    yield (
        "course/course.secret",
        hmac.digest(course.secret, f"gradescope {assignment.name}".encode(), "sha256").hex().encode(),
    )
    yield "course/language", course.language.encode()
    sources = (
        assignment.toml_path,
        assignment.hidden_tests_path,
        assignment.probes_path,
        assignment.mistakes_path,
        assignment.script_path,
    )
    for path in sources:
        if path.exists():
            yield f"course/{path.relative_to(assignment.root).as_posix()}", path.read_bytes()
    for name, content in assignment.shipped.items():
        yield f"course/assignments/{assignment.name}/{name}", content
    for name, path in own_files().items():
        yield f"autograder/{name}", path.read_bytes()


def _requirements(assignment: Assignment) -> str:
    """The packages in the versions that are here, so that Gradescope grades as this machine does."""
    names = sorted({*_NEEDED, *assignment.packages})
    lines = [f"--extra-index-url {_WITHOUT_CUDA_INDEX}"] if set(names) & set(_WITHOUT_CUDA) else []
    for name in names:
        try:
            version = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            raise CourseError(
                f"{assignment.toml_path}: allows '{name}', which is not installed here, so it is not known which "
                f"version Gradescope should use. Install it: pip install {name}"
            ) from None
        lines.append(f"{name}=={version}{'+cpu' if name in _WITHOUT_CUDA else ''}")
    return "\n".join(lines) + "\n"
