"""Downloads of each system, written by hand as the systems write them, become submissions of the right students."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.cli.import_ import command
from autograder.commands import grade, import_
from autograder.course import Course
from autograder.errors import GraderError
from autograder.gradebook import Gradebook
from autograder.intake import SYSTEMS, Imported
from tests.conftest import RIGHT, notebook

ROSTER = """Student ID,Name,Email,Section
22020001,Nguyễn Thị An,an@vnu.edu.vn,A
22020002,Trần Văn Bình,binh@vnu.edu.vn,A
22020003,Lê Cường,cuong@vnu.edu.vn,team-7
22020004,Đỗ Dũng,dung@vnu.edu.vn,team-7
22020005,Phạm Hà,ha@vnu.edu.vn,B
"""
GOOD = notebook(RIGHT)
OTHER = notebook("x = 1")


@pytest.fixture
def importer(course: Course, tmp_path: Path) -> Callable[[Path], Imported]:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(roster)
    return lambda source: import_(course=course.root, source=source, assignment="doubling", to=tmp_path / "out")


def zipped(path: Path, files: dict[str, str | bytes], date: tuple[int, ...] = (2026, 12, 7, 20, 0, 0)) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date), content, zipfile.ZIP_DEFLATED)  # type: ignore[arg-type]
    return path


def text_of(tmp_path: Path, student: str) -> str:
    return (tmp_path / "out" / "submitted" / student / "doubling" / "doubling.ipynb").read_text(encoding="utf-8")


def test_canvas(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    done = importer(
        zipped(
            tmp_path / "int3414-doubling_submissions.zip",
            {
                "nguyễnthịan_4711_90001_doubling-1.ipynb": GOOD,
                "trầnvănbình_LATE_4712_90002_doubling.ipynb": GOOD,
                "lêcường_4713_90003_notes.ipynb": OTHER,
                "lêcường_4713_90004_final.ipynb": GOOD,
                "LATE_anon_x7Qk2_90005_doubling.ipynb": GOOD,
                "phamha_4715_90006_text.html": "<p>see mail</p>",
            },
        )
    )
    assert done.system == "Canvas"
    assert sorted(done.written) == ["22020001", "22020002", "22020003"]
    assert text_of(tmp_path, "22020003") == GOOD
    assert done.late == ["22020002"]
    assert done.empty == ["22020005: text.html"]
    assert done.unmatched == ["anon_x7Qk2: may be nobody in the roster"]
    assert done.missing == ["22020004"]
    assert "Canvas's download does not say when" in done.times


@pytest.mark.parametrize("flat", [False, True])
def test_moodle(flat: bool, tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    between = "_" if flat else "/"
    done = importer(
        zipped(
            tmp_path / "CNN-doubling-1234.zip",
            {
                f"Nguyễn Thị An_101_assignsubmission_file{between}bài làm.ipynb": GOOD,
                f"BINH Tran Van_102_assignsubmission_file{between}doubling.ipynb": GOOD,
                f"team-7_103_assignsubmission_file{between}doubling.ipynb": GOOD,
                f"Nguyễn Thị An_101_assignsubmission_onlinetext{between}onlinetext.html": "<p></p>",
            },
        )
    )
    assert done.system == "Moodle"
    assert sorted(done.written) == ["22020001", "22020002", "22020003", "22020004"]
    assert done.unmatched == []


def test_moodles_older_folder_names(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    done = importer(zipped(tmp_path / "m.zip", {"Lê Cường_7_assignsubmission_file_/doubling.ipynb": GOOD}))
    assert list(done.written) == ["22020003"]


GRADESCOPE = """---
submission_1:
  :submitters:
  - :name: Nguyễn Thị An
    :sid: '22020001'
    :email: an@vnu.edu.vn
  - :name: Somebody Else
    :sid:
    :email: Binh@vnu.edu.vn
  :created_at: 2026-12-07 20:00:05.123456789 +07:00
  :score: 0.0
submission_2:
  :submitters:
  - :name: Lê Cường
    :sid: '22020003'
  :created_at: 2026-12-07 20:00:05 +07:00
submission_3:
  :submitters:
  - :name: Lê Cường
    :sid: '22020003'
  :created_at: 2026-12-06 20:00:05 +07:00
