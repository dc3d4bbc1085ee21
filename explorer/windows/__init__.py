"""What was known when: the index day, the look-back before it and the outcome window after it."""
