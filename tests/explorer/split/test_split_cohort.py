from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import explorer
from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.split.leak_error import LeakError
from explorer.split.split import Split
from explorer.split.split_error import SplitError

_STAGES = ("I", "II", "III", None)
_NO_IMAGES = ["same records", "same source", "same study"]
PEOPLE = 60


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    """Sixty patients who have facts alone."""
    store = explorer.open(tmp_path_factory.mktemp("people") / "patients.onco", create=True)
    rng = np.random.default_rng(3)
    with store.transaction("synthetic people") as t:
        keys = t.patients([f"P-{k:03d}" for k in range(PEOPLE)])
        for k, key in enumerate(keys.values()):
            stage = _STAGES[int(rng.integers(4))]
            facts = [
                {"name": "site", "value": f"site {int(rng.integers(9))}"},
                {"name": "age", "value": f"{k}.5", "number": k + 0.5},
                {"name": "year", "value": str(2000 + k % 20), "number": 2000.0 + k % 20},
            ]
            facts += [{"name": "stage", "value": stage}] if stage else []
            t.add_facts(key, facts)
    return store


def _values(cohort: PatientSet, name: str) -> dict[str, str]:
    rows = cohort.rows("facts", ["name", "value"]).to_pylist()
    return {row["patient"]: row["value"] for row in rows if row["name"] == name}


