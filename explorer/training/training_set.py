"""TrainingSet: the training volumes of a cohort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from explorer.html import table_html
from explorer.training.settings import Settings
from explorer.training.volume import TrainingVolume

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_MOST = 100


@dataclass
class TrainingSet(Sequence[TrainingVolume]):
    """What `materialize` made, and found made before; a sequence of `TrainingVolume`.

    Attributes
    ----------
    cohort : PatientSet
    settings : Settings
    modalities : tuple of str
        Those that were asked for, or that are there.
    volumes : list of TrainingVolume
        In the order of the cohort's patients.
    made, kept : int
        How many were written now, and how many before.
    bytes : int
        Of those written now.
    left : list of dict
        patient (label, hostile text), item, why: what could not be made.
    """

    cohort: PatientSet
    settings: Settings
    modalities: tuple[str, ...] = ()
    volumes: list[TrainingVolume] = field(default_factory=list)
    made: int = 0
    kept: int = 0
    bytes: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Hash of the settings."""
        return self.settings.digest

    def __len__(self) -> int:
        return len(self.volumes)

    @overload
    def __getitem__(self, index: int) -> TrainingVolume: ...
    @overload
    def __getitem__(self, index: slice) -> list[TrainingVolume]: ...
    def __getitem__(self, index: int | slice) -> TrainingVolume | list[TrainingVolume]:
        return self.volumes[index]

    def __iter__(self) -> Iterator[TrainingVolume]:
        return iter(self.volumes)

    def check(self) -> int:
        """Read every chunk; gives their number.

        Raises
        ------
        StoreError
            One is damaged.
        """
        return sum(volume.check() for volume in self.volumes)

    def delete(self) -> None:
        """Delete the volumes; the cohort's images stay as they are."""
        for volume in self.volumes:
            # first what makes it visible
            (volume.place / "zarr.json").delete()
            volume.place.delete_tree()
        self.volumes.clear()

    def __repr__(self) -> str:
        return (
            f"<TrainingSet {self.digest}: {len(self)} volumes of {len(self.cohort)} patients "
            f"({self.made} made, {self.kept} kept, {len(self.left)} left)>"
        )

    def _repr_html_(self) -> str:
        labels = self.cohort.labels
        head = ["patient", "item", "images", "shape (z, y, x)", "mm", "masks", "state"]
        rows = [
            [labels.get(one.patient, one.patient), one.item, ", ".join(one.modalities), one.shape,
             tuple(f"{mm:.3g}" for mm in one.spacing_mm), len(one.masks),
             "; ".join(f"{name} {why}" for name, why in one.absent.items()) or "present"]
            for one in self.volumes[:_MOST]
        ]  # fmt: skip
        rows += [
            [row["patient"], row["item"], "", "", "", "", f"left: {row['why']}"]
            for row in self.left[:_MOST]
        ]
        shown = f", {_MOST} shown" if len(self) > _MOST else ""
        return table_html(head, rows, repr(self)[1:-1] + shown)
