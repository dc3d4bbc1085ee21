from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from explorer.errors import FileRefusedError
from explorer.readers.dicom_kind import image_kind

CT = "1.2.840.10008.5.1.4.1.1.2"


def header(sop_class: str, modality: str) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.Modality = sop_class, modality
    return made


@pytest.mark.parametrize(
    ("sop_class", "modality", "taken", "projection"),
    [
        (CT, "CT", "CT", False),
        (CT + ".1", "CT", "CT", False),
        ("1.2.840.10008.5.1.4.1.1.4.1", "MR", "MR", False),
        ("1.2.840.10008.5.1.4.1.1.128", "PT", "PT", False),
        ("1.2.840.10008.5.1.4.1.1.1", "CR", "CR", True),
        ("1.2.840.10008.5.1.4.1.1.1", "DX", "DX", True),
        ("1.2.840.10008.5.1.4.1.1.1.2", "MG", "MG", True),
        ("1.2.840.10008.5.1.4.1.1.13.1.3", "MG", "MG", True),
        ("", "CT", "CT", False),
        ("1.2.3.4", "MR", "MR", False),
    ],
)
def test_images(sop_class: str, modality: str, taken: str, projection: bool) -> None:
    kind = image_kind(header(sop_class, modality))
    assert kind is not None
    assert (kind.modality, kind.projection, kind.note) == (taken, projection, None)


def test_a_contradiction_is_noted() -> None:
    kind = image_kind(header(CT, "MR"))
    assert kind is not None
    assert kind.modality == "CT"
    assert "Modality says 'MR'" in str(kind.note)


def test_a_secondary_capture() -> None:
    kind = image_kind(header("1.2.840.10008.5.1.4.1.1.7", "CT"))
    assert kind is not None
    assert kind.secondary


@pytest.mark.parametrize(
    ("sop_class", "modality"),
    [("1.2.840.10008.5.1.4.1.1.66.4", "SEG"), ("1.2.840.10008.5.1.4.1.1.481.3", ""), ("", "SEG")],
)
def test_others_take_these(sop_class: str, modality: str) -> None:
    assert image_kind(header(sop_class, modality)) is None


@pytest.mark.parametrize(
    ("sop_class", "modality", "said"),
    [
        ("1.2.840.10008.5.1.4.1.1.77.1.6", "SM", "VL Whole Slide Microscopy Image Storage"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "DOC", "Encapsulated PDF Storage"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "PR", "Presentation State"),
        ("1.2.840.10008.5.1.4.1.1.481.2", "RTDOSE", "RT Dose Storage"),
        ("1.2.840.10008.5.1.4.1.1.7", "OT", "modality 'OT'"),
        ("", "", "modality 'none'"),
    ],
)
def test_not_yet(sop_class: str, modality: str, said: str) -> None:
    with pytest.raises(FileRefusedError, match="not read yet") as caught:
        image_kind(header(sop_class, modality))
    assert said in str(caught.value)
