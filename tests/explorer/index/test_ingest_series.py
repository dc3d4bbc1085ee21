"""A public cohort's series, by reference out of a bucket that everybody may read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.index.public_index import PublicIndex
from explorer.ingest import ingest
from explorer.s3_place import S3Place
from explorer.store import open_store


def test_a_manifest_is_ingested_from_its_public_bucket(
    s3: str, idc: PublicIndex, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = shared_data / "tcga_lusc_34_2605_ct" / "dicom.zip"
    if not archive.is_file():
        pytest.skip("needs the shared data: tcga_lusc_34_2605_ct")
    with zipfile.ZipFile(archive) as opened:
        names = sorted(name for name in opened.namelist() if not name.endswith("/"))[:4]
        files = [Path(opened.extract(name, tmp_path / "files")) for name in names]
    manifest = idc.cohort().having(patient="TCGA-34-2605").manifest()
    assert len(manifest) > 1
    prefix = manifest.series["series_aws_url"][0].removesuffix("/*")
    for file in files:
        (S3Place(prefix) / file.name).write_bytes(file.read_bytes())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    result = manifest.ingest(tmp_path / "store")
    assert result.counts["referenced"] == len(files)
    assert len(result.refused) == len(manifest) - 1  # not one of them is in this bucket
    store = open_store(tmp_path / "store")
    assert store.roots() == ["s3://idc-open-data"]
    ingest(tmp_path / "files", tmp_path / "local")
    found, expected = (
        next(iter(next(iter(one.patients())).images.values()))
        for one in (store, open_store(tmp_path / "local"))
    )
    np.testing.assert_array_equal(found.read((slice(None),) * 3), expected.read((slice(None),) * 3))
    assert not manifest.ingest(store).changed
