from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from explorer.is_quantity import is_quantity


@pytest.mark.parametrize(
    ("texts", "numbers", "unit", "is_one"),
    [
        (["61", "62"], [61, 62], "kg", True),
        (["0", "1"], [0, 1], "", False),
        (["0", "1"], [0, 1], "1", False),
        (["0.5", "1"], [0.5, 1], "", True),
        ([str(n) for n in range(13)], range(13), "", True),
        ([None, None], [61, 62], "kg", True),
        (["obvious", "subtle"], [5, 2], "", False),
        (["5", "none"], [5, float("nan")], "mm", False),
        ([], [], "mm", False),
    ],
)
def test_amounts_are_told_from_codes(
    texts: list[str | None], numbers: list[float], unit: str, is_one: bool
) -> None:
    assert is_quantity(pa.array(texts, pa.string()), np.array(numbers, float), unit) is is_one
