"""show_front: what the page's only cell runs."""

from __future__ import annotations

import os
from urllib.parse import parse_qs

import ipywidgets as w
from IPython.display import display

from explorer.errors import OncographError
from explorer.store import Store
from widgets.page.page_bar import PageBar


def show_front() -> None:
    """Show the store that the server was started for, and the patient that the address names."""
    from widgets.page.page_server import EDIT, FOLDER, STORE

    place, edit = os.environ[STORE], bool(os.environ.get(EDIT))
    asked = parse_qs(os.environ.get("QUERY_STRING", "")).get("patient", [""])[0]
    try:
        from widgets.page.front import Front

        shown: w.DOMWidget = Front(
            Store(place), patient=asked, edit=edit, folder=os.environ.get(FOLDER, ".")
        )
    except (OncographError, OSError) as error:  # moved away, locked, or newer than this program
        shown = PageBar(store=place.rstrip("/").rpartition("/")[2], note=str(error))
    display(shown)  # type: ignore[no-untyped-call]
