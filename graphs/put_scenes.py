"""Make scene graphs of a patient's findings and masks, and keep them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explorer.derived import derived
from explorer.shown_list import ShownList
from graphs.finding import Finding
from graphs.grounding.grounding import Grounding
from graphs.producer import Producer
from graphs.scene import SceneGraph
from graphs.scene_of import scene_of
from graphs.scene_of_masks import scene_of_masks
from graphs.scenes import shown

if TYPE_CHECKING:
    from explorer.patient import Patient

_REPORTS = "reports/"


def put_scenes(patient: Patient, *, masks: bool = True) -> ShownList[SceneGraph]:
    """Make the graph of each report that was read, and of each segmentation, and commit them.

    `extract` has kept the graphs of its findings already; here they get their groundings.

    Parameters
    ----------
    patient : Patient
        Whose findings (and groundings, where there are some) are there already.
    masks : bool
        Also measure how segments lie to each other.

    Returns
    -------
    ShownList of SceneGraph
        One a report and extractor, one a segmentation. The same again is no new version.
    """
    findings: dict[str, list[Finding]] = {}
    for row in derived(patient, "findings"):
        findings.setdefault(row["run"], []).append(Finding.of_row(row))
    groundings = [Grounding.of_row(row) for row in derived(patient, "groundings")]
    made: list[tuple[SceneGraph, str | None, bool]] = []
    for run in derived(patient, "runs"):
        if run["kind"] != "findings" or not (run["input"] or "").startswith(_REPORTS):
            continue
        report = patient.reports[run["input"].removeprefix(_REPORTS)]
        settings = json.loads(run["settings"] or "{}")
        by = Producer(run["producer"], run["version"], run["checkpoint"], settings)
        said = sorted(findings.get(run["run"], []), key=lambda one: (one.start, one.end))
        graph = scene_of(said, report, by, groundings=groundings)
        made.append((graph, run["input_sha256"], report.synthetic))
    for segmentation in patient.segmentations.values() if masks else ():
        made.append((scene_of_masks(segmentation), None, segmentation.synthetic))
    with patient.store.transaction("scene graphs") as t:
        for graph, digest, synthetic in made:
            draft = graph.run(input_sha256=digest)
            draft.synthetic = synthetic
            t.put_run(patient.key, draft)
    return shown(graph for graph, _, _ in made)
