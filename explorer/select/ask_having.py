"""AskHaving: patients who have images, slides, reports, vectors of some kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.errors import QueryError
from explorer.facet import Ints
from explorer.facet_rows import pairs_of
from explorer.select.answer import Answer, Matches, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis
from explorer.select.day_column import day_column, days_of_items
from explorer.select.kinds_of_data import ITEM_KINDS, TABLES
from explorer.select.short_state import short_state
from explorer.select.standing_rows import standing_rows

Days = NDArray[np.float64]
_NOBODY = np.zeros(0, np.int32)


@dataclass(frozen=True)
class AskHaving(Ask):
    """One kind of data.

    Attributes
    ----------
    what : str
        A kind ('image', 'segmentation', 'report', 'slide', 'waveform', 'vector', 'fact', 'event',
        'observation', 'finding'), a modality ('CT', 'RTSTRUCT'), or a vector's name ('rna');
        without regard to case.
    body_part : str or None
        Of an item, as its source says it, without regard to case; where it says nothing:
        'cannot tell'.
    missing : tuple of str
        The reason is looked for at the item or vector itself, and at a fact of that name.
    """

    kind: ClassVar[str] = "having"
    what: str
    body_part: str | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("what", str)
        self.checked("body_part", str, type(None))
        missing_states(self.missing)
        if self.body_part is not None and self.what.casefold() in TABLES:
            raise QueryError(f"{self.what!r} has no body part", expected="a modality")

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        part = f" of {self.body_part}" if self.body_part is not None else ""
        missing = f" (or none: {', '.join(self.missing)})" if self.missing else ""
        return f"has {self.what}{part}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        word = self.what.casefold()
        if word in TABLES:
            where, day = _rows_of(basis, TABLES[word])
            fits = anybody(where, basis.count)
            return settle(fits, missing=self.missing, rows=Matches(where, day))
        return self._of_items(basis, word)

    def _of_items(self, basis: Basis, word: str) -> Answer:
        where, data = basis.table("items", "kind", "modality", "body_part", "state", "day")
        if word in ITEM_KINDS:
            mine = pc.equal(data["kind"], ITEM_KINDS[word])
        else:
            mine = pc.equal(pc.utf8_lower(data["modality"]), word)
        mine = pc.fill_null(mine, False)
        where, data = where[mine.to_numpy()], data.filter(mine)
        part = pc.utf8_lower(data["body_part"])
        unsaid, elsewhere = np.zeros(len(data), bool), np.zeros(len(data), bool)
        if self.body_part is not None:
            empty = pc.or_kleene(pc.is_null(part), pc.equal(part, ""))
            unsaid = pc.fill_null(empty, True).to_numpy()
            elsewhere = pc.not_equal(pc.fill_null(part, ""), self.body_part.lower()).to_numpy()
            elsewhere = elsewhere & ~unsaid
        held, states = _present(data["state"])
        fit = held & ~unsaid & ~elsewhere
        more, days, reasons, owners = _vectors(basis, word if self.body_part is None else None)
        facts, said = _facts(basis, word)
        rows = Matches(
            np.concatenate([where[fit], more]), np.concatenate([day_column(data["day"])[fit], days])
        )
        told = [
            ("cannot tell: the body part is not said", where[held & unsaid]),
            ("another body part", where[held & elsewhere]),
        ]
        gone = pa.chunked_array([*states.chunks, *reasons.chunks, *said.chunks], pa.string())
        who = np.concatenate([where[~held], owners, facts]).astype(np.int32)
        fits = anybody(rows.patient, basis.count)
        return settle(fits, told, pairs_of(who, gone), missing=self.missing, rows=rows)


def _present(state: pa.ChunkedArray) -> tuple[NDArray[np.bool_], pa.ChunkedArray]:
    """Which rows hold something, and the states of the others."""
    said = pc.fill_null(state, "present")
    held = pc.equal(said, "present").to_numpy()
    return held, short_state(said.filter(pa.array(~held)))


def _rows_of(basis: Basis, table: str) -> tuple[Ints, Days]:
    if table == "findings":
        where, data = standing_rows(basis, "item")
        return where, days_of_items(basis, "texts", where, data["item"])
    state = [] if table == "texts" else ["state"]
    where, data = basis.table(table, "day", *state)
    held = _present(data["state"])[0] if state else np.ones(len(data), bool)
    return where[held], day_column(data["day"])[held]


def _vectors(basis: Basis, word: str | None) -> tuple[Ints, Days, pa.ChunkedArray, Ints]:
    """Vectors of a name; then the reasons why there is none, and for whom."""
    none = pa.chunked_array([], pa.string())
    if word is None:
        return _NOBODY, np.zeros(0), none, _NOBODY
    where, data = basis.table("vectors", "name", "state", "day")
    mine = pc.fill_null(pc.equal(pc.utf8_lower(data["name"]), word), False)
    where, data = where[mine.to_numpy()], data.filter(mine)
    held, states = _present(data["state"])
    return where[held], day_column(data["day"])[held], states, where[~held]


def _facts(basis: Basis, word: str) -> tuple[Ints, pa.ChunkedArray]:
    """Who has a fact of that name that says why there is nothing: 'CT: not done'."""
    where, data = basis.table("facts", "name", "state")
    state = pc.fill_null(data["state"], "present")
    gone = pc.and_(pc.equal(pc.utf8_lower(data["name"]), word), pc.not_equal(state, "present"))
    gone = pc.fill_null(gone, False)
    return where[gone.to_numpy()], short_state(state.filter(gone))
