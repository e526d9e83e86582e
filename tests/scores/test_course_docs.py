"""The example in docs/course.md is what comes out."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

from autograder.gradebook import Gradebook
from autograder.scores import by_assignment, course_rows
from autograder.scores.course import grade, in_a_sentence, share
from tests.conftest import REPOSITORY
from tests.whole_course import FIRST_DUE, enrol, make_course, make_result

TEXT = (REPOSITORY / "docs" / "course.md").read_text(encoding="utf-8")
NAMES = ["conv_forward", "sizing", "pooling", "backprop", "inception", "pytorch_cnn"]


def test_the_rules_in_the_docs_are_read(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        course = make_course(tmp_path / str(number), NAMES, block)
        assert course.final or course.late.tokens


def test_the_example_in_the_docs_comes_out(tmp_path: Path) -> None:
    rule = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)[0]
    told = re.findall(r"```text\n(.*?)\n```", TEXT, re.DOTALL)[0]
    table = re.findall(r"^\| (\w+) \| (\d+) \| (\d) \|$", TEXT, re.MULTILINE)
    assert [name for name, _, _ in table] == [name for name in NAMES if name not in ("pooling", "pytorch_cnn")]
    assert tomllib.loads(rule)["final"]["bonus"] == {"inception": 5}
    course = make_course(tmp_path, NAMES, "[late]\npercent_per_day = 10\ntokens = 2\n" + rule)
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 1)
        for name, score, days in table:
            gradebook.record(make_result(course.assignment(name), "22020001", float(score), int(days)))
        found = course_rows(
            course=course,
            assignments=course.assignments(),
            gradebook=gradebook,
            students=gradebook.students(),
            newest=by_assignment(gradebook.outlines()),
        )
    rows = {name: those[0] for name, those in found.items()}
    now = FIRST_DUE + timedelta(weeks=4, hours=1)
    assert course.final
    made = grade(course.final, {name: share(row, now) for name, row in rows.items()})
    assert in_a_sentence(course.final, made, rows) == told
    assert f"costs 10 %: {rows['conv_forward'].score:g}." in TEXT
    assert made.percent is not None
    assert f"That makes {made.percent:.2f} %, or {made.value:g} of 10." in TEXT
