"""Models that predict from any subset of modalities, one a file."""
