"""A run of `grader grade`: what there is, what of it has to be graded, and what came of it."""
