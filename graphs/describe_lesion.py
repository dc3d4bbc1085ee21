"""Sentences about one lesion, and the same as data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from graphs.anatomy import anatomy
from graphs.distance import Distance
from graphs.lesion import Lesion
from graphs.organs import display_name
from graphs.prose import Prose, shown
from graphs.said_number import SaidNumber

_PLURALS = {"metastasis": "metastases", "mass": "masses"}
_MOST_ALIKE = 6  # further outlines of one lesion whose sizes are said
# Beyond half of a vessel's outline a reader speaks of encasement (pancreas: Al-Hawary 2014).
_HALF_AROUND = 180.0
_GRAZED = 0.02  # share of a lesion up to which it touches a structure rather than enters it


def lesion_name(noun: str, count: int = 1) -> str:
    """'nodule', 'nodules'."""
    return noun if count == 1 else _PLURALS.get(noun, f"{noun}s")


def place(lesion: Lesion) -> str:
    """Where it lies: 'in the right upper lobe', 'on the left', or nothing."""
    if lesion.organ is None:
        return f"on the {lesion.laterality}" if lesion.laterality else ""
    known, name = anatomy().get(lesion.organ), display_name(lesion.organ)
    own_side = lesion.laterality_by == "organ mask" and (known is None or known.side is None)
    if lesion.laterality and own_side:
        return f"on the {lesion.laterality} of the {name}"
    return f"in the {name}"


def main_outline(group: Sequence[Lesion]) -> Lesion:
    """The outline that stands for all: not on PET where there is another, the middle by volume."""
    anatomic = [one for one in group if not _suv(one)] or list(group)
    ordered = sorted(anatomic, key=lambda one: (one.measures.volume_mm3, one.target))
    return ordered[len(ordered) // 2]


def size(lesion: Lesion) -> tuple[SaidNumber, str, SaidNumber, str]:
    """'22.3 x 14.5 mm'."""
    m = lesion.measures
    return (
        SaidNumber("longest diameter", m.longest_mm, "mm", (lesion.target,)),
        " x ",
        SaidNumber("perpendicular diameter", m.perpendicular_mm, "mm", (lesion.target,)),
        " mm",
    )


def describe_lesion(
    prose: Prose, group: Sequence[Lesion], near: Sequence[Distance], modality: dict[str, str]
) -> None:
    """Write a paragraph about one lesion.

    Parameters
    ----------
    prose : Prose
    group : sequence of Lesion
        The outlines of the one lesion (`lesion_groups`).
    near : sequence of Distance
        Of `main_outline`, nearest first.
    modality : dict
        Image id to what a report calls its modality.
    """
    main = main_outline(group)
    where, longest = place(main), size(main)
    article = "An" if re.match(r"8|1[18]\.", shown(longest[0])) else "A"
    begun = f"{article} " if where else f"There is {article.lower()} "
    prose.say(begun, *longest, f" {lesion_name(main.noun)}", f" lies {where}" if where else "")
    prose.say(f"{_plane(main)}. It has a volume of ", _number("volume", main), " ml")
    _attenuation(prose, main)
    prose.say(".")
    _uptake(prose, group, main, modality)
    _contacts(prose, main, near)
    for told in _cautions(main):
        prose.say(f" {told}")
    _others(prose, group, main, modality)
    prose.say("\n")


def _number(quantity: str, lesion: Lesion) -> SaidNumber:
    m = lesion.measures
    value, unit = {
        "volume": (m.volume_mm3 / 1000, "ml"),
        "mean attenuation": (m.mean, "HU"),
        "SUVmax": (m.maximum, "SUV"),
        "SUVmean": (m.mean, "SUV"),
        "SUVpeak": (m.peak, "SUV"),
    }[quantity]
    return SaidNumber(quantity, float(value or 0.0), unit, (lesion.target,))


def _plane(lesion: Lesion) -> str:
    told = [one for one in lesion.measures.problems if one.startswith("the diameters lie in")]
    return told[0].replace("the diameters lie in", ", measured in") if told else ""


def _attenuation(prose: Prose, lesion: Lesion) -> None:
    if lesion.measures.units == "HU" and lesion.measures.mean is not None:
        # noise moves the extremes: they are in the structured report
        prose.say(" and a mean attenuation of ", _number("mean attenuation", lesion), " HU")


def _suv(lesion: Lesion) -> bool:
    return (lesion.measures.units or "").upper().startswith("SUV")


def _uptake(prose: Prose, group: Sequence[Lesion], main: Lesion, modality: dict[str, str]) -> None:
    for one in (one for one in group if _suv(one) and one.measures.mean is not None):
        if one is not main:
            prose.say(" It measures ", *size(one), f" on {modality.get(one.image or '', 'PET')}.")
        prose.say(" It has an SUVmax of ", _number("SUVmax", one))
        joined = ", an" if one.measures.peak is not None else " and an"
        prose.say(f"{joined} SUVmean of ", _number("SUVmean", one))
        if one.measures.peak is not None:
            prose.say(" and an SUVpeak of ", _number("SUVpeak", one))
        prose.say(".")


def _contacts(prose: Prose, lesion: Lesion, near: Sequence[Distance]) -> None:
    others = [one for one in near if one.role == "organ" and not _around(one, lesion)]
    vessels = [one for one in others if one.vessel]
    into = [one for one in others if one.overlap > _GRAZED]
    beside = [one for one in others if one.contact and one not in into]
    told = [
        ("extends into", into),
        ("encases", [one for one in beside if (one.angle or 0) > _HALF_AROUND]),
        ("is in contact with", [one for one in beside if (one.angle or 0) <= _HALF_AROUND]),
    ]
    for verb, those in told:
        names = list(dict.fromkeys(_organ(one) for one in those))
        if names:
            prose.say(f" It {verb} ", ", ".join(names[:-1]), " and " if names[1:] else "")
            prose.say(names[-1], ".")
    if vessels and not any(one.contact for one in vessels):
        gap = SaidNumber("distance", vessels[0].mm, "mm", (lesion.target, vessels[0].target))
        prose.say(" It is in contact with no outlined vessel. It is ", gap, " mm away from ")
        prose.say(_organ(vessels[0]), ".")


def _around(one: Distance, lesion: Lesion) -> bool:
    """The organ that holds it, or a larger structure around that."""
    if one.target == lesion.organ_target or one.overlap >= 1 - _GRAZED:
        return True
    structures = anatomy()
    held = lesion.organ is not None and lesion.organ in structures
    return held and one.name in structures.parents(str(lesion.organ))


def _organ(one: Distance) -> str:
    known = anatomy().get(one.name)
    return "another outlined organ" if known is None else f"the {known.display}"


def _cautions(lesion: Lesion) -> list[str]:
    told = []
    for one in lesion.measures.problems:
        if "the image's edge" in one:
            told.append("It reaches the edge of the image and may extend beyond it.")
        if "separate parts" in one:
            told.append("It is in separate parts; its diameters are those of the largest.")
    return told


def _others(prose: Prose, group: Sequence[Lesion], main: Lesion, modality: dict[str, str]) -> None:
    rest = [one for one in group if one is not main and not _suv(one)]
    own = modality.get(main.image or "", "")
    for kind in dict.fromkeys(modality.get(one.image or "", "") for one in rest):
        alike = [one for one in rest if modality.get(one.image or "", "") == kind][:_MOST_ALIKE]
        prose.say(" It measures ")
        for number, one in enumerate(alike):
            prose.say("" if not number else " and " if one is alike[-1] else ", ", *size(one))
        many = "further outlines" if alike[1:] else "a further outline"
        prose.say(f" in {many}." if kind == own else f" on {kind}.")


def lesion_document(group: Sequence[Lesion], near: Sequence[Distance]) -> dict[str, Any]:
    """The same as data: JSON-able, targets without key and version."""
    main = main_outline(group)
    return {
        "noun": main.noun,
        "organ": main.organ,
        "organ_by": main.organ_by,
        "laterality": main.laterality,
        "laterality_by": main.laterality_by,
        "main": main.target,
        "outlines": [_outline(one) for one in group],
        "near": [dict(vars(one)) for one in near],
    }


def _outline(lesion: Lesion) -> dict[str, Any]:
    m = lesion.measures
    return {
        "target": lesion.target,
        "image": lesion.image,
        "name": lesion.name,
        "code": lesion.code,
        "tracking_uid": lesion.tracking_uid,
        "longest_mm": m.longest_mm,
        "longest_at": m.longest_at,
        "perpendicular_mm": m.perpendicular_mm,
        "perpendicular_at": m.perpendicular_at,
        "plane": m.plane,
        "volume_ml": m.volume_mm3 / 1000,
        "extent_3d_mm": m.extent_3d_mm,
        "centroid": m.centroid,
        "units": m.units,
        **{name: getattr(m, name) for name in ("mean", "std", "minimum", "maximum", "median")},
        "peak": m.peak,
        "tlg": m.tlg,
        "problems": list(m.problems),
    }
