"""PageBar: the bar on top of the page."""

from __future__ import annotations

import traitlets as t

from widgets.esm import css, esm
from widgets.whole_widget import WholeWidget


class PageBar(WholeWidget):
    """Where one is, the way back, and the patient in the browser's address.

    Attributes
    ----------
    patient : str
        Key of the open patient, or empty. It stands in the address (``?patient=...``), follows
        the browser's back and forward, and names nobody.
    label, version : str
        Of the open patient, as people know it (hostile text).
    store : str
        The store's name.
    edit, busy : bool
    note : str
        What went wrong.
    """

    _esm = esm("page_bar.js")
    _css = css("theme.css", "page_bar.css")

    patient = t.Unicode("").tag(sync=True)
    label = t.Unicode("").tag(sync=True)
    version = t.Unicode("").tag(sync=True)
    store = t.Unicode("").tag(sync=True)
    edit = t.Bool(False).tag(sync=True)
    busy = t.Bool(False).tag(sync=True)
    note = t.Unicode("").tag(sync=True)
