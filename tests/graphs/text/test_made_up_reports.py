"""Whole reports of several kinds. All of them are made up; none is of a patient."""

from __future__ import annotations

from graphs.finding import Finding
from graphs.text.rules import RulesExtractor

RULES = RulesExtractor()

CHEST_CT = """\
CLINICAL HISTORY: Cough. Rule out pneumonia.
TECHNIQUE: CT of the chest with contrast, slice thickness 2 mm.
COMPARISON: CT of January 2020.
FINDINGS:
Lungs: A spiculated 2.3 x 1.9 cm nodule in the right upper lobe (series 4, image 57), previously
1.8 cm. Two new nodules, 4 mm and 6 mm, in the left lower lobe. No consolidation.
Pleura: Small left pleural effusion, unchanged.
Mediastinum: Enlarged right paratracheal lymph node measuring 14 mm. No hilar adenopathy.
Upper abdomen: Hypodense lesion in liver segment 7, 12 mm, possibly a cyst.
Bones: No suspicious osseous lesions.
IMPRESSION:
1. Growing right upper lobe nodule suspicious for carcinoma.
2. New left lower lobe nodules; metastases cannot be excluded.
"""

PANCREAS = """\
Question: resectable tumour?
Report:
Hypodense mass in the pancreatic head, 31 x 27 mm, with encasement of the superior mesenteric
artery. No liver metastases. No ascites. Left kidney with a cortical cyst of 2 cm.
"""

PROSTATE = """\
PSA: 8.4 ng/ml.
The prostate volume is 52 ml, PSA density 0.16.
Lesion in the right peripheral zone, 11 x 8 mm, PI-RADS 4. No extraprostatic extension.
"""

LYMPHOMA = """\
PET/CT
FDG-avid lymph nodes in the left axilla, SUVmax 9.3, and in the mediastinum, SUVmax 6,1.
The spleen is normal. The previously seen inguinal adenopathy has resolved.
"""

MAMMOGRAPHY = """\
FINDINGS: In the upper outer quadrant of the left breast there is an irregular mass of 14 mm with
microcalcifications. No architectural distortion in the right breast.
ASSESSMENT: BI-RADS 5.
"""

PATHOLOGY = """\
SPECIMEN: Left upper lobe, lobectomy.
FINAL DIAGNOSIS: Adenocarcinoma of the lung, 2.4 cm in greatest dimension.
Pleural invasion: not identified. Lymph nodes: metastatic carcinoma in two of ten lymph nodes.
"""


def read(text: str, entity: str) -> list[Finding]:
    found = RULES.extract(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    return [one for one in found if one.entity == entity]


def mm(one: Finding) -> list[tuple[tuple[float, ...] | None, bool]]:
    return [(v.mm, v.prior) for v in one.measurements if v.kind == "size"]


def test_a_chest_ct() -> None:
    nodule, four, six, again, left = read(CHEST_CT, "nodule")
    assert nodule.anatomy == ("lung_upper_lobe_right",)
    assert mm(nodule) == [((23.0, 19.0), False), ((18.0,), True)]
    assert [(r.series, r.image) for r in nodule.refers] == [(4, 57)]
    assert nodule.detail["modifiers"] == ["spiculated"]
    assert [mm(one) for one in (four, six)] == [[((4.0,), False)], [((6.0,), False)]]
    assert {one.anatomy for one in (four, six)} == {("lung_lower_lobe_left",)}
    assert (four.change, again.change, left.change) == ("new", "increased", "new")
    (asked, seen) = (read(CHEST_CT, name)[0] for name in ("pneumonia", "consolidation"))
    assert (asked.assertion, seen.assertion) == ("not_assessed", "absent")
    (effusion,) = read(CHEST_CT, "pleural effusion")
    assert (effusion.laterality, effusion.change) == ("left", "stable")
    node, none = read(CHEST_CT, "lymphadenopathy")
    assert (node.assertion, none.assertion) == ("present", "absent")
    assert mm(node) == [((14.0,), False)]
    (lesion,) = [one for one in read(CHEST_CT, "lesion") if one.assertion == "present"]
    assert lesion.anatomy == ("liver_segment_7",)
    assert {one.assertion for one in read(CHEST_CT, "cyst")} == {"uncertain"}
    assert {one.assertion for one in read(CHEST_CT, "carcinoma")} == {"uncertain"}
    assert {one.assertion for one in read(CHEST_CT, "metastasis")} == {"uncertain"}
    assert {one.assertion for one in read(CHEST_CT, "bone lesion")} == {"absent"}


def test_a_pancreas() -> None:
    (mass,) = read(PANCREAS, "mass")
    assert mass.anatomy == ("pancreas_head",)
    assert mm(mass) == [((31.0, 27.0), False)]
    assert "hypodense" in mass.detail["modifiers"]
    (encased,) = read(PANCREAS, "encasement")
    assert encased.anatomy == ("superior_mesenteric_artery",)
    assert [one.assertion for one in read(PANCREAS, "metastasis")] == ["absent"]
    (cyst,) = read(PANCREAS, "renal cyst")
    assert (cyst.laterality, mm(cyst)) == ("left", [((20.0,), False)])


def test_a_prostate() -> None:
    values = {v.kind: v.value for one in RULES.extract(PROSTATE) for v in one.measurements}
    assert values["psa"] == (8.4,)
    assert values["psa density"] == (0.16,)
    assert values["pi-rads"] == (4.0,)
    (lesion,) = read(PROSTATE, "lesion")
    assert lesion.anatomy == ("prostate_peripheral_zone_right",)
    assert mm(lesion) == [((11.0, 8.0), False)]
    assert read(PROSTATE, "extraprostatic extension")[0].assertion == "absent"


def test_a_lymphoma() -> None:
    found = [one for one in RULES.extract(LYMPHOMA) if one.measurements]
    assert [v.value for one in found for v in one.measurements] == [(9.3,), (6.1,)]
    (gone,) = read(LYMPHOMA, "lymphadenopathy")
    assert (gone.assertion, gone.change) == ("absent", "resolved")


def test_a_mammography() -> None:
    (mass,) = read(MAMMOGRAPHY, "mass")
    assert mass.anatomy[0] == "breast_upper_outer_quadrant_left"
    assert mm(mass) == [((14.0,), False)]
    (distortion,) = read(MAMMOGRAPHY, "architectural distortion")
    assert (distortion.assertion, distortion.laterality) == ("absent", "right")


def test_a_pathology() -> None:
    (cancer,) = read(PATHOLOGY, "adenocarcinoma")
    assert (cancer.assertion, cancer.anatomy) == ("present", ("lung",))
    assert mm(cancer) == [((24.0,), False)]
    assert [one.assertion for one in read(PATHOLOGY, "invasion")] == ["absent"]
