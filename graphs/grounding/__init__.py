"""Where in the images a statement lies."""
