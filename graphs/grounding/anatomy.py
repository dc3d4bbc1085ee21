"""Grounding by anatomy: the organ or lobe that a finding names, from the patient's outlines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphs.anatomy import Anatomy, Structure, anatomy
from graphs.anatomy_mask import cover, segment_structures
from graphs.grounding.grounding import Alternative, Evidence, Grounding, Method, Region
from graphs.grounding.height_part import height_part, part_box
from graphs.producer import Producer
from graphs.target_text import target_text

if TYPE_CHECKING:
    from explorer.segmentation import Segmentation
    from graphs.finding import Finding
    from graphs.grounding.search import Search

# What the score means: the share of the structure's parts that are outlined; of a zone that is cut
# out of what holds it, and of what merely holds the structure, less.
_ZONE, _CONTAINER = 0.6, 0.4
_TOO_LARGE = ("body", "thorax", "abdomen")


@dataclass(frozen=True)
class _Cover:
    """How one segmentation shows the structures."""

    segmentation: Segmentation
    labels: tuple[str, ...]
    missing: tuple[str, ...]
    how: str
    score: float
    zone: str | None = None


class AnatomyGrounder:
    """Finds the structure that a finding names; the lesion lies in it, or was looked for there.

    Registered as ``anatomy`` under ``oncograph.groundings``.

    Parameters
    ----------
    ontology : Anatomy or None
        Ours where None.
    """

    name: Method = "anatomy"
    trust = 30

    def __init__(self, ontology: Anatomy | None = None) -> None:
        self._known = ontology or anatomy()
        self.producer = Producer("oncograph.anatomy", "1")

    def ground(self, finding: Finding, search: Search) -> Grounding:
        """Look for the outlines of what the finding names.

        Parameters
        ----------
        finding : Finding
        search : Search

        Returns
        -------
        Grounding
            With region 'organ', or 'examined' of an absent finding. The target is the first
            outline; several are in ``detail['targets']``. A zone of a lung is its outline within
            a box. Unknown terms, a side against the structure, and what no segmentation outlines
            are abstentions, with suggestions and what is missing.
        """
        structures, unknown = self._named(finding)
        if not structures:
            return self._unknown(finding, unknown)
        against = [s for s in structures if s.side and _against(finding.laterality, s.side)]
        if against:
            evidence = Evidence("side", finding.laterality, against[0].side, None, False)
            return Grounding(
                finding.id, "abstained", evidence=(evidence,),
                reason=f"the report says {finding.laterality}, and {against[0].display}",
            )  # fmt: skip
        names = self._finest(one.name for s in structures for one in self._sided(s, finding))
        looked = [self._covered(one, names, search) for one in self._segmentations(search, names)]
        found = [one for one in looked if one is not None]
        shown = ", ".join(self._known[name].display for name in names)
        if not found:
            missing = [part for name in names for part in self._known.parts(name)]
            return Grounding(
                finding.id, "abstained",
                evidence=(Evidence("anatomy", shown, None, None, False),),
                reason=f"no segmentation that may be used outlines {shown}",
                detail={"structures": names, "missing": missing},
            )  # fmt: skip
        best = max(one.score for one in found)
        ties = [one for one in found if one.score == best]
        if len({one.segmentation.id for one in ties}) > 1:
            return Grounding(
                finding.id, "abstained",
                evidence=(Evidence("anatomy", shown, [t.segmentation.id for t in ties]),),
                alternatives=tuple(
                    Alternative(target_text("segmentations", t.segmentation.id, label=t.labels[0]),
                                t.score, t.how)
                    for t in ties
                ),
                reason=f"{len(ties)} segmentations outline {shown} equally well",
                detail={"tie": True, "structures": names},
            )  # fmt: skip
        return self._proposed(finding, names, shown, ties[0])

    def _named(self, finding: Finding) -> tuple[list[Structure], list[str]]:
        terms = list(finding.anatomy) or ([finding.location] if finding.location else [])
        found, unknown = [], []
        for term in terms:
            structure = self._known.find(term)
            if structure is None:
                unknown.append(term)
            else:
                found.append(structure)
        if not found and finding.anatomy and finding.location:
            structure = self._known.find(finding.location)
            found = [structure] if structure else []
        return found, unknown

    def _unknown(self, finding: Finding, unknown: list[str]) -> Grounding:
        if not unknown:
            return Grounding(finding.id, "abstained", reason="the finding names no structure")
        near = list(dict.fromkeys(s.display for t in unknown for s in self._known.suggest(t)))
        said = f"; such as {', '.join(near)}" if near else ""
        return Grounding(
            finding.id, "abstained",
            evidence=tuple(Evidence("anatomy", term, None, None, False) for term in unknown),
            reason=f"unknown to the ontology: {', '.join(unknown)}{said}",
            detail={"unknown": unknown, "suggestions": near},
        )  # fmt: skip

    def _sided(self, structure: Structure, finding: Finding) -> list[Structure]:
        """The structure on the side that the finding speaks of, where it has sides."""
        if structure.side or finding.laterality not in ("left", "right"):
            return [structure]
        mine = [
            one
            for one in self._known.values()
            if one.side == finding.laterality and structure.name in one.part_of
        ]
        twin = f"{structure.name}_{finding.laterality}"
        named = [one for one in mine if one.name == twin]
        return named or mine or [structure]

    def _finest(self, names: Iterable[str]) -> list[str]:
        """Without those that another one is a part of: 'right lung, upper lobe' is the lobe."""
        kept = list(dict.fromkeys(names))
        above = {whole for name in kept for whole in self._known.parents(name)}
        return [name for name in kept if name not in above]

    def _segmentations(self, search: Search, names: list[str]) -> list[Segmentation]:
        """Those with outlines that may be used; volumes before radiographs made of them."""
        seen: dict[str, Segmentation] = {}
        for segmentation, _, _ in search.segments():
            seen.setdefault(segmentation.id, segmentation)
        volumes = [one for one in seen.values() if "projection" not in one.meta]
        covered = any(self._covered(one, names, search) for one in volumes)
        return volumes if covered else list(seen.values())

    def _covered(
        self, segmentation: Segmentation, names: list[str], search: Search
    ) -> _Cover | None:
        at = {
            name: label
            for name, label in segment_structures(segmentation, self._known).items()
            if search.allows(target_text("segmentations", segmentation.id, label=label))
        }
        if not at:
            return None
        labels: dict[str, None] = {}
        missing: list[str] = []
        for name in names:
            there, absent = cover(name, at, self._known)
            labels.update(dict.fromkeys(there))
            missing += absent
        if labels:
            parts = sum(len(self._known.parts(name)) for name in names)
            score = round(1 - len(missing) / max(parts, 1), 4)
            return _Cover(segmentation, tuple(labels), tuple(missing), "outlined", score)
        if len(names) != 1:
            return None
        for around in self._known.parents(names[0]):
            there, absent = cover(around, at, self._known)
            # that something lies in the trunk is no place
            if there and not absent and not around.startswith(_TOO_LARGE):
                zone = names[0] if height_part(names[0]) else None
                how = f"{'a part of' if zone else 'lies in'} {self._known[around].display}"
                score = _ZONE if zone else _CONTAINER
                return _Cover(segmentation, there, (names[0],), how, score, zone)
        return None

    def _proposed(self, finding: Finding, names: list[str], shown: str, best: _Cover) -> Grounding:
        segmentation = best.segmentation
        fragment: dict[str, Any] = {}
        labels = list(best.labels)
        share = height_part(best.zone) if best.zone else None
        if share is not None:
            part = part_box(segmentation, best.labels, share)
            if part is None:
                return Grounding(
                    finding.id, "abstained", reason=f"the outlines of {shown} are empty"
                )
            fragment, labels = {"box": part[0]}, part[1]
        targets = [
            target_text("segmentations", segmentation.id, label=label, **fragment)
            for label in labels
        ]
        evidence = [Evidence("anatomy", shown, labels, None, not best.missing)]
        if finding.laterality in ("left", "right"):
            sides = {self._known[name].side for name in names}
            passed = sides == {finding.laterality} or None
            evidence.append(
                Evidence("side", finding.laterality, sorted(map(str, sides)), None, passed)
            )
        lost = [self._known[name].display for name in best.missing]
        reason = shown if best.how == "outlined" else f"{shown} is not outlined; {best.how}"
        if lost and best.how == "outlined":
            reason += f"; not outlined: {', '.join(lost)}"
        region: Region = "examined" if finding.assertion == "absent" else "organ"
        detail: dict[str, Any] = {
            "structures": names, "how": best.how, "missing": list(best.missing),
        }  # fmt: skip
        if len(targets) > 1:
            detail["targets"] = targets
        if share is not None:
            detail["share_of_height"] = list(share)
        return Grounding(
            finding.id, "proposed", "anatomy", region, "mask", targets[0], best.score,
            tuple(evidence), reason=reason, detail=detail,
        )  # fmt: skip


def _against(said: str | None, side: str) -> bool:
    return said in ("left", "right") and said != side
