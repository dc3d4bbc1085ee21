"""A made-up PET: sixty hot spots, and sentences that name them by SUVmax and slice."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.ingest import ingest
from explorer.run_draft import RunDraft
from explorer.store import open_store
from graphs.check import check
from graphs.finding import Finding, ImageReference
from graphs.grounding.ground import ground
from graphs.grounding.measurement import MeasurementGrounder
from graphs.grounding.pet import grow, peaks
from graphs.grounding.reported import Reported
from graphs.grounding.search import Search
from graphs.measured_value import MeasuredValue

SPOTS, SHAPE, MM = 60, (96, 96, 96), (3.0, 3.0, 3.0)
Spot = tuple[tuple[int, int, int], float, float]


def _spots(seed: int) -> list[Spot]:
    """Centres that lie apart, SUVs from 2 to 20, widths of 1.2 to 2.2 voxels."""
    chance = random.Random(seed)
    found: list[Spot] = []
    while len(found) < SPOTS:
        at = (chance.randrange(8, 88), chance.randrange(14, 82), chance.randrange(14, 82))
        if all(max(abs(a - b) for a, b in zip(at, o[0], strict=True)) >= 9 for o in found):
            found.append((at, chance.uniform(2, 20), chance.uniform(1.2, 2.2)))
    return found


def _phantom(spots: list[Spot]) -> np.ndarray[Any, np.dtype[np.float32]]:
    noise = np.random.default_rng(0).normal(0, 0.03, SHAPE)
    values = np.zeros(SHAPE)
    values[:, 8:88, 8:88] = 0.6  # a body, in air
    values += noise * (values > 0)
    reach = np.arange(-8, 9)
    far = sum(np.square(axis) for axis in np.meshgrid(reach, reach, reach, indexing="ij"))
    for at, suv, width in spots:
        place = tuple(slice(a - 8, a + 9) for a in at)
        values[place] = np.maximum(values[place], suv * np.exp(-far / (2 * width**2)))
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def spots() -> list[Spot]:
    return _spots(7)


def _affine() -> np.ndarray[Any, np.dtype[np.float64]]:
    affine = np.diag([*MM[::-1], 1.0])
    affine[:3, 3] = (-144.0, -144.0, 0.0)
    return affine


@pytest.fixture(scope="module")
def pet(made_up: Any, spots: list[Spot]) -> Any:
    return made_up.patient(
        "pet phantom", {}, "Synthetic.", image=_phantom(spots), modality="PT", units="SUVbw",
        affine=_affine(),
    )  # fmt: skip


def _report(spots: list[Spot], first: int, from_above: bool) -> tuple[str, list[Finding]]:
    """Generated sentences, SUVmax to one decimal, and their findings with true places."""
    text, found = "", []
    for k, (at, suv, _) in enumerate(spots):
        z = first + (SHAPE[0] - 1 - at[0] if from_above else at[0])
        begin = len(text)
        text += f"FDG-avid lesion with SUVmax {suv:.1f} (image {z}). "
        start = text.index("SUVmax", begin) + len("SUVmax ")
        value = MeasuredValue((round(suv, 1),), "SUV", "suvmax", start, start + len(f"{suv:.1f}"))
        found.append(
            Finding(
                begin + 10, begin + 16, "lesion", "lesion", measurements=(value,), item="r-1",
                refers=(ImageReference(image=z),), sentence_start=begin,
                sentence_end=len(text) - 1, id=f"f-{k}",
            )
        )  # fmt: skip
    return text, found


def _holds(target: str, at: tuple[int, int, int]) -> bool:
    spans = [one.split(":") for one in target.split("box=")[1].split(",")]
    return all(int(a) <= i < int(b) for (a, b), i in zip(spans, at, strict=True))


def _said(suv: float, image: int | None) -> Finding:
    value = MeasuredValue((round(suv, 1),), "SUV", "suvmax", 0, 0)
    refers = () if image is None else (ImageReference(image=image),)
    return Finding(
        0, 6, "lesion", "lesion", measurements=(value,), refers=refers, item="r-1", id="f"
    )


@pytest.mark.parametrize(
    ("first", "from_above"), list(itertools.product((0, 1), (False, True))), ids=str
)
def test_sixty_lesions_by_suvmax_and_slice(
    pet: Any, spots: list[Spot], first: int, from_above: bool
) -> None:
    text, findings = _report(spots, first, from_above)
    with pet.store.transaction("a report") as t:
        t.add_text(pet.key, "r-1", text, date="2020-01-01", synthetic=True)
    key = pet.key
    run = RunDraft(
        "findings", "made up", "1", input="reports/r-1", findings=[one.row() for one in findings]
    )
    with pet.store.transaction("its findings") as t:
        t.put_run(key, run)
    patient = pet.store[key]
    outcomes = []
    for finding, (at, _, _) in zip(findings, spots, strict=True):
        found = ground(finding, patient, ["explicit", "measurement"])
        if found.status == "proposed":
            outcomes.append("right" if tuple(found.detail["seed"]) == at else "wrong")
        else:
            # what is not told apart is said to be ambiguous, the right one among the choice
            assert found.detail.get("tie"), found.reason
            assert any(_holds(one.target, at) for one in found.alternatives)
            outcomes.append("tie")
    assert outcomes.count("right") / SPOTS >= 0.98, outcomes
    assert "wrong" not in outcomes


def test_two_of_one_suvmax_are_a_tie_and_the_slice_breaks_it(made_up: Any) -> None:
    twins: list[Spot] = [((20, 48, 30), 8.0, 1.5), ((60, 48, 66), 8.0, 1.5)]
    patient = made_up.patient(
        "twins", {}, "Synthetic.", image=_phantom(twins), modality="PT", units="SUVbw",
        affine=_affine(),
    )  # fmt: skip
    tie = ground(_said(8.0, None), patient, ["measurement"])
    assert tie.detail["tie"]
    assert len(tie.alternatives) == 2
    found = ground(_said(8.0, 20), patient, ["measurement"])
    assert found.detail["seed"] == [20, 48, 30]
    left = Finding(**{**vars(_said(8.0, None)), "laterality": "left"})
    assert ground(left, patient, ["measurement"]).detail["seed"] == [60, 48, 66]
    none = ground(_said(14.0, 20), patient, ["measurement"])
    assert (none.status, none.target) == ("abstained", None)


def test_a_region_stops_at_its_size_and_its_box_is_the_target(pet: Any, spots: list[Spot]) -> None:
    at, suv, width = max(spots, key=lambda spot: spot[1])
    found = ground(_said(suv, at[0]), pet, ["measurement"])
    full_width = 2 * width * np.sqrt(2 * np.log(1 / 0.41)) * MM[0]
    spans = found.target.split("box=")[1].split(",")
    for (a, b), step, middle in zip(
        (map(int, one.split(":")) for one in spans), MM, at, strict=True
    ):
        assert a <= middle < b
        assert (b - a) * step == pytest.approx(full_width, abs=2 * step)
    assert found.geometry == "box3d"
    assert found.detail["grown_above"] == 0.41


def test_the_shoulder_of_a_hotter_lesion_is_no_lesion() -> None:
    values = np.ones((9, 9, 9), np.float32)
    values[4, 4, 2:7] = (5.0, 4.9, 4.85, 9.0, 5.0)
    assert grow(values, (4, 4, 2), MM) is None
    region = grow(values, (4, 4, 5), MM)
    assert region is not None
    assert region.suvmax == 9.0
    assert region.box == ((4, 5), (4, 5), (2, 7))
    small = grow(values, (4, 4, 5), MM, size_mm=3.0)
    assert small is not None
    assert (small.fraction, small.box) == (0.6, ((4, 5), (4, 5), (5, 6)))


def test_one_peak_of_a_plateau_and_none_without_a_value() -> None:
    values = np.zeros((4, 5, 5), np.float32)
    values[1, 2, 2:4] = 6.0
    assert peaks(values, Reported("lesion", suvmax=6.0, suv_step=0.1), None, MM) == [(1, 2, 2)]
    assert peaks(values, Reported("lesion"), None, MM) == []
    assert peaks(values, Reported("lesion", suvmax=9.0), None, MM) == []


def test_the_hottest_voxel_of_a_real_pet_leads_back_to_itself(
    shared_data: Path, tmp_path: Path
) -> None:
    """STS_003's PET has no report: its own maximum, as a report would write it, plays one."""
    folder = shared_data / "sts_ct_pet_mr_rtstruct" / "STS_003"
    if not folder.is_dir():
        pytest.skip("needs the shared data: no PET of STS_003")
    ingest(folder, tmp_path / "pet.onco")
    patient = open_store(tmp_path / "pet.onco")["STS_003"]
    image = next(one for one in patient.images.values() if one.units.startswith("SUV"))
    values = np.asarray(image.data)
    at = np.unravel_index(int(values.argmax()), values.shape)
    search = Search(patient, lesions=[])
    finding = _said(float(values[at]), int(at[0]))
    found = MeasurementGrounder().ground(finding, search)
    assert found.detail.get("seed") == [int(i) for i in at], found.reason


def test_a_region_grown_to_the_size_that_is_said_does_not_confirm_it(made_up: Any) -> None:
    text = "FINDINGS: A lesion of 30 mm, SUVmax 8.0."
    one_spot = _phantom([((20, 48, 30), 8.0, 2.0)])
    patient = made_up.patient(
        "grown", {}, text, image=one_spot, modality="PT", units="SUVbw", affine=_affine()
    )
    found = {one.cue: one for one in check(patient)}
    assert found["suvmax"].verdict == "agrees"
    assert found["size"].verdict == "cannot tell"
    assert "needs an outline" in found["size"].reason
    assert found["size"].image_value
