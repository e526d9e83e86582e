"""The class page as its reader sees it: whole words, a map that scrolls, each cause once, and who has no score and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from autograder.result import CellError, Outcome, Result, Status
from tests.report.browser import look
from tests.report.make_class import load, make_class, names_of
from tests.report.test_pages import change, change_test, everywhere, squeezed, write

ASSIGNMENT = load()[1]
LONG = (
    "Nguyễn Phúc Đăng Khoa Hoàng Trần Lê Minh Anh Vũ Thị Bảo Ngọc",
    "Wolfeschlegelsteinhausenbergerdorffsenio",  # a word of forty letters
    "Lê",
)

# Each word of these stands on one line.
BROKEN = """
  const words = [];
  for (const element of page.querySelectorAll(".name, .status, .number, .where, .what, .file, .students th, .figures dt")) {
    const walker = page.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const word of node.data.matchAll(/[^\\s-]+/g)) {
        const range = page.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((one) => one.top)).size > 1) words.push(word[0]);
      }
    }
  }
  return words;
"""

MAP = """
  const region = page.querySelector(".scroll:has(.map)"), hint = region.previousElementSibling;
  const first = region.querySelector("tbody th[scope=row]"), second = region.querySelector("tbody td.passed, tbody td.skipped");
  const before = [first.getBoundingClientRect().left, second.getBoundingClientRect().left];
  region.scrollLeft = 300;
  const cut = [...page.querySelectorAll(".map th[scope=row] div")].filter((one) => one.scrollWidth > one.clientWidth + 1
    || one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1);
  region.focus();
  return {
    scrolls: region.scrollWidth > region.clientWidth, said: hint.checkVisibility() ? hint.textContent : "",
    moved: [first.getBoundingClientRect().left - before[0], second.getBoundingClientRect().left - before[1]],
    focused: page.activeElement === region, role: region.getAttribute("role"),
    label: page.getElementById(region.getAttribute("aria-labelledby")).textContent,
    cut: cut.map((one) => one.textContent),
    titles: Math.max(...[...page.querySelectorAll(".map th[scope=row] div")].map((one) => one.getClientRects()[0].height)),
  };
