"""Vectors of waveforms, and a model of which some patients have none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.ingest import ingest
from explorer.store import Store, open_store
from explorer.waveform_draft import WaveformDraft
from graphs.encoders.encode_waves import encode_waves
from graphs.encoders.load_encoder import load_encoder
from graphs.encoders.wave_features import NAMES
from graphs.examples.examples import Examples
from graphs.examples.target import Target


def _beats(rate: float, hz: float = 250.0, seconds: float = 20.0) -> np.ndarray:
    """A made-up ECG: narrow peaks over slow hills, and noise; 2 channels in microvolt."""
    at = np.arange(int(hz * seconds)) / hz
    phase = (at * rate / 60) % 1
    one = 1000 * np.exp(-(((phase - 0.3) / 0.02) ** 2)) + 200 * np.exp(
        -(((phase - 0.6) / 0.08) ** 2)
    )
    noise = np.random.default_rng(0).normal(0, 10, (2, len(at)))
    return np.asarray((np.stack([one, -0.7 * one]) + noise).astype(np.int16))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two patients with an ECG of 60 and 90 beats a minute, and two without."""
    made = open_store(tmp_path / "waves.onco", create=True)
    with made.transaction("waves") as t:
        for name, rate in (("a", 60), ("b", 90), ("c", 0), ("d", 0)):
            key = t.patient(name, synthetic=True)
            if rate:
                values = _beats(rate)
                t.put(key, WaveformDraft(
                    "ecg-1", "ECG", "made up", ["i", "ii"], ["uV", "uV"], 250.0, values.shape,  # type: ignore[arg-type]
                    values.dtype, lambda v=values: v, [], np.ones(2), np.zeros(2), synthetic=True,
                    acquired="2020-02-01", meta={"rate": rate},
                ))  # fmt: skip
        t.add_facts(t.patient("d"), [{"name": "ECG", "value": None, "state": "not acquired"}])
    return made


def test_wave_features(store: Store) -> None:
    """Heart rates come out; a patient without a waveform is one, and why is said."""
    encoder = load_encoder("wave features")
    bag = encode_waves(store.cohort(), encoder, name="ECG")
    assert bag.state.tolist() == ["present", "present", "unknown", "not acquired"]
    rate = bag.values[:, NAMES.index("heart rate /min")]
    assert np.allclose(rate, [60, 90], rtol=0.02)
    assert np.allclose(bag.values[:, NAMES.index("peak to peak")], [0.9, 0.9], atol=0.3)  # mV
    assert np.array_equal(encode_waves(store.cohort(), encoder, name="ECG").values, bag.values)
    # a first-class modality: missing a patient, hidden, dealt anew, pooled
    examples = Examples(bag.keys, {"ECG": bag}, Target.labelled("binary", [0, 1, 0, 1]))
    assert examples.present[:, 0].tolist() == [True, True, False, False]
    assert not examples.hide("ECG").present.any()
    assert examples.vectors("ECG").frame.iloc[2].isna().all()
    assert examples.take([1, 2]).blocks["ECG"].present.tolist() == [True, False]


def test_wave_network(store: Store, random_network: Callable[..., Path]) -> None:
    """A network of random weights takes channels by name, at its own rate."""
    pytest.importorskip("torch")
    folder = random_network(1, 3, widths=[4, 8], channels=["I", "II", "v9"], sampling_hz=100,
                            seconds=8)  # fmt: skip
    bag = encode_waves(store.cohort(), load_encoder(folder))
    assert bag.values.shape == (2, 8)
    assert np.isfinite(bag.values).all()
    assert np.abs(bag.values[0] - bag.values[1]).max() > 1e-4


def test_real_ecg(shared_data: Path, tmp_path: Path) -> None:
    """A real 15-lead ECG of the PTB database: the heart rate is a person's."""
    store = open_store(tmp_path / "ptb.onco", create=True)
    ingest(shared_data / "ptb_ecg", store)
    bag = encode_waves(store.cohort(), load_encoder("wave features"))
    found = dict(zip(bag.names, bag.values[0].tolist(), strict=True))
    assert found["channels"] >= 12
    assert 75 < found["heart rate /min"] < 90
    assert found["power 5-15 Hz"] > 0.1
    assert found["RR standard deviation ms"] < 60
