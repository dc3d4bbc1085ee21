"""Measurements and findings of a TID 1500 report (DICOM PS3.16 TID 1500, 1410, 1411, 1501)."""

from __future__ import annotations

import json
from typing import Any

from explorer.draft import Code
from explorer.readers.sr_tree import Node

Row = dict[str, Any]

# Concepts by code value; those of SNOMED RT, which real files still write, have become SNOMED CT
# on reading (`explorer.readers.seg_segments.read_code`).
_GROUP, _GROUPS, _QUALITATIVE = "125007", "126010", ("C0034375", "111028")
_TRACKING, _TRACKING_UID = "112039", "112040"
_FINDING, _CATEGORY = "121071", "276214006"
_SITE, _SIDE, _PLACE = "363698007", "272741003", "106233006"
_METHOD, _DERIVATION = "370129005", "121401"
_SESSION, _TIME_POINT = "C67447", "C2348792"
_SEGMENT = ("121191", "121214")
_SERIES, _IMAGE = "121232", ("121233", "121112", "121324", "111040", "260753009")
_MAP = "126100"
# Old names of concepts, and new ones, that SNOMED's table does not join.
_SITES = (_SITE, "G-C0E3")
_SIDES, _PLACES = (_SIDE, "G-C171"), (_PLACE, "G-A1F8")
_METHODS = (_METHOD, "G-C036")
_MOST_POINTS = 1000
_CONTEXT = ("HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS ACQ CONTEXT")


def read_measurements(root: Node) -> list[Row]:
    """Make rows of the table ``observations`` of a report.

    Parameters
    ----------
    root : Node
        Of a TID 1500 report.

    Returns
    -------
    list of dict
        One a measurement or qualitative finding. ``detail`` is JSON; its ``refers`` lists what
        the file points at, by UID: the targets are found later, among the patient's items.
    """
    rows: list[Row] = []
    count = 0
    for part in root.children:
        if part.kind != "CONTAINER" or part.is_a("111028"):  # the image library lists, no more
            continue
        for group in part.children:
            if group.kind == "CONTAINER" and group.is_a(_GROUP):
                count += 1
                rows += _group(group, count)
            elif group.kind in ("CODE", "TEXT", "NUM") and group.relation not in _CONTEXT:
                rows.append(_observation(group, {}, {"part": _said(part.name)}))
    return rows


def _group(group: Node, count: int) -> list[Row]:
    tracking, uid = group.first(_TRACKING), group.first(_TRACKING_UID)
    finding, site = _coded(group, _FINDING), group.first(*_SITES)
    method = _coded(group, *_METHODS)
    common: Row = {
        "group": (tracking.text if tracking else "") or f"group {count}",
        "group_uid": uid.text if uid and uid.text else None,
        "finding": finding.meaning if finding else None,
        "finding_code": _coding(finding),
        **_where(site),
        "method": method.meaning if method else None,
    }
    detail = {
        "finding_category": _said(_coded(group, _CATEGORY)),
        "session": _string(group.first(_SESSION)),
        "time_point": _string(group.first(_TIME_POINT)),
        "method": _said(method),
        "site_modifier": _said(_coded(site, *_PLACES)) if site else None,
        "real_world_map": next(
            (one.reference.sop for one in group.children if one.is_a(_MAP) and one.reference), None
        ),
        "refers": _references(group),
        "template": group.template,
    }
    rows = [
        _observation(one, common, detail)
        for one in group.children
        if one.kind in ("NUM", "CODE", "TEXT")
        and one.relation not in _CONTEXT
        and not one.is_a(_FINDING, _CATEGORY)
    ]
    if not rows and finding is not None:
        rows = [
            {
                **common,
                "name": "Finding",
                "code": f"DCM:{_FINDING}",
                "value": finding.meaning,
                "state": "present",
                "detail": _json(detail | {"value_code": _said(finding)}),
            }
        ]
    return rows


