"""Patches of a cohort for training: what to read, in which order, and how they are loaded."""
