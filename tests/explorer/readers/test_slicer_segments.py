from __future__ import annotations

from explorer.draft import Code
from explorer.readers.slicer_segments import slicer_segments


def test_layers_labels_and_order() -> None:
    found = slicer_segments(
        {
            "Segment10_Name": "last",
            "Segment10_LabelValue": "1",
            "Segment10_Layer": "1",
            "Segment2_Name": "first",
            "Segment2_LabelValue": "5",
            "type": "short",
        }
    )
    assert list(found) == [(0, 5), (1, 1)]
    assert [one.name for one in found.values()] == ["first", "last"]


def test_other_nrrd_files_describe_none() -> None:
    assert (
        slicer_segments({"type": "short", "Segmentation_ContainedRepresentationNames": "x"}) == {}
    )


def test_codes() -> None:
    tags = "a:b|TerminologyEntry:context~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^~x"
    segment = slicer_segments({"Segment0_Tags": tags})[0, 1]
    assert segment.category == Code("123037004", "SCT", "Anatomical Structure")
    assert segment.code == Code("10200004", "SCT", "Liver")


def test_hostile_fields_are_left_out() -> None:
    found = slicer_segments(
        {
            "Segment0_Name": "\x1b[31m<b>x</b>",
            "Segment0_Color": "red green blue",
            "Segment0_Tags": "TerminologyEntry:~~~|",
            "Segment1_LabelValue": "-4",
            "Segment2_Layer": "9" * 400,
            "Segment3_LabelValue": "2",
            "Segment3_Color": "1e308 0 0",
            "Segment99999999999_Name": "no",
        }
    )
    assert [one.name for one in found.values()] == ["[31m<b>x</b>", "label 2"]
    assert all(one.color is None and one.code is None for one in found.values())
