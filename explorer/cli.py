"""The command ``oncograph``.

Each command prints for people and, with ``--json``, one JSON document on stdout for programs.
Exit status: 0 done, 1 done with files refused or checks failed, 2 usage.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib import import_module
from importlib.metadata import entry_points

from rich.console import Console
from rich.text import Text

from explorer import commands
from explorer.command import app
from explorer.errors import OncographError
from explorer.printable import printable

for _module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
    import_module(f"{commands.__name__}.{_module.name}")


def main() -> None:
    """Run the command; errors for people become one message and exit status 2."""
    os.umask(0o077)  # what the store writes is for its owner
    for point in entry_points(group="oncograph.commands"):
        app.command(name=point.name)(point.load())
    try:
        app()
    except OncographError as error:
        Console(stderr=True).print(Text(f"oncograph: {printable(error)}"))
        sys.exit(2)
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped. What was committed is whole; run it again to go on.")
        sys.exit(130)


if __name__ == "__main__":
    main()
