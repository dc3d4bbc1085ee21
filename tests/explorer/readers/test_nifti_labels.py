from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from explorer.readers.nifti_labels import nifti_labels
from explorer.readers.totalsegmentator_classes import class_maps, class_modifier, class_segment

TABLE = (
    '<?xml version="1.0"?><CaretExtension><VolumeInformation Index="0"><LabelTable>\n{}'
    "</LabelTable></VolumeInformation></CaretExtension>"
)


def write(path: Path, labels: str | None, kind: Any = nib.Nifti1Image) -> Path:
    image = kind(np.ones((2, 3, 4), np.uint8), np.eye(4))
    if labels is not None:
        text = TABLE.format(labels).encode()
        image.header.extensions.append(nib.nifti1.Nifti1Extension(0, text))
    nib.save(image, path)
    return path


def test_the_real_extension_names_117_classes(dicom: Any, shared_data: Path) -> None:
    found = nifti_labels(dicom.source(shared_data / "totalsegmentator_ct/example_seg.nii.gz"))
    assert {number: one.name for (_, number), one in found.items()} == class_maps()["total"]
    liver = found[0, 5]
    assert liver.code is not None
    assert (liver.code.value, liver.code.scheme, liver.code.meaning) == ("10200004", "SCT", "Liver")


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
def test_names_and_colours_of_an_extension(dicom: Any, tmp_path: Path, kind: Any) -> None:
    labels = (
        '<Label Key="0" Red="1" Green="1" Blue="1" Alpha="0">???</Label>'
        '<Label Key="3" Red="1.0" Green="0.5" Blue="0"><![CDATA[a <b>lesion</b>]]></Label>'
        '<Label Key="3" Red="0" Green="0" Blue="0" Alpha="1"><![CDATA[twice]]></Label>'
        '<Label Key="4" Red="9" Green="0" Blue="0" Alpha="1">a &amp; b</Label>'
    )
    found = nifti_labels(dicom.source(write(tmp_path / "a.nii.gz", labels, kind)))
    assert {key: (one.name, one.color) for key, one in found.items()} == {
        (0, 3): ("a <b>lesion</b>", (255, 128, 0)),
        (0, 4): ("a & b", None),
    }


def test_statistics_beside_say_the_task(dicom: Any, tmp_path: Path) -> None:
    source = dicom.source(write(tmp_path / "seg.nii.gz", None))
    assert nifti_labels(source) == {}
    names = class_maps()["lung_nodules"].values()
    (tmp_path / "statistics.json").write_text(json.dumps({name: {} for name in names}))
    assert [one.name for one in nifti_labels(source).values()] == list(names)
    (tmp_path / "statistics.json").write_text(json.dumps({"lung": {}}))
    assert nifti_labels(source) == {}


@pytest.mark.parametrize(
    "labels", ["", "<Label", '<Label Key="1"' * 9999, "<Label Key='x'></Label>"]
)
def test_tables_that_are_none(dicom: Any, tmp_path: Path, labels: str) -> None:
    assert nifti_labels(dicom.source(write(tmp_path / "a.nii", labels))) == {}


def test_codes_of_classes() -> None:
    kidney = class_segment(2, "kidney_right")
    assert kidney.code is not None
    assert kidney.code.meaning == "Kidney"
    assert class_modifier("kidney_right") == "Right"
    assert class_modifier("liver") is None
    assert class_segment(1, "no such organ").code is None
    assert len(class_maps()["total"]) == 117
    assert all(class_segment(n, name).code for n, name in class_maps()["total"].items())
