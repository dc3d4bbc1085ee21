"""Flipped bytes and cut files of every kind of document: one status a file, and no crash."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import explorer
from explorer.draft import Header, Source
from explorer.edit import record_row
from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.layout import ORIGIN_TABLES, RECORDS
from explorer.readers.cbioportal import CbioportalReader
from explorer.readers.fhir import FhirReader
from explorer.readers.gdc_clinical import GdcClinicalReader
from explorer.readers.maf import MafReader
from explorer.readers.openi import OpeniReader
from explorer.readers.pdf import PdfReader
from explorer.readers.text import TextReader

DATA = Path(__file__).resolve().parents[1] / "data"
TRIES = int(os.environ.get("ONCOGRAPH_DAMAGED_FILES", "60"))
REPORT = (
    "CT THORAX\r\nDate of report: 2019-04-09\r\nFINDINGS: ein Rundherd von 9 mm im rechten "
    "Oberlappen, unverändert.\r\nIMPRESSION: stable disease, no new lesion.\r\n"
).encode()
MAF = gzip.decompress((DATA / "tcga_laml_maf" / "tcga_laml.maf.gz").read_bytes())[:20_000]
LINES = b"".join(
    (DATA / "synthea_bulk" / f"{name}.000.ndjson").read_bytes() for name in ("Patient", "Condition")
)
CART = DATA / "gdc_clinical" / "clinical.tsv"

KINDS: dict[str, tuple[Any, str, bytes]] = {
    "text": (TextReader, "report.txt", REPORT),
    "openi": (OpeniReader, "CXR9001.xml", (DATA / "openi" / "CXR9001.xml").read_bytes()),
    "pdf": (PdfReader, "report.pdf", (DATA / "reports" / "ct.pdf").read_bytes()),
    "maf": (MafReader, "cohort.maf", MAF),
    "maf.gz": (MafReader, "cohort.maf.gz", gzip.compress(MAF, mtime=0)),
    "fhir": (FhirReader, "bundle.json", (DATA / "fhir" / "bundle.json").read_bytes()),
    "ndjson": (FhirReader, "Condition.ndjson", LINES),
    "gdc": (GdcClinicalReader, "clinical.tsv", CART.read_bytes()),
}  # fmt: skip


def damaged(data: bytes, seed: int) -> bytes:
    """Some bytes flipped, or the end cut off, or both."""
    chance = random.Random(seed)
    changed = bytearray(data)
    if seed % 3 != 1:
        for _ in range(chance.choice((1, 2, 8, 64))):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    if seed % 3 != 0:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


def source(path: Path) -> Source:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return Source(path, str(path), path.name, True, len(data), path.stat().st_mtime_ns, digest)


def look(reader: Any, path: Path) -> Header | None:
    try:
        header: Header | None = reader.peek(source(path))
    except FileRefusedError:  # a skipped one too
        return None
    return header


def told(reader: Any, headers: list[Header]) -> str:
    """Read; every file has one status, and every row fits its table."""
    many = hasattr(reader, "read_tables")
    reading = reader.read_tables(headers) if many else reader.read(headers, [])
    assert [one.uri for one in reading.statuses] == [one.source.uri for one in headers]
    assert all(one.reason for one in reading.statuses if one.status == "refused")
    for draft in reading.drafts:
        for table in ORIGIN_TABLES:
            rows = [record_row(table, row, draft) for row in draft.rows(table)]
            pa.Table.from_pylist(rows, schema=RECORDS[table])
    return str(reading.statuses[0].status)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_have_one_status_each(kind: str, tmp_path: Path) -> None:
    make, name, data = KINDS[kind]
    reader, path = make(), tmp_path / "patient" / name
    path.parent.mkdir()
    fates: dict[str, int] = {}
    for seed in range(TRIES):
        path.write_bytes(damaged(data, seed))
        header = look(reader, path)
        fate = "turned away" if header is None else told(reader, [header])
        fates[fate] = fates.get(fate, 0) + 1
    assert sum(fates.values()) == TRIES
    path.write_bytes(data)
    header = look(reader, path)
    assert header is not None
    assert told(reader, [header]) == "ingested"


@pytest.mark.slow
def test_damaged_files_of_a_study(tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / "cbioportal_study", tmp_path / "study")
    paths = sorted(folder.glob("*.txt"))
    reader = CbioportalReader()
    for seed in range(TRIES):
        path = paths[seed % len(paths)]
        whole = path.read_bytes()
        path.write_bytes(damaged(whole, seed))
        headers = [one for one in (look(reader, p) for p in paths) if one is not None]
        assert len(headers) >= len(paths) - 1
        told(reader, headers)
        path.write_bytes(whole)


@pytest.mark.slow
def test_damaged_files_spoil_none_beside_them(tmp_path: Path) -> None:
    folder = tmp_path / "cohort"
    for kind, (_, name, data) in KINDS.items():
        suffix = name[name.index(".") :]
        place = folder / kind.replace(".", "-")
        place.mkdir(parents=True)
        (place / f"whole{suffix}").write_bytes(data)
        for seed in range(4):
            (place / f"seed{seed}{suffix}").write_bytes(damaged(data, seed))
    result = ingest(folder, tmp_path / "s.onco")
    fates = {str(Path(one["path"]).relative_to(folder)): one["status"] for one in result.files}
    assert len(fates) == len(result.files) == 5 * len(KINDS)
    whole = {name: fate for name, fate in fates.items() if "/whole" in name}
    assert set(whole.values()) == {"ingested"}
    kept = explorer.open(tmp_path / "s.onco").files()
    assert sorted(kept["uri"]) == sorted(one["path"] for one in result.files)
