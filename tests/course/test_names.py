"""Names that a script binds at its top level."""

from __future__ import annotations

import ast

import pytest

from autograder.course.names import bound


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a.b, c as d\nfrom e import f as g, h", "a d g h"),
        ("x = y = 1\n(p, [q, *r]) = z[0] = w.v = 2\nu: int = 3\nt += 1", "x y p q r u t"),
        ("def f(a=1):\n    b = 2\nclass C:\n    c = 3\nlambda d: (e := 4)", "f C"),
        ("if (n := 10) > 5:\n    m = n\nelse:\n    o = 1", "n m o"),
        ("for i, j in x:\n    k = 1\nwhile y:\n    l = 2", "i j k l"),
        ("with a as b, c as (d, e):\n    f = 1", "b d e f"),
        ("try:\n    a = 1\nexcept E:\n    b = 2\nelse:\n    c = 3\nfinally:\n    d = 4", "a b c d"),
        (
            "match x:\n    case [a, *b]:\n        c = 1\n    case {'k': d, **e}:\n        pass\n    case P() as f:\n        pass",
            "a b c d e f",
        ),
        ("[x for x in y if (last := x)]\nz = {k: v for k, v in y}", "last z"),
        ("del a\nprint(b)\nc[0] = d.e = 1", ""),
    ],
)
def test_all_that_a_statement_binds_is_known_and_nothing_of_functions_and_comprehensions(
    source: str, names: str
) -> None:
    assert {name for name, _ in bound(ast.parse(source).body)} == set(names.split())


def test_lines_are_those_of_the_names() -> None:
    assert dict(bound(ast.parse("if True:\n    a = (\n        1)\nb = 2").body)) == {"a": 2, "b": 4}
