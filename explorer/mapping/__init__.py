"""Mapping: a function on every patient of a cohort, its results kept with where they come from."""
