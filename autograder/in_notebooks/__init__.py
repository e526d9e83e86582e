"""Code that students' notebooks hold, each module as it stands here: a notebook needs numpy alone, and no autograder.

A cell of a solution script that is nothing but `from autograder.in_notebooks.check import check` becomes the module, folded where
the front end can fold.
"""
