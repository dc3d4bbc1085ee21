"""Sections, sentences and findings of report texts."""
