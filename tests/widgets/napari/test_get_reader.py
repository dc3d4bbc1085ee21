from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.errors import FileRefusedError
from explorer.space import index_to_lps
from explorer.store import Store
from widgets.napari.desk import desk_of
from widgets.napari.get_reader import get_reader
from widgets.napari.read_address import read_address
from widgets.napari.read_folder import read_folder


def test_only_what_it_knows_is_read(demo: Store, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("no picture")
    assert get_reader(str(tmp_path / "text")) is None
    assert get_reader(str(tmp_path / "text" / "a.txt")) is None
    assert get_reader(str(tmp_path / "nothing.dcm")) is None
    assert get_reader([str(demo.path)]) is not None
    (tmp_path / "text" / "b.dcm").write_bytes(bytes(128) + b"DICM" + b"broken")
    assert get_reader(str(tmp_path / "text")) is not None
    with pytest.raises(FileRefusedError, match="No image that can be read"):
        read_folder([tmp_path / "text"])


def test_a_folder_of_dicom_opens_without_a_store(viewer: Any, demo: Store, panel: Any) -> None:
    image = demo["PCAMPMRI-00001"].images["MR"]
    folder = Path(image.sources()[0]["uri"]).parent
    before = sorted(folder.rglob("*"))
    layers = viewer.open(str(folder), plugin="oncograph")
    assert sorted(folder.rglob("*")) == before
    assert layers[0].name.startswith("MR ")
    known = layers[0].metadata["oncograph"]
    index = [[0, 0, 0], [19, 255, 255]]
    there = known["world"].to_lps(known["placement"].to_world(index))
    np.testing.assert_allclose(there, index_to_lps(image.affine, index), atol=5e-3)
    np.testing.assert_array_equal(np.asarray(layers[0].data[7]), image.data[7].values)
    assert desk_of(viewer).patient.label == "PCAMPMRI-00001"
    masks = panel("Masks")
    if masks.segmentation is not None:
        masks.begin.click()
        assert "without a store" in masks.said.text()


def test_a_store_and_an_address_open(viewer: Any, demo: Store, panel: Any) -> None:
    layers = viewer.open(str(demo.path), plugin="oncograph")
    assert layers[0].metadata["oncograph"]["address"].startswith("onco:")
    assert panel("Patients").tree.topLevelItemCount() == 8
    patient = demo["STS_002"]
    pet = patient.images["PT"]
    with pytest.raises(FileNotFoundError):  # napari takes no other text for an address
        viewer.open(f"onco:{patient.key}/images/{pet.id}", plugin="oncograph")
    made = viewer.open(f"onco://{patient.key}/images/{pet.id}#voxel=20,10,12", plugin="oncograph")
    assert [one._type_string for one in made] == ["image", "shapes"]
    assert desk_of(viewer).patient.key == patient.key
    (masks,) = (one for one in patient.segmentations.values() if one.image == pet.id)
    (labels,) = read_address(str(masks.address), demo)
    assert labels[2] == "labels"
    whole = read_address(f"onco:{patient.key}/patients/{patient.key}", demo)
    assert [one[2] for one in whole] == ["image", "image", "labels", "labels"]
