"""Public cohorts with survival as examples: read where they lie, nothing of them is kept.

PORPOISE's genomic tables and folds (GitHub mahmoodlab/PORPOISE, GPL-3.0, non-commercial academic
purposes), MCAT's published figures (GitHub mahmoodlab/MCAT), the clinical table of 11,081 TCGA
patients (GitHub luisvalesilva/multisurv, MIT), and radiomics and VASARI scores of TCGA-LGG (GitHub
MahdiAll99/MEDimage and mvallieres/radiomics, GPL-3.0).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.examples.target import Target

Rows = NDArray[np.int64]
_GENES = ("_rnaseq", "_cnv", "_mut")
_STAGES = {"i": 1.0, "ii": 2.0, "iii": 3.0, "iv": 4.0}


@dataclass(frozen=True)
class Cohort:
    """Patients with their folds, (train, validation) a fold."""

    name: str
    examples: Examples
    folds: tuple[tuple[Rows, Rows], ...]


class Data:
    """Folders in which the files lie, at any depth."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders

    def file(self, name: str, under: str = "") -> Path:
        """The first file of a name, or SystemExit."""
        for folder in self.folders:
            for found in sorted(folder.rglob(name)):
                if under in found.as_posix():
                    return found
        raise SystemExit(f"no {under} {name} in {', '.join(map(str, self.folders))}")

    def slides(self, cohort: str) -> pd.DataFrame:
        """PORPOISE's table, one row a patient instead of one a slide."""
        file = self.file(f"tcga_{cohort}_all_clean.csv.zip")
        with zipfile.ZipFile(file) as archive:
            (name,) = [
                one for one in archive.namelist() if "__MACOSX" not in one and one[-1] != "/"
            ]
            with archive.open(name) as table:
                made = pd.read_csv(table, low_memory=False)
        return made.drop_duplicates("case_id").set_index("case_id")

    def clinical(self) -> pd.DataFrame:
        """GDC's clinical table."""
        table = pd.read_csv(self.file("clinical_data.tsv.gz"), sep="\t", low_memory=False)
        return table.drop_duplicates("submitter_id").set_index("submitter_id")

    def published(self, cohort: str) -> dict[str, float]:
        """Mean validation c-indices of MCAT's repository on the same folds."""
        files = {
            "SNN, genes": "SNNsm_nll_surv_a0.0_reg1e-04_5foldcv_gc32_sig.csv",
            "AMIL, slides": "AMILsm_nll_surv_a0.0_5foldcv_gc32_sig.csv",
            "MCAT, slides and genes": "MCATsm_nll_surv_a0.0_5foldcv_gc32_concat.csv",
        }
        found = {}
        for name, file in files.items():
            table = pd.read_csv(self.file(file)).T.drop_duplicates().T.set_index("Project")
            if cohort in table.index:
                found[name] = float(table.loc[cohort, "Val C-Index (Mean)"])
        return found


def porpoise(data: Data, cohort: str) -> Cohort:
    """Clinical facts (age, sex, stage) and genes on the published folds."""
    table = data.slides(cohort)
    genes = table[[name for name in table if name.endswith(_GENES)]]
    facts = pd.DataFrame({"age": table["age"].astype(float), "female": table["is_female"]})
    if cohort == "gbmlgg":
        # gliomas have no stage: whether it is a glioblastoma takes its place
        facts["glioblastoma"] = table["oncotree_code"] == "GBM"
    else:
        facts["stage"] = stage(data.clinical()["tumor_stage"]).reindex(table.index)
    target = Target.survival(table["survival_months"], table["censorship"] == 0, "months")
    examples = Examples.of_frames({"clinical": facts, "genes": genes}, target)
    folds = []
    for fold in range(5):
        split = pd.read_csv(data.file(f"splits_{fold}.csv", f"tcga_{cohort}/"))
        train, rest = (
            np.flatnonzero(table.index.isin(split[k].dropna())) for k in ("train", "val")
        )
        if set(train) & set(rest):
            raise SystemExit(f"{cohort}: a patient on both sides of fold {fold}")
        folds.append((train, rest))
    return Cohort(cohort, examples, tuple(folds))


