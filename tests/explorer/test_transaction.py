from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.errors import ConflictError, FileRefusedError, NotFoundError, StoreError


def _refuse() -> Any:
    raise FileRefusedError("the pixels are broken")


def _fill_and_fail(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("synthetic") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image())
        t.add_facts(key, [{"name": "stage", "value": "II"}])
        _ = 1 / 0


def test_a_failed_block_leaves_nothing(store: explorer.Store, drafts: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        _fill_and_fail(store, drafts)
    assert list(store) == []
    assert store.sql("select * from facts").empty


def test_the_lock_is_given_back_after_a_failed_block(store: explorer.Store, drafts: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        _fill_and_fail(store, drafts)
    with store.transaction("again") as t:
        key = t.patient("Anna")
        t.hold(key, wait_s=0.5)
        t.put(key, drafts.image())
    assert store["Anna"].version == 1


def test_a_failed_draft_leaves_no_half_item(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("one good, one bad") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image(item="ct-good"))
        bad = drafts.image(item="ct-bad")
        bad.load = _refuse
        with pytest.raises(FileRefusedError):
            t.put(key, bad, copy=True)
    anna = store["Anna"]
    assert list(anna.images) == ["ct-good"]
    assert list(anna.arrays()["images"]) == ["ct-good"]


def test_a_segmentation_that_fails_at_its_second_segment_leaves_no_half(
    store: explorer.Store, drafts: Any
) -> None:
    masks = {"whole": np.ones((2, 3, 4), bool), "broken": np.ones((2, 3, 4), bool)}
    draft = drafts.segmentation(masks)
    load = draft.load
    draft.load = lambda index: load(0) if index == 0 else np.ones((9, 9, 9), bool)
    with store.transaction("one good, one bad") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image())
        with pytest.raises(FileRefusedError, match="'broken'"):
            t.put(key, draft)
    assert not store["Anna"].segmentations
    assert "segmentations/seg-00000001" not in store["Anna"].arrays()
    assert store.sql("select * from segments").empty


def test_nothing_but_a_failed_draft_is_no_new_version(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("first") as t:
        t.put(t.patient("Anna"), drafts.image())
    bad = drafts.image(item="ct-bad")
    bad.load = _refuse
    with store.transaction("bad") as t, pytest.raises(FileRefusedError):
        t.put(t.patient("Anna"), bad, copy=True)
    assert t.versions == {}
    assert store["Anna"].version == 1


def test_versions_grow_by_one_and_say_why(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("the CT") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image())
    with store.transaction("a fact") as t:
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    assert t.versions == {key: 2}
    with store.transaction("nothing") as t:
        t.patient("Anna")
    assert t.versions == {}
    history = store["Anna"].history()
    assert history["version"].tolist() == [2, 1]
    assert history["message"].tolist() == ["a fact", "the CT"]
    assert history["snapshot"].nunique() == 1


def test_time_travel_of_arrays_and_rows(store: explorer.Store, drafts: Any) -> None:
    old, new = np.full((2, 3, 4), 7, np.int16), np.full((2, 3, 4), 8, np.int16)
    with store.transaction("one") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image(old, name="first look"), copy=True)
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    with store.transaction("two") as t:
        t.put(key, drafts.image(new, name="second look"), copy=True)
        t.put(key, drafts.segmentation())
        t.add_facts(key, [{"name": "stage", "value": "III"}])
    with store.transaction("three") as t:
        t.drop(key, "ct-00000001")
    anna = store["Anna"]
    assert anna.version == 3
    assert (list(anna.images), list(anna.segmentations)) == ([], ["seg-00000001"])
    second = anna.at(2)
    assert second.images["CT"].name == "second look"
    assert set(second.images["CT"].data.values.ravel()) == {8}
    assert second.facts["value"].tolist() == ["II", "III"]
    first = anna.at(1)
    assert first.images["CT"].name == "first look"
    assert set(first.images["CT"].data.values.ravel()) == {7}
    assert first.facts["value"].tolist() == ["II"]
    assert not first.segmentations
    with pytest.raises(NotFoundError, match="No version 4"):
        anna.at(4)


def test_a_patient_that_was_opened_before_stays_as_it_was(
    store: explorer.Store, drafts: Any
) -> None:
    with store.transaction("one") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image(np.full((2, 3, 4), 7, np.int16)), copy=True)
    before = store["Anna"]
    with store.transaction("two") as t:
        t.put(key, drafts.image(np.full((2, 3, 4), 8, np.int16)), copy=True)
    assert set(before.images["CT"].data.values.ravel()) == {7}


def test_replacing_an_item_keeps_its_id_and_drops_its_old_segments(
    put: Callable[..., Any], drafts: Any
) -> None:
    ones = np.ones((2, 3, 4), bool)
    put("Anna", drafts.image(), drafts.segmentation({"a": ones, "b": ones}))
    anna = put("Anna", drafts.segmentation({"c": ~ones}))
    seg = anna.segmentations["seg-00000001"]
    assert seg.labels == ["c"]
    assert seg.segments[0]["voxels"] == 0
    assert seg.stored.shape == (1, 2, 3, 4)


def test_dropping_what_is_not_there(store: explorer.Store, drafts: Any) -> None:
    with pytest.raises(NotFoundError, match="ct-none"), store.transaction("x") as t:
        t.drop(t.patient("Anna"), "ct-none")


