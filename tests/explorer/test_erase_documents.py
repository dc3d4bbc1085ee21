"""A name goes out of a document as a word; numbers and words that hold it by chance stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import explorer
from explorer.erase_documents import SOMEBODY, erase_documents


@pytest.mark.parametrize(
    ("name", "said", "left"),
    [
        ("Anna", "label = 'ANNA' OR n = 'Annab'", f"label = '{SOMEBODY}' OR n = 'Annab'"),
        ("O'Neil", "label = 'O''Neil'", f"label = '{SOMEBODY}'"),
        ("7", "age > 7 AND label = '7' OR n = 17", f"age > 7 AND label = '{SOMEBODY}' OR n = 17"),
        ("4711832", "mrn 4711832, not 47118321", f"mrn {SOMEBODY}, not 47118321"),
        ("x.*(", "label = 'x.*('", f"label = '{SOMEBODY}'"),
        ("Kleopatra", "n = '%Kleopatra%' OR 'Kle\u2026", f"n = '%{SOMEBODY}%' OR '{SOMEBODY}"),
        ("where", "where is he", f"{SOMEBODY} is he"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_a_word(name: str, said: str, left: str, store: explorer.Store) -> None:
    with store.transaction("two") as t:
        key = t.patient(name)
        t.add_facts(t.patient("Berta"), [{"name": "stage", "value": "II"}])
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    step = {"kind": "where", "condition": said, "parameters": {"who": name, name: 1}}
    document = {
        "question": {"oncograph": "question", "version": 1, "start": None, "steps": [step]},
        "steps": [{"reason": said, "before": 7, "left": 1, "why": {}}],
        "by_reference": [{"patient": key, "item": "ct"}, {"patient": "other", "item": "ct"}],
        "note": f"{key}!", "self_contained": False,
    }  # fmt: skip
    rows = [("one", json.dumps(document)), ("broken", f"{{ '{name}'"), ("other", '{"a":  "b"}')]
    store.records.append("cohorts", [
        {"cohort": one, "name": one, "sha256": "0", "document": text} for one, text in rows
    ])  # fmt: skip
    for _ in range(2):
        erase_documents(store, [key])
        found = {row["name"]: row["document"] for row in store.records.read("cohorts").to_pylist()}
        after = json.loads(found["one"])
        (asked,) = after["question"]["steps"]
        assert (asked["kind"], asked["condition"]) == ("where", left)
        assert asked["parameters"]["who"] == SOMEBODY
        assert name not in asked["parameters"]
        assert after["steps"] == [{"reason": left, "before": 7, "left": 1, "why": {}}]
        assert after["by_reference"] == [{"patient": "other", "item": "ct"}]
        assert after["note"] == f"{SOMEBODY}!"
        assert found["broken"] == f"{{ '{SOMEBODY}'"
        assert found["other"] == '{"a":  "b"}'


def test_nobody_else_is_unnamed(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    anna, berta = (put(name, drafts.image(file=f"{name}.raw")) for name in ("Anna", "Berta"))
    store.cohort().where("label = 'Berta'").freeze("b", note="Berta", by_reference=True)
    before = store.records.read("cohorts").to_pylist()
    erase_documents(store, [anna.key])
    assert store.records.read("cohorts").to_pylist() == before
    erase_documents(store, [berta.key])
    assert "Berta" not in str(store.records.read("cohorts").to_pylist())
    assert berta.key in before[0]["document"]
