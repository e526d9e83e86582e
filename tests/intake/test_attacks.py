"""Whatever one student puts into their submission changes no byte of another's, nor who is late or missing."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.course import Assignment
from autograder.intake import Imported, Task, import_submissions
from tests.conftest import RIGHT, notebook, write_course
from tests.intake.git_host import cloned, git, pushed, write


@dataclass(frozen=True)
class Student:
    id: str
    name: str
    email: str
    section: str
    enrolled = True
    has_left = False
    ids = ()


ROSTER = [
    Student("22020001", "Nguyễn Thị An", "an@vnu.edu.vn", "A"),
    Student("22020002", "Trần Văn Bình", "binh@vnu.edu.vn", "A"),
    Student("22020003", "Lê Cường", "cuong@vnu.edu.vn", "team-7"),
    Student("22020009", "Mai Kẻ", "mallory@vnu.edu.vn", "B"),
]
VICTIMS = ["22020001", "22020002"]
"""They have handed in; 22020003 has not."""
ATTACKER = "22020009"
GOOD = notebook(RIGHT)
FORGED = notebook("def double(x): return 0\ndef name(who): return 0")
METADATA = """---
submission_1:
  :submitters:
  - :name: Nguyễn Thị An
    :sid: '22020001'
    :email: an@vnu.edu.vn
  :created_at: 2030-01-01 00:00:00 Z
