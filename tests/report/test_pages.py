"""The HTML report: read as text, and looked at in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report import write_report
from autograder.report.html import student_file_name
from autograder.result import CellError, Difference, Outcome, Result, Status
from tests.report.browser import find_chromium, look
from tests.report.make_class import load, make_class, names_of

HOSTILE = (
    '</title></script><script>window.top.pwned = 1</script><img src=http://evil.example/x onerror="window.top.pwned=1">'
    "\x1b[31m\x1b]8;;http://evil.example\x07\u202e\x00\ud800\"'><b>{{ 7 * 7 }}"
)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return make_class(load()[1], 40)


@pytest.fixture(scope="module")
def pages(results: list[Result], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write(results, tmp_path_factory.mktemp("report"), names=names_of(results), missing=["22029999"])


def write(
    results: Sequence[Result], to: Path, *, names: dict[str, str] | None = None, missing: Sequence[str] = ()
) -> list[Path]:
    course, assignment = load()
    return write_report(
        course=course, assignment=assignment, results=results, names=names or {}, missing=missing, to=to
    )


def with_picture(results: Sequence[Result]) -> str:
    """A student whose page holds a failed public check with a picture, preferably a wide one."""
    drawn = {
        len(test.difference.actual): result.student for result in results for test in result.tests if test.difference
    }
    return drawn[max(drawn)]


def change(result: Result, **values: object) -> Result:
    return Result.model_validate(result.model_dump() | values)


def change_test(result: Result, position: int, **values: object) -> Result:
    tests = [test.model_dump() for test in result.tests]
    tests[position] |= values
    return change(result, status=Status.GRADED, tests=tests)


def hostile(result: Result) -> Result:
    """Everything a student can write holds an attack."""
    tests = [
        test.model_dump() | {"message": HOSTILE + "\n" + HOSTILE, "outcome": Outcome.ERROR} for test in result.tests
    ]
    tests[0] |= {"public": True, "difference": Difference(case=HOSTILE, actual=[[1]], expected=[[2]], where=HOSTILE)}
    errors = [CellError(cell=1, error=HOSTILE, traceback=HOSTILE)]
    return change(
        result, student=HOSTILE, status=Status.GRADED, message=HOSTILE, tests=tests, cell_errors=errors, path=HOSTILE
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("which", ["class", "student"])
def test_a_page_fits_a_phone_loads_nothing_and_has_enough_contrast(
    which: str, dark: bool, pages: list[Path], results: list[Result], tmp_path: Path
) -> None:
    page = pages[0] if which == "class" else pages[0].parent / "students" / student_file_name(with_picture(results))
    seen = look(page, tmp_path, width=390, dark=dark)
    assert seen["width"] == 390
    assert seen["needed"] <= 390
    assert seen["requests"] == []
    assert seen["dark"] is dark
    assert seen["faint"] == []  # WCAG AA: 4.5 to 1
    assert len(seen["active"]) == (1 if which == "class" else 0)
    assert all(target.startswith(("#", "students/")) for target in seen["outside"])
    assert "http:" not in page.read_text(encoding="utf-8")
    assert "https:" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [320, 1200])
def test_other_widths_do_not_scroll_either(
    width: int, pages: list[Path], results: list[Result], tmp_path: Path
) -> None:
    for page in (pages[0], pages[0].parent / "students" / student_file_name(with_picture(results))):
        assert look(page, tmp_path, width=width)["needed"] <= width


def test_what_students_wrote_stays_text(results: list[Result], tmp_path: Path) -> None:
    written = write(
        [hostile(results[0]), results[1]], tmp_path / "report", names={HOSTILE: HOSTILE, results[1].student: HOSTILE}
    )
    for page in written:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        assert "{{ 7 * 7 }}" in text
        seen = look(page, tmp_path, width=390)
        assert seen["pwned"] is False
        assert len(seen["active"]) == (1 if page.name == "index.html" else 0)
        assert seen["requests"] == []
        assert seen["needed"] <= 390
        assert all(target.startswith(("#", "students/")) for target in seen["outside"])


def test_a_click_on_a_head_sorts_the_students(pages: list[Path], tmp_path: Path) -> None:
    script = """
      const table = page.querySelector("table.students");
      const scores = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[3].dataset.value));
      const button = table.tHead.rows[0].cells[3].querySelector("button");
      button.click();
      const up = scores(), sort = table.tHead.rows[0].cells[3].getAttribute("aria-sort");
      button.click();
      return {up, down: scores(), sort};
    """
    seen = look(pages[0], tmp_path, width=1200, script=script)["extra"]
    assert len(seen["up"]) == 41
    assert seen["up"] == sorted(seen["up"])
    assert seen["down"] == sorted(seen["up"], reverse=True)
    assert seen["sort"] == "ascending"


def test_the_map_shows_every_test_of_every_student_by_a_sign_and_links_there(
    pages: list[Path], results: list[Result]
) -> None:
    page = lxml.html.parse(str(pages[0])).getroot()
    table = page.xpath("//table[contains(@class, 'map')]")[0]
    links = table.xpath("./thead//a/@href")
    assert sorted(links) == sorted(f"students/{student_file_name(result.student)}" for result in results)
    assert all((pages[0].parent / link).is_file() for link in links)
    fields = table.xpath("./tbody/tr/td[@title]")
    assert len(fields) == len(results) * len(results[0].tests)
    signs = {(field.get("class"), field.text) for field in fields}
    assert len(signs) == len({sign for _, sign in signs}) == len({kind for kind, _ in signs})
    assert {"passed", "partly", "failed", "error", "timeout", "skipped"} <= {kind for kind, _ in signs}
    assert all(field.get("title").rpartition(": ")[2].replace(" ", "-") == field.get("class") for field in fields)


def test_every_outcome_on_a_student_page_is_written_as_a_word(pages: list[Path], results: list[Result]) -> None:
    words = {"passed", "partly", "failed", "error", "timeout", "skipped"}
    graded = [result for result in results if result.status is Status.GRADED]
    for result in graded:
        page = lxml.html.parse(str(pages[0].parent / "students" / student_file_name(result.student))).getroot()
        kinds = page.xpath("//article/header/p/b/text()")
        assert len(kinds) == len(result.tests)
        assert set(kinds) <= words


def test_a_picture_holds_expected_yours_and_difference_with_not_a_number_and_infinity(
    results: list[Result], tmp_path: Path
) -> None:
    difference = Difference(
        case="A with V",
        expected=[[1.0, 2.5], [0.0, -3.0]],
        actual=[[float("nan"), 2.5], [float("inf"), 3.0]],
        where="[0, 1, :, :]",
    )
    result = change_test(results[0], 0, public=True, outcome=Outcome.FAILED, earned=0, difference=difference)
    page = lxml.html.parse(str(write([result], tmp_path)[1])).getroot()
    figure = page.xpath("//article[1]//figure")[0]
    captions = [caption.text for caption in figure.xpath(".//table/caption")]
    cells = [cell.text for cell in figure.xpath(".//table//td[@class]")]
    assert captions == ["expected", "yours", "difference (yours − expected)"]
    assert cells == ["1", "2.5", "0", "−3", "NaN", "2.5", "∞", "3", "NaN", "0", "∞", "6"]
    assert "3 of 4 numbers differ" in figure.xpath("./figcaption")[0].text_content()
    assert [cell.text for cell in figure.xpath(".//table[caption='yours']//td[contains(@class, 'wrong')]")] == [
        "NaN",
        "∞",
        "3",
    ]


def test_a_hidden_test_never_shows_what_was_expected(results: list[Result], tmp_path: Path) -> None:
    secret = Difference(case="secret case", expected=[[8123.25]], actual=[[1.0]])
    result = change_test(results[0], 0, public=False, outcome=Outcome.FAILED, earned=0, difference=secret)
    for page in write([result], tmp_path):
        assert "8123" not in page.read_text(encoding="utf-8")
        assert "secret case" not in page.read_text(encoding="utf-8")


def test_the_cases_of_a_hidden_test_are_not_named_to_students(results: list[Result], tmp_path: Path) -> None:
    result = change_test(results[0], -1, test="test_x[secret parameter]", public=False)
    index, student = write([result], tmp_path)
    assert "secret parameter" in index.read_text(encoding="utf-8")
    assert "secret parameter" not in student.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("status", "sentence", "score"), [(Status.UNREADABLE, "scores 0", "0"), (Status.NOT_GRADABLE, "no score yet", "–")]
)
def test_a_page_without_a_verdict_says_why(
    status: Status, sentence: str, score: str, results: list[Result], tmp_path: Path
) -> None:
    tests = [
        test.model_dump() | {"outcome": Outcome.NOT_GRADABLE, "earned": 0.0, "ratio": None} for test in results[0].tests
    ]
    result = change(results[0], status=status, message="The reason is here.", tests=tests, cell_errors=())
    index, student = write([result], tmp_path)
    page = lxml.html.parse(str(student)).getroot()
    assert page.xpath("//p[@class='score']/span/text()") == [score]
    assert sentence in page.text_content()
    assert "The reason is here." in page.text_content()
    assert page.xpath("//article") == []
    assert "The reason is here." in index.read_text(encoding="utf-8")


def test_what_was_missing_is_said_once_but_every_failure_explains_itself(results: list[Result], tmp_path: Path) -> None:
    for outcome, times in ((Outcome.SKIPPED, len(results[0].by_question())), (Outcome.FAILED, len(results[0].tests))):
        tests = [
            test.model_dump() | {"outcome": outcome, "earned": 0.0, "message": "a reason"} for test in results[0].tests
        ]
        result = change(results[0], status=Status.GRADED, tests=tests)
        student = write([result], tmp_path)[1]
        assert student.read_text(encoding="utf-8").count("a reason") == times


@pytest.mark.parametrize("missing", [[], ["22020001"]])
def test_a_class_without_submissions_has_a_page(missing: list[str], tmp_path: Path) -> None:
    (index,) = write([], tmp_path, missing=missing)
    text = index.read_text(encoding="utf-8")
    assert "Nothing has been handed in yet." in text
    assert ("22020001" in text) is bool(missing)


def test_the_same_results_give_the_same_bytes(results: list[Result], tmp_path: Path) -> None:
    one, other = (write(results[:5], tmp_path / name) for name in ("one", "other"))
    assert [page.read_bytes() for page in one] == [page.read_bytes() for page in other]


def test_two_results_of_one_student_are_refused(results: list[Result], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=results[0].student):
        write([results[0], results[0]], tmp_path)


@given(st.lists(st.one_of(st.text(max_size=80), st.from_regex(r"[A-Za-z.\-]{1,4}")), unique=True, min_size=2))
def test_file_names_are_legal_everywhere_and_unique(students: list[str]) -> None:
    files = [student_file_name(student) for student in students]
    assert len({file.lower() for file in files}) == len(students)
    for file in files:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]*\.html", file)
        assert len(file) <= 100


@pytest.mark.parametrize(
    "student", ["../../etc/passwd", "..", "", "CON", "nul", "com1.x", "a/b", "a\\b", "C:x", "x.", "Bob", "x" * 300]
)
def test_odd_ids_get_a_hash_and_plain_ones_stay(student: str) -> None:
    assert re.fullmatch(r"student-?[a-z0-9._-]*-[0-9a-f]{12}\.html", student_file_name(student))
    assert student_file_name("22020001") == "22020001.html"
    assert student_file_name(student_file_name("Bob").removesuffix(".html")) != student_file_name("Bob")


def test_importing_the_report_is_light() -> None:
    check = (
        "import sys, autograder.report; print(*{'torch', 'matplotlib', 'sqlalchemy', 'jupytext'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_browser_finds_what_it_is_asked_to_find(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        "<!DOCTYPE html><body><p style='width: 500px; color: #999'>faint</p><svg><text fill='#ccc' y='20'>too</text></svg>"
        "<img src='missing.png'><script>window.top.pwned = 1</script>",
        encoding="utf-8",
    )
    seen = look(page, tmp_path, width=390)
    assert seen["needed"] > 390
    assert [line.rpartition(": ")[2] for line in seen["faint"]] == ["faint", "too"]
    assert len(seen["active"]) == 2
    assert seen["pwned"] is True


def test_without_a_browser_the_tests_fail_and_name_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        find_chromium()
