from __future__ import annotations

import math
from pathlib import Path

from graphs.finding import Finding
from graphs.measured_value import MeasuredValue
from graphs.text.feature_table import feature_table
from graphs.text.lexicon import Lexicon
from graphs.text.rules import RulesExtractor


def finding(entity: str, **more: object) -> Finding:
    return Finding(0, 1, "x", entity, **more)  # type: ignore[arg-type]


def test_levels_sides_sizes_and_changes() -> None:
    size = MeasuredValue((2.3, 1.0), "cm", "size", 0, 1)
    earlier = MeasuredValue((9.0,), "cm", "size", 0, 1, prior=True)
    table = feature_table(
        {
            "a": [
                finding("nodule", laterality="right", measurements=(earlier, size), change="new"),
                finding("nodule", assertion="absent"),
                finding("cyst", assertion="uncertain", laterality="left"),
            ],
            "b": [finding("nodule", assertion="absent"), finding("cyst", assertion="not_assessed")],
            "c": [],
        }
    )
    assert list(table.index) == ["a", "b", "c"]
    assert table.index.name == "report"
    assert list(table["nodule"])[:2] == [1.0, 0.0]
    assert math.isnan(table.loc["c", "nodule"])
    assert table.loc["a", "nodule: mm"] == 23.0
    assert list(table["nodule: right"]) == [1.0, 0.0, 0.0]
    assert list(table["nodule: new"]) == [1.0, 0.0, 0.0]
    assert table.loc["a", "cyst"] == 0.5
    assert table.loc["a", "cyst: left"] == 0.0
    assert math.isnan(table.loc["b", "cyst"])


def test_the_features_of_a_training_set() -> None:
    table = feature_table({"a": [finding("zebra")]}, entities=["nodule"])
    assert list(table.columns) == ["nodule", "nodule: mm", "nodule: left", "nodule: right"]
    assert table["nodule"].isna().all()


def test_nothing_is_a_table_without_rows() -> None:
    assert feature_table({}).shape == (0, 0)


def test_ones_own_synonyms_in_chinese_are_one_feature(tmp_path: Path) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text(
        "term,entity,kind,language\n门静脉癌栓|门脉瘤栓,portal vein thrombus,observation,zh\n",
        encoding="utf-8",
    )
    extractor = RulesExtractor(Lexicon.default().with_terms(terms))
    texts = {"a": "肝右叶占位。门静脉癌栓。", "b": "可见门脉瘤栓。", "c": "未见门脉瘤栓。"}
    found = {name: extractor.extract(text, language="zh") for name, text in texts.items()}
    for name, rows in found.items():
        for one in rows:
            assert texts[name][one.start : one.end] == one.text
    table = feature_table(found, entities=["portal vein thrombus"])
    assert list(table["portal vein thrombus"]) == [1.0, 1.0, 0.0]
