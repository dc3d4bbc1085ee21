"""TF-IDF with components."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphs.encoders.tfidf_encoder import TfidfEncoder
from graphs.errors import ExamplesError, ModelFolderError

TEXTS = ["Small nodule in the left lung.", "No nodule.", "Pleural effusion on the right side.",
         "No effusion, lungs are clear.", "Mass in the liver.", "The liver is normal."]  # fmt: skip
JAPANESE = ["左肺に結節を認める。", "胸水を認めない。", "右肺に腫瘤を認める。", "肝臓に異常なし。"]


def test_tfidf_encoder(tmp_path: Path) -> None:
    """It is the same when saved and fitted again, and knows who it was fitted on."""
    encoder = TfidfEncoder.fit(TEXTS, ["p1", "p2"], dim=4)
    again = TfidfEncoder.fit(TEXTS, ["p2", "p1"], dim=4)
    assert encoder.sha256 == again.sha256
    assert encoder.settings["ngrams"] == "words"
    assert encoder.sha256 != TfidfEncoder.fit(TEXTS[:5], ["p1", "p2"], dim=4).sha256
    found = encoder.encode([*TEXTS, "xylophone"])
    assert found.shape == (7, 4)
    assert np.allclose(np.linalg.norm(found[:6], axis=1), 1)
    assert not found[6].any()
    assert encoder.trained_on == {"p1", "p2"}
    pytest.importorskip("safetensors")
    loaded = TfidfEncoder.load(encoder.save(tmp_path / "tfidf"))
    assert loaded.sha256 == encoder.sha256
    assert np.array_equal(loaded.encode(TEXTS), found[:6])
    assert not [one for one in (tmp_path / "tfidf").iterdir() if one.suffix in (".pkl", ".pt")]
    (tmp_path / "tfidf" / "config.json").write_text('{"format": "other"}')
    with pytest.raises(ModelFolderError, match="other"):
        TfidfEncoder.load(tmp_path / "tfidf")


def test_scripts_without_spaces() -> None:
    """Japanese is cut into characters: reports that share 'right lung' are near."""
    encoder = TfidfEncoder.fit(JAPANESE, ["p"], dim=3)
    assert encoder.settings["ngrams"] == "characters"
    asked = encoder.encode(["肺に結節を認める", "肝臓"])
    assert np.argmax(encoder.encode(JAPANESE) @ asked[0]) == 0
    assert np.argmax(encoder.encode(JAPANESE) @ asked[1]) == 3
    with pytest.raises(ExamplesError):
        TfidfEncoder.fit(["", "."], ["p"])
    with pytest.raises(ExamplesError):
        TfidfEncoder.fit(TEXTS, ["p"], ngrams="syllables")