def test_a_thousand_cohorts_share_nobody(people: explorer.Store) -> None:
    everybody = people.cohort()
    site, stage = _values(everybody, "site"), _values(everybody, "stage")
    keys = sorted(everybody.keys)
    tried = 0

    @settings(max_examples=1000, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(
        st.sets(st.sampled_from(keys), min_size=6),
        st.sampled_from([None, 2, 3]),
        st.booleans(), st.booleans(), st.booleans(), st.integers(0, 5),
    )  # fmt: skip
    def one(
        names: set[str], folds: int | None, balanced: bool, grouped: bool, stable: bool, seed: int
    ) -> None:
        nonlocal tried
        cohort = everybody.among(names)
        first = sorted(names)[0]
        wishes = {
            "folds": folds, "nested": folds,
            "stratify": [stage] if balanced else (), "group": [site] if grouped else (),
            "fixed": {"test": [first]}, "seed": seed, "stable": stable, "checks": (),
        }  # fmt: skip
        shares = {"train": 0.5, "val": 0.2, "test": 0.3}
        split = cohort.split(shares, **wishes)
        tried += 1
        main = [set(split.members[part]) for part in ("train", "val", "test")]
        assert sum(map(len, main)) == len(set().union(*main)) == len(cohort)
        assert first in main[2]
        for train, test in split.folds() if folds else ():
            assert not set(train.keys) & set(test.keys)
            assert set(train.keys) | set(test.keys) == main[0]
        for k in range(1, (folds or 0) + 1):
            inner = split.folds(f"fold {k}")
            held = [set(test.keys) for _, test in inner]
            assert set().union(*held) == main[0] - set(split.members[f"fold {k}"])
            assert sum(map(len, held)) == len(set().union(*held))
        if grouped:
            for some in main:
                mine = {site[key] for key in some}
                assert not mine & {site[key] for key in set(cohort.keys) - some}
        if balanced and not grouped and not stable:
            for label in {*stage.values(), None}:
                members = [key for key in cohort.keys if stage.get(key) == label]
                for some, share in zip(main, shares.values(), strict=True):
                    # the fixed one may take one place from each of the others
                    assert abs(len(some & set(members)) - share * len(members)) < 2
        again = everybody.among(sorted(names, reverse=True)).split(shares, **wishes)
        assert again.members == split.members
        assert again.digest == split.digest

    one()
    assert tried >= 1000


def test_strata_are_right_within_one_patient(people: explorer.Store) -> None:
    cohort = people.cohort()
    split = cohort.split(stratify=["facts: stage", "age"], bins=2, checks=())
    assert {"no value: no record", "I"} <= set(split.strata["facts: stage"].values())
    assert len(set(split.strata["facts: age"].values())) == 2
    joint = {key: tuple(labels[key] for labels in split.strata.values()) for key in cohort.keys}
    for part, share in (("train", 0.7), ("val", 0.15), ("test", 0.15)):
        for label in set(joint.values()):
            members = {key for key in cohort.keys if joint[key] == label}
            assert abs(len(members & set(split.members[part])) - share * len(members)) < 1
    assert set(split.table()["column"]) == {"all", "facts: stage", "facts: age"}
    assert "no value" in split._repr_html_()
    assert split.figure()._repr_png_().startswith(b"\x89PNG")


def test_a_stable_place_does_not_depend_on_the_others(people: explorer.Store) -> None:
    everybody = people.cohort()
    whole = everybody.split(stable=True, checks=()).part_of
    some = everybody.among(list(everybody.labels.values())[::3])
    assert all(whole[key] == part for key, part in
               some.split(stable=True, checks=()).part_of.items())  # fmt: skip


def test_the_newest_go_into_the_test(people: explorer.Store) -> None:
    cohort = people.cohort()
    year = {key: int(value) for key, value in _values(cohort, "year").items()}
    split = cohort.split({"train": 0.7, "test": 0.3}, time="newest into test",
                         dated="facts: year", checks=())  # fmt: skip
    oldest = min(year[key] for key in split.members["test"])
    assert max(year[key] for key in split.members["train"]) < oldest
    assert len(split.members["test"]) == 18
    cut = cohort.split({"train": 0.7, "test": 0.3}, time={"test": 2010}, dated="facts: year",
                       checks=())  # fmt: skip
    assert {year[key] >= 2010 for key in cut.members["test"]} == {True}
    with pytest.raises(SplitError):
        cohort.split(time="newest into nowhere", dated="facts: year", checks=())


def test_a_split_is_saved_kept_and_read_again(people: explorer.Store, tmp_path: Path) -> None:
    split = people.cohort().split(stratify="stage", checks=_NO_IMAGES)
    split.save(tmp_path / "split.json")
    again = Split.load(people.cohort(), tmp_path / "split.json")
    assert (again.members, again.digest) == (split.members, split.digest)
    assert again.report.left_out == split.report.left_out
    with pytest.raises(FileExistsError):
        split.save(tmp_path / "split.json")
    lines = split.to_csv(tmp_path / "split.csv").read_text().splitlines()
    assert len(lines) == 1 + PEOPLE
    with pytest.raises(SplitError, match="not frozen"):
        split.keep("one")
    frozen = people.cohort().freeze("all of them")
    kept = frozen.split(folds=3, nested=2, checks=_NO_IMAGES)
    kept.keep("three folds")
    with pytest.raises(SplitError, match="already"):
        kept.keep("three folds")
    (read,) = frozen.splits()
    assert (read.name, read.members, read.digest) == ("three folds", kept.members, kept.digest)
    assert people.cohort().splits() == []


def test_who_is_linked_is_refused_or_kept_together(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    with store.transaction("synthetic people") as t:
        for k in range(8):
            key = t.patient(f"P-{k}")
            # each pair shares one series, as an index of series tells
            t.add_facts(key, [{"name": "SeriesInstanceUID", "value": f"1.2.{k // 2}"}])
    cohort = store.cohort()
    crossing = {"fixed": {"train": ["P-0"], "test": ["P-1"]}}
    checks = ["same source"]
    with pytest.raises(LeakError, match="P-0") as refused:
        cohort.split({"train": 0.5, "test": 0.5}, checks=checks, **crossing)
    assert {leak.severity for leak in refused.value.found} == {"leak"}
    pairs = [{leak.one.label, leak.other.label} for leak in refused.value.found if leak.other]
    assert {"P-0", "P-1"} in pairs
    allowed = cohort.split(checks=checks, allow="same source", **crossing)
    assert allowed.settings["allow"] == ["same source"]
    assert len(allowed.report.accepted) >= 1
    with pytest.raises(SplitError, match="fixed to 2 parts"):
        cohort.split(checks=checks, together=True, **crossing)
    kept = cohort.split({"train": 0.5, "test": 0.5}, checks=checks, together=True)
    assert not kept.report.found
    assert "kept together" in " ".join(kept.report.notes)
    for k in range(0, 8, 2):
        assert kept.part_of[cohort[f"P-{k}"].key] == kept.part_of[cohort[f"P-{k + 1}"].key]


def test_what_is_made_up_is_not_tested_on(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    with store.transaction("people, one of them made up") as t:
        for k in range(6):
            t.patient(f"P-{k}", synthetic=k == 0)
    cohort = store.cohort()
    with pytest.raises(LeakError, match="'P-0'"):
        cohort.split(fixed={"test": ["P-0"]}, checks=["synthetic"])
    split = cohort.split(fixed={"train": ["P-0"]}, checks=["synthetic"])
    assert split.synthetic["train"] == (cohort["P-0"].key,)
    assert split.synthetic["test"] == ()


def test_no_parts_are_refused_and_an_empty_one_is_told(people: explorer.Store) -> None:
    with pytest.raises(SplitError, match="No part is named"):
        people.cohort().split({}, checks=())
    two = people.cohort().among(people.cohort().keys[:2])
    split = two.split({"train": 0.7, "val": 0.15, "test": 0.15}, checks=())
    empty = [part for part in split if not len(split[part])]
    assert empty
    for part in empty:
        assert any(f"nobody is in {part}" in note for note in split.report.notes)
    again = people.cohort().split({"train": 0.9, "held": 0.0, "test": 0.1}, checks=())
    assert not any("nobody" in note for note in again.report.notes)


def test_shares_that_do_not_sum_to_1_are_told_or_refused(people: explorer.Store) -> None:
    cohort = people.cohort()
    whole = cohort.split({"train": 80, "val": 10, "test": 10}, checks=())
    assert whole.digest == cohort.split({"train": 0.8, "val": 0.1, "test": 0.1}, checks=()).digest
    said = "shares 80 : 10 : 10 of 100, so train 80%, val 10%, test 10%"
    assert said in repr(whole)
    assert said in whole.report.notes
    assert said in whole._repr_html_()
    assert "shares" not in repr(cohort.split(checks=()))
    assert "of 0.9" in repr(cohort.split({"train": 0.7, "test": 0.2}, checks=()))
    with pytest.raises(SplitError, match=r"more than the whole: shares 0\.8 : 0\.3 of 1\.1"):
        cohort.split({"train": 0.8, "test": 0.3}, checks=())
    for bad in (float("nan"), -1.0):
        with pytest.raises(SplitError, match="The shares are"):
            cohort.split({"train": 0.8, "test": bad}, checks=())


def test_what_is_misspelt_is_told_before_anything_is_looked_at(
    people: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_early(*_: object) -> None:
        raise AssertionError("the images were looked at first")

    monkeypatch.setattr("explorer.split.split_cohort.find_leaks", too_early)
    cohort = people.cohort()
    with pytest.raises(NotFoundError, match="'stage'"):
        cohort.split(stratify="facts: stagee")
    with pytest.raises(NotFoundError, match="one of 'patient: sex'"):
        cohort.split(stratify="sex")
    with pytest.raises(NotFoundError, match="'scanner'"):
        cohort.split(group="scannerr")
    with pytest.raises(SplitError, match="newest into PART"):
        cohort.split(time="newest in test")
    with pytest.raises(SplitError, match=f"2 to {len(cohort)}"):
        cohort.split(folds=len(cohort) + 1)
