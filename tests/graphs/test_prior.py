from __future__ import annotations

import pytest

from explorer.errors import NotFoundError
from graphs.prior import prior, priors


def test_nearest_earlier_image_of_the_same_body_part_and_modality(visits, visit):
    patient = visits.patient("prior", [
        visit("2020-01-01"),
        visit("2020-03-01", body_part="ABDOMEN"),
        visit("2020-02-01"),
        visit("2020-04-01", modality="MR"),
        visit("2020-05-01", body_part="chest "),
        visit("2020-04-15", modality="MR", body_part=None),
    ])  # fmt: skip
    found = {one.current: one for one in priors(patient)}
    assert found["images/img-4"].prior == "images/img-2"
    assert found["images/img-4"].days == 90
    assert found["images/img-2"].prior == "images/img-0"
    assert found["images/img-0"].state == "absent: it is the first of its body part and modality"
    assert found["images/img-1"].state == "absent: no other image of abdomen by CT"
    assert found["images/img-3"].state == "absent: no other image of chest by MR"
    assert found["images/img-5"].state == "absent: the body part of the image is not known"
    assert all((one.prior is None) == one.state.startswith("absent: ") for one in found.values())
    assert "images/img-2" in priors(patient)._repr_html_()


def test_of_several_of_one_day_only_one_that_stands_out_is_taken(visits, visit):
    patient = visits.patient("prior, several", [
        visit("2020-01-01", name="ADC"),
        visit("2020-01-01", name="T2"),
        visit("2020-02-01", name="ADC"),
        visit("2020-02-01", name="DCE"),
        visit(None, name="ADC"),
    ])  # fmt: skip
    adc = prior(patient, "img-2")
    assert (adc.prior, adc.alike) == ("images/img-0", True)
    assert adc.alternatives == ("images/img-1",)
    open_one = prior(patient, "img-3")
    assert open_one.prior is None
    assert "none stands out" in open_one.state
    assert set(open_one.alternatives) == {"images/img-0", "images/img-1"}
    assert prior(patient, "img-4").state == "absent: the date of the image is not known"


def test_an_undated_image_is_no_prior(visits, visit):
    patient = visits.patient("prior, undated", [visit(None), visit("2020-02-01")])
    assert "no date that can be compared" in prior(patient, "img-1").state


def test_no_such_image(visits, visit):
    patient = visits.patient("prior, none", [visit("2020-02-01")])
    with pytest.raises(NotFoundError, match="img-9"):
        prior(patient, "img-9")
    assert prior(patient, "img-0").state == "absent: it is the only image"
