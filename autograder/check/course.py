"""What can be wrong in a course's own files, without running anything."""

from __future__ import annotations

from autograder.course import Course
from autograder.errors import CourseError, GradebookError
from autograder.gradebook import Gradebook
from autograder.gradebook.store import FILE, exists


def course_faults(course: Course, gradebook: str | None = None) -> list[str]:
    """What is wrong in the `assignment.toml` files, and with extensions of people whom the gradebook does not know, in sentences.

    Args:
        course: it has been read, so `course.toml` by itself is sound.
        gradebook: database URL; by default `gradebook.db` in the course's folder. None is made where there is none.
    """
    found = []
    for name in course.assignment_names:
        try:
            course.assignment(name)
        except CourseError as error:
            found.append(str(error))
    try:
        if exists(gradebook or f"sqlite:///{course.root / FILE}"):
            Gradebook.of(course, gradebook).close()
    except (CourseError, GradebookError) as error:
        found.append(str(error))
    return found
