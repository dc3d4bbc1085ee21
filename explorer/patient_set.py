"""PatientSet: patients of one store, each at one version."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.layout import RECORDS
from explorer.patient import Patient
from explorer.records import Head

if TYPE_CHECKING:
    from explorer.card.data_card import DataCard
    from explorer.exports.export_set import ExportedSet
    from explorer.freeze.frozen_cohort import FrozenCohort
    from explorer.mapping.map_result import MapResult
    from explorer.select.comparison import Comparison
    from explorer.shown_list import ShownList
    from explorer.split.split import Split
    from explorer.store import Store
    from explorer.training.frames import Images
    from explorer.training.training_set import TrainingSet


class PatientSet(ABC):
    """What a cohort that was asked for and a frozen one have in common.

    Everything that is made of patients (a split, training chunks, a data card, an export) takes
    a set, and reads it at the versions that the set names.

    Parameters
    ----------
    store : Store
    name : str
        Empty where nobody has named it.
    """

    def __init__(self, store: Store, name: str = "") -> None:
        self.store = store
        self.name = name

    @property
    @abstractmethod
    def heads(self) -> tuple[Head, ...]:
        """The patients' versions, in the order of their labels."""

    @property
    @abstractmethod
    def labels(self) -> dict[str, str]:
        """Key to label (hostile text), in the order of the heads."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The patients' opaque keys, in the order of their labels."""
        return tuple(head.patient for head in self.heads)

    @property
    def versions(self) -> dict[str, int]:
        """Key to version."""
        return {head.patient: head.version for head in self.heads}

    def at(self, key: str) -> Head:
        """The version of a patient in the set, by key.

        Raises
        ------
        KeyError
            He is not in the set.
        """
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Head]:
        return {head.patient: head for head in self.heads}

    @property
    def digest(self) -> str:
        """A sha256 of who is in it, at which commit: two sets of it hold the same data."""
        lines = sorted(f"{head.patient} {head.commit}" for head in self.heads)
        return hashlib.sha256("\n".join([self.store.id, *lines]).encode()).hexdigest()

    def patients(self, tables: Sequence[str] = ()) -> list[Patient]:
        """The patients at their versions, rows of some tables read at once.

        Parameters
        ----------
        tables : sequence of str
            Record tables to read now; others are read when they are asked for.
        """
        found = [self._patient(head) for head in self.heads]
        for table in dict.fromkeys(("attributes", *tables)):
            rows: dict[str, list[dict[str, object]]] = {head.patient: [] for head in self.heads}
            for row in self.rows(table).to_pylist():
                rows[row["patient"]].append(row)
            for one in found:
                one.keep_rows(table, rows[one.key])
        return found

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a record table at the set's versions.

        Parameters
        ----------
        table : str
        columns : sequence of str, optional
            All by default; ``patient`` is always the first.

        Returns
        -------
        pyarrow.Table
        """
        names = list(dict.fromkeys(("patient", *(columns or RECORDS[table].names))))
        wanted = list(dict.fromkeys((*names, "commit")))
        at = [(head.patient, head.at.get(table)) for head in self.heads]
        commits = pa.array([commit for _, commit in at if commit], pa.string())
        keys = pa.array([key for key, commit in at if commit], pa.string())
        data = self._read(table, wanted)
        place = pc.index_in(data["commit"], value_set=commits)
        owner = keys.take(place.combine_chunks())
        held = pc.fill_null(pc.equal(data["patient"], owner), False)
        return data.filter(held).select(names)

    def _read(self, table: str, names: list[str]) -> pa.Table:
        now = self.store.records.read("patients", columns=["patient", "commit"])
        commits = dict(zip(now["patient"].to_pylist(), now["commit"].to_pylist(), strict=True))
        if all(commits.get(head.patient) == head.commit for head in self.heads):
            return self.store.records.visible(table, names)
        return self.store.records.read(table, columns=names)

    def card(self, **options: Any) -> DataCard:
        """What the cohort holds: table one, licences, missingness; see `explorer.card.card`."""
        from explorer.card.card import card

        return card(self, **options)

    @property
    def proves_sources(self) -> bool:
        """Whether source files are hashed before their pixels are read: frozen by reference."""
        return False

    def _resolve(self, name: str) -> str:
        return self.store.identity.resolve(name)

    def _patient(self, head: Head) -> Patient:
        return Patient(self.store, head)

    def freeze(
        self, name: str, *, by_reference: bool = False, note: str = "", who: str = ""
    ) -> FrozenCohort:
        """Keep these patients, as they are now, under a name; see `explorer.freeze.freeze`."""
        from explorer.freeze.freeze import freeze

        return freeze(self, name, by_reference=by_reference, note=note, who=who)

    def materialize(
        self,
        spacing: Sequence[float] | float | None = None,
        *,
        chunks: Sequence[int] = (64, 64, 64),
        dtype: Any = None,
        images: Images = "CT",
        masks: str | Sequence[str] | bool | None = True,
        orientation: str | None = None,
    ) -> TrainingSet:
        """Write the images, and the masks on them, in chunks that training reads fast.

        See `explorer.training.materialize.materialize`.
        """
        from explorer.training.materialize import materialize

        return materialize(
            self, spacing, chunks=chunks, dtype=dtype, images=images, masks=masks,
            orientation=orientation,
        )  # fmt: skip

    def map(self, function: Callable[..., Any], **options: Any) -> MapResult:
        """Call a function on every patient, and keep what it gives; see `map_patients`."""
        from explorer.mapping.map_patients import map_patients

        return map_patients(self, function, **options)

    def export(
        self, folder: str | Path, format: str = "nifti-csv", *, split: Any = None, **options: Any
    ) -> ExportedSet:
        """Write the patients to a folder, as other programs expect them; see `export_set`."""
        from explorer.exports.export_set import export_set

        return export_set(self, folder, format, split=split, **options)

    def split(self, parts: Mapping[str, float] | None = None, **wishes: Any) -> Split:
        """Divide it by patient, and refuse what leaks; wishes as in `split_cohort`."""
        from explorer.split.split_cohort import split_cohort

        return split_cohort(self, parts, **wishes)

    def splits(self) -> ShownList[Split]:
        """The splits that were kept of it; of a cohort that is not frozen there are none."""
        from explorer.split.kept_splits import kept_splits

        return kept_splits(self)

    def compare(self, other: PatientSet) -> Comparison:
        """Who came, who went and why, from this set to another; see `explorer.select.compare`."""
        from explorer.select.compare import compare

        return compare(self, other)

    def __len__(self) -> int:
        return len(self.heads)

    def __iter__(self) -> Iterator[Patient]:
        return iter(self.patients())

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except NotFoundError:
            return False
        return True

    def __getitem__(self, name: str) -> Patient:
        """A patient by key, or by what people call him.

        Raises
        ------
        NotFoundError
            There is none, or he is not in the set.
        """
        key = name if name in self.labels else self._resolve(name)
        if key in self._by_key:
            return self._patient(self._by_key[key])
        raise NotFoundError(f"No patient {name!r} in the cohort", where=self.name or None)
