"""The command ``doctor``."""

from __future__ import annotations

import typer

from explorer.command import Json, app, emit, show


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, what is missing, and the command that mends it."""
    from explorer.doctor import doctor as examine

    checks = examine()
    if as_json:
        emit({"checks": [check.__dict__ for check in checks]})
    else:
        words = {True: "ok", False: "missing", None: "optional"}
        rows = [[words[check.ok], check.name, check.found, check.do] for check in checks]
        show("oncograph doctor", ["", "what", "found", "what to do"], rows)
    raise typer.Exit(1 if any(check.ok is False for check in checks) else 0)
