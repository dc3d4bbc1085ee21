"""TorchIO's subjects: a JSON of images and masks, and a few lines of Python that load it."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.exports.cases import channel_values, find_cases
from explorer.exports.mask_files import image_note, write_masks
from explorer.exports.parts import part_kind
from explorer.exports.run import Run
from explorer.exports.safe_name import word_name
from explorer.exports.subject import Subject
from explorer.exports.write_nifti import write_nifti

_LOADER = '''"""Load the subjects of this folder: ``subjects_dataset("train")``."""

import json
from pathlib import Path

import torchio


def subjects_dataset(part=None, transform=None, folder=Path(__file__).parent):
    """A torchio.SubjectsDataset of a part of the split ("train", "val", "test"), or of all."""
    index = json.loads((Path(folder) / "subjects.json").read_text("utf-8"))
    subjects = []
    for one in index["subjects"]:
        if part is None or one["part"] == part:
            images = {name: torchio.ScalarImage(Path(folder) / image["file"])
                      for name, image in one["images"].items()}
            masks = {name: torchio.LabelMap(Path(folder) / mask["file"])
                     for name, mask in one["masks"].items()}
            subjects.append(torchio.Subject(patient=one["patient"], case=one["case"],
                                            **images, **masks))
    return torchio.SubjectsDataset(subjects, transform=transform)
'''
_NO_PLACE = ("waveforms", "slides", "texts", "facts", "events", "observations", "vectors", "runs")


class TorchioExporter:
    """Writes a subject an image (or a case of channels), its masks one ``LabelMap`` each.

    Masks may overlap. They lie on the image's grid, as TorchIO's transforms need it.
    """

    name = "torchio"
    about = "TorchIO subjects: subjects.json, load_subjects.py, NIfTI files"
    tables: Sequence[str] = ("segments", "facts", "texts", "events", "observations", "vectors",
                             "runs")  # fmt: skip

    def begin(self, run: Run) -> None:
        """Nothing is to be settled."""

    def write(self, run: Run, subject: Subject) -> None:
        """Write a patient's subjects."""
        for case in find_cases(subject, run.options.channels):
            folder = f"{subject.name}/{subject.id(case.image.id)}/"
            with subject.trying(subject.id(case.image.id)):
                images = {}
                for k, image in enumerate(case.images):
                    values, resampled = channel_values(case, k, run.options.resample)
                    path = subject.path(f"{folder}{subject.id(image.id)}.nii.gz")
                    write_nifti(path, values, case.image.affine)
                    file = subject.add(path, **subject.about(image), resampled=resampled)
                    key = word_name(image.modality.lower()) or "image"
                    key = key if key not in images else f"{key}_{k + 1}"
                    images[key] = image_note(subject, image, file)
                masks = {}
                for segmentation in case.segmentations:
                    place = f"{folder}{subject.id(segmentation.id)}/"
                    for one in write_masks(subject, segmentation, place, on_image=True):
                        word = word_name(one["segment"].lower()) or f"segment_{one['number']}"
                        key, count = f"mask_{word}", 1
                        while key in masks:
                            count += 1
                            key = f"mask_{word}_{count}"
                        masks[key] = one
                subject.notes.append(
                    {"case": subject.id(case.image.id), "images": images, "masks": masks}
                )
        subject.leave_others(*_NO_PLACE)

    def finish(self, run: Run) -> None:
        """Write ``subjects.json`` and ``load_subjects.py``."""
        subjects = [
            {
                "patient": one["called"], "case": one["case"], "part": part_kind(one["part"]),
                "images": one["images"], "masks": one["masks"],
            }
            for one in run.notes()
        ]  # fmt: skip
        document = {"format": "oncograph subjects", "title": run.title, "subjects": subjects}
        run.add_json("subjects.json", document, kind="index")
        path = run.folder / "load_subjects.py"
        path.write_text(_LOADER, "utf-8")
        run.add(path, kind="index")
