from __future__ import annotations

from typing import Any

import numpy as np

import explorer
from explorer.waveform_draft import WaveformDraft
from explorer.waveform_html import waveform_figure


def made(count: int, **fields: Any) -> WaveformDraft:
    """Made-up signals; they say so."""
    stored = np.arange(count * 500, dtype=np.int16).reshape(count, 500)
    given: dict[str, Any] = {
        "channels": [f"c{n}" for n in range(count)], "units": ["mV"] * count, **fields,
    }  # fmt: skip
    return WaveformDraft(
        item="ecg-00000001", modality="ECG", name="made up", sampling_hz=100.0,
        shape=stored.shape, dtype=stored.dtype, load=lambda: stored, sources=[],
        slope=np.full(count, 0.5), intercept=np.zeros(count), synthetic=True, **given,
    )  # fmt: skip


def test_hostile_names_are_text(store: explorer.Store) -> None:
    nasty = ["<script>alert(1)</script>", "$\\frac{1}{0}$", "a\nb"]
    with store.transaction("synthetic data") as t:
        key = t.patient("P", synthetic=True)
        t.put(key, made(3, channels=nasty, units=["mV", "1", "<b>"]))
    (wave,) = store[key].waveforms.values()
    html = wave._repr_html_()
    assert "<script>" not in html
    assert "<b>synthetic</b>" in html
    assert html.count("<b>") == 1
    assert "mV, 1, &lt;b&gt;" in html
    assert "<script>" not in store[key]._repr_html_()


def test_many_channels_are_counted(store: explorer.Store) -> None:
    with store.transaction("synthetic data") as t:
        key = t.patient("P", synthetic=True)
        t.put(key, made(20))
    (wave,) = store[key].waveforms.values()
    assert "5 more channels" in waveform_figure(wave)
    assert wave.data.values[1, 3] == 503 * 0.5


def test_one_sample_is_drawn_too(store: explorer.Store) -> None:
    draft = made(1)
    draft.shape = (1, 1)
    draft.load = lambda: np.array([[7]], np.int16)
    with store.transaction("synthetic data") as t:
        key = t.patient("P")
        t.put(key, draft)
    (wave,) = store[key].waveforms.values()
    assert "data:image/png" in waveform_figure(wave)
