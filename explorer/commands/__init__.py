"""One file a command; each registers itself with `explorer.command.app`."""
