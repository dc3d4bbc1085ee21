"""nnU-Net v2's raw data set.

https://github.com/MIC-DKFZ/nnUNet/blob/master/documentation/dataset_format.md and, of masks that
overlap, region_based_training.md beside it.
"""

from __future__ import annotations

from typing import Any

from explorer.exports.label_map_cases import LabelMapCases
from explorer.exports.parts import part_kind
from explorer.exports.run import Run
from explorer.exports.safe_name import word_name


class NnunetExporter(LabelMapCases):
    """Writes ``DatasetXXX_Name/``: imagesTr, labelsTr, imagesTs, dataset.json, splits_final.json.

    Patients of a split's test part go to imagesTs (and labelsTs); those of the others to
    imagesTr, and ``splits_final.json`` keeps training and validation apart: nnU-Net looks for it
    in its folder of preprocessed data.
    """

    name = "nnunet"
    about = "nnU-Net v2 raw: imagesTr, labelsTr, imagesTs, dataset.json"

    def folder(self, run: Run) -> str:
        """``Dataset001_Name/``."""
        name = word_name(run.title) or "Cohort"
        return f"Dataset{run.options.number:03}_{name}/"

    def image_file(self, case: str, kind: str, channel: int, channels: int) -> str:
        """``imagesTr/CASE_0000.nii.gz``."""
        return f"images{'Ts' if kind == 'test' else 'Tr'}/{case}_{channel:04}.nii.gz"

    def label_file(self, case: str, kind: str) -> str:
        """``labelsTr/CASE.nii.gz``."""
        return f"labels{'Ts' if kind == 'test' else 'Tr'}/{case}.nii.gz"

    def finish(self, run: Run) -> None:
        """Write ``dataset.json``, and ``splits_final.json`` of a split."""
        notes = list(run.notes())
        labels = self.maps(run).labels()
        regions = any(isinstance(one, list) for one in labels.values())
        train = [one for one in notes if part_kind(one["part"]) != "test"]
        document = {
            "channel_names": {str(k): name for k, name in enumerate(run.state["channels"])},
            "labels": {"background": 0, **labels},
            "numTraining": len(train), "file_ending": ".nii.gz", "name": run.title,
            "licence": run.options.licence or "see manifest.json",
            "cases": {one["case"]: self.case_index(run, one) for one in notes},
        }  # fmt: skip
        if regions:  # of a region's labels the first is its own, where it has one
            document["regions_class_order"] = [
                one[0] if isinstance(one, list) else one for one in labels.values()
            ]
        run.add_json(self.folder(run) + "dataset.json", document, kind="index")
        if run.parts:
            run.add_json(self.folder(run) + "splits_final.json", _folds(train), kind="index")


def _folds(notes: list[dict[str, Any]]) -> list[dict[str, list[str]]]:
    """Training and validation cases: of cross-validation a pair for each fold."""
    parts = sorted({one["part"] for one in notes if one["part"].startswith("fold")})
    if not parts:
        held = {kind: [one for one in notes if part_kind(one["part"]) == kind]
                for kind in ("train", "val")}  # fmt: skip
        return [{kind: [one["case"] for one in some] for kind, some in held.items()}]
    return [
        {
            "train": [one["case"] for one in notes if one["part"] != part],
            "val": [one["case"] for one in notes if one["part"] == part],
        }
        for part in parts
    ]
