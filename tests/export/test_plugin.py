"""A format of one's own: docs/exporting.md as printed, installed by pip; and what goes wrong in one is a sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export import Exported, export
from autograder.gradebook import Gradebook
from autograder.result import Result
from tests.conftest import REPOSITORY

Run = Callable[..., Exported]


@pytest.fixture
def run(
    course: Course, assignment: Assignment, gradebook: Gradebook, make_result: Callable[..., Result], tmp_path: Path
) -> Run:
    gradebook.record(make_result())

    def run(format: str, to: Path | None = None) -> Exported:
        return export(course=course, assignment=assignment, gradebook=gradebook, format=format, to=to)

    return run


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Installs a module as pip would, without pip."""

    def install(module: str, code: str, *, format: str, point: str | None = None) -> None:
        site = tmp_path / f"site-{module}"
        info = site / f"{module}-1.2.dist-info"
        info.mkdir(parents=True)
        name = module.replace("_", "-")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(
            f"[cnn_autograder.exporters]\n{format} = {point or module + ':EXPORTER'}\n"
        )
        (site / f"{module}.py").write_text(code, encoding="utf-8")
        monkeypatch.syspath_prepend(site)

    return install


def test_the_documented_plug_in_installs_as_printed_and_is_in_the_help(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = (REPOSITORY / "docs" / "exporting.md").read_text(encoding="utf-8").partition("## A format of your own")[2]
    files = re.findall(r"`([\w.]+)`:\n\n```\w+\n(.*?)```", docs, re.DOTALL)
    assert [name for name, _ in files] == ["our_school.py", "pyproject.toml"]
    source = tmp_path / "our_school"
    source.mkdir()
    for name, content in files:
        (source / name).write_text(content, encoding="utf-8")
    (command,) = re.findall(r"^(pip install .*)$", docs, re.MULTILINE)
    site = tmp_path / "site"
    # pip without the network: what builds is the environment's own setuptools, and the package goes to a folder of its own
    pip = [
        sys.executable,
        "-m",
        *command.split(),
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(site),
    ]
    done = subprocess.run(pip, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    monkeypatch.syspath_prepend(site)
    written = run("our-school").files[0]
    assert written.name == "pooling-our-school.txt"
    assert written.read_text(encoding="utf-8").splitlines() == ["an 100", "binh 0", "chi 0"]
    text = CliRunner().invoke(main, ["export", "--help"]).output
    assert re.search(r"our-school +from our-school 1", text)
    assert run("our-school").files == [written]


def test_without_plug_ins_the_help_names_none() -> None:
    assert "plug-ins" not in CliRunner().invoke(main, ["export", "--help"]).output


GOOD = "from autograder.export import Export, Exporter\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import nothing_like_this\n", "cannot be loaded: ModuleNotFoundError: No module named 'nothing_like_this'."),
        ("raise SystemExit(3)\n", "cannot be loaded: SystemExit: 3."),
        ("def x(:\n", "cannot be loaded: SyntaxError: "),
        (GOOD, "cannot be loaded: AttributeError: "),
        ("EXPORTER = print\n", "is builtin_function_or_method, and not an autograder.export.Exporter"),
        (GOOD + "EXPORTER = Exporter(lambda: None)\n", "cannot be called with one argument, the Export"),
        (GOOD + "EXPORTER = Exporter(lambda a, b: None)\n", "cannot be called with one argument, the Export"),
        (GOOD + "EXPORTER = Exporter(print, suffix='/x')\n", "has the suffix '/x'"),
        (GOOD + "EXPORTER = Exporter(lambda e: 1 / 0)\n", "failed: ZeroDivisionError: division by zero. It has saved nothing."),
        (GOOD + "EXPORTER = Exporter(lambda e: exit(0))\n", "failed: SystemExit: 0. It has saved nothing."),
        (GOOD + "EXPORTER = Exporter(lambda e: 'done')\n", "returned something else than a list"),
        (GOOD + "EXPORTER = Exporter(lambda e: 7)\n", "failed: TypeError: 'int' object is not iterable."),
    ],
)  # fmt: skip
def test_what_goes_wrong_in_a_plug_in_is_a_sentence_that_names_it(
    code: str, says: str, run: Run, install: Callable[..., None], course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("odd_school", code, format="odd")
    earlier = course.root / "exports" / "pooling-odd"
    earlier.parent.mkdir()
    monkeypatch.delitem(sys.modules, "odd_school", raising=False)
    with pytest.raises(GraderError) as caught:
        run("odd")
    text = str(caught.value)
    assert text.startswith("The export format 'odd' (odd_school:EXPORTER, installed by odd-school 1.2) ")
    assert says in text
    assert "\n" not in text
    assert list(earlier.parent.iterdir()) == []
    assert run("csv").files  # others go on
    monkeypatch.delitem(sys.modules, "odd_school", raising=False)


def test_a_name_of_ours_stays_ours_and_two_of_others_are_refused(run: Run, install: Callable[..., None]) -> None:
    install("thief", "raise RuntimeError\n", format="csv")
    done = run("csv")
    assert done.files[0].read_bytes().startswith(b"\xef\xbb\xbfstudent,name")
    assert done.remarks == [
        "thief 1.2 calls a format 'csv', too, which is not used: the name is taken. Rename it in its pyproject.toml."
    ]
    install("one_school", GOOD, format="same")
    install("two_school", GOOD, format="same")
    with pytest.raises(GraderError, match=r"Two export formats are called 'same', by (one|two)-school 1.2 and"):
        run("same")


def test_a_plug_in_that_fails_half_way_has_lost_nothing(
    run: Run, install: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        GOOD
        + "def write(export):\n    export.save(b'1', 'a.txt')\n    raise ValueError('half\\nway')\n\nEXPORTER = Exporter(write)\n"
    )
    install("half_school", code, format="half")
    old = tmp_path / "out" / "b.txt"
    old.parent.mkdir()
    old.write_text("old")
    with pytest.raises(GraderError, match=r"failed: ValueError: half way. It had written .*out/a.txt."):
        run("half", tmp_path / "out")
    assert old.read_text() == "old"
    assert sorted(path.name for path in old.parent.iterdir()) == ["a.txt", "b.txt"]
    monkeypatch.delitem(sys.modules, "half_school", raising=False)
