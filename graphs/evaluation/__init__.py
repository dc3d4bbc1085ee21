"""How good a model is, with what it must be compared."""
