"""A signal is a modality of its own, and a fusion model takes it missing per patient."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

pytest.importorskip("lightning")

from sklearn.metrics import roc_auc_score

from graphs.encoders.wave_features import WaveFeatures
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.modality_transformer import ModalityTransformer

HZ = 100


def _beating(rate: float, rng: np.random.Generator) -> xr.DataArray:
    """Ten seconds of two made-up leads with sharp beats."""
    time = np.arange(10 * HZ) / HZ
    beat = np.exp(-(((time % (60 / rate)) - 0.1) ** 2) / (2 * 0.012**2))
    values = np.stack([beat, 0.6 * beat]) + rng.normal(0, 0.03, (2, len(time)))
    return xr.DataArray(
        values, dims=("channel", "time"),
        attrs={"sampling_hz": HZ, "channel_units": ["mV", "mV"], "units": "mV"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def examples() -> Examples:
    """Of 120 synthetic patients 80 have a recording; the label is a fast heart."""
    rng = np.random.default_rng(5)
    keys = tuple(f"p{n:03d}" for n in range(120))
    rate = rng.uniform(50, 130, len(keys))
    have = np.flatnonzero(np.arange(len(keys)) % 3 > 0)
    encoder = WaveFeatures()
    values = encoder.encode([_beating(rate[k], rng) for k in have])
    state = np.full(len(keys), "not acquired", dtype="<U12")
    state[have] = "present"
    waves = Bag(
        "waveforms", keys, values, have.astype(np.int64), encoder.features,
        tuple(f"onco:{keys[k]}/waveforms/ecg" for k in have), state,
    )  # fmt: skip
    age = Block.of("person", pd.DataFrame({"age": rng.normal(60, 9, len(keys))}, index=list(keys)))
    target = Target.labelled("binary", rate > 90)
    return Examples(keys, {"person": age, "waveforms": waves}, target)


def test_the_signal_counts_where_it_is_and_is_lacked_without_harm(examples: Examples) -> None:
    learn, rest = np.arange(0, 120, 2), np.arange(1, 120, 2)
    model = ModalityTransformer(seed=1, epochs=30, learning_rate=3e-3, held_out=0.0)
    model.fit(examples.take(learn))
    test = examples.take(rest)
    risk = model.predict(test).risk
    have = test.blocks["waveforms"].present
    assert np.isfinite(risk).all()
    assert roc_auc_score(test.outcome().label[have], risk[have]) > 0.85
    # one patient's missing recording says nothing about anybody else
    hidden = np.zeros(len(test), bool)
    hidden[np.flatnonzero(have)[0]] = True
    again = model.predict(test.hide("waveforms", hidden)).risk
    np.testing.assert_allclose(again[~hidden], risk[~hidden], atol=1e-5)
    assert abs(again[hidden] - risk[hidden])[0] > 1e-3
