"""facets: what the patients of a store differ in, read from its tables in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.facet import NO_RECORD, Facet, Ints
from explorer.facet_rows import Pairs, of_numbers, of_pairs, pairs_of
from explorer.html import table_html
from explorer.is_quantity import is_quantity
from explorer.patient_set import PatientSet
from explorer.select.short_state import short_state
from explorer.standing_runs import standing_runs

if TYPE_CHECKING:
    from explorer.store import Store

_SHOWN = 6
_HAS = {"image": "images", "segmentation": "segmentations", "waveform": "waveforms",
        "slide": "slides"}  # fmt: skip


class Facets(Mapping[str, Facet]):
    """Facets by name, and the patients that their positions mean.

    Attributes
    ----------
    keys_of : tuple of str
        Keys of the patients, in the order of their labels.
    labels_of : tuple of str
        What people call them (hostile text).
    versions_of : tuple of int
        At which they were read.
    """

    def __init__(
        self, patients: Mapping[str, tuple[str, int]], facets: Mapping[str, Facet]
    ) -> None:
        self.keys_of = tuple(patients)
        self.labels_of = tuple(label for label, _ in patients.values())
        self.versions_of = tuple(version for _, version in patients.values())
        self._facets = dict(facets)

    def __getitem__(self, name: str) -> Facet:
        return self._facets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facets)

    def __len__(self) -> int:
        return len(self._facets)

    def __repr__(self) -> str:
        return f"<Facets: {len(self)} of {len(self.keys_of)} patients>"

    def _repr_html_(self) -> str:
        rows = [[one.name, *_said(one)] for one in self._facets.values()]
        head = ["facet", "patients with a value", "values"]
        return table_html(head, rows, repr(self)[1:-1])


def _said(facet: Facet) -> tuple[int, str]:
    """How many patients have a value, and the most frequent ones, or from where to where."""
    held = facet.patient[facet.code < facet.values]
    if facet.numbers is not None and facet.number_of is not None and len(facet.numbers):
        held = np.concatenate([held, facet.number_of])
        words = f"{facet.numbers.min():g} to {facet.numbers.max():g} {facet.unit}".strip()
    else:
        named = facet.labels[: facet.values]
        more = f", and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        words = ", ".join(named[:_SHOWN]) + more
    return len(np.unique(held)), words


def facets(of: Store | PatientSet) -> Facets:
    """Read what patients differ in.

    Sex and time zero; modalities, body parts, segments and which kinds of data there are; what
    reports state, by assertion; facts, events and observations by their names.

    Parameters
    ----------
    of : Store or PatientSet
        A store's patients as they are now (read again to see later commits), or a set's at its
        versions.

    Returns
    -------
    Facets
    """
    everybody = of if isinstance(of, PatientSet) else of.cohort()
    versions = everybody.versions
    patients = {key: (label, versions[key]) for key, label in everybody.labels.items()}
    reader = _Reader(everybody, list(patients))
    found = [
        *reader.persons(), *reader.data(), *reader.findings(), *reader.facts(), *reader.named()
    ]  # fmt: skip
    return Facets(patients, {one.name: one for one in found})


class _Reader:
    """Turns tables into facets of the same patients."""

    def __init__(self, of: PatientSet, keys: list[str]) -> None:
        self.of = of
        self.count = len(keys)
        self._keys = pa.array(keys, pa.string())

    def table(self, name: str, *columns: str) -> tuple[Ints, pa.Table]:
        """Positions of the patients, and columns, of their rows."""
        data = self.of.rows(name, columns)
        place = pc.index_in(data["patient"], value_set=self._keys)
        return place.to_numpy().astype(np.int32), data.select(list(columns))

    def persons(self) -> Iterator[Facet]:
        where, data = self.table("attributes", "came_as", "sex", "anchor_kind", "synthetic")
        own = pc.is_null(data["came_as"])
        where, data = where[own.to_numpy()], data.filter(own)
        for column, title in (("sex", "Sex"), ("anchor_kind", "Days count from")):
            pairs = pairs_of(where, data[column])
            yield of_pairs(f"patient: {column}", title, "patient", pairs, self.count, "unknown")
        said = pc.if_else(
            pc.fill_null(data["synthetic"], False), "parts made up", "nothing made up"
        )
        if pc.any(pc.equal(said, "parts made up")).as_py():
            pairs = pairs_of(where, said)
            yield of_pairs("patient: synthetic", "Synthetic", "patient", pairs, self.count)

    def data(self) -> Iterator[Facet]:
        where, data = self.table("items", "kind", "modality", "body_part")
        kinds = pairs_of(where, data["kind"]).renamed(_HAS)
        for table, title in (("texts", "reports"), ("vectors", "vectors"), ("facts", "facts"),
                             ("events", "events"), ("findings", "findings")):  # fmt: skip
            kinds = kinds.plus(title, self.table(table)[0])
        yield of_pairs("data: has", "Has", "data", kinds, self.count, "nothing")
        pictures = pc.is_in(data["kind"], value_set=pa.array(["image", "waveform", "slide"]))
        where, data = where[pictures.to_numpy()], data.filter(pictures)
        if len(where):
            pairs = pairs_of(where, data["modality"])
            yield of_pairs("data: modality", "Modality", "data", pairs, self.count)
            pairs = pairs_of(where, data["body_part"])
            yield of_pairs("data: body_part", "Body part", "data", pairs, self.count)
        where, data = self.table("segments", "name")
        if len(where):
            pairs = pairs_of(where, data["name"])
            yield of_pairs("data: segment", "Segment", "data", pairs, self.count)
        where, data = self.table("vectors", "name")
        if len(where):
            pairs = pairs_of(where, data["name"])
            yield of_pairs("data: vector", "Vector", "data", pairs, self.count)

    def findings(self) -> Iterator[Facet]:
        where, data = self.table("findings", "run", "current", "entity", "assertion")
        if not len(where):
            return
        runs = standing_runs(self.of)
        read, about = self.table("runs", "run", "kind")
        standing = pa.array(sorted(runs), pa.string())
        done = pc.and_(
            pc.equal(about["kind"], "findings"), pc.is_in(about["run"], value_set=standing)
        )
        # nothing stated, a report that nobody has read yet, and no report at all are three things
        states = Pairs.of("none stated", read[pc.fill_null(done, False).to_numpy()]).plus(
            "not extracted", self.table("texts")[0]
        )
        held = pc.and_(
            pc.fill_null(data["current"], False), pc.is_in(data["run"], value_set=standing)
        )
        for said in ("present", "uncertain", "absent"):
            now = pc.and_(held, pc.equal(data["assertion"], said))
            rows = pc.fill_null(now, False)
            pairs = pairs_of(where[rows.to_numpy()], data["entity"].filter(rows))
            if len(pairs.patient):
                yield of_pairs(
                    f"findings: {said}", f"Stated {said}", "findings", pairs, self.count,
                    "no report", states,
                )  # fmt: skip

    def facts(self) -> Iterator[Facet]:
        where, data = self.table("facts", "name", "value", "number", "unit", "state")
        for name, unit, rows in _groups(data):
            some = data.take(pa.array(rows))
            yield from self._fact(f"facts: {name}", name, "facts", unit, where[rows], some)

    def _fact(
        self, full: str, name: str, group: str, unit: str, where: Ints, data: pa.Table
    ) -> Iterator[Facet]:
        unit = "" if unit == "1" else unit  # a pure number
        full, title = (f"{full} ({unit})", f"{name} ({unit})") if unit else (full, name)
        state = pc.fill_null(data["state"], "present")
        present = pc.equal(state, "present").to_numpy()
        states = pairs_of(where[~present], short_state(state.filter(pa.array(~present))))
        here, rows = data.filter(pa.array(present)), where[present]
        numbers = here["number"].to_numpy().astype(float)
        if is_quantity(here["value"], numbers, unit):
            yield of_numbers(full, title, group, unit, rows, numbers, self.count, states)
            return
        text = pc.coalesce(here["value"], pc.cast(here["number"], pa.string()))
        yield of_pairs(full, title, group, pairs_of(rows, text), self.count, NO_RECORD, states)

    def named(self) -> Iterator[Facet]:
        """Events by kind, and observations by their names and sites."""
        where, data = self.table("events", "kind", "name", "state")
        shown = pc.equal(pc.fill_null(data["state"], "present"), "present")
        for kind in sorted(pc.unique(data["kind"]).drop_null().to_pylist()):
            rows = pc.fill_null(pc.equal(data["kind"], kind), False)
            held = pc.and_(rows, shown)
            missing = pc.and_(rows, pc.invert(shown)).to_numpy()
            short = short_state(data["state"].filter(pa.array(missing)))
            pairs = pairs_of(where[held.to_numpy()], data["name"].filter(held))
            yield of_pairs(
                f"events: {kind}", kind, "events", pairs, self.count, NO_RECORD,
                pairs_of(where[missing], short),
            )  # fmt: skip
        where, data = self.table("observations", "name", "site")
        for column, title in (("name", "Observed"), ("site", "Site observed")):
            pairs = pairs_of(where, data[column])
            if len(pairs.patient):
                yield of_pairs(f"observations: {column}", title, "observations", pairs, self.count)


def _groups(data: pa.Table) -> Iterator[tuple[str, str, Ints]]:
    """Names with their units, and the rows of each; a name with two units is two."""
    names = pc.fill_null(data["name"], "").combine_chunks().dictionary_encode()
    units = pc.fill_null(data["unit"], "").combine_chunks().dictionary_encode()
    # a row without a value often has no unit either, and belongs to its name's only one
    name, unit = names.indices.to_numpy(), units.indices.to_numpy()
    name_of, unit_of = names.dictionary.to_pylist(), units.dictionary.to_pylist()
    order = np.argsort(name, kind="stable")
    starts = np.searchsorted(name[order], np.arange(len(name_of) + 1))
    for position in sorted(range(len(name_of)), key=lambda k: str(name_of[k])):
        rows = order[starts[position] : starts[position + 1]]
        said = [one for one in np.unique(unit[rows]) if unit_of[one]]
        if len(said) <= 1:
            yield name_of[position], unit_of[said[0]] if said else "", rows.astype(np.int32)
            continue
        for one in np.unique(unit[rows]):
            yield name_of[position], unit_of[one], rows[unit[rows] == one].astype(np.int32)
