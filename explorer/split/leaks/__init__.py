"""Checks for leaks between the parts of a split, one a file."""
