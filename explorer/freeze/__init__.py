"""Frozen cohorts: named, immutable, proven to be what they were."""
