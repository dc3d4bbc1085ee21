"""measured: what was measured of the lesions of patients, a row a lesion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.address import Address
from explorer.progress import progress
from explorer.windows.row_addresses import ADDRESS_COLUMNS, row_addresses
from graphs.features.in_one_unit import commonest, in_one_unit
from graphs.features.known_rows import KnownRows
from graphs.features.one_each import one_each

DIFFER = "several values of one day that differ"
NO_LESION = "nobody says that the outline is of a lesion"
_COLUMNS = ("group", "group_uid", "number", "unit", "state", "target", "detail")
_UNKNOWN = '"role": "unknown"'  # in the JSON of `graphs.lesion_rows`; text has its quotes escaped


@dataclass(frozen=True, eq=False)
class Measured:
    """Numbers of lesions.

    Attributes
    ----------
    owner : ndarray of int64, (lesion,)
        Patients' positions, ascending.
    lesions : list of str
        Tracking UID, or the outline's address, or what the group is called.
    frame : pandas.DataFrame
        float32, (lesion, feature): ``Volume (mm3)``; NaN where one was not measured.
    address : callable
        Position of the lesion and feature to the address of the observation, or of the mask that
        was measured for this; '' where there is none.
    seen : ndarray of int64
        Patients with an observation, or an outline, that may be a feature.
    """

    owner: NDArray[np.int64]
    lesions: list[str]
    frame: pd.DataFrame
    address: Callable[[int, str], str]
    seen: NDArray[np.int64]


@dataclass
class _Rows:
    who: list[int] = field(default_factory=list)
    lesion: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    number: list[float] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    day: list[float] = field(default_factory=list)
    at: list[str] = field(default_factory=list)


def measured(
    known: KnownRows, names: str | Sequence[str] = "*", *, masks: bool = True, keep: bool = False
) -> Measured:
    """Read observations, and measure outlines of patients who have none.

    Numbers with one tracking UID are of one lesion; without one, those of one outline are. Of a
    lesion that was measured on several days the latest counts. Outlines of several readers are
    several lesions: nobody has said that they are one.

    Parameters
    ----------
    known : KnownRows
    names : str or sequence of str
        Patterns of the measurements' names.
    masks : bool
        Whether outlines are measured (`graphs.lesions.lesions`) where the patient has no
        observation; slow.
    keep : bool
        Write what is measured to the store.

    Returns
    -------
    Measured
    """
    data = known.rows("observations", (*_COLUMNS, *ADDRESS_COLUMNS["observations"]), names)
    told = _told(known, data)
    rows = _Rows(
        told["who"].to_pylist(),
        pc.coalesce(told["group_uid"], told["target"], told["group"], told["origin"],
                    pa.scalar("?")).to_pylist(),
        told["what"].to_pylist(), told["number"].to_pylist(),
        [u if u and u != "1" else "" for u in told["unit"].to_pylist()],
        told["day"].to_numpy().astype(float).tolist(), [""] * told.num_rows,
    )  # fmt: skip
    outlined = _outlines(known)
    if masks:
        have = set(data["who"].to_pylist())
        _measure(known, {k: v for k, v in outlined.items() if k not in have}, names, keep, rows)
    seen = np.array(sorted({*data["who"].to_pylist(), *outlined}), np.int64)
    return _pivot(known, rows, told, seen)


def _told(known: KnownRows, data: pa.Table) -> pa.Table:
    """Rows with a number, and not of outlines that may be of anything."""
    vague = pc.fill_null(pc.match_substring(data["detail"], _UNKNOWN), False)
    each = pc.binary_join_element_wise(
        data["patient"], pc.fill_null(data["origin"], ""), pc.fill_null(data["target"], ""), "\x1f"
    )
    out = pc.is_in(each, value_set=pc.unique(each.filter(vague)))
    gone = data.filter(out)
    known.note("observations", gone["what"].to_pylist(), NO_LESION, gone["patient"].to_pylist())
    number = pc.and_(
        pc.is_valid(data["number"]), pc.fill_null(pc.equal(data["state"], "present"), True)
    )
    return data.filter(pc.and_(number, pc.invert(out)))


def _outlines(known: KnownRows) -> dict[int, set[str]]:
    """Segmentations that were known, by patient."""
    items = known.rows("items", ("item",))
    items = items.filter(pc.fill_null(pc.equal(items["kind"], "segmentation"), False))
    found: dict[int, set[str]] = {}
    for who, item in zip(items["who"].to_pylist(), items["item"].to_pylist(), strict=True):
        found.setdefault(who, set()).add(item)
    return found


def _measure(
    known: KnownRows, outlined: dict[int, set[str]], names: str | Sequence[str], keep: bool,
    rows: _Rows,
) -> None:  # fmt: skip
    from explorer.windows.glob_match import glob_match
    from graphs.lesion_rows import lesion_rows
    from graphs.lesions import lesions

    patterns = [names] if isinstance(names, str) else list(names)
    with progress("outlines measured", len(outlined)) as step:
        for who, items in outlined.items():
            key = known.keys[who]
            patient = known.patients[key]
            for one in lesions(patient, keep=keep):
                if one.segmentation not in items:
                    continue
                said = lesion_rows(one)
                named = pa.array([row["name"] for row in said], pa.string())
                fits = [any(glob_match(named, p)[k].as_py() for p in patterns)
                        for k in range(len(said))]  # fmt: skip
                at = str(Address(key, "segmentations", one.segmentation, patient.version,
                                 {"label": one.label}))  # fmt: skip
                for row in (row for row, fit in zip(said, fits, strict=True) if fit):
                    rows.who.append(who)
                    rows.lesion.append(row["group_uid"] or row["target"])
                    rows.name.append(row["name"])
                    rows.number.append(float(row["number"]))
                    rows.unit.append(row["unit"] if row["unit"] not in (None, "1") else "")
                    rows.day.append(np.nan if one.day is None else float(one.day))
                    rows.at.append(at)
            step(known.patients.labels[key])


def _pivot(known: KnownRows, rows: _Rows, told: pa.Table, seen: NDArray[np.int64]) -> Measured:
    who = np.array(rows.who, np.int64)
    number, day = np.array(rows.number, float), np.array(rows.day, float)
    units = np.array(rows.unit, object)
    names, code = np.unique(np.array(rows.name, object).astype(str), return_inverse=True)
    columns: list[str] = []
    for k, name in enumerate(names.tolist()):
        mine = np.flatnonzero(code == k)
        unit = commonest(units[mine])
        number[mine], why = in_one_unit(number[mine], units[mine], unit)
        lost = np.flatnonzero(why != "")
        known.note("observations", [name] * len(lost), why[lost].tolist(),
                   who[mine[lost]].tolist())  # fmt: skip
        columns.append(f"{name} ({unit})" if unit else name)
    table = pd.DataFrame({"who": who, "lesion": np.array(rows.lesion, object)})
    groups = table.groupby(["who", "lesion"], sort=True)
    group = groups.ngroup().to_numpy(np.int64) if len(who) else np.zeros(0, np.int64)
    pairs: list[Any] = list(groups.groups) if len(who) else []
    good = np.flatnonzero(np.isfinite(number))
    cell = group[good] * max(len(names), 1) + code[good]
    value = np.unique(number[good], return_inverse=True)[1]
    chosen, differ = one_each(cell, day[good], value)
    lost = good[chosen[differ]]
    known.note("observations", names[code[lost]].tolist(), DIFFER, who[lost].tolist())
    kept = good[chosen[~differ]]
    made = np.full((len(pairs), len(names)), np.nan, np.float32)
    place = np.full((len(pairs), len(names)), -1, np.int64)
    made[group[kept], code[kept]] = number[kept]
    place[group[kept], code[kept]] = kept
    where = {column: k for k, column in enumerate(columns)}

    def address(lesion: int, feature: str) -> str:
        row = int(place[lesion, where[feature]]) if feature in where else -1
        if row < 0:
            return ""
        if row >= told.num_rows:
            return rows.at[row]
        return row_addresses("observations", told.slice(row, 1), known.versions)[0]

    held = np.flatnonzero(np.isfinite(made).any(axis=1)) if len(pairs) else np.zeros(0, np.int64)
    frame = pd.DataFrame(made[held], columns=columns)
    owner = np.array([pairs[k][0] for k in held.tolist()], np.int64)
    return Measured(
        owner, [str(pairs[k][1]) for k in held.tolist()], frame,
        lambda lesion, feature: address(int(held[lesion]), feature), seen,
    )  # fmt: skip


def measured_state(known: KnownRows, found: Measured) -> NDArray[np.str_]:
    """'present', 'not extracted' where there is an outline or observation without a number."""
    state: NDArray[Any] = np.full(len(known), "unknown", object)
    state[found.seen] = "not extracted"
    state[found.owner] = "present"
    return state.astype(str)
