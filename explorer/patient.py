"""Patient: what is known about one person, at one version."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr
import zarr

from explorer.anchor import Anchor
from explorer.derived import current_runs, derived
from explorer.errors import NotFoundError
from explorer.image import Image
from explorer.item import Item
from explorer.item_map import ItemMap
from explorer.layout import RECORDS, ROW_NAMES
from explorer.records import Head
from explorer.registry import find_view
from explorer.report import Report
from explorer.segmentation import Segmentation
from explorer.slide import Slide
from explorer.waveform import Waveform

if TYPE_CHECKING:
    from explorer.store import Store


class Patient:
    """A patient's items, facts and history, all at one version.

    Parameters
    ----------
    store : Store
    head : Head
        The version.

    Attributes
    ----------
    key : str
        Opaque; stands in addresses and paths.
    version : int
    """

    def __init__(self, store: Store, head: Head) -> None:
        self.store = store
        self.head = head
        self.key = head.patient
        self.version = head.version
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._arrays: zarr.Group | None = None
        # of a cohort that was frozen by reference: looks at the sources before pixels are read
        self.prover: Callable[[Item], None] | None = None

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a record table at this version (a copy is kept; do not change it)."""
        if table not in self._rows:
            self._rows[table] = self.store.records.rows(table, self.head)
        return self._rows[table]

    def keep_rows(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Give the rows of a table at this version, where somebody has read them already."""
        self._rows[table] = rows

    def prove(self, item: Item) -> None:
        """Called before the pixels of an item are read.

        Raises
        ------
        SourceChangedError
            The patient is one of a cohort that was frozen by reference, and a source file of the
            item is gone or was changed.
        """
        if self.prover is not None:
            self.prover(item)

    def arrays(self) -> zarr.Group:
        """The root Zarr group at this version, read-only.

        Raises
        ------
        NotFoundError
            The patient has no arrays.
        """
        if self._arrays is None:
            if self.head.snapshot is None:
                raise NotFoundError("The patient has no images", where=f"patient {self.label}")
            self._arrays = self.store.arrays(self.key).read(self.head.snapshot)
        return self._arrays

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """What is known of the person: label, sex, anchor, whether the identity was made up."""
        rows = self.rows("attributes")
        own = [row for row in rows if not row.get("came_as")] or rows
        if not own:
            return {}
        found = dict(own[0])
        for name in ("sex", "birth_date"):
            said = {row[name] for row in rows if row.get(name)}
            if found.get(name) is None and len(said) == 1:
                found[name] = said.pop()  # a joined identity knew it, and none says otherwise
        return found

    @property
    def label(self) -> str:
        """The identifier that people know the patient by (hostile text)."""
        return str(self.attributes.get("label") or self.key)

    @property
    def synthetic(self) -> bool:
        """Whether anything of the patient is made up rather than measured."""
        return bool(self.attributes.get("synthetic"))

    @property
    def anchor(self) -> Anchor | None:
        """Time zero, or None where it is unknown."""
        a = self.attributes
        if not a.get("anchor_date") and not a.get("anchor_kind"):
            return None
        return Anchor(a["anchor_date"], a["anchor_kind"] or "", a["anchor_source"] or "")

    def _items(self, kind: str) -> list[dict[str, Any]]:
        rows = [row for row in self.rows("items") if row["kind"] == kind]
        return sorted(
            rows, key=lambda row: (row["acquired"] or "9999", row["modality"] or "", row["item"])
        )

    @cached_property
    def images(self) -> ItemMap[Image]:
        """Images by id, in time order."""
        found = {row["item"]: Image(self, row) for row in self._items("image")}
        return ItemMap(found, "images", f"patient {self.label}")

    @cached_property
    def segmentations(self) -> ItemMap[Segmentation]:
        """Segmentations by id, in time order."""
        found = {row["item"]: Segmentation(self, row) for row in self._items("segmentation")}
        return ItemMap(found, "segmentations", f"patient {self.label}")

    @cached_property
    def reports(self) -> ItemMap[Report]:
        """Reports by id, in time order."""
        rows = sorted(self._current("texts"), key=lambda row: (row["date"] or "9999", row["item"]))
        found = {row["item"]: Report(self, row) for row in rows}
        return ItemMap(found, "reports", f"patient {self.label}")

    @cached_property
    def waveforms(self) -> ItemMap[Waveform]:
        """Waveforms by id, in time order."""
        found = {row["item"]: Waveform(self, row) for row in self._items("waveform")}
        return ItemMap(found, "waveforms", f"patient {self.label}")

    @cached_property
    def slides(self) -> ItemMap[Slide]:
        """Whole-slide images by id, in time order."""
        found = {row["item"]: Slide(self, row) for row in self._items("slide")}
        return ItemMap(found, "slides", f"patient {self.label}")

    @property
    def facts(self) -> pd.DataFrame:
        """Facts: name, value, number, unit, code, state, when, and where found; one a row."""
        return _frame(self.rows("facts"), "facts")

    @property
    def events(self) -> pd.DataFrame:
        """Treatments, diagnoses, mutations and whatever else has a kind and a day; one a row."""
        return _frame(self.rows("events"), "events")

    @property
    def observations(self) -> pd.DataFrame:
        """Measurements, findings, labels and boxes, each with its target; one a row."""
        return _frame(self._current("observations"), "observations")

    def _current(self, table: str) -> list[dict[str, Any]]:
        """Rows without those that an earlier version of a program made."""
        runs = {row["run"] for row in self.rows("runs")}
        if not runs:
            return self.rows(table)
        gone = runs - current_runs(self)
        return [row for row in self.rows(table) if row.get("origin") not in gone]

    def derived(self, table: str, *, every: bool = False) -> pd.DataFrame:
        """What programs made of the patient: runs, findings, groundings, nodes, edges, verdicts.

        Parameters
        ----------
        table : str
        every : bool
            Also what earlier versions of a program said, and what was said of a report that
            reads otherwise by now.
        """
        return _frame(derived(self, table, every=every), table)

    @property
    def findings(self) -> pd.DataFrame:
        """What the reports state, by the newest run of each extractor; one a row."""
        return self.derived("findings")

    @property
    def groundings(self) -> pd.DataFrame:
        """Where in the images the findings lie, or why that is not known; one a row."""
        return self.derived("groundings")

    @property
    def verdicts(self) -> pd.DataFrame:
        """Whether reports and images agree, one cue a row."""
        return self.derived("verdicts")

    @property
    def vectors(self) -> dict[str, pd.Series]:
        """Named vectors, such as ``vectors["rna"]``: a series over the features' names.

        Of several with one name (samples, dates) each has its own: ``rna``, ``rna 2``, ...
        """
        found: dict[str, pd.Series] = {}
        names = self.store.records.features(row["features"] for row in self.rows("vectors"))
        for row in self.rows("vectors"):
            index = names.get(row["features"]) or range(len(row["values"] or []))
            name, copies = row["name"], 1
            while name in found:
                copies += 1
                name = f"{row['name']} {copies}"
            found[name] = pd.Series(row["values"], index=index, dtype="float32", name=name)
        return found

    @property
    def files(self) -> pd.DataFrame:
        """One status row a source file."""
        return _frame(self.rows("files"), "files")

    @property
    def tree(self) -> xr.DataTree:
        """Everything as one tree: ``/images/<id>``, ``/segmentations/<id>``, records as tables.

        Arrays are read when looked at.
        """
        from explorer.tree import tree

        return tree(self)

    def history(self) -> pd.DataFrame:
        """Versions, newest first: version, time, message, items, arrays' snapshot."""
        rows = []
        for head, message in self.store.records.history(self.key):
            items = self.store.records.rows("items", head)
            rows.append(
                {
                    "version": head.version,
                    "time": pd.Timestamp(head.updated),
                    "message": message,
                    "items": len(items),
                    "snapshot": head.snapshot,
                }
            )
        return pd.DataFrame(rows, columns=["version", "time", "message", "items", "snapshot"])

    def at(self, version: int) -> Patient:
        """The patient as it was at a version.

        Raises
        ------
        NotFoundError
            There is no such version.
        """
        for head, _ in self.store.records.history(self.key):
            if head.version == version:
                return Patient(self.store, head)
        raise NotFoundError(
            f"No version {version}",
            expected=f"1 to {self.version}",
            where=f"patient {self.label}",
        )

    def view(self, **options: Any) -> Any:
        """Show the patient: volumes, segmentations, facts (a widget).

        Raises
        ------
        NotInstalledError
            No viewer is installed.
        """
        return find_view("patient")(self, **options)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_reopen, (self.store, self.key, self.version))

    def __repr__(self) -> str:
        return (
            f"<Patient {self.label!r} version {self.version}: {len(self.images)} images, "
            f"{len(self.segmentations)} segmentations, {len(self.reports)} reports, "
            f"{len(self.rows('facts'))} facts>"
        )

    def _repr_html_(self) -> str:
        from explorer.patient_html import patient_html

        return patient_html(self)


def _frame(rows: list[dict[str, Any]], table: str) -> pd.DataFrame:
    names = [name for name in RECORDS[table].names if name not in ROW_NAMES]
    return pd.DataFrame(rows, columns=names)


def _reopen(store: Store, key: str, version: int) -> Patient:
    """The same version in another process, whatever has come after it."""
    for head, _ in store.records.history(key):
        if head.version == version:
            return Patient(store, head)
    raise NotFoundError(f"Version {version} is no longer there", where=f"patient {key}")
