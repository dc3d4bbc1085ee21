"""Exports: a cohort as the files that other programs expect, one format a file."""
