"""Search: what a grounder may look at for one finding, and what it must not answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explorer.address import Address
from explorer.errors import AddressError
from graphs.errors import GroundingError

if TYPE_CHECKING:
    from explorer.image import Image
    from explorer.patient import Patient
    from explorer.report import Report
    from explorer.segmentation import Segmentation
    from graphs.lesion import Lesion

# A report is written on the day of the study or some days later, hardly ever later than this.
_LATEST_REPORT_DAYS = 31


class Search:
    """A patient, as far as the text of one report can speak of what was seen.

    Parameters
    ----------
    patient : Patient
    report : Report or None
        None: of an import without a text.
    excluded : iterable of str
        Targets that the report's text was made from: a text is never grounded to its own source.
    rejected : iterable of str
        Targets that a person has refused for this finding.
    lesions : sequence of Lesion, optional
        All lesions of the patient where they have been measured already.
    """

    def __init__(
        self,
        patient: Patient,
        report: Report | None = None,
        *,
        excluded: Iterable[str] = (),
        rejected: Iterable[str] = (),
        lesions: Sequence[Lesion] | None = None,
    ) -> None:
        self.patient = patient
        self.report = report
        self.excluded = frozenset(excluded)
        self.rejected = frozenset(rejected)
        self._all = lesions
        self._banned = [_parsed(patient.key, one) for one in self.excluded]

    def allows(self, target: str) -> bool:
        """Whether a target may be an answer: nobody refused it, and the text is not made of it.

        Parameters
        ----------
        target : str
            Address without key and version.
        """
        asked = _parsed(self.patient.key, target)
        if any(_covers(one, asked) for one in self._banned):
            return False
        return not any(_parsed(self.patient.key, one) == asked for one in self.rejected)

    @cached_property
    def images(self) -> list[Image]:
        """Images that the report can speak of; `images_reason` says how they were chosen."""
        return self._chosen[0]

    @property
    def images_reason(self) -> str:
        """By what rule the images were chosen, or why there are none."""
        return self._chosen[1]

    @cached_property
    def _chosen(self) -> tuple[list[Image], str]:
        every = list(self.patient.images.values())
        said = _day(self.report.date) if self.report else None
        if said is None:
            return every, "the report has no date: all images"
        dated = {image.id: _day(image.acquired) for image in every}
        gaps = {k: (said - day).days for k, day in dated.items() if day is not None}
        fitting = {k: gap for k, gap in gaps.items() if 0 <= gap <= _LATEST_REPORT_DAYS}
        if fitting:
            least = min(fitting.values())
            chosen = [image for image in every if fitting.get(image.id) == least]
            return chosen, f"acquired {least} days before the report"
        undated = [image for image in every if dated[image.id] is None]
        if undated:
            return undated, "no image is of the report's time; these have no date"
        return [], f"no image was acquired in the {_LATEST_REPORT_DAYS} days before the report"

    @cached_property
    def lesions(self) -> list[Lesion]:
        """Lesions on those images that may be an answer."""
        if self._all is None:
            raise GroundingError("The lesions have not been measured", do="graphs.ground does it")
        ids = {image.id for image in self.images}
        return [
            one
            for one in self._all
            if (one.image is None or one.image in ids) and self.allows(one.target)
        ]

    def segments(self) -> Iterator[tuple[Segmentation, str, str]]:
        """Segments on those images that may be an answer: segmentation, label, target."""
        ids = {image.id for image in self.images}
        for segmentation in self.patient.segmentations.values():
            if segmentation.image is not None and segmentation.image not in ids:
                continue
            for label in segmentation.labels:
                target = self.target("segmentations", segmentation.id, label=label)
                if self.allows(target):
                    yield segmentation, label, target

    def target(self, kind: str, item: str, **fragment: Any) -> str:
        """Address without key and version: ``segmentations/seg-1#label=lesion``."""
        whole = str(Address(self.patient.key, kind, item, None, fragment))
        return whole.split("/", 1)[1]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _parsed(key: str, target: str) -> Address:
    try:
        return Address.parse(f"onco:{key}/{target}")
    except AddressError as error:
        raise GroundingError(
            f"{target!r} is no target", expected="segmentations/<id>#label=<segment>, ..."
        ) from error


def _covers(banned: Address, asked: Address) -> bool:
    """Whether what was asked for is the same place as what is banned, or holds or lies in it."""
    if (banned.kind, banned.item) != (asked.kind, asked.item):
        return False
    for name in ("label", "row", "node"):
        mine, theirs = banned.fragment.get(name), asked.fragment.get(name)
        if mine is not None and theirs is not None and mine != theirs:
            return False
    if "box" in banned.fragment and "box" in asked.fragment:
        spans: Any = zip(banned.fragment["box"], asked.fragment["box"], strict=False)
        return all(a[0] < b[1] and b[0] < a[1] for a, b in spans)
    # a whole item takes its parts along, and a whole segmentation would show the banned segment
    return not banned.fragment or "label" in banned.fragment or asked.fragment == banned.fragment
