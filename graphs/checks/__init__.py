"""Checks of reports against images, other reports, and themselves."""
