"""One file a format of scene graphs and grounded reports."""
