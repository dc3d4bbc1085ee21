"""What nnU-Net and the Decathlon's layout share: cases of channels, and one map of labels each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from explorer.errors import StoreError
from explorer.exports.cases import (
    Case,
    case_masks,
    channel_values,
    distinct_names,
    find_cases,
    grid_shape,
    settle_channels,
)
from explorer.exports.label_map import LabelMaps
from explorer.exports.parts import part_kind
from explorer.exports.run import Run
from explorer.exports.subject import Subject
from explorer.exports.write_nifti import write_nifti

_NO_PLACE = ("waveforms", "slides", "texts", "facts", "events", "observations", "vectors", "runs")


class LabelMapCases:
    """Writes cases; a format says where the files go and what its index is."""

    tables: Sequence[str] = ("segments", "facts", "texts", "events", "observations", "vectors",
                             "runs")  # fmt: skip
    root: ClassVar[str] = ""

    def folder(self, run: Run) -> str:
        """The data set's folder below the export's, with a slash; '' where they are one."""
        return ""

    def image_file(self, case: str, kind: str, channel: int, channels: int) -> str:
        """Where a channel goes, below the data set's folder."""
        raise NotImplementedError

    def label_file(self, case: str, kind: str) -> str:
        """Where a map of labels goes, below the data set's folder."""
        raise NotImplementedError

    def begin(self, run: Run) -> None:
        """Settle channels and the names of labels, the same for every case.

        Raises
        ------
        StoreError
            No image or no segmentation fits.
        """
        channels = settle_channels(run)
        names: dict[str, None] = {}
        for patient in run.patients:
            subject = run.subject(patient)
            for case in find_cases(subject, channels):
                names |= dict.fromkeys(distinct_names(subject, case).values())
        asked = list(run.options.labels)
        if missing := [name for name in asked if name not in names]:
            raise StoreError(f"No case has a segment {missing[0]!r}", expected=f"{sorted(names)}")
        if not names:
            raise StoreError(f"No segmentation lies on an image that is {channels[0]}")
        if run.options.overlap != "regions" and len(asked or names) > 65_000:
            raise StoreError("More than 65,000 labels")
        run.state |= {"channels": list(channels), "labels": asked or sorted(names)}
        run.state.setdefault("combinations", {})

    def maps(self, run: Run) -> LabelMaps:
        """The label maps of the run."""
        return LabelMaps(run.state["labels"], run.options.overlap, run.state["combinations"])

    def write(self, run: Run, subject: Subject) -> None:
        """Write a patient's cases."""
        cases = find_cases(subject, run.state["channels"])
        for number, case in enumerate(cases, start=1):
            name = subject.name if len(cases) == 1 else f"{subject.name}_{number:02}"
            with subject.trying(subject.id(case.image.id)):
                self._case(run, subject, case, name)
        subject.leave_others(*_NO_PLACE)

    def _case(self, run: Run, subject: Subject, case: Case, name: str) -> None:
        kind = part_kind(subject.part)
        labels, about = self._labels(run, subject, case)
        if labels is None and kind != "test":
            subject.leave(subject.id(case.image.id), "no segmentation lies on it")
            return
        images, channels = [], []
        count = len(case.images)
        for k, image in enumerate(case.images):
            values, resampled = channel_values(case, k, run.options.resample)
            path = subject.path(self.folder(run) + self.image_file(name, kind, k, count))
            write_nifti(path, values, case.image.affine)
            told = subject.about(image) | {"case": name, "resampled": resampled}
            images.append(subject.add(path, **told))
            channels.append({
                "modality": image.modality, "units": image.units, "synthetic": image.synthetic,
                "name": subject.label(image.name), "acquired": subject.date(image.acquired),
                "resampled": resampled,
            })  # fmt: skip
        note: dict[str, Any] = {"case": name, "images": images, "channels": channels, **about}
        if labels is not None:
            path = subject.path(self.folder(run) + self.label_file(name, kind))
            write_nifti(path, labels, case.image.affine)
            of = [subject.about(one) for one in case.segmentations]
            note["label"] = subject.add(path, case=name, kind="segmentation", of=of, **about)
        subject.notes.append(note)

    def _labels(self, run: Run, subject: Subject, case: Case) -> tuple[Any, dict[str, Any]]:
        names = distinct_names(subject, case)
        masks = (
            (names[segmentation.id, row["position"]], mask)
            for segmentation, row, mask in case_masks(subject, case, run.options.resample)
        )
        found, about = self.maps(run).compose(masks, grid_shape(case.image))
        unasked = sorted(set(names.values()) - set(run.state["labels"]))
        if unasked:
            subject.leave(subject.id(case.image.id), f"{len(unasked)} segments are no labels asked")
        if not about["segments"]:
            return None, {}
        about["synthetic"] = any(one.synthetic for one in case.segmentations)
        return found, about

    def case_index(self, run: Run, note: dict[str, Any]) -> dict[str, Any]:
        """What an index says of a case besides its files, so that it can be read back."""
        found = {"patient": note["called"], "synthetic_masks": bool(note.get("synthetic"))}
        return found | {name: note[name] for name in ("channels", "segments") if name in note}
