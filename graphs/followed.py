"""Follow: what became of a patient's lesions over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from explorer.html import table_html
from explorer.item_id import item_id
from explorer.run_draft import RunDraft
from explorer.shown_list import ShownList
from graphs.edge import Edge
from graphs.growth import days_between
from graphs.lesion import Lesion
from graphs.node import Node
from graphs.prior import Prior
from graphs.producer import Producer
from graphs.recist import Recist
from graphs.registration import Registration
from graphs.tracked_lesion import TrackedLesion
from graphs.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PRODUCER = Producer("oncograph.follow", "1")


@dataclass
class Follow:
    """A patient over time.

    Attributes
    ----------
    patient : str
        The label; hostile.
    visits : tuple of str
        Dates with outlines, in order.
    lesions : list of TrackedLesion
    table : pandas.DataFrame
        Growth, see `graphs.growth.growth`.
    recist : Recist or None
        None where nothing is outlined.
    verdicts : list of Verdict
        'increased' and the like against what was measured.
    priors : list of Prior
        Of each image; an absent one says why.
    registrations : dict
        ``(fixed, moving)`` image ids to the registration, or why there is none.
    problems : tuple of str
    synthetic : bool
    """

    patient: str
    visits: tuple[str, ...]
    lesions: list[TrackedLesion]
    table: pd.DataFrame
    recist: Recist | None
    verdicts: ShownList[Verdict]
    priors: list[Prior]
    registrations: dict[tuple[str, str], Registration | str]
    problems: tuple[str, ...] = ()
    synthetic: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def nodes(self) -> list[Node]:
        """One node an outline."""
        return [
            Node(_node(one), "lesion", one.name, one.code, "present", one.target,
                 one.measures.longest_mm, "mm", {"lesion": track.id, "visit": visit})
            for track in self.lesions
            for visit, group in sorted(track.outlines.items())
            for one in group
        ]  # fmt: skip

    @property
    def edges(self) -> list[Edge]:
        """'same_as' within a lesion, 'compared_with' from a visit to the one before.

        The number of 'compared_with' is the change of the longest diameter in mm; 'change' is
        'improved', 'worsened' or 'no change', or 'unknown' between two modalities.
        """
        found: list[Edge] = []
        for track in self.lesions:
            rows = self.table[self.table["lesion"] == track.id].set_index("visit")
            order = sorted(track.at)
            for visit in order:
                first, *others = track.outlines[visit]
                found += [
                    Edge("same_as", _node(one), _node(first), detail={"by": "the same visit"})
                    for one in others
                ]
            for before, now in pairwise(order):
                by = next(m for m in track.matches if m.visit == now)
                a, b = track.at[before], track.at[now]
                found.append(
                    Edge("same_as", _node(b), _node(a), by.distance_mm,
                         None if by.distance_mm is None else "mm",
                         {"by": by.by, "reason": by.reason})
                )  # fmt: skip
                known = bool(rows["longest_change"].notna()[now])
                grown = b.measures.longest_mm - a.measures.longest_mm if known else None
                limit = self.settings["variability"] * a.measures.longest_mm
                found.append(
                    Edge("compared_with", _node(b), _node(a), grown, "mm" if known else None,
                         {"change": _word(grown, limit), "days": days_between(before, now)})
                )  # fmt: skip
        return found

    def figure(self) -> Figure:
        """Longest diameters over time, and the RECIST sum with its categories."""
        from graphs.follow_figure import follow_figure

        return follow_figure(self)

    def run(self) -> RunDraft:
        """What `Transaction.put_run` keeps of it."""
        detail: dict[str, Any] = {
            "visits": list(self.visits),
            "recist": [vars(one) for one in self.recist.visits] if self.recist else [],
            "targets": list(self.recist.targets) if self.recist else [],
            "problems": list(self.problems),
        }
        return RunDraft(
            "follow", PRODUCER.name, PRODUCER.version, settings=self.settings, detail=detail,
            synthetic=self.synthetic, nodes=[one.row() for one in self.nodes],
            edges=[one.row() for one in self.edges],
            verdicts=[one.row() for one in self.verdicts],
        )  # fmt: skip

    def _repr_html_(self) -> str:
        shown = ["lesion", "name", "visit", "days", "modality", "longest_mm", "volume_ml",
                 "longest_change", "doubling_days", "matched_by"]  # fmt: skip
        rows = [
            [
                None if v is None or (isinstance(v, float) and np.isnan(v)) else _short(v)
                for v in row
            ]
            for row in self.table[shown].itertuples(index=False)
        ]
        flag = ", SYNTHETIC" if self.synthetic else ""
        html = table_html(shown, rows, f"{self.patient}: {len(self.lesions)} lesions{flag}")
        if self.recist:
            html += self.recist._repr_html_()
        if self.problems:
            html += table_html(["to know"], [[one] for one in self.problems])
        return html


def _node(lesion: Lesion) -> str:
    return item_id("n", "lesion", lesion.target)


def _word(grown: float | None, limit: float) -> str:
    if grown is None:
        return "unknown"
    if abs(grown) < max(limit, 1.0):
        return "no change"
    return "worsened" if grown > 0 else "improved"


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 2)
    return value
