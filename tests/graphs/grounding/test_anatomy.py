"""Findings are grounded in the organ or lobe that they name."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import explorer
from explorer.address import Address
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from graphs.carry_over import carry_over
from graphs.finding import Finding
from graphs.grounding.anatomy import AnatomyGrounder
from graphs.grounding.search import Search
from graphs.project import project
from graphs.projected_segmentation import projected_segmentation

SHAPE = (12, 8, 20)
LOBES = {
    "lung_upper_lobe_right": (slice(6, 12), slice(0, 8), slice(1, 9)),
    "lung_middle_lobe_right": (slice(3, 6), slice(0, 4), slice(1, 9)),
    "lung_lower_lobe_right": (slice(0, 6), slice(4, 8), slice(1, 9)),
    "lung_upper_lobe_left": (slice(5, 12), slice(0, 8), slice(11, 19)),
    "heart": (slice(1, 4), slice(1, 5), slice(8, 14)),
    "lesion": (slice(7, 9), slice(3, 5), slice(3, 5)),
}
NODULE = Finding(0, 6, "nodule", "nodule", item="r-1", id="f-1")


def _mask(label: str) -> NDArray[np.bool_]:
    found = np.zeros(SHAPE, bool)
    found[LOBES[label]] = True
    return found


def _segmentation(item: str, image: str) -> SegmentationDraft:
    labels = list(LOBES)
    return SegmentationDraft(
        item=item, modality="SEG", name="organs", shape=SHAPE, image=image, synthetic=True,
        segments=[SegmentDraft(n, name) for n, name in enumerate(labels, 1)],
        affine=np.diag([1.0, 1.0, 2.0, 1.0]), load=lambda i: _mask(labels[i]), sources=[],
    )  # fmt: skip


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> explorer.Patient:
    store = explorer.open(tmp_path_factory.mktemp("anatomy") / "patients.onco", create=True)
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        t.put(key, ImageDraft(
            item="ct-1", modality="CT", name="ct", dims=("z", "y", "x"), shape=SHAPE,
            dtype=np.dtype(np.int16), affine=np.diag([1.0, 1.0, 2.0, 1.0]), sources=[],
            load=lambda: np.zeros(SHAPE, np.int16), units="HU", synthetic=True,
        ))  # fmt: skip
        t.put(key, _segmentation("seg-1", "ct-1"))
        t.add_text(key, "r-1", "nodule")
    return store[key]


def _ground(patient: explorer.Patient, search: Search | None = None, **said: Any) -> Any:
    return AnatomyGrounder().ground(replace(NODULE, **said), search or Search(patient))


def _value(patient: explorer.Patient, target: str) -> NDArray[np.bool_]:
    return np.asarray(Address.parse(f"onco:{patient.key}/{target}").resolve(patient.store).value)


def test_a_lobe(patient: explorer.Patient) -> None:
    found = _ground(patient, anatomy=("lung_upper_lobe_right",), laterality="right")
    assert (found.status, found.method, found.region) == ("proposed", "anatomy", "organ")
    assert found.target == "segmentations/seg-1#label=lung_upper_lobe_right"
    assert found.score == 1.0
    assert [(e.cue, e.passed) for e in found.evidence] == [("anatomy", True), ("side", True)]
    absent = _ground(patient, anatomy=("lung_upper_lobe_right",), assertion="absent")
    assert absent.region == "examined"


def test_the_right_lung_is_its_three_lobes(patient: explorer.Patient) -> None:
    for said in ({"anatomy": ("lung",), "laterality": "right"}, {"location": "the right lung"}):
        found = _ground(patient, **said)
        assert {t.partition("label=")[2] for t in found.detail["targets"]} == {
            "lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right",
        }  # fmt: skip
        assert found.target == found.detail["targets"][0]
    nested = _ground(patient, anatomy=("lung_right", "lung_middle_lobe_right"))
    assert nested.target == "segmentations/seg-1#label=lung_middle_lobe_right"


def test_what_is_missing_is_named(patient: explorer.Patient) -> None:
    part = _ground(patient, anatomy=("lung_left",))
    assert part.status == "proposed"
    assert part.score == 0.5
    assert "left lower lobe" in part.reason
    none = _ground(patient, anatomy=("liver",))
    assert none.status == "abstained"
    assert "liver" in none.reason
    assert none.detail["missing"]


def test_a_zone_is_a_third_of_the_height(patient: explorer.Patient) -> None:
    found = _ground(patient, location="right upper lung zone")
    assert found.score < 1
    united = sum(_value(patient, t).sum() for t in found.detail.get("targets", [found.target]))
    expected = sum(_mask(name)[8:].sum() for name in LOBES if name.endswith("lobe_right"))
    assert united == expected
    assert "box=8:12,0:8,1:9" in found.target


def test_what_only_lies_in_a_structure_gets_that_one(patient: explorer.Patient) -> None:
    found = _ground(patient, anatomy=("heart_atrium_right",))
    assert found.target == "segmentations/seg-1#label=heart"
    assert found.score < 0.5
    assert (
        found.reason == "right atrium is not outlined; lies in heart" or "lies in" in found.reason
    )


def test_unknown_terms_contradictions_and_nothing_said_abstain(patient: explorer.Patient) -> None:
    unknown = _ground(patient, location="rigth lungg <script>")
    assert unknown.status == "abstained"
    assert "right lung" in unknown.detail["suggestions"]
    against = _ground(patient, anatomy=("lung_upper_lobe_right",), laterality="left")
    assert against.status == "abstained"
    assert against.evidence[0].passed is False
    assert "names no structure" in _ground(patient).reason


def test_what_must_not_be_an_answer_is_none(patient: explorer.Patient) -> None:
    target = "segmentations/seg-1#label=heart"
    search = Search(patient, rejected=[target])
    assert _ground(patient, search, anatomy=("heart",)).status == "abstained"


def test_two_maps_of_the_same_worth_are_a_tie(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        for n in (1, 2):
            t.put(key, _segmentation(f"seg-{n}", f"ct-{n}"))
    # neither lies on an image that the search knows
    search = Search(store[key])
    search.__dict__["_chosen"] = ([type("Image", (), {"id": f"ct-{n}"})() for n in (1, 2)], "")
    found = _ground(store[key], search, anatomy=("heart",))
    assert found.status == "abstained"
    assert found.detail["tie"]
    assert len(found.alternatives) == 2


def test_on_a_radiograph_made_from_the_ct(patient: explorer.Patient) -> None:
    made = project(patient.images["ct-1"], "frontal")
    with patient.store.transaction("DRR") as t:
        t.put(patient.key, made.draft())
        t.put(patient.key, projected_segmentation(made, patient.segmentations["seg-1"]))
    newer = patient.store[patient.key]
    # the volume is preferred as long as it may be used
    assert _ground(newer, anatomy=("heart",)).target == "segmentations/seg-1#label=heart"
    search = Search(newer, excluded=["segmentations/seg-1"])
    found = _ground(newer, search, anatomy=("heart",))
    assert found.target.startswith("segmentations/mask-")
    np.testing.assert_array_equal(_value(newer, found.target)[0], _mask("heart").any(axis=1)[::-1])
    # and the zone of a lung goes along
    zone = _ground(newer, location="right lower lung zone")
    run = carry_over(made, newer, [zone])
    lung = np.any([_mask(name) for name in LOBES if name.endswith("lobe_right")], axis=0)
    lung[4:] = False
    seen = lung.any(axis=1)[::-1]
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    box = f"#box={rows[0]}:{rows[-1] + 1},{columns[0]}:{columns[-1] + 1}"
    assert run.groundings[0]["target"] == made.target + box


def test_it_is_registered() -> None:
    (point,) = entry_points(group="oncograph.groundings", name="anatomy")
    assert point.value == "graphs.grounding.anatomy:AnatomyGrounder"
