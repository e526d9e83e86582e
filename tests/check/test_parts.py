"""A hidden test that compares what is there must notice what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check.parts import check_parts
from tests.check.looking import found_by
from tests.conftest import ASSIGNMENT_TOML, SOLUTION, SOUND_HIDDEN_TESTS, write_course

TOML = ASSIGNMENT_TOML + '\n[[questions]]\nid = "both"\ntitle = "Both"\npoints = 7\n'
TEST = '\n\n@pytest.mark.question("both", points=7)\ndef test_both(student, reference, rng):\n    """Both"""\n    x = integers(rng, 4, low=1)\n    own, right = student.both(x), reference.both(x)\n'


def lenient(folder: Path, answer: str, body: str) -> str:
    solution = SOLUTION + f"\n\n# %%\ndef both(x):\n    ### BEGIN SOLUTION\n    return {answer}\n    ### END SOLUTION\n"
    tests = SOUND_HIDDEN_TESTS + TEST + "".join(f"    {line}\n" for line in body.splitlines())
    course = write_course(folder, assignment=TOML, doubling=solution, hidden_tests=tests)
    finding = found_by(check_parts, course)
    assert finding.holds == ("test_both" not in finding.text)
    return finding.text


ZIP = "for one, other in zip(own, right, strict=False):\n    assert_matches(one, other)"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ("(x.sum(), x.prod())", ZIP),
        ("[x, 2 * x]", ZIP.replace("own, right,", "right, own,")),
        ("np.outer(x, x)", ZIP),
        (
            "(x.sum(), x.prod())",
            "assert all(np.allclose(one, other) for one, other in zip(own, right, strict=False)), 'wrong'",
        ),
        ("(x.sum(), x.prod())", "rest = list(right)\nfor one in own:\n    assert_matches(one, rest.pop(0))"),
        ("np.outer(x, x) / x.sum() / x[:, None]", "for row in own:\n    assert abs(row.sum() - 1) < 1e-9, 'wrong'"),
        ("(x.sum(), x.prod())", "for i in range(len(own)):\n    assert_matches(own[i], right[i])"),
        ("{'sum': x.sum(), 'product': x.prod()}", "for key in own:\n    assert_matches(own[key], right[key])"),
    ],
)
def test_a_slip_is_named(tmp_path: Path, answer: str, body: str) -> None:
    assert lenient(tmp_path, answer, body).startswith(
        "hidden tests that pass when parts of the answer are missing: test_both."
    )


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ("(x.sum(), x.prod())", "assert_matches(own, right)"),
        ("(x.sum(), x.prod())", ZIP.replace("False", "True")),
        ("(x.sum(), x.prod())", "one, two = own\nassert_matches(one, right[0])\nassert_matches(two, right[1])"),
        ("(x.sum(), x.prod())", "assert_matches(own[0], right[0])"),
        ("np.outer(x, x)", "assert_matches(np.shape(own), right.shape, label='the shape')\n" + ZIP),
        ("np.outer(x, x)", "assert_matches(own, right)"),
        ("x.sum()", "assert_matches(own, right)"),
    ],
)
def test_what_notices_holds(tmp_path: Path, answer: str, body: str) -> None:
    assert lenient(tmp_path, answer, body) == "each hidden test notices when the last part of an answer is missing"
