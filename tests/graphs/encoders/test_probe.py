"""The probe protocol beside raw pixels; the shortcut audit. Everything is made up here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graphs.encoders.audit_shortcuts import audit_shortcuts
from graphs.encoders.probe import probe
from graphs.encoders.raw_pixels import RawPixels
from graphs.errors import ExamplesError
from graphs.examples.bag import Bag

PATIENTS, EACH = 60, 3


def _phantoms(tag: bool, seed: int = 0) -> tuple[list[np.ndarray], pd.DataFrame]:
    """Noisy pictures of a body; where tagged, a scanner's mark stands in a corner of its own."""
    rng = np.random.default_rng(seed)
    about = pd.DataFrame(
        {"scanner": rng.permutation(["A", "B"] * (PATIENTS // 2)),
         "sex": rng.permutation(["f", "m"] * (PATIENTS // 2)),
         "age": rng.normal(60, 10, PATIENTS), "site": ["only"] * PATIENTS},
        index=[f"p{k}" for k in range(PATIENTS)],
    )  # fmt: skip
    y, x = np.mgrid[-1:1:48j, -1:1:48j]
    pictures = []
    for k in range(PATIENTS):
        for _ in range(EACH):
            body = (x**2 + y**2 < rng.uniform(0.5, 0.8)) * 0.5 + rng.normal(0, 0.1, x.shape)
            if tag and about["scanner"].iloc[k] == "B":
                body[:6, :6] += 0.4
            pictures.append(np.repeat(body[None], 3, 0).astype(np.float32))
    return pictures, about


def _bag(values: np.ndarray) -> Bag:
    owner = np.repeat(np.arange(PATIENTS), EACH)
    keys = tuple(f"p{k}" for k in range(PATIENTS))
    names = tuple(map(str, range(values.shape[1])))
    state = np.full(PATIENTS, "present")
    return Bag(
        "CT", keys, values.astype(np.float32), owner, names, ("",) * len(owner), state, "made up"
    )


def test_audit_shortcuts() -> None:
    """A planted tag is found and flagged; without it the interval covers .5."""
    pictures, about = _phantoms(tag=True)
    found = audit_shortcuts(_bag(RawPixels(8).encode(pictures)), about, draws=200)
    row = found.table.set_index("about").loc["scanner is B"]
    assert row["AUROC"] > 0.95
    assert found.flagged == ["scanner is B"]
    assert "scanner is B" in found._repr_html_()
    pictures, about = _phantoms(tag=False)
    about = about[["scanner", "site"]]
    plain = audit_shortcuts(_bag(RawPixels(8).encode(pictures)), about, draws=200)
    assert not plain.flagged
    row = plain.table.set_index("about").loc["scanner is B"]
    assert row["low"] < 0.5 < row["high"]
    assert "cannot tell" in plain.table.set_index("about").loc["site is only", "in words"]


def test_probe() -> None:
    """What an encoder knows better than pixels is told from what it knows as well as they do."""
    pictures, about = _phantoms(tag=False)
    raw = _bag(RawPixels(8).encode(pictures))
    sex = (about["sex"] == "m").to_numpy()[raw.owner]
    rng = np.random.default_rng(1)
    knows = rng.normal(size=(len(sex), 12))
    knows[:, 0] += 3.0 * sex
    found = probe({"knows": _bag(knows)}, about["sex"], raw=raw, draws=100).table
    assert len(found) == 6
    mine = found[found["vectors"] == "knows"]
    assert (mine["AUROC"] > 0.85).all()
    assert mine["than raw pixels"].str.startswith("better").all()
    pixels = found[found["vectors"] == "raw pixels"]
    assert (pixels["AUROC"] < 0.75).all()
    three = probe(_bag(knows), pd.Series([f"c{k % 3}" for k in range(PATIENTS)], raw.keys), raw=raw,
                  protocols=["linear"], draws=20)  # fmt: skip
    assert three.table["AUROC"].between(0.2, 0.8).all()


def test_a_patient_on_both_sides() -> None:
    """Such a split is refused."""
    bag = _bag(np.random.default_rng(0).normal(size=(PATIENTS * EACH, 4)))
    label = np.arange(PATIENTS * EACH) // EACH % 2
    with pytest.raises(ExamplesError, match="both sides"):
        probe(bag, label, raw=bag, split=[(np.arange(100), np.arange(100, 180))])
    fine = [(np.arange(90), np.arange(90, 180))]
    assert len(probe(bag, label, raw=bag, split=fine, draws=10, protocols=["knn"]).table) == 2
    with pytest.raises(ExamplesError, match="class"):
        probe(bag, np.zeros(len(label)), raw=bag)
    with pytest.raises(ExamplesError, match="protocol"):
        probe(bag, label, raw=bag, protocols=["svm"])
