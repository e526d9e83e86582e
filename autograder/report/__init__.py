"""What graders and students read: HTML files for a class and its students, and the terminal."""

from autograder.report.html import student_page, write_report
from autograder.report.terminal import render_result, render_summary

__all__ = ["render_result", "render_summary", "student_page", "write_report"]
