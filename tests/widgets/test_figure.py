from __future__ import annotations

import inspect
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image as Pillow

import widgets
from explorer.errors import StoreError
from explorer.image import Image
from explorer.store import Store
from graphs.alignment import Alignment
from graphs.producer import Producer
from widgets.figure import figure
from widgets.reader_form import ReaderPair

LICENCES = {
    "STS_002": "Soft-tissue-Sarcoma",
    "TCGA-BP-5195": "TCGA-KIRC",
    "TCGA-34-2605": "TCGA-LUSC",
    "CMB-CRC-MSB-06489": "CMB-CRC",
}
UNKNOWN = "Licence of the data: unknown"
# whom a view needs that shows more than images
WHOM = {"ReportView": "TCGA-BP-5195", "ProjectionView": "TCGA-34-2605",
        "CompareView": "CMB-CRC-MSB-06489"}  # fmt: skip


def _views() -> list[str]:
    """Every view that the room offers; a new one is held to the same."""
    found = {name: getattr(widgets, name) for name in widgets.__all__}
    return [
        name
        for name, one in found.items()
        if inspect.isclass(one) and callable(getattr(one, "figure", None))
    ]


def _table() -> pd.DataFrame:
    return pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [1.0, 0.0, 2.0], "patient": list("abc")})


def _aligned(image: Image) -> Alignment:
    return Alignment(
        image=image.id, plane=1, shape=image.shape[-2:], side=8, text="a nodule", report="r-1",
        offset=0, tokens=np.array([[0, 1], [2, 8]]), patch=np.array([6]), token=np.array([1]),
        weight=np.array([0.9], np.float32), producer=Producer("test", "1"), trained_on="nothing",
    )  # fmt: skip


def _made(name: str, demo: Store, folder: Path) -> tuple[Any, str]:
    """A view of the demo, and what its figure's line says of the data."""
    whom, kind = WHOM.get(name, "STS_002"), getattr(widgets, name)
    patient, said = demo[whom], LICENCES[whom]
    ct = next((one for one in patient.images.values() if one.modality == "CT"), None)
    first = next(iter(inspect.signature(kind).parameters))
    if first == "data":  # a table of numbers alone says nothing of where they come from
        return kind(_table(), "x", "y"), UNKNOWN
    if first == "pairs":
        form = kind([ReaderPair("p", "one", "other", "normal")], "Ada", folder / "votes.jsonl")
        form.vote("equal")
        return form, UNKNOWN
    if first == "alignment":
        assert ct is not None
        return kind(_aligned(ct), patient), said
    given = {"patient": patient, "source": patient, "image": ct, "store": demo}
    if first not in given:
        pytest.fail(f"say here how {name} is made, so that its figure is held to the same")
    return kind(given[first]), said


@pytest.mark.parametrize("name", _views())
def test_every_view_gives_a_figure_for_a_paper(name: str, demo: Store, tmp_path: Path) -> None:
    view, collection = _made(name, demo, tmp_path)
    made = figure(view)
    assert isinstance(made.figure, Figure)
    assert collection in made.line
    assert "Licence" in made.line
    svg = made.save(tmp_path / "f.svg").read_text("utf-8")
    assert "<text" in svg  # letters, not outlines of letters
    assert collection in svg
    assert svg == made.save(tmp_path / "again.svg").read_text("utf-8")
    close = getattr(view, "close", None)
    if close is not None:
        close()


def test_kinds_and_resolution(demo: Store, tmp_path: Path) -> None:
    view = widgets.SliceView(demo["STS_002"].images["CT"])
    made = figure(view, line="")
    assert made.line == ""
    with Pillow.open(made.save(tmp_path / "f.png")) as png:
        assert round(float(png.info["dpi"][0])) == 300
    pdf = made.save(tmp_path / "f.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/Type42" in pdf or b"TrueType" in pdf or b"CIDFontType2" in pdf
    assert Pillow.open(io.BytesIO(made._repr_png_())).width > 400
    with pytest.raises(StoreError, match=r"not saved as \.gif"):
        made.save(tmp_path / "f.gif")


def test_the_licence_stands_below_the_legend(demo: Store) -> None:
    patient = demo["STS_002"]
    seg = patient.segmentations["RTstruct_CT"]
    made = figure(widgets.SliceView(patient.images["CT"], seg))
    shot = np.asarray(Pillow.open(io.BytesIO(made._repr_png_())).convert("RGB"), int)
    red = (shot[..., 0] > 200) & (shot[..., 1:].max(axis=2) < 60)  # the segment's own colour
    lines = np.flatnonzero((shot.min(axis=2) > 120).any(axis=1) & (np.arange(len(shot)) > 0))
    last = np.flatnonzero(red.any(axis=1)).max()
    assert last < lines.max() - 8, "the line is written over the legend"