"""


def test_gradescope_with_a_group_and_a_resubmission(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    done = importer(
        zipped(
            tmp_path / "submissions.zip",
            {
                "assignment_99_export/submission_metadata.yml": GRADESCOPE,
                "assignment_99_export/submission_1/doubling.ipynb": GOOD,
                "assignment_99_export/submission_2/doubling.ipynb": GOOD,
                "assignment_99_export/submission_3/doubling.ipynb": OTHER,
            },
        )
    )
    assert done.system == "Gradescope"
    assert sorted(done.written) == ["22020001", "22020002", "22020003"]
    assert text_of(tmp_path, "22020003") == GOOD
    assert done.older == ["22020003, 2026-12-06 20:00 +0700"]
    stamp = tmp_path / "out" / "submitted" / "22020001" / "doubling" / "timestamp.txt"
    assert stamp.read_text() == "2026-12-07 13:00:05 UTC\n"
    assert done.times == ""


def test_nbgraders_exchange_and_submitted_folder(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    inbound = tmp_path / "exchange" / "inbound"
    for name, text in (
        ("22020001+doubling+2026-12-07 10:00:00.000000 UTC+abc", OTHER),
        ("22020001+doubling+2026-12-07 11:00:00.000000 UTC+def", GOOD),
        ("22020002+other+2026-12-07 11:00:00.000000 UTC+def", GOOD),
    ):
        (inbound / name).mkdir(parents=True)
        (inbound / name / "doubling.ipynb").write_text(text, encoding="utf-8")
    done = importer(inbound)
    assert done.system == "nbgrader"
    assert list(done.written) == ["22020001"]
    assert text_of(tmp_path, "22020001") == GOOD
    folder = tmp_path / "course2" / "submitted" / "22020005" / "doubling"
    folder.mkdir(parents=True)
    (folder / "doubling.ipynb").write_text(GOOD, encoding="utf-8")
    (folder / "timestamp.txt").write_text("2026-12-07 09:30:00.000000 UTC", encoding="utf-8")
    for source in (tmp_path / "course2", tmp_path / "course2" / "submitted"):
        done = importer(source)
        assert list(done.written) == ["22020005"]
    assert (tmp_path / "out/submitted/22020005/doubling/timestamp.txt").read_text() == "2026-12-07 09:30:00 UTC\n"


def test_git_clones(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    marker = tmp_path / "ran"
    for login in ("binh", "team-7", "stranger"):
        clone = tmp_path / "repos" / f"doubling-{login}"
        clone.mkdir(parents=True)
        (clone / "doubling.ipynb").write_text(GOOD, encoding="utf-8")

        def git(*arguments: str, clone: Path = clone) -> None:
            stamp = "2026-12-07T12:00:00+07:00"
            environment = os.environ | {"GIT_COMMITTER_DATE": stamp, "GIT_AUTHOR_DATE": stamp}
            settings = ("-c", "user.name=x", "-c", "user.email=x@y.z")
            subprocess.run(["git", *settings, *arguments], cwd=clone, check=True, capture_output=True, env=environment)

        git("init")
        git("add", ".")
        git("commit", "-m", "done")
        git("config", "core.fsmonitor", f"touch {marker}")
        git("config", "log.showSignature", "true")
        git("config", "gpg.program", f"touch {marker}")
    done = importer(tmp_path / "repos")
    assert done.system == "git"
    assert sorted(done.written) == ["22020002", "22020003", "22020004"]
    assert done.unmatched == ["stranger: may be nobody in the roster"]
    assert (tmp_path / "out/submitted/22020002/doubling/timestamp.txt").read_text() == "2026-12-07 05:00:00 UTC\n"
    assert not marker.exists()


def test_what_was_imported_can_be_graded(tmp_path: Path, course: Course, importer: Callable[[Path], Imported]) -> None:
    importer(zipped(tmp_path / "m.zip", {"Lê Cường_7_assignsubmission_file/x.ipynb": GOOD}))
    run = grade(course=course.root, assignment="doubling", paths=[tmp_path / "out" / "submitted"])
    assert [(result.student, result.score) for result in run.results] == [("22020003", 100)]
    assert run.results[0].submitted_at is None  # that of the zip is the download's


def test_several_notebooks_of_which_none_is_better_are_a_tie(
    tmp_path: Path, course: Course, importer: Callable[[Path], Imported]
) -> None:
    folder = "Lê Cường_7_assignsubmission_file"
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("b.ipynb", GOOD.replace("2 * x", "x + x"))
        archive.writestr("deeper/notes.py", "import this")
    done = importer(zipped(tmp_path / "m.zip", {f"{folder}/a.ipynb": GOOD, f"{folder}/all.zip": inner.getvalue()}))
    assert done.ties == ["22020003: a.ipynb, b.ipynb"]
    assert not done.complete
    run = grade(course=course.root, assignment="doubling", paths=[tmp_path / "out" / "submitted"])
    assert "not clear which one counts" in run.results[0].message


def test_what_could_do_harm_is_left_out_by_name_and_the_rest_goes_on(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    path = tmp_path / "m.zip"
    folder = "Lê Cường_7_assignsubmission_file"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside_1_assignsubmission_file/x.ipynb", GOOD)
        archive.writestr("/etc/cron.d/x_1_assignsubmission_file/x.ipynb", GOOD)
        archive.writestr("C:\\windows\\x_1_assignsubmission_file\\x.ipynb", GOOD)
        link = zipfile.ZipInfo(f"{folder}/link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr(f"{folder}/bomb.ipynb", b" " * 900_000 * 2, compresslevel=9)
        archive.writestr(f"{folder}/good.ipynb", GOOD)
        archive.writestr(f"{folder}/broken.zip", b"PK\x03\x04 and no more")
    done = importer(path)
    assert list(done.written) == ["22020003"]
    said = "\n".join(done.refused)
    for words in (
        "'../../outside_1_assignsubmission_file/x.ipynb' leads outside",
        "'/etc/cron.d/x_1_assignsubmission_file/x.ipynb' has an absolute path",
        "has an absolute path",
        "link.ipynb' is a symbolic link",
        'bomb.ipynb": is larger than 1 MB',
        "broken.zip: the zip file is damaged",
    ):
        assert words in said
    assert not list(tmp_path.parent.glob("outside_1_*"))
    assert not [path for path in tmp_path.rglob("*") if "outside_1_" in path.name or "windows" in path.name]
    assert [one.name for one in (tmp_path / "out" / "submitted").iterdir()] == ["22020003"]


def test_a_folder_may_hold_links_pipes_and_devices(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    folder = tmp_path / "download" / "Lê Cường_7_assignsubmission_file"
    folder.mkdir(parents=True)
    (folder / "good.ipynb").write_text(GOOD, encoding="utf-8")
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.ipynb")
    (tmp_path / "download" / "elsewhere").symlink_to("/etc")
    done = importer(tmp_path / "download")
    assert list(done.written) == ["22020003"]
    assert sorted(line.rpartition("/")[2] for line in done.refused) == [
        "elsewhere: is a symbolic link", "link.ipynb: is a symbolic link", "pipe.ipynb: is a pipe or device",
    ]  # fmt: skip


def test_importing_again_never_replaces_a_newer_submission(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    name = "Lê Cường_7_assignsubmission_file/doubling.ipynb"
    importer(zipped(tmp_path / "new.zip", {name: GOOD}, (2026, 12, 8, 10, 0, 0)))
    done = importer(zipped(tmp_path / "old.zip", {name: OTHER}, (2026, 12, 7, 10, 0, 0)))
    assert text_of(tmp_path, "22020003") == GOOD
    assert "holds a newer one, which stays" in done.older[0]
    importer(zipped(tmp_path / "newer.zip", {name: OTHER}, (2026, 12, 9, 10, 0, 0)))
    assert text_of(tmp_path, "22020003") == OTHER


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04", "zip file is damaged"),
        (b"nothing", "neither a folder nor a zip"),
        (None, "there is no such file"),
    ],
)
def test_what_is_no_download_is_said_in_one_sentence(
    content: bytes | None, says: str, tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    if content is not None:
        (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(GraderError, match=says):
        importer(tmp_path / "x.zip")


def test_an_unknown_layout_is_said_with_what_is_known(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    with pytest.raises(GraderError, match=r"is not recognised \(it holds an.ipynb\). Known are"):
        importer(zipped(tmp_path / "x.zip", {"an.ipynb": GOOD}))
    bad = {"submission_metadata.yml": "- : [", "submission_1/x.ipynb": GOOD}
    with pytest.raises(GraderError, match=r"submission_metadata.yml cannot be read"):
        importer(zipped(tmp_path / "y.zip", bad))


def test_what_was_recognised_and_why_is_said(tmp_path: Path, importer: Callable[[Path], Imported]) -> None:
    downloads: dict[str, dict[str, str | bytes]] = {
        "every name at the top is like lêcường_4713_1_x.ipynb (<name>_<number>_<number>_<file>)": {
            "lêcường_4713_1_x.ipynb": GOOD
        },
        "every name at the top is like Lê Cường_7_assignsubmission_file (<name>_<number>_assignsubmission_...)": {
            "Lê Cường_7_assignsubmission_file/x.ipynb": GOOD
        },
        "submission_metadata.yml lies at the top": {
            "submission_metadata.yml": GRADESCOPE,
            "submission_2/x.ipynb": GOOD,
        },
        "there is a folder submitted/, in which folders are laid out like 22020003/doubling/": {
            "submitted/22020003/doubling/x.ipynb": GOOD,
            "source/doubling/doubling.ipynb": OTHER,
        },
        "folders are called like 22020003+doubling+2026-12-07 (<student>+<assignment>+<time>)": {
            "22020003+doubling+2026-12-07/x.ipynb": GOOD
        },
    }
    for why, files in downloads.items():
        for around in ("", "again/"):  # who packs it again gets a folder around it
            shutil.rmtree(tmp_path / "out", ignore_errors=True)
            done = importer(zipped(tmp_path / "x.zip", {f"{around}{name}": data for name, data in files.items()}))
            assert done.why == why
            assert list(done.written) == ["22020003"]
            assert text_of(tmp_path, "22020003") == GOOD


def test_what_may_be_of_two_systems_is_asked(
    tmp_path: Path, course: Course, importer: Callable[[Path], Imported]
) -> None:
    path = zipped(tmp_path / "x.zip", {"an_101_assignsubmission_file_4711_1_x.ipynb": GOOD})
    with pytest.raises(GraderError) as problem:
        importer(path)
    said = str(problem.value)
    assert "may be of several systems. Canvas: every name at the top" in said
    assert said.endswith("Say which with --from canvas or --from moodle.")
    for system, title in (("canvas", "Canvas"), ("moodle", "Moodle")):
        done = import_(course=course.root, source=path, assignment="doubling", to=tmp_path / "out", system=system)
        assert done.system == title
    with pytest.raises(GraderError, match=r"is no download of Gradescope \(it holds an_101_"):
        import_(course=course.root, source=path, assignment="doubling", to=tmp_path / "out", system="gradescope")


def test_two_students_of_one_name_are_listed_with_their_numbers_and_neither_is_missing(
    tmp_path: Path, course: Course, importer: Callable[[Path], Imported]
) -> None:
    roster = tmp_path / "more.csv"
    roster.write_text("Student ID,Name\n22020006,Lê Cường\n", encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(roster)
    done = importer(zipped(tmp_path / "x.zip", {"lêcường_4713_1_x.ipynb": GOOD, "lêcường_4714_2_x.ipynb": GOOD}))
    assert done.unmatched == [f"lêcường ({number}): may be 22020003 or 22020006" for number in (4713, 4714)]
    assert done.missing == ["22020001", "22020002", "22020004", "22020005"]


def test_every_system_can_be_named() -> None:
    (option,) = (one for one in command.params if one.name == "system")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == SYSTEMS


def test_what_is_not_the_systems_is_said_and_does_not_change_whose_download_it_is(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    """Notes of the instructor's beside it, and a student's folder that looks like nbgrader's or like a clone."""
    folder = "_assignsubmission_file"
    done = importer(
        zipped(
            tmp_path / "m.zip",
            {
                "notes.txt": "to do",
                "scripts/run.sh": "",
                f"Nguyễn Thị An_101{folder}/doubling.ipynb": GOOD,
                f"Trần Văn Bình_102{folder}/doubling.ipynb": GOOD,
                f"Lê Cường_103{folder}/doubling/doubling.ipynb": GOOD,
                f"Lê Cường_103{folder}/submitted/22020001/doubling/doubling.ipynb": OTHER,
                f"Lê Cường_103{folder}/.git/HEAD": "",
            },
        )
    )
    assert done.system == "Moodle"
    assert sorted(done.written) == ["22020001", "22020002", "22020003"]
    assert done.refused == [
        "notes.txt: is not named as in a download from Moodle", "scripts: is not named as in a download from Moodle",
    ]  # fmt: skip


