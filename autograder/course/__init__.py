"""The sources of a course, loaded and checked."""

from autograder.course.course import Assignment, Course, Extension, LatePolicy, Limits, Question, derive_seed
from autograder.course.final_grade import FinalGrade
from autograder.course.script import Role, ScriptCell
from autograder.course.tests import TestSpec

__all__ = [
    "Assignment",
    "Course",
    "Extension",
    "FinalGrade",
    "LatePolicy",
    "Limits",
    "Question",
    "Role",
    "ScriptCell",
    "TestSpec",
    "derive_seed",
]
