"""Synthetic CT reports of lymphoma, whose twelve items are known because they were drawn first."""

from __future__ import annotations

import random
from dataclasses import dataclass

ABOVE = ("cervical", "supraclavicular", "axillary", "mediastinal", "hilar")
BELOW = ("retroperitoneal", "mesenteric", "iliac", "inguinal")
RESPONSE = {
    "complete": ("Complete response.", "Findings in keeping with complete remission."),
    "partial": ("Partial response.", "The nodes have decreased in size."),
    "stable": ("Stable disease.", "No significant change since the prior CT."),
    "progressive": ("Progressive disease.", "The known nodes have increased in size."),
}
YES_NO = {
    "contrast": (
        ("Images were obtained after intravenous contrast.", "Contrast-enhanced CT."),
        ("Images were obtained without intravenous contrast.", "No contrast medium was given."),
    ),
    "spleen_lesions": (
        ("There are focal lesions in the spleen.", "Several hypodense splenic lesions."),
        ("No splenic lesions.", "The spleen shows no focal lesion."),
    ),
    "liver": (
        ("Two liver lesions are seen.", "There is hepatic involvement."),
        ("No focal liver lesion.", "The liver is free of focal lesions."),
    ),
    "lung": (
        ("Several pulmonary nodules.", "Lung nodules in both lower lobes."),
        ("No pulmonary nodules.", "The chest shows no lung lesion."),
    ),
    "effusion": (
        ("Small left pleural effusion.", "Pleural effusions on both sides."),
        ("No pleural effusion.", "Pleural fluid is absent."),
    ),
    "bulky": (("Bulky disease.", "A bulky nodal mass."), ("No bulky disease.", "No nodal bulk.")),
}


@dataclass(frozen=True)
class LymphomaReport:
    """A report and what it says; items that it leaves out are not in `values`."""

    text: str
    values: dict[str, object]


def lymphoma_reports(count: int, seed: int) -> list[LymphomaReport]:
    """Make reports; synthetic.

    Parameters
    ----------
    count, seed : int
    """
    rng = random.Random(seed)
    return [_report(rng) for _ in range(count)]


def _report(rng: random.Random) -> LymphomaReport:
    values: dict[str, object] = {}
    said: dict[str, str] = {}
    for name, (yes, no) in YES_NO.items():
        if rng.random() < 0.25:
            continue
        values[name] = rng.choice(("yes", "no"))
        said[name] = rng.choice(yes if values[name] == "yes" else no)
    nodes = _nodes(rng, values)
    if rng.random() < 0.75:
        length = rng.randint(80, 220)
        values["spleen_size"] = (float(length),)
        said["spleen"] = rng.choice(
            (f"The spleen measures {length / 10:.1f} cm.", f"Spleen {length} mm in length.")
        )
    findings = [*nodes, *(said[n] for n in said if n != "contrast")]
    rng.shuffle(findings)
    parts = []
    if "contrast" in said:
        parts.append(f"TECHNIQUE: {said['contrast']}")
    parts.append("FINDINGS: " + " ".join(findings or ["Unremarkable."]))
    if rng.random() < 0.75:
        values["response"] = rng.choice(list(RESPONSE))
        parts.append(f"IMPRESSION: {rng.choice(RESPONSE[str(values['response'])])}")
    return LymphomaReport("\n".join(parts), values)


def _nodes(rng: random.Random, values: dict[str, object]) -> list[str]:
    texts = []
    for name, sites, where in (
        ("nodes_above", ABOVE, "above"),
        ("nodes_below", BELOW, "below"),
    ):
        if rng.random() < 0.25:
            continue
        values[name] = rng.choice(("yes", "no"))
        site, other = rng.sample(sites, 2)
        if values[name] == "no":
            texts.append(
                rng.choice(
                    (
                        f"No {site} or {other} lymphadenopathy.",
                        f"No enlarged nodes {where} the diaphragm.",
                    )
                )
            )
            continue
        text = rng.choice((f"Enlarged {site} lymph nodes", f"There is {site} lymphadenopathy"))
        if "largest_site" not in values and rng.random() < 0.7:
            long, short = rng.randint(20, 90), rng.randint(10, 19)
            values["largest_site"] = site
            values["largest_size"] = (float(long), float(short))
            size = rng.choice((f"{long} x {short} mm", f"{long / 10:.1f} x {short / 10:.1f} cm"))
            text += rng.choice((f", the largest node {size}", f", the largest measuring {size}"))
        texts.append(f"{text}.")
    return texts
