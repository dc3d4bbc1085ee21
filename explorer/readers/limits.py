"""What one volume may come to."""

VOLUME_BYTES = 4 << 30
"""Bytes of one volume in memory; a file that claims more is refused before any is reserved."""
