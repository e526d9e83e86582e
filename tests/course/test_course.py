"""Course sources are checked, and each message names the file, the line and the cure."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
import pytest

from autograder.commands import build, grade
from autograder.course import Assignment, Course, Role, derive_seed
from autograder.course import course as course_module
from autograder.course.toml import line_of
from autograder.errors import CourseError
from autograder.kernel import Sources
from autograder.targets import build_target
from tests.conftest import ASSIGNMENT_TOML, COURSE_TOML, HIDDEN_TESTS, REPOSITORY, RIGHT, SOLUTION, write_course

MakeCourse = Callable[..., Course]


def test_a_sound_course_validates(course: Course) -> None:
    assignment = course.assignment("doubling")
    assignment.validate()
    assert assignment.points == 100
    assert [cell.role for cell in assignment.cells] == [
        Role.TEXT, Role.GIVEN, Role.QUESTION, Role.CHECK, Role.QUESTION, Role.DEMO,
    ]  # fmt: skip
    assert [test.public for test in assignment.tests] == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("doubling", "    ### END SOLUTION\n\n\n# %% check", "\n\n# %% check", r"doubling.py:\d+: '### BEGIN SOLUTION' has no"),
        ("doubling", "    ### BEGIN SOLUTION\n    secret", "    secret", r"doubling.py:\d+: '### END SOLUTION' without"),
        ("doubling", "### BEGIN SOLUTION\n    secret", "### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    secret", "inside the region"),
        ("doubling", "### BEGIN SOLUTION\n    secret", "# Begin_Solution\n    secret", "misspelt solution marker"),
        ("doubling", "### BEGIN SOLUTION\n    secret", "x = 1  ### BEGIN SOLUTION\n    secret", "must stand alone"),
        ("doubling", 'check="double" points=20', 'check="double"', r"doubling.py:\d+: a check cell starts with"),
        ("doubling", "points=20", "ponts=20", r"starts with .* There is no key 'ponts'; did you mean 'points'\?"),
        ("doubling", 'title="A small', 'titel="A small', r"There is no key 'titel'; did you mean 'title'\?"),
        ("doubling", 'check="double"', 'chekc="double"', r"There is no key 'chekc'; did you mean 'check'\?"),
        ("doubling", 'check="double"', 'check="triple"', r"is for question 'triple', which .*does not declare"),
        ("doubling", "def name(", "def nome(", "no cell with a solution defines 'name'"),
        ("hidden_tests", 'question("double", points=30)', 'question("double", points=31)', "70 points, but its tests add up to 71"),
        ("hidden_tests", 'question("name"', 'question("double"', "question 'name' has no test"),
        ("hidden_tests", '    """Speed"""', "    pass", r"hidden_tests.py:\d+: test_speed has no docstring"),
        ("hidden_tests", '@pytest.mark.question("double", points=10)\ndef test_speed', "def test_speed", r"\d+: test_speed needs one"),
        ("hidden_tests", "points=30", "points=10 + 20", "with literals"),
        ("hidden_tests", "def test_values(", "def test_values(:", r"hidden_tests.py:\d+:"),
        ("assignment", 'title = "Doubling"', 'title = "Doubling"\ntitel = "Doubling"', r"assignment.toml:3: titel: there is no such entry; did you mean 'title'\?"),
        ("course", 'term = "now"', 'term = "now"\nlanguage = "vn"', r"course.toml:\d: language: is 'vn'; write \"en\" \(English\) or \"vi\" \(Tiếng Việt\)"),
        ("assignment", "2026-12-07T23:59:00+07:00", "2026-12-07T23:59:00", r"assignment.toml:3: due: has no time zone. Write it behind the time, as in 2026-12-07T23:59:00\+07:00, or set time_zone"),
        ("assignment", "2026-12-07T23:59:00+07:00", "9999-12-31T23:59:00-08:00", r"assignment.toml:3: due: lies before 1970 or after 2199. What has no end needs no date: leave the line out.$"),
        ("assignment", "points = 30", "points = -1", r"assignment.toml:21: questions.points: must be more than 0, and not -1"),
        ("assignment", 'title = "Doubling"', 'title = "Doubling', r"assignment.toml:2: is not valid TOML: title = .*\n  The quote at the end of the text is missing"),
        ("assignment", 'id = "name"', 'id = "double"', "declared twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_cure(
    make_course: MakeCourse, file: str, old: str, new: str, message: str
) -> None:
    texts = {
        "course": COURSE_TOML,
        "assignment": ASSIGNMENT_TOML,
        "doubling": SOLUTION,
        "hidden_tests": HIDDEN_TESTS,
    }
    assert old in texts[file]
    with pytest.raises(CourseError, match=message):
        make_course(**{file: texts[file].replace(old, new)}).assignment("doubling").validate()


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("for a, b in zip(student.double(x), reference.double(x)): assert_matches(a, b)", True),
        ("answer = student.double(x)\n    for a, b in zip(reference.double(x), answer): assert_matches(a, b)", True),
        ("a, b = answer = student.double(x), 1\n    list(map(assert_matches, a, reference.double(x)))", True),
        ("for a, b in zip(student.double(x), reference.double(x), strict=True): assert_matches(a, b)", False),
        ("for a, b in zip([1, 2], [3, 4]): assert_matches(student.double(x[:a]), reference.double(x[:a]))", False),
        ("list(map(float, student.double(x)))", False),
    ],
)
def test_a_zip_that_ends_with_a_short_answer_is_refused(make_course: MakeCourse, body: str, refused: bool) -> None:
    before = "    assert_matches(student.double(x), reference.double(x))"
    assert before in HIDDEN_TESTS
    assignment = make_course(hidden_tests=HIDDEN_TESTS.replace(before, f"    {body}")).assignment("doubling")
    if refused:
        with pytest.raises(CourseError, match=r"hidden_tests.py:\d+: (zip|map)\(\) ends with the shorter"):
            assignment.refuse_bad_tests()
    else:
        assignment.refuse_bad_tests()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("student.double(x)", "student.duoble(x)", r"defines no 'duoble'; did you mean 'double'\?"),
        ('mutated("double"', 'mutated("duoble"', r"the solution script defines no 'duoble'; did you mean"),
        ("reference.double", "reference.dobule", r"the solution script defines no 'dobule'; did you mean"),
        ('race("double"', 'race("dubble"', r"the solution script defines no 'dubble'; did you mean 'double'\?"),
        ("ValueError, student.name", "ValueError, student.nme", r"defines no 'nme'; did you mean 'name'\?"),
        ("student.double(x)", 'student.probe("twise", x)', r"probes.py defines no 'twise'; did you mean 'twice'\?"),
        ("(student, reference, rng, size)", "(stduent, reference, rng, size)", r"test_values asks for a fixture 'stduent', which there is not; did you mean 'student'\?"),
        ('parametrize("size"', 'parametrize("sizes"', "asks for a fixture 'size', which there is not"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [None, "otter"])
def test_build_refuses_a_hidden_test_that_asks_for_what_nobody_defines(
    make_course: MakeCourse, tmp_path: Path, old: str, new: str, says: str, target: str | None
) -> None:
    assert old in HIDDEN_TESTS
    course = make_course(hidden_tests=HIDDEN_TESTS.replace(old, new))
    assignment = course.assignment("doubling")
    assignment.probes_path.write_text("def twice(student, x):\n    return student.double(x)\n", encoding="utf-8")
    with pytest.raises(CourseError, match=rf"hidden_tests.py:\d+: .*{says}"):
        build(course=course.root, assignments=["doubling"], target=target, to=tmp_path / "out" if target else None)
    assert not assignment.template_folder.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("file", ["hidden_tests.py", "probes.py", "mistakes.py", "assignment.toml"])
def test_files_saved_by_windows_editors_are_read_and_those_in_another_encoding_are_told(
    make_course: MakeCourse, tmp_path: Path, file: str
) -> None:
    assignment = make_course().assignment("doubling")
    path = assignment.folder / file
    text = path.read_bytes() if path.exists() else b"import numpy as np\n"
    path.write_bytes(b"\xef\xbb\xbf# \xc4\x91\xe1\xbb\x83\r\n" + text)
    found = Course.find(assignment.root).assignment("doubling")
    found.validate()
    found.refuse_bad_tests()
    (tmp_path / "an.py").write_text(RIGHT)
    run = grade(course=assignment.root, assignment="doubling", paths=[tmp_path / "an.py"])
    assert run.results[0].score == 100
    path.write_bytes(b"# \xea\r\n" + text)
    with pytest.raises(CourseError, match=rf"{file}: is not in UTF-8. Save it with this encoding."):
        grade(course=assignment.root, assignment="doubling", paths=[tmp_path / "an.py"], force=True)


def test_build_refuses_no_name_that_is_defined_somewhere(make_course: MakeCourse) -> None:
    course = make_course(
        hidden_tests=HIDDEN_TESTS
        + """
