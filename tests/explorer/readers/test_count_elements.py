from __future__ import annotations

import io

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from explorer.readers.count_elements import count_elements


def encoded(implicit: bool, little: bool, undefined: bool) -> bytes:
    """Three items of a code sequence and a number each: 3 x (item, SQ, item, LO, DS)."""
    items = []
    for _ in range(3):
        code = Dataset()
        code.CodeMeaning = "a meaning"
        item = Dataset()
        item.MeasurementUnitsCodeSequence = Sequence([code])
        item["MeasurementUnitsCodeSequence"].is_undefined_length = undefined
        item.RealWorldValueSlope = 1.0
        items.append(item)
    whole = Dataset()
    whole.RealWorldValueMappingSequence = Sequence(items)
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    write_dataset(buffer, whole)
    head = 8 if implicit else 12
    return io.BytesIO(buffer.getvalue()).getvalue()[head:]


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_counts(implicit: bool, little: bool, undefined: bool) -> None:
    found = count_elements(encoded(implicit, little, undefined), implicit, little, 100)
    assert found == 3 * 5 + (3 if undefined else 0)  # and a sequence delimiter each


def test_stops_at_the_limit() -> None:
    assert count_elements(b"\x08\x00\x00\x10LO\x00\x00" * 1000, False, True, 10) == 11


@pytest.mark.parametrize("value", [b"", b"\xff" * 1000, bytes(1000), b"\x08\x00\x00\x10OB"])
@pytest.mark.parametrize("implicit", [True, False])
def test_garbage_ends(value: bytes, implicit: bool) -> None:
    assert count_elements(value, implicit, True, 500) <= 501
