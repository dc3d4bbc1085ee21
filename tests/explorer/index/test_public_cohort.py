"""A cohort of a public index: who is left, who was left out, and what to download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from explorer.errors import NotFoundError
from explorer.index.public_cohort import PublicCohort
from explorer.index.public_index import PublicIndex
from explorer.store import Store

Made = Callable[..., PublicIndex]


def test_patients_who_have_both_equal_pandas(idc: PublicIndex) -> None:
    frame = pd.read_parquet(idc.path)
    cohort = idc.cohort().having("CT").having("SEG")
    sets = frame.groupby(["collection_id", "PatientID"]).Modality.agg(set)
    wanted = sets[sets.map(lambda have: {"CT", "SEG"} <= have)].index
    series = frame.set_index(["collection_id", "PatientID"]).loc[wanted]
    assert cohort.counts["patients"] == len(wanted) > 10
    assert cohort.counts["series"] == len(series)
    assert cohort.counts["bytes"] == round(series.series_size_MB.sum() * 1e6)
    assert cohort.counts["studies"] == series.StudyInstanceUID.nunique()
    first, second = cohort.steps
    assert (first.before, second.left) == (len(sets), len(wanted))
    assert first.left == second.before
    assert sum(first.why.values()) == first.before - first.left


def test_series_are_chosen_apart_from_patients(idc: PublicIndex) -> None:
    both = idc.cohort().having("CT").having("SEG")
    alone = both.only("CT", licence="CC BY 3.0").without(manufacturer="SIEMENS")
    assert set(alone.table(["Modality"])["Modality"].to_pylist()) == {"CT"}
    assert len(both) > len(alone) > 0
    assert alone.steps[-1].series_left == len(alone)


def test_facets_equal_pandas(idc: PublicIndex) -> None:
    frame = pd.read_parquet(idc.path)
    found = idc.cohort().only("CT").facets("body_part")
    part = frame[frame.Modality == "CT"]
    expected = part.groupby("BodyPartExamined", dropna=False).size()
    got = dict(zip(found["value"], found["series"], strict=True))
    assert {k: v for k, v in got.items() if k is not None} == expected.drop(
        labels=[k for k in expected.index if pd.isna(k)]
    ).to_dict()
    assert got.get(None, 0) == part.BodyPartExamined.isna().sum()
    assert set(idc.cohort().facets()["facet"]) == {"modality", "body_part", "collection", "licence"}


def test_silence_is_told_apart_from_another_value(made_index: Made) -> None:
    index = made_index(
        {"PatientID": "A"},
        {"PatientID": "B", "BodyPartExamined": "ABDOMEN"},
        {"PatientID": "C", "BodyPartExamined": None},
        {"PatientID": "D", "BodyPartExamined": None, "Modality": "MR"},
    )
    step = index.cohort().having("CT", body_part="CHEST").steps[0]
    assert (step.before, step.left) == (4, 1)
    assert step.why == {"no such series": 2, "not said of a series that may be one": 1}


def test_equal_identifiers_of_two_collections_are_two(made_index: Made) -> None:
    index = made_index({"collection_id": "a"}, {"collection_id": "b", "Modality": "SEG"})
    assert index.cohort().counts["patients"] == 2
    assert index.cohort().having("CT").having("SEG").counts["patients"] == 0


def test_what_is_not_in_the_index_is_said(idc: PublicIndex) -> None:
    with pytest.raises(NotFoundError, match="No collection 'tcga_lung'") as caught:
        idc.cohort().having(collection="tcga_lung")
    assert "tcga_lu" in str(caught.value)
    with pytest.raises(NotFoundError, match="Nothing to ask for"):
        idc.cohort().having(colour="red")
    with pytest.raises(NotFoundError, match="not in the index"):
        idc.cohort().series(["1.2.3"])


def test_the_patients_of_a_local_cohort(store: Store, idc: PublicIndex) -> None:
    with store.transaction("synthetic facts of real identifiers") as t:
        for name in ("TCGA-34-2605", "TCGA-22-0940", "TCGA-XX-0000"):
            t.add_facts(t.patient(name, "TCGA barcode"), [{"name": "stage", "value": "III"}])
    third = store.cohort().among(["TCGA-34-2605", "TCGA-XX-0000"], "stage III")
    cohort = idc.cohort().of(third, issuer="TCGA barcode", collections="tcga_*")
    assert set(cohort.table(["PatientID"])["PatientID"].to_pylist()) == {"TCGA-34-2605"}
    why = cohort.steps[0].why
    assert why["of the store, and not in the cohort"] == 1
    assert next(n for state, n in why.items() if state.startswith("cannot tell")) == 59


def test_what_is_held_is_not_downloaded_again(
    store: Store, idc: PublicIndex, put: Any, drafts: Any
) -> None:
    mine = idc.cohort().having(patient="TCGA-34-2605").only("CT")
    uid = mine.table(["SeriesInstanceUID"])["SeriesInstanceUID"][0].as_py()
    put("Anna", drafts.image(meta={"series_uid": uid}))
    manifest = mine.manifest(store)
    assert manifest.held["SeriesInstanceUID"].tolist() == [uid]
    assert len(manifest) == len(mine) - 1
    assert uid not in manifest.s5cmd()
    assert len(mine.not_in(store)) == len(mine) - 1


def test_a_page_of_hostile_values(made_index: Made) -> None:
    evil = "<script>alert(1)</script>"
    index = made_index({"BodyPartExamined": evil, "license_short_name": evil})
    cohort: PublicCohort = index.cohort().having(body_part=evil)
    page = cohort._repr_html_() + cohort.manifest()._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
