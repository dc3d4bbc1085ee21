"""EmbeddingPoints: what an embedding view draws, from a store or a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.facet import Facet
from explorer.facets import facets
from explorer.patient_cells import patient_cells
from explorer.store import Store
from graphs.patient_vectors import patient_vectors
from graphs.reduce_vectors import reduce_vectors

UNKNOWN = "unknown"


@dataclass(eq=False)
class EmbeddingPoints:
    """Points in a plane with what is known of each.

    Attributes
    ----------
    x, y : ndarray of float, (point,)
    names : tuple of str
        Of the axes.
    how : str
        Where the plane comes from, and who is not in it.
    keys : list of str
        Patients; empty text where a point is nobody's.
    labels : list of str
        What people call the points (hostile text).
    columns : dict of str to Series
        What they can be coloured by: numbers, or text; missing is unknown.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    names: tuple[str, str]
    how: str
    keys: list[str]
    labels: list[str]
    columns: dict[str, pd.Series] = field(default_factory=dict)

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, x: str, y: str, patient: str) -> EmbeddingPoints:
        """Points of a table; those without a number have no place.

        Parameters
        ----------
        frame : DataFrame
        x, y : str
            Columns of numbers.
        patient : str
            Column of the patients' keys; where there is none, points are nobody's.
        """
        for name in (x, y):
            if name not in frame or not pd.api.types.is_numeric_dtype(frame[name]):
                raise NotFoundError(f"No numbers {name!r}", expected=f"one of {list(frame)[:20]}")
        held = np.isfinite(frame[[x, y]].to_numpy(float)).all(1)
        kept = frame[held].reset_index(drop=True)
        own = patient in kept
        keys = [str(one) if pd.notna(one) else "" for one in kept[patient]] if own else []
        rest = {str(c): kept[c] for c in kept if c not in (x, y, patient)}
        lost = int((~held).sum())
        how = f"{x} and {y} of a table" + (f"; {lost} rows have no place" if lost else "")
        labels = keys or [str(one) for one in frame.index[held]]
        return cls(
            kept[x].to_numpy(float), kept[y].to_numpy(float), (x, y), how,
            keys or [""] * len(kept), labels, rest,
        )  # fmt: skip

    @classmethod
    def of_store(
        cls, store: Store, x: str, y: str, vectors: str, method: str, seed: int
    ) -> EmbeddingPoints:
        """Patients of a store, by two numeric facets or by vectors laid out in a plane."""
        known = facets(store)
        if vectors:
            read = patient_vectors(store, vectors)
            plane = reduce_vectors(read.values, method, seed)
            place = {key: k for k, key in enumerate(known.keys_of)}
            held = [k for k, key in enumerate(read.keys) if key in place]
            where = np.array([place[read.keys[k]] for k in held], int)
            across, up = plane.xy[held, 0].astype(float), plane.xy[held, 1].astype(float)
            left = "".join(f"; {n} {why} left out" for why, n in read.left_out.items())
            names, how = plane.names, f"{vectors}: {plane.how}{left}"
        else:
            numbers = [_numbers(known, name) for name in (x, y)]
            both = np.isfinite(numbers[0]) & np.isfinite(numbers[1])
            where = np.flatnonzero(both)
            across, up = numbers[0][where], numbers[1][where]
            names = (known[x].title, known[y].title)
            how = f"{names[0]} and {names[1]}"
        lost = len(known.keys_of) - len(where)
        how += f"; {lost} patients have no place" if lost else ""
        columns = {one.title: _column(one, where, len(known.keys_of)) for one in known.values()}
        return cls(
            across, up, names, how, [known.keys_of[k] for k in where],
            [known.labels_of[k] for k in where], columns,
        )  # fmt: skip

    def patients(self, points: NDArray[np.int64]) -> list[str]:
        """Keys of the patients of some points, each once, in the order of the points."""
        return list(dict.fromkeys(self.keys[k] for k in points.tolist() if self.keys[k]))


def _numbers(known: Mapping[str, Facet], name: str) -> NDArray[np.float64]:
    if name not in known or not known[name].numeric:
        numeric = [one for one in known if known[one].numeric]
        raise NotFoundError(f"No numbers {name!r}", expected=f"one of {numeric[:20]}")
    one = known[name]
    count = 1 + max(int(one.patient.max(initial=-1)), int(_of(one).max(initial=-1)))
    found = np.full(count, np.nan)
    several = np.bincount(_of(one), minlength=count) > 1
    found[_of(one)] = one.numbers
    found[several] = np.nan  # nobody says which of them counts
    return found


def _of(one: Facet) -> NDArray[np.int32]:
    return np.zeros(0, np.int32) if one.number_of is None else one.number_of


def _column(one: Facet, where: NDArray[np.int64], count: int) -> pd.Series:
    if one.numeric:
        found = np.full(count, np.nan)
        found[_of(one)] = one.numbers
        return pd.Series(found[where])
    cells = pd.Series(patient_cells(one, where), dtype=object)
    missing = set(one.patient[one.code >= one.values].tolist())
    cells[np.array([k in missing for k in where.tolist()], bool)] = None
    return cells
