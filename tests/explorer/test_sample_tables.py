from __future__ import annotations

import gzip

from explorer.sample_tables import sample_tables


def test_each_says_where_it_comes_from() -> None:
    found = sample_tables()
    assert set(found) == {"tcga_clinical", "idc_index"}
    for folder in found.values():
        text = (folder / "SOURCE.md").read_text()
        assert "- Licence: " in text
    with gzip.open(found["tcga_clinical"] / "clinical_data.tsv.gz", "rt") as file:
        assert sum(1 for _ in file) == 11_082
