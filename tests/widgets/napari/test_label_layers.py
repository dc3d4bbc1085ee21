from __future__ import annotations

import numpy as np

from explorer.space import index_to_lps
from explorer.store import Store
from widgets.napari.image_layer import image_layer
from widgets.napari.label_layers import label_layers


def test_overlapping_segments_have_a_layer_each(demo: Store) -> None:
    (masks,) = demo["LIDC-IDRI-0314"].segmentations.values()
    layers = label_layers(masks)
    assert len(layers) == 4
    for position, (data, shown, kind) in enumerate(layers):
        assert kind == "labels"
        np.testing.assert_array_equal(
            np.asarray(data), np.asarray(masks.stored[position]) * (position + 1)
        )
        assert shown["metadata"]["oncograph"]["labels"] == {position + 1: masks.labels[position]}
        assert shown["name"] == f"{masks.labels[position]} · MASK"
        colour = masks.colors[masks.labels[position]]
        np.testing.assert_allclose(shown["colormap"][position + 1], (*np.divide(colour, 255), 1))
        assert shown["features"]["code"][1] == "Nodule"


def test_segments_apart_share_a_layer(demo: Store) -> None:
    (masks,) = demo["UPENN-GBM-00002"].segmentations.values()
    ((data, shown, _),) = label_layers(masks)
    values = np.asarray(data)
    for position, row in enumerate(masks.segments):
        np.testing.assert_array_equal(values == position + 1, np.asarray(masks.stored[position]))
        assert (values == position + 1).sum() == row["voxels"]
    assert shown["metadata"]["oncograph"]["labels"] == dict(enumerate(masks.labels, 1))
    assert values.any()
    for part in (np.s_[70], np.s_[70, 120:140, 100], np.s_[::3, 5:200:2, ::4], np.s_[5:5]):
        np.testing.assert_array_equal(np.asarray(data[part]), values[part])


def test_a_segment_lies_at_one_place_in_its_own_layer_and_in_the_images(demo: Store) -> None:
    for name, label in (("PCAMPMRI-00001", "Lesion"), ("STS_002", "GTV_Mass_PET")):
        patient = demo[name]
        masks = next(one for one in patient.segmentations.values() if label in one.labels)
        image = patient.images[masks.image]
        _, shown, _ = image_layer(image)
        about = shown["metadata"]["oncograph"]
        layers = label_layers(masks, about["world"])
        position = masks.labels.index(label)
        data, mine, _ = next(
            one for one in layers if position + 1 in one[1]["metadata"]["oncograph"]["labels"]
        )
        middle = np.argwhere(np.asarray(data) == position + 1).mean(axis=0)
        there = middle @ mine["affine"][:3, :3].T + mine["affine"][:3, 3]
        index = np.argwhere(np.asarray(masks.stored[position])).mean(axis=0)
        in_image = about["placement"].to_world(index)
        np.testing.assert_allclose(there, in_image, atol=1e-3)
        lps = index_to_lps(image.affine, index)
        np.testing.assert_allclose(about["world"].to_lps(there), lps, atol=5e-3)
