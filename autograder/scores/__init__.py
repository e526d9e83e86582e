"""Final scores: the one place where overrides, late policy and extensions become what a student gets."""

from autograder.scores.final import MISSING, Row, by_assignment, course_rows, final_rows, in_a_sentence

__all__ = ["MISSING", "Row", "by_assignment", "course_rows", "final_rows", "in_a_sentence"]
