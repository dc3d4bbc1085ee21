from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import explorer
from explorer.errors import SourceChangedError


@pytest.fixture
def anna(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> explorer.Patient:
    patient = put("Anna", drafts.image(intercept=-10.0), drafts.segmentation())
    with store.transaction("more") as t:
        t.add_facts(patient.key, [{"name": "stage", "value": "II"}, {"name": "age", "number": 61}])
        t.add_text(patient.key, "r-1", "no lesion", date="2019-03-01")
    return store["Anna"]


def test_a_patient_is_one_tree(anna: explorer.Patient) -> None:
    tree = anna.tree
    assert isinstance(tree, xr.DataTree)
    assert tree.attrs == {"patient": "Anna", "version": 2}
    values = tree["images/ct-00000001/values"]
    assert values.dims == ("z", "y", "x")
    assert values.dtype == np.int16
    assert values[1, 2, 3].item() == 13
    assert values.attrs["units"] == "HU"
    masks = tree["segmentations/seg-00000001"]
    assert masks["segment_0"].dtype == bool
    assert masks["segment_0"].attrs["label"] == "lesion"
    assert masks["segment_0"].sum() == 5
    assert tree["records/facts/name"].values.tolist() == ["stage", "age"]
    assert tree["records/texts/text"].values.tolist() == ["no lesion"]
    assert tree["records/items/shape"].values.tolist() == ["2 3 4", "2 3 4"]


def test_nothing_is_read_before_somebody_looks(anna: explorer.Patient) -> None:
    Path(anna.images["CT"].sources()[0]["uri"]).unlink()
    tree = anna.tree
    assert "ct-00000001" in repr(tree)
    assert "ct-00000001" in tree._repr_html_()
    with pytest.raises(SourceChangedError):
        tree["images/ct-00000001/values"].load()


def test_xarray_opens_the_repository_by_itself(anna: explorer.Patient) -> None:
    """The arrays are plain Zarr: xarray's own opener finds them, coordinates included."""
    tree = xr.open_datatree(anna.arrays().store, engine="zarr", consolidated=False, chunks=None)
    image = tree["images/ct-00000001"]
    assert image["pixels"].dims == ("z", "y", "x")
    assert image["pixels"].values.ravel().tolist() == list(range(24))
    assert image["z"].values.tolist() == [0, 2]
    assert image["intercept"].item() == -10
    masks = tree["segmentations/seg-00000001/masks"]
    assert masks.dims == ("segment", "z", "y", "x")
    assert masks.sum() == 5


def test_a_patient_without_arrays_has_a_tree_too(store: explorer.Store) -> None:
    with store.transaction("x") as t:
        t.add_facts(t.patient("Berta"), [{"name": "stage", "value": "II"}])
    assert list(store["Berta"].tree["records"].children) == ["facts"]
