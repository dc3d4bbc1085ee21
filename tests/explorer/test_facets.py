"""Facets of a store, against pandas on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.facet import NO_RECORD, Facet
from explorer.facets import facets
from explorer.ingest import ingest
from explorer.store import Store

ROWS = """patient_id,stage,weight,grade,note
a,I,60.5,1,=1+1
b,II,70,2,<b>x</b>
c,I,,1,not done
d,unknown,81,2,withheld
e,[Discrepancy],90.25,1,absent
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("facets")
    (folder / "files").mkdir()
    (folder / "files" / "clinical.csv").write_text(ROWS)
    ingest(folder / "files", folder / "made.onco")
    return explorer.open(folder / "made.onco")


def _counts(store: Store, name: str) -> dict[tuple[str, bool], int]:
    found = facets(store)
    one = found[name]
    counted = one.counts(np.ones(len(found.keys_of), bool))
    return {(label, k >= one.values): int(counted[k]) for k, label in enumerate(one.labels)}


def test_states_of_absence_are_no_values(store: Store) -> None:
    assert _counts(store, "facts: stage") == {
        ("I", False): 2, ("II", False): 1, ("unknown", True): 2,
    }  # fmt: skip
    notes = _counts(store, "facts: note")
    assert notes["=1+1", False] == 1
    assert notes["<b>x</b>", False] == 1
    # a word of the source may read as a state does, and stays a value
    assert notes["absent", False] == 1
    assert notes["not acquired", True] == 1
    assert notes["withheld", True] == 1


def test_quantities_are_numbers_and_codes_are_values(store: Store) -> None:
    found = facets(store)
    weight = found["facts: weight"]
    assert weight.numeric
    assert weight.states == ("unknown",)
    everyone = np.ones(5, bool)
    assert weight.histogram(everyone).sum() == 4
    assert weight.edges[-1] > 90.25
    assert weight.within(60.5, 81, 5).sum() == 2  # half-open
    assert not found["facts: grade"].numeric


def test_every_patient_has_a_value_or_a_state(demo_facets: Any) -> None:
    for one in demo_facets.values():
        having = set(one.patient.tolist())
        having |= set() if one.number_of is None else set(one.number_of.tolist())
        assert having == set(range(len(demo_facets.keys_of))), one.name


@pytest.fixture(scope="module")
def demo_facets(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from explorer.draft import ImageDraft, Source

    store = explorer.open(tmp_path_factory.mktemp("made") / "made.onco", create=True)
    source = Source(Path("x"), "made-up", "x", False, 0, 0, "0" * 64)
    with store.transaction("made for a test") as t:
        key = t.patient("made-up", synthetic=True)
        for item, modality in (("ct", "CT"), ("mr", "MR"), ("mr2", "MR")):
            values = np.zeros((2, 8, 8), np.int16)
            t.put(
                key,
                ImageDraft(
                    item=item, modality=modality, name=item, dims=("z", "y", "x"),
                    shape=values.shape, dtype=values.dtype, affine=np.eye(4),
                    load=lambda values=values: values, sources=[source], units="HU",
                    synthetic=True,
                ),
            )  # fmt: skip
        t.patient("nothing", synthetic=True)
    return facets(store)


def test_a_patient_counts_under_each_modality(demo_facets: Any) -> None:
    one = demo_facets["data: modality"]
    counts = dict(zip(one.labels, one.counts(np.ones(2, bool)).tolist(), strict=True))
    assert counts == {"CT": 1, "MR": 1, NO_RECORD: 1}
    assert demo_facets["data: has"].states == ("nothing",)
    assert demo_facets["patient: synthetic"].labels == ("parts made up",)


def test_counts_are_those_of_pandas(
    shared_data: Path, tmp_path: Path, few: Callable[..., Any]
) -> None:
    frame, store = few(shared_data, tmp_path)
    found = facets(store)
    for name in ("tumor_stage", "race", "project_id", "prior_malignancy"):
        one = found[f"facts: {name}"]
        counted = one.counts(np.ones(len(found.keys_of), bool))
        mine = {label: int(counted[k]) for k, label in enumerate(one.labels[: one.values])}
        assert mine == frame[name].value_counts().to_dict()
        assert counted[one.values :].sum() == frame[name].isna().sum()
    age = found["facts: age_at_diagnosis (days)"]
    order = np.argsort(age.number_of)
    ages = dict(zip(np.array(found.keys_of)[age.number_of[order]], age.numbers[order], strict=True))
    label = dict(zip(found.keys_of, found.labels_of, strict=True))
    expected = frame.set_index("submitter_id").age_at_diagnosis.dropna().to_dict()
    assert {label[key]: value for key, value in ages.items()} == expected


@pytest.fixture
def few() -> Callable[..., Any]:
    """300 rows of the public table of TCGA patients, as pandas reads it and as a store."""

    def read(shared_data: Path, folder: Path) -> Any:
        import pandas as pd

        table = shared_data / "tcga_clinical_pancan" / "clinical_data.tsv.gz"
        frame = pd.read_csv(table, sep="\t", float_precision="round_trip").iloc[::37]
        (folder / "files").mkdir()
        frame.to_csv(folder / "files" / "clinical_data.tsv", sep="\t", index=False)
        ingest(folder / "files", folder / "tcga.onco")
        return frame, explorer.open(folder / "tcga.onco")

    return read


@pytest.mark.parametrize("numbers", [[2.0], [2.0, 2.0], [0.0], [0.1, 0.3], [-4.0, 1e6]])
def test_every_number_lies_in_a_bin(numbers: list[float]) -> None:
    each = np.arange(len(numbers))
    one = Facet("x", "x", "facts", (), 0, each[:0], each[:0], "", each, np.array(numbers))
    edges = one.edges
    assert edges[0] <= min(numbers)
    assert max(numbers) < edges[-1]
    counts = one.histogram(np.ones(len(numbers), bool))
    assert len(counts) == len(edges) - 1
    assert counts.sum() == len(numbers)
