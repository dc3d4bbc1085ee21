"""Names as napari may show them."""

from __future__ import annotations

from explorer.printable import printable

_MOST = 80


def layer_text(name: str) -> str:
    """Turn a name from a file into one that napari shows as text.

    napari's tooltips and status line take what begins like a tag for HTML, and would fetch what
    it names; an angle bracket that looks the same is no tag.

    Parameters
    ----------
    name : str
        Hostile text.

    Returns
    -------
    str
        One line of at most 80 characters.
    """
    flat = " ".join(printable(name).split())
    short = flat if len(flat) <= _MOST else flat[: _MOST - 1] + "…"
    return short.replace("<", "‹").replace(">", "›")  # noqa: RUF001 - they are meant to look alike
