from __future__ import annotations

import highdicom as hd
import numpy as np
import pytest
from pydicom.dataset import Dataset

from explorer.draft import Code
from explorer.readers.seg_segments import read_code, read_segments, unique_names


def coded(value: str, scheme: str, meaning: str = "") -> Dataset:
    code, holder = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    holder.SegmentedPropertyTypeCodeSequence = [code]
    return holder


def segments(*labels: str | None, **more: object) -> Dataset:
    dataset = Dataset()
    dataset.SegmentSequence = []
    for number, label in enumerate(labels, start=1):
        item = Dataset()
        item.SegmentNumber = number
        if label is not None:
            item.SegmentLabel = label
        for name, value in more.items():
            setattr(item, name, value)
        dataset.SegmentSequence.append(item)
    return dataset


def test_names_are_made_unique() -> None:
    assert unique_names(["a", "a", "b", "a"]) == ["a", "a 2", "b", "a 3"]
    assert unique_names(["a", "a", "a 2"]) == ["a", "a 3", "a 2"]
    assert unique_names([]) == []


def test_snomed_rt_becomes_snomed_ct() -> None:
    name = "SegmentedPropertyTypeCodeSequence"
    assert read_code(coded("T-62000", "SRT", "Liver"), name) == Code("10200004", "SCT", "Liver")
    assert read_code(coded("10200004", "SCT", "Liver"), name) == Code("10200004", "SCT", "Liver")
    assert read_code(coded("X-1", "99LOCAL"), name) == Code("X-1", "99LOCAL", "X-1")
    assert read_code(coded("", "SCT"), name) is None
    assert read_code(Dataset(), name) is None


@pytest.mark.parametrize("rgb", [(221, 130, 101), (128, 174, 128), (0, 0, 0), (255, 255, 255)])
def test_colours_come_back_as_highdicom_wrote_them(rgb: tuple[int, int, int]) -> None:
    lab = hd.color.CIELabColor.from_rgb(*rgb).value
    (found,) = read_segments(segments("a", RecommendedDisplayCIELabValue=list(lab)))
    assert found.color is not None
    assert np.abs(np.subtract(found.color, rgb)).max() <= 1


def test_a_colour_outside_of_srgb_is_cut() -> None:
    (found,) = read_segments(segments("a", RecommendedDisplayCIELabValue=[32768, 65535, 0]))
    assert found.color is not None
    assert all(0 <= one <= 255 for one in found.color)


def test_numbers_stand_in_for_names_and_repeats_are_dropped() -> None:
    dataset = segments(None, "Liver")
    dataset.SegmentSequence.append(dataset.SegmentSequence[1])
    found = read_segments(dataset)
    assert [(one.number, one.name) for one in found] == [(1, "segment 1"), (2, "Liver")]
    assert read_segments(Dataset()) == []


def test_the_background_of_a_label_map_is_no_segment() -> None:
    dataset = segments("Background", "Liver")
    dataset.SegmentSequence[0].SegmentNumber = 0
    dataset.PixelPaddingValue = 0
    assert [one.name for one in read_segments(dataset)] == ["Liver"]
