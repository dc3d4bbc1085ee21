"""One file a command; pyproject.toml registers each under `oncograph.commands`."""
