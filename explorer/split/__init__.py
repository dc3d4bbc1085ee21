"""Splits of a cohort by patient, and the checks that nothing leaks between the parts."""