def stage(said: pd.Series) -> pd.Series:
    """'stage iib' as 2; NaN where no stage is said."""
    found = said.astype(str).str.lower().str.extract(r"stage (iv|iii|ii|i)")[0]
    return found.map(_STAGES)


def pancan(data: Data, *, leaking: bool = False) -> Cohort:
    """33 cancers on MultiSurv's split (train, test); RNA of those who are in PORPOISE's tables.

    Its validation patients are left out: choices are made within the training patients. Treatment
    is given after the baseline, and tells of the outcome: with `leaking` alone.
    """
    table = data.clinical()
    names = ["gender", "race", "prior_treatment", "prior_malignancy", "synchronous_malignancy",
             "project_id"]  # fmt: skip
    if leaking:
        names += [name for name in table if name.startswith("treatments_")]
    facts = table[names].astype("string").fillna("not said").astype("category")
    facts["age"] = table["age_at_diagnosis"] / 365.25
    facts["stage"] = stage(table["tumor_stage"])
    parts = []
    for cohort in ("blca", "brca", "gbmlgg", "kirc", "luad", "ucec"):
        slides = data.slides(cohort)
        part = slides[[name for name in slides if name.endswith("_rnaseq")]]
        if len(part.columns):
            parts.append(part)
    shared = sorted(set.intersection(*(set(part.columns) for part in parts)))
    rna = pd.concat([part[shared] for part in parts])
    rna = rna[~rna.index.duplicated()].reindex(table.index)
    # in years; nobody is followed for no time at all
    target = Target.survival(table["time"].clip(lower=1e-3), table["event"], "years")
    examples = Examples.of_frames({"clinical": facts, "rna": rna}, target)
    train, test = (np.flatnonzero(table["group"] == one) for one in ("train", "test"))
    return Cohort("pancan, leaking" if leaking else "pancan", examples, ((train, test),))


def lgg(data: Data, seed: int) -> Cohort:
    """TCGA-LGG patients who have radiomics of MRI, a radiologist's scores, genes and outcome."""
    clinical = pd.read_csv(data.file("TCGA_clinical_INFO.csv"), index_col=0)
    vasari = pd.read_csv(data.file("TCGA_vasari_INFO.csv"), index_col=0)
    parts = []
    for file in sorted(
        data.file("radiomics__T1(gliomaTumorAuto)__image.csv.gz").parent.glob("*.gz")
    ):
        part = pd.read_csv(file, index_col=0)
        part.index = [_case(one) for one in part.index]
        name = re.sub(r"radiomics__|\(gliomaTumorAuto\)|\.csv\.gz", "", file.name)
        parts.append(part[~part.index.duplicated()].add_prefix(f"{name} "))
    radiomics = pd.concat(parts, axis=1).apply(pd.to_numeric, errors="coerce")
    slides = data.slides("gbmlgg")
    genes = slides[[name for name in slides if name.endswith(_GENES)]]
    keys = sorted(set(clinical.index) & set(vasari.index) & set(radiomics.index) & set(genes.index))
    clinical = clinical.loc[keys]
    facts = pd.DataFrame({
        "age": clinical["age_at_initial_pathologic"].astype(float),
        "female": clinical["gender"] == "FEMALE",
        "grade": clinical["neoplasm_histologic_grade"].map({"G2": 2.0, "G3": 3.0}),
        "histology": clinical["histological_type"].astype("category"),
        "Karnofsky": pd.to_numeric(clinical["karnofsky_performance_sco"], errors="coerce"),
    })  # fmt: skip
    target = Target.survival(
        clinical["daystolastordeath"].astype(float), clinical["death01"], "days"
    )
    frames = {
        "clinical": facts,
        "VASARI": vasari.loc[keys].astype(float),
        "radiomics": radiomics.loc[keys].dropna(axis=1, how="all"),
        "genes": genes.loc[keys],
    }
    examples = Examples.of_frames(frames, target).known()
    from sklearn.model_selection import StratifiedKFold

    split = StratifiedKFold(5, shuffle=True, random_state=seed)
    event = examples.outcome().event
    return Cohort("LGG", examples, tuple(split.split(event, event)))


def _case(name: str) -> str:
    found = re.search(r"TCGA-\w{2}-\w{4}", str(name))
    return found[0] if found else str(name)
