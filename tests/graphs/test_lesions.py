from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.draft import Code, SegmentationDraft, SegmentDraft
from explorer.store import Store
from graphs.describe import describe
from graphs.lesions import lesions


def test_side_and_organ_come_from_the_organ_map(outlined: Callable[..., Any], thorax: Any) -> None:
    tumour = thorax.ellipsoid((36, 5, -28), (8, 6, 9))
    patient = outlined("Anna", thorax.organs, {"tumour": tumour, "label 7": tumour})
    (found,) = lesions(patient)
    assert (found.organ, found.laterality, found.laterality_by) == (
        "lung_right", "right", "organ mask"
    )  # fmt: skip
    assert found.organ_by == "100 % of it lies in it"
    assert found.organ_target == "segmentations/seg-1#label=lung_right"
    assert found.target == "segmentations/seg-2#label=tumour"
    assert found.measures.units == "HU"
    assert found.measures.mean == -850
    assert (found.image, found.acquired, found.synthetic) == ("ct-1", "2020-01-01", True)
    both = lesions(patient, unknown=True)
    assert [one.role for one in both] == ["lesion", "unknown"]
    assert "neither its code nor its name" in both[1].role_by


def test_a_map_that_leaves_the_lesion_out_still_says_where(
    outlined: Callable[..., Any], thorax: Any
) -> None:
    tumour = thorax.ellipsoid((36, 5, 28), (8, 6, 9))
    organs = {**thorax.organs, "lung_left": thorax.organs["lung_left"] & ~tumour}
    (found,) = lesions(outlined("Anna", organs, {"tumour": tumour}))
    assert (found.organ, found.laterality) == ("lung_left", "left")
    assert found.organ_by == "100 % of what surrounds it lies in it"


def test_without_a_map_the_body_tells_the_side(outlined: Callable[..., Any], thorax: Any) -> None:
    masks = {
        "mass": thorax.ellipsoid((36, 5, 28), (8, 6, 9)),
        "GTV_middle": thorax.ellipsoid((36, 5, 1), (8, 6, 9)),
        "GTV right": thorax.ellipsoid((36, 5, 28), (8, 6, 9)),
    }
    found = lesions(outlined("Anna", masks))
    assert [(one.laterality, one.laterality_by) for one in found] == [
        ("left", "midline of the body"),
        (None, "near the midline of the body"),
        ("right", "code"),
    ]
    assert {one.organ_by for one in found} == {"no organ is outlined on its images"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"problems": ["no space directions: orientation is unknown"]}, "orientation"),
        ({"meta": {"body_part": "EXTREMITY"}}, "shows a limb"),
        ({"values": np.full((24, 60, 80), 40, np.int16)}, "whole width"),
    ],
)
def test_an_unknown_side_stays_unknown(
    outlined: Callable[..., Any], thorax: Any, fields: Any, why: str
) -> None:
    mass = thorax.ellipsoid((36, 5, 28), (8, 6, 9))
    (found,) = lesions(outlined("Anna", {"mass": mass}, **fields))
    assert found.laterality is None
    assert why in found.laterality_by


