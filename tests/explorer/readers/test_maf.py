"""MAF: real calls of 193 patients counted as pandas counts them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.ingest import ingest
from explorer.readers.mutation_rows import NON_SILENT

LAML = Path(__file__).parents[2] / "data" / "tcga_laml_maf" / "tcga_laml.maf.gz"
HEAD = (
    "#version gdc-1.0.0\n"
    "Hugo_Symbol\tEntrez_Gene_Id\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\t"
    "t_depth\tt_ref_count\tt_alt_count\tChromosome\tStart_Position\n"
)


@pytest.fixture(scope="module")
def laml(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    store = explorer.open(tmp_path_factory.mktemp("maf") / "s.onco", create=True)
    (row,) = ingest(LAML, store).files
    assert (row["status"], row["reason"]) == ("ingested", "2207 calls of 193 samples")
    return store


def test_every_call_is_an_event_that_leads_back_to_its_row(laml: explorer.Store) -> None:
    table = pd.read_csv(LAML, sep="\t", dtype=str, keep_default_na=False)
    assert len(laml) == table["Tumor_Sample_Barcode"].nunique() == 193
    events = laml.records.visible("events").to_pandas()
    assert len(events) == len(table) == 2207
    by_row = events.sort_values("row").reset_index(drop=True)
    assert by_row["row"].tolist() == list(range(1, 2208))
    assert by_row["name"].tolist() == table["Hugo_Symbol"].tolist()
    details = by_row["detail"].map(json.loads)
    assert [d["sample"] for d in details] == table["Tumor_Sample_Barcode"].tolist()
    assert [d["start"] for d in details] == table["Start_Position"].tolist()
    said = table["Protein_Change"].where(table["Protein_Change"] != "", None)
    both = [(a, b) for a, b in zip(by_row["value"], said, strict=True) if b is not None]
    assert all(a == b for a, b in both)
    wanted = pd.to_numeric(table["i_TumorVAF_WU"], errors="coerce") / 100
    np.testing.assert_allclose(by_row["number"].astype(float), wanted, atol=1e-6)
    assert set(by_row["source"]) == {str(LAML)}


def test_counts_by_class_and_gene_are_pandas(laml: explorer.Store) -> None:
    table = pd.read_csv(LAML, sep="\t", dtype=str, keep_default_na=False)
    for sample in ("TCGA-AB-2988", "TCGA-AB-2869", "TCGA-AB-3009"):
        mine = table[table["Tumor_Sample_Barcode"] == sample]
        patient = laml[sample]
        facts = {row["name"]: row["number"] for row in patient.rows("facts")}
        assert facts["mutations"] == len(mine)
        for kind, count in mine["Variant_Classification"].value_counts().items():
            assert facts[f"mutations: {kind}"] == count
        loud = mine[mine["Variant_Classification"].isin(NON_SILENT)]
        assert facts["mutated genes"] == loud["Hugo_Symbol"].nunique()
        (vector,) = patient.rows("vectors")
        features = laml.records.read("features").to_pylist()
        names = next(one["names"] for one in features if one["features"] == vector["features"])
        genes = loud["Hugo_Symbol"].value_counts().to_dict()
        found = {n: v for n, v in zip(names, vector["values"], strict=True) if v}
        assert found == genes


def test_again_changes_nothing(laml: explorer.Store) -> None:
    before = {head.patient: head.version for head in laml.records.heads()}
    (row,) = ingest(LAML, laml).files
    assert row["status"] == "skipped"
    assert {head.patient: head.version for head in laml.records.heads()} == before


def test_reads_depth_and_fraction_of_a_gdc_maf(tmp_path: Path) -> None:
    path = tmp_path / "cohort.maf"
    path.write_text(
        HEAD
        + "KRAS\t3845\tMissense_Mutation\tTCGA-AA-0001-01A\tp.G12V\t100\t60\t40\t12\t25245350\n"
        "TP53\t7157\tSplice_Site\tTCGA-AA-0001-06A\t\t\t30\t10\t17\t7674220\n"
        "EGFR\t1956\tSilent\tTCGA-AA-0001-06A\tp.L1=\t0\t0\t0\t7\t1\n"
        "short row\n"
    )
    result = ingest(tmp_path, tmp_path / "s.onco")
    (row,) = (one for one in result.files if one["path"].endswith(".maf"))
    assert "1 rows do not fit the head" in row["reason"]
    assert [(one["row"], one["found"]) for one in result.faults] == [(4, "short row")]
    store = explorer.open(tmp_path / "s.onco")
    # the barcodes are as they stand: whose samples they are is not guessed
    assert list(store) == ["TCGA-AA-0001-01A", "TCGA-AA-0001-06A"]
    events = store["TCGA-AA-0001-06A"].rows("events")
    assert [(e["name"], e["value"], e["number"]) for e in events] == [
        ("TP53", "17:7674220 None>None", 0.25), ("EGFR", "p.L1=", None),
    ]  # fmt: skip
    assert (events[0]["code"], events[0]["code_scheme"]) == ("7157", "NCBI Gene")


def test_a_declared_rule_puts_samples_to_their_case(tmp_path: Path) -> None:
    path = tmp_path / "cohort.maf"
    path.write_text(
        HEAD + "KRAS\t3845\tMissense_Mutation\tTCGA-AA-0001-01A\tp.G12V\t100\t60\t40\t12\t1\n"
        "TP53\t7157\tMissense_Mutation\tTCGA-AA-0001-06A\tp.R1Q\t40\t30\t10\t17\t2\n"
    )
    rule = (
        "tables:\n- files: cohort.maf\n"
        "  identifier: {column: Tumor_Sample_Barcode, part: TCGA-XX-XXXX}\n"
    )
    (tmp_path / "rule.yaml").write_text(rule)
    ingest(path, tmp_path / "s.onco", tables=tmp_path / "rule.yaml")
    store = explorer.open(tmp_path / "s.onco")
    assert list(store) == ["TCGA-AA-0001"]
    patient = store["TCGA-AA-0001"]
    assert sorted(v["name"] for v in patient.rows("vectors")) == [
        "non-silent mutations of TCGA-AA-0001-01A", "non-silent mutations of TCGA-AA-0001-06A",
    ]  # fmt: skip
    assert len(patient.rows("events")) == 2
