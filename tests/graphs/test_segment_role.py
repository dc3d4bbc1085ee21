from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.draft import Code
from explorer.readers.totalsegmentator_classes import class_maps
from graphs.segment_role import segment_role

NAMES = {
    "GTV_Mass_CT": ("lesion", "mass"),
    "GTV1": ("lesion", "tumor"),
    "Nodule, reader 1": ("lesion", "nodule"),
    "LiverTumor": ("lesion", "tumor"),
    "brain mets 3": ("lesion", "metastasis"),
    "liver_lesions": ("lesion", "lesion"),
    "kidney_cyst_left": ("lesion", "cyst"),
    "肝腫瘍": ("lesion", "tumor"),
    "Left Kidney": ("organ", ""),
    "lung_upper_lobe_right": ("organ", ""),
    "Peripheral zone of the prostate": ("organ", ""),
    "pleural_effusion": ("other", ""),
    "Normal": ("other", ""),
    "PTV_tumor": ("other", ""),
    "label 1": ("unknown", ""),
    "ROI-7": ("unknown", ""),
    "<img src=x onerror=alert(1)>": ("unknown", ""),
}


@pytest.fixture
def patient(outlined: Callable[..., Any], thorax: Any) -> Any:
    one = np.zeros(thorax.shape, bool)
    one[1, 1, 1] = True
    codes = {
        "a": Code("108369006", "SCT", "Neoplasm"),
        "b tumor": Code("17621005", "SCT", "Normal"),
        "c mass": Code("52988006", "SCT", "Lesion"),
    }
    names = dict.fromkeys([*NAMES, *codes], one)
    return outlined("Anna", names, {"x": one}, codes=codes)


def test_codes_and_names_tell_and_nothing_is_guessed(patient: Any) -> None:
    seg = patient.segmentations["seg-1"]
    for name, (role, noun) in NAMES.items():
        found = segment_role(seg, name)
        assert (found.role, found.noun) == (role, noun), name
        assert found.reason
    assert segment_role(seg, "a").noun == "neoplasm"
    assert segment_role(seg, "b tumor").role == "other"
    assert segment_role(seg, "c mass").noun == "mass"


def test_a_file_with_one_segment_may_say_it_in_its_name(patient: Any) -> None:
    seg = patient.segmentations["seg-2"]
    assert segment_role(seg, "x").role == "unknown"
    seg.name = "lung_tumor_mask"
    found = segment_role(seg, "x")
    assert (found.role, found.noun) == ("lesion", "tumor")
    assert "file's name" in found.reason


def test_no_class_of_totalsegmentator_is_unknown(patient: Any) -> None:
    seg = patient.segmentations["seg-1"]
    row = seg.segments[0]
    for name in class_maps()["total"].values():
        row["name"] = name
        assert segment_role(seg, name).role == ("lesion" if "cyst" in name else "organ"), name
