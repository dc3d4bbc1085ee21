"""What is to be predicted, from what, by when, and how it is scored: tasks and their labels."""
