"""Runs: models trained and evaluated from one written configuration."""
