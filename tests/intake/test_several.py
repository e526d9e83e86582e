"""Which of several files counts: what is read and kept is bounded, however many files there are and whatever is in them."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.intake import look, several
from autograder.intake.archive import Entry, Refused
from autograder.intake.look import find_submissions
from autograder.intake.several import Choice
from autograder.targets.gradescope.run import choose
from tests.intake.test_look import BOTH, write
from tests.pooling_course import assignment, course

__all__ = ["assignment", "course"]


def of(contents: dict[str, bytes], assignment: Assignment, size: int | None = None) -> Choice:
    entries = [
        Entry(PurePosixPath(name), None, len(data) if size is None else size, lambda data=data: data)  # type: ignore[misc]  # data is bound
        for name, data in contents.items()
    ]
    return several.choose(entries, assignment)


def chosen(choice: Choice) -> list[str]:
    return [str(one.path) for one in choice.chosen]


def imports(number: int, count: int) -> bytes:
    return "\n".join(f"import a{number}_{n}" for n in range(count)).encode()


def test_what_scripts_import_is_not_kept_unless_it_lies_beside_them(assignment: Assignment) -> None:
    """A script of 2 MB may import 200,000 modules, and there may be 200 scripts."""

    def peak(files: int) -> int:
        contents = {f"{number}.py": imports(number, 20_000) for number in range(files)}
        tracemalloc.start()
        try:
            of(contents, assignment)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(12) < 1.5 * peak(2)


def test_names_in_files_of_empty_objects_are_not_kept_either(assignment: Assignment) -> None:
    def peak(names: int) -> int:
        data = b",".join([b'"def a%d"' % n for n in range(names)] + [b""] * 500_002)
        tracemalloc.start()
        try:
            of({"a.ipynb": data, "b.ipynb": b""}, assignment)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(100_000) < peak(100) + 2**20


@pytest.mark.parametrize(
    ("files", "counts"),
    [
        ({"a.py": f"import b\n{BOTH}", "b.py": BOTH}, "a.py"),
        ({"z.py": "from deep.b import *", "deep/b.py": BOTH}, "z.py"),
        ({"z.py": "import b", "deep/b.py": BOTH}, "deep/b.py"),
        ({"deep/z.py": "import b\n", "deep/b.py": BOTH, "b.py": ""}, "deep/z.py"),
    ],
)
def test_what_is_imported_from_beside_counts_as_ones_own(
    files: dict[str, str], counts: str, assignment: Assignment
) -> None:
    assert chosen(of({name: source.encode() for name, source in files.items()}, assignment)) == [counts]


def test_more_than_four_times_the_size_of_a_file_is_not_read(assignment: Assignment) -> None:
    contents = {f"{n}.py": BOTH.encode() if n == 4 else b"" for n in range(6)}
    most = int(assignment.limits.file_mb * 2**20)
    choice = of(contents, assignment, size=most)
    assert (chosen(choice), choice.complete) == (["0.py"], False)
    assert [line.partition(":")[0] for line in choice.problems] == ["4.py", "5.py"]


def test_a_file_that_cannot_be_read_is_told_among_those_handed_in_and_never_counts(assignment: Assignment) -> None:
    def refuse() -> bytes:
        raise Refused("is larger than 1 MB")

    entries = [
        Entry(PurePosixPath("pooling.ipynb"), None, 1, refuse),
        Entry(PurePosixPath("b.py"), None, 1, BOTH.encode),
    ]
    choice = several.choose(entries, assignment)
    assert (chosen(choice), choice.handed_in, choice.complete) == (["b.py"], ("b.py", "pooling.ipynb"), True)
    assert choice.problems == ["pooling.ipynb: is larger than 1 MB"]
    assert several.choose(entries[:1], assignment).chosen == []


def test_grading_a_folder_and_gradescope_read_no_more_than_an_import(
    course: Course, assignment: Assignment, tmp_path: Path
) -> None:
    folder = tmp_path / "an" / "pooling"
    write(folder, "pooling.py", source=BOTH)
    for number in range(5):
        with open(folder / f"{number}.py", "wb") as file:
            file.truncate(int(assignment.limits.file_mb * 2**20))
    (found,) = find_submissions(course, assignment, [tmp_path]).found
    assert "6 files were submitted and it is not clear which one counts" in found.problem
    with pytest.raises(SubmissionError, match=r"There are 6 notebooks and scripts in this submission\. Submit one"):
        choose(assignment, folder)


def test_note_time_and_definitions_are_read_once_however_many_files_there_are(
    course: Course, assignment: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count: Counter[str] = Counter()

    def counted(where: Any, name: str) -> None:
        real = getattr(where, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            count[name] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(where, name, call)

    write(tmp_path, *(f"an/pooling/{n}.py" for n in range(50)), *(f"{n}x.py" for n in range(50)))
    for where, name in ((look, "read_note"), (look, "read_stamp"), (Course, "assignment")):
        counted(where, name)
    find_submissions(course, assignment, [tmp_path])
    assert count["read_note"] == count["read_stamp"] == 1
    assert count["assignment"] <= len(course.assignment_names)
