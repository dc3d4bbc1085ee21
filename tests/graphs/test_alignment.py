from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

import explorer
from explorer.draft import ImageDraft
from explorer.image import Image
from graphs.alignment import WHOLE, Alignment, align
from graphs.errors import GroundingError
from graphs.producer import Producer

TEXT = "😀 bright 結節 dark, bright."


class BrightDark:
    """Says of each pixel how bright or dark it is, for those two words."""

    producer = Producer("test.bright_dark", "1")
    trained_on = "nothing"

    def similarity(self, picture: NDArray[np.float32], text: str) -> NDArray[np.float32]:
        if text == "bright":
            return picture
        return -picture if text == "dark" else np.zeros_like(picture)


def _image(folder: Path, values: NDArray[Any]) -> Image:
    draft = ImageDraft(
        item="ct", modality="CT", name="made up",
        dims=("z", "y", "x") if values.ndim == 3 else ("y", "x"), shape=values.shape,
        dtype=values.dtype, affine=np.eye(4), load=lambda: values, sources=[], units="HU",
        synthetic=True,
    )  # fmt: skip
    store = explorer.open(folder / "a.onco", create=True)
    with store.transaction("made up") as t:
        t.put(t.patient("made-up", synthetic=True), draft, copy=True)
    return store["made-up"].images["ct"]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Three slices of 20 x 30; in the middle one a bright and a dark patch of 8."""
    values = np.zeros((3, 20, 30), np.int16)
    values[1, 8:16, 16:24] = 100
    values[1, 0:8, 0:8] = -100
    values[1, 16:20, 24:30] = 60  # cut by two edges
    return _image(tmp_path_factory.mktemp("aligned"), values)


@pytest.fixture(scope="module")
def made(image: Image) -> Alignment:
    return align(BrightDark(), image, TEXT, side=8, report="r-1", offset=7)


def test_words_are_aligned_with_the_patches_they_speak_of(made: Alignment) -> None:
    assert made.plane == 1
    assert made.grid == (3, 4)
    words = [made.text[start:end] for start, end in made.tokens]
    assert words == ["bright", "結節", "dark", "bright"]
    bright = made.patches_of(0)
    assert bright[0][0] == 1 * 4 + 2
    assert made.box(6) == ((8, 16), (16, 24))
    assert bright[1][0] == 11
    assert made.box(11) == ((16, 20), (24, 30))
    assert made.patches_of(2)[0][0] == 0
    assert made.patches_of(3) == bright
    assert made.patches_of(1) == []  # the same everywhere: nothing stands out
    assert [token for token, _ in made.tokens_of(6)] == [0, 3]
    assert made.patch_at(15, 23) == 6
    assert made.patch_at(16, 24) == 11


def test_edges_are_sparse(image: Image) -> None:
    one = align(BrightDark(), image, "bright", side=2, most=3)
    assert len(one.patches_of(0)) == 3
    assert one.grid == (10, 15)


def test_round_trip_in_zarr(made: Alignment, tmp_path: Path) -> None:
    path = made.write(tmp_path / "edges.zarr")
    read = Alignment.read(path)
    for name in ("tokens", "patch", "token", "weight"):
        assert np.array_equal(getattr(read, name), getattr(made, name))
        assert getattr(read, name).dtype == getattr(made, name).dtype
    arrays = ("tokens", "patch", "token", "weight")
    for name in set(vars(made)) - set(arrays):
        assert getattr(read, name) == getattr(made, name)
    assert zarr.open_group(path, mode="r").metadata.zarr_format == 3
    with pytest.raises(GroundingError, match="there already"):
        made.write(path)


def test_broken_groups_are_refused(made: Alignment, tmp_path: Path) -> None:
    with pytest.raises(GroundingError):
        Alignment.read(tmp_path / "nothing.zarr")
    for k, faulty in enumerate((
        replace(made, patch=made.patch + 100),
        replace(made, token=made.token[:-1]),
        replace(made, token=made.token + 99),
        replace(made, tokens=made.tokens + 1000),
        replace(made, weight=made.weight * np.float32("nan")),
    )):  # fmt: skip
        path = faulty.write(tmp_path / f"{k}.zarr")
        with pytest.raises(GroundingError):
            Alignment.read(path)


def test_a_plane_outside_is_refused(image: Image) -> None:
    with pytest.raises(GroundingError, match="Plane 3"):
        align(BrightDark(), image, "bright", plane=3)


@pytest.mark.slow
def test_the_model_that_trains_here(tmp_path: Path) -> None:
    """Of a phantom, the whole text's best patch lies where the lesion is."""
    pytest.importorskip("torch")
    from graphs.grounding.phantoms import phantom, sentence
    from graphs.grounding.train_patch_text import train_patch_text

    model = train_patch_text(0, phantoms=192, steps=90)
    rng = np.random.default_rng(99)
    hits = 0
    for k in range(12):
        one = phantom(rng)
        key, mask = next(iter(one.lesions.items()))
        (tmp_path / str(k)).mkdir()
        picture = _image(tmp_path / str(k), one.picture)
        found = align(model, picture, sentence(*key, rng), side=8)
        best = found.patches_of(WHOLE)[0][0]
        (y0, y1), (x0, x1) = found.box(best)
        hits += bool(mask[max(0, y0 - 8) : y1 + 8, max(0, x0 - 8) : x1 + 8].any())
    # 9 to 12, depending on how the processor rounds
    assert hits >= 6