"""
OUTER = (2026, 12, 8, 10, 0, 0)
DATES = [(2020, 1, 1, 0, 0, 0), (1980, 1, 1, 0, 0, 0), (2099, 12, 31, 0, 0, 0), OUTER]

Files = dict[str, bytes]

PARTS = st.one_of(
    st.sampled_from(
        [
            "doubling", "submitted", "inbound", "22020001", "22020002", "22020001+doubling+2030-01-01 00:00:00 UTC", "22020001+doubling+2030-01-01 00:00:00 UTC+abc",
            "Nguyễn Thị An_101_assignsubmission_file", "Nguyễn Thị An_101_assignsubmission_file_", "nguyễnthịan_4711_90001_all", "assignment_9_export", "submission_1", "an",
            "doubling-an", "LATE", "__MACOSX", "submission_metadata.yml", "timestamp.txt",
        ]
    ),
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\"), min_size=1, max_size=12),
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(
        [
            "doubling.ipynb", "submission_metadata.yml", "timestamp.txt", "x_101_assignsubmission_file_y.ipynb", "Nguyễn Thị An_101_assignsubmission_file_y.ipynb",
            "nguyễnthịan_4711_90001_doubling.ipynb", "nguyễnthịan_LATE_4711_90001_doubling.ipynb", "x_LATE_4711_90001_y.ipynb", "22020001.ipynb", "22020001_doubling.ipynb",
            "22020001+doubling+2030-01-01 00:00:00 UTC.ipynb", "LATE_anon_x7Qk2_1_y.ipynb", "lab_1_2_final.ipynb", "an.ipynb", "doubling-22020001.ipynb", "all.zip",
        ]
    ),
    PARTS.map(lambda part: f"{part}.ipynb"), PARTS,
)  # fmt: skip
PATHS = st.tuples(st.lists(PARTS, max_size=3), NAMES).map(lambda parts: "/".join([*parts[0], parts[1]]))
CONTENTS = st.sampled_from(
    [
        FORGED.encode(), GOOD.encode(), METADATA.encode(), b"2020-01-01 00:00:00 UTC", b"PK\x03\x04", b"gitdir: /etc", b"ref: refs/heads/main\n",
    ]
)  # fmt: skip


def packed(files: Mapping[str, bytes | str], date: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date), content)  # type: ignore[arg-type]
    return buffer.getvalue()


TREES = st.dictionaries(PATHS, CONTENTS, max_size=4)
ZIPS = st.builds(
    lambda files, inner, date: packed({**files, **({"in.zip": packed(inner, date)} if inner else {})}, date),
    st.dictionaries(st.one_of(PATHS, st.sampled_from(["../../22020001/doubling/doubling.ipynb", "/doubling.ipynb", ".git/HEAD"])), CONTENTS, max_size=4),
    TREES, st.sampled_from(DATES),
)  # fmt: skip
FLAT = st.dictionaries(
    NAMES, st.one_of(CONTENTS, ZIPS), min_size=1, max_size=3
)  # what a system takes that knows no folders
FLAT_OR_ZIP = st.one_of(FLAT, ZIPS.map(lambda data: {"all.zip": data}))
FOLDERS = st.builds(
    lambda files, zips: {**files, **{f"{i}.zip": one for i, one in enumerate(zips)}}, TREES, st.lists(ZIPS, max_size=1)
)
"""What a system takes that knows folders."""


@cache
def assignment() -> Assignment:
    return write_course(Path(tempfile.mkdtemp())).assignment("doubling")


def task(source: Path, roster: Sequence[Student], to: Path) -> Task:
    """What is to be imported into a folder, for a course without extensions."""
    return Task(source, assignment(), roster, lambda student: assignment().due, to)


def run(source: Path, roster: Sequence[Student] = tuple(ROSTER)) -> tuple[Imported, dict[str, bytes]]:
    """What an import did, and what it wrote."""
    with tempfile.TemporaryDirectory() as out:
        done = import_submissions(task(source, roster, Path(out)))
        root = Path(out) / "submitted"
        written = {
            path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
        }
        return done, written


def unharmed(
    alone: tuple[Imported, dict[str, bytes]], beside: tuple[Imported, dict[str, bytes]], own: str = ATTACKER
) -> None:
    """Nothing of anybody else changed."""
    (before, old), (after, new) = alone, beside

    def others(lines: Sequence[str]) -> list[str]:
        return [line for line in lines if not line.startswith(own)]

    assert after.system == before.system
    assert {k: v for k, v in new.items() if not k.startswith(f"{own}/")} == old
    assert others(after.late) == others(before.late)
    assert others(after.missing) == others(before.missing)
    assert others(after.older) == others(before.older)
    assert not others(after.conflicts)
    assert not others(after.ties)


# Canvas


def canvas(files: Mapping[str, bytes | str]) -> bytes:
    return packed(files, OUTER)


CANVAS = {
    "nguyễnthịan_4711_90001_doubling-1.ipynb": GOOD,
    "trầnvănbình_LATE_4712_90002_doubling.ipynb": GOOD,
}
BY_NUMBER = [
    Student(number, one.name, one.email, one.section)
    for number, one in zip(("4711", "4712", "4713", "4719"), ROSTER, strict=True)
]
"""A roster that holds Canvas's own ids."""