def test_of_two_writers_the_slower_one_loses_and_leaves_nothing_visible(
    store: explorer.Store,
) -> None:
    with store.transaction("first") as t:
        key = t.patient("Anna")
        t.add_facts(key, [{"name": "stage", "value": "I"}])
    slow, fast = store.transaction("slow"), store.transaction("fast")
    slow.add_facts(key, [{"name": "stage", "value": "slow"}])
    fast.add_facts(key, [{"name": "stage", "value": "fast"}])
    fast.commit()
    with pytest.raises(ConflictError, match="nothing of this change is visible"):
        slow.commit()
    assert store["Anna"].facts["value"].tolist() == ["I", "fast"]
    assert store["Anna"].history()["message"].tolist() == ["fast", "first"]
    assert "slow" not in store.sql("select value from facts")["value"].tolist()


def test_two_writers_of_a_new_patient_share_its_key_and_one_wins(store: explorer.Store) -> None:
    slow, fast = store.transaction("slow"), store.transaction("fast")
    assert slow.patient("Anna") == fast.patient("Anna")
    fast.commit()
    with pytest.raises(ConflictError):
        slow.commit()
    assert store["Anna"].version == 1


def test_the_loser_of_arrays_leaves_no_array_behind_the_winner(
    store: explorer.Store, drafts: Any
) -> None:
    with store.transaction("first") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image(item="ct-first"))
    slow = store.transaction("slow")
    slow.put(key, drafts.image(item="ct-slow"))
    with store.transaction("a fact needs no lock") as t:
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    with pytest.raises(ConflictError), slow:
        pass
    # its array commit is an orphan now; the next writer starts from what is visible
    with store.transaction("next") as t:
        t.put(key, drafts.image(item="ct-next"))
    anna = store["Anna"]
    assert sorted(anna.images) == ["ct-first", "ct-next"]
    assert sorted(anna.arrays()["images"]) == ["ct-first", "ct-next"]
    assert sorted(anna.at(2).arrays()["images"]) == ["ct-first"]


def test_an_orphan_array_commit_of_a_first_version_does_not_ride_along(
    store: explorer.Store, drafts: Any
) -> None:
    from explorer.write_image import write_image

    key = store.identity.reserve("local", ["Anna"])["Anna"]
    session = store.arrays(key).write(None)
    write_image(session, drafts.image(item="ct-orphan"), copy=True)
    session.commit("a writer that was killed here")
    assert "Anna" not in store
    with store.transaction("next") as t:
        t.put(t.patient("Anna"), drafts.image(item="ct-next"))
    assert list(store["Anna"].arrays()["images"]) == ["ct-next"]


def test_orphan_rows_are_not_visible(store: explorer.Store) -> None:
    with store.transaction("first") as t:
        key = t.patient("Anna")
    orphan = {"patient": key, "commit": "killed", "name": "stage", "value": "orphan"}
    store.records.append("facts", [orphan])
    assert store["Anna"].facts.empty
    assert store.sql("select * from facts").empty


def test_the_same_fact_twice_is_one_fact(store: explorer.Store) -> None:
    fact = {"name": "age", "value": 61, "number": 61.0, "unit": "a", "source": "clinic.csv, row 7"}
    for _ in range(2):
        with store.transaction("facts") as t:
            t.add_facts(t.patient("Anna"), [fact, fact])
    assert store["Anna"].version == 1
    (row,) = store["Anna"].facts.to_dict("records")
    assert (row["value"], row["number"], row["state"]) == ("61", 61.0, "present")


@pytest.mark.parametrize("nothing", [None, float("nan"), np.float64("nan")])
def test_a_missing_value_is_a_state_and_not_a_text(store: explorer.Store, nothing: Any) -> None:
    fact = {"name": "age", "value": nothing, "number": nothing}
    for _ in range(2):
        with store.transaction("facts") as t:
            t.add_facts(t.patient("Anna"), [fact, {**fact, "state": "withheld"}])
    facts = store["Anna"].facts
    assert facts["state"].tolist() == ["unknown", "withheld"]
    assert facts["value"].isna().all()
    assert store["Anna"].version == 1


def test_misspelt_fields_are_told_and_not_dropped(store: explorer.Store) -> None:
    t = store.transaction("x")
    key = t.patient("Anna")
    with pytest.raises(StoreError, match="valeu"):
        t.add_facts(key, [{"name": "age", "valeu": "61"}])
    with pytest.raises(StoreError, match="sexx"):
        t.patient("Anna", sexx="F")
    with pytest.raises(StoreError, match="autor"):
        t.add_text(key, "r-1", "no lesion", autor="somebody")


def test_many_patients_in_one_transaction(store: explorer.Store) -> None:
    names = [f"P{n:03}" for n in range(100)]
    for turn in (1, 2):
        with store.transaction("a table") as t:
            for name, key in t.patients(names, "registry").items():
                t.add_facts(key, [{"name": "turn", "value": f"{turn} of {name}"}])
        assert set(t.versions.values()) == {turn}
    assert len(store) == 100
    assert store["P042"].facts["value"].tolist() == ["1 of P042", "2 of P042"]
    assert store.sql("select count(*) as n from facts")["n"].tolist() == [200]
