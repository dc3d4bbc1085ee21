"""Vectors of reports: computed once, with addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.address import Address
from explorer.store import Store, open_store
from graphs.encoders.encode_reports import encode_reports
from graphs.encoders.raw_pixels import RawPixels
from graphs.encoders.tfidf_encoder import TfidfEncoder
from graphs.errors import ExamplesError

TEXTS = {"a": ["A nodule in the left lung. No effusion."], "b": ["No effusion.", "Clear lungs."],
         "c": [""], "d": [], "e": []}  # fmt: skip


class _Counting(TfidfEncoder):
    """How many texts were encoded."""

    seen = 0

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Count, and encode."""
        self.seen += len(batch)
        return super().encode(batch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Five patients: one with an empty report, two with none, and of one is said why."""
    made = open_store(tmp_path / "texts.onco", create=True)
    with made.transaction("reports") as t:
        for name, texts in TEXTS.items():
            key = t.patient(name, synthetic=True)
            for k, text in enumerate(texts):
                t.add_text(key, f"r{k}", text, date=f"2020-01-0{k + 1}", synthetic=True)
        t.add_facts(t.patient("e"), [{"name": "reports", "state": "not acquired", "value": None}])
    return made


def _encoder(patients: Sequence[str] = ()) -> _Counting:
    texts = [text for some in TEXTS.values() for text in some] + ["liver", "mass of the liver"]
    return _Counting.fit(texts, patients, dim=3)  # type: ignore[return-value]


def test_encode_reports(store: Store) -> None:
    """Sentences have their addresses, absence its reason, and nothing is encoded twice."""
    encoder = _encoder()
    bag = encode_reports(store.cohort(), encoder)
    assert bag.state.tolist() == ["present", "present", "absent", "unknown", "not acquired"]
    assert encoder.seen == 4
    assert len(bag.values) == 4
    assert bag.names == encoder.features
    said = [Address.parse(one).resolve(store).value for one in bag.addresses]
    assert said == ["A nodule in the left lung.", "No effusion.", "No effusion.", "Clear lungs."]
    assert np.allclose(bag.values, encoder.encode(said))
    assert bag.producer == encoder.said
    before = encoder.seen
    again = encode_reports(store.cohort(), encoder)
    assert encoder.seen == before
    assert np.array_equal(again.values, bag.values)
    run = store["a"].derived("runs").iloc[0]
    assert run["checkpoint"] == encoder.sha256
    assert run["producer"] == encoder.name
    assert store["a"].rows("vectors")[0]["producer"] == encoder.said
    whole = encode_reports(store.cohort(), encoder, by="report")
    assert len(whole.values) == 3
    assert encoder.seen == before + 3
    encode_reports(store.cohort(), encoder)
    assert encoder.seen == before + 3  # the other way stands beside it


def test_computed_anew(store: Store) -> None:
    """Another text, or another model, is encoded; an older cohort reads what a newer one kept."""
    encoder, old = _encoder(), store.cohort()
    encode_reports(old, encoder)
    assert encode_reports(old, encoder).state[0] == "present"
    assert encoder.seen == 4
    with store.transaction("amended") as t:
        t.add_text(store["b"].key, "r1", "Lungs are not clear.", date="2020-01-02")
    bag = encode_reports(store.cohort(), encoder)
    assert encoder.seen == 5
    assert len(bag.values) == 4
    other = _Counting.fit(["no effusion", "clear lungs", "nodule"], (), dim=2)
    assert encode_reports(store.cohort(), other).values.shape == (4, 2)


def test_fitted_on_patients(store: Store) -> None:
    """What was fitted here is kept only if one asks, and then the check for leaks can tell."""
    key = store["a"].key
    encoder = _encoder([key])
    encode_reports(store.cohort(), encoder)
    assert not store["a"].rows("vectors")
    encode_reports(store.cohort(), encoder, keep=True)
    details = [store[name].derived("runs").iloc[0]["detail"] for name in "ab"]
    assert key in str(details[0])
    assert key not in str(details[1])


def test_stopped(store: Store) -> None:
    """What was done is not done again; what was not is 'not extracted'."""
    encoder, calls = _encoder(), iter([True])
    bag = encode_reports(store.cohort(), encoder, stop=lambda: next(calls, True))
    assert bag.state.tolist()[:3] == ["not extracted"] * 3
    assert encoder.seen == 0
    only = {store["b"].key: ["r1"]}
    assert len(encode_reports(store.cohort(), encoder, items=only).values) == 1
    with pytest.raises(ExamplesError, match="picture"):
        encode_reports(store.cohort(), RawPixels())


def test_real_report(bundled: Callable[[str], Store]) -> None:
    """A real pathology report of TCGA; the split's check for leaks takes its vectors."""
    store = bundled("TCGA-BP-5195")
    text = next(iter(store["TCGA-BP-5195"].reports.values())).text
    encoder = TfidfEncoder.fit(text.splitlines(), (), dim=16)
    bag = encode_reports(store.cohort(), encoder)
    assert len(bag.values) > 30
    assert bag.present.all()
    for one in bag.addresses[:5]:
        assert Address.parse(one).resolve(store).value in text
