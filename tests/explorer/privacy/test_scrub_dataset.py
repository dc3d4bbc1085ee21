"""A data set: what the standard's table says, at any depth, and what it does not list."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from explorer.privacy.identifiers import Identifiers
from explorer.privacy.scrub_dataset import Scrub, mark
from explorer.privacy.secret import Secret

SECRET = Secret(b"d" * 32)


def scrubbed(dataset: Dataset, own: Identifiers | None = None) -> tuple[Dataset, Scrub]:
    scrub = Scrub(SECRET, own or Identifiers(), -100)
    scrub(dataset)
    return dataset, scrub


def test_dates_move_together_and_parts_of_dates_go() -> None:
    dataset = Dataset()
    dataset.StudyDate, dataset.SeriesDate, dataset.AcquisitionDate = (
        "20200410",
        "2020.04.11",
        "2020",
    )
    dataset.AcquisitionDateTime = "20200410123456.5+0100"
    dataset.StudyTime, dataset.SeriesTime = "123456.5", "noon"
    found, _ = scrubbed(dataset)
    assert (found.StudyDate, found.SeriesDate, found.AcquisitionDate) == (
        "20200101",
        "20200102",
        "",
    )
    assert found.AcquisitionDateTime == "20200101123456.5+0100"
    assert (found.StudyTime, found.SeriesTime) == ("123456.5", "")


def test_every_instance_uid_is_replaced_and_the_standards_are_not() -> None:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset = Dataset()
    dataset.SOPInstanceUID, dataset.SOPClassUID = "1.2.840.10008.1", "1.2.840.10008.5.1.4.1.1.2"
    dataset.SourceImageSequence = Sequence([item])
    found, _ = scrubbed(dataset)
    assert found.SOPInstanceUID == SECRET.uid("1.2.840.10008.1")
    assert found.SOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert found.SourceImageSequence[0].ReferencedSOPInstanceUID == SECRET.uid("1.2.3")
    assert found.SourceImageSequence[0].ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"


def test_private_unknown_and_persons_go() -> None:
    dataset = Dataset()
    dataset.add_new(0x00090010, "LO", "SOMEBODY")
    dataset.add_new(0x00091001, "LO", "secret")
    dataset.add_new(0x00085555, "LO", "no such tag")
    dataset.Manufacturer, dataset.PatientName = "ACME", "Doe^Jane"
    found, _ = scrubbed(dataset, Identifiers(names={"Acme"}))
    assert sorted(e.keyword for e in found) == ["Manufacturer", "PatientName"]
    assert (found.Manufacturer, found.PatientName) == ("", "")


def test_factors_that_suv_depends_on_are_safe_private_attributes() -> None:
    dataset = Dataset()
    block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0.00071")
    block.add_new(0x09, "LO", "Doe")
    found, scrub = scrubbed(dataset)
    mark(found, scrub.codes)
    left = found.private_block(0x7053, "Philips PET Private Group")
    assert float(left[0x00].value) == 0.00071
    assert 0x09 not in left
    codes = [one.CodeValue for one in found.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113104", "113105", "113107", "113108", "113111"]


def test_free_text_of_a_report_is_scrubbed_and_said_to_be_there() -> None:
    item = Dataset()
    item.ValueType, item.TextValue = "TEXT", "Jane Doe on 2020-04-10"
    name = Dataset()
    name.ValueType, name.PersonName = "PNAME", "Doe^Jane"
    dataset = Dataset()
    dataset.ContentSequence = Sequence([item, name])
    found, scrub = scrubbed(dataset, Identifiers(names={"Jane", "Doe"}))
    assert found.ContentSequence[0].TextValue == "[NAME] [NAME] on [DATE 2020-01-01]"
    assert "Doe" not in str(found)
    assert scrub.free_text


def test_a_structure_without_a_known_name_gets_a_number() -> None:
    rois = []
    for number, name in enumerate(("GTV_1", "Doe", "Doe"), 1):
        roi = Dataset()
        roi.ROINumber, roi.ROIName = number, name
        rois.append(roi)
    dataset = Dataset()
    dataset.StructureSetROISequence = Sequence(rois)
    found, _ = scrubbed(dataset)
    assert [r.ROIName for r in found.StructureSetROISequence] == ["GTV_1", "ROI 2", "ROI 3"]


def test_nested_beyond_all_reason_is_refused() -> None:
    dataset = Dataset()
    for _ in range(40):
        around = Dataset()
        around.SourceImageSequence = Sequence([dataset])
        dataset = around
    with pytest.raises(RecursionError):
        scrubbed(dataset)


def test_who_was_examined_by_whom_is_taken_out_of_a_report() -> None:
    items = []
    for code, keyword, value in (
        ("121031", "Date", "19500303"),
        ("121022", "TextValue", "ACC-1"),
        ("121071", "TextValue", "a nodule"),
    ):
        name, item = Dataset(), Dataset()
        name.CodeValue, name.CodingSchemeDesignator = code, "DCM"
        item.ConceptNameCodeSequence = Sequence([name])
        setattr(item, keyword, value)
        items.append(item)
    dataset = Dataset()
    dataset.ContentSequence = Sequence(items)
    found, _ = scrubbed(dataset)
    assert [item.TextValue for item in found.ContentSequence] == ["a nodule"]
