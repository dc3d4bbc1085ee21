from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_npe2_finds_the_plugin_and_what_it_names_is_there() -> None:
    npe2 = pytest.importorskip("npe2")
    found = npe2.PluginManifest.from_distribution("oncograph")
    found.validate_imports()
    offered = found.contributions
    assert [one.display_name for one in offered.widgets] == [
        "Patients", "Report", "Findings", "Masks",
    ]  # fmt: skip
    assert len(offered.sample_data) == 5
    assert offered.readers[0].accepts_directories


@pytest.mark.slow
def test_samples_are_the_bundled_patients(
    viewer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.sample import sample_zips
    from widgets.napari import samples

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names = {one.stem for one in sample_zips()}
    assert {"STS_002", "LIDC-IDRI-0314", "UPENN-GBM-00002", "TCGA-34-2605"} <= names
    layers = viewer.open_sample("oncograph", "sarcoma")
    assert layers[0].name.startswith("CT ")
    assert (tmp_path / "oncograph" / "samples" / "whole").exists()
    assert [one[2] for one in samples.nodule()] == ["image"] + ["labels"] * 4