def imported(name: str, data: bytes, roster: Sequence[Student]) -> tuple[Imported, dict[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return run(path, roster)


@pytest.mark.parametrize(("roster", "own"), [(ROSTER, ATTACKER), (BY_NUMBER, "4719"), ([], "4719")])
def test_canvas(roster: Sequence[Student], own: str) -> None:
    alone = imported("s.zip", canvas(CANVAS), roster)
    assert len(alone[0].written) == 2

    @settings(max_examples=50)
    @given(files=FLAT_OR_ZIP, late=st.booleans())
    @example(files={"all.zip": packed({"submission_metadata.yml": METADATA}, DATES[0])}, late=False)
    @example(files={"x_4711_90001_y.ipynb": FORGED.encode()}, late=True)
    def attack(files: Files, late: bool) -> None:
        mark = "LATE_" if late else ""
        mine = {f"maikẻ_{mark}4719_{91000 + n}_{name}": data for n, (name, data) in enumerate(files.items())}
        beside = imported("s.zip", canvas({**CANVAS, **mine}), roster)
        unharmed(alone, beside, own)
        assert not late or own not in beside[0].written or own in beside[0].late or len(files) > 1

    attack()


DISPLAY_NAMES = st.one_of(
    st.sampled_from(
        [
            "Nguyễn Thị An", "nguyen thi an", "Nguyễn Thị An_4711_90001_x", "Nguyễn Thị An_LATE", "LATE", "anon", "", "A", "team-7", "Trần Văn Bình_LATE_4712_90002_doubling.ipynb",
            "x_101_assignsubmission_file", "Nguyễn Thị An_101_assignsubmission_file_x", "submission_metadata.yml", "submitted", "22020001", "an", "an@vnu.edu.vn",
            "22020001+doubling+2030-01-01", "Lê Cường", "4711", "_4711_1_", "..", "🙂",
        ]
    ),
    st.text(max_size=10),
)  # fmt: skip


def never_chosen(
    alone: tuple[Imported, dict[str, bytes]], beside: tuple[Imported, dict[str, bytes]], victims: Sequence[str]
) -> None:
    """Whoever may be meant by two senders is listed and nothing of theirs written; the others are as they were."""
    (before, old), (after, new) = alone, beside
    assert after.system == before.system
    for victim in victims:
        listed = any(line.startswith(f"{victim}: ") for line in after.conflicts)
        own = {name: data for name, data in new.items() if name.startswith(f"{victim}/")}
        assert own == ({} if listed else {name: data for name, data in old.items() if name.startswith(f"{victim}/")})
        assert victim not in after.missing
        assert listed or (victim in after.late) == (victim in before.late)
        assert not listed or not after.complete


@pytest.mark.parametrize("roster", [ROSTER, BY_NUMBER, []])
def test_a_display_name_at_canvas_is_never_chosen_between(roster: Sequence[Student]) -> None:
    alone = imported("s.zip", canvas(CANVAS), roster)
    victims = ["22020001", "22020002"] if roster is ROSTER else ["4711", "4712"]

    @settings(max_examples=50)
    @given(display=DISPLAY_NAMES, files=FLAT_OR_ZIP, late=st.booleans())
    @example(display="Nguyễn Thị An_4711_90001_x", files={"doubling.ipynb": FORGED.encode()}, late=False)
    def attack(display: str, files: Files, late: bool) -> None:
        # As Canvas writes it: small letters, digits and _.
        name = "".join(char for char in display.lower() if char.isalnum() or char == "_")
        mark = "LATE_" if late else ""
        mine = {f"{name}_{mark}4719_{91000 + n}_{file}": data for n, (file, data) in enumerate(files.items())}
        beside = imported("s.zip", canvas({**CANVAS, **mine}), roster)
        never_chosen(alone, beside, victims)
        if roster is not ROSTER:  # ids decide, and a name decides nothing
            assert not [line for line in beside[0].conflicts if line.startswith(tuple(victims))]

    attack()


# Moodle


MOODLE = {"Nguyễn Thị An_101": GOOD, "Trần Văn Bình_102": GOOD}


def moodle(people: Mapping[str, Mapping[str, bytes | str]], flat: bool) -> bytes:
    between = "_" if flat else "/"
    return packed(
        {
            f"{who}_assignsubmission_file{between}{name.replace('/', '-') if flat else name}": data
            for who, files in people.items()
            for name, data in files.items()
        },
        OUTER,
    )


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(("roster", "own"), [(ROSTER, ATTACKER), ([], "109")])
def test_moodle(flat: bool, roster: Sequence[Student], own: str) -> None:
    honest = {who: {"doubling.ipynb": data} for who, data in MOODLE.items()}
    alone = imported("m.zip", moodle(honest, flat), roster)
    assert len(alone[0].written) == 2

    @settings(max_examples=50)
    @given(files=FOLDERS)
    @example(files={"x_101_assignsubmission_file_y.ipynb": FORGED.encode()})
    @example(files={"doubling/doubling.ipynb": FORGED.encode(), "submitted/22020001/doubling/x.ipynb": FORGED.encode()})
    def attack(files: Files) -> None:
        unharmed(alone, imported("m.zip", moodle({**honest, "Mai Kẻ_109": files}, flat), roster), own)

    attack()


@pytest.mark.parametrize("flat", [False, True])
def test_a_display_name_at_moodle_is_never_chosen_between(flat: bool) -> None:
    honest = {who: {"doubling.ipynb": data} for who, data in MOODLE.items()}
    alone = imported("m.zip", moodle(honest, flat), ROSTER)

    @settings(max_examples=50)
    @given(display=DISPLAY_NAMES, files=FOLDERS)
    def attack(display: str, files: Files) -> None:
        name = "".join(
            char for char in display.replace("_", " ") if char.isprintable() and char not in '/\\:*?"<>|'
        ).strip(" .")
        beside = imported("m.zip", moodle({**honest, f"{name or 'x'}_109": files}, flat), ROSTER)
        never_chosen(alone, beside, VICTIMS)

    attack()


# Gradescope


def gradescope(files: Mapping[str, bytes]) -> bytes:
    people = "".join(
        f"submission_{number}:\n  :submitters:\n  - :name: {one.name}\n    :sid: '{one.id}'\n    :email: {one.email}\n"
        f"  :created_at: 2026-12-07 2{number % 4}:00:00.123 +07:00\n"
        for number, one in ((1, ROSTER[0]), (2, ROSTER[1]), *([(9, ROSTER[3])] if files else []))
    )
    mine = {f"submission_9/{name}": data for name, data in files.items()}
    return packed(
        {
            f"assignment_7_export/{name}": data
            for name, data in {
                "submission_metadata.yml": f"---\n{people}".encode(),
                "submission_1/doubling.ipynb": GOOD.encode(),
                "submission_2/doubling.ipynb": GOOD.encode(),
                **mine,
            }.items()
        },
        OUTER,
    )


def test_gradescope() -> None:
    alone = imported("g.zip", gradescope({}), ROSTER)
    assert len(alone[0].written) == 2

    @settings(max_examples=50)
    @given(files=FOLDERS)
    @example(files={"submission_metadata.yml": METADATA.encode(), "submission_1/x.ipynb": FORGED.encode()})
    def attack(files: Files) -> None:
        unharmed(alone, imported("g.zip", gradescope(files), ROSTER))

    attack()


# nbgrader


INBOUND = {
    "22020001": "22020001+doubling+2026-12-07 10:00:00.000000 UTC+abc",
    "22020002": "22020002+doubling+2026-12-09 10:00:00.000000 UTC+abc",
    ATTACKER: f"{ATTACKER}+doubling+2026-12-07 11:00:00.000000 UTC+abc",
}
SUBMITTED = {student: f"submitted/{student}/doubling" for student in INBOUND}


@pytest.mark.parametrize(
    "layout", [INBOUND, SUBMITTED, {k: v.removeprefix("submitted/") for k, v in SUBMITTED.items()}]
)
@pytest.mark.parametrize("zipped", [False, True])
def test_nbgrader(layout: dict[str, str], zipped: bool) -> None:
    honest: Files = {f"{layout[student]}/doubling.ipynb": GOOD.encode() for student in VICTIMS}
    honest |= {f"{layout[student]}/timestamp.txt": b"2026-12-07 10:00:00.000000 UTC" for student in VICTIMS}

    def download(files: Files) -> tuple[Imported, dict[str, bytes]]:
        if zipped:
            return imported("n.zip", packed(files, OUTER), ROSTER)
        with tempfile.TemporaryDirectory() as folder:
            return run(write(Path(folder), files))

    alone = download(honest)
    assert len(alone[0].written) == 2

    @settings(max_examples=40)
    @given(files=FOLDERS)
    @example(files={"22020001+doubling+2030-01-01 00:00:00 UTC/doubling.ipynb": FORGED.encode()})
    @example(files={"submitted/22020001/doubling/doubling.ipynb": FORGED.encode()})
    @example(files={"22020001/doubling/doubling.ipynb": FORGED.encode(), "submission_metadata.yml": METADATA.encode()})
    @example(files={".git/HEAD": b"ref: refs/heads/main"})
    def attack(files: Files) -> None:
        unharmed(alone, download({**honest, **{f"{layout[ATTACKER]}/{name}": data for name, data in files.items()}}))

    attack()


# git


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    for login in ("22020001", "binh"):
        origin = pushed(tmp_path / "host" / login, {"doubling.ipynb": GOOD}, "2026-12-01T12:00:00Z")
        cloned(origin, tmp_path / "clones" / f"doubling-{login}", "2026-12-07T10:00:00Z")
    return tmp_path / "clones"


def test_git(clones: Path) -> None:
    alone = run(clones)
    assert sorted(alone[0].written) == VICTIMS

    @settings(max_examples=20)
    @given(
        files=FOLDERS.map(lambda files: {name: data for name, data in files.items() if ".git" not in name}),
        date=st.sampled_from(["2001-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]),
    )
    def attack(files: Files, date: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            origin = pushed(Path(folder) / "host", files, date)
            here = Path(folder) / "clones"
            here.mkdir()
            for one in clones.iterdir():
                shutil.copytree(one, here / one.name)
            cloned(origin, here / "doubling-mallory", "2026-12-07T12:00:00Z")
            beside = run(here)
            unharmed(alone, beside)
            if ATTACKER in beside[0].written:
                assert beside[1][f"{ATTACKER}/doubling/timestamp.txt"] == b"2026-12-07 12:00:00 UTC\n"

    attack()


def test_a_commits_date_decides_nothing_the_time_of_cloning_and_of_pulling_counts(tmp_path: Path) -> None:
    origin = pushed(tmp_path / "host", {"doubling.ipynb": GOOD}, "2001-01-01T00:00:00Z")
    clone = cloned(origin, tmp_path / "clones" / "doubling-an", "2026-12-07T10:00:00Z")
    assert run(clone.parent)[1]["22020001/doubling/timestamp.txt"] == b"2026-12-07 10:00:00 UTC\n"
    write(origin, {"doubling.ipynb": FORGED})
    git(origin, "commit", "-aqm", "later", date="2002-01-01T00:00:00Z")
    git(clone, "pull", "-q", date="2026-12-07T15:00:00Z")
    git(clone, "checkout", "-q", "-b", "look", date="2026-12-10T10:00:00Z")
    done, files = run(clone.parent)
    assert files["22020001/doubling/timestamp.txt"] == b"2026-12-07 15:00:00 UTC\n"
    assert "bear whatever dates their authors give them" in done.times
    (clone / ".git" / "logs" / "HEAD").unlink()  # where git was told to keep no notes, the clone's own files tell
    os.utime(clone / ".git" / "HEAD", (1_796_000_000, 1_796_000_000))
    assert run(clone.parent)[1]["22020001/doubling/timestamp.txt"] == b"2026-11-30 00:53:20 UTC\n"


def test_what_came_between_two_looks_of_which_one_was_before_the_due_date_has_no_time(tmp_path: Path) -> None:
    """It may have been pushed in time. Was the first look after the due date, it was not."""
    for first, stamp in (("2026-12-07T10:00:00Z", None), ("2026-12-08T10:00:00Z", b"2026-12-08 10:00:00 UTC\n")):
        folder = tmp_path / first[:10]
        origin = pushed(folder / "host", {"doubling.ipynb": GOOD}, "2001-01-01T00:00:00Z")
        clone = cloned(origin, folder / "clones" / "doubling-an", first)
        write(origin, {"doubling.ipynb": FORGED})
        git(origin, "commit", "-aqm", "later", date="2002-01-01T00:00:00Z")
        git(clone, "pull", "-q", date="2026-12-09T10:00:00Z")
        done, files = run(clone.parent)
        assert files.get("22020001/doubling/timestamp.txt") == stamp
        assert ("nothing says when it was pushed" if stamp is None else "the earlier of these counts") in done.remarks[
            0
        ]


def test_the_same_commit_cloned_again_is_as_old_as_before(tmp_path: Path) -> None:
    origin = pushed(tmp_path / "host", {"doubling.ipynb": GOOD}, "2001-01-01T00:00:00Z")
    for day, expected in ((7, 7), (9, 7)):
        clone = cloned(origin, tmp_path / f"clones{day}" / "doubling-an", f"2026-12-{day:02}T10:00:00Z")
        import_submissions(task(clone.parent, ROSTER, tmp_path / "out"))
        stamp = tmp_path / "out" / "submitted" / "22020001" / "doubling" / "timestamp.txt"
        assert stamp.read_text() == f"2026-12-{expected:02} 10:00:00 UTC\n"


def test_two_clones_for_one_student_are_both_listed(clones: Path, tmp_path: Path) -> None:
    """A login is chosen: an@ is the victim's address, and so is the victim's number."""
    origin = pushed(tmp_path / "attacker", {"doubling.ipynb": FORGED}, "2030-01-01T00:00:00Z")
    cloned(origin, clones / "doubling-an", "2026-12-07T10:00:00Z")
    done, files = run(clones)
    assert done.conflicts[0].startswith("22020001: doubling-22020001; and doubling-an. See in git who they are")
    assert not done.complete
    assert [name for name in files if name.startswith("22020001/")] == []
    assert "22020001" not in done.missing
    assert "22020002" in done.written


# Each attack that once worked, and its siblings


@pytest.mark.parametrize("name", ["nguyễnthịan", "nguyenthian", "annguyễnthị"])
def test_the_same_display_name_at_canvas_lists_both(name: str) -> None:
    done, files = imported("s.zip", canvas({**CANVAS, f"{name}_4719_91000_doubling.ipynb": FORGED}), ROSTER)
    assert done.conflicts[0].startswith("22020001: ")
    assert "nguyễnthịan, user 4711" in done.conflicts[0]
    assert f"{name}, user 4719" in done.conflicts[0]
    assert "See in Canvas who they are" in done.conflicts[0]
    assert list(done.written) == ["22020002"]
    assert not any(name.startswith("22020001/") for name in files)
    assert done.missing == ["22020003", ATTACKER]


@pytest.mark.parametrize("roster", [ROSTER, BY_NUMBER], ids=["names", "numbers"])
def test_a_display_name_that_holds_numbers_is_listed_beside_the_victims_own(roster: list[Student]) -> None:
    forged = "nguyễnthịan_4711_90001_x_4719_91000_doubling.ipynb"
    done, files = imported("s.zip", canvas({**CANVAS, forged: FORGED}), roster)
    victim = roster[0].id
    if roster is ROSTER:
        assert done.conflicts[0].startswith(f"{victim}: ")
        assert f"the file {forged}" in done.conflicts[0]
    else:
        assert files[f"{victim}/doubling/doubling.ipynb"] == GOOD.encode()
        assert forged in done.unmatched[0]


@pytest.mark.parametrize("roster", [ROSTER, BY_NUMBER], ids=["names", "numbers"])
def test_numbers_in_a_files_own_name_do_not_give_it_away_to_a_namesake(roster: list[Student]) -> None:
    """The name can be read in two ways, one of which leads to its student; somebody else has taken that student's display name."""
    honest = "nguyễnthịan_4711_90001_lab_2024_11_final.ipynb"
    done, files = imported("s.zip", canvas({honest: GOOD, "nguyễnthịan_4719_91000_x.ipynb": FORGED}), roster)
    assert FORGED.encode() not in files.values()
    assert done.conflicts[0].startswith("22020001: ") if roster is ROSTER else "4711" in done.written


def test_a_participants_number_at_moodle_that_is_a_students_id_by_chance_says_nothing() -> None:
    roster = [Student("101", "Nguyễn Thị An", "", ""), Student("102", "Trần Văn Bình", "", "")]
    files = {
        "Somebody Else_101_assignsubmission_file_/doubling.ipynb": FORGED,
        "Nguyễn Thị An_205_assignsubmission_file_/doubling.ipynb": GOOD,
    }
    done, written = imported("s.zip", packed(files, OUTER), roster)
    assert written["101/doubling/doubling.ipynb"] == GOOD.encode()
    assert done.unmatched == ["Somebody Else 101: may be nobody in the roster"]


def test_a_students_file_may_hold_numbers_too() -> None:
    done, files = imported("s.zip", canvas({**CANVAS, "maikẻ_4719_91000_lab_1_2_final.ipynb": FORGED}), ROSTER)
    assert files[f"{ATTACKER}/doubling/doubling.ipynb"] == FORGED.encode()
    assert done.complete


def test_the_systems_mark_of_late_is_not_beaten_by_dates_within_a_zip() -> None:
    """What was handed in is dated 2020, the download 2026, or before the due date: none of them is when it was handed in."""
    inner = packed({"doubling.ipynb": GOOD}, (2020, 1, 1, 0, 0, 0))
    for date in (OUTER, (1980, 1, 1, 0, 0, 0), (2026, 12, 1, 0, 0, 0)):
        done, files = imported("s.zip", packed({"maikẻ_LATE_4719_91000_all.zip": inner}, date), ROSTER)
        assert done.late == [ATTACKER]
        assert f"{ATTACKER}/doubling/timestamp.txt" not in files
        assert json.loads(files[f"{ATTACKER}/.doubling.imported"])["late"]
        assert "counts as one day late" in done.remarks[0]


def test_a_name_that_is_a_sections_counts_for_nobody_who_handed_in_alone() -> None:
    people = {"Nguyễn Thị An_101": {"x.ipynb": GOOD}, "A_109": {"x.ipynb": FORGED}}
    done, files = imported("m.zip", moodle(people, flat=False), ROSTER)
    assert list(done.written) == ["22020001"]
    assert files["22020001/doubling/doubling.ipynb"] == GOOD.encode()
    assert done.unmatched == ["A, participant 109: is called like the section A, of which 22020001 handed in alone"]


def test_two_groups_of_gradescope_for_one_student_are_both_listed() -> None:
    """At Gradescope, whoever hands in names the members of their group."""
    people = "".join(
        f"submission_{number}:\n  :submitters:\n"
        + "".join(f"  - :name: {one.name}\n    :sid: '{one.id}'\n" for one in group)
        + "  :created_at: 2026-12-07 20:00:00 +07:00\n"
        for number, group in ((1, ROSTER[:1]), (2, [ROSTER[0], ROSTER[3]]), (3, []))
    )
    files = {f"submission_{number}/x.ipynb": GOOD for number in (1, 2, 3)}
    done, _ = imported("g.zip", packed({"submission_metadata.yml": people, **files}, OUTER), ROSTER)
    assert list(done.written) == [ATTACKER]
    assert done.conflicts[0].startswith("22020001: submission_1; and submission_2. See in Gradescope")
    assert done.unmatched == ["submission_3: names nobody who handed it in"]


def test_two_names_for_one_folder_are_both_listed() -> None:
    people = "".join(
        f"submission_{number}:\n  :submitters:\n  - :sid: '{sid}'\n"
        for number, sid in ((1, "ab"), (2, "AB"), (3, "x" * 300))
    )
    files = {f"submission_{number}/x.ipynb": GOOD for number in (1, 2, 3)}
    done, written = imported("g.zip", packed({"submission_metadata.yml": people, **files}, OUTER), [])
    assert written == {}
    assert "AB: submission_2; and submission_1" in done.conflicts[0]
    assert "too long for an id" in done.unmatched[0]
