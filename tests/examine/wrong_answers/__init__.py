"""Wrong answers that stand in no catalogue, each with its true cause: what an explanation is measured by.

A module for each assignment holds `RIGHT`, a right answer to all its questions as a student might have written it, and
`WRONG`: what another student wrote instead of one piece of it. They were written as public threads about such courses
describe them (cs231n, deeplearning.ai, PyTorch forums), before anybody had seen what the grader says about them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """A right answer in which one piece was written otherwise.

    Attributes:
        name: of the wrong answer.
        of: the function that is wrong.
        cause: what is wrong with it.
        old, new: the piece of the right answer, and what stands there instead.
        true: what may be said of it: ids of mistakes, or words of a sentence. Anything else is false.
    """

    name: str
    of: str
    cause: str
    old: str
    new: str
    true: tuple[str, ...] = ()

    def source(self, right: str) -> str:
        """The whole submission."""
        start = right.index(f"def {self.of}(")
        end = right.find("\n\n\n", start) + 1 or len(right)
        before, function, after = right[:start], right[start:end], right[end:]
        assert self.old in function, f"{self.name}: {self.old!r} is not in {self.of}"
        return before + function.replace(self.old, self.new, 1) + after
