"""What a store holds, as one document."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from explorer.layout import ORIGIN_TABLES
from explorer.patient import Patient

if TYPE_CHECKING:
    from explorer.store import Store


def info(store: Store, patient: str | None = None) -> dict[str, Any]:
    """Describe the patients of a store and their items.

    Parameters
    ----------
    store : Store
    patient : str, optional
        Only this one.

    Returns
    -------
    dict
        ``{"patients": [{"id", "key", "version", "items": [{"id", "kind", "modality", "shape",
        "dims", "spacing_mm", "units", "day", "storage", "labels", ...}], "records":
        {"facts": ...}}], "untrusted_roots": [...]}``: rows of each record table; and source
        folders that the store names and this user has not trusted it with.
    """
    if patient is not None:
        one = store[patient]
        theirs = {table: len(one.rows(table)) for table in ORIGIN_TABLES}
        found = [_patient(one, one.rows("items"), one.rows("texts"), theirs)]
        return {"patients": found, "untrusted_roots": store.untrusted_roots()}
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for table in ("items", "texts"):
        rows[table] = defaultdict(list)
        for row in store.records.visible(table).to_pylist():
            rows[table][row["patient"]].append(row)
    counts = _counts(store)
    labels = store.keys_and_labels()
    heads = {head.patient: head for head in store.records.heads()}
    return {
        "patients": [
            _patient(
                Patient(store, heads[key]),
                rows["items"][key],
                rows["texts"][key],
                {table: counts[table][key] for table in ORIGIN_TABLES},
                label,
            )
            for key, label in labels.items()
        ],
        "untrusted_roots": store.untrusted_roots(),
    }


def _counts(store: Store) -> dict[str, Counter[str]]:
    """Rows of each record table, by patient."""
    return {
        table: Counter(store.records.visible(table, ["patient"])["patient"].to_pylist())
        for table in ORIGIN_TABLES
    }


def _patient(
    patient: Patient,
    items: list[dict[str, Any]],
    texts: list[dict[str, Any]],
    records: dict[str, int],
    label: str | None = None,
) -> dict[str, Any]:
    ordered = sorted(items, key=lambda row: (row["kind"], row["acquired"] or "9999", row["item"]))
    found = [
        {
            "id": row["item"],
            "kind": row["kind"],
            "modality": row["modality"],
            "name": row["name"],
            "shape": row["shape"],
            "dims": row["dims"],
            "spacing_mm": row["spacing_mm"],
            "units": row["units"],
            "units_reason": row["units_reason"],
            "day": row["day"],
            "day_state": row["day_state"],
            "storage": row["storage"],
            "labels": row["labels"] or [],
            "image": row["image"],
            "problems": row["problems"] or [],
        }
        for row in ordered
    ]
    found += [
        {
            "id": row["item"], "kind": "report", "modality": None, "name": row["name"],
            "shape": [len(row["text"] or "")], "dims": ["chars"], "spacing_mm": [], "units": None,
            "units_reason": None, "day": row["day"], "day_state": row["day_state"],
            "storage": "records", "labels": [], "image": None, "problems": [],
        }
        for row in texts
    ]  # fmt: skip
    return {
        "id": label or patient.label,
        "key": patient.key,
        "version": patient.version,
        "items": found,
        "records": records,
    }
