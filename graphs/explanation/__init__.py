"""Why a model says what it says, in addresses."""
