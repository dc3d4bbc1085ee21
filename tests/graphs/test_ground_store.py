"""Many patients at once are read, grounded and checked as each is alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import explorer
from explorer.errors import StoreError
from explorer.transaction import Transaction
from graphs.check import check
from graphs.check_store import check_store
from graphs.extract import extract
from graphs.extract_store import extract_store
from graphs.extractors import extractor
from graphs.ground_all import ground_all
from graphs.ground_store import ground_store
from graphs.groundings import groundings

TEXT = (
    "FINDINGS: A 12 mm nodule in the right upper lobe. No pleural effusion.\n"
    "IMPRESSION: 12 mm nodule in the left upper lobe."
)


@pytest.fixture
def store(tmp_path: Path) -> explorer.Store:
    made = explorer.open(tmp_path / "many.onco", create=True)
    with made.transaction("reports, made up") as t:
        for n in range(40):
            key = t.patient(f"P{n:02}", synthetic=True)
            if n % 4:
                t.add_text(key, "r-1", f"{TEXT} Reader {n}.", synthetic=True)
    return made


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many patients each commit has moved."""
    seen: list[int] = []
    plain = Transaction.commit

    def counted(self: Transaction) -> dict[str, int]:
        moved = plain(self)
        seen.append(len(moved))
        return moved

    monkeypatch.setattr(Transaction, "commit", counted)
    return seen


def test_one_commit_for_all_and_the_same_as_alone(
    store: explorer.Store, commits: list[int]
) -> None:
    steps: list[str] = []
    assert extract_store(store, extractor("rules"), step=steps.append) == 30
    assert steps == list(store)
    assert ground_store(store) == {}
    found, failed = check_store(store)
    assert commits == [30, 30, 30]
    assert failed == {}
    assert len(found) == 40
    one = store["P01"]
    together = [place.row() for place in groundings(one)]
    verdicts = [
        verdict.row() for patient, told in found if patient.label == "P01" for verdict in told
    ]
    assert [place.row() for place in ground_all(one, again=True)] == together
    assert [verdict.row() for verdict in check(store["P01"])] == verdicts
    assert [f.entity for f in extract(store["P01"])] == ["nodule", "pleural effusion", "nodule"]
    assert {v["verdict"] for v in verdicts if v["cue"] == "side"} == {"contradicts", "cannot tell"}


def test_again_changes_nothing(store: explorer.Store, commits: list[int]) -> None:
    for _ in range(2):
        extract_store(store, extractor("rules"))
        ground_store(store)
        check_store(store)
    assert commits[3:] == [0]  # the checks say the same again; the others have nothing to do
    assert {store[name].version for name in store} == {1, 4}


def test_one_who_cannot_be_read_stops_nobody(
    store: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    extract_store(store, extractor("rules"))
    module = sys.modules["graphs.ground_store"]
    plain = module.grounding_drafts

    def broken(patient: explorer.Patient, *args: object, **more: object) -> object:
        if patient.label == "P02":
            raise StoreError("its images are gone")
        return plain(patient, *args, **more)

    monkeypatch.setattr(module, "grounding_drafts", broken)
    assert ground_store(store) == {store["P02"].key: "its images are gone."}
    assert len(groundings(store["P01"]))
    assert not len(groundings(store["P02"]))
