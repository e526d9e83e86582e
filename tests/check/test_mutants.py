"""Mutation testing of a small course by real cosmic-ray in real sandboxes."""

from __future__ import annotations

from pathlib import Path

from autograder.check import Finding, check
from autograder.check.mutants import mutate
from autograder.commands import build
from tests.conftest import SOLUTION, write_course

UNTESTED = SOLUTION.replace(
    "    if not who:", '    if len(who) > 1000:\n        return "hello to a long name"\n    if not who:'
)


def finding(root: Path, equivalent: str = "") -> Finding:
    course = write_course(root, doubling=UNTESTED)
    build(course=root)
    if equivalent:
        course.assignment("doubling").equivalent_mutants_path.write_text(equivalent, encoding="utf-8")
    return list(check(course=root, mutants=True))[-1]


def test_a_mutant_is_one_change_in_a_function() -> None:
    mutants = list(mutate("def a(x):\n    return x + 1\n\n\ndef b(x):\n    return x\n"))
    assert {mutant.function for mutant in mutants} == {"a"}
    assert ("a", "return x + 1", "return x - 1") in {mutant.change for mutant in mutants}
    assert len({mutant.source for mutant in mutants}) == len(mutants)


def test_survivors_are_shown_until_each_is_killed_or_recorded(tmp_path: Path) -> None:
    open_ = finding(tmp_path)
    assert not open_.holds
    assert "survives in name:\n    - if len(who) > 1000:\n    + if len(who) >= 1000:" in open_.text
    assert "- return secret_of_the_solution * x" not in open_.text
    recorded = finding(
        tmp_path, '[[mutant]]\nfunction = "name"\nwas = "if len(who) > 1000:"\nreason = "no such name is tested"\n'
    )
    assert recorded.holds, recorded.text
    total, noticed, equivalent = (int(word) for word in recorded.text.replace(";", "").split() if word.isdigit())
    assert total == noticed + equivalent
    assert equivalent > 0


def test_a_record_that_fits_no_survivor_is_shown(tmp_path: Path) -> None:
    stale = '[[mutant]]\nfunction = "name"\nwas = "if who:"\nnow = "if not who:"\nreason = "?"\n'
    assert "recorded as equivalent, but none such survives in name:\n    - if who:" in finding(tmp_path, stale).text


def test_a_record_without_a_reason_is_refused(tmp_path: Path) -> None:
    wrong = finding(tmp_path, '[[mutant]]\nfunction = "name"\nwas = "x"\n')
    assert "equivalent_mutants.toml:1: mutant.reason: is missing" in wrong.text
