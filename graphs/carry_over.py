"""Carry over: what a report says of a CT, onto a radiograph made from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.derived import derived
from explorer.image import Image
from explorer.item_id import item_id
from explorer.patient import Patient
from explorer.run_draft import RunDraft
from explorer.segmentation import Segmentation
from explorer.space import index_to_lps
from graphs.edge import Edge
from graphs.errors import ProjectionError
from graphs.finding import Finding
from graphs.grounding.grounding import Geometry, Grounding
from graphs.node import Node
from graphs.project_masks import project_masks
from graphs.projected_segmentation import projected_id
from graphs.projection import Projection
from graphs.ray_grid import RayGrid
from graphs.structures import Structures
from graphs.target_address import target_address
from graphs.target_text import target_text

VERSION = "1"


@dataclass(frozen=True)
class _Place:
    """Where something lies in the picture."""

    target: str
    geometry: Geometry
    masks: tuple[str, ...] = ()
    pixels: int | None = None
    box: tuple[int, int, int, int] | None = None


def carry_over(
    projection: Projection, patient: Patient, groundings: Iterable[Grounding] | None = None
) -> RunDraft:
    """Carry groundings, labels and edges over; ``transaction.put_run`` stores them.

    A mask or box in the volume becomes the box of all pixels whose rays pass through it, a point
    a point. Each keeps its finding, status, method, region and score, and says in its detail what
    it was made from: the grounding, its target, and the version of the patient.

    Parameters
    ----------
    projection : Projection
    patient : Patient
        Of the CT.
    groundings : iterable of Grounding, optional
        All current ones of the patient by default; those that were rejected or abstained are
        not carried over.

    Returns
    -------
    RunDraft
        Of kind 'project', synthetic: groundings on ``images/<picture>``; region nodes with
        'grounded_in' and 'projected_from' edges; the findings' labels as observations of the
        picture. ``detail['left_out']`` names what was not carried over, and why.
    """
    given = _current(patient) if groundings is None else list(groundings)
    findings = {row["finding"]: Finding.of_row(row) for row in derived(patient, "findings")}
    run = RunDraft(
        "project", projection.producer.name, f"{projection.producer.version}.{VERSION}",
        input=projection.target, settings=projection.producer.settings,
        detail={"made_from": projection.made_from}, synthetic=True,
    )  # fmt: skip
    left: list[dict[str, str]] = []
    named: set[str] = set()
    for one in given:
        if one.target is None or one.status in ("rejected", "abstained"):
            continue
        try:
            every = one.detail.get("targets") or [one.target]
            place = _united([_place(projection, patient, target) for target in every])
        except ProjectionError as error:
            left.append({"grounding": one.id, "target": one.target, "reason": error.message})
            continue
        made = _carried(projection, patient, one, place)
        run.groundings.append(made.row())
        finding = findings.get(one.finding)
        _add_graph(run, patient, one, made, finding)
        if finding is not None and finding.id not in named:
            named.add(finding.id)
            run.observations += _labels(projection, finding)
    run.detail["left_out"] = left
    return run


def _current(patient: Patient) -> list[Grounding]:
    return [Grounding.of_row(row) for row in derived(patient, "groundings")]


def _place(projection: Projection, patient: Patient, target: str) -> _Place:
    address = Address.parse(f"onco:{patient.key}/{target}")
    fragment = address.fragment
    if address.kind == "segmentations" and "label" in fragment:
        segmentation = patient.segmentations[address.item]
        _check_frame(projection, segmentation)
        label = str(fragment["label"])
        if "box" in fragment:
            return _boxed(projection, _cropped(segmentation, label, fragment["box"]), None)
        of = Structures.of(segmentation, [label])
        mask = target_text("segmentations", projected_id(projection, segmentation), label=label)
        return _boxed(projection, of, mask)
    if address.kind != "images" or not {"box", "voxel", "point"} & set(fragment):
        raise ProjectionError("It is no mask, box or point in a volume")
    image = patient.images[address.item]
    _check_frame(projection, image)
    if image.dims != ("z", "y", "x"):
        raise ProjectionError(f"It lies in a picture with the dims {image.dims}")
    if "box" in fragment:
        return _boxed(projection, _box(image, fragment["box"]), None)
    if "point" in fragment:
        point = np.asarray(fragment["point"], float)
    else:
        voxel = np.asarray(fragment["voxel"], float)
        point = index_to_lps(image.affine, voxel, image.slice_origins)
    y, x = np.rint(projection.frame.pixels(point)).astype(int)
    if not (0 <= y < projection.frame.shape[0] and 0 <= x < projection.frame.shape[1]):
        raise ProjectionError("It lies beside the picture")
    return _Place(f"{projection.target}#voxel={y},{x}", "point")


def _united(places: list[_Place]) -> _Place:
    """Several outlines as one box: the three lobes of a lung."""
    if len(places) == 1 or any(one.box is None for one in places):
        return places[0]
    boxes = np.array([one.box for one in places])
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    item = places[0].target.partition("#")[0]
    box = (int(low[0]), int(high[1]), int(low[2]), int(high[3]))
    masks = tuple(mask for one in places for mask in one.masks)
    return _Place(f"{item}#{_box_text(box)}", "box2d", masks, None, box)


def _box_text(box: tuple[int, int, int, int]) -> str:
    return f"box={box[0]}:{box[1]},{box[2]}:{box[3]}"


def _check_frame(projection: Projection, item: Image | Segmentation) -> None:
    on = item.image if isinstance(item, Segmentation) else item.id
    theirs, ours = item.frame_of_reference, projection.frame_of_reference
    if on != projection.image and (theirs is None or theirs != ours):
        raise ProjectionError("It is not known to lie in the space of the CT of the picture")


def _cropped(segmentation: Segmentation, label: str, box: Any) -> Structures:
    """A mask within a box of the grid that `Segmentation.mask` has."""
    mask = segmentation.mask(label)
    image = segmentation.patient.images.get(segmentation.image or "")
    on_image = bool(mask.attrs["resampled"]) and image is not None
    grid = RayGrid.of(image if on_image and image is not None else segmentation)
    inside = np.zeros(mask.shape, bool)
    part = tuple(slice(*pair) for pair in box)
    inside[part] = mask.values[part]
    return Structures.packed((label,), lambda _: grid.layers(inside), grid)


def _box(image: Image, box: Any) -> Structures:
    inside: NDArray[np.bool_] = np.zeros(image.shape, bool)
    inside[tuple(slice(*pair) for pair in box)] = True
    grid = RayGrid.of(image)
    return Structures.packed(("box",), lambda _: grid.layers(inside), grid)


def _boxed(projection: Projection, of: Structures, mask: str | None) -> _Place:
    seen = project_masks(projection, of).values[0]
    if not seen.any():
        raise ProjectionError("No ray of the picture meets it")
    y, x = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    box = int(y[0]), int(y[-1]) + 1, int(x[0]), int(x[-1]) + 1
    masks = (mask,) if mask else ()
    target = f"{projection.target}#{_box_text(box)}"
    return _Place(target, "box2d", masks, int(seen.sum()), box)


def _carried(projection: Projection, patient: Patient, one: Grounding, place: _Place) -> Grounding:
    made_from = [
        str(target_address(patient, target)) for target in one.detail.get("targets") or [one.target]
    ]
    kept = {name: value for name, value in one.detail.items() if name != "targets"}
    detail = {
        **kept,
        "made_from": made_from, "grounding": one.id, "view": projection.view,
        "producer": projection.producer.name,
    }  # fmt: skip
    if place.masks:
        detail["masks"] = list(place.masks)
    if place.pixels is not None:
        detail["pixels"] = place.pixels
    return replace(
        one, target=place.target, geometry=place.geometry, alternatives=(), detail=detail,
        reason=f"projected from {one.target}" + (f"; {one.reason}" if one.reason else ""),
    )  # fmt: skip


def _add_graph(
    run: RunDraft,
    patient: Patient,
    one: Grounding,
    made: Grounding,
    finding: Finding | None,
) -> None:
    ids = {target: item_id("n", patient.key, "region", target or "")
           for target in (one.target, made.target)}  # fmt: skip
    nodes = [Node(ids[grounding.target], "region", grounding.region or "region",
                  target=grounding.target, detail={"geometry": grounding.geometry})
             for grounding in (one, made)]  # fmt: skip
    if finding is not None:
        nodes.append(
            Node(finding.id, "observation", finding.entity, finding.code, finding.assertion,
                 f"reports/{finding.item}#chars={finding.start}:{finding.end}")
        )  # fmt: skip
    said = {"made_from": made.detail["made_from"], "method": one.method}
    edges = [
        Edge("projected_from", ids[made.target], ids[one.target], detail=said),
        Edge("grounded_in", one.finding, ids[made.target], detail=said),
    ]
    for node in nodes:
        if node.id not in {row["node"] for row in run.nodes}:
            run.nodes.append(node.row())
    run.edges += [edge.row() for edge in edges]


def _labels(projection: Projection, finding: Finding) -> list[dict[str, Any]]:
    """The report's labels as labels of the picture."""
    return [
        {
            "name": label, "value": finding.assertion, "state": "present",
            "method": projection.producer.name, "target": projection.target,
            "finding": finding.entity, "finding_code": finding.code,
            "laterality": finding.laterality, "detail": f"findings/{finding.id}",
        }
        for label in finding.labels
    ]  # fmt: skip
