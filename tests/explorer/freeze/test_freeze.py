"""A frozen cohort opens the same whatever comes after, and a name stands for one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import icechunk
import numpy as np
import pytest

import explorer
from explorer.compact import compact
from explorer.erase import erase, plan_erasure
from explorer.errors import ConflictError, NotFoundError, SourceChangedError, StoreError
from explorer.split.part_set import PartSet

Put = Callable[..., explorer.Patient]
LATER = "2999-01-01"


def values(patient: explorer.Patient) -> list[float]:
    found: list[float] = patient.images["CT"].data.values.ravel().tolist()
    return found


@pytest.fixture
def two(put: Put, drafts: Any, store: explorer.Store) -> explorer.Store:
    """Anna has a CT by reference and masks, Berta facts alone."""
    put("Anna", drafts.image(), drafts.segmentation())
    with store.transaction("facts") as t:
        key = t.patient("Berta", synthetic=True)
        t.add_facts(key, [{"name": "stage", "value": "II"}, {"name": "age", "state": "unknown"}])
    return store


def test_freeze_copies_in_and_outlives_everything(two: explorer.Store, drafts: Any) -> None:
    cohort = two.cohort()
    before = values(two["Anna"])
    frozen = cohort.freeze("trial 1", note="of the protocol", who="A. Person")
    assert two["Anna"].images["CT"].storage == "copied"
    assert (frozen.self_contained, list(frozen.labels.values())) == (True, ["Anna", "Berta"])
    assert frozen.verify().complete
    assert frozen.document["who"] == "A. Person"
    assert "icechunk" in frozen.document["software"]
    assert list(frozen.versions.values()) == [2, 1]
    digest = frozen.digest
    with two.transaction("later") as t:
        t.put(two["Anna"].key, drafts.image(np.zeros((2, 3, 4), np.int16), "ct-00000009"))
        t.drop(two["Anna"].key, "ct-00000001")
        t.replace_rows(two["Berta"].key, "facts", [])
    for path in drafts.folder.iterdir():
        path.unlink()
    for _ in range(2):
        compact(two, grace_s=0, expire_before=LATER)
    again = explorer.open(two.path).cohort("trial 1")
    assert values(again["Anna"]) == before
    assert again["Anna"].segmentations["SEG"].mask("lesion").values.sum() == 5
    assert again["Berta"].facts["value"].tolist() == ["II", None]
    assert again.rows("facts", ["name"]).num_rows == 2
    assert (again.digest, again.verify().faults) == (digest, [])
    assert two["Berta"].facts.empty
    assert [one.name for one in two.cohorts()] == ["trial 1"]
    assert "of the protocol" in two.cohorts()._repr_html_()


def test_by_reference_is_marked_and_proves_its_sources(two: explorer.Store, drafts: Any) -> None:
    frozen = two.cohort().freeze("linked", by_reference=True)
    assert not frozen.self_contained
    assert [one["item"] for one in frozen.by_reference] == ["ct-00000001"]
    assert two["Anna"].images["CT"].storage == "referenced"
    assert frozen.verify().complete
    image = frozen["Anna"].images["CT"]
    assert image.data.values.sum() == np.arange(24).sum()
    path = drafts.folder / "slices.raw"
    about = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))  # as if nothing had happened
    with pytest.raises(SourceChangedError, match="was changed"):
        image.data.values  # noqa: B018
    with pytest.raises(SourceChangedError, match="was changed"):
        frozen["Anna"].images["CT"].stored  # noqa: B018
    assert frozen.verify().faults[0]["item"] == "ct-00000001"
    path.unlink()
    with pytest.raises(SourceChangedError):
        image.data.values  # noqa: B018
    assert not frozen.verify().ok


def test_a_changed_source_refuses_the_freeze(two: explorer.Store, drafts: Any) -> None:
    (drafts.folder / "slices.raw").write_bytes(b"another")
    for by_reference in (False, True):
        with pytest.raises(SourceChangedError, match="Anna ct-00000001") as error:
            two.cohort().freeze("trial 1", by_reference=by_reference)
        assert [one["item"] for one in error.value.faults] == ["ct-00000001"]  # type: ignore[attr-defined]
    assert list(two.cohorts()) == []
    for table in ("cohorts", "members", "pins"):
        assert two.records.read(table).num_rows == 0


def test_names(two: explorer.Store) -> None:
    cohort = two.cohort().among(["Berta"])
    cohort.freeze("<b>one</b>")
    with pytest.raises(ConflictError, match="already"):
        two.cohort().freeze("<b>one</b>")
    for name in ("", " x", "a\nb", "x" * 201, "~x"):
        with pytest.raises(StoreError, match="no name"):
            cohort.freeze(name)
    with pytest.raises(StoreError, match="no patients"):
        two.cohort().among([]).freeze("none")
    with pytest.raises(NotFoundError, match="one of"):
        two.cohort("other")
    assert "<b>" not in two.cohorts()._repr_html_()
    assert "<b>" not in two.cohort("<b>one</b>").verify()._repr_html_()


def test_drop(two: explorer.Store) -> None:
    frozen = two.cohort().freeze("one")
    other = two.cohort().among(["Anna"]).freeze("two")
    with pytest.raises(StoreError, match="not 'two'"):
        frozen.drop("two")
    frozen.drop("one")
    assert [one.name for one in two.cohorts()] == ["two"]
    with two.transaction("later") as t:
        t.drop(two["Anna"].key, "ct-00000001")
    compact(two, grace_s=0, expire_before=LATER)
    assert other.verify().complete
    two.cohort("two").drop("two")
    compact(two, grace_s=0, expire_before=LATER)
    assert len(two["Anna"].history()) == 1
    assert two.records.read("pins").num_rows == two.records.read("members").num_rows == 0
    assert two.cohort().freeze("one").verify().complete


def test_an_erased_member_is_said_and_the_rest_is_proven(two: explorer.Store) -> None:
    two.cohort().freeze("one")
    key = two["Anna"].key
    assert "a frozen cohort" in str(plan_erasure(two, "Anna").outside.lines())
    found = erase(two, "Anna")
    assert [pin["holder"] for pin in found.outside.pins] == ["one"]
    frozen = two.cohort("one")
    assert list(frozen.labels.values()) == ["Berta"]
    result = frozen.verify()
    assert (result.ok, result.complete, len(result.erased)) == (True, False, 1)
    assert "erased on 20" in result._repr_html_()
    assert key not in str(two.records.read("pins").to_pylist())
    compact(two, grace_s=0, expire_before=LATER)
    assert two.cohort("one").verify().faults == []
    frozen.drop("one")
    assert two.records.read("pins").num_rows == 0


def mean_or_none(patient: explorer.Patient) -> float:
    return float(np.mean(values(patient))) if patient.images else 0.0


def test_a_map_and_a_part_prove_the_sources_too(two: explorer.Store, drafts: Any) -> None:
    frozen = two.cohort().freeze("linked", by_reference=True)
    part = PartSet(frozen, frozen.keys, "train")
    assert part.proves_sources
    path = drafts.folder / "slices.raw"
    about = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    result = part.map(mean_or_none)
    assert result.counts == {"made": 1, "unchanged": 0, "refused": 1}
    assert "was changed" in result.failures["reason"].iloc[0]


def test_two_hold_one_snapshot_at_once(
    two: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = two["Anna"].head
    assert head.snapshot is not None
    first, second = (explorer.open(two.path).arrays(head.patient) for _ in range(2))
    repository = second._open()
    told = repository.list_branches()

    class Behind:
        """Has looked before the other one made the branch."""

        def list_branches(self) -> Any:
            return told

        def create_branch(self, name: str, snapshot: str) -> None:
            first.hold(snapshot)
            repository.create_branch(name, snapshot)

    opened = iter([Behind(), repository])
    monkeypatch.setattr(second, "_open", lambda: next(opened))
    second.hold(head.snapshot)
    assert f"frozen-{head.snapshot}" in repository.list_branches()
    with pytest.raises(icechunk.IcechunkError):  # of a snapshot that is none
        first.hold("0" * 20)
