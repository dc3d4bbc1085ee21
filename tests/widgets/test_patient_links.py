from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import graphs
from explorer.address import Address
from explorer.patient import Patient
from explorer.store import Store, open_store
from widgets.patient_links import PatientLinks
from widgets.selection import Selection

PATIENTS = ("LIDC-IDRI-0314", "PCAMPMRI-00001")
NODULE = "segmentations/seg-1#label=Nodule%201"
BOX = "images/ct-1#box=3:5,8:18,19:27"


def _links(patient: Patient) -> dict[str, set[str]]:
    """Asks with and answers without ``onco:<key>/``."""
    links, front = PatientLinks(patient), f"onco:{patient.key}/"

    class _Asked(dict[str, set[str]]):
        def __missing__(self, target: str) -> set[str]:
            return {one.removeprefix(front) for one in links(front + target)}

    return _Asked()


@pytest.fixture
def hand(by_hand: Patient) -> dict[str, set[str]]:
    return _links(by_hand)


def test_words_lead_to_the_finding_the_outline_the_lesion_and_its_size(
    hand: dict[str, set[str]],
) -> None:
    found = hand["reports/r-1#chars=8:14"]
    assert {"findings/f-nodule", NODULE, "lesions/2.25.1", "observations/table-1#row=1"} <= found
    assert {"images/ct-1", "studies/1.2.1", "reports/r-1#chars=0:32"} <= found
    assert "observations/table-1#row=2" not in found
    # any character of the mention, of its number, of the side; else of the sentence
    for part in ("9:10", "9:9", "2:7", "22:26", "0:1", "0:32"):
        assert NODULE in hand[f"reports/r-1#chars={part}"], part
    # a mention counts before the sentence that it stands in
    assert hand["reports/r-1#chars=32:33"] == set()
    assert hand["reports/r-2#chars=8:14"] == set()


@pytest.mark.parametrize(
    "start",
    [NODULE, "findings/f-nodule", "lesions/2.25.1", "observations/table-1#row=1",
     "images/ct-1#voxel=4,12,22", "images/ct-1#voxel=0,4,12,22", "images/ct-1#point=22,12,8"],
)  # fmt: skip
def test_every_way_leads_back_to_the_words(hand: dict[str, set[str]], start: str) -> None:
    found = hand[start]
    words = {"reports/r-1#chars=8:14", "reports/r-1#chars=0:32"}
    assert words <= found
    assert {NODULE, "lesions/2.25.1", "findings/f-nodule"} - {start} <= found
    assert start not in found


def test_a_box_and_what_was_measured_in_it(hand: dict[str, set[str]]) -> None:
    words = {"reports/r-1#chars=56:60", "reports/r-1#chars=54:72"}
    assert {BOX, "observations/table-1#row=2", "images/ct-1"} <= hand["findings/f-mass"]
    assert words | {BOX} <= hand["observations/table-1#row=2"]
    found = hand[BOX]
    assert words <= found
    assert NODULE not in found  # it overlaps, but that is not what was said
    at = hand["images/ct-1#voxel=4,8,19"]
    assert words | {BOX, "observations/table-1#row=2"} <= at
    assert NODULE not in at
    drawn = hand["images/ct-1#box=4:5,9:12,19:22"]  # by a person: whatever is in it
    assert {BOX, NODULE, "segmentations/seg-1#label=lung_left"} <= drawn
    assert BOX not in hand["images/ct-1#voxel=5,8,19"]


def test_an_abstention_has_words_and_a_node_and_no_place(hand: dict[str, set[str]]) -> None:
    found = hand["findings/f-pleural"]
    (grounding,) = (one for one in found if one.startswith("groundings/"))
    assert {"reports/r-1#chars=36:52", "anatomy/lung_left"} <= found
    assert not [one for one in found | hand[grounding] if one.startswith(("seg", "images"))]
    assert "findings/f-pleural" in hand[grounding]
    # the organ that it names is here, and it lies nowhere else
    assert "findings/f-pleural" in hand["images/ct-1#voxel=3,6,16"]
    assert "findings/f-nodule" not in hand["images/ct-1#voxel=3,6,16"]


def test_what_was_rejected_does_not_link(by_hand: Patient, hand: dict[str, set[str]]) -> None:
    (rejected,) = (one.id for one in graphs.groundings(by_hand) if one.status == "rejected")
    assert hand[f"groundings/{rejected}"] == set()
    assert hand["findings/f-cyst"] == {"reports/r-1#chars=75:79", "reports/r-1#chars=73:80"}
    for place in (NODULE, "images/ct-1#voxel=4,12,22", "lesions/2.25.1"):
        assert "findings/f-cyst" not in hand[place]