def test_what_was_measured_is_read_and_not_measured_again(
    outlined: Callable[..., Any], thorax: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks = {"tumour": thorax.ellipsoid((36, 5, -28), (8, 6, 9))}
    before = outlined("Anna", thorax.organs, masks)
    assert lesions(before, keep=False)
    assert before.store["Anna"].version == before.version
    first = lesions(before)
    after = before.store["Anna"]
    assert after.version == before.version + 1
    monkeypatch.setattr(sys.modules["graphs.lesions"], "measure", None)
    assert lesions(before) == lesions(after) == first
    assert before.store["Anna"].version == after.version
    rows = after.observations
    assert set(rows["target"]) == {"segmentations/seg-2#label=tumour"}
    longest = rows[rows["name"] == "Longest diameter"].iloc[0]
    assert longest["number"] == first[0].measures.longest_mm
    assert (longest["unit"], longest["site"], longest["laterality"]) == (
        "mm", "lung_right", "right"
    )  # fmt: skip


def test_another_outline_is_measured_anew(outlined: Callable[..., Any], thorax: Any) -> None:
    mask = thorax.ellipsoid((36, 5, -28), (8, 6, 9))
    patient = outlined("Anna", {"tumour": mask})
    (first,) = lesions(patient)
    moved = np.roll(mask, 3, axis=0)  # as many voxels
    draft = SegmentationDraft(
        item="seg-1", modality="SEG", name="made up", segments=[SegmentDraft(1, "tumour")],
        shape=thorax.shape, affine=thorax.affine, load=lambda _: moved, sources=[],
        image="ct-1", image_reason="made so", synthetic=True,
    )  # fmt: skip
    with patient.store.transaction("corrected") as t:
        t.put(patient.key, draft)
    assert describe(patient).item == ""  # of the outline as it was: not the report of today
    assert not patient.store["Anna"].reports
    (second,) = lesions(patient.store["Anna"])
    assert second.measures.plane == first.measures.plane + 3
    assert len(patient.store["Anna"].derived("runs", every=True)) == 1


def test_a_code_counts_more_than_a_name(outlined: Callable[..., Any], thorax: Any) -> None:
    mass = thorax.ellipsoid((36, 5, 28), (8, 6, 9))
    codes = {"x": Code("108369006", "SCT", "Neoplasm"), "tumour": Code("17621005", "SCT", "Normal")}
    (found,) = lesions(outlined("Anna", {"x": mass, "tumour": mass}, codes=codes))
    assert (found.label, found.code, found.role_by) == (
        "x", "SCT:108369006", "code SCT:108369006"
    )  # fmt: skip


def test_empty_outlines_are_no_lesions(outlined: Callable[..., Any], thorax: Any) -> None:
    patient = outlined("Anna", {"tumour": np.zeros(thorax.shape, bool)})
    assert lesions(patient) == []
    assert lesions(patient) == []


def test_a_real_patient(bundled: Callable[[str], Store]) -> None:
    """PCAMPMRI-00001: an oblique MR whose SEG has a lesion, a prostate and normal tissue."""
    (found,) = lesions(bundled("PCAMPMRI-00001")["PCAMPMRI-00001"])
    assert (found.label, found.code, found.organ) == ("Lesion", "SCT:52988006", "prostate")
    assert found.measures.voxels == 118
    assert found.measures.longest_mm == pytest.approx(10.1, abs=0.1)
    assert found.measures.units == "1"


def test_a_person_may_say_what_an_outline_is(outlined: Callable[..., Any], thorax: Any) -> None:
    mask = thorax.ellipsoid((36, 5, 28), (8, 6, 9))
    patient = outlined("Anna", {"label 1": mask, "label 2": mask})
    assert lesions(patient) == []
    named = {"label 2": "enhancing tumor"}
    (found,) = lesions(patient, named=named)
    assert (found.label, found.name, found.noun) == ("label 2", "enhancing tumor", "tumor")
    assert found.role_by == "a person calls it 'enhancing tumor'"
    version = patient.store["Anna"].version
    assert lesions(patient.store["Anna"], named=named) == [found]
    assert lesions(patient.store["Anna"]) == []
    assert patient.store["Anna"].version == version
    runs = patient.store["Anna"].derived("runs", every=True)
    assert '{"named": {"label 2": "enhancing tumor"}}' in set(runs["settings"])


def test_an_outline_on_another_grid_than_its_image(
    outlined: Callable[..., Any], thorax: Any
) -> None:
    patient = outlined("Anna")
    coarse = thorax.affine @ np.diag([2.0, 2.0, 1.0, 1.0])
    mask = np.zeros((24, 30, 40), bool)
    mask[10:14, 15:18, 25:29] = True
    draft = SegmentationDraft(
        item="seg-9", modality="RTSTRUCT", name="made up", segments=[SegmentDraft(1, "GTV")],
        shape=mask.shape, affine=coarse, load=lambda _: mask, sources=[],
        image="ct-1", image_reason="made so", synthetic=True,
    )  # fmt: skip
    with patient.store.transaction("outline") as t:
        t.put(patient.key, draft)
    (found,) = lesions(patient.store["Anna"])
    m = found.measures
    assert (m.voxels, m.volume_mm3) == (48, pytest.approx(48 * 4 * 4 * 3))  # by its own voxels
    assert (m.units, m.maximum) == ("HU", -850)  # by the image's: in the left lung
    assert "by the nearest voxel" in m.problems[-1]
    assert (found.laterality, found.laterality_by) == ("left", "midline of the body")
