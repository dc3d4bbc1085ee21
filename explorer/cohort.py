"""Cohort: patients who were asked for, step by step, and who was left out why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.choice import Step
from explorer.erase_documents import SOMEBODY
from explorer.errors import NotFoundError, QueryError
from explorer.facet import Ints
from explorer.layout import RECORDS
from explorer.patient_set import PatientSet
from explorer.records import Head, heads_of
from explorer.select.basis import Basis
from explorer.select.flow import Flow
from explorer.select.link import Link

if TYPE_CHECKING:
    from explorer.facets import Facets
    from explorer.select.ask import Ask
    from explorer.store import Store

Missing = str | Iterable[str]


class Cohort(PatientSet):
    """The patients of a store who fit; each question gives a new cohort, and none is changed.

    It is of the store as it was when the first cohort of the chain was made: later commits do
    not show in it. `freeze` keeps it for good.

    Whoever has no value has a state that says why ('unknown', 'not acquired', 'no record', ...),
    which `missing` lets stay: one state, several, or 'any'. What cannot be told (a number in
    another unit, a day that is not known) is counted apart, and stays with 'cannot tell'.

    Parameters
    ----------
    store : Store
    basis : Basis, optional
        The patients that it is chosen from; those of the store as it is now by default.
    links : sequence of Link
        What was asked already.
    start : dict, optional
        What the basis is, where it is not the store: see `Cohort.of`.
    """

    def __init__(
        self,
        store: Store,
        basis: Basis | None = None,
        links: Sequence[Link] = (),
        start: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(store)
        self.basis = Basis.now(store) if basis is None else basis
        self.links = tuple(links)
        self._start = start

    @classmethod
    def of(cls, patients: PatientSet) -> Cohort:
        """Any set as a cohort that more can be asked of: a frozen one, say."""
        if isinstance(patients, Cohort):
            return patients
        basis = Basis.of_heads(patients.store, patients.heads, patients.labels)
        start = {"cohort": patients.name} if patients.name else {"keys": list(patients.keys)}
        return cls(patients.store, basis, start=start)

    @classmethod
    def ask(cls, store: Store, question: Mapping[str, Any]) -> Cohort:
        """Ask a question again, of the store as it is now.

        Parameters
        ----------
        store : Store
        question : mapping
            `Cohort.question` of an earlier cohort. What it names and the store does not have any
            more is nobody's.

        Raises
        ------
        QueryError
            It is no question.
        """
        start = question.get("start") if isinstance(question, Mapping) else None
        if not start:
            return cls.asked(Basis.now(store), question)
        if "cohort" in start:
            # what was frozen is its own basis: the versions that it holds
            found = cls.of(store.cohort(start["cohort"]))
        else:
            found = cls(store).among(one for one in start["keys"] if one != SOMEBODY)
        return cls._then_all(found, question)

    @classmethod
    def asked(cls, basis: Basis, question: Mapping[str, Any]) -> Cohort:
        """Ask a question of some patients at their versions."""
        return cls._then_all(cls(basis.store, basis), question)

    @staticmethod
    def _then_all(found: Cohort, question: Mapping[str, Any]) -> Cohort:
        from explorer.select.asks import asks

        for one in asks(question):
            found = found.then(one)
        return found

    @property
    def question(self) -> dict[str, Any]:
        """What was asked, as plain JSON, so that `Cohort.ask` can ask it again."""
        steps = [link.ask.document() for link in self.links]
        return {"oncograph": "question", "version": 1, "start": self._start, "steps": steps}

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Who of the basis is in it."""
        return self.links[-1].after if self.links else np.ones(self.basis.count, bool)

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """The patients' versions, in the order of their labels."""
        chosen = self.basis.heads.filter(pa.array(self.mask))
        return tuple(heads_of(chosen))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Key to label (hostile text), in the order of the heads."""
        named = self.basis.labels
        places = np.flatnonzero(self.mask).tolist()
        return dict(zip(self.keys, (named[k] for k in places), strict=True))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The patients' opaque keys, in the order of their labels."""
        return tuple(self.basis.keys.filter(pa.array(self.mask)).to_pylist())

    @property
    def versions(self) -> dict[str, int]:
        """Key to version."""
        chosen = self.basis.heads.filter(pa.array(self.mask))
        return dict(zip(self.keys, chosen["version"].to_pylist(), strict=True))

    def __len__(self) -> int:
        return int(self.mask.sum())

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a record table at the set's versions; see `PatientSet.rows`."""
        data = self.basis.rows(table, columns or RECORDS[table].names)
        if self.mask.all():
            return data
        chosen = self.basis.keys.filter(pa.array(self.mask))
        return data.filter(pc.is_in(data["patient"], value_set=chosen))

    def facets(self) -> Facets:
        """What its patients differ in; see `explorer.facets.facets`."""
        return self._facets

    @cached_property
    def _facets(self) -> Facets:
        from explorer.facets import facets

        return facets(self)

    def counts(self, facet: str) -> pd.DataFrame:
        """How many patients have which value of a facet, and how many have none, by the reason.

        Parameters
        ----------
        facet : str
            A name of `facets`, or what stands behind its group: 'sex', 'modality'.

        Returns
        -------
        pandas.DataFrame
            Columns value (of numbers the range of a bin), state (of absence) and patients.

        Raises
        ------
        NotFoundError
            There is no such facet, or several are called so.
        """
        from explorer.select.facet_counts import facet_counts

        return facet_counts(self.facets(), facet)

    @property
    def steps(self) -> list[Step]:
        """From all patients to those who are left."""
        return [link.step for link in self.links]

    @property
    def flow(self) -> Flow:
        """From all patients to those who are left, as a table and as a figure."""
        return Flow(self.basis.count, self.steps)

    def left_out(self) -> tuple[Ints, list[str]]:
        """Who was left out at which step, and why.

        Returns
        -------
        ndarray of int32, (patient,)
            Of everybody in the basis: which of the reasons; -1 for those who are in it.
        list of str
            Reasons: 'age > 60: no value: unknown' (hostile text).
        """
        code = np.full(self.basis.count, -1, np.int32)
        texts: list[str] = []
        for link in self.links:
            out = link.before & ~link.after
            code[out] = link.answer.code[out] + len(texts)
            texts += [f"{link.reason}: {label}" for label in link.answer.labels]
            code[link.after] = -1
        code[self.mask] = -1
        return code, texts

    def then(self, ask: Ask) -> Cohort:
        """Ask one question more; the methods below make them."""
        from explorer.select.ask_set import AskSet
        from explorer.select.ask_when import AskWhen

        if isinstance(ask, AskWhen):
            answer = ask.answer(self.basis, self.links[-1].answer if self.links else None)
        else:  # it is about the patients alone, and what was found holds for as long as they do
            name = json.dumps(ask.document(), sort_keys=True)
            answer = self.basis.once(name, lambda: ask.answer(self.basis, None))
        before = self.mask
        joined = isinstance(ask, AskSet) and ask.operator == "or"
        after = before | answer.fits if joined else before & answer.fits
        link = Link(ask, answer, before, after)
        return Cohort(self.store, self.basis, [*self.links, link], self._start)

    def having(self, what: str, *, body_part: str | None = None, missing: Missing = ()) -> Cohort:
        """Ask for a kind of data.

        Parameters
        ----------
        what : str
            A modality ('CT'), a kind ('segmentation', 'report', 'slide', 'waveform', ...), or a
            vector's name ('rna').
        body_part : str, optional
        missing : str or iterable of str
            States of absence that may stay.

        Raises
        ------
        NotFoundError
            Nobody has it, and it is no kind and no modality of DICOM.
        """
        from explorer.select.ask_having import AskHaving
        from explorer.select.check_having import check_having

        asked = AskHaving(what, body_part, _states(missing))
        check_having(self.basis, what)
        return self.then(asked)

    def with_segment(self, name: str, *, missing: Missing = ()) -> Cohort:
        """Ask for a segment by its name, or by the meaning of its code."""
        from explorer.select.ask_segment import AskSegment

        return self.then(AskSegment(name, _states(missing)))

    def with_fact(self, fact: str, *, missing: Missing = ()) -> Cohort:
        """Ask for a fact: ``age > 60 years``, ``stage in ('IIIA', 'IIIB')``; see `FactExpression`.

        Parameters
        ----------
        fact : str
            Where it names no unit and all numbers of the fact have one, that is meant.
        missing : str or iterable of str

        Raises
        ------
        QueryError
            It cannot be read, or the numbers have several units.
        NotFoundError
            Nobody has a fact of that name.
        """
        from explorer.select.ask_fact import AskFact
        from explorer.select.fact_unit import fact_unit

        asked = AskFact(fact, "", _states(missing))
        return self.then(AskFact(fact, fact_unit(self.basis, asked.said), asked.missing))

    def with_finding(
        self,
        entity: str,
        *,
        laterality: str | None = None,
        assertion: str = "present",
        size_mm: float | tuple[float | None, float | None] | None = None,
        missing: Missing = (),
    ) -> Cohort:
        """Ask for what a report states; see `AskFinding`.

        Parameters
        ----------
        entity : str
            'nodule'.
        laterality : {'left', 'right', 'bilateral'}, optional
        assertion : {'present', 'absent', 'uncertain', 'not_assessed'}
        size_mm : float or (low, high), optional
            Longest axis: at least, or ``low <= size < high``.
        missing : str or iterable of str
        """
        from explorer.select.ask_finding import AskFinding

        low, high = size_mm if isinstance(size_mm, tuple) else (size_mm, None)
        return self.then(AskFinding(entity, laterality, assertion, low, high, _states(missing)))

    def with_event(self, event: str, *, name: str | None = None, missing: Missing = ()) -> Cohort:
        """Ask for an event by its kind ('treatment'), and its name.

        Raises
        ------
        NotFoundError
            The store has no event of that kind.
        """
        from explorer.select.ask_event import AskEvent
        from explorer.select.event_kinds import check_event

        check_event(self.basis, event, zero=False)
        return self.then(AskEvent(event, name, _states(missing)))

    def before(
        self,
        event: str,
        *,
        days: int | None = None,
        name: str | None = None,
        same_day: bool = False,
        missing: Missing = (),
    ) -> Cohort:
        """Ask that what was asked for last lies before the first event of a kind.

        Parameters
        ----------
        event : str
            'treatment'; the kind of the patient's time zero means day 0 where no such event is
            recorded.
        days : int, optional
            At most so many before it.
        name : str, optional
            Of the event.
        same_day : bool
            Whether the event's own day counts.
        missing : str or iterable of str
            'no record' keeps those without such an event.

        Raises
        ------
        QueryError
            Nothing that has a day was asked for last.
        NotFoundError
            The store has no event of that kind.
        """
        return self._when("before", event, name, days, same_day, missing)

    def after(
        self,
        event: str,
        *,
        days: int | None = None,
        name: str | None = None,
        same_day: bool = False,
        missing: Missing = (),
    ) -> Cohort:
        """Ask that what was asked for last lies after the first event of a kind; see `before`."""
        return self._when("after", event, name, days, same_day, missing)

    def _when(
        self, side: str, event: str, name: str | None, days: int | None, same_day: bool,
        missing: Missing,
    ) -> Cohort:  # fmt: skip
        from explorer.select.ask_when import AskWhen
        from explorer.select.event_kinds import check_event

        check_event(self.basis, event, zero=name is None)
        return self.then(AskWhen(side, event, name, days, same_day, _states(missing)))

    def followed(self, days: int, *, or_died: bool = False, missing: Missing = ()) -> Cohort:
        """Ask for a follow-up of at least so many days from time zero; see `AskFollowed`."""
        from explorer.select.ask_followed import AskFollowed

        return self.then(AskFollowed(days, or_died, _states(missing)))

    def where(self, condition: str, **parameters: Any) -> Cohort:
        """Ask by a condition of SQL over the table ``patients``.

        Parameters
        ----------
        condition : str
            ``sex = $sex``; other tables stand in subqueries. No file is in reach.
        **parameters
            Bound to ``$name``.

        Raises
        ------
        QueryError
            It is no condition, or DuckDB refuses it.
        """
        from explorer.select.ask_where import AskWhere

        return self.then(AskWhere(condition, parameters))

    def sql(self, query: str, **parameters: Any) -> Cohort:
        """Ask by one SELECT that gives a column ``patient`` of keys; see `Store.sql`.

        Parameters
        ----------
        query : str
            DuckDB SQL over the tables at the cohort's versions.
        **parameters
            Bound to ``$name``.

        Raises
        ------
        QueryError
            It is no SELECT, gives no patients, or DuckDB refuses it.
        """
        from explorer.select.ask_sql import AskSql

        return self.then(AskSql(query, parameters))

    def only(
        self,
        facet: str,
        values: Iterable[str] = (),
        *,
        low: float | None = None,
        high: float | None = None,
        states: Iterable[str] = (),
    ) -> Cohort:
        """Ask for values, a range or states of a facet, as in the cohort view; see `Choice.only`.

        Raises
        ------
        NotFoundError
            There is no such facet.
        """
        from explorer.select.ask_facet import AskFacet, facets_of

        if facet not in facets_of(self.basis):
            raise NotFoundError(f"No facet {facet!r}", expected="a name in cohort.facets()")
        return self.then(AskFacet(facet, tuple(values), low, high, tuple(states)))

    def synthetic(self, made_up: bool = False) -> Cohort:
        """Ask for patients of whom nothing is made up, or of whom something is."""
        from explorer.select.ask_synthetic import AskSynthetic

        return self.then(AskSynthetic(made_up))

    def among(self, names: Iterable[str], what: str = "a list") -> Cohort:
        """Keep some patients.

        Parameters
        ----------
        names : iterable of str
            Keys, or what people call them.
        what : str
            Where they come from, for people.

        Raises
        ------
        NotFoundError
            The store has no such patient.
        """
        from explorer.select.ask_among import AskAmong

        known = set(self.basis.keys.to_pylist())
        wanted = {one if one in known else self.store.identity.resolve(one) for one in names}
        return self.then(AskAmong(tuple(sorted(wanted)), what))

    def __or__(self, other: PatientSet) -> Cohort:
        """Everybody of both; who is in both is there at this one's version."""
        return self._with("or", other)

    def __and__(self, other: PatientSet) -> Cohort:
        """Those of this one who are in the other, too."""
        return self._with("and", other)

    def __sub__(self, other: PatientSet) -> Cohort:
        """Those of this one who are not in the other."""
        return self._with("minus", other)

    def _with(self, operator: str, other: PatientSet) -> Cohort:
        from explorer.select.together import together

        if not isinstance(other, PatientSet):
            return NotImplemented
        if other.store.id != self.store.id:
            raise QueryError(
                "The sets are of two stores", expected="two sets of one store",
                where=f"{self.store.url} and {other.store.url}",
            )  # fmt: skip
        return together(self, operator, other)

    def __repr__(self) -> str:
        return f"<Cohort: {len(self)} of {self.basis.count} patients, {len(self.links)} steps>"

    def _repr_html_(self) -> str:
        return self.flow._repr_html_()


def _states(missing: Missing) -> tuple[str, ...]:
    from explorer.select.answer import missing_states

    return missing_states(missing)
