"""References: what may be referenced, and that exactly that file is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.draft import FrameRef
from explorer.errors import FileRefusedError
from explorer.source_tree import source_tree

NAMES = [
    "plain.dcm", "a b.dcm", "a%20b.dcm", "a%2Fb.dcm", "a#b.dcm", "a?b=c&d.dcm", "ä é 患者.dcm",
    "back\\slash.dcm", "{[<\"'`^|$~>]}.dcm", "new\nline.dcm", "..dcm", "a:b.dcm", "100%.dcm",
]  # fmt: skip


@pytest.mark.parametrize(
    "folder", ["plain", "My Patients", "Ärzte", "a%20b", "100%", "#1?", "{[<'`\"^|>]}"]
)
def test_each_name_of_a_folder_or_file_reads_its_own_pixels(
    store: explorer.Store, drafts: Any, tmp_path: Path, folder: str
) -> None:
    place = tmp_path / folder
    place.mkdir()
    source_tree(store, place)
    expected = {}
    with store.transaction("synthetic") as t:
        key = t.patient("Anna")
        for number, name in enumerate(NAMES):
            values = np.full((2, 3, 4), number, np.int16)
            storage = t.put(key, drafts.image(values, f"ct-{number}", file=name, folder=place))
            # a control character cannot stand in a reference; then the pixels are copied
            assert storage == ("copied" if "\n" in name else "referenced")
            expected[f"ct-{number}"] = number
    images = store["Anna"].images
    assert {item: int(image.data[1, 2, 3]) for item, image in images.items()} == expected


def test_a_reference_out_of_the_source_folders_is_refused(
    store: explorer.Store, drafts: Any, tmp_path: Path
) -> None:
    inside = drafts.folder
    for place in (tmp_path / "elsewhere", Path(f"{inside}2")):
        with (
            pytest.raises(FileRefusedError, match="outside of the ingested folder"),
            store.transaction("synthetic") as t,
        ):
            t.put(t.patient("Anna"), drafts.image(folder=place))
    assert "Anna" not in store


def test_a_reference_that_climbs_out_by_dots_is_refused(
    store: explorer.Store, drafts: Any, tmp_path: Path
) -> None:
    draft = drafts.image(folder=tmp_path / "elsewhere")
    uri = f"{drafts.folder}/../elsewhere/slices.raw"
    draft.frames = [FrameRef(uri, f.offset, f.length) for f in draft.frames]
    draft.sources = [dataclasses.replace(draft.sources[0], uri=uri)]
    with (
        pytest.raises(FileRefusedError, match="outside of the ingested folder"),
        store.transaction("synthetic") as t,
    ):
        t.put(t.patient("Anna"), draft)


def test_pixels_outside_can_be_copied(put: Callable[..., Any], drafts: Any, tmp_path: Path) -> None:
    patient = put("Anna", drafts.image(folder=tmp_path / "elsewhere"), copy=True)
    assert patient.images["CT"].storage == "copied"
    assert patient.images["CT"].data.values.ravel().tolist() == list(range(24))


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<i2", ">i2", "u1", "<f4", ">f4", "<i4"])
@pytest.mark.parametrize("copy", [False, True])
def test_every_byte_order_reads_the_same_by_reference_and_copied(
    put: Callable[..., Any], drafts: Any, dtype: str, copy: bool
) -> None:
    values = (np.arange(24).reshape(2, 3, 4) * 5).astype(dtype)
    image = put("Anna", drafts.image(values), copy=copy).images["CT"]
    assert image.storage == ("copied" if copy else "referenced")
    assert np.asarray(image.stored[...]).tolist() == values.tolist()
    assert image.data.values.tolist() == values.tolist()


def test_pixels_of_another_shape_than_promised_are_refused(
    put: Callable[..., Any], drafts: Any
) -> None:
    draft = drafts.image()
    draft.load = lambda: np.zeros((2, 3, 5), np.int16)
    with pytest.raises(FileRefusedError, match=r"\(2, 3, 5\).*\(2, 3, 4\)"):
        put("Anna", draft, copy=True)


def test_too_few_frames_are_refused(put: Callable[..., Any], drafts: Any) -> None:
    draft = drafts.image()
    draft.frames = draft.frames[:1]
    with pytest.raises(FileRefusedError, match="1 frames for"):
        put("Anna", draft)
