"""Matapalo carries a monolith to AWS one slice at a time."""

__version__ = "0.1.0"
