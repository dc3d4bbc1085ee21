"""Choosing patients: what can be asked of them, who was left out why, and how two sets differ."""
