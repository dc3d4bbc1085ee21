"""Two patients joined by a person's word, and parted again: nothing lost, all as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.erase import erase, plan_erasure
from explorer.errors import NotFoundError, StoreError
from explorer.join import join
from explorer.joined import ever_joined, joined_into
from explorer.layout import RECORDS
from explorer.unjoin import unjoin
from explorer.verify import verify

Put = Callable[..., explorer.Patient]


def state(patient: explorer.Patient) -> dict[str, Any]:
    """All that can be seen of a patient, but for random names and versions."""
    found: dict[str, Any] = {}
    for table in RECORDS:
        rows = [
            {k: v for k, v in row.items() if k not in ("patient", "commit")}
            for row in patient.rows(table)
        ]
        found[table] = sorted(json.dumps(row, sort_keys=True) for row in rows)
    for item, image in patient.images.items():
        found[item] = image.data.values.tolist()
    for item, seg in patient.segmentations.items():
        found[item] = [seg.mask(name).values.tolist() for name in seg.labels]
    return found


@pytest.fixture
def two(store: explorer.Store, drafts: Any, put: Put) -> explorer.Store:
    """A patient of images by reference and a mask, and one of a copied image and facts."""
    put("CMB-CRC-1", drafts.image(acquired="1960-04-13"), drafts.segmentation())
    other = drafts.image(
        np.full((2, 3, 4), 7, np.int16), item="mr-00000002", file="mr.raw", acquired="1959-12-09"
    )
    put("CRC-1", other, copy=True)
    with store.transaction("a table") as t:
        key = t.patient("CRC-1", sex="F")
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    return store


def test_joined_and_parted(two: explorer.Store) -> None:
    images, table = two["CMB-CRC-1"], two["CRC-1"]
    before = {"images": state(images), "table": state(table)}
    done = join(two, table.key, images.key, "one person: told by the hospital")
    assert (done.rows["items"], done.rows["facts"], done.rows["attributes"]) == (1, 1, 1)

    assert list(two) == ["CMB-CRC-1"]
    assert len(two) == 1
    both = two["CRC-1"]
    assert both.key == images.key == two[table.key].key == two["CMB-CRC-1"].key
    assert list(both.images) == ["mr-00000002", "ct-00000001"]
    assert [i.day for i in both.images.values()] == [0, 126]
    assert (both.images["mr-00000002"].data.values == 7).all()
    assert both.attributes["sex"] == "F"
    assert both.facts["name"].tolist() == ["stage"]
    assert verify(two).ok
    assert two.sql("select count(*) n from patients")["n"].tolist() == [1]
    assert two.sql("select count(*) n from items")["n"].tolist() == [3]
    assert len(two.files()) == 3
    assert joined_into(two, images.key) == [table.key]
    for key in (images.key, table.key):
        message = two.records.history(key)[0][1]
        assert "told by the hospital" in message
        assert table.key in message

    unjoin(two, done.id, "it was another person")
    assert list(two) == ["CMB-CRC-1", "CRC-1"]
    assert state(two["CMB-CRC-1"]) == before["images"]
    assert state(two["CRC-1"]) == before["table"]
    assert verify(two).ok
    assert joined_into(two, images.key) == []
    assert ever_joined(two, images.key) == [table.key]
    assert two["CMB-CRC-1"].at(2).images["mr-00000002"].data.shape == (2, 3, 4)
    log = two.records.read("joins").to_pylist()
    assert len(log) == 1
    assert log[0]["undone"] > log[0]["time"]


def test_what_comes_in_after_the_join_goes_to_whom_it_is(
    two: explorer.Store, drafts: Any, put: Put
) -> None:
    """Facts and images of either identity, replaced, added and dropped while they are one."""
    own, other = two["CMB-CRC-1"].key, two["CRC-1"].key
    join(two, other, own, "told")
    later = drafts.image(np.full((2, 3, 4), 9, np.int16), item="mr-00000002", file="mr.raw")
    put("CRC-1", later, copy=True)
    put("CRC-1", drafts.image(item="pt-00000003", file="pt.raw"))
    put("CMB-CRC-1", drafts.image(item="ct-00000004", file="ct4.raw"))
    with two.transaction("more facts") as t:
        t.add_facts(t.patient("CRC-1"), [{"name": "grade", "value": "2"}])
        t.add_facts(t.patient("CMB-CRC-1"), [{"name": "ward", "value": "B"}])
        t.drop(t.patient("CMB-CRC-1"), "seg-00000001")
    assert list(two) == ["CMB-CRC-1"]
    assert sorted(two["CRC-1"].facts["name"]) == ["grade", "stage", "ward"]
    assert sorted(two["CRC-1"].images) == [
        "ct-00000001", "ct-00000004", "mr-00000002", "pt-00000003",
    ]  # fmt: skip
    assert verify(two).ok
    unjoin(two, "CRC-1", "not one")
    assert sorted(two["CRC-1"].images) == ["mr-00000002", "pt-00000003"]
    assert (two["CRC-1"].images["mr-00000002"].data.values == 9).all()
    assert sorted(two["CRC-1"].facts["name"]) == ["grade", "stage"]
    assert sorted(two["CMB-CRC-1"].images) == ["ct-00000001", "ct-00000004"]
    assert two["CMB-CRC-1"].facts["name"].tolist() == ["ward"]
    assert two["CMB-CRC-1"].segmentations == {}
    assert verify(two).ok


def test_one_id_of_two_things(store: explorer.Store, drafts: Any, put: Put) -> None:
    """The same series under two names: both stay, one under another id, and get theirs back."""
    put("a", drafts.image(), drafts.segmentation())
    put("b", drafts.image(np.full((2, 3, 4), 5, np.int16), file="b.raw"))
    with store.transaction("an observation") as t:
        t.add_text(t.patient("a"), "text-1", "report of a")
        t.add_text(t.patient("b"), "text-1", "report of b")
    before = [state(store["a"]), state(store["b"])]
    done = join(store, "b", "a", "told")
    assert sorted(done.renamed.values()) == ["ct-00000001", "text-1"]
    both = store["a"]
    assert len(both.images) == 2
    assert len(both.reports) == 2
    assert {report.text for report in both.reports.values()} == {"report of a", "report of b"}
    # read again under the same identifier, it is the same thing, and not A's
    put("b", drafts.image(np.full((2, 3, 4), 6, np.int16), file="b.raw"))
    assert len(store["a"].images) == 2
    put("b", drafts.image(np.full((2, 3, 4), 5, np.int16), file="b.raw"))
    unjoin(store, done.id, "not one")
    after = [state(store["a"]), state(store["b"])]
    for one in (*before, *after):
        one.pop("files")  # the file was written again
    assert after == before


def test_a_chain(store: explorer.Store, drafts: Any, put: Put) -> None:
    """C into B, B into A; C is taken out first, then B; or B with C still in it."""
    for number, name in enumerate("abc"):
        values = np.full((2, 3, 4), number, np.int16)
        put(name, drafts.image(values, file=f"{name}.raw"))
    keys = {name: store[name].key for name in "abc"}
    before = {name: state(store[name]) for name in "abc"}
    join(store, "c", "b", "one")
    of_b = state(store["b"])
    join(store, "b", "a", "one")
    assert list(store) == ["a"]
    assert len(store["c"].images) == 3
    with pytest.raises(StoreError, match="was joined into"):
        join(store, keys["c"], keys["a"], "again")
    with pytest.raises(StoreError, match="with itself"):
        join(store, "c", "a", "again")

    unjoin(store, "b", "not one")
    assert list(store) == ["a", "b"]
    assert state(store["a"]) == before["a"]
    assert state(store["b"]) == of_b
    assert store["c"].key == keys["b"]

    join(store, "b", "a", "one after all")
    unjoin(store, "c", "not one")
    assert list(store) == ["a", "c"]
    assert state(store["c"]) == before["c"]
    unjoin(store, "b", "not one")
    assert {name: state(store[name]) for name in "abc"} == before
    # round the other way
    join(store, "a", "b", "one")
    join(store, "b", "c", "one")
    assert list(store) == ["c"]
    unjoin(store, "a", "not one")
    unjoin(store, "b", "not one")
    assert {name: state(store[name]) for name in "abc"} == before
    assert verify(store).ok


def test_refused(store: explorer.Store, drafts: Any, put: Put) -> None:
    put("a", drafts.image())
    with pytest.raises(StoreError, match="itself"):
        join(store, "a", "a", "told")
    with pytest.raises(NotFoundError):
        join(store, "a", "nobody", "told")
    with pytest.raises(StoreError, match="no reason"):
        join(store, "a", "a", " ")
    with pytest.raises(NotFoundError, match="No joins"):
        unjoin(store, "a", "told")
    assert store.records.read("joins").num_rows == 0


def test_erasing_sees_through_joins(store: explorer.Store) -> None:
    """Whoever was joined goes, too; a join that was taken back is named."""
    with store.transaction("a table") as t:
        for name in "abc":
            t.add_facts(t.patient(name), [{"name": "canary", "value": f"canary-of-{name}"}])
    keys = {name: store[name].key for name in "abc"}
    join(store, "b", "a", "told")
    join(store, "c", "a", "told")
    unjoin(store, "c", "not one")
    outside = plan_erasure(store, "c").outside
    assert outside.others == [{"patient": keys["a"], "files": []}]
    erase(store, "b")
    assert list(store) == ["c"]
    assert store["c"].facts["value"].tolist() == ["canary-of-c"]
    for table in ("facts", "attributes", "aliases", "joins", "patients", "commits"):
        rows = json.dumps(store.records.read(table).to_pylist())
        assert "canary-of-a" not in rows
        assert "canary-of-b" not in rows
        if table != "commits":  # c's own history says which key it was joined with
            assert keys["a"] not in rows
            assert keys["b"] not in rows
