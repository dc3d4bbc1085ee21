from __future__ import annotations

import io

from PIL import Image as Pillow

from explorer.picture import Picture


def test_a_notebook_gets_a_png_of_its_size() -> None:
    picture = Picture((2.0, 1.0), facecolor="black")
    picture.subplots().plot([0, 1])
    shown = Pillow.open(io.BytesIO(picture._repr_png_()))
    assert (shown.format, shown.size) == ("PNG", (200, 100))
    assert shown.convert("RGB").getpixel((0, 0)) == (0, 0, 0)
    picture.savefig(io.BytesIO(), format="svg")
