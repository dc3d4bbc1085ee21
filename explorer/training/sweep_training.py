"""sweep_training: chunks of voxels that no version of a patient has any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.layout import training_path
from explorer.patient import Patient
from explorer.training.frames import voxel_state
from explorer.training.volume import TrainingVolume

if TYPE_CHECKING:
    from explorer.store import Store


def sweep_training(store: Store, key: str, *, dry_run: bool = False) -> int:
    """Delete a patient's training volumes whose source has gone, and halves of killed writers.

    Parameters
    ----------
    store : Store
    key : str
        The patient, whose lock the caller holds.
    dry_run : bool
        Delete nothing, and count.

    Returns
    -------
    int
        Bytes freed.
    """
    folders = [
        one for made in training_path(store.place, key).children() for one in made.children()
    ]
    if not folders:
        return 0
    heads = {
        (head.at.get("items"), head.at.get("segments"), head.at.get("files"), head.snapshot): head
        for head, _ in store.records.history(key)
    }
    versions = [Patient(store, head) for head in heads.values()]
    freed = 0
    for folder in folders:
        volume = TrainingVolume.open(folder, 1)
        if volume is not None and any(_is_of(volume, one) for one in versions):
            continue
        freed += folder.size()
        if not dry_run:
            (folder / "zarr.json").delete()
            folder.delete_tree()
    return freed


def _is_of(volume: TrainingVolume, patient: Patient) -> bool:
    images = {name: one["item"] for name, one in volume.about["images"].items()}
    masks = [(one["item"], one["label"]) for one in volume.masks]
    return bool(voxel_state(patient, images, masks) == volume.about["state"])
