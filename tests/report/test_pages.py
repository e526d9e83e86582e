"""The HTML report: read as text, and looked at in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html
import pytest

from autograder.report import write_report
from autograder.report.html import student_file_name
from autograder.report.words import number
from autograder.result import CellError, Diagnosis, Difference, Outcome, Result, Status
from tests.report.browser import find_chromium, look
from tests.report.make_class import load, make_class, names_of, rows_of

# Folded parts count, too.
OPEN = 'page.querySelectorAll("details").forEach((one) => { one.open = true; }); return null;'

HOSTILE = (
    '</title></script><script>window.top.pwned = 1</script><img src=http://evil.example/x onerror="window.top.pwned=1">'
    "\x1b[31m\x1b]8;;http://evil.example\x07\u202e\x00\ud800\"'><b>{{ 7 * 7 }}"
)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return make_class(load()[1], 40)


@pytest.fixture(scope="module")
def drawn(results: list[Result]) -> Result:
    return with_picture(results)


@pytest.fixture(scope="module")
def pages(results: list[Result], drawn: Result, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    results = [drawn if result.student == drawn.student else result for result in results]
    return write(results, tmp_path_factory.mktemp("report"), names=names_of(results), missing=["22029999"])


def write(
    results: Sequence[Result], to: Path, *, names: dict[str, str] | None = None, missing: Sequence[str] = ()
) -> list[Path]:
    course, assignment = load()
    return write_report(course=course, assignment=assignment, rows=rows_of(results, missing, names), to=to)


def with_picture(results: Sequence[Result]) -> Result:
    """A student whose page holds a failed public check with a picture, preferably a wide one, and a map of every kind of sign."""
    wide = Difference(case="", where="[0, 1, :, :]", signs=("+-x?." * 3 + "+",) * 16)
    drawn = {
        len(test.difference.actual): (result, position)
        for result in results
        for position, test in enumerate(result.tests)
        if test.difference and test.difference.actual
    }
    result, position = drawn[max(drawn)]
    hidden = next(i for i, test in enumerate(result.tests) if not test.public and i > position)
    return change_test(result, hidden, outcome=Outcome.FAILED, earned=0.0, difference=wide, diagnosis=None)


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
    tests[-1] |= {"public": False, "difference": Difference(case=HOSTILE, where=HOSTILE, signs=("+-",))}
    tests[-2] |= {"difference": Difference(case=HOSTILE, where=HOSTILE, signs=(HOSTILE,))}
    for i, test in enumerate(tests):
        test["diagnosis"] = Diagnosis(mistake=HOSTILE if i % 2 else "", function=HOSTILE, hint=HOSTILE)
        if i % 3 == 2:
            test |= {"outcome": Outcome.SKIPPED, "diagnosis": None}
    errors = [CellError(cell=1, error=HOSTILE, traceback=HOSTILE)]
    return change(
        result, student=HOSTILE, status=Status.GRADED, message=HOSTILE, tests=tests, cell_errors=errors, path=HOSTILE
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("which", ["class", "student"])
def test_a_page_fits_a_phone_loads_nothing_and_has_enough_contrast(
    which: str, dark: bool, pages: list[Path], drawn: Result, tmp_path: Path
) -> None:
    page = pages[0] if which == "class" else pages[0].parent / "students" / student_file_name(drawn.student)
    seen = look(page, tmp_path, width=390, dark=dark, script=OPEN)
    assert seen["width"] == 390
    assert seen["needed"] <= 390
    assert seen["requests"] == []
    assert seen["dark"] is dark
    assert seen["faint"] == []  # WCAG AA: 4.5 to 1
    assert len(seen["active"]) == (1 if which == "class" else 0)
    assert all(target.startswith(("#", "students/")) for target in seen["outside"])
    assert "http:" not in page.read_text(encoding="utf-8")
    assert "https:" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_points_of_a_test_stay_in_their_column(width: int, pages: list[Path], tmp_path: Path) -> None:
    script = """return [...page.querySelectorAll(".test header > .points, .test > summary > .points")]
      .filter((one) => one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > one.closest(".test").getBoundingClientRect().right + 0.5)
      .map((one) => one.textContent);"""
    page = next(one for one in pages[1:] if "1.67 of 1.67" in one.read_text(encoding="utf-8"))
    assert look(page, tmp_path, width=width, script=script)["extra"] == []


@pytest.mark.parametrize("width", [320, 1200])
def test_other_widths_do_not_scroll_either(width: int, pages: list[Path], drawn: Result, tmp_path: Path) -> None:
    for page in (pages[0], pages[0].parent / "students" / student_file_name(drawn.student)):
        assert look(page, tmp_path, width=width, script=OPEN)["needed"] <= width


def test_what_students_wrote_stays_text(results: list[Result], tmp_path: Path) -> None:
    written = write(
        [hostile(results[0]), results[1]], tmp_path / "report", names={HOSTILE: HOSTILE, results[1].student: HOSTILE}
    )
    for page in written:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        assert "{{ 7 * 7 }}" in text
        seen = look(page, tmp_path, width=390, script=OPEN)
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


def test_the_map_shows_every_test_of_every_judged_student_by_a_sign_and_links_there(
    pages: list[Path], results: list[Result]
) -> None:
    results = [result for result in results if result.status is Status.GRADED]
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
        folded = page.xpath("//details[@class='test skipped']")
        assert len(kinds) + sum(len(fold.xpath("./ul/li")) for fold in folded) == len(result.tests)
        assert set(kinds) | {word for fold in folded for word in fold.xpath("./summary/p/b/text()")} <= words


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
    secret = Difference(case="secret case", signs=("-",), expected=[[8123.25]], actual=[[1.0]])
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


def test_a_print_is_not_called_the_graders_fault(results: list[Result], tmp_path: Path) -> None:
    tests = [
        test.model_dump() | {"outcome": Outcome.NOT_GRADABLE, "earned": 0.0, "ratio": None} for test in results[0].tests
    ]
    same = {"status": Status.NOT_GRADABLE, "tests": tests, "cell_errors": ()}
    printed = change(results[0], **same, hand_in_again=True, message="an.pdf: is no notebook. Hand in one.")
    faulty = change(results[1], **same, message="The worker died.")
    index, *pages = write([printed, faulty], tmp_path)
    texts = {path.stem: lxml.html.parse(str(path)).getroot().text_content() for path in pages}
    assert "what was handed in cannot be graded as it is" in texts[printed.student]
    assert "an.pdf: is no notebook. Hand in one." in texts[printed.student]
    assert "grader's fault" not in texts[printed.student]
    assert "grader's fault" in texts[faulty.student]
    fault, again = (squeezed(one) for one in lxml.html.parse(str(index)).xpath("//section[@class='notice']"))
    assert "1 submission without a verdict" in fault
    assert printed.student not in fault
    assert "1 submission that cannot be graded as it is" in again
    assert "an.pdf: is no notebook. Hand in one." in again


def test_a_time_that_nobody_knows_is_said_to_be_unknown_where_a_due_date_makes_it_matter(
    results: list[Result], tmp_path: Path
) -> None:
    due = load()[1].due
    assert due
    after, before = due + timedelta(days=1), due - timedelta(days=1)
    first, second, third, *_ = results
    times = [
        change(first, submitted_at=None, graded_at=after),
        change(second, submitted_at=None, graded_at=before),  # so it came in time
        change(third, submitted_at=before, graded_at=after),
    ]
    index, *pages = write(times, tmp_path)
    texts = {path.stem: lxml.html.parse(str(path)).getroot().text_content() for path in pages}
    assert [("time unknown" in texts[one.student]) for one in times] == [True, False, False]
    table = lxml.html.parse(str(index)).xpath("//table[@class='students']/tbody/tr")
    assert ["time unknown" in row.text_content() for row in table].count(True) == 1


def everywhere(result: Result, **values: object) -> Result:
    """The same values in every test."""
    plain = {"earned": 0.0, "message": "a reason", "difference": None, "diagnosis": None, "ratio": None}
    return change(
        result,
        status=Status.GRADED,
        tests=[test.model_dump() | plain | values for test in result.tests],
        cell_errors=(),
    )


def of_first_question(result: Result) -> list[int]:
    """Positions: an assignment lists its public checks before its hidden tests."""
    return [i for i, test in enumerate(result.tests) if test.question == result.tests[0].question]


def read(result: Result, tmp_path: Path) -> Any:
    return lxml.html.parse(str(write([result], tmp_path)[1])).getroot()


def squeezed(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_what_was_missing_is_said_once_but_every_failure_explains_itself(results: list[Result], tmp_path: Path) -> None:
    for outcome, times in ((Outcome.SKIPPED, len(results[0].by_question())), (Outcome.FAILED, len(results[0].tests))):
        result = everywhere(results[0], outcome=outcome)
        student = write([result], tmp_path)[1]
        assert student.read_text(encoding="utf-8").count("a reason") == times


def test_tests_skipped_for_one_reason_are_one_line_that_opens(results: list[Result], tmp_path: Path) -> None:
    result = everywhere(results[0], outcome=Outcome.SKIPPED)
    page = read(change_test(result, 2, message="another reason"), tmp_path)
    first, *others = page.xpath("//details[@class='test skipped']")
    mine = [test for test in result.tests if test.question == result.tests[0].question]
    points = sum(test.points for test in mine) - mine[2].points
    assert squeezed(first.find("summary")) == f"– {len(mine) - 1} tests a reason 0 of {number(points)} skipped"
    assert len(first.xpath("./ul/li")) == len(mine) - 1
    assert mine[0].title in squeezed(first.xpath("./ul/li")[0])
    assert mine[2].title not in [item.text.strip() for item in first.xpath("./ul/li")]
    assert [squeezed(one) for one in page.xpath("//article/p[@class='message']")] == ["another reason"]
    assert len(others) == len(result.by_question()) - 1


def test_a_function_that_is_not_called_any_more_is_one_reason_whatever_the_arguments(
    results: list[Result], tmp_path: Path
) -> None:
    result = everywhere(results[0], outcome=Outcome.SKIPPED)
    for i in range(len(result.tests)):
        said = f"conv2d(x 1x3x{i}, bias (1, {i})) was not run, because in 2 calls before it ended the Python process."
        result = change_test(result, i, message=said)
    folds = read(result, tmp_path).xpath("//details[@class='test skipped']")
    assert len(folds) == len(result.by_question())
    assert "conv2d was not run, because in 2 calls" in squeezed(folds[0])


TURNED = Diagnosis(mistake="kernel_turned", hint="The kernel was turned.")


def test_a_cause_of_several_failures_is_told_once_and_they_refer_to_it(results: list[Result], tmp_path: Path) -> None:
    result = everywhere(results[0], outcome=Outcome.FAILED)
    difference = Difference(case="", signs=("+.",))
    mine = of_first_question(result)
    for i in (0, 1, 3):
        result = change_test(result, mine[i], diagnosis=TURNED, difference=difference)
    page = read(result, tmp_path)
    (cause,) = page.xpath("//p[@class='why cause']")
    assert (
        squeezed(cause)
        == f"What went wrong: The kernel was turned. This explains 3 of the {len(mine)} tests that failed."
    )
    assert squeezed(page).count("The kernel was turned.") == 1
    first, second, other, third = page.xpath("//article")[:4]
    assert [squeezed(one).count("See above.") for one in (first, second, other, third)] == [1, 1, 0, 1]
    assert [len(one.xpath("./figure")) for one in (first, second, other, third)] == [1, 0, 0, 0]
    assert [len(one.xpath("./details/figure")) for one in (first, second, other, third)] == [0, 1, 0, 1]


def test_several_causes_are_numbered_the_most_frequent_first(results: list[Result], tmp_path: Path) -> None:
    result = everywhere(results[0], outcome=Outcome.FAILED)
    follows = Diagnosis(mistake="bias_lost", function="other<b>", hint="The bias is lost.")
    pattern = Diagnosis(hint="Every sign is wrong.")
    diagnoses = [pattern, follows, TURNED, TURNED, follows, TURNED, pattern]
    for i, diagnosis in zip(of_first_question(result), diagnoses, strict=False):
        result = change_test(result, i, diagnosis=diagnosis)
    page = read(result, tmp_path)
    one, two, three = (squeezed(cause) for cause in page.xpath("//p[@class='why cause']"))
    assert one.startswith("1 What went wrong: The kernel was turned. This explains 3 of ")
    assert two.startswith("2 What stands out: Every sign is wrong. This holds for 2 of ")
    assert three.startswith("3 What went wrong: This follows from other<b>: The bias is lost. This explains 2 of ")
    refers = [squeezed(article.xpath("./p[@class='message']")[0]) for article in page.xpath("//article")[:7]]
    assert [line.removeprefix("a reason See above ") for line in refers] == [
        "(2).",
        "(3).",
        "(1).",
        "(1).",
        "(3).",
        "(1).",
        "(2).",
    ]


def test_a_hint_of_one_test_stands_at_the_test(results: list[Result], tmp_path: Path) -> None:
    result = change_test(everywhere(results[0], outcome=Outcome.FAILED), 1, diagnosis=TURNED)
    page = read(result, tmp_path)
    assert page.xpath("//p[@class='why cause']") == []
    assert [squeezed(why) for why in page.xpath("//article[2]/p[@class='why']")] == [
        "What went wrong: The kernel was turned."
    ]
    assert len(page.xpath("//p[@class='why']")) == 1


def test_a_race_that_was_not_run_is_nothing_left_to_explain(results: list[Result], tmp_path: Path) -> None:
    result = everywhere(results[0], outcome=Outcome.FAILED, diagnosis=TURNED)
    result = change_test(result, 0, diagnosis=None, limits=(40, 80))
    (first, *_) = read(result, tmp_path).xpath("//p[@class='why cause']")
    assert squeezed(first).endswith(" tests that failed.")
    assert "This explains all" in squeezed(first)


def test_a_map_has_a_glyph_a_colour_and_a_legend_for_each_sign(results: list[Result], tmp_path: Path) -> None:
    difference = Difference(case="secret case", where="[2, 0, :, :]", signs=("+-x", "?..", "..."))
    result = change_test(everywhere(results[0], outcome=Outcome.FAILED), 3, public=False, difference=difference)
    figure = read(result, tmp_path).xpath("//figure")[0]
    rows = [row.xpath("./td[@class]") for row in figure.xpath(".//table//tr")[1:]]
    assert [[cell.text for cell in row] for row in rows] == [["+", "−", "±"], ["?", "·", "·"], ["·", "·", "·"]]
    kinds = {(cell.text, cell.get("class")) for row in rows for cell in row}
    assert len(kinds) == len({kind for _, kind in kinds}) == 5
    legend = [squeezed(line) for line in figure.xpath(".//ul/li")]
    assert legend == ["+ 1 too large", "− 1 too small", "± 1 right but for the sign", "? 1 not finite", "· 5 right"]
    keys = {(key.text, key.get("class").removeprefix("field ")) for key in figure.xpath(".//ul/li/span")}
    assert keys == kinds
    assert figure.xpath(".//table/@aria-label") == [
        "1 too large, 1 too small, 1 right but for the sign, 1 not finite, 5 right"
    ]
    assert "in the plane [2, 0, :, :]" in squeezed(figure.find("figcaption"))


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [(3, 4, ""), (16, 4, "(first 16 rows)"), (2, 16, "(first 16 columns)"), (16, 16, "(first 16 rows and columns)")],
)
def test_a_map_that_may_be_cut_says_so(
    rows: int, columns: int, words: str, results: list[Result], tmp_path: Path
) -> None:
    difference = Difference(case="", signs=("+" * columns,) * rows)
    result = change_test(everywhere(results[0], outcome=Outcome.FAILED), 3, public=False, difference=difference)
    caption = read(result, tmp_path).xpath("//figcaption")[0]
    assert squeezed(caption) == f"Where your answer differs {words}".strip()


@pytest.mark.parametrize("signs", [(), ("",), ("8123",), ("+-", "+4"), ("+ -",)])
def test_what_is_no_map_is_not_drawn(signs: tuple[str, ...], results: list[Result], tmp_path: Path) -> None:
    difference = Difference(case="", signs=signs)
    result = change_test(everywhere(results[0], outcome=Outcome.FAILED), 3, public=False, difference=difference)
    page = read(result, tmp_path)
    assert page.xpath("//figure") == []
    assert "8123" not in page.text_content()


def test_a_public_check_without_numbers_has_its_map(results: list[Result], tmp_path: Path) -> None:
    difference = Difference(case="A with V", signs=("+.", ".-"))
    result = change_test(everywhere(results[0], outcome=Outcome.FAILED), 0, public=True, difference=difference)
    assert len(read(result, tmp_path).xpath("//table[contains(@class, 'signs')]")) == 1


# The class: what to teach again, and which tests to look at


def with_diagnoses(results: Sequence[Result], diagnoses: Sequence[Diagnosis | None]) -> list[Result]:
    """The n-th student fails the first test by the n-th diagnosis, and nothing else."""
    return [
        change_test(
            change(
                result,
                status=Status.GRADED,
                cell_errors=(),
                tests=[test.model_dump() | {"outcome": "passed", "earned": test.points, "diagnosis": None} for test in result.tests],
            ),
            0,
            **({"outcome": Outcome.FAILED, "earned": 0.0, "diagnosis": diagnosis} if diagnosis else {}),
        )
        for result, diagnosis in zip(results, diagnoses, strict=False)
    ]  # fmt: skip


def test_the_most_frequent_mistake_is_the_first_to_teach_again(results: list[Result], tmp_path: Path) -> None:
    rare = Diagnosis(mistake="bias_<lost>", hint="The bias is <i>lost</i>.")
    pattern = Diagnosis(hint="Every sign is wrong.")
    some = with_diagnoses(results, [rare, TURNED, None, pattern, TURNED, TURNED, pattern, None])
    page = lxml.html.parse(str(write(some, tmp_path)[0])).getroot()
    known, patterns = page.xpath("//section[@aria-labelledby='teach']//ol")
    rows = known.xpath("./li")
    assert [squeezed(row.xpath(".//h3")[0]) for row in rows] == ["kernel turned", "bias <lost>"]
    assert "The kernel was turned." in squeezed(rows[0])
    assert [squeezed(row.xpath(".//p/b")[0]) for row in rows] == ["3 students", "1 student"]
    assert rows[0].xpath(".//a/@href") == [f"students/{student_file_name(some[i].student)}" for i in (1, 4, 5)]
    assert "cross_correlate2d 3 of 6, 50 %" in squeezed(rows[0])
    assert "cross_correlate2d 1 of 6, 17 %" in squeezed(rows[1])
    assert rows[0].xpath(".//*[local-name()='svg']/@aria-label") == ["3 of 8 students"]
    assert [squeezed(row.xpath("./div/p")[0]) for row in patterns.xpath("./li")] == ["Every sign is wrong."]
    assert "4 of the 6 students who lost points made mistakes" in squeezed(page)


def test_a_long_tail_of_mistakes_is_folded_but_there(results: list[Result], tmp_path: Path) -> None:
    some = with_diagnoses(results, [Diagnosis(mistake=f"mistake_{i}", hint=f"Hint {i}.") for i in range(9)])
    page = lxml.html.parse(str(write(some, tmp_path)[0])).getroot()
    assert len(page.xpath("//section[@aria-labelledby='teach']/ol/li")) == 6
    assert len(page.xpath("//section[@aria-labelledby='teach']/details/ol/li")) == 3
    assert squeezed(page.xpath("//section[@aria-labelledby='teach']/details/summary")[0]) == "3 rarer"


def test_nothing_is_to_be_taught_again_where_nobody_lost_a_point(results: list[Result], tmp_path: Path) -> None:
    text = write(with_diagnoses(results, [None] * 5), tmp_path)[0].read_text(encoding="utf-8")
    assert "What to teach again" not in text
    text = write(with_diagnoses(results, [None, TURNED]), tmp_path)[0].read_text(encoding="utf-8")
    assert "What to teach again" in text


def test_a_mistake_that_nobody_knows_is_said_to_be_unknown(results: list[Result], tmp_path: Path) -> None:
    lost = change_test(with_diagnoses(results, [None])[0], 0, outcome=Outcome.FAILED, earned=0.0)
    assert "In no wrong answer was a mistake recognised" in write([lost], tmp_path)[0].read_text(encoding="utf-8")


def test_tests_that_tell_nobody_apart_or_the_wrong_way_are_named(results: list[Result], tmp_path: Path) -> None:
    never, inverse, *telling = of_first_question(results[0])
    some = []
    for i, result in enumerate(with_diagnoses(results, [None] * 12)):
        for position in (never, *telling[:3]) if i < 6 else (never, inverse):
            result = change_test(result, position, outcome=Outcome.FAILED, earned=0.0)
        some.append(result)
    page = lxml.html.parse(str(write(some, tmp_path)[0])).getroot()
    rows = page.xpath("//table[contains(@class, 'map')]/tbody/tr[td[@title]]")[:5]
    rates = [row.xpath("./td[starts-with(@class, 'rate')]")[1] for row in rows]
    assert [rate.text for rate in rates] == ["–", "−1.00", "1.00", "1.00", "1.00"]
    assert ["low" in rate.get("class") for rate in rates] == [False, True, False, False, False]
    heads = [squeezed(head) for head in page.xpath("//dl[@class='remarks']/dt")]
    everybody = len(results[0].tests) - 5
    assert heads == ["Nobody passes 1 test", "Negative discrimination in 1 test", f"Everybody passes {everybody} tests"]
    named = [squeezed(remark) for remark in page.xpath("//dl[@class='remarks']/dd")]
    assert results[0].tests[never].title in named[0]
    assert results[0].tests[inverse].title in named[1]


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


def test_an_id_that_is_no_file_name_has_a_page_and_links_to_it(results: list[Result], tmp_path: Path) -> None:
    odd = [change(one, student=name) for one, name in zip(results, ("a/b", "100%", "đào", "#x"), strict=False)]
    index, *pages = write(odd, tmp_path)
    links = lxml.html.parse(str(index)).xpath("//table[@class='students']//a/@href")
    assert sorted(tmp_path / unquote(link) for link in links) == sorted(pages)
    assert {path.name for path in pages} == {"a%2Fb.html", "100%25.html", "đào.html", "#x.html"}


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
