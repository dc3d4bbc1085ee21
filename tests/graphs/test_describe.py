from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.store import Store
from graphs.describe import describe
from graphs.finding import Finding
from graphs.generated_report import MARK, GeneratedReport
from graphs.lesions import lesions
from graphs.prose import shown
from graphs.said_number import SaidNumber
from graphs.text.rules import RulesExtractor


@pytest.fixture
def two(outlined: Callable[..., Any], thorax: Any) -> Any:
    """A mass in each lung: the right one outlined twice, the left one touching the heart."""
    organs = {**thorax.organs, "aorta": thorax.ellipsoid((36, 12, 0), (6, 6, 1e4))}
    right = thorax.ellipsoid((36, 5, -28), (9, 7, 9))
    again = thorax.ellipsoid((36, 5, -28), (8, 7, 9))
    left = thorax.ellipsoid((36, -20, 20), (7, 7, 7)) & ~thorax.organs["heart"]
    masks = {"mass A": right, "mass A again": again, "nodule": left}
    return outlined("Anna", organs, masks, values=np.where(right, 30, thorax.values))


def test_every_number_stands_in_the_text_and_leads_to_an_outline(two: Any) -> None:
    report = describe(two, keep=False)
    assert report.text.startswith(MARK)
    assert re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"\d{4}-\d\d-\d\d", "", report.text)) == [
        shown(one) for one in report.numbers
    ]
    measured = {one.target: one.measures for one in lesions(two, keep=False)}
    for one in report.numbers:
        assert report.text[one.start : one.end] == shown(one)
        assert one.targets
        for target in one.targets:
            assert report.address(target).resolve(two.store).value.any()
        if one.quantity == "longest diameter":
            assert one.value == measured[one.targets[0]].longest_mm
        if one.quantity == "volume":
            assert one.value == measured[one.targets[0]].volume_mm3 / 1000
    assert set(report.made_from) == set(measured)
    assert len(report.table) == len(report.numbers)


def test_it_reads_as_a_report(two: Any) -> None:
    text = describe(two, keep=False).text
    assert "There are 2 lesions.\n" in text
    assert re.search(r"An? \d+\.\d x \d+\.\d mm mass lies in the right lung\.", text)
    assert re.search(r"It measures [0-9. x]+ mm in a further outline\.", text)
    assert "It is in contact with the heart." in text
    assert re.search(r"with no outlined vessel\. It is [0-9.]+ mm away from the aorta\.", text)
    assert "IMPRESSION:\nMass in the right lung, " in text
    assert "The images or outlines are synthetic." in text
    assert "not known" not in text


def test_the_structured_report_has_the_same(two: Any) -> None:
    document = describe(two, keep=False).document()
    json.dumps(document)
    (study,) = document["studies"]
    assert (study["date"], study["count"]) == ("2020-01-01", 2)
    assert study["by_organ"] == {"lung_right": 1, "lung_left": 1}
    first, second = study["lesions"]
    assert [len(one["outlines"]) for one in (first, second)] == [2, 1]
    near = {one["name"]: one["contact"] for one in second["near"] if one["role"] == "organ"}
    assert near["heart"] is True
    assert near["aorta"] is False
    for one in document["numbers"]:
        for address in one["targets"]:
            Address.parse(address)


def test_it_is_kept_as_a_report_that_nobody_wrote(two: Any) -> None:
    report = describe(two)
    after = two.store["Anna"]
    kept = after.reports[report.item]
    assert kept.text == report.text
    assert kept.synthetic
    assert (kept.language, kept.date) == ("en", "2020-01-01")
    (row,) = [one for one in after.rows("texts") if one["item"] == report.item]
    detail = json.loads(row["detail"])
    assert detail["generated"]["name"] == "oncograph.describe"
    assert detail["made_from"] == list(report.made_from)
    assert detail["numbers"][0]["targets"]
    again = describe(after)
    assert again.text == report.text
    assert two.store["Anna"].version == after.version


def test_what_is_not_known_is_said_to_be_unknown(outlined: Callable[..., Any], thorax: Any) -> None:
    mask = thorax.ellipsoid((36, 5, 0), (9, 7, 9))
    text = describe(outlined("Anna", {"tumour": mask, "<b>label 9 cm</b>": mask})).text
    assert "There is a" in text
    assert "no organ is outlined on its images" in text
    assert "near the midline of the body" in text
    assert "Outlines whose code and name do not say what they are: 1." in text
    assert "label 9" not in text
    assert "Nothing is described." in describe(outlined("Bea")).text
    nothing = describe(outlined("Cleo", thorax.organs))
    assert "Nothing is described." in nothing.text
    assert nothing.numbers == ()


