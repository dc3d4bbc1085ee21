from __future__ import annotations

import numpy as np
import pytest

from widgets.luts import LUTS, lut


@pytest.mark.parametrize("name", LUTS)
def test_lightness_grows_all_the_way(name: str) -> None:
    linear = (lut(name) / 255) ** 2.2
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    assert lut(name).shape == (256, 3)
    assert luminance[-1] > luminance[0]
    assert (np.diff(luminance[::8]) > 0).all()


def test_an_unknown_table() -> None:
    with pytest.raises(KeyError):
        lut("jet")
