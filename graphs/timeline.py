"""Timeline: the lesions of a patient over time, their growth, and the category of response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.derived import derived
from explorer.image import Image
from explorer.shown_list import ShownList
from graphs.assess import assess
from graphs.checks.change import READER_VARIABILITY, change_verdict
from graphs.errors import FollowError
from graphs.finding import Finding
from graphs.followed import Follow
from graphs.grounding.grounding import Grounding
from graphs.growth import growth
from graphs.lesion import Lesion
from graphs.lesion_identity import lesion_identity
from graphs.lesions import lesions
from graphs.prior import priors
from graphs.registration import Registration
from graphs.tracked_lesion import TrackedLesion
from graphs.verdict import Verdict

if TYPE_CHECKING:
    from explorer.patient import Patient


def follow(
    patient: Patient,
    *,
    complete: bool = False,
    segmentations: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
    variability: float = READER_VARIABILITY,
    register: bool = True,
    keep: bool = True,
) -> Follow:
    """Follow a patient's outlined lesions over the visits.

    Parameters
    ----------
    patient : Patient
    complete : bool
        Whether the outlines of each visit are all lesions that there are. Only then is a lesion
        without an outline gone, and one without an earlier outline new; else both are unknown,
        and the category of response says what it needs.
    segmentations : iterable of str, optional
        Item ids; all by default.
    targets : iterable of str, optional
        Tracked lesions ('L1') that are the RECIST targets; chosen by the rules by default.
    variability : float
        Part of a diameter by which two readers differ.
    register : bool
        Whether to register images of unlike frames of reference; takes seconds to a minute each.
    keep : bool
        Commit the result (run of kind 'follow').

    Returns
    -------
    Follow
    """
    wanted = None if segmentations is None else set(segmentations)
    every = [one for one in lesions(patient, keep=keep)
             if wanted is None or one.segmentation in wanted]  # fmt: skip
    visits, problems = _visits(every)
    mover = _Mover(patient, register)
    tracks = lesion_identity(visits, mover)
    modalities = {one.id: one.modality for one in patient.images.values()}
    names = tuple(name for name, _ in visits)
    settings = {"complete": complete, "variability": variability, "register": register,
                "segmentations": sorted(wanted) if wanted is not None else None}  # fmt: skip
    found = Follow(
        patient.label, names, tracks, growth(tracks, modalities),
        assess(patient, names, tracks, complete, targets) if names else None,
        ShownList([], _HEAD, _cells, "statements of change"),
        list(priors(patient)), mover.done, tuple(problems),
        any(one.synthetic for one in every), settings,
    )  # fmt: skip
    found.verdicts.extend(_changes(patient, tracks, modalities, variability, complete))
    if keep and every:
        with patient.store.transaction("lesions followed over time") as t:
            t.put_run(patient.key, found.run())
    return found


_HEAD = ["finding", "said", "measured", "verdict", "why"]


def _cells(one: Verdict) -> list[Any]:
    return [one.finding, one.report_value, one.image_value, one.verdict, one.reason]


def _visits(every: list[Lesion]) -> tuple[list[tuple[str, list[Lesion]]], list[str]]:
    found: dict[str, list[Lesion]] = {}
    undated = [one for one in every if not one.acquired]
    for one in every:
        if one.acquired:
            found.setdefault(one.acquired, []).append(one)
    problems = []
    if undated and not found:  # one time, whenever it was
        return [("undated", undated)], ["no outline has a date: taken for one visit"]
    if undated:
        names = ", ".join(sorted({one.segmentation for one in undated}))
        problems.append(f"{len(undated)} outlines without a date are left out ({names})")
    return sorted(found.items()), problems


class _Mover:
    """Earlier centroids in later images; registers each pair of images once."""

    def __init__(self, patient: Patient, register: bool) -> None:
        self.patient = patient
        self.register = register
        self.done: dict[tuple[str, str], Registration | str] = {}

    def __call__(self, before: Lesion, now: Lesion) -> NDArray[np.float64] | str:
        center = np.asarray(before.measures.centroid, float)
        images = [self.patient.images.get(one.image or "") for one in (before, now)]
        if not isinstance(images[0], Image) or not isinstance(images[1], Image):
            return "it is not known on which image an outline lies"
        frames = {one.frame_of_reference for one in images if isinstance(one, Image)}
        if images[0].id == images[1].id or (len(frames) == 1 and None not in frames):
            return center
        if not self.register:
            return "the images have unlike frames of reference, and were not to be registered"
        pair = (images[1].id, images[0].id)
        if pair not in self.done:
            self.done[pair] = _registered(images[1], images[0])
        found = self.done[pair]
        if isinstance(found, str):
            return found
        if not found.trusted:
            return f"the registration of {pair[0]} and {pair[1]} is not trusted: {found.reason}"
        return found.to_fixed(center)


def _registered(fixed: Image, moving: Image) -> Registration | str:
    from graphs.register import register

    try:
        return register(fixed, moving)
    except FollowError as error:
        return f"{fixed.id} and {moving.id} cannot be registered: {error.found}"


def _changes(
    patient: Patient,
    tracks: list[TrackedLesion],
    modalities: Mapping[str, str],
    variability: float,
    complete: bool,
) -> list[Verdict]:
    of_target = {
        one.target: track for track in tracks for group in track.outlines.values() for one in group
    }
    places: dict[str, str] = {}
    for row in derived(patient, "groundings"):
        one = Grounding.of_row(row)
        if one.region == "lesion" and one.target and one.status in ("proposed", "accepted"):
            places[one.finding] = one.target
    found = []
    for row in derived(patient, "findings"):
        finding = Finding.of_row(row)
        report = patient.reports.get(finding.item)
        target = places.get(finding.id, "")
        made = change_verdict(
            finding, f"reports/{finding.item}#chars={finding.start}:{finding.end}",
            of_target.get(target), report.date if report else None,
            modalities=dict(modalities), variability=variability, complete=complete,
        )  # fmt: skip
        if made is not None:
            found.append(made)
    return found
