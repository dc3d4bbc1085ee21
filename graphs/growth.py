"""Growth: a table of each lesion's size at each visit, and how fast it changes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from graphs.lesion import Lesion
from graphs.tracked_lesion import TrackedLesion

COLUMNS = (
    "lesion", "name", "visit", "days", "image", "modality", "longest_mm", "perpendicular_mm",
    "volume_ml", "outlines", "matched_by", "longest_change", "volume_change",
    "doubling_days", "doubling_reason", "problems", "target",
)  # fmt: skip


def growth(lesions: Sequence[TrackedLesion], modalities: Mapping[str, str]) -> pd.DataFrame:
    """Sizes and changes, one row a lesion and visit.

    A change is told from the lesion's previous visit in fractions (0.2: 20 % more), and only
    where both were outlined on the same modality: what an MR and a CT show of one mass differs
    though it has not grown.

    Parameters
    ----------
    lesions : sequence of TrackedLesion
    modalities : mapping
        Image id to modality.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; days from the lesion's first dated visit. ``doubling_days`` is
        ``days * ln 2 / ln(V2 / V1)`` (Schwartz, Cancer 14 (1961)), negative of a lesion that
        halves; ``doubling_reason`` says why there is none.
    """
    rows: list[dict[str, Any]] = []
    for track in lesions:
        previous: tuple[str, Lesion] | None = None
        first = min(track.at)
        for match in sorted(track.matches, key=lambda one: one.visit):
            lesion = track.at[match.visit]
            modality = modalities.get(lesion.image or "", "unknown")
            row: dict[str, Any] = {
                "lesion": track.id,
                "name": lesion.name,
                "visit": match.visit,
                "days": days_between(first, match.visit),
                "image": lesion.image,
                "modality": modality,
                "longest_mm": lesion.measures.longest_mm,
                "perpendicular_mm": lesion.measures.perpendicular_mm,
                "volume_ml": lesion.measures.volume_mm3 / 1000,
                "outlines": len(track.outlines[match.visit]),
                "matched_by": match.by,
                "problems": "; ".join(lesion.measures.problems),
                "target": lesion.target,
            }
            rows.append(row | _change(previous, match.visit, lesion, modality, modalities))
            previous = (match.visit, lesion)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _change(
    previous: tuple[str, Lesion] | None,
    visit: str,
    lesion: Lesion,
    modality: str,
    modalities: Mapping[str, str],
) -> dict[str, Any]:
    nothing = {"longest_change": None, "volume_change": None, "doubling_days": None}
    if previous is None:
        return {**nothing, "doubling_reason": "first visit"}
    before = previous[1]
    earlier = modalities.get(before.image or "", "unknown")
    if earlier != modality:
        return {**nothing, "doubling_reason": f"outlined on {earlier} before, on {modality} now"}
    volumes = (before.measures.volume_mm3, lesion.measures.volume_mm3)
    doubling, why = doubling_days(days_between(previous[0], visit), *volumes)
    return {
        "longest_change": lesion.measures.longest_mm / before.measures.longest_mm - 1,
        "volume_change": volumes[1] / volumes[0] - 1,
        "doubling_days": doubling,
        "doubling_reason": why,
    }


def doubling_days(days: int | None, before: float, after: float) -> tuple[float | None, str]:
    """Volume doubling time in days, or None and why; negative: the time in which it halves."""
    if days is None:
        return None, "the visits have no dates"
    if days <= 0 or before <= 0 or after <= 0:
        return None, "no time, or no volume, to compare"
    rate = math.log(after / before)
    if abs(rate) < 1e-9:
        return None, "the volume has not changed"
    return days * math.log(2) / rate, "grows" if rate > 0 else "shrinks: it halves in that time"


def days_between(a: str, b: str) -> int | None:
    """Days from one visit to another; None where they are no ISO dates."""
    try:
        return (date.fromisoformat(b) - date.fromisoformat(a)).days
    except ValueError:
        return None