def test_one_repository_with_an_odd_name_does_not_change_what_the_clones_are(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    for name in ("an", "binh", "submitted", "x_1_assignsubmission_file", "22020001+doubling+2030-01-01"):
        clone = tmp_path / "clones" / name
        (clone / ".git").mkdir(parents=True)
        (clone / ".git" / "HEAD").write_text("ref: refs/heads/main")
        (clone / "22020001" / "doubling").mkdir(parents=True)
        (clone / "22020001" / "doubling" / "doubling.ipynb").write_text(OTHER, encoding="utf-8")
    done = importer(tmp_path / "clones")
    assert done.system == "git"
    assert sorted(done.written) == ["22020001", "22020002"]


def test_names_alone_are_said_where_they_decide(
    tmp_path: Path, course: Course, importer: Callable[[Path], Imported]
) -> None:
    path = zipped(tmp_path / "x.zip", {"lêcường_4713_1_x.ipynb": GOOD, "phamha_4715_2_x.ipynb": GOOD})
    assert importer(path).remarks == [
        "Found by their display name alone, which students may be able to choose: 2 of 2 students. "
        "The roster does not hold Canvas's own ids. --map FILE.csv gives them."
    ]


def test_a_teachers_number_that_is_a_students_id_by_chance_decides_nothing(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    done = importer(zipped(tmp_path / "x.zip", {"Lê Cường_22020005_assignsubmission_file/x.ipynb": GOOD}))
    assert list(done.written) == ["22020003"]


def test_whom_anyone_takes_was_not_found_by_name(
    tmp_path: Path, course: Course, importer: Callable[[Path], Imported]
) -> None:
    path = zipped(tmp_path / "x.zip", {"lêcường_4713_1_x.ipynb": GOOD, "zed_9_2_x.ipynb": GOOD})
    done = import_(course=course.root, source=path, assignment="doubling", to=tmp_path / "out", anyone=True)
    assert sorted(done.written) == ["22020003", "9"]
    assert "which students may be able to choose: 1 of 2 students." in done.remarks[0]
    shutil.rmtree(tmp_path / "out")
    path = zipped(tmp_path / "y.zip", {"zed_9_2_x.ipynb": GOOD})
    done = import_(course=course.root, source=path, assignment="doubling", to=tmp_path / "out", anyone=True)
    assert (list(done.written), done.remarks, done.ids) == (["9"], [], {})


def test_students_who_have_left_are_said_and_make_no_import_fail(
    tmp_path: Path, course: Course, importer: Callable[[Path], Imported]
) -> None:
    rest = tmp_path / "rest.csv"
    rest.write_text("".join(line for line in ROSTER.splitlines(True) if "Cường" not in line), encoding="utf-8")
    with Gradebook.open(course.root) as book:
        book.import_roster(rest, sync=True)
    done = importer(
        zipped(
            tmp_path / "x.zip", {f"{name}_assignsubmission_file/x.ipynb": GOOD for name in ("Lê Cường_7", "Phạm Hà_8")}
        )
    )
    assert done.left == ["22020003: Lê Cường, participant 7"]
    assert (list(done.written), done.unmatched, done.complete) == (["22020005"], [], True)


def test_of_blind_marking_each_participant_is_named_by_number(
    tmp_path: Path, importer: Callable[[Path], Imported]
) -> None:
    names = [f"{name}_assignsubmission_file/x.ipynb" for name in ("Participant_41", "Participant_42")]
    done = importer(zipped(tmp_path / "x.zip", dict.fromkeys(names, GOOD)))
    assert done.unmatched == [f"Participant {number}: may be nobody in the roster" for number in (41, 42)]


def test_an_import_names_few_of_many_who_have_handed_in_nothing(tmp_path: Path, course: Course) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "id,name\n" + "".join(f"{i:03},Student x{chr(97 + i // 26)}{chr(97 + i % 26)}\n" for i in range(300)),
        encoding="utf-8",
    )
    options = ["--course", str(course.root)]
    said = CliRunner().invoke(main, [*options, "roster", str(roster)]).output
    assert "300 students added, 0 updated" in said
    path = zipped(tmp_path / "x.zip", {"Student xaa_7_assignsubmission_file/x.ipynb": GOOD})
    options += ["import", str(path), "--assignment", "doubling", "--to", str(tmp_path / "out")]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 0
    assert "  001 (Student xab)\n" in done.output
    assert "  011 (Student xal) (and 288 more)\n" in done.output
    assert "012" not in done.output
    assert "submitted: 1 submission from Moodle." in done.output
