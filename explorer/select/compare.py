"""compare: what became of one set of patients in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.cohort import Cohort
from explorer.errors import OncographError, QueryError
from explorer.layout import RECORDS
from explorer.records import Head
from explorer.select.basis import Basis
from explorer.select.comparison import Comparison

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_ITEM = (
    "item", "kind", "modality", "name", "acquired", "dtype", "units", "state", "image",
    "body_part", "laterality",
)  # fmt: skip


def compare(before: PatientSet, after: PatientSet) -> Comparison:
    """Find who came, who went and why, and whose data is of another version.

    Where a set knows what was asked, each one whom it does not have is asked again: at the version
    that the other set has, then at the newest one. The step that turns him away is the reason.

    Parameters
    ----------
    before, after : PatientSet
        Of one store; asked for, or frozen.

    Raises
    ------
    QueryError
        They are of two stores.
    """
    if before.store.id != after.store.id:
        raise QueryError("The sets are of two stores", expected="two sets of one store")
    old = {head.patient: head for head in before.heads}
    new = {head.patient: head for head in after.heads}
    came = [new[key] for key in new if key not in old]
    went = [old[key] for key in old if key not in new]
    moved = [
        (old[key], new[key]) for key in old if key in new and old[key].commit != new[key].commit
    ]
    same = sum(key in new for key in old) - len(moved)
    return Comparison(
        before, after,
        _list(came, after.labels, _why_not(before, came, after.labels, then=True)),
        _list(went, before.labels, _why_not(after, went, before.labels, then=False)),
        _changes(before, after, moved), same,
    )  # fmt: skip


def _list(heads: list[Head], labels: Mapping[str, str], why: Mapping[str, str]) -> pd.DataFrame:
    rows = [(one.patient, labels[one.patient], one.version, why[one.patient]) for one in heads]
    return pd.DataFrame(rows, columns=["key", "label", "version", "why"])


def _why_not(
    of: PatientSet, heads: list[Head], labels: Mapping[str, str], *, then: bool
) -> dict[str, str]:
    """Why a set does not have some patients; `then`: it is the earlier one."""
    found: dict[str, str] = {}
    if not heads:
        return found
    now = {head.patient: head for head in of.store.records.heads()}
    joined = of.store.records.hidden()
    for key in (head.patient for head in heads):
        if key not in now:
            found[key] = "erased from the store"
        elif key in joined:
            found[key] = "joined into another patient"
    if isinstance(of, Cohort):
        code, texts = of.left_out()
        places = {key: k for k, key in enumerate(of.basis.keys.to_pylist())}
        for head in heads:
            if head.patient in places:
                found[head.patient] = texts[code[places[head.patient]]]
            elif head.patient not in found and then:
                found[head.patient] = "no such patient then"
    rest = [head for head in heads if head.patient not in found]
    found |= _asked_again(of, rest, labels, now)
    return {head.patient: found.get(head.patient, "not known") for head in heads}


def _asked_again(
    of: PatientSet, heads: list[Head], labels: Mapping[str, str], now: Mapping[str, Head]
) -> dict[str, str]:
    question = _question(of)
    if question is None or not heads:
        return {}
    found: dict[str, str] = {}
    for words, some in (
        ("", heads), (" (at the newest version)", [now[head.patient] for head in heads])
    ):  # fmt: skip
        some = [head for head in some if head.patient not in found]
        try:
            asked = Cohort.asked(Basis.of_heads(of.store, some, labels), question)
        except OncographError:
            return found  # it names what is not there any more
        code, texts = asked.left_out()
        keys = asked.basis.keys.to_pylist()
        found |= {key: texts[c] + words for key, c in zip(keys, code, strict=True) if c >= 0}
    fits = "fits what was asked: came later, or reads otherwise since"
    return found | {head.patient: fits for head in heads if head.patient not in found}


def _question(of: PatientSet) -> dict[str, Any] | None:
    kept = getattr(of, "question", None) or getattr(of, "document", {}).get("question")
    return kept if isinstance(kept, dict) and not kept.get("start") else None


def _changes(before: PatientSet, after: PatientSet, moved: list[tuple[Head, Head]]) -> pd.DataFrame:
    names = ["key", "label", "version_from", "version_to", "tables", "items"]
    if not moved:
        return pd.DataFrame([], columns=names)
    items = _items(before, after, moved)
    rows = [
        (
            new.patient, after.labels[new.patient], old.version, new.version,
            [table for table in RECORDS if old.at.get(table) != new.at.get(table)],
            items.get(new.patient, []),
        )
        for old, new in moved
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _items(
    before: PatientSet, after: PatientSet, moved: list[tuple[Head, Head]]
) -> dict[str, list[str]]:
    """Items that came, went, or read otherwise, of those whose items were written anew."""
    keys = [new.patient for old, new in moved if old.at.get("items") != new.at.get("items")]
    if not keys:
        return {}
    old, new = (_lines(one, keys) for one in (before, after))
    found: dict[str, list[str]] = {}
    for sign, some in (
        ("+", [name for name in new if name not in old]),
        ("-", [name for name in old if name not in new]),
        ("~", [name for name in new if name in old and old[name] != new[name]]),
    ):
        for key, item in some:
            found.setdefault(key, []).append(f"{sign} {item}")
    return found


def _lines(of: PatientSet, keys: Iterable[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    data = of.rows("items", _ITEM)
    data = data.filter(pc.is_in(data["patient"], value_set=pa.array(list(keys), pa.string())))
    columns = [data[name].to_pylist() for name in data.column_names]
    return {(row[0], row[1]): row[2:] for row in zip(*columns, strict=True)}
