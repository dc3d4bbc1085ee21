"""Training chunks: volumes of a cohort as training reads them, kept beside their patients."""
