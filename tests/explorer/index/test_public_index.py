"""A public index is asked, and nothing else is in reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.errors import (
    FileRefusedError,
    NotFoundError,
    NotInstalledError,
    QueryError,
    StoreError,
)
from explorer.index.public_index import PublicIndex, public_index
from explorer.store import Store


def test_the_answers_are_those_of_pandas(idc: PublicIndex) -> None:
    frame = pd.read_parquet(idc.path)
    found = idc.sql(
        "select Modality, count(*) n, count(distinct PatientID) p from idc group by all"
    )
    expected = frame.groupby("Modality").PatientID.agg(["size", "nunique"])
    assert len(idc) == len(frame)
    assert {row.Modality: (row.n, row.p) for row in found.itertuples()} == {
        name: (n, p) for name, n, p in expected.itertuples()
    }


def test_every_column_is_there(idc: PublicIndex) -> None:
    assert list(idc.sql("select * from idc limit 1").columns) == idc.columns
    assert int(idc.sql("select count(*) n from idc")["n"][0]) == len(idc)


@pytest.mark.parametrize(
    "query",
    [
        "delete from idc",
        "select * from read_parquet('{path}')",
        "select * from '{path}'",
        "copy idc to '/tmp/x.csv'",
        "set lock_configuration = false",
        "select 1; select 2",
    ],
)
def test_what_is_not_answered(idc: PublicIndex, query: str) -> None:
    with pytest.raises(QueryError):
        idc.sql(query.format(path=idc.path))


def test_no_query_sees_the_tables_of_another(idc: PublicIndex, store: Store) -> None:
    idc.sql("select count(*) from idc")
    with pytest.raises(QueryError):
        store.sql("select count(*) from idc")


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no index")
    with pytest.raises(FileRefusedError, match="cannot be read"):
        public_index(tmp_path / "text.parquet")
    pq.write_table(pa.table({"PatientID": ["P1"]}), tmp_path / "poor.parquet")
    with pytest.raises(FileRefusedError, match="no column collection_id"):
        public_index(tmp_path / "poor.parquet")
    with pytest.raises(NotFoundError):
        public_index(tmp_path / "none.parquet")
    with pytest.raises(NotInstalledError, match=r"oncograph\[index\]"):
        public_index("no-such-package-of-series")


def test_a_column_that_is_not_there(idc: PublicIndex) -> None:
    with pytest.raises(NotFoundError, match="no column 'nothing'"):
        idc.table(["nothing"])


def attached(store: Store, idc: PublicIndex) -> dict[str, str]:
    """Two patients of TCGA, one with a declared issuer and one without."""
    with store.transaction("synthetic facts of real identifiers") as t:
        key = t.patient("TCGA-34-2605", "TCGA barcode")
        t.add_facts(key, [{"name": "stage", "value": "III"}])
        other = t.patient("TCGA-22-0940", "another tree")
        t.add_facts(other, [{"name": "stage", "value": "III"}])
    return {"declared": key, "other": other}


def test_patients_join_by_a_declared_issuer_alone(store: Store, idc: PublicIndex) -> None:
    keys = attached(store, idc)
    store.attach(idc, issuer="TCGA barcode", collections="tcga_*")
    found = store.sql(
        "select f.patient, i.PatientID, count(*) n from facts f join idc i using (patient) "
        "where f.value = 'III' group by all"
    )
    assert found[["patient", "PatientID"]].to_dict("records") == [
        {"patient": keys["declared"], "PatientID": "TCGA-34-2605"}
    ]
    states = store.sql(
        "select patient_state, count(distinct PatientID) n from idc group by all order by n"
    ).set_index("patient_state")["n"]
    assert states["joined"] == 1
    lung = idc.sql("select count(distinct PatientID) n from idc where collection_id like 'tcga_%'")
    assert states["no patient of that identifier"] == int(lung["n"][0]) - 1
    assert states.filter(like="cannot tell").sum() == 59  # the other collections' patients


def test_nobody_joins_where_nothing_was_said(store: Store, idc: PublicIndex) -> None:
    attached(store, idc)
    store.attach(idc)
    states = store.sql("select distinct patient, patient_state from idc")
    assert states["patient"].isna().all()
    assert states["patient_state"].str.startswith("cannot tell").all()
    with pytest.raises(StoreError, match="each with identifiers of its own"):
        store.attach(idc, issuer="TCGA barcode")


def test_what_the_store_has_is_marked(
    store: Store, idc: PublicIndex, put: Any, drafts: Any
) -> None:
    uid = idc.table(["SeriesInstanceUID"])["SeriesInstanceUID"][7].as_py()
    put("Anna", drafts.image(meta={"series_uid": uid}))
    store.attach(idc, "public")
    held = store.sql("select SeriesInstanceUID from public where held")
    assert held["SeriesInstanceUID"].tolist() == [uid]


@pytest.mark.parametrize("name", ["items", "Idc", "i d", "x; drop", "facts"])
def test_an_index_has_a_name_of_its_own(store: Store, idc: PublicIndex, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be called"):
        store.attach(idc, name)
    assert not store.attached
