from __future__ import annotations

import logging
import warnings

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from explorer.readers.dicom_values import (
    integer,
    iso_date,
    items,
    number,
    numbers,
    quiet,
    text,
    texts,
    value,
)


@pytest.fixture
def header() -> Dataset:
    made = Dataset()
    with quiet():
        made.PatientID = "  "
        made.SeriesDescription = "a\x00b\x1b[31m\u202ec "
        made.ImageType = ["ORIGINAL", "PRIMARY"]
        made.WindowCenter = ["40", "300.5"]
        made.SliceThickness = "1e400"
        made.Rows = 512
        made.StudyDate = "20061332"
        made.SeriesDate = "2006.01.28"
        made.AcquisitionDateTime = "20060128145759.5+0100"
        made.ModalityLUTSequence = [Dataset()]
    return made


def test_whitespace_and_absence_are_none(header: Dataset) -> None:
    assert text(header, "PatientID") is None
    assert text(header, "PatientName") is None
    assert value(header, "PatientName") is None
    assert numbers(header, "PatientWeight") == []


def test_text_is_printable_and_cut(header: Dataset) -> None:
    assert text(header, "SeriesDescription") == "ab[31mc"
    assert text(header, "SeriesDescription", 3) == "ab["
    assert texts(header, "ImageType") == ["ORIGINAL", "PRIMARY"]
    assert text(header, "ImageType") == "ORIGINAL\\PRIMARY"


def test_numbers_are_finite(header: Dataset) -> None:
    assert numbers(header, "WindowCenter") == [40.0, 300.5]
    assert number(header, "SliceThickness") is None
    assert (integer(header, "Rows"), integer(header, "WindowCenter")) == (512, 40)
    assert number(header, "SeriesDescription") is None


def test_dates_are_real(header: Dataset) -> None:
    assert iso_date(header, "StudyDate") is None
    assert iso_date(header, "StudyDate", "SeriesDate") == "2006-01-28"
    assert iso_date(header, "AcquisitionDateTime") == "2006-01-28"


def test_items_of_what_is_no_sequence(header: Dataset) -> None:
    assert len(items(header, "ModalityLUTSequence")) == 1
    assert items(header, "ImageType") == []
    assert items(header, "Rows") == []
    assert items(header, "PatientName") == []


def test_a_value_that_cannot_be_made_sense_of() -> None:
    path = get_testdata_file("badVR.dcm", download=False)
    with quiet():
        file = pydicom.dcmread(str(path))
        assert number(file, "NumberOfFrames") is None


def test_quiet_leaves_no_trace() -> None:
    before = pydicom.config.settings.reading_validation_mode
    with pytest.raises(RuntimeError), quiet():
        raise RuntimeError
    assert pydicom.config.settings.reading_validation_mode == before
    assert not logging.getLogger("pydicom").disabled
    with pytest.warns(UserWarning, match="once more"):
        warnings.warn("once more", UserWarning, stacklevel=1)
