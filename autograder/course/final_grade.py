"""How the grade of the course is made of its assignments: `[final]` in `course.toml`, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from autograder.course.toml import Location, TomlModel
from autograder.errors import CourseError
from autograder.text import meant

Weight = Annotated[float, Field(ge=0, strict=True)]
Drop = Annotated[int, Field(ge=0, strict=True)]


class Group(TomlModel):
    """Assignments that are weighed among themselves, and then as one."""

    title: str
    weight: Weight
    """Among the groups."""
    weights: dict[str, Weight]
    """Assignment -> its weight in the group."""
    drop_lowest: Drop = 0


class FinalGrade(TomlModel):
    """Weights of assignments or of groups of them, what is dropped, and what only adds."""

    scale: Annotated[float, Field(gt=0, strict=True)] = 100
    """The grade of whoever has all points."""
    weights: dict[str, Weight] = {}  # noqa: RUF012  # pydantic copies it, and the model is frozen
    drop_lowest: Drop = 0
    groups: tuple[Group, ...] = ()
    bonus: dict[str, Annotated[float, Field(gt=0, strict=True)]] = {}  # noqa: RUF012  # the same
    """Assignment -> percent of the whole grade that all its points add."""
    capped: bool = True
    """Whether no bonus lifts a grade above the scale."""

    @property
    def parts(self) -> tuple[Group, ...]:
        """The groups; without any, all that has a weight is one."""
        return self.groups or (Group(title="", weight=1, weights=self.weights, drop_lowest=self.drop_lowest),)

    @property
    def assignments(self) -> set[str]:
        """All that have a part in the grade, or are said to have none."""
        return {name for part in self.parts for name in part.weights} | set(self.bonus)


def refuse_wrong_grade(
    final: FinalGrade, assignments: Collection[str], error: Callable[[Location, str], CourseError]
) -> None:
    """Refuse a rule that names what is not there, or that gives no grade.

    Args:
        assignments: the course's.
        error: makes the error of a place within `[final]` and a sentence.

    Raises:
        CourseError: naming the line.
    """
    if final.groups and (final.weights or final.drop_lowest):
        name = "weights" if final.weights else "drop_lowest"
        raise error((name,), f"stands in each [[final.groups]], and not beside them: either {name} here, or groups.")
    if not final.groups and not final.weights:
        raise error((), "has no weights. Write how much each assignment counts, as in weights = { pooling = 20 }.")
    seen: dict[str, str] = {}
    for location, names in _named(final):
        for name in names:
            if name not in assignments:
                there = ", ".join(sorted(assignments)) or "no assignment"
                hint = meant(name, assignments) or f". This course has: {there}."
                raise error((*location, name), f"no assignment is called '{name}'{hint}")
            if name in seen:
                raise error(
                    (*location, name), f"'{name}' has its part in the grade already, in {seen[name]}. Keep one."
                )
            seen[name] = ".".join(str(part) for part in location if isinstance(part, str))
    if final.groups and not any(group.weight for group in final.groups):
        raise error(("groups", 0, "weight"), "all weights are 0: one at least must be more.")
    for number, part in enumerate(final.parts):
        place: Location = ("groups", number) if final.groups else ()
        counted = sum(weight > 0 for weight in part.weights.values())
        if not counted:
            raise error((*place, "weights"), "all weights are 0: one at least must be more.")
        if part.drop_lowest >= counted:
            raise error(
                (*place, "drop_lowest"),
                f"must be less than {counted}, and not {part.drop_lowest}: so many assignments have a weight here, and one at least must stay.",
            )


def _named(final: FinalGrade) -> Iterator[tuple[Location, Mapping[str, float]]]:
    """The tables that name assignments, and where each one is."""
    if final.groups:
        yield from ((("groups", number, "weights"), group.weights) for number, group in enumerate(final.groups))
    else:
        yield ("weights",), final.weights
    yield ("bonus",), final.bonus