"""


def class_page(results: Sequence[Result], to: Path, missing: Sequence[str] = ()) -> Path:
    names = names_of(results) | {
        result.student: LONG[i] for i, result in enumerate(results) if i < min(len(LONG), len(results) - 1)
    }
    return write(results, to, names=names, missing=missing)[0]


def parsed(page: Path) -> Any:
    return lxml.html.parse(str(page)).getroot()


@pytest.mark.parametrize("size", [3, 60])
def test_no_name_number_or_status_is_broken_inside_a_word(size: int, tmp_path: Path) -> None:
    first, second, *others = make_class(ASSIGNMENT, size)
    odd = [change(first, status=Status.UNREADABLE), change(second, status=Status.NOT_GRADABLE)]
    page = class_page([*odd, *others], tmp_path, missing=["22029999"])
    assert look(page, tmp_path, width=1280, script=BROKEN)["extra"] == []


def test_a_word_that_is_longer_than_any_name_does_not_widen_the_page(tmp_path: Path) -> None:
    results = make_class(ASSIGNMENT, 4)
    page = write(results, tmp_path, names={one.student: "W" * 300 for one in results})[0]
    for width in (390, 1280):
        assert look(page, tmp_path, width=width)["needed"] <= width


@pytest.mark.parametrize(("size", "width"), [(60, 900), (300, 1280), (60, 390)])
def test_a_map_that_is_too_wide_scrolls_under_its_titles_and_says_so(size: int, width: int, tmp_path: Path) -> None:
    seen = look(class_page(make_class(ASSIGNMENT, size), tmp_path), tmp_path, width=width, script=MAP)
    found = seen["extra"]
    assert seen["needed"] <= width
    assert found["scrolls"]
    assert "scroll it sideways" in found["said"]
    title, field = found["moved"]
    assert title >= -1  # the space between cells
    assert field == -300
    assert (found["focused"], found["role"], found["label"]) == (True, "region", "Tests")
    assert found["cut"] == []


def test_a_map_of_three_students_has_room_for_whole_titles_and_says_nothing_of_scrolling(tmp_path: Path) -> None:
    found = look(class_page(make_class(ASSIGNMENT, 3), tmp_path), tmp_path, width=1280, script=MAP)["extra"]
    assert (found["scrolls"], found["said"], found["cut"]) == (False, "", [])
    assert found["titles"] < 25  # of a single line


def test_on_paper_a_map_of_hundreds_leaves_out_its_students_and_says_so(tmp_path: Path) -> None:
    page = class_page(make_class(ASSIGNMENT, 120), tmp_path)
    text = page.read_text(encoding="utf-8").replace("@media print", "@media screen")
    printed = tmp_path / "printed.html"
    printed.write_text(text, encoding="utf-8")
    script = """
      const shown = (selector) => [...page.querySelectorAll(selector)].filter((one) => one.checkVisibility()).length;
      return {fields: shown(".map td:not(.rate)"), rates: shown(".map td.rate"), scrolls: shown(".scrolls"), said: shown(".on-paper")};
    """
    seen = look(printed, tmp_path, width=690, script=script)
    assert seen["needed"] <= 690
    assert seen["extra"] == {"fields": 0, "rates": seen["extra"]["rates"], "scrolls": 0, "said": 1}
    assert seen["extra"]["rates"] > 50


def test_every_head_of_a_table_says_what_it_heads(tmp_path: Path) -> None:
    page = parsed(class_page(make_class(ASSIGNMENT, 20), tmp_path, missing=["22029999"]))
    assert page.xpath("//th[not(@scope)]") == []
    for table in page.xpath("//table"):
        assert table.xpath("./thead//th[@scope='col']")
        assert all(row.xpath("./th[@scope='row' or @scope='rowgroup']") for row in table.xpath("./tbody/tr"))
    regions = page.xpath("//div[@class='scroll']")
    assert [region.get("tabindex") for region in regions] == ["0"] * len(regions)


def figures(page: Any) -> dict[str, str]:
    return {squeezed(one.find("dt")): squeezed(one.find("dd")) for one in page.xpath("//dl[@class='figures']/div")}


def test_files_that_cannot_be_read_are_no_failure_of_the_graders_and_nothing_missing(tmp_path: Path) -> None:
    first, second, third, *others = make_class(ASSIGNMENT, 8)
    blank = {"outcome": Outcome.NOT_GRADABLE, "earned": 0.0, "ratio": None, "difference": None, "diagnosis": None}
    tests = [test.model_dump() | blank for test in first.tests]
    odd = [
        change(first, status=Status.UNREADABLE, message="The file is cut off.", tests=tests, cell_errors=()),
        change(second, status=Status.UNREADABLE, message="The file is cut off.", tests=tests, cell_errors=()),
        change(third, status=Status.NOT_GRADABLE, message="The worker died.", tests=tests, cell_errors=()),
    ]
    others = [change(one, status=Status.GRADED) for one in others]
    page = parsed(write(odd + others, tmp_path, missing=["22029999"])[0])
    counts = {"graded": "5", "unreadable": "2", "not gradable": "1", "missing": "1"}
    assert counts.items() <= figures(page).items()
    fault, unreadable = (squeezed(one) for one in page.xpath("//section[@class='notice']"))
    assert "1 submission without a verdict" in fault
    assert third.student in fault
    assert "2 files could not be read" in unreadable
    assert f"{first.student}, {second.student}: The file is cut off." in unreadable
    assert len(page.xpath("//table[contains(@class, 'map')]/thead//a")) == 5
    assert page.xpath("//table[contains(@class, 'map')]//td[@class='not-gradable']") == []
    states = {squeezed(row.xpath("./th")[0]): row.xpath("./td[contains(@class, 'status')]")[0] for row in page.xpath("//table[@class='students']/tbody/tr")}  # fmt: skip
    assert "could not be read" in states[first.student].get("title")
    assert "not the student’s fault" in states[third.student].get("title")
    assert squeezed(states["22029999"]) == "missing"


def test_one_cause_is_one_line_of_the_most_frequent_errors(tmp_path: Path) -> None:
    broadcast = "raised ValueError: operands could not be broadcast together with shapes"
    results = []
    for i, result in enumerate(make_class(ASSIGNMENT, 4)):
        one = everywhere(result, outcome=Outcome.PASSED, message="")
        for position in (0, 1, len(one.tests) - 1) if i < 3 else ():
            message = f"{one.tests[position].question}(x 1x{i}x3) {broadcast} (2,{i}) (2,{position})"
            one = change_test(one, position, outcome=Outcome.ERROR, message=message)
        results.append(one)
    (row,) = parsed(write(results, tmp_path)[0]).xpath("//table[@class='messages']/tbody/tr")
    cause, kind, where, students, who = (squeezed(cell) for cell in row)
    assert cause.startswith("ValueError: operands could not be broadcast together")
    assert (kind, students) == ("! error", "3")
    assert {results[0].tests[0].question, results[0].tests[-1].question} == {one.text for one in row[2].xpath("./code")}
    assert where
    assert who == ", ".join(one.student for one in results[:3])


def slow_lines(result: Result, to: Path) -> list[str]:
    return [squeezed(one) for one in parsed(write([result], to)[0]).xpath("//ol[@class='slowest']/li/p")]


def test_the_slowest_name_the_cell_or_the_call_that_hung(tmp_path: Path) -> None:
    quick = everywhere(make_class(ASSIGNMENT, 1)[0], outcome=Outcome.PASSED, message="", seconds=0.01)
    cell = CellError(cell=3, name="the cell that begins with `while True:`", error="ran longer than 10 seconds and was stopped", timeout=True)  # fmt: skip
    hung = change(quick, seconds=21.0, cell_errors=(cell,))
    called = "The cell that begins with `while True:`: ran longer than 10 seconds and was stopped"
    assert slow_lines(hung, tmp_path) == [called]
    assert slow_lines(change(hung, cell_errors=(cell, cell)), tmp_path) == [called, "So did 1 more cell."]
    message = "conv2d(x 1x3x4x6) ran longer than 5 seconds and was stopped."
    call = change_test(quick, 2, outcome=Outcome.TIMEOUT, message=message, seconds=5.0)
    assert slow_lines(change(call, seconds=6.0), tmp_path) == [f"“{quick.tests[2].title}”: {message}"]
    slow = change_test(quick, 1, seconds=5.0)
    assert slow_lines(change(slow, seconds=6.0), tmp_path) == [f"5.00 s of it in “{quick.tests[1].title}”"]
    assert slow_lines(change(quick, seconds=6.0), tmp_path) == []  # nobody knows


def test_identical_files_are_named_with_names_and_ids_but_no_untouched_template(tmp_path: Path) -> None:
    results = make_class(ASSIGNMENT, 6)
    template = hashlib.sha256((ASSIGNMENT.template_folder / "conv_forward.ipynb").read_bytes()).hexdigest()
    prints = ["a" * 64, "a" * 64, "a" * 64, template, template, "b" * 64]
    alike = [change(one, submission_fingerprint=own) for one, own in zip(results, prints, strict=True)]
    page = parsed(write(alike, tmp_path, names={results[0].student: "Lê"})[0])
    (notice,) = page.xpath("//section[@aria-labelledby='alike']")
    assert squeezed(notice.find("h2")) == "One file was handed in by several students"
    ids = [one.student for one in results]
    assert [squeezed(one) for one in notice.xpath(".//li")] == [f"3 students: Lê ({ids[0]}), {ids[1]}, {ids[2]}"]
    assert "handed in by several" not in write(results, tmp_path)[0].read_text(encoding="utf-8")


def test_namesakes_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    results = [change(one, status=Status.UNREADABLE, message="The file is empty.") for one in make_class(ASSIGNMENT, 3)]
    ids = [one.student for one in results]
    page = parsed(write(results, tmp_path, names={ids[0]: "Lê An", ids[1]: "Bùi Chi", ids[2]: "Lê An"})[0])
    (notice,) = page.xpath("//section[@aria-labelledby='unreadable']")
    assert squeezed(notice.find("ul")) == f"Lê An ({ids[0]}), Bùi Chi, Lê An ({ids[2]}): The file is empty."


def test_remarks_on_a_submission_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    cell = CellError(cell=3, error="NameError: name 'x' is not defined")
    late = change(everywhere(make_class(ASSIGNMENT, 1)[0], outcome=Outcome.PASSED, message=""), cell_errors=(cell,))
    late = change(late, submitted_at=ASSIGNMENT.due + timedelta(hours=1)) if ASSIGNMENT.due else late
    (remark,) = parsed(write([late], tmp_path)[0]).xpath("//table[@data-sortable]//td[@class='remark']")
    score, cells = (squeezed(one) for one in remark)
    assert "1 day late" in score
    assert cells == "1 failed cell"
