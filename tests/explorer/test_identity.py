"""Who is who: only the same identifier from the same issuer is the same patient."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.identity import new_key


def test_keys_are_random_and_opaque() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{20}", key) for key in keys)


def test_the_same_identifier_of_the_same_issuer_joins(store: explorer.Store) -> None:
    for value in ("I", "II"):
        with store.transaction("facts") as t:
            t.add_facts(t.patient("4711", "hospital A"), [{"name": "stage", "value": value}])
    assert len(store) == 1
    assert store["4711"].facts["value"].tolist() == ["I", "II"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4711", "04711"),
        ("4711", "4711 "),
        ("TCGA-34-2605", "TCGA-34-2605-01A"),
        ("Anna", "anna"),
        ("Müller", "Mu\u0308ller"),  # composed and decomposed: not joined by a guess
        ("4711", "4711\u200b"),
    ],
)
def test_nearly_the_same_identifier_does_not_join(
    store: explorer.Store, one: str, other: str
) -> None:
    with store.transaction("two people") as t:
        assert t.patient(one) != t.patient(other)
    assert len(store) == 2
    assert store[one].key != store[other].key


def test_the_same_identifier_of_two_issuers_is_two_patients(store: explorer.Store) -> None:
    with store.transaction("two people") as t:
        a, b = t.patient("4711", "hospital A"), t.patient("4711", "hospital B")
    assert len(store) == 2
    with pytest.raises(NotFoundError) as caught:
        store["4711"]
    message = str(caught.value)
    for part in (a, b, "hospital A", "hospital B", "name the one that you mean by its key"):
        assert part in message
    assert store[a].key == a
    assert sorted(store) == sorted([a, b])
    assert sorted(patient.key for patient in store.values()) == sorted([a, b])


def test_a_reserved_identifier_is_nobody_yet(store: explorer.Store) -> None:
    key = store.identity.reserve("local", ["Anna"])["Anna"]
    assert "Anna" not in store
    assert key not in store
    assert store.identity.reserve("local", ["Anna", "Berta"])["Anna"] == key


def test_a_name_stands_in_no_path(store: explorer.Store) -> None:
    with store.transaction("x") as t:
        t.patient("Mustermann^Erika")
    names = [path.name for path in Path(store.path).rglob("*")]
    assert not [name for name in names if "Mustermann" in name]


def test_hostile_identifiers_are_kept_to_the_letter(
    store: explorer.Store, hostile: list[str]
) -> None:
    names = list(dict.fromkeys(hostile))
    with store.transaction("hostile") as t:
        keys = t.patients(names)
    assert len(set(keys.values())) == len(names) == len(store)
    assert set(store.keys_and_labels().values()) == {name or key for name, key in keys.items()}
    for name in ("' OR '1'='1", "'; drop table items; --", "<script>alert(1)</script>"):
        assert store[name].key == keys[name]
        assert store[name].label == name
    assert store.identity.known("local", names) == keys
    # one by one takes another way than many at once
    assert all(store.identity.known("local", [name]) == {name: keys[name]} for name in names[::40])


def test_nobody(store: explorer.Store) -> None:
    with pytest.raises(NotFoundError, match=r"No patient 'Anna'.*list\(store\)"):
        store["Anna"]
    assert store.get("Anna") is None
    assert "~files" not in store
