"""Findings of reports: scores against human tags and labels, and reports a second.

``python benchmarks/findings.py OPENI`` where OPENI is the folder, the ``NLMCXR_reports.tgz`` or
the wheel of PyPI's torchxrayvision 1.5.7 that holds it (Open-i, Indiana University; Demner-Fushman
et al. 2016, J Am Med Inform Assoc 23:304). Nothing of it is kept.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from defusedxml.ElementTree import fromstring

from findings_peers import keywords, regex
from graphs.text.rules import RulesExtractor

LABELS = Path(__file__).parent / "data" / "assertion_labels.csv"
GOLD = {
    "Cardiomegaly": r"^cardiomegaly|cardiac shadow/enlarged|^heart.*/enlarged",
    "Pleural Effusion": r"^pleural effusion|hydropneumothorax|costophrenic angle/.*blunted",
    "Atelectasis": r"^pulmonary atelectasis",
    "Pneumothorax": r"^pneumothorax|^hydropneumothorax",
    "Edema": r"^pulmonary edema|^pulmonary congestion|^heart failure",
    "Consolidation": r"^consolidation",
    "Pneumonia": r"^pneumonia",
    "Lung Opacity": (
        r"^opacity.*(lung|lobe|lingula|base|hilum|pulm|retrocardiac|apex)|^opacity$"
        r"|^airspace disease|^infiltrate|^density.*lung|^consolidation"
    ),
    "Lung Lesion": r"^nodule|^mass/|^mass$",
    "Fracture": r"^fractures, bone",
    "Support Devices": r"^catheters, indwelling|medical device|^tube, inserted|^stents",
    "Emphysema/COPD": (r"emphysema|chronic obstructive|hyperlucent|^lung.*hyperdistention"),
    "Granuloma": r"granuloma",
    "Hiatal hernia": r"^hernia, hiatal",
}
# Which of our entities say that a class is there.
ENTITIES = {
    "Cardiomegaly": {"cardiomegaly"},
    "Pleural Effusion": {"pleural effusion"},
    "Atelectasis": {"atelectasis"},
    "Pneumothorax": {"pneumothorax"},
    "Edema": {"edema", "heart failure"},
    "Consolidation": {"consolidation"},
    "Pneumonia": {"pneumonia"},
    "Lung Opacity": {"lung opacity", "consolidation", "ground-glass opacity"},
    "Lung Lesion": {"nodule", "mass"},
    "Fracture": {"fracture"},
    "Support Devices": {"medical material"},
    "Emphysema/COPD": {"emphysema", "chronic obstructive pulmonary disease", "hyperinflation"},
    "Granuloma": {"granuloma"},
    "Hiatal hernia": {"hiatal hernia"},
}
TARGETS = {"micro": 0.88, "Pleural Effusion": 0.90, "Cardiomegaly": 0.90}


@dataclass(frozen=True)
class Report:
    """A report of the collection.

    Attributes
    ----------
    uid : str
        The XML's file stem.
    text : str
        The AbstractText of FINDINGS and of IMPRESSION as they stand there, joined by a line's end.
    mesh : tuple of str
        The indexers' tags, small letters.
    """

    uid: str
    text: str
    mesh: tuple[str, ...]

    @property
    def half(self) -> int:
        """0: to tune on; 1: to report on."""
        return int(hashlib.sha256(self.uid.encode()).hexdigest(), 16) % 2


def openi(source: Path) -> list[Report]:
    """Reports with tags and text, in the order of their numbers."""
    found = []
    for uid, data in _files(source):
        root = fromstring(data)
        said = {one.get("Label"): one.text or "" for one in root.iter("AbstractText")}
        text = "\n".join(said.get(name, "") for name in ("FINDINGS", "IMPRESSION"))
        mesh = tuple((one.text or "").strip().lower() for one in root.iter("major"))
        if len(text.strip()) > 10 and mesh and not any("no indexing" in one for one in mesh):
            found.append(Report(uid, text, mesh))
    return sorted(found, key=lambda one: int(re.sub(r"\D", "", one.uid) or 0))


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        for path in sorted(source.rglob("*.xml")):
            yield path.stem, path.read_bytes()
        return
    data = source.read_bytes()
    if source.suffix == ".whl":
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            name = next(one for one in wheel.namelist() if one.endswith("NLMCXR_reports.tgz"))
            data = wheel.read(name)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".xml") else None
            if file:
                yield Path(member.name).stem, file.read()


def ours(extractor: RulesExtractor, text: str, uncertain: bool) -> set[str]:
    """Classes that our findings say are there."""
    wanted = ("present", "uncertain") if uncertain else ("present",)
    said = {one.entity for one in extractor.extract(text, language="en") if one.assertion in wanted}
    return {name for name, entities in ENTITIES.items() if entities & said}


Matrix = "np.ndarray"


def gold(reports: Sequence[Report]) -> np.ndarray:
    """(report, class): whether the tags say so."""
    patterns = [re.compile(pattern) for pattern in GOLD.values()]
    rows = [[any(p.search(tag) for tag in one.mesh) for p in patterns] for one in reports]
    return np.array(rows, dtype=bool)


def predicted(reports: Sequence[Report], classes: Callable[[str], set[str]]) -> np.ndarray:
    """(report, class): whether an extractor says so."""
    return np.array(
        [[name in said for name in GOLD] for said in map(classes, (r.text for r in reports))]
    )


def f1(truth: np.ndarray, said: np.ndarray) -> float:
    """Over everything that is in the two."""
    hits = (truth & said).sum()
    total = truth.sum() + said.sum()
    return float(2 * hits / total) if total else float("nan")


def interval(truth: np.ndarray, said: np.ndarray, repeats: int = 1000) -> tuple[float, float]:
    """The middle 95% of F1 over reports drawn again."""
    rng = np.random.default_rng(0)
    hits = (truth & said).reshape(len(truth), -1).sum(1)
    totals = truth.reshape(len(truth), -1).sum(1) + said.reshape(len(said), -1).sum(1)
    drawn = rng.integers(0, len(truth), (repeats, len(truth)))
    found = 2 * hits[drawn].sum(1) / np.maximum(totals[drawn].sum(1), 1)
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def score(reports: Sequence[Report]) -> bool:
    """Print the table of F1; whether what was promised is met."""
    extractor = RulesExtractor()
    truth = gold(reports)
    rows = {
        "uncertain = absent": predicted(reports, lambda text: ours(extractor, text, False)),
        "uncertain = present": predicted(reports, lambda text: ours(extractor, text, True)),
        "prototype's regex": predicted(reports, regex),
        "keywords": predicted(reports, keywords),
    }
    names = list(rows)
    print(f"\nF1 on {len(reports)} reports (95% interval by bootstrap over reports)\n")
    print(f"{'':20s}{'tagged':>7s}  " + "  ".join(f"{name:>22s}" for name in names))
    for place, name in enumerate(GOLD):
        cells = [_cell(truth[:, place], said[:, place]) for said in rows.values()]
        print(f"{name:20s}{truth[:, place].sum():7d}  " + "  ".join(f"{c:>22s}" for c in cells))
    print(
        f"{'micro':20s}{truth.sum():7d}  "
        + "  ".join(f"{_cell(truth, s):>22s}" for s in rows.values())
    )
    macro = [
        np.mean([f1(truth[:, n], said[:, n]) for n in range(len(GOLD))]) for said in rows.values()
    ]
    print(f"{'macro':20s}{'':7s}  " + "  ".join(f"{one:22.3f}" for one in macro))
    better = max(names[:2], key=lambda name: f1(truth, rows[name]))
    said = rows[better]
    got = {"micro": f1(truth, said)}
    for name in ("Pleural Effusion", "Cardiomegaly"):
        place = list(GOLD).index(name)
        got[name] = f1(truth[:, place], said[:, place])
    print(f"\nheld to, with {better}:")
    for name, target in TARGETS.items():
        met = "met" if got[name] >= target else "MISSED"
        print(f"  {name:20s} {got[name]:.3f} >= {target:.2f}: {met}")
    return all(got[name] >= target for name, target in TARGETS.items())


def _cell(truth: np.ndarray, said: np.ndarray) -> str:
    low, high = interval(truth, said)
    return f"{f1(truth, said):.3f} ({low:.3f}-{high:.3f})"
