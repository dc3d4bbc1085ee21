"""Measurements by hand: their numbers, their rows, their addresses, and taking them back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.address import Address
from explorer.draft import ImageDraft
from explorer.errors import NotFoundError
from explorer.space import index_to_lps, make_affine
from graphs import assemble, put_measurement, withdraw_measurement
from graphs.errors import MeasureError
from graphs.hand_measures import hand_measures

# turned by 30 degrees about the long axis; 0.8 x 1 x 2.5 mm
TURN = np.array([[np.cos(0.52), -np.sin(0.52), 0], [np.sin(0.52), np.cos(0.52), 0], [0, 0, 1]])
AFFINE = make_affine([-20.0, 10, 5], TURN @ np.diag([0.8, 1.0, 2.5]))
SHAPE = (12, 40, 50)


def _image(folder: Path, **more: Any) -> Any:
    values = np.broadcast_to(np.arange(50, dtype=np.int16) * 10, SHAPE).copy()
    draft = ImageDraft(**{
        "item": "ct", "modality": "CT", "name": "made-up ct", "dims": ("z", "y", "x"),
        "shape": SHAPE, "dtype": values.dtype, "affine": AFFINE, "load": lambda: values,
        "sources": [], "units": "HU", "frame_of_reference": "1.2.3", "synthetic": True, **more,
    })  # fmt: skip
    store = explorer.open(folder / "made.onco", create=True)
    with store.transaction("made for a test") as t:
        t.put(t.patient("made-up", synthetic=True), draft)
    return store["made-up"].images["ct"]


@pytest.fixture
def image(tmp_path: Path) -> Any:
    return _image(tmp_path)


def _at(*voxels: tuple[float, float, float]) -> Any:
    return index_to_lps(AFFINE, voxels)


def _numbers(found: Any) -> dict[str, tuple[float, str]]:
    return {name: (number, unit) for name, _, number, unit in found.rows}


def test_a_distance_is_that_of_the_points(image: Any) -> None:
    found = hand_measures(image, "distance", _at((2, 5, 5), (6, 17, 20)))
    wanted = np.linalg.norm([4 * 2.5, 12 * 1.0, 15 * 0.8])
    assert _numbers(found) == {"Length": (pytest.approx(wanted), "mm")}
    assert found.box == ((2, 7), (5, 18), (5, 21))


def test_an_ellipse_has_its_area_and_the_values_in_it(image: Any) -> None:
    ends = _at((3, 20, 15), (3, 20, 35), (3, 12, 25), (3, 28, 25))  # 16 x 16 mm: a circle
    found = _numbers(hand_measures(image, "ellipse", ends))
    assert found["Area"] == (pytest.approx(np.pi * 64), "mm2")
    assert found["Major axis"][0] == pytest.approx(16)
    y, x = np.mgrid[:40, :50]
    inside = ((y - 20) / 8) ** 2 + ((x - 25) / 10) ** 2 <= 1
    values = (x * 10)[inside]
    assert found["Mean"] == (pytest.approx(values.mean()), "HU")
    assert found["Standard deviation"][0] == pytest.approx(values.std())
    assert (found["Minimum"][0], found["Maximum"][0]) == (values.min(), values.max())


def test_a_box_has_an_area_in_a_slice_and_a_volume_beyond(image: Any) -> None:
    flat = hand_measures(image, "box", _at((3, 10, 10), (3, 19, 29)))
    assert _numbers(flat)["Area"] == (pytest.approx(10 * 20 * 0.8), "mm2")
    assert flat.box == ((3, 4), (10, 20), (10, 30))
    assert _numbers(flat)["Mean"][0] == pytest.approx(195)
    deep = _numbers(hand_measures(image, "box", _at((6, 19, 29), (3, 10, 10))))
    assert deep["Volume"] == (pytest.approx(4 * 10 * 20 * 2), "mm3")


def test_what_cannot_be_measured_is_refused(image: Any) -> None:
    good = _at((2, 5, 5), (2, 17, 20))
    slanted = _at((3, 20, 15), (3, 20, 35), (3, 12, 15), (3, 28, 35))
    oblique = _at((2, 20, 15), (2, 20, 35), (5, 12, 25), (5, 28, 25))
    for shape, points in [
        ("distance", good[:1]), ("distance", good[[0, 0]]), ("circle", good),
        ("distance", good + 500), ("distance", good * np.nan),
        ("ellipse", slanted), ("ellipse", oblique),
    ]:  # fmt: skip
        with pytest.raises(MeasureError):
            hand_measures(image, shape, points)
    for nobody in ("", " "):
        with pytest.raises(MeasureError):
            put_measurement(image, "distance", good, nobody)


def test_pixels_without_a_size_give_no_mm(tmp_path: Path) -> None:
    said = "no pixel spacing: 1 mm is assumed, sizes in mm mean nothing"
    found = hand_measures(_image(tmp_path, problems=[said]), "distance", _at((2, 5, 5), (2, 5, 10)))
    assert found.rows[0][3] == "px"
    assert found.problems


def test_rows_say_who_when_where_and_their_address_resolves(image: Any) -> None:
    store = image.patient.store
    ends = _at((3, 20, 15), (3, 20, 35), (3, 12, 25), (3, 28, 25))
    before = store["made-up"].version
    made = put_measurement(
        image, "ellipse", ends, "A. <b>Reader", label="<i>mass", finding="mass",
        finding_code="SCT:4147007", site="liver", tracking="1.2.840.1", note="hazy",
    )  # fmt: skip
    patient = store["made-up"]
    assert patient.version == before + 1
    first = made.resolve(store).value
    assert first[["name", "unit"]].values.tolist() == [["Area", "mm2"]]
    every = Address(made.key, "observations", made.item).resolve(store).value
    assert list(every["name"][:2]) == ["Area", "Major axis"]
    assert set(every["target"]) == {"images/ct#box=3:4,12:29,15:36"}
    assert set(every["group_uid"]) == {"1.2.840.1"}
    assert every["synthetic"].all()
    about = json.loads(first["detail"].iloc[0])["measured"]
    assert (about["by"], about["note"], about["shape"]) == ("A. <b>Reader", "hazy", "ellipse")
    assert about["at"] > "2000"
    assert np.allclose(about["points_lps"], ends)
    run = patient.derived("runs").iloc[-1]
    assert (run["producer"], run["version"], run["kind"]) == ("person", "A. <b>Reader", "measure")
    graph = assemble(patient)
    assert str(made) in graph
    lesion = f"onco:{made.key}/lesions/1.2.840.1"
    assert graph.has_edge(lesion, str(made))
    assert graph.has_edge(str(made), f"onco:{made.key}/images/ct")


def test_one_more_stands_beside_it_and_is_taken_back_alone(image: Any) -> None:
    store, ends = image.patient.store, _at((2, 5, 5), (2, 17, 20))
    one, other = (put_measurement(image, "distance", ends, "A. Reader") for _ in range(2))
    assert one != other
    kept = store["made-up"].version
    withdraw_measurement(store["made-up"], other, "B. Reader", "slipped")
    patient = store["made-up"]
    assert len(one.resolve(store).value) == 1
    with pytest.raises(NotFoundError):
        other.resolve(store)
    old = Address(other.key, other.kind, other.item, kept, other.fragment)
    assert len(old.resolve(store).value) == 1
    run = next(row for row in patient.rows("runs") if row["run"] == other.item)
    assert run["state"] == "withdrawn by B. Reader"
    assert json.loads(run["detail"])["withdrawn"]["reason"] == "slipped"
    graph = assemble(patient)
    assert str(one) in graph
    assert str(other) not in graph
    for wrong in (other, f"onco:{one.key}/observations/run-0", str(image.address)):
        with pytest.raises(NotFoundError):
            withdraw_measurement(patient, wrong, "B. Reader")
    with pytest.raises(MeasureError):
        withdraw_measurement(patient, one, "")


def test_the_bundled_glioma_is_measured(bundled: Callable[..., Any]) -> None:
    """A voxel's own step of a real scan, along the three axes."""
    patient = next(iter(bundled("UPENN-GBM-00002").values()))
    image = next(iter(patient.images.values()))
    for axis, spacing in enumerate(image.spacing_mm):
        ends = np.full((2, 3), 60)
        ends[1, axis] += 20
        points = index_to_lps(image.affine, ends, image.slice_origins)
        length = hand_measures(image, "distance", points).rows[0][2]
        assert length == pytest.approx(20 * spacing)