SIZES = pytest.mark.parametrize(("low", "high"), [(1, 2)])


@pytest.fixture
def pair(rng, tmp_path):
    return rng.random(2)


def helper(student, whatever, more):
    return student.double(whatever) + student.probe("twice", more)


@SIZES
@pytest.mark.question("name", points=1)
def test_more(student, reference, request, pair, low, high, rest=3):
    \"\"\"T\"\"\"
    assert_matches(helper(student, reference.A, reference.np.ones(2)), reference.__class__)
"""
    )
    assignment = course.assignment("doubling")
    assignment.probes_path.write_text("def twice(student, x):\n    return student.double(x)\n", encoding="utf-8")
    assignment.refuse_bad_tests()


@pytest.mark.parametrize("name", Course(REPOSITORY).assignment_names)
def test_our_own_tests_ask_for_what_there_is(name: str) -> None:
    Course(REPOSITORY).assignment(name).refuse_bad_tests()


def test_two_checks_of_one_title_are_refused(make_course: MakeCourse) -> None:
    twice = SOLUTION + '\n# %% check="double" points=20 title="A small array"\ncheck("A", double(A), A + A)\n'
    with pytest.raises(CourseError, match="two tests are called"):
        make_course(doubling=twice).assignment("doubling").validate()


def test_the_course_is_found_from_any_folder_in_it(course: Course) -> None:
    assert Course.find(course.root / "assignments" / "doubling").root == course.root


def test_no_course_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no course here"):
        Course.find(tmp_path)


def test_an_unknown_assignment_is_answered_with_the_known_ones(course: Course) -> None:
    with pytest.raises(CourseError, match="This course has: doubling"):
        course.assignment("../doubling")


def test_the_secret_is_made_once_and_for_its_owner_only(course: Course) -> None:
    secret = course.secret
    assert len(secret) == 64
    assert Course(course.root).secret == secret
    assert stat.S_IMODE((course.root / "course.secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", r"course.secret: is empty. Restore it"),
        (" \n\n", r"course.secret: is empty. Restore it"),
        ("ab" * 20 + "\n", r"course.secret: is too short, as if it had been cut off. Restore it"),
        ("pass", r"course.secret: is too short. Restore it"),
        (None, "can be neither read nor made"),
    ],
)
def test_a_secret_that_is_of_no_use_is_refused(course: Course, content: str | None, says: str) -> None:
    if content is None:
        course.secret_path.mkdir()
    else:
        course.secret_path.write_text(content)
    with pytest.raises(CourseError, match=says):
        _ = course.secret


def test_runs_that_begin_at_once_agree_on_one_secret(course: Course) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: Course(course.root).secret, range(64)))
    assert found == {course.secret_path.read_bytes().strip()}
    assert [path.name for path in course.root.iterdir() if "secret" in path.name] == ["course.secret"]


def test_however_many_extensions_there_are_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = '[[extensions]]\nstudent = "s{}"\nassignment = "doubling"\nuntil = 2026-12-09T23:59:00+07:00\n'
    write_course(tmp_path, course=COURSE_TOML + "".join(map(line.format, range(50))))
    read: list[str] = []
    real = course_module.read_toml

    def counting(path: Path, model: type[Any]) -> Any:
        read.append(path.name)
        return real(path, model)

    monkeypatch.setattr(course_module, "read_toml", counting)
    course = Course(tmp_path)
    assert sorted(read) == ["assignment.toml", "course.toml"]
    due = course.due(course.assignment("doubling"), "S7")
    assert due
    assert due.isoformat() == "2026-12-09T23:59:00+07:00"


def test_an_extension_for_no_assignment_is_refused(tmp_path: Path) -> None:
    extension = '[[extensions]]\nstudent = "an"\nassignment = "dubling"\nuntil = 2026-12-09T23:59:00+07:00\n'
    with pytest.raises(
        CourseError,
        match=r"course.toml:7: extensions.assignment: no assignment is called 'dubling'; did you mean 'doubling'\?",
    ):
        write_course(tmp_path, course=COURSE_TOML + extension)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('timezone = "Asia/Ho_Chi_Minh"', r"course.toml:5: timezone: there is no such entry; did you mean 'time_zone'\?$"),
        ('time_zone = "Asia/Ho_Chi_Min"', r"course.toml:5: time_zone: there is no time zone .*; did you mean 'Asia/Ho_Chi_Minh'\?$"),
        ('time_zone = "EST"', r"course.toml:5: time_zone: 'EST' is an abbreviation, .* as in Asia/Ho_Chi_Minh"),
        ('time_zone = "UTC+7"', r"course.toml:5: time_zone: there is no time zone 'UTC\+7'; names are as in Asia/Ho_Chi_Minh"),
        ("time_zone = 7", r"course.toml:5: time_zone: must be the name of a time zone in quotes"),
        ("[late]\ngrace_minuts = 15", r"course.toml:6: late.grace_minuts: there is no such entry; did you mean 'grace_minutes'\?$"),
        ("[late]\npercent_per_day = 10%", r"course.toml:6: is not valid TOML: .*\n  The line must end behind its value. A number has a point and no unit"),
        ("[late]\ntokens: 3", r"course.toml:6: is not valid TOML: tokens: 3\n  Between a name and its value stands ="),
        ("[late]\ntokens = 1.5", r"course.toml:6: late.tokens: must be a whole number"),
        ("// a remark", r"course.toml:5: .*\n  A remark begins with #"),
        ("[extensions]\nstudent = 'an'", r"course.toml:5: extensions: each of them begins with \[\[extensions\]\], in two pairs of brackets"),
        ("[[extensions]]\nstudent = 0020001", r"course.toml:6: .*\n  .*ids stand in quotes, as in \"0020001\""),
        ("[[extensions]]\nstudent = 22020001", r"course.toml:6: extensions.student: must be text in quotes"),
        ("[[extensions]]\nstudent = ''", r"course.toml:6: extensions.student: must not be empty\.\n"),
    ],
)  # fmt: skip
def test_a_hurried_mistake_in_the_courses_file_is_told_with_its_cure(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        write_course(tmp_path, course=f"{COURSE_TOML}{text}\n")


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("2026-12-09T24:00:00+07:00", r":8: .*\n.* midnight is 00:00:00 of the next day"),
        ("2026-11-31T23:59:00+07:00", r":8: .*\n.* Day and hour must be ones that there are"),
        ("2026-12-09T23:59+07:00", r":8: .*\n  Write date, time and zone, as in .*, with seconds"),
        ("2026-12-09T23:59:00", r":8: extensions.until: has no time zone. Write it behind the time, as in 2026-12-09T23:59:00\+07:00, or"),
        ("2026-12-09", r":8: extensions.until: 2026-12-09 is a day without a time"),
        ('"2026-12-09T24:00"', r":8: extensions.until: .* Midnight is 00:00 of the next day"),
        ("2026-12-07T16:59:00Z", r":8: extensions.until: is no later date: doubling is due 2026-12-07 23:59 \+0700 for everybody"),
        ("2026-12-01T23:59:00+07:00", r":8: extensions.until: is no later date"),
    ],
)  # fmt: skip
def test_a_wrong_date_of_an_extension_is_told_with_its_cure(tmp_path: Path, until: str, says: str) -> None:
    text = f'[[extensions]]\nstudent = "an"\nassignment = "doubling"\nuntil = {until}\n'
    with pytest.raises(CourseError, match=says):
        write_course(tmp_path, course=COURSE_TOML + text)


def test_the_same_extension_twice_is_refused_however_the_student_is_written(tmp_path: Path) -> None:
    text = '[[extensions]]\nstudent = "{}"\nassignment = "doubling"\nuntil = 2026-12-09T23:59:00+07:00\n'
    with pytest.raises(CourseError, match=r":10: extensions.student: 'AN' has an extension of doubling already"):
        write_course(tmp_path, course=COURSE_TOML + text.format("an") + text.format("AN"))


def test_dates_without_a_zone_are_in_the_courses(tmp_path: Path) -> None:
    course = write_course(
        tmp_path,
        course=COURSE_TOML + 'time_zone = "Asia/Ho_Chi_Minh"\n',
        assignment=ASSIGNMENT_TOML.replace("2026-12-07T23:59:00+07:00", "2026-12-07T23:59:00"),
    )
    due = course.assignment("doubling").due
    assert due is not None
    assert due.isoformat() == "2026-12-07T23:59:00+07:00"


def test_seeds_differ_by_secret_student_assignment_test_and_code() -> None:
    seeds = {
        derive_seed(secret, student, assignment, test, code)
        for secret in (b"a", b"b")
        for student in ("s", "t")
        for assignment in ("u", "v")
        for test in ("w", "x")
        for code in ("y", "z")
    }
    assert len(seeds) == 32
    assert derive_seed(b"k", "ab", "c", "d", "e") != derive_seed(b"k", "a", "bc", "d", "e")


def test_the_fingerprint_follows_what_can_change_a_verdict_and_nothing_else(tmp_path: Path) -> None:
    def fingerprint(**changes: str) -> str:
        return write_course(tmp_path, **changes).assignment("doubling").fingerprint

    first = fingerprint()
    assert fingerprint() == first
    assert fingerprint(assignment=ASSIGNMENT_TOML.replace("2026-12-07", "2027-12-07")) == first
    assert fingerprint(assignment=ASSIGNMENT_TOML.replace("call_seconds = 1", "call_seconds = 2")) != first
    assert fingerprint(hidden_tests=HIDDEN_TESTS + "\n# changed\n") != first
    assert fingerprint(doubling=SOLUTION + "\n# changed\n") != first


@pytest.mark.parametrize("name", Course(REPOSITORY).assignment_names)
def test_scripts_are_read_as_jupytext_reads_them(name: str) -> None:
    assignment = Course(REPOSITORY).assignment(name)
    theirs = jupytext.reads(assignment.script_path.read_text(encoding="utf-8"), fmt="py:percent").cells
    assert [cell.inlined or cell.source for cell in assignment.cells] == [cell["source"] for cell in theirs]
    assert [cell.role is Role.TEXT for cell in assignment.cells] == [cell["cell_type"] == "markdown" for cell in theirs]
    checks = [cell["metadata"] for cell in theirs if "check" in cell["metadata"]]
    assert [cell.check.title for cell in assignment.cells if cell.check] == [check["title"] for check in checks]


def test_an_assignment_that_travels_alone_needs_no_zone_for_its_due_date(tmp_path: Path) -> None:
    course = write_course(
        tmp_path / "course",
        course=COURSE_TOML + 'time_zone = "Asia/Ho_Chi_Minh"\n',
        assignment=ASSIGNMENT_TOML.replace("2026-12-07T23:59:00+07:00", "2026-12-07T23:59:00"),
    )
    whole = course.assignment("doubling")
    alone = Sources.from_json(Sources.of(course, whole).to_json()).write(tmp_path / "kernel")
    assert alone.due is None
    assert alone.fingerprint == whole.fingerprint
    assert Assignment(course.root, "doubling").due == whole.due
    (zipped,) = build_target("gradescope", course, [whole], tmp_path / "zips")
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "gradescope")
    assert Assignment(tmp_path / "gradescope" / "course", "doubling").fingerprint == whole.fingerprint


@pytest.mark.parametrize("blank", ["", "\n# a remark\n"])
def test_the_line_of_what_is_wrong_is_found_among_many_tables(blank: str) -> None:
    tables = [
        f'{blank}[[extensions]]\nstudent = "s{n}"\nnotes = """\n[[extensions]]\n"""\nuntil = [\n  {n},\n]'
        for n in range(50)
    ]
    text = "\n".join(tables)
    lines = text.split("\n")
    for n in (0, 1, 17, 49):
        line = line_of(text, ("extensions", n, "student"))
        assert lines[line - 1] == f'student = "s{n}"'
        assert lines[line_of(text, ("extensions", n, "until", 0)) - 1] == "until = ["
        assert lines[line_of(text, ("extensions", n, "missing")) - 1] == "[[extensions]]"
    assert line_of(text, ("nothing",)) == 1
