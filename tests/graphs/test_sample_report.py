"""The text that stands in for a report, of the real patient LIDC-IDRI-0314."""

from __future__ import annotations

import json

import pytest

from explorer.errors import NotFoundError
from explorer.store import Store
from graphs.lesions import lesions
from graphs.sample_report import sample_report


def test_it_says_what_one_reader_drew_and_that_nobody_wrote_it(lidc: Store) -> None:
    patient = lidc["LIDC-IDRI-0314"]
    report = sample_report(patient, 1)
    assert "No radiologist wrote it" in report.text
    assert "nodule in the right lung, measuring 20 x 9 mm (image 22)" in report.text
    assert report.synthetic
    (row,) = [one for one in lidc["LIDC-IDRI-0314"].rows("texts") if one["item"] == report.id]
    (target,) = json.loads(row["detail"])["made_from"]
    (lesion,) = [one for one in lesions(patient) if one.target == target]
    assert lesion.label == "Nodule, reader 1"


def test_each_reader_has_a_report_and_the_same_again_is_no_change(lidc: Store) -> None:
    first = sample_report(lidc["LIDC-IDRI-0314"], 3)
    version = lidc["LIDC-IDRI-0314"].version
    assert sample_report(lidc["LIDC-IDRI-0314"], 3).id == first.id
    assert lidc["LIDC-IDRI-0314"].version == version
    assert sample_report(lidc["LIDC-IDRI-0314"], 4).id != first.id
    assert "Moderately suspicious for malignancy." in first.text


def test_a_reader_who_is_not_there(lidc: Store) -> None:
    with pytest.raises(NotFoundError, match="reader 5"):
        sample_report(lidc["LIDC-IDRI-0314"], 5)
