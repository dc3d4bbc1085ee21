"""Files of gene sets that are none, and names that have something behind the gene."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from graphs.errors import ExamplesError
from graphs.examples.block import Block
from graphs.features.pathways import pathway_scores, read_gmt, read_signatures, with_pathways


@pytest.mark.parametrize("text", ["", "A\tdescription\n", "A\tx\tTP53\nA\tx\tALK\n", "\tx\tTP53"])
def test_no_gene_sets(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sets.gmt"
    path.write_text(text)
    with pytest.raises(ExamplesError):
        read_gmt(path)
    with pytest.raises(ExamplesError):
        read_signatures(path)
    with pytest.raises(ExamplesError, match="cannot be read"):
        read_gmt(tmp_path / "not there")


def test_suffixes_and_genes_of_another_kind() -> None:
    block = Block.of("rna", pd.DataFrame({"TP53_mut": [1.0], "TP53_cnv": [0.0], "ALK": [2.0]}))
    found = with_pathways(block, {"repair": ["TP53"], "all": ["ALK", "TP53"]},
                          suffixes=("_mut", "_cnv"))  # fmt: skip
    assert found.groups == {"repair": ["TP53_mut", "TP53_cnv"],
                            "all": ["ALK", "TP53_mut", "TP53_cnv"]}  # fmt: skip
    assert pathway_scores(found).frame.iloc[0].tolist() == [0.5, 1.0]
    with pytest.raises(ExamplesError, match="no gene of any"):
        with_pathways(block, {"x": ["ENSG00000141510"]})
    with pytest.raises(ExamplesError, match="without groups"):
        pathway_scores(block)
