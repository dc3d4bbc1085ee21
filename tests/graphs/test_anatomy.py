"""The ontology of anatomy: names, sides, parts, and what to do about terms it does not know."""

from __future__ import annotations

import pytest

from explorer.errors import NotFoundError
from explorer.readers.totalsegmentator_classes import class_modifier, class_names
from graphs.anatomy import anatomy

KNOWN = anatomy()


def test_every_class_of_totalsegmentator_is_there() -> None:
    missing = [name for name in class_names() if name not in KNOWN]
    assert not missing
    assert all(KNOWN[name].kind in ("class", "lesion") for name in class_names())


def test_sides_are_those_of_the_table() -> None:
    said = {name: (class_modifier(name) or "").lower() for name in class_names()}
    wrong = [n for n, side in said.items() if side in ("left", "right") and KNOWN.side(n) != side]
    assert not wrong
    # the left atrium is a chamber, not a side of the patient
    assert KNOWN.side("heart_atrium_left") is None


def test_the_right_lung_is_its_three_lobes() -> None:
    right = KNOWN.find("right lung")
    assert right is not None
    assert right.name == "lung_right"
    lobes = ["lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right"]
    assert sorted(KNOWN.parts("lung_right")) == sorted(lobes)
    assert len(KNOWN.parts("lung")) == 5
    assert len(KNOWN.parts("liver")) == 8
    assert len(KNOWN.parts("ribs_left")) == 12
    assert len(KNOWN.parts("ribs")) == 24
    assert len(KNOWN.parts("vertebrae")) == 24
    assert KNOWN.parts("spleen") == ["spleen"]
    assert KNOWN.parents("lung_upper_lobe_right")[0] == "lung_right"
    assert {"lung", "thorax"} <= set(KNOWN.parents("lung_upper_lobe_right"))
    assert KNOWN.parents("lingula")[0] == "lung_upper_lobe_left"


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("RUL", "lung_upper_lobe_right"),
        ("upper lobe of the right lung", "lung_upper_lobe_right"),
        ("Right-upper lobe", "lung_upper_lobe_right"),
        ("rt. kidney", "kidney_right"),
        ("both lungs", "lung"),
        ("hepatic segment VI", "liver_segment_6"),
        ("T12", "vertebrae_T12"),
        ("left 3rd rib", "rib_left_3"),
        ("left adrenal", "adrenal_gland_left"),
        ("LEFT ATRIUM", "heart_atrium_left"),
        ("urinary bladder", "urinary_bladder"),
        ("right hilum", "lung_hilum_right"),
        ("lung_middle_lobe_right", "lung_middle_lobe_right"),
        ("left kidneys", "kidney_left"),
        # names of Chest ImaGenome
        ("right hilar structures", "lung_hilum_right"),
        ("left lower lung zone", "lung_lower_zone_left"),
        ("right costophrenic angle", "costophrenic_angle_right"),
        ("svc", "superior_vena_cava"),
        ("upper mediastinum", "mediastinum_upper"),
        ("cardiac silhouette", "cardiac_silhouette"),
    ],
)
def test_terms(term: str, name: str) -> None:
    found = KNOWN.find(term)
    assert found is not None
    assert found.name == name


def test_no_term_names_two_structures() -> None:
    owner: dict[str, str] = {}
    for name, structure in KNOWN.items():
        for term in structure.terms:
            key = term.casefold().replace("_", " ")
            assert owner.setdefault(key, name) == name, term


def test_the_hierarchy_is_sound() -> None:
    for name, structure in KNOWN.items():
        assert all(one in KNOWN for one in (*structure.part_of, *structure.within))
        assert name not in KNOWN.parents(name)
        assert KNOWN.parts(name)
        sided = [KNOWN.side(one) for one in KNOWN.parts(name)]
        if structure.side and structure.kind != "region":
            assert set(sided) <= {structure.side}


def test_unknown_terms_give_suggestions() -> None:
    assert KNOWN.find("rihgt lung") is None
    assert KNOWN.suggest("rihgt lung")[0].name == "lung_right"
    assert KNOWN.suggest("gallblader")[0].name == "gallbladder"
    assert KNOWN.suggest("zzzzzz") == []
    with pytest.raises(NotFoundError, match="spleen"):
        KNOWN.parts("splen")
    assert KNOWN.find("") is None
    assert KNOWN.find("<b>" * 50) is None


def test_codes() -> None:
    assert KNOWN.code("kidney_left") == KNOWN.code("kidney_right") == "SCT:64033007"
    (found,) = KNOWN.of_code("SCT:64033007", "left")
    assert found.name == "kidney_left"


def test_terms_of_other_languages() -> None:
    more = KNOWN.extended({"右肺上葉": "lung_upper_lobe_right", "Leber": "liver"})
    assert more.find("右肺上葉") == more["lung_upper_lobe_right"]
    assert more.find("leber") == more["liver"]
    assert KNOWN.find("Leber") is None
    with pytest.raises(NotFoundError):
        KNOWN.extended({"x": "no_such"})
