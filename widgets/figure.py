"""figure: what a view shows, for a paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from explorer.errors import StoreError
from explorer.licence import licence
from explorer.patient import Patient
from explorer.store import Store
from widgets.view import View

_KINDS = (".pdf", ".svg", ".png")
_MOST = 100  # patients whose licence is looked up
# letters stay letters, which a journal's office can edit and a reader can search
_TEXT: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "ps.fonttype": 42}


@dataclass(frozen=True)
class PaperFigure:
    """A figure with the licence of its data below it.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        Can be changed before it is saved.
    line : str
        What stands below it.
    """

    figure: Figure
    line: str

    def save(self, path: str | Path, *, dpi: float = 300) -> Path:
        """Write a PDF, SVG or PNG, by the name's ending; the same figure gives the same bytes.

        Parameters
        ----------
        path : path
        dpi : float
            Of PNG, and of pictures within PDF and SVG.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        StoreError
            The name ends otherwise.
        """
        target = Path(path)
        kind = target.suffix.lower()
        if kind not in _KINDS:
            raise StoreError(
                f"A figure is not saved as {kind or 'a file without an ending'}",
                expected=f"one of {', '.join(_KINDS)}",
                where=str(target),
            )
        target.write_bytes(self._bytes(kind[1:], dpi))
        return target

    def _bytes(self, kind: str, dpi: float) -> bytes:
        dates: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        out = io.BytesIO()
        with mpl.rc_context({**_TEXT, "svg.hashsalt": "oncograph"}):
            self.figure.savefig(
                out, format=kind, dpi=dpi, bbox_inches="tight", pad_inches=0.08,
                facecolor=self.figure.get_facecolor(), metadata=dates.get(kind),
            )  # fmt: skip
        return out.getvalue()

    def _repr_png_(self) -> bytes:
        return self._bytes("png", 110)


def figure(view: View, *, line: str | None = None, **options: Any) -> PaperFigure:
    """Draw what a view shows now, with the licence of the data below it.

    Units, scale bar and legend are the view's own matter; see its ``figure``.

    Parameters
    ----------
    view : View
    line : str, optional
        Instead of the licence that `explorer.licence` finds; an empty one leaves it out.
    **options
        Of the view's ``figure``.

    Returns
    -------
    PaperFigure

    Examples
    --------
    >>> figure(view).save("figure-2.pdf")
    """
    made = view.figure(**options)
    said = _line(view) if line is None else line
    if said:
        red, green, blue = to_rgb(made.get_facecolor())
        dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        text = made.text(
            0.01, -0.012, said, ha="left", va="top", fontsize=6.5, wrap=False,
            color="white" if dark else "black", alpha=0.75,
        )  # fmt: skip
        text.set_parse_math(False)
    for legend in made.legends:
        # else it would follow the edge that is cut anew around everything, onto the line
        legend.set_bbox_to_anchor((0, 0, 1, 1), made.transFigure)
    # a layout that is worked out at every draw would come out a little differently each time
    with mpl.rc_context(_TEXT):
        made.draw_without_rendering()
    made.set_layout_engine("none")
    return PaperFigure(made, said)


def _line(view: Any) -> str:
    """The licences of all data that a view shows, each once."""
    patients = list(islice(_patients(view), _MOST + 1))
    lines = dict.fromkeys(licence(one).line for one in patients[:_MOST])
    if not lines:
        return "Licence of the data: unknown"
    more = "\nand of more patients, not looked up" if len(patients) > _MOST else ""
    return "\n".join(lines) + more


def _patients(view: Any) -> Iterator[Patient]:
    for name in ("patient", "_patient", "image"):
        held = getattr(view, name, None)
        patient = held if isinstance(held, Patient) else getattr(held, "patient", None)
        if isinstance(patient, Patient):
            yield patient
            return
    linked = getattr(getattr(view, "links", None), "patient", None)
    if isinstance(linked, Patient):
        yield linked
        return
    store = getattr(view, "store", None)
    if not isinstance(store, Store):
        return
    keys = list(getattr(view, "chosen", ()) or ()) or list(store)
    for key in keys:
        yield store[key]