def _observation(one: Node, common: Row, detail: Row) -> Row:
    derivation, own = _coded(one, _DERIVATION), _coded(one, *_METHODS)
    method = own.meaning if own else common.get("method")
    said = [derivation.meaning if derivation else None, method]
    value: str | None = one.text or None
    if one.kind == "CODE":
        value = one.code.meaning if one.code else None
    found: Row = {
        **common,
        **(_where(site) if (site := one.first(*_SITES)) else {}),
        "name": one.name.meaning if one.name else "unnamed",
        "code": _coding(one.name),
        "value": value,
        "number": one.number,
        "unit": one.unit.value if one.unit else None,
        "state": "present" if value is not None else "unknown",
        "method": "; ".join(part for part in said if part) or None,
    }
    own_uid = one.first(_TRACKING_UID)
    more = {
        **detail,
        "derivation": _said(derivation),
        "method": _said(own) or detail.get("method"),
        "unit_code": _said(one.unit),
        "value_code": _said(one.code) if one.kind == "CODE" else None,
        "no_value_because": _said(one.code) if one.kind == "NUM" else None,
        "tracking_uid": own_uid.text if own_uid else None,
        "properties": [
            [_said(child.name), _said(child.code) or child.text or child.number]
            for child in one.children
            if child.relation == "HAS PROPERTIES" and child.kind in ("CODE", "NUM", "TEXT")
        ],
    }
    if references := _references(one):
        more["refers"] = references + detail.get("refers", [])
    return {**found, "detail": _json(more)}


def _where(site: Node | None) -> Row:
    """Site and side: what a finding's place is called."""
    code = site.code if site else None
    side = _coded(site, *_SIDES) if site else None
    return {
        "site": code.meaning if code else None,
        "site_code": _coding(code),
        "laterality": side.meaning if side else None,
    }


def _references(node: Node) -> list[Row]:
    """What a group or a measurement points at, the most exact first."""
    segments, regions, spatial, images, series = [], [], [], [], []
    for one in node.children:
        if one.kind == "SCOORD":
            image = next((c.reference for c in one.children if c.reference), None)
            region: Row = {"kind": "region", "graphic": one.graphic, **_outline(one)}
            if image is not None:
                region |= {"sop": image.sop, "frames": list(image.frames)}
            regions.append(region)
        elif one.kind == "SCOORD3D":
            spatial.append(
                {
                    "kind": "space", "graphic": one.graphic, **_outline(one),
                    "frame_of_reference": one.frame_of_reference,
                }
            )  # fmt: skip
        elif one.reference is not None and one.is_a(*_SEGMENT):
            segments.append(
                {
                    "kind": "segment", "sop": one.reference.sop,
                    "segments": list(one.reference.segments),
                    "frames": list(one.reference.frames),
                }
            )  # fmt: skip
        elif one.reference is not None and one.kind == "IMAGE":
            images.append(
                {"kind": "image", "sop": one.reference.sop, "frames": list(one.reference.frames)}
            )
        elif one.kind == "UIDREF" and one.is_a(_SERIES) and one.text:
            series.append({"kind": "series", "series": one.text})
    if len(images) > 1:
        images = [{"kind": "images", "sops": [one["sop"] for one in images]}]
    return [*segments, *regions, *spatial, *images, *series]


def _outline(one: Node) -> Row:
    """The outline's points; of one with very many, the corners of its box and their number."""
    if len(one.points) <= _MOST_POINTS:
        return {"points": one.points}
    axes = list(zip(*one.points, strict=True))
    corners = [tuple(min(axis) for axis in axes), tuple(max(axis) for axis in axes)]
    return {"points": corners, "points_in_file": len(one.points)}


def _coded(node: Node | None, *values: str) -> Code | None:
    found = node.first(*values) if node else None
    return found.code if found else None


def _coding(code: Code | None) -> str | None:
    return f"{code.scheme}:{code.value}" if code else None


def _said(code: Code | None) -> list[str] | None:
    return [code.value, code.scheme, code.meaning] if code else None


def _string(node: Node | None) -> str | None:
    return node.text or None if node else None


def _json(detail: Row) -> str:
    kept = {name: one for name, one in detail.items() if one not in (None, [], "")}
    return json.dumps(kept, ensure_ascii=False)
