"""Who is in the gradebook, and what an import of a roster changes."""

from pathlib import Path

import pytest

from autograder.errors import GradebookError
from autograder.gradebook import Gradebook, RosterChange
from tests.people.test_roster_file import VIETNAMESE, write


def counts(change: RosterChange) -> tuple[int, int, int]:
    return change.added, change.updated, change.unchanged


def test_an_import_adds_then_updates_and_forgets_nobody(gradebook: Gradebook, tmp_path: Path) -> None:
    assert counts(gradebook.import_roster(write(tmp_path, VIETNAMESE))) == (2, 0, 0)
    assert counts(gradebook.import_roster(write(tmp_path, VIETNAMESE))) == (0, 0, 2)
    changed = "student_id;name;email\n22020002;Trần Văn Ất;\n22020003;Vũ Y;y@vnu.edu.vn\n"
    assert counts(gradebook.import_roster(write(tmp_path, changed))) == (1, 1, 0)
    assert [(student.id, student.name, student.email, student.section) for student in gradebook.students()] == [
        ("22020001", "Nguyễn Thị Ánh Đào", "dao@vnu.edu.vn", "K67-A"),
        ("22020002", "Trần Văn Ất", "at@vnu.edu.vn", ""),
        ("22020003", "Vũ Y", "y@vnu.edu.vn", ""),
    ]


def test_a_roster_with_an_error_changes_nothing(gradebook: Gradebook, tmp_path: Path) -> None:
    with pytest.raises(GradebookError):
        gradebook.import_roster(write(tmp_path, VIETNAMESE + "22020001,Again,,\n"))
    assert gradebook.students() == []
