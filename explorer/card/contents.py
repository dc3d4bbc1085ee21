"""contents: which data a cohort has: kinds, series, voxels, scanners."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.patient_set import PatientSet

_RECORDS = {
    "texts": "reports", "facts": "facts", "events": "events", "observations": "observations",
    "vectors": "vectors", "findings": "findings",
}  # fmt: skip
_COLUMNS = ["what", "patients", "items", "made up", "spacing"]


def contents(cohort: PatientSet) -> pd.DataFrame:
    """Count what there is.

    Parameters
    ----------
    cohort : PatientSet

    Returns
    -------
    pandas.DataFrame
        ``what`` (a modality, or a kind of records), ``patients`` who have it, ``items`` (series,
        masks, rows), how many of these are made up (synthetic), and the ``spacing`` of images:
        median ``(z, y, x)`` in mm, with the range along z.
    """
    items = cohort.rows("items", ["kind", "modality", "state", "synthetic", "spacing_mm"])
    items = items.filter(pc.equal(items["state"], "present")).to_pandas()
    found = []
    for (kind, modality), some in items.groupby(["kind", "modality"], dropna=False, sort=True):
        what = str(modality) if kind == "image" else f"{kind}: {modality}"
        made_up = int(some["synthetic"].fillna(False).astype(bool).sum())
        spacing = _spacing(some["spacing_mm"]) if kind == "image" else ""
        found.append([what, some["patient"].nunique(), len(some), made_up, spacing])
    for table, what in _RECORDS.items():
        rows = cohort.rows(table, ["synthetic"])
        if rows.num_rows:
            made_up = int(pc.sum(pc.fill_null(rows["synthetic"], False)).as_py() or 0)
            count = pc.count_distinct(rows["patient"]).as_py()
            found.append([what, count, rows.num_rows, made_up, ""])
    return pd.DataFrame(found, columns=_COLUMNS)


def _spacing(values: pd.Series) -> str:
    known = [list(one)[-3:] for one in values if one is not None and len(one) >= 3]
    if not known:
        return ""
    frame = pd.DataFrame(known)
    middle = " x ".join(f"{value:.3g}" for value in frame.median())
    low, high = frame[0].min(), frame[0].max()
    return middle if high - low < 1e-3 else f"{middle} (z {low:.3g} to {high:.3g})"


def scanners(cohort: PatientSet) -> pd.Series:
    """Maker and model of the scanners of each patient, as the images' headers say.

    Parameters
    ----------
    cohort : PatientSet

    Returns
    -------
    pandas.Series of str
        Indexed by the patient's key; one row a pair of patient and scanner (hostile text).
    """
    items = cohort.rows("items", ["kind", "meta"])
    items = items.filter(pc.equal(items["kind"], "image"))
    # out of JSON by pattern: a million headers are not parsed whole for two words of each
    parts = [_word(items["meta"], name) for name in ("manufacturer", "model")]
    frame = pd.DataFrame({"patient": items["patient"].to_pandas(), "maker": parts[0],
                          "model": parts[1]})  # fmt: skip
    frame = frame[frame["maker"].notna() | frame["model"].notna()].drop_duplicates()
    name = (frame["maker"].fillna("") + " " + frame["model"].fillna("")).astype(str).str.strip()
    return pd.Series(name.to_numpy(object), frame["patient"].to_numpy(), dtype=object)


def _word(meta: pa.ChunkedArray, name: str) -> pd.Series:
    found = pc.extract_regex(meta, rf'"{name}": ?(?P<word>"(?:[^"\\]|\\.)*")')
    words = pc.struct_field(found, "word").to_pandas()
    known = {one: json.loads(one) for one in words.dropna().unique()}
    told: pd.Series = words.map(known).astype(object)
    return told
