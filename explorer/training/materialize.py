"""materialize: the images of a cohort as training chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from explorer.erasing import being_erased
from explorer.errors import ConflictError, OncographError, StoreError
from explorer.fork import refuse_fork
from explorer.layout import training_path
from explorer.lock import lock
from explorer.patient import Patient
from explorer.place import Place
from explorer.progress import progress
from explorer.training.frames import Frame, Images, frames, modalities_of
from explorer.training.settings import Settings
from explorer.training.training_set import TrainingSet
from explorer.training.volume import TrainingVolume
from explorer.training.write_volume import write_volume

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet


def materialize(
    cohort: PatientSet,
    spacing: Sequence[float] | float | None = None,
    *,
    chunks: Sequence[int] = (64, 64, 64),
    dtype: Any = None,
    images: Images = "CT",
    masks: str | Sequence[str] | bool | None = True,
    orientation: str | None = None,
) -> TrainingSet:
    """Write the images of a cohort, and the masks on them, in chunks that training reads fast.

    A volume lies beside its patient's arrays, and goes when the patient is erased. It is made
    once: the same settings and the same voxels are found again, whatever cohort asks. A run that
    was stopped goes on where it was; half a volume is never seen.

    Parameters
    ----------
    cohort : PatientSet
        At its versions.
    spacing : float or (z, y, x), optional
        mm. None keeps each image's own grid and values.
    chunks : (z, y, x)
        Voxels of a chunk.
    dtype : {None, 'float32', 'float16', 'int16', 'uint8'}
        None is the type of the values: int16 HU, or float32.
    images : str, sequence of str, or callable
        Modalities; or ``f(image) -> bool``. Each image of the first modality that a patient has
        makes a volume. Images of the others are laid onto its grid where they have the same
        frame of reference, and are absent, with a reason, where not.
    masks : bool, str, sequence of str, or None
        All segments that lie on these images; or those whose names begin so.
    orientation : str, optional
        Where the indices x, y and z are to grow to: 'LPS', 'RAS'.

    Returns
    -------
    TrainingSet
        With what could not be made, and why.

    Raises
    ------
    StoreError
        The settings mean nothing, or the store is opened for reading alone.
    """
    refuse_fork()
    settings = Settings.of(spacing, chunks, dtype, masks, orientation)
    result = TrainingSet(cohort, settings, modalities_of(images))
    people = cohort.patients(("items", "segments", "files"))
    with progress("Training chunks", len(people)) as step:
        for patient in people:
            made, left = frames(patient, images, settings)
            for why in left:
                _leave(result, patient, *why.split(": ", 1))
            for frame in made:
                _one(result, frame)
            step(patient.label)
    if not result.modalities:
        found = [name for volume in result.volumes for name in volume.modalities]
        result.modalities = tuple(dict.fromkeys(found))
    return result


def _one(result: TrainingSet, frame: Frame) -> None:
    patient = frame.patient
    place = training_path(patient.store.place, patient.key) / result.digest / frame.name
    found = TrainingVolume.open(place, patient.version)
    if found is not None:
        result.kept += 1
    else:
        try:
            found = _make(result, frame, place)
        except ConflictError:
            raise
        except OncographError as error:
            _leave(result, patient, frame.first.id, str(error))
            return
    if found is not None:
        # who is absent may be said in other words by another cohort's settings
        result.volumes.append(found)


def _make(result: TrainingSet, frame: Frame, place: Place) -> TrainingVolume | None:
    store = frame.patient.store
    if store.read_only:
        raise ConflictError(
            "The store is opened for reading alone", where=store.url, do="materialize it before"
        )
    with lock(store.place, frame.patient.key):
        found = TrainingVolume.open(place, frame.patient.version)
        if found is not None:  # another process was faster
            result.kept += 1
            return found
        key = frame.patient.key
        if store.records.head(key) is None or being_erased(store, key):
            raise StoreError("The patient was erased", where=f"patient {key}")
        found, size = write_volume(frame, result.settings, place)
        result.made += 1
        result.bytes += size
    return found


def _leave(result: TrainingSet, patient: Patient, item: str, why: str) -> None:
    result.left.append({"patient": patient.label, "item": item, "why": why})
