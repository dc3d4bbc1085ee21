"""Eight fusion models of one TCGA cohort, each with its modalities alone, shuffled and hidden.

Usage: python benchmarks/fusion_models.py FOLDER... [--cohort luad] [--results FOLDER]

The same published folds and declared seed as `tcga_survival.py`; see there for the data. Beside
them stands what costs least: a Cox model on 20 principal components of the expression alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import graphs
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from tcga_cohorts import Data, porpoise

MODELS = ("stack", "ridge-cox", "snn", "modality-transformer", "low-rank-bilinear",
          "iterative-attention", "patient-knn", "coxnet")  # fmt: skip


def main() -> None:
    """Print the words, the table and the controls."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--cohort", default="luad")
    asked.add_argument("--results", type=Path, help="keeps each fit; a rerun goes on")
    said = asked.parse_args()
    cohort = porpoise(Data(said.folders), said.cohort)
    found = graphs.evaluate(
        list(MODELS), cohort.examples, folds=cohort.folds, seed=0, draws=500, shuffles=2,
        controls=("alone", "shuffled", "missing"), subgroups=False, folder=said.results,
    )  # fmt: skip
    print(found.words)
    columns = ["model", "inputs", "c-index", "low", "high", "mean of folds", "SD of folds"]
    print(found.table[columns].round(3).to_string(index=False))
    shown = ["model", "control", "modality", "value", "change", "change low", "change high"]
    print(found.controls[shown].round(3).to_string(index=False))
    settings = {"components": 20, "wide_from": 2}
    plain = graphs.evaluate(
        {"Cox, 20 components": ("ridge-cox", settings)}, expression(cohort.examples),
        folds=cohort.folds, seed=0, draws=500, controls=False, subgroups=False,
    )  # fmt: skip
    print(plain.table[columns].round(3).to_string(index=False))


def expression(examples: Examples) -> Examples:
    """The expression alone."""
    genes = examples.blocks["genes"]
    if not isinstance(genes, Block):
        raise TypeError("genes are a table")
    names = np.array(genes.names)[[name.endswith("_rnaseq") for name in genes.names]]
    block = genes.select(names.tolist())
    return Examples(examples.keys, {"genes": block}, examples.target)


if __name__ == "__main__":
    main()
