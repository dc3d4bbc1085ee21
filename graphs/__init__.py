"""What the items of a patient say about each other: scene graphs, patient graphs, models."""
