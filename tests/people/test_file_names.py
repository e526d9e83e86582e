"""Ids as names of files and folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.people.file_names import from_file_name, to_file_name

IDS = st.one_of(st.text(min_size=1), st.from_regex(r"[A-Za-z.%\-]{1,6}", fullmatch=True))


@given(st.lists(IDS, unique=True))
def test_every_id_has_a_name_of_its_own_that_is_found_back(ids: list[str]) -> None:
    names = [to_file_name(one) for one in ids]
    assert len(set(names)) == len(ids)
    for one, name in zip(ids, names, strict=True):
        assert len(f"{name}.ipynb".encode()) <= 255
        assert from_file_name(name) == one or "%~" in name


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("22020001", "22020001"),
        ("nguyễn.an", "nguyễn.an"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("..", "%2E%2E"),
        ("CON", "%43ON"),
        ("x.", "x%2E"),
    ],
)
def test_most_ids_stay_as_they_are(identity: str, name: str) -> None:
    assert to_file_name(identity) in (name, name.replace("%2E%2E", "%2E."))


@given(st.from_regex(r"(%[0-9A-Fa-f]{2}|[a-z%]){1,5}", fullmatch=True))
@example("100%FF")
@example("%ED%B2%80%C3")
def test_what_somebody_else_has_called_so_is_an_id_itself(name: str) -> None:
    identity = from_file_name(name)
    assert identity == name or to_file_name(identity) == name


@pytest.mark.parametrize("identity", ["x" * 300, "/" * 200, "ễ" * 200])
def test_an_id_too_long_for_a_file_system_has_a_name_all_the_same(identity: str, tmp_path: Path) -> None:
    other = identity[:-1] + "y"
    for one in (identity, other):
        (tmp_path / f"{to_file_name(one)}.ipynb").write_text("{}", encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 2
