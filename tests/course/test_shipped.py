"""`files = [...]`: what an instructor hands out with an assignment, and the sentences for what cannot be handed out."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.beside import MOST_BYTES
from autograder.build import build_template, template_files
from autograder.course import Course
from autograder.errors import CourseError
from autograder.kernel import Sources
from tests.conftest import ASSIGNMENT_TOML, write_course


def shipping(root: Path, *entries: str, **files: bytes) -> Course:
    course = write_course(
        root, assignment=ASSIGNMENT_TOML.replace('["numpy"]', f'["numpy"]\nfiles = {list(entries)}', 1)
    )
    for name in ("points.txt", "data/a.npy", "data/deep/b.npy", "data/.hidden", "data/__pycache__/a.pyc"):
        path = course.root / "assignments" / "doubling" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\x00" + name.encode())
    return course


def test_files_and_folders_are_read(tmp_path: Path) -> None:
    assignment = shipping(tmp_path, "points.txt", "data/").assignment("doubling")
    assert list(assignment.shipped) == ["data/a.npy", "data/deep/b.npy", "points.txt"]
    assert assignment.shipped["points.txt"] == b"\xff\x00points.txt"
    assignment.validate()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("gone.txt", "'gone.txt' is not there. Paths are relative to "),
        ("../course.toml", "'../course.toml' is no path below"),
        ("/etc/passwd", "'/etc/passwd' is no path below"),
        (".", "'.' is no path below"),
        ("data/*.npy", r"'data/\*.npy' is no path below"),
        ("", "'' is no path below"),
        ("link.txt", "'link.txt' is a link; put the file itself there"),
        ("hidden_tests.py", "'hidden_tests.py' must not reach students"),
        ("assignment.toml", "'assignment.toml' must not reach students"),
        ("large.bin", "'large.bin' is larger than 2 MB. Make it smaller"),
        ("many", "there may be at most 50 files, 2 MB each and 5 MB in all"),
        ("heavy", "there may be at most 50 files, 2 MB each and 5 MB in all"),
        ("doubling.ipynb", "'doubling.ipynb' has a name that something else beside the notebook has"),
        ("doubling.py", "'doubling.py' has a name that something else beside the notebook has"),
        ("tests", "'tests/a.txt' has a name that something else beside the notebook has"),
        ("timestamp.txt", "'timestamp.txt' has a name that something else"),
        ("other.ipynb", "'other.ipynb' is a notebook"),
        ("random.py", "'random.py' would hide the module 'random'"),
        ("numpy", "'numpy/x.py' would hide the module 'numpy'"),
        ("IPython.py", "'IPython.py' would hide the module 'IPython'"),
        ("linked", "'linked/elsewhere': The file cannot be opened: it is a link"),
        ("case", "'case/[aA].txt' and 'case/[aA].txt' are one file on Windows"),
        ("odd", "'odd/tên.txt' has a name that not every system takes"),
    ],
)
def test_what_cannot_be_handed_out_is_refused_with_the_reason(tmp_path: Path, entry: str, says: str) -> None:
    course = shipping(tmp_path, entry)
    folder = course.root / "assignments" / "doubling"
    (folder / "link.txt").symlink_to("points.txt")
    for name, size in {
        "large.bin": MOST_BYTES + 1, "doubling.ipynb": 1, "doubling.py": 1, "tests/a.txt": 1, "timestamp.txt": 1, "other.ipynb": 1,
        "random.py": 1, "IPython.py": 1, "linked/own.txt": 1, "numpy/x.py": 1, "case/a.txt": 1, "case/A.txt": 1, "odd/tên.txt": 1,
        **{f"many/{number}.txt": 1 for number in range(51)}, **{f"heavy/{number}.bin": MOST_BYTES for number in range(3)},
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(size))
    (folder / "linked" / "elsewhere").symlink_to(course.root)
    with pytest.raises(CourseError, match=f"assignment.toml: files: {says}"):
        course.assignment("doubling").validate()


def test_students_get_them_with_the_template(tmp_path: Path) -> None:
    course = shipping(tmp_path, "points.txt", "data")
    assignment = course.assignment("doubling")
    assert set(template_files(course, assignment)) == {"doubling.ipynb", "doubling.py", *assignment.shipped}
    build_template(course, assignment)
    folder = tmp_path / "student_templates" / "doubling"
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == template_files(course, assignment)


def test_they_are_part_of_what_a_verdict_stands_on(tmp_path: Path) -> None:
    plain = write_course(tmp_path / "plain").assignment("doubling").fingerprint
    first = shipping(tmp_path, "points.txt").assignment("doubling").fingerprint
    assert first == shipping(tmp_path, "./points.txt".removeprefix("./")).assignment("doubling").fingerprint
    (tmp_path / "assignments" / "doubling" / "points.txt").write_text("other")
    other = Course(tmp_path).assignment("doubling").fingerprint
    more = shipping(tmp_path, "points.txt", "data").assignment("doubling").fingerprint
    assert len({plain, first, other, more}) == 4


def test_an_assignment_on_its_way_carries_them(tmp_path: Path) -> None:
    course = shipping(tmp_path / "here", "points.txt", "data")
    sources = Sources.of(course, course.assignment("doubling"))
    arrived = Sources.from_json(sources.to_json()).write(tmp_path / "there")
    assert arrived.shipped == course.assignment("doubling").shipped
    assert arrived.fingerprint == course.assignment("doubling").fingerprint
