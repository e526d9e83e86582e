"""What `nbgrader autograde` does to a submission before it runs it, for cells that were copied, split or deleted."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import DeduplicateIds


class RepairCells(DeduplicateIds):  # type: ignore[misc]  # nbgrader has no annotations
    """In the place of nbgrader's `DeduplicateIds`.

    That one empties the marks of a copied cell, which nbgrader then takes for those of an old version: it stops, and
    leaves everybody after this student ungraded. Deleted tests, which nbgrader leaves to be graded by hand, come
    back at the end; nbgrader's `OverwriteCells`, which runs next, fills them in from its gradebook.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        nb, resources = super().preprocess(nb, resources)
        for cell in nb.cells:
            if cell.metadata.get("nbgrader") == {}:
                del cell.metadata["nbgrader"]
        present = {cell.metadata.nbgrader["grade_id"] for cell in nb.cells if utils.is_grade(cell)}
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            tests = gradebook.find_notebook(about["notebook"], about["assignment"]).grade_cells
            for test in tests:
                by_hand = any(cell.name == test.name for cell in test.notebook.solution_cells)
                if test.cell_type == "code" and not by_hand and test.name not in present:
                    nb.cells.append(_test(nb, test.name, test.max_score))
        return nb, resources


def _test(nb: Any, name: str, points: float) -> Any:
    marks = {"grade": True, "locked": True, "solution": False, "task": False}
    cell = new_code_cell(  # type: ignore[no-untyped-call]  # nbformat does not annotate it
        metadata={"nbgrader": {"schema_version": 3, "grade_id": name, "points": points} | marks}
    )
    if (nb.nbformat, nb.nbformat_minor) < (4, 5):
        del cell["id"]
    return cell
