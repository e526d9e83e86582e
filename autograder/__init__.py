"""Autograder for courses on convolutional neural networks."""

__version__ = "0.1.0"
