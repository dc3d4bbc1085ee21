"""Examples: features, targets and graphs of patients, as models take them."""
