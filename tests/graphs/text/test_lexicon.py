"""Lexicon: phrases of words and of letters, users' terms, and codes that exist."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from pydicom.sr._concepts_dict import concepts

from graphs.anatomy import anatomy
from graphs.errors import FormatError
from graphs.text.lexicon import FILES, Lexicon
from graphs.text.rules import RulesExtractor


def names(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    return [
        (text[one.start : one.end], one.terms[0].entity)
        for one in lexicon.find(text)
    ]  # fmt: skip


def test_the_longest_phrase_wins() -> None:
    text = "pleural effusion, Ground-glass\nopacity; groundglass opacity"
    assert names(Lexicon.default(), text) == [
        ("pleural effusion", "pleural effusion"),
        ("Ground-glass\nopacity", "ground-glass opacity"),
        ("groundglass opacity", "ground-glass opacity"),
    ]


def test_no_phrase_crosses_a_comma() -> None:
    assert [one for _, one in names(Lexicon.default(), "pleural, effusion")] == [
        "pleura_{side}", "pleural effusion",
    ]  # fmt: skip


def test_open_words() -> None:
    assert names(Lexicon.default(), "atelectatic") == [("atelectatic", "atelectasis")]


def test_other_languages_are_left_out_when_the_language_is_known() -> None:
    lexicon = Lexicon.default()
    assert lexicon.find("derrame pleural", language="es")
    assert names(lexicon, "結節") == [("結節", "nodule")]
    assert [t.entity for m in lexicon.find("derrame", language="en") for t in m.terms] == []


def test_users_add_terms_in_any_language(tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text(
        "term,entity,kind,code,language\n"
        "Rundherd|Rundherde,nodule,observation,,de\n"
        "kein|keine,absent_before,cue,,de\n"
        "rechter Oberlappen|rechten Oberlappen,lung_upper_lobe_right,anatomy,,de\n"
        "결절,nodule,observation,,ko\n"
        "chloroma,chloroma,observation,LOCAL:1,\n",
        encoding="utf-8",
    )
    lexicon = Lexicon.default().with_terms(path)
    assert lexicon.sha256 != Lexicon.default().sha256
    rules = RulesExtractor(lexicon)
    assert rules.producer.settings != RulesExtractor().producer.settings
    text = "Rundherd im rechten Oberlappen. Kein Rundherd. 결절. Chloroma."
    found = rules.extract(text)
    assert [(one.text, one.entity, one.assertion) for one in found] == [
        ("Rundherd", "nodule", "present"), ("Rundherd", "nodule", "absent"),
        ("결절", "nodule", "present"), ("Chloroma", "chloroma", "present"),
    ]  # fmt: skip
    assert found[0].anatomy == ("lung_upper_lobe_right",)
    assert found[0].code == "SCT:27925004"
    assert "chexpert:Lung Lesion" in found[0].labels
    assert found[-1].code == "LOCAL:1"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("word,entity\nx,y\n", "no column"),
        ("term,entity,kind\nx,y,noun\n", "of kind 'noun'"),
        ("term;entity;kind\nx;nodule;observation\n", "semicolons.*commas: term,entity,kind"),
        ('"term";"entity";"kind";"code"\nx;nodule;observation;"A,B"\n', "semicolons"),
        ("term\tentity\tkind\nx\tnodule\tobservation\n", "parted by tabs"),
        ("term;entity\nx;nodule\n", "no column"),
    ],
)
def test_a_broken_list_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "terms.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=what):
        Lexicon.default().with_terms(path)


def test_every_code_is_in_a_published_table() -> None:
    known = {code for said in concepts["SCT"].values() for code in said}
    known |= {(one.code or "").removeprefix("SCT:") for one in anatomy().values()}
    known |= {"4147007", "108369006"}  # mass, neoplasm: SNOMED CT's browser
    for name in FILES:
        text = (files("graphs.text") / "data" / f"{name}.csv").read_text("utf-8")
        for row in csv.DictReader(text.splitlines()):
            if row["code"]:
                assert row["code"].removeprefix("SCT:") in known, row


def test_label_sets_are_covered() -> None:
    labels = {one for term in Lexicon.default().terms for one in term.labels}
    assert {one for one in labels if one.startswith("chexpert:")} == {
        f"chexpert:{name}" for name in (
            "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema",
            "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion",
            "Pleural Other", "Fracture", "Support Devices",
        )
    }  # fmt: skip
    assert {one for one in labels if one.startswith("ct-rate:")} == {
        f"ct-rate:{name}" for name in (
            "Medical material", "Arterial wall calcification", "Cardiomegaly",
            "Pericardial effusion", "Coronary artery wall calcification", "Hiatal hernia",
            "Lymphadenopathy", "Emphysema", "Atelectasis", "Lung nodule", "Lung opacity",
            "Pulmonary fibrotic sequela", "Pleural effusion", "Mosaic attenuation pattern",
            "Peribronchial thickening", "Consolidation", "Bronchiectasis",
            "Interlobular septal thickening",
        )
    }  # fmt: skip


def test_structures_are_in_the_ontology() -> None:
    unknown = set()
    for term in Lexicon.default().terms:
        if term.kind == "anatomy" and "{side}" not in term.entity and term.entity not in anatomy():
            unknown.add(term.entity)
        if "{side}" in term.entity and term.entity.format(side="left") not in anatomy():
            unknown.add(term.entity)
    # regions that nothing can be measured in yet
    assert unknown <= {
        "breast_upper_outer_quadrant_{side}", "breast_upper_inner_quadrant_{side}",
        "breast_lower_outer_quadrant_{side}", "breast_lower_inner_quadrant_{side}",
        "perirenal_fat_{side}", "renal_vein_{side}", "superior_mesenteric_vein", "thigh_{side}",
        "splenic_artery", "hepatic_artery",
    }  # fmt: skip
