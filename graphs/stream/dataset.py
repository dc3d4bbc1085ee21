"""dataset: a cohort as patches for training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from explorer.errors import NotFoundError, OncographError
from explorer.patient_set import PatientSet
from explorer.training.training_set import TrainingSet
from explorer.training.volume import TrainingVolume
from graphs.stream.boxes import finding_boxes
from graphs.stream.order import Order, place_in_world
from graphs.stream.sampling import HOWS, How, Sampling
from graphs.stream.task_labels import task_labels

if TYPE_CHECKING:
    from graphs.stream.patch_stream import PatchMap, PatchStream
    from graphs.stream.patches import Transform


def dataset(
    cohort: PatientSet,
    task: Any = None,
    *,
    patch: Sequence[int] = (96, 96, 96),
    modalities: Sequence[str] = ("CT",),
    masks: Sequence[str] = (),
    training: TrainingSet | None = None,
    spacing: Sequence[float] | float | None = None,
    sampling: How = "uniform",
    labels: Sequence[str] = (),
    share: float = 1.0,
    overlap: Sequence[int] = (0, 0, 0),
    per_volume: int = 1,
    batch: int = 1,
    seed: int = 0,
    shuffle: bool | None = None,
    rank: int | None = None,
    world: int | None = None,
    even: bool = False,
    dtype: str = "float32",
    transform: Transform | None = None,
    style: Literal["stream", "map"] = "stream",
) -> PatchStream | PatchMap:
    """Give the patches of a cohort's images, as a torch dataset.

    A patch is a dict: an image ``[1, z, y, x]`` by each modality's name; ``masks``
    ``[mask, z, y, x]`` (bool) and ``masks_present``; ``present`` ``[modality]`` and ``state``: a
    modality that a patient lacks is zeros, and said to be absent, and why; ``label`` and
    ``label_known`` (of each of its columns: NaN where it is not known) and ``label_state``;
    ``patient`` (the key); ``address``, the box in the source image; ``box``
    ``[3, 2]``, voxel edges on the volume's grid, over its edges where the volume is smaller than
    the patch (filled with air, -1024 HU, else 0); ``spacing`` ``(z, y, x)`` in mm; ``affine``,
    the patch's index ``(x, y, z, 1)`` to mm LPS; ``synthetic``; ``drawn_for``; ``number``.

    Parameters
    ----------
    cohort : PatientSet
        One part of a split: ``split["train"]``.
    task : Task, pandas.DataFrame, mapping or None
        A task (`explorer.tasks`), what its labels are, or key to number.
    patch : (z, y, x)
        Voxels.
    modalities : sequence of str
        The first that a patient has gives the grid.
    masks : sequence of str
        Beginnings of segments' names, one channel each; where several segments of a patient are
        called so, what lies in any of them.
    training : TrainingSet, optional
        Of `cohort.materialize`; made now where it is not given.
    spacing : float or (z, y, x), optional
        mm, where it is made now.
    sampling : {'uniform', 'labels', 'boxes', 'grid'}
        Anywhere; about voxels of segments, each segment's turn alike; about what findings were
        grounded in; a grid that covers each volume.
    labels : sequence of str
        The segments of 'labels'; `masks` by default, else all.
    share : float
        Of the draws that are about a segment or a box; the rest lies anywhere.
    overlap : (z, y, x)
        Voxels that neighbours of a grid share.
    per_volume : int
        Patches of each volume in an epoch.
    batch : int
        Patches that a worker takes in turn: the size of the loader's batches.
    seed : int
    shuffle : bool, optional
        False for a grid, else True.
    rank, world : int, optional
        Of torch.distributed, or of the environment, by default.
    even : bool
        Leave out the last few patches, so that each rank has as many.
    dtype : {'float32', 'float16'}
    transform : callable, optional
        ``f(sample)``, on each patch.
    style : {'stream', 'map'}

    Returns
    -------
    PatchStream or PatchMap

    Raises
    ------
    NotInstalledError
        There is no torch.
    NotFoundError
        No patient has such an image, or none has such a segment.
    OncographError
        The arguments mean nothing.
    """
    refuse_without_torch()
    import torch

    from graphs.stream.patch_stream import PatchMap, PatchStream
    from graphs.stream.patches import Patches

    _check(sampling, style, batch, dtype)
    if training is None:
        training = cohort.materialize(spacing, images=tuple(modalities))
    elif unmade := [name for name in modalities if name not in training.modalities]:
        # zeros would say that the patients have none
        raise NotFoundError(
            f"{' and '.join(unmade)} was not materialized",
            expected=f"of {', '.join(training.modalities)}",
            do=f"cohort.materialize(..., images={tuple(modalities)})",
            where=repr(training)[1:-1],
        )
    volumes = _volumes(training, cohort, modalities, (*masks, *labels))
    z, y, x = (int(n) for n in patch)
    oz, oy, ox = (int(n) for n in overlap)
    drawn = Sampling(
        sampling,
        (z, y, x),
        tuple(labels or masks),
        share,
        (oz, oy, ox),
        per_volume,
        finding_boxes(cohort, volumes) if sampling == "boxes" else {},
    )
    patches = Patches(
        volumes,
        drawn,
        tuple(modalities),
        tuple(masks),
        None if task is None else task_labels(cohort, task),
        getattr(torch, dtype),
        transform,
        seed,
    )
    mixed = sampling != "grid" if shuffle is None else shuffle
    order = Order(len(patches), seed, mixed, *place_in_world(rank, world), batch, even)
    kind = PatchStream if style == "stream" else PatchMap
    return kind(patches, order, training)


def _check(sampling: str, style: str, batch: int, dtype: str) -> None:
    if sampling not in HOWS or style not in ("stream", "map") or batch < 1:
        raise OncographError(
            f"sampling={sampling!r}, style={style!r}, batch={batch}",
            expected=f"one of {HOWS}; 'stream' or 'map'; at least 1",
        )
    if dtype not in ("float32", "float16"):
        raise OncographError(f"dtype={dtype!r}", expected="'float32' or 'float16'")


def _volumes(
    training: TrainingSet, cohort: PatientSet, modalities: Sequence[str], segments: Sequence[str]
) -> list[TrainingVolume]:
    """Those of the cohort; one has such an image, and each segment is in one."""
    found = [one for one in training if one.patient in cohort.versions]
    if not any(name in one.modalities for one in found for name in modalities):
        raise NotFoundError(
            f"No patient of the cohort has {' or '.join(modalities)} to train on",
            where=repr(training)[1:-1],
        )
    for name in segments:
        if not any(volume.positions(name) for volume in found):
            there = sorted({one["label"] for volume in found for one in volume.masks})
            raise NotFoundError(f"No segment {name!r} in any volume", expected=f"one of {there}")
    return found


def refuse_without_torch() -> None:
    """Say what to install.

    Raises
    ------
    NotInstalledError
        There is no torch.
    """
    from importlib.util import find_spec

    from explorer.errors import NotInstalledError

    if find_spec("torch") is None:
        raise NotInstalledError("Streaming needs torch", do="pip install 'oncograph[training]'")
