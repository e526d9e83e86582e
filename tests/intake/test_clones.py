"""Folders of clones as people make them of GitHub organisations, Classroom 50 and GitLab groups."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.commands import grade, import_, roster
from autograder.course import Course
from autograder.errors import GraderError
from autograder.gradebook import Gradebook
from autograder.intake import Imported
from autograder.intake.systems.git import logins_of
from tests.conftest import RIGHT, notebook
from tests.intake.git_host import cloned, git, pushed

FACULTY = """Student ID,Name,Email
22020001,Nguyễn Thị An,an@vnu.edu.vn
22020002,Trần Văn Bình,binh@vnu.edu.vn
22020003,Lê Cường,cuong@vnu.edu.vn
"""
GOOD = notebook(RIGHT)
CLASSROOM_50 = """username,first_name,last_name,email,section,github_id,role
annv1,An,Nguyễn Thị,an@vnu.edu.vn,A,101,student
binh-tran,Bình,Trần Văn,binh@vnu.edu.vn,A,102,student
,Cường,Lê,cuong@vnu.edu.vn,A,,student
teacher,Minh,Lý,minh@vnu.edu.vn,,104,teacher
"""
"""Who was invited by e-mail has no login yet."""
BEFORE, CLONED = "2026-12-01T12:00:00Z", "2026-12-07T10:00:00Z"
Importer = Callable[..., Imported]


@pytest.fixture
def importer(course: Course, tmp_path: Path) -> Importer:
    (tmp_path / "faculty.csv").write_text(FACULTY, encoding="utf-8")
    roster(course=course.root, path=tmp_path / "faculty.csv")
    return lambda source, **options: import_(
        course=course.root, source=source, assignment="doubling", to=tmp_path / "out", **options
    )


def clone(folder: Path, name: str) -> Path:
    host = folder / "host" / name
    if not host.exists():
        pushed(host, {"doubling.ipynb": GOOD}, BEFORE)
    return cloned(host, folder / "clones" / name, CLONED)


def logins(tmp_path: Path) -> Path:
    """What students have told of their logins."""
    table = tmp_path / "logins.csv"
    table.write_text("student,login\n22020001,annv1\n22020002,Binh-Tran\n22020003,cuong\n", encoding="utf-8")
    return table


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["int3414-conv-forward-22020001", "int3414-conv-forward-an-nguyen"], ["22020001", "an-nguyen"]),
        (["conv-forward-22020001", "conv-forward-annv1"], ["22020001", "annv1"]),
        (["conv_forward-an", "conv_forward-binh"], ["an", "binh"]),
        (["int3414-conv-forward-annv1"], ["annv1"]),
        (["conv-forward-an-n"], ["an-n"]),
        (["an", "binh", "cuong"], ["an", "binh", "cuong"]),
        (["conv-forward-an", "int3414-conv-forward-binh-2"], ["an", "binh-2"]),  # two tools' clones in one folder
        (["hw3-an", "hw3-b-tran", "hw3-cuong"], ["an", "b-tran", "cuong"]),
        (["lab-conv-forward-an-a", "lab-conv-forward-an-b"], ["an-a", "an-b"]),
        (["hw3-an-a"], ["hw3-an-a"]),  # where its prefix ends, nothing says
    ],
)
def test_the_login_is_what_stands_behind_the_prefix(names: list[str], expected: list[str]) -> None:
    assert [found[0] for found in logins_of(names, "conv_forward").values()] == expected


def test_a_login_that_looks_like_a_prefix_and_another_is_its_own(tmp_path: Path, importer: Importer) -> None:
    for name in ("hw3-22020002", "hw3-22020003", "hw3-doubling-22020001"):
        clone(tmp_path, name)
    done = importer(tmp_path / "clones")
    assert sorted(done.written) == ["22020002", "22020003"]
    assert done.unmatched == ["doubling-22020001: may be nobody in the roster"]


@pytest.mark.parametrize("prefix", ["int3414-doubling-", "doubling-", "int3414-hw3-", "INT3414-Doubling-", ""])
def test_clones_are_found_by_a_table_of_logins_whatever_their_prefix(
    prefix: str, tmp_path: Path, importer: Importer
) -> None:
    for login in ("annv1", "binh-tran", "cuong"):
        clone(tmp_path, f"{prefix}{login}")
    done = importer(tmp_path / "clones", map=logins(tmp_path))
    assert sorted(done.written) == ["22020001", "22020002", "22020003"]
    assert done.complete
    assert not [remark for remark in done.remarks if "by their login alone" in remark]


def test_a_single_clone_is_its_owners(tmp_path: Path, importer: Importer) -> None:
    for name in ("int3414-doubling-annv1", "hw3-annv1"):
        alone = cloned(clone(tmp_path / name, name), tmp_path / f"only {name}" / name, CLONED)
        assert list(importer(alone.parent, map=logins(tmp_path)).written) == ["22020001"]


def test_of_two_logins_of_which_one_ends_like_the_other_each_is_its_own(tmp_path: Path, importer: Importer) -> None:
    """Without a prefix, `an-` is what most names begin with."""
    table = tmp_path / "logins.csv"
    table.write_text("22020001,an-le\n22020002,an-tran\n22020003,le\n", encoding="utf-8")
    for login in ("an-le", "an-tran"):
        clone(tmp_path, login)
    assert sorted(importer(tmp_path / "clones", map=table).written) == ["22020001", "22020002"]


def test_logins_of_a_table_are_known_the_next_time(tmp_path: Path, course: Course, importer: Importer) -> None:
    for login in ("annv1", "binh-tran"):
        git(clone(tmp_path, f"doubling-{login}"), "remote", "set-url", "origin", f"git@github.com:int3414/{login}.git")
    importer(tmp_path / "clones", map=logins(tmp_path))
    with Gradebook.open(course.root) as book:
        known = {(student.id, one.kind, one.value) for student in book.students() for one in student.ids}
    assert {("22020001", "GitHub login", "annv1"), ("22020002", "GitHub login", "binh-tran")} <= known
    assert sorted(importer(tmp_path / "clones").written) == ["22020001", "22020002"]


def test_logins_of_a_table_are_known_the_next_time_wherever_the_clones_are_from(
    tmp_path: Path, course: Course, importer: Importer
) -> None:
    """Clones without a remote, of a host that is not known, of another one; and whoever is not among them."""
    for login, where in (("annv1", ""), ("binh-tran", "https://git.school.edu.vn/int3414/x.git")):
        here = clone(tmp_path, f"hw3-{login}")
        git(here, "remote", *(("set-url", "origin", where) if where else ("remove", "origin")))
    first = importer(tmp_path / "clones", map=logins(tmp_path))
    assert sorted(first.written) == ["22020001", "22020002"]
    clone(tmp_path, "hw3-cuong")
    later = importer(tmp_path / "clones")
    assert sorted(later.written) == ["22020001", "22020002", "22020003"]
    assert later.complete


def test_lines_of_a_table_that_give_no_id_are_named_and_not_kept(
    tmp_path: Path, course: Course, importer: Importer
) -> None:
    clone(tmp_path, "annv1")
    table = tmp_path / "logins.csv"
    table.write_text(f"annv1,22020001\n22020003,22020002\n{'x' * 201},22020003\n", encoding="utf-8")
    done = importer(tmp_path / "clones", map=table)
    assert [line.partition(" is ")[0] for line in done.unclear] == [
        "logins.csv:2: '22020003'",
        f"logins.csv:3: '{'x' * 60}'",
    ]
    assert (list(done.written), list(done.ids)) == (["22020001"], ["22020001"])


def test_a_given_login_is_no_number_of_another_system(tmp_path: Path, course: Course, importer: Importer) -> None:
    (tmp_path / "logins.csv").write_text("22020001,41\n", encoding="utf-8")
    git(clone(tmp_path, "41"), "remote", "remove", "origin")
    assert list(importer(tmp_path / "clones", map=tmp_path / "logins.csv").written) == ["22020001"]
    path = tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Participant_41_assignsubmission_file/x.ipynb", GOOD)
    assert importer(path).written == {}


@pytest.mark.parametrize("place", ["{}", "group/doubling/{}", "doubling/{}", "{}/int3414-doubling"])
def test_a_gitlab_groups_clones_are_found_with_the_group_around_them(
    place: str, tmp_path: Path, importer: Importer
) -> None:
    for login in ("annv1", "binh-tran"):
        origin = pushed(tmp_path / "host" / login, {"doubling.ipynb": GOOD}, BEFORE)
        cloned(origin, tmp_path / "clones" / place.format(login), CLONED)
        other = place.replace("doubling", "pooling") if "doubling" in place else ""
        if other:  # another assignment of the group's
            cloned(origin, tmp_path / "clones" / other.format(login), CLONED)
    source = tmp_path / "clones" / ("group" if place.startswith("group") else "")
    done = importer(source, map=logins(tmp_path))
    assert done.system == "git"
    assert sorted(done.written) == ["22020001", "22020002"]
    stamp = tmp_path / "out" / "submitted" / "22020001" / "doubling" / "timestamp.txt"
    assert stamp.read_text() == "2026-12-07 10:00:00 UTC\n"


def test_a_students_folder_with_a_clone_called_like_the_assignment_is_nbgraders_layout_unless_told(
    tmp_path: Path, importer: Importer
) -> None:
    """In nbgrader's folders, `.git` is of the student's making."""
    origin = pushed(tmp_path / "host", {"doubling.ipynb": GOOD}, BEFORE)
    cloned(origin, tmp_path / "clones" / "annv1" / "doubling", CLONED)
    assert importer(tmp_path / "clones", map=logins(tmp_path)).system == "nbgrader"
    assert importer(tmp_path / "clones", map=logins(tmp_path), system="git").system == "git"


def test_what_classroom_50_writes_beside_and_into_clones_is_nobodys(tmp_path: Path, importer: Importer) -> None:
    for login in ("annv1", "binh-tran"):
        here = clone(tmp_path, f"int3414-doubling-{login}")
        (here / "weights.txt").write_text("1 2 3")
        for name in ("result.json", "results.json"):
            (here / name).write_text('{"username": "cuong", "score": 100}')
    folder = tmp_path / "clones"
    (folder / "scores.csv").write_text("username,score\nannv1,100\nbinh-tran,\n")
    done = importer(folder, map=logins(tmp_path))
    assert done.complete
    assert sorted(done.written) == ["22020001", "22020002"]
    written = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    assert sorted(path.name for path in written.iterdir() if path.name[0] != ".") == [
        "doubling.ipynb", "timestamp.txt", "weights.txt",
    ]  # fmt: skip


def test_a_notebook_beside_the_clones_is_named(tmp_path: Path, importer: Importer) -> None:
    clone(tmp_path, "doubling-annv1")
    (tmp_path / "clones" / "22020002.ipynb").write_text(GOOD, encoding="utf-8")
    done = importer(tmp_path / "clones", map=logins(tmp_path))
    assert done.refused == ["22020002.ipynb: lies beside the git clones, and is in none"]
    assert not done.complete


@pytest.mark.parametrize("by", ["roster", "map"])
def test_from_classroom_50s_roster_to_scores_under_student_numbers(
    by: str, tmp_path: Path, course: Course, importer: Importer
) -> None:
    folder = tmp_path / "int3414-doubling_submissions_2026-12-07T10_00_00"
    for login, source in (("annv1", RIGHT), ("binh-tran", "def double(x): return x")):
        origin = pushed(tmp_path / "host" / login, {"doubling.ipynb": notebook(source)}, BEFORE)
        cloned(origin, folder / f"int3414-doubling-{login}", CLONED)
    (folder / "scores.csv").write_text("username,score\nannv1,100\n")
    if by == "roster":
        (tmp_path / "roster.csv").write_text(CLASSROOM_50, encoding="utf-8")
        roster(course=course.root, path=tmp_path / "roster.csv")
    done = importer(folder, **({"map": logins(tmp_path)} if by == "map" else {}))
    assert done.missing == ["22020003"]
    run = grade(course=course.root, assignment="doubling", paths=[tmp_path / "out" / "submitted"])
    assert {result.student: result.score == 100 for result in run.results} == {"22020001": True, "22020002": False}


# The web's "Download all submissions"


def packed(
    login: str, files: dict[str, str], *, folder: str = "", date: tuple[int, ...] = (2020, 1, 1, 0, 0, 0)
) -> bytes:
    """A repository as GitHub packs it, with the dates of its commit."""
    folder = folder or f"int3414-2026-int3414-doubling-{login}-0a1b2c3"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.comment = b"0a1b2c3" + b"0" * 33
        archive.writestr(zipfile.ZipInfo(f"{folder}/", date), "")  # type: ignore[arg-type]
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", date), text)  # type: ignore[arg-type]
    return content.getvalue()


def downloaded(tmp_path: Path, files: dict[str, bytes]) -> Path:
    path = tmp_path / "int3414-doubling-submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_classroom_50s_download(tmp_path: Path, importer: Importer) -> None:
    files = {"doubling.ipynb": GOOD, "README.md": "# Doubling", ".github/workflows/autograde.yaml": "on: push"}
    logged = {f"{login}.zip": packed(login, files) for login in ("annv1", "binh-tran", "stranger")}
    path = downloaded(tmp_path, logged)
    done = importer(path, map=logins(tmp_path))
    assert done.system == "Classroom 50"
    assert sorted(done.written) == ["22020001", "22020002"]
    assert done.unmatched == ["stranger: may be nobody in the roster"]
    assert "does not say when something was pushed" in done.times
    folder = tmp_path / "out" / "submitted" / "22020001" / "doubling"
    assert (folder / "doubling.ipynb").read_text(encoding="utf-8") == GOOD
    assert not (folder / "timestamp.txt").exists()  # a commit's date is its author's


def test_a_zip_of_a_students_own_among_classroom_50s_is_named(tmp_path: Path, importer: Importer) -> None:
    files = {"doubling.ipynb": GOOD}
    path = downloaded(
        tmp_path,
        {
            "annv1.zip": packed("annv1", files),
            "binh-tran.zip": packed("binh-tran", files),
            "cuong.zip": packed("cuong", files, folder="int3414-2026-int3414-doubling-annv1-0a1b2c3"),
        },
    )
    done = importer(path, map=logins(tmp_path))
    assert sorted(done.written) == ["22020001", "22020002"]
    assert done.refused == ["cuong.zip: is no repository named after its student, as GitHub packs them"]


def test_a_repository_of_classroom_50s_that_cannot_be_read_is_named_with_what_is_wrong(
    tmp_path: Path, importer: Importer
) -> None:
    files = {"doubling.ipynb": GOOD}
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as archive:
        archive.writestr("int3414-2026-int3414-doubling-cuong-0a1b2c3/model.bin", bytes(2 * 2**20))
    logged = {f"{login}.zip": packed(login, files) for login in ("annv1", "binh-tran")}
    path = downloaded(tmp_path, logged | {"cuong.zip": large.getvalue(), "dung.zip": packed("dung", files)[:-100]})
    done = importer(path, anyone=True)
    assert done.system == "Classroom 50"
    assert [line for line in done.refused if "cuong" in line] == [
        "cuong.zip: cuong.zip: is, or its zips together are, larger than 1 MB"
    ]
    assert [line for line in done.refused if "dung" in line] == [
        "dung.zip: dung.zip: the zip file is damaged, perhaps cut off"
    ]
    assert [line.partition(":")[0] for line in done.empty] == ["22020003", "dung"]


def test_zips_that_github_has_not_packed_are_of_no_known_system(tmp_path: Path, importer: Importer) -> None:
    path = downloaded(
        tmp_path,
        {
            "22020001.zip": packed("22020001", {"doubling.ipynb": GOOD}),  # one that is made to look so
            **{f"2202000{number}.zip": packed("x", {"doubling.ipynb": GOOD}, folder="my work") for number in (2, 3)},
        },
    )
    with pytest.raises(GraderError, match="is not recognised"):
        importer(path)


def test_of_several_projects_of_one_student_the_assignments_own_counts_or_they_are_named(
    tmp_path: Path, importer: Importer
) -> None:
    for login, names in {"annv1": ("doubling", "old-doubling"), "binh-tran": ("my-doubling", "old-doubling")}.items():
        for name in names:
            origin = pushed(tmp_path / "host" / login / name, {"doubling.ipynb": notebook(f"# {name}")}, BEFORE)
            cloned(origin, tmp_path / "clones" / login / name, CLONED)
    done = importer(tmp_path / "clones", map=logins(tmp_path), system="git")
    assert list(done.written) == ["22020001"]
    assert "# doubling" in done.written["22020001"].read_text(encoding="utf-8")
    assert done.refused == [
        "binh-tran: holds several projects that may be meant (my-doubling, old-doubling). Move all but one away"
    ]
    assert not done.complete
