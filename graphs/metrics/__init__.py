"""Scores of findings, groundings and reports."""
