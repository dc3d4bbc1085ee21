"""What turns text, images and signals into vectors, by local weights."""
