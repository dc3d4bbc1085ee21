"""SelectionBar: what is selected, in words, and ways back, forth and out."""

from __future__ import annotations

import json
import re
from typing import Any

import traitlets as t

from explorer.errors import AddressError
from widgets.esm import css, esm
from widgets.in_words import counted, in_words
from widgets.patient_links import PatientLinks
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget

NAME = "SelectionBar"
_SHOWN = 6


class SelectionBar(WholeWidget):
    """Who is shown and what is selected; back, forward, copy as text, paste, save.

    Parameters
    ----------
    links : PatientLinks
        Of the patient.
    selection : Selection

    Attributes
    ----------
    notice : str
        Shown below, and read out to those who cannot see it. Hostile text.
    """

    _esm = esm("selection_bar.js")
    _css = css("theme.css", "selection_bar.css")

    notice = t.Unicode("").tag(sync=True)
    _person = t.Dict().tag(sync=True)
    _picked: Any = t.List().tag(sync=True)
    _also = t.Unicode("").tag(sync=True)
    _ways: Any = t.List([False, False]).tag(sync=True)

    def __init__(self, links: PatientLinks, selection: Selection) -> None:
        super().__init__()
        self.links, self.selection = links, selection
        self._person = self._told()
        selection.observe(self._selected, "lit")
        self._joined = True
        self.on_msg(self._on_message)
        self._selected()

    def close(self) -> None:
        """Take it off the page; the selection forgets it."""
        if getattr(self, "_joined", False):  # it is called again when the object goes
            self.selection.unobserve(self._selected, "lit")
            self._joined = False
        super().close()

    def refresh(self) -> None:
        """Tell of the version that the links have now."""
        self._person = self._told()
        self._selected()

    def _told(self) -> dict[str, Any]:
        patient = self.links.patient
        counts = [("image", len(patient.images)), ("report", len(patient.reports)),
                  ("fact", len(patient.rows("facts")))]  # fmt: skip
        about = [f"version {patient.version}"]
        about += [f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts]
        anchor = patient.anchor
        if anchor is not None and anchor.kind:
            about.append(f"day 0: {anchor.kind}")
        made = [bool(row.get("synthetic")) for row in patient.rows("items")]
        made += [bool(row.get("synthetic")) for row in patient.rows("texts")]
        marks = []
        if made and all(made):
            marks.append("synthetic")
        elif any(made) or patient.synthetic:
            marks.append("parts are synthetic")
        return {"label": patient.label, "about": about, "marks": marks}

    def _selected(self, _: Any = None) -> None:
        picked = list(self.selection.picked)
        index = self.links.index if picked else None
        with self.hold_sync():
            if index is None:
                self._picked, self._also = [], ""
            else:
                told = [(*in_words(index, one), one) for one in picked[:_SHOWN]]
                self._picked = [{"kind": a, "text": b, "address": c} for a, b, c in told]
                others = [one for one in self.selection.lit if one not in picked]
                more = len(picked) - _SHOWN
                said = [f"and {more} more"] if more > 0 else []
                said.append(f"with it: {counted(index, others)}" if others
                            else "nothing else is known to be about it")  # fmt: skip
                self._also = "; ".join(said)
            self._ways = list(self.selection.ways)
            self.notice = ""

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind, selection = content.get("kind"), self.selection
        if kind in ("back", "forward", "clear"):
            {"back": selection.back, "forward": selection.forward, "clear": selection.clear}[kind]()
        elif kind == "copy" and selection.picked:
            self.send({"kind": "text", "text": selection.to_text()})
        elif kind == "save" and selection.picked:
            name = re.sub(r"[^\w.-]+", "-", self.links.patient.label).strip("-.")[:40]
            self.send({
                "kind": "file", "name": f"selection-{name or 'patient'}.json",
                "text": json.dumps(selection.to_json()),
            })  # fmt: skip
        elif kind == "paste":
            try:
                selection.of_text(str(content.get("text", "")))
            except AddressError as error:
                self.notice = str(error)
                return
            self.send({"kind": "pasted"})
