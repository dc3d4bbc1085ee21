"""MONAI's datalist: the JSON of the Medical Segmentation Decathlon.

``monai.data.load_decathlon_datalist(FOLDER / "dataset.json", data_list_key="training")``.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from explorer.exports.label_map_cases import LabelMapCases
from explorer.exports.parts import part_kind
from explorer.exports.run import Run

_KEYS = {"train": "training", "val": "validation", "test": "test"}


class MonaiExporter(LabelMapCases):
    """Writes ``dataset.json`` with training, validation and test, and NIfTI files beside it.

    A case of several channels has a list of images, as ``monai.transforms.LoadImaged`` takes it.
    """

    name = "monai"
    about = "MONAI datalist (Decathlon JSON): images, labels, dataset.json"

    def image_file(self, case: str, kind: str, channel: int, channels: int) -> str:
        """``imagesTr/CASE.nii.gz``, with the channel's number where there are several."""
        end = f"_{channel:04}" if channels > 1 else ""
        return f"images{'Ts' if kind == 'test' else 'Tr'}/{case}{end}.nii.gz"

    def label_file(self, case: str, kind: str) -> str:
        """``labelsTr/CASE.nii.gz``."""
        return f"labels{'Ts' if kind == 'test' else 'Tr'}/{case}.nii.gz"

    def finish(self, run: Run) -> None:
        """Write ``dataset.json``."""
        labels = self.maps(run).labels()
        lists: dict[str, list[dict[str, Any]]] = {key: [] for key in _KEYS.values()}
        for note in run.notes():
            paths = [str(PurePosixPath(one)) for one in note["images"]]
            entry: dict[str, Any] = {"image": paths[0] if len(paths) == 1 else paths}
            if "label" in note:
                entry["label"] = note["label"]
            entry |= {"case": note["case"], **self.case_index(run, note)}
            lists[_KEYS[part_kind(note["part"])]].append(entry)
        names: dict[str, str] = {"0": "background"}
        for name, label in labels.items():
            for one in label if isinstance(label, list) else [label]:
                names[str(one)] = f"{names[str(one)]} + {name}" if str(one) in names else name
        document = {
            "name": run.title, "tensorImageSize": "3D",
            "licence": run.options.licence or "see manifest.json",
            "modality": {str(k): name for k, name in enumerate(run.state["channels"])},
            "labels": names, "regions": labels,
            "numTraining": len(lists["training"]), "numTest": len(lists["test"]), **lists,
        }  # fmt: skip
        run.add_json("dataset.json", document, kind="index")
