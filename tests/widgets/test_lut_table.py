"""Colour tables."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import NotFoundError
from widgets.lut_table import LUTS, lut_table


def test_brightness_grows_evenly() -> None:
    assert lut_table("grey") == []
    for name in LUTS[1:]:
        colors = np.array(lut_table(name)).reshape(256, 3)
        assert colors.min() >= 0
        assert colors.max() <= 255
        light = colors @ [0.299, 0.587, 0.114]
        assert (np.diff(light) > -1.5).all()
    with pytest.raises(NotFoundError):
        lut_table("jet")