def test_many_lesions_are_counted_and_the_largest_described(
    outlined: Callable[..., Any], thorax: Any
) -> None:
    masks = {}
    for k in range(25):
        one = np.zeros(thorax.shape, bool)
        one[2 + k // 5 * 4, 8 + k % 5 * 8 : 10 + k % 5 * 8 + k // 10, 20:23] = True
        masks[f"metastasis {k}"] = one
    report = describe(outlined("Anna", masks), keep=False)
    assert "There are 25 lesions" in report.text
    assert "There are 5 smaller lesions that are not described." in report.text
    counted = [one for one in report.numbers if one.quantity == "count"]
    assert len(counted[0].targets) == 25
    assert report.text.count("metastasis") == 20


def test_numbers_are_written_as_people_write_them() -> None:
    def written(value: float, unit: str) -> str:
        return shown(SaidNumber("q", value, unit, ()))

    assert [written(v, "ml") for v in (0.0123, 0.5, 9.99, 53.29, 168.6)] == [
        "0.012", "0.50", "9.99", "53.3", "169"
    ]  # fmt: skip
    assert [written(v, "mm") for v in (22.32, 9.96)] == ["22.3", "10.0"]
    assert [written(v, "HU") for v in (-27.8, -0.3, 0.4)] == ["-28", "0", "0"]


def test_it_is_shown_as_text(two: Any) -> None:
    html = describe(two, keep=False)._repr_html_()
    assert "<pre" in html
    assert "onco:" in html


def test_a_real_patient_with_ct_mr_and_pet(bundled: Callable[[str], Store]) -> None:
    """STS_002: one mass on CT, PET and MR; CT and PET of one day are one lesion."""
    report = describe(bundled("STS_002")["STS_002"])
    first, second = report.structured["studies"]
    assert [study["count"] for study in (first, second)] == [1, 1]
    assert len(second["lesions"][0]["outlines"]) == 2
    assert "PET/CT of 2006-01-28" in report.text
    assert "It has an SUVmax of 21.7, an SUVmean of 7.4 and an SUVpeak of 18.8." in report.text
    assert "There is a 56.2 x 38.8 mm mass" in report.text
    assert "The side is not known: the image shows a limb (extremity)." in report.text


KINDS = {
    "longest diameter": "size", "perpendicular diameter": "size", "volume": "volume",
    "mean attenuation": "hu",
    "SUVmax": "suvmax", "SUVmean": "suvmean", "SUVpeak": "suvpeak", "distance": "distance",
    "count": "count",
}  # fmt: skip


def read_again(report: GeneratedReport) -> list[Finding]:
    """Our own extractor finds each number where it was written, with its kind and unit."""
    findings = RulesExtractor().extract(report.text, language="en")
    values = [value for one in findings for value in one.measurements]
    body = report.text.split("\nCOMMENT:")[0]
    asked = [one for one in report.numbers if one.end <= len(body)]
    assert asked
    for number in asked:
        (value,) = [one for one in values if one.start <= number.start and number.end <= one.end]
        assert value.kind == KINDS[number.quantity], number
        assert value.unit == number.unit, number
        assert float(shown(number)) in value.value
    assert sum(len(one.value) for one in values) == len(asked)
    return findings


def test_our_own_extractor_reads_the_same_numbers(two: Any) -> None:
    report = describe(two, keep=False)
    findings = read_again(report)
    masses = [one for one in findings if one.entity == "mass"]
    assert {one.anatomy for one in masses} == {("lung_right",)}
    assert {one.laterality for one in masses} == {"right"}
    assert {one.assertion for one in findings} == {"present"}
    assert {one.entity for one in findings} == {"lesion", "mass", "nodule"}


def test_our_own_extractor_reads_real_patients(bundled: Callable[[str], Store]) -> None:
    found = read_again(describe(bundled("STS_002")["STS_002"]))
    assert [one.entity for one in found] == ["mass"] * 3
    (one, _) = read_again(describe(bundled("PCAMPMRI-00001")["PCAMPMRI-00001"]))
    assert one.anatomy == ("prostate",)


def test_a_report_without_lesions_states_none(outlined: Callable[..., Any], thorax: Any) -> None:
    masks = ({"label 1": thorax.organs["heart"]}, thorax.organs)
    for k, given in enumerate(masks):
        text = describe(outlined(f"P{k}", given), keep=False).text
        assert RulesExtractor().extract(text) == []
