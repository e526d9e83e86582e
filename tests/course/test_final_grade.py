"""`[final]` in course.toml is checked when it is read."""

from pathlib import Path

import pytest

from autograder.errors import CourseError
from tests.whole_course import make_course

GROUP = '[[final.groups]]\ntitle = "Homework"\nweight = {weight}\nweights = {weights}\n'


def test_without_a_rule_there_is_no_grade(tmp_path: Path) -> None:
    assert make_course(tmp_path, ["pooling"]).final is None


def test_groups_have_the_keys_of_the_whole(tmp_path: Path) -> None:
    text = GROUP.format(weight=60, weights="{ pooling = 1, sizing = 2 }") + "drop_lowest = 1\n" + GROUP.format(weight=40, weights="{ backprop = 1 }")  # fmt: skip
    final = make_course(tmp_path, ["pooling", "sizing", "backprop"], text).final
    assert final
    assert [(part.weight, part.drop_lowest, len(part.weights)) for part in final.parts] == [(60, 1, 2), (40, 0, 1)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[final]\nweights = { poolin = 1 }", 5, "final.weights.poolin: no assignment is called 'poolin'; did you mean 'pooling'?"),
        ("[final]\nweights = { pooling = 1, xyz = 1 }", 5, "final.weights.xyz: no assignment is called 'xyz'. This course has: pooling, sizing."),
        ("[final]\nweights = { pooling = 1 }\nbonus = { sizin = 5 }", 6, "final.bonus.sizin: no assignment is called 'sizin'; did you mean 'sizing'?"),
        ("[final]\nweights = { pooling = 1 }\nbonus = { pooling = 5 }", 6, "final.bonus.pooling: 'pooling' has its part in the grade already, in weights. Keep one."),
        ("[final]\nweights = { pooling = -1 }", 5, "final.weights.pooling: must be 0 or more, and not -1."),
        ('[final]\nweights = { pooling = "20" }', 5, "final.weights.pooling: must be a number, without quotes, and not '20'."),
        ("[final]\nweights = { pooling = 0, sizing = 0 }", 5, "final.weights: all weights are 0: one at least must be more."),
        ("[final]\nscale = 10", 4, "final: has no weights. Write how much each assignment counts, as in weights = { pooling = 20 }."),
        ("[final]\nweights = { pooling = 1, sizing = 0 }\ndrop_lowest = 1", 6, "final.drop_lowest: must be less than 1, and not 1: so many assignments have a weight here, and one at least must stay."),
        ("[final]\nweights = { pooling = 1 }\nscale = 0", 6, "final.scale: must be more than 0, and not 0."),
        ("[final]\nweights = { pooling = 1 }\ndrop = 1", 6, "final.drop: there is no such entry; did you mean 'drop_lowest'?"),
        ('[final]\nweights = ["pooling"]', 5, "final.weights: must be a table, as in weights = { conv_forward = 20, pooling = 10 }"),
        ("[final.groups]\nweight = 1", 4, "final.groups: each of them begins with [[final.groups]], in two pairs of brackets."),
        ('[[final.groups]]\ntitle = "Homework"\nweight = 1', 4, "final.groups.weights: is missing; every [[final.groups]] has it."),
        ("[final]\nweights = { pooling = 1 }\n" + GROUP.format(weight=1, weights="{ sizing = 1 }"), 5, "final.weights: stands in each [[final.groups]], and not beside them: either weights here, or groups."),
        (GROUP.format(weight=1, weights="{ sizing = 1 }") + GROUP.format(weight=1, weights="{ sizing = 1 }"), 11, "final.groups.weights.sizing: 'sizing' has its part in the grade already, in groups.weights. Keep one."),
        (GROUP.format(weight=0, weights="{ sizing = 1 }"), 6, "final.groups.weight: all weights are 0: one at least must be more."),
        (GROUP.format(weight=1, weights="{ sizing = 1 }") + "drop_lowest = 1", 8, "final.groups.drop_lowest: must be less than 1, and not 1: so many assignments have a weight here, and one at least must stay."),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_by_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(CourseError) as refused:
        make_course(tmp_path, ["pooling", "sizing"], text)
    assert str(refused.value).startswith(f"{tmp_path}/assignments/course.toml:{line}: {message}")
