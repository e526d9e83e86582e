"""Hidden tests in a notebook's own kernel, for systems that grade there: nbgrader and otter-grader.

The tests, messages and points are those of the sandbox; the isolation is not. Student code shares the process with the
hidden tests and can read and forge anything, as it can with any test that nbgrader or otter-grader runs.
"""

from autograder.kernel.grade import grade
from autograder.kernel.sources import Sources

__all__ = ["Sources", "grade"]
