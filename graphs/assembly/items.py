"""Nodes of what was acquired: patients, studies, images, segments, and what a segment outlines."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any

from graphs.anatomy import anatomy
from graphs.assembly.builder import Builder
from graphs.assembly.node_address import fragment_of, node_address
from graphs.assembly.tables import Tables

_PATIENT = (
    "patient", "came_as", "sex", "made_up", "anchor_date", "anchor_kind", "anchor_source",
    "synthetic",
)  # fmt: skip
_ITEM = (
    "patient", "item", "kind", "modality", "name", "study_uid", "acquired", "day", "day_state",
    "image", "body_part", "laterality", "units", "state", "synthetic", "came_as",
)  # fmt: skip
_SEGMENT = (
    "patient", "item", "position", "name", "code_value", "code_scheme", "code_meaning", "category",
    "algorithm_type", "voxels", "volume_mm3",
)  # fmt: skip
# Segmented property categories (DICOM PS3.16 CID 7150).
ANATOMY = ("anatomical structure", "body structure")
Cell = Any


def patient_address(key: str) -> str:
    """The patient's own node."""
    return node_address(key, "patients", key)


def add_patients(builder: Builder, tables: Tables) -> None:
    """A node for each patient; the name is the opaque key, since a graph is handed on."""
    for key in tables.versions:
        builder.add(
            patient_address(key), {"kind": "patient", "name": key, "patient": key, "day": None}
        )
    for key, came_as, sex, made_up, at, kind, source, synthetic in tables.read(
        "attributes", _PATIENT
    ):
        node = builder.nodes[patient_address(key)]
        if came_as:
            node.setdefault("joined", []).append(came_as)
            node["sex"] = node.get("sex") or sex
        else:
            node |= {
                "sex": sex or node.get("sex"), "identity_made_up": bool(made_up),
                "time_zero": at, "time_zero_is": kind, "time_zero_by": source,
            }  # fmt: skip
        if synthetic:
            node["synthetic"] = True


def add_items(builder: Builder, tables: Tables) -> None:
    """Studies, images, waveforms, slides and segments."""
    rows = {(row[0], row[1]): row for row in tables.read("items", _ITEM)}
    segments: dict[tuple[str, str], list[tuple[Cell, ...]]] = defaultdict(list)
    if builder.wants("segment", "anatomy"):
        for segment in tables.read("segments", _SEGMENT):
            segments[segment[0], segment[1]].append(segment)
    # images first, since segments are hung upon them; the earliest makes the study
    for place, row in sorted(rows.items(), key=_order):
        _add_item(builder, row, segments.get(place, []))


def _order(one: tuple[tuple[str, str], tuple[Cell, ...]]) -> tuple[Any, ...]:
    place, row = one
    return row[2] == "segmentation", row[7] is None, row[7] or 0, place


def _add_item(builder: Builder, row: tuple[Cell, ...], segments: list[tuple[Cell, ...]]) -> None:
    (key, item, kind, modality, name, _, acquired, day, day_state, _, part, side, units, state,
     synthetic, came_as) = row  # fmt: skip
    address = node_address(key, f"{kind}s", item)
    builder.times[address] = day, acquired, day_state
    about = {
        "name": name or modality or item, "patient": key, "day": day, "modality": modality,
        "body_part": part, "laterality": side, "state": state, "came_as": came_as,
    }  # fmt: skip
    if synthetic:
        about["synthetic"] = True
    if kind != "segmentation":
        about |= {"kind": kind, "units": units}
        if builder.timed(address, _plain(about), acquired, day_state):
            _in_study(builder, row, address)
        return
    if not segments:
        _add_segment(builder, row, address, {**about, "kind": "segment"})
    for one in sorted(segments, key=lambda one: one[2]):
        _, _, _, label, value, scheme, meaning, category, algorithm, voxels, volume = one
        part_of = node_address(key, "segmentations", item, fragment_of("label", label or ""))
        builder.times[part_of] = day, acquired, day_state
        code = f"{scheme}:{value}" if value else None
        found = {
            **about, "kind": "segment", "name": label, "code": code, "meaning": meaning,
            "category": category, "algorithm": algorithm, "voxels": voxels, "volume_mm3": volume,
            "segmentation": item,
        }  # fmt: skip
        plain = (category or "").casefold()
        if _add_segment(builder, row, part_of, found) and plain in ANATOMY and code:
            site = add_anatomy(builder, key, code, meaning or label, bool(synthetic))
            builder.edge(part_of, site, "outlines", item, day)


def _add_segment(
    builder: Builder, row: tuple[Cell, ...], address: str, about: dict[str, Any]
) -> bool:
    key, item, acquired, day, day_state, image = row[0], row[1], row[6], row[7], row[8], row[9]
    if not builder.timed(address, _plain(about), acquired, day_state):
        return False
    _in_study(builder, row, address)
    if image:
        builder.edge(address, node_address(key, "images", image), "lies_on", item, day)
    return True


def _in_study(builder: Builder, row: tuple[Cell, ...], address: str) -> None:
    key, item, study, acquired, day = row[0], row[1], row[5], row[6], row[7]
    patient = patient_address(key)
    if not study:
        builder.edge(patient, address, "has", item, day)
        return
    node = node_address(key, "studies", study)
    about: dict[str, Any] = {
        "kind": "study", "name": "study", "patient": key, "day": day, "date": acquired,
    }  # fmt: skip
    if row[2] == "segmentation":  # drawn later than what it is drawn on
        about |= {"day": None, "date": None}
    fresh = node not in builder.nodes
    if builder.add(node, about) and fresh:
        builder.edge(patient, node, "has", item, about["day"])
    if row[14] and node in builder.nodes:
        builder.nodes[node]["synthetic"] = True
    builder.under(address, "contains", item, node, patient, day=day)


def add_anatomy(builder: Builder, key: str, code: str | None, name: str, synthetic: bool) -> str:
    """The patient's structure of a name or code; its address.

    A code alone does not tell left from right, so the ontology's name comes first.
    """
    address = node_address(key, "anatomy", structure_of(code, name))
    about: dict[str, Any] = {
        "kind": "anatomy", "name": name, "patient": key, "day": None, "code": code,
    }  # fmt: skip
    there = builder.nodes.get(address)
    if there is None:
        if synthetic:
            about["synthetic"] = True
        builder.add(address, about)
    elif not synthetic:
        there.pop("synthetic", None)  # a real statement names it, too
    return address


@lru_cache(maxsize=4096)
def structure_of(code: str | None, name: str) -> str:
    """The ontology's name of a structure; else its code, else what it is called."""
    known = anatomy()
    if name in known:
        return name
    return _only_one().get(code or "") or code or name


@lru_cache(maxsize=1)
def _only_one() -> dict[str, str]:
    """Codes that one structure of the ontology has, and no other."""
    names: dict[str, list[str]] = defaultdict(list)
    for one in anatomy().values():
        names[one.code or ""].append(one.name)
    return {code: found[0] for code, found in names.items() if code and len(found) == 1}


def _plain(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if value is not None or name == "day"}
