"""Features of patients, a modality at a time."""