def test_days(hand: dict[str, set[str]]) -> None:
    first = {"images/ct-1", "reports/r-1", "events/treatment%3Asurgery"}
    assert hand["studies/1.2.1"] == first
    assert hand["events/outcome%3Aprogression"] == {"studies/1.2.2", "images/ct-2"}
    assert "studies/1.2.1" in hand["events/treatment%3Asurgery"]
    assert "studies/1.2.1" in hand["reports/r-1"]
    assert hand["events/treatment%3Adrug"] == set()
    assert "studies/1.2.1" in hand["facts/stage"]
    assert hand["facts/grade"] == set()
    assert hand["images/ct-1"] >= {"studies/1.2.1", NODULE}
    assert hand["images/ct-2"] == {"studies/1.2.2"}


def test_organs_and_whole_segmentations(hand: dict[str, set[str]]) -> None:
    assert {"findings/f-nodule", "findings/f-pleural"} <= hand["anatomy/lung_left"]
    assert len(hand["segmentations/seg-1"]) == 3
    assert "findings/f-nodule" not in hand["segmentations/seg-1#label=never%20seen"]


@pytest.mark.parametrize(
    "address",
    ["no address", "onco:other/findings/f-nodule", "onco:~/table/x", "onco:{key}/images/gone",
     "onco:{key}/images/gone#voxel=1,1,1", "onco:{key}/images/ct-1#voxel=99,1,1",
     "onco:{key}/images/ct-1#voxel=1,1", "onco:{key}/images/ct-1#box=90:91,1:2,1:2",
     "onco:{key}/images/ct-1#box=1:2,1:2", "onco:{key}/images/ct-1#point=1e9,0,0",
     "onco:{key}/findings/gone", "onco:{key}/groundings/gone", "onco:{key}/segmentations/gone",
     "onco:{key}/segmentations/seg-1#label=gone", "onco:{key}/lesions/gone",
     "onco:{key}/reports/gone#chars=0:9", "onco:{key}/observations/x#row=1",
     "onco:{key}/%3Cscript%3E/x", "onco:{key}/patients/{key}"],
)  # fmt: skip
def test_what_is_not_there_leads_nowhere(by_hand: Patient, address: str) -> None:
    links = PatientLinks(by_hand)
    found = links(address.format(key=by_hand.key))
    assert [one for one in found if "/images/ct-1#" in one or "/findings/" in one] == []


def test_an_older_version_of_an_address_is_the_same_thing(by_hand: Patient) -> None:
    links = PatientLinks(by_hand)
    one = Address(by_hand.key, "findings", "f-nodule", 1)
    assert links(one) == links(str(one)) == links(f"onco:{by_hand.key}/findings/f-nodule")


def test_refresh_reads_what_a_person_said_meanwhile(by_hand: Patient, tmp_path: Path) -> None:
    store = open_store(shutil.copytree(by_hand.store.path, tmp_path / "copy.onco"))
    patient = store["by hand"]
    selection = Selection(links := PatientLinks(patient))
    selection.pick(f"onco:{patient.key}/findings/f-nodule")
    place = f"onco:{patient.key}/{NODULE}"
    assert place in selection.lit
    (grounding,) = (one for one in graphs.groundings(patient) if one.finding == "f-nodule")
    graphs.review(patient, grounding.id, "rejected", reviewer="A. Nyone")
    selection.refresh()
    assert place in selection.lit  # the version that is shown
    links.refresh()
    selection.refresh()
    assert place not in selection.lit
    links.refresh(patient)
    assert place in links(f"onco:{patient.key}/findings/f-nodule")


@pytest.mark.parametrize("name", PATIENTS)
def test_real_patients_both_ways(told: Store, name: str) -> None:
    patient = told[name]
    links = PatientLinks(patient)
    front = f"onco:{patient.key}/"
    placed = [one for one in graphs.groundings(patient) if one.target]
    findings = {one.id: one for one in graphs.findings(patient)}
    assert placed
    for one in placed:
        finding = findings[one.finding]
        words = f"{front}reports/{finding.item}#chars={finding.start}:{finding.end}"
        place = f"{front}{one.target}"
        assert place in links(words)
        assert {words, f"{front}findings/{finding.id}"} <= {*links(place)}
        address = Address.parse(place)
        seg = patient.segmentations[address.item]
        mask = seg.own_mask(str(address.fragment["label"])).values
        z, y, x = (int(k[len(k) // 2]) for k in mask.nonzero())
        assert mask[z, y, x]
        found = links(f"{front}images/{seg.image}#voxel={z},{y},{x}")
        assert {words, place, f"{front}groundings/{one.id}"} <= {*found}
        measured = [a for a in found if "/observations/" in a]
        assert measured or "Prostate" in place
    for one in graphs.groundings(patient):
        if one.status == "abstained":
            found = links(f"{front}findings/{one.finding}")
            assert not [a for a in found if "/segmentations/" in a or "/images/" in a]
    shape = patient.images[next(iter(patient.images))].shape
    corner = links(f"{front}images/{next(iter(patient.images))}#voxel=0,0,0")
    assert not [a for a in corner if "/findings/" in a], shape
