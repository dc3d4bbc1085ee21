"""A manifest holds nothing that a program which reads it could take for more."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from explorer.errors import StoreError
from explorer.index.download_manifest import use_of
from explorer.index.public_index import PublicIndex

Made = Callable[..., PublicIndex]


def test_a_line_a_series(idc: PublicIndex) -> None:
    cohort = idc.cohort().having(patient="TCGA-34-2605")
    manifest = cohort.manifest()
    lines = [line for line in manifest.s5cmd().splitlines() if not line.startswith("#")]
    assert len(lines) == len(cohort) == len(manifest)
    form = r"cp s3://idc-open-data/[0-9a-f-]{36}/\* tcga_lusc/[0-9.]+/[A-Z]+_[0-9.]+/"
    assert all(re.fullmatch(form, line) for line in lines)
    assert "TCGA-34-2605" not in manifest.s5cmd()
    uids = cohort.table(["SeriesInstanceUID"])["SeriesInstanceUID"].to_pylist()
    assert manifest.document()["series"] == uids
    listed = re.search(r"series = (\[.*?\])", manifest.idc_index(), re.DOTALL)
    assert listed is not None
    assert json.loads(listed[1]) == uids


def test_terms_are_grouped_and_flagged(idc: PublicIndex) -> None:
    frame = pd.read_parquet(idc.path)
    terms = idc.cohort().manifest().licences.set_index("terms")
    expected = frame.groupby("license_short_name").size()
    assert terms["series"].to_dict() == expected.to_dict()
    assert terms["use"].to_dict() == {
        "CC BY 3.0": "attribution", "CC BY 4.0": "attribution", "CC BY-NC 3.0": "non-commercial",
    }  # fmt: skip
    size = frame[frame.license_short_name == "CC BY 3.0"].series_size_MB.sum() * 1e6
    assert terms.loc["CC BY 3.0", "bytes"] == round(size)
    assert use_of("CC BY-SA 4.0") == "attribution"
    assert use_of("National Library of Medicine Terms") == "own terms: read them"
    assert use_of("unknown") == "unknown"


HOSTILE = [
    {"series_aws_url": "s3://bucket/1/* x\ncp s3://other/* /"},
    {"series_aws_url": "s3://bucket/1/*; rm -rf ~"},
    {"series_aws_url": "s3://bucket/a b/*"},
    {"series_aws_url": "s3://bucket/../1/*"},
    {"series_aws_url": "https://bucket/1/*"},
    {"series_aws_url": "s3://user:secret@bucket/1/*"},
    {"series_aws_url": "s3://bucket/$(id)/*"},
    {"series_aws_url": None},
    {"SeriesInstanceUID": "1.2.3\n"},
    {"SeriesInstanceUID": "1.2;3"},
    {"SeriesInstanceUID": "1." + "2" * 80},
    {"StudyInstanceUID": "../../etc"},
    {"collection_id": "a/../b"},
    {"collection_id": "-rf"},
    {"Modality": "CT `id`"},
]


def test_hostile_rows_are_refused(made_index: Made) -> None:
    manifest = made_index({}, *HOSTILE).cohort().manifest()
    assert len(manifest) == 1
    assert len(manifest.refused) == len(HOSTILE)
    assert all(why for _, why in manifest.refused)
    lines = manifest.s5cmd().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "cp s3://bucket/1/* synthetic/1.2.3/CT_1.2.3.1/"
    ]


def test_it_is_written_once(idc: PublicIndex, tmp_path: Path) -> None:
    manifest = idc.cohort().only("NM").manifest()
    path = manifest.save(tmp_path / "manifest.json", "json")
    assert json.loads(path.read_text())["series"] == manifest.document()["series"]
    assert stat.S_ISREG(path.stat().st_mode)
    with pytest.raises(StoreError, match="such a file already"):
        manifest.save(path)
