"""Findings of the sample reports of DRAGON beside their labels; a demonstration, no score.

``python benchmarks/dragon_reports.py FOLDER`` where FOLDER holds the ``Task*.md`` of GitHub's
DIAGNijmegen/dragon_sample_reports (CC BY-NC-SA 4.0; not part of this project). One report a task:
each answer that differs from the label is named a miss, and so is a task that findings cannot
answer.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from graphs.finding import Finding
from graphs.findings import written
from graphs.text.rules import RulesExtractor

_LABEL = re.compile(r"^Label[^:\n]*: *(.*)$", re.MULTILINE)
_REPORT = re.compile(r"^Anonymous sample report[^`]*```\n(.*?)```", re.MULTILINE | re.DOTALL)
_TUMOURS = {"neoplasm", "lesion", "mass", "carcinoma", "adenocarcinoma"}
Found = Sequence[Finding]


def _there(found: Found) -> list[Finding]:
    return [one for one in found if one.assertion in ("present", "uncertain")]


def _sizes(found: Found) -> list[tuple[float, ...]]:
    values = [v for one in found for v in one.measurements if v.kind == "size" and not v.prior]
    return [value.mm for value in values if value.mm]


def _in(found: Found, *places: str) -> list[Finding]:
    return [one for one in found if any(name.startswith(places) for name in one.anatomy)]


def _nodule(found: Found) -> str:
    nodules = [one for one in _there(found) if one.entity in ("nodule", "mass")]
    return str(bool(_in(nodules, "lung") or nodules))


def _baseline(found: Found) -> str:
    return str(not any(one.change for one in found))


def _pancreas(found: Found) -> list[Finding]:
    return [one for one in _in(_there(found), "pancreas") if one.entity in _TUMOURS]


def _pancreas_sized(found: Found) -> str:
    return str(bool(_sizes(_pancreas(found))))


def _pancreas_parts(found: Found) -> str:
    lesions = [one for one in _pancreas(found) if one.measurements][-1:]
    looks = [m for one in lesions for m in one.detail.get("modifiers", ()) if m.startswith("hyp")]
    parts = [name for one in lesions for name in one.anatomy if name.startswith("pancreas_")]
    said = [look[:4].removesuffix("e") for look in looks]
    return ", ".join(dict.fromkeys([*said, *(part.removeprefix("pancreas_") for part in parts)]))


def _suspicious(found: Found) -> str:
    grades = [v.value[0] for one in found for v in one.measurements if v.kind == "pi-rads"]
    return str(int(max(grades, default=0) >= 3))


def _tissue(found: Found) -> str:
    names = Counter(one.entity for one in found if one.entity in ("biopsy", "resection"))
    return names.most_common(1)[0][0].capitalize() if names else "nothing"


def _origin(found: Found) -> str:
    taken = [one for one in found if one.entity == "biopsy"]
    names = Counter(name.split("_")[0] for one in taken for name in one.anatomy)
    return names.most_common(1)[0][0] if names else "nothing"


def _density(found: Found) -> str:
    values = [v.value[0] for one in found for v in one.measurements if v.kind == "psa density"]
    return f"{values[0]:g}" if values else "nothing"


def _diameter(found: Found) -> str:
    sizes = _sizes([one for one in _there(found) if one.entity == "nodule"])
    return f"{max(sizes[0]):g}" if sizes else "nothing"


def _targets(found: Found) -> str:
    lines = [one for one in found if "carried_from" in one.detail and one.entity == "lesion"]
    return ", ".join(f"{min(size):g}" for size in _sizes(lines)[:5])


ANSWERS: dict[str, Callable[[Found], str]] = {
    "002": _nodule, "005": _baseline, "008": _pancreas_sized, "010": _suspicious,
    "012": _tissue, "013": _origin, "017": _pancreas_parts, "021": _density, "023": _diameter,
    "024": _targets,
}  # fmt: skip


def show(path: Path, extractor: RulesExtractor) -> bool:
    """Print a report's findings and the answer; whether it is the label."""
    document = path.read_text("utf-8")
    report = _REPORT.search(document)
    label = _LABEL.search(document)
    text = report[1] if report else ""
    # a disclaimer stands above each report
    found = [one for one in extractor.extract(text, language="en") if one.section != "signature"]
    print(f"\n{path.stem}: {len(text)} characters, {len(found)} findings")
    for one in found:
        parts = [
            one.assertion, one.laterality, ", ".join(one.anatomy),
            "; ".join(map(written, one.measurements)), one.change,
        ]  # fmt: skip
        print(f"  {one.text!r} {one.entity}: " + " | ".join(part for part in parts if part))
    answer = ANSWERS.get(path.stem[4:7])
    said = answer(found) if answer else "findings have no such answer"
    wanted = label[1].strip() if label else ""
    same = said == wanted
    print(f"  answer: {said}; label: {wanted or 'spans of tokens'}: {'right' if same else 'MISS'}")
    return same


def main() -> int:
    """Show all reports of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    extractor = RulesExtractor()
    right = [show(path, extractor) for path in sorted(folder.glob("Task*.md"))]
    print(f"\n{sum(right)} of {len(right)} answers are the label")
    return 0


if __name__ == "__main__":
    sys.exit(main())
