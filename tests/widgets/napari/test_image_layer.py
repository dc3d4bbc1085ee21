from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.image import Image
from explorer.patient import Patient
from explorer.space import index_to_lps
from explorer.store import Store
from widgets.napari.image_layer import image_layer
from widgets.napari.pyramid import pyramid

REAL = [
    ("STS_002", "CT"),
    ("STS_002", "PT"),
    ("PCAMPMRI-00001", "MR"),
    ("TCGA-34-2605", "CT"),
    ("UPENN-GBM-00002", "MR"),
]


def _corners(shape: tuple[int, ...]) -> Any:
    return np.array(list(np.ndindex(2, 2, 2))) * (np.array(shape) - 1)


@pytest.mark.parametrize(("patient", "modality"), REAL)
def test_voxels_of_real_images_lie_where_the_store_says(
    demo: Store, patient: str, modality: str
) -> None:
    image = demo[patient].images[modality]
    data, shown, kind = image_layer(image)
    about = shown["metadata"]["oncograph"]
    assert kind == "image"
    assert shown["units"] == ("mm", "mm", "mm")
    index = _corners(image.shape)
    own = index[:, list(about["placement"].order)]
    world = own @ shown["affine"][:3, :3].T + shown["affine"][:3, 3]  # as napari does it
    gap = about["world"].to_lps(world) - index_to_lps(image.affine, index, image.slice_origins)
    straight = patient != "PCAMPMRI-00001"
    # the prostate's slices were written down 0.004 mm from upright on its rows and columns
    assert np.abs(gap).max() < (1e-6 if straight else 5e-3)
    assert about["world"].oblique is not straight
    assert about["note"] == ""
    if straight:
        np.testing.assert_allclose(shown["affine"][:3, 3], image.affine[:3, 3][::-1])
    z = image.shape[0] // 2
    drawn = about["placement"].turned_back(data)[z]
    np.testing.assert_array_equal(np.asarray(drawn), image.data[z].values)


def test_windows_and_colours_are_those_of_the_modality(demo: Store) -> None:
    patient = demo["STS_002"]
    ct, pet = (image_layer(patient.images[name])[1] for name in ("CT", "PT"))
    assert (ct["contrast_limits"], ct["colormap"]) == ((-160, 240), "gray")
    assert (pet["contrast_limits"], pet["colormap"]) == ((0, 5), "gray_r")
    over = image_layer(patient.images["PT"], over=True)[1]
    assert (over["colormap"], over["blending"]) == ("inferno", "additive")
    assert "[SUVbw]" in pet["name"]
    assert pet["metadata"]["oncograph"]["address"] == str(patient.images["PT"].address)


def test_nothing_of_a_fixed_window_is_read_before_it_is_drawn(
    demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    plain = Image.read

    def counted(self: Image, index: tuple[Any, ...]) -> Any:
        read.append(index)
        return plain(self, index)

    monkeypatch.setattr(Image, "read", counted)
    data = image_layer(demo["TCGA-34-2605"].images["CT"])[0]
    assert read == []
    np.asarray(data[7])
    assert [index[0] for index in read] == [7]


def test_time_colour_and_pictures_have_their_axes(
    made: Callable[..., Patient], image_draft: Any
) -> None:
    turned = np.array([[0.0, 0, 3.0, 5], [0.7, 0, 0, 6], [0, -0.7, 0, 7], [0, 0, 0, 1]])
    series = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    cine = np.zeros((4, 3, 6, 7), np.uint8)
    cine[2, 1] = 200
    colors = {"dims": ("t", "c", "y", "x"), "shape": cine.shape, "dtype": cine.dtype,
              "load": lambda: cine, "units": "RGB", "modality": "US",
              "meta": {"t_values": [0, 40, 80, 120], "t_units": "ms"}}  # fmt: skip
    flat = np.arange(12, dtype=np.int16).reshape(3, 4)
    patient = made(
        image_draft("series", series, turned),
        image_draft("cine", series[0, 0], np.diag([0.5, 0.25, 1, 1]), **colors),
        image_draft("flat", flat, np.diag([0.5, 0.25, 1, 1]), modality="DX", units="1"),
    )
    data, shown, _ = image_layer(patient.images["series"])
    order = shown["metadata"]["oncograph"]["placement"].order
    assert order == (1, 2, 0)
    np.testing.assert_array_equal(np.asarray(data), series.transpose(0, 2, 3, 1))
    assert shown["affine"].shape == (5, 5)
    assert shown["axis_labels"] == ("t", "z", "y", "x")
    assert shown["units"] == ("pixel", "mm", "mm", "mm")
    data, shown, _ = image_layer(patient.images["cine"])
    assert data.shape == (4, 6, 7, 3)
    assert data.dtype == np.uint8
    assert shown["rgb"] is True
    assert np.asarray(data)[2, 0, 0].tolist() == [0, 200, 0]
    np.testing.assert_array_equal(np.diag(shown["affine"]), [40, 0.25, 0.5, 1])
    assert shown["units"] == ("ms", "mm", "mm")
    data, shown, _ = image_layer(patient.images["flat"])
    np.testing.assert_array_equal(np.asarray(data), flat)
    np.testing.assert_array_equal(np.diag(shown["affine"]), [0.25, 0.5, 1])


def test_hostile_names_are_no_markup(made: Callable[..., Patient], image_draft: Any) -> None:
    name = '<img src="http://127.0.0.1:9/x"> \x1b[31m' + "long " * 40
    values = np.zeros((2, 3, 4), np.int16)
    patient = made(image_draft("ct", values, np.eye(4), name=name))
    shown = image_layer(patient.images["ct"])[1]["name"]
    assert not set("<>\x1b\n") & set(shown)
    assert "img src" in shown
    assert len(shown) == 80


def test_big_volumes_have_coarser_levels_that_skip_slices() -> None:
    import dask.array as da

    read: list[int] = []

    def block(block_info: Any = None) -> Any:
        read.append(block_info[None]["chunk-location"][0])
        return np.zeros((1, 512, 512), np.int16)

    chunks = ((1,) * 600, (512,), (512,))
    volume = da.map_blocks(block, dtype=np.int16, chunks=chunks, meta=np.empty(0, np.int16))
    levels = pyramid(volume)
    assert [one.shape for one in levels] == [(600, 512, 512), (300, 256, 256)]
    levels[1].compute()
    assert set(read) == set(range(0, 600, 2))
    assert len(pyramid(volume[:100])) == 1
