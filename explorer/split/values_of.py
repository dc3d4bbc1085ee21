"""values_of: what each patient of a set has of one thing that splits look at."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.is_quantity import is_quantity
from explorer.name_rules import tcga_case
from explorer.patient_set import PatientSet
from explorer.select.near import near

#: Something to balance or to group by: a name, or one's own values by key or label.
Wanted = str | Mapping[str, Any]

_IMAGES = ("image", "slide", "waveform")
_OTHERS = ("scanner", "site", "tcga site", "patient: sex", "data: modality", "data: body_part")


class Values:
    """What patients have, and why some have nothing.

    Attributes
    ----------
    name : str
        What was asked for (hostile text).
    of : dict of str to frozenset of str
        Key to values; empty where the patient has none.
    numbers : dict of str to float
        Key to a number, the median of several; empty where the thing is no quantity.
    why : dict of str to str
        Key to the state of absence of whoever has none.
    """

    def __init__(self, name: str, keys: Iterable[str]) -> None:
        self.name = name
        self.keys = tuple(keys)
        self.of: dict[str, frozenset[str]] = dict.fromkeys(self.keys, frozenset())
        self.numbers: dict[str, float] = {}
        self.why: dict[str, str] = {}

    @property
    def missing(self) -> list[str]:
        """Keys of those who have nothing."""
        return [key for key in self.keys if not self.of[key]]

    def strata(self, bins: int = 4) -> dict[str, str]:
        """One label a patient: the values together, a quantile, or why there is none.

        Parameters
        ----------
        bins : int
            Quantiles of a quantity.
        """
        found = {
            key: " + ".join(sorted(self.of[key]))
            if self.of[key]
            else f"no value: {self.why.get(key, 'no record')}"
            for key in self.keys
        }
        if self.numbers:
            edges = np.unique(np.quantile(list(self.numbers.values()), np.arange(1, bins) / bins))
            for key, number in self.numbers.items():
                place = int(np.searchsorted(edges, number, side="right"))
                low = f"from {edges[place - 1]:g}" if place else ""
                high = f"below {edges[place]:g}" if place < len(edges) else ""
                found[key] = " ".join(one for one in (low, high) if one) or "any number"
        return found


def values_of(cohort: PatientSet, wanted: Wanted) -> Values:
    """Look up one thing at the set's versions.

    Parameters
    ----------
    cohort : PatientSet
    wanted : str or mapping
        'facts: tumor_stage' (or the fact's name alone), 'events: treatment', 'observations: NAME',
        'patient: sex', 'patient: synthetic', 'data: modality', 'data: body_part'; 'scanner' (make
        and model of the images' devices); 'site' (the institution that the images name); 'tcga
        site' (the tissue source site of a TCGA barcode: a rule that has to be asked for, since it
        reads a name); or a mapping of key or label to a value.

    Raises
    ------
    NotFoundError
        There is no such thing in the set.
    """
    if not isinstance(wanted, str):
        return _given(cohort, wanted)
    group, _, name = wanted.partition(": ")
    readers: dict[str, Callable[[PatientSet, str], Values]] = {
        "facts": _facts, "events": _events, "observations": _observations, "patient": _persons,
        "data": _data,
    }  # fmt: skip
    if name and group in readers:
        return readers[group](cohort, name)
    if wanted == "scanner":
        return _of_images(cohort, wanted, _scanner)
    if wanted == "site":
        return _of_images(cohort, wanted, lambda meta: meta.get("institution"))
    if wanted == "tcga site":
        return _tcga_sites(cohort)
    return _facts(cohort, wanted, _OTHERS)


def _given(cohort: PatientSet, wanted: Mapping[str, Any]) -> Values:
    found = Values("values that were given", cohort.keys)
    for key, label in cohort.labels.items():
        value = wanted.get(key, wanted.get(label))
        if value is None or value != value:  # NaN
            continue
        several = isinstance(value, (list, tuple, set, frozenset))
        found.of[key] = frozenset(str(one) for one in (value if several else (value,)))
        if isinstance(value, float):
            found.numbers[key] = value
    return found


def _facts(cohort: PatientSet, name: str, others: Sequence[str] = ()) -> Values:
    columns = ["name", "value", "number", "unit", "state"]
    rows = cohort.rows("facts", columns)
    bare, _, unit = name.removesuffix(")").rpartition(" (")
    for asked, of_unit in ((name, None), (bare, unit)):
        some = rows.filter(pc.fill_null(pc.equal(rows["name"], asked), False)) if asked else rows
        if asked and of_unit is not None:
            held = pc.or_(pc.equal(some["unit"], of_unit), pc.is_null(some["unit"]))
            some = some.filter(pc.fill_null(held, False))
        if asked and some.num_rows:
            return _of_rows(cohort, f"facts: {name}", some.to_pylist())
    known = sorted({one for one in pc.unique(rows["name"]).to_pylist() if one})
    raise NotFoundError(
        f"Nobody has a fact {name!r}",
        expected=f"one of {', '.join(map(repr, near(name, [*known, *others]) or known[:20]))}"
        if known
        else "a fact that is there",
        do="name what to look at: 'facts: NAME', 'events: KIND', 'patient: sex', 'data: modality', "
        "'scanner', 'site'",
    )


def _of_rows(cohort: PatientSet, name: str, rows: list[dict[str, Any]]) -> Values:
    found = Values(name, cohort.keys)
    texts: dict[str, set[str]] = defaultdict(set)
    numbers: dict[str, list[float]] = defaultdict(list)
    told = []
    for row in rows:
        state = row["state"] or "present"
        if state != "present":
            found.why[row["patient"]] = state.partition(":")[0]
            continue
        number, text = row["number"], row["value"]
        if text is None and number is None:
            continue
        told.append(row)
        texts[row["patient"]].add(f"{number:g}" if text is None else str(text))
        if number is not None:
            numbers[row["patient"]].append(number)
    found.of.update({key: frozenset(said) for key, said in texts.items()})
    unit = next((row["unit"] for row in told if row["unit"] not in (None, "1")), "")
    values = np.array([row["number"] for row in told], float)
    if is_quantity(pa.array([row["value"] for row in told], pa.string()), values, unit):
        found.numbers = {key: float(np.median(some)) for key, some in numbers.items()}
    return found


def _events(cohort: PatientSet, kind: str) -> Values:
    rows = cohort.rows("events", ["kind", "name", "value", "state"])
    some = rows.filter(pc.fill_null(pc.equal(rows["kind"], kind), False)).to_pylist()
    if not some:
        known = sorted({one for one in pc.unique(rows["kind"]).to_pylist() if one})
        raise NotFoundError(f"Nobody has an event {kind!r}", expected=f"one of {known}")
    for row in some:
        # an outcome is its name and whether it happened; of the others the name says what it was
        said = f"{row['name']}: {row['value']}" if kind == "outcome" else row["name"]
        row |= {"value": said or kind, "number": None, "unit": None}
    return _of_rows(cohort, f"events: {kind}", some)


def _observations(cohort: PatientSet, name: str) -> Values:
    rows = cohort.rows("observations", ["name", "value", "number", "unit", "state"])
    some = rows.filter(pc.fill_null(pc.equal(rows["name"], name), False)).to_pylist()
    if not some:
        raise NotFoundError(f"Nobody has an observation {name!r}")
    return _of_rows(cohort, f"observations: {name}", some)


def _persons(cohort: PatientSet, name: str) -> Values:
    if name not in ("sex", "anchor_kind", "synthetic"):
        raise NotFoundError(f"No 'patient: {name}'", expected="sex, anchor_kind or synthetic")
    found = Values(f"patient: {name}", cohort.keys)
    for row in cohort.rows("attributes", ["came_as", name]).to_pylist():
        if row[name] is not None and not row["came_as"]:
            found.of[row["patient"]] = frozenset([str(row[name])])
    return found


def _data(cohort: PatientSet, name: str) -> Values:
    if name not in ("modality", "body_part", "kind"):
        raise NotFoundError(f"No 'data: {name}'", expected="modality, body_part or kind")
    found = Values(f"data: {name}", cohort.keys)
    said: dict[str, set[str]] = defaultdict(set)
    for row in cohort.rows("items", list({"kind", name})).to_pylist():
        if row[name] and (row["kind"] in _IMAGES or name == "kind"):
            said[row["patient"]].add(row[name])
    found.of.update({key: frozenset(some) for key, some in said.items()})
    return found


def _scanner(meta: Mapping[str, Any]) -> str | None:
    named = [str(meta[one]).strip() for one in ("manufacturer", "model") if meta.get(one)]
    return " ".join(named) or None


def _of_images(
    cohort: PatientSet, name: str, read: Callable[[Mapping[str, Any]], str | None]
) -> Values:
    found = Values(name, cohort.keys)
    said: dict[str, set[str]] = defaultdict(set)
    for row in cohort.rows("items", ["kind", "meta"]).to_pylist():
        value = read(json.loads(row["meta"] or "{}")) if row["kind"] in _IMAGES else None
        if value:
            said[row["patient"]].add(value)
    if not said:
        do = {
            "site": "group by a fact that says it ('facts: site'), or, for TCGA barcodes, by the "
            "rule 'tcga site'",
            "scanner": "group by a fact that says it",
        }[name]
        raise NotFoundError(f"No image of the set names its {name}", do=do)
    found.of.update({key: frozenset(some) for key, some in said.items()})
    return found


def _tcga_sites(cohort: PatientSet) -> Values:
    """The two characters after ``TCGA-``: where the tissue came from (GDC, TCGA barcode)."""
    found = Values("tcga site", cohort.keys)
    for key, label in cohort.labels.items():
        if tcga_case(f"{label}-x") is not None:
            found.of[key] = frozenset([label[5:7].upper()])
        else:
            found.why[key] = "the name is no TCGA barcode"
    if len(found.missing) == len(found.keys):
        raise NotFoundError("No patient of the set is named by a TCGA barcode")
    return found
