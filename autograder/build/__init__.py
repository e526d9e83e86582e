"""What `grader build` writes, one file per target."""

from autograder.build.template import build_template, stale_files, template_files

__all__ = ["build_template", "stale_files", "template_files"]
