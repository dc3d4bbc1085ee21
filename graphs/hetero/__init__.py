"""The patient graph as tensors, and neighbours sampled from it."""
