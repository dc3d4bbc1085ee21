"""PublicCohort: series of a public index that were asked for, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.html import table_html
from explorer.index.download_manifest import DownloadManifest
from explorer.index.link import CANNOT_TELL, JOINED, Link
from explorer.index.public_index import PublicIndex
from explorer.index.series_question import COLUMNS, Asked, SeriesQuestion, codes_of
from explorer.index.series_step import SeriesStep

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet
    from explorer.store import Store

NOT_SAID = "not said"


class PublicCohort:
    """Series of a public index, and so their patients; each question gives a new cohort.

    A patient here is one PatientID within one collection: equal identifiers of two collections
    are two.

    Parameters
    ----------
    index : PublicIndex
    keep : ndarray of bool, (series,), optional
        All by default.
    steps : sequence of SeriesStep
        What was asked.
    """

    def __init__(
        self,
        index: PublicIndex,
        keep: NDArray[np.bool_] | None = None,
        steps: Iterable[SeriesStep] = (),
    ) -> None:
        self.index = index
        self._keep = np.ones(len(index), bool) if keep is None else keep
        self._steps = tuple(steps)

    def having(self, modality: Asked = None, **asked: Asked) -> PublicCohort:
        """Keep the patients who have a series like this, with all of their series.

        Parameters
        ----------
        modality : str or iterable of str, optional
            One of them: 'CT'.
        **asked : str or iterable of str
            Of the same series: body_part, collection, licence, sex, manufacturer, patient,
            analysis, transfer_syntax.

        Raises
        ------
        NotFoundError
            The index has no such column or value.
        """
        what = SeriesQuestion.of({"modality": modality, **asked})
        fits = self._keep & what.fits(self.index)
        person, first = self.index.persons
        has = np.zeros(len(first), bool)
        has[person[fits]] = True
        silent = np.zeros(len(first), bool)
        silent[person[self._keep & what.silent(self.index)]] = True
        out = np.flatnonzero(self._persons(self._keep) & ~has)
        why = {
            "no such series": int((~silent[out]).sum()),
            f"{NOT_SAID} of a series that may be one": int(silent[out].sum()),
        }
        return self._step(f"having {what}", self._keep & has[person], why)

    def only(self, modality: Asked = None, **asked: Asked) -> PublicCohort:
        """Keep the series that are like this; the parameters are those of `having`."""
        what = SeriesQuestion.of({"modality": modality, **asked})
        keep = self._keep & what.fits(self.index)
        return self._step(f"only series: {what}", keep, {})

    def without(self, modality: Asked = None, **asked: Asked) -> PublicCohort:
        """Leave the series out that are like this; the parameters are those of `having`."""
        what = SeriesQuestion.of({"modality": modality, **asked})
        keep = self._keep & ~what.fits(self.index)
        return self._step(f"without series: {what}", keep, {})

    def series(self, uids: Iterable[str], what: str = "a list") -> PublicCohort:
        """Keep some series by their SeriesInstanceUIDs; others than these are left out.

        Parameters
        ----------
        uids : iterable of str
        what : str
            Where they come from, for people.

        Raises
        ------
        NotFoundError
            One of them is not in the index.
        """
        wanted = pa.array(list(dict.fromkeys(uids)), pa.string())
        known = self._uids()
        there = pc.is_in(wanted, value_set=known)
        if not pc.all(there, min_count=0).as_py():
            unknown = wanted.filter(pc.invert(there))
            raise NotFoundError(
                f"{len(unknown)} of {len(wanted)} series are not in the index, such as "
                f"{unknown[0].as_py()!r}", where=self.index.source,
            )  # fmt: skip
        fits = pc.is_in(known, value_set=wanted).to_numpy(zero_copy_only=False)
        return self._step(f"{what}: {len(wanted)} series", self._keep & fits, {})

    def of(
        self, cohort: PatientSet, *, issuer: str, collections: str | Iterable[str]
    ) -> PublicCohort:
        """Keep the patients who are in a local cohort, by identifiers that a person vouches for.

        Parameters
        ----------
        cohort : PatientSet
        issuer : str
            Who gave out the identifiers, as the store knows it: 'TCGA barcode'.
        collections : str or iterable of str
            Those whose PatientIDs are of that issuer; ``*`` stands for any text: 'tcga_*'.
        """
        link = Link(cohort.store, self.index, issuer, collections)
        members = set(cohort.keys)
        person, _ = self.index.persons
        mine = np.array([key in members for key in link.keys], bool)
        out = self._persons(self._keep) & ~mine
        states = [state for state, gone in zip(link.states, out, strict=True) if gone]
        why = {
            "of the store, and not in the cohort": states.count(JOINED),
            CANNOT_TELL: states.count(CANNOT_TELL),
        }
        why["no patient of that identifier"] = len(states) - sum(why.values())
        asked = f"patients of a local cohort, by {issuer}"
        return self._step(asked, self._keep & mine[person], why)

    def not_in(self, store: Store) -> PublicCohort:
        """Leave the series out that a store has already, by their SeriesInstanceUIDs."""
        return self._step("not in the store yet", self._keep & ~self.held(store), {})

    def held(self, store: Store) -> NDArray[np.bool_]:
        """Which series of the index a store has already.

        Returns
        -------
        ndarray of bool, (series of the index,)
        """
        ours = store.records.visible("items", ["series_uid"])["series_uid"].drop_null()
        found = pc.is_in(self._uids(), value_set=pc.unique(ours))
        return np.asarray(found.to_numpy(zero_copy_only=False), bool)

    def _uids(self) -> pa.Array:
        column = self.index.table(["SeriesInstanceUID"])["SeriesInstanceUID"]
        return column.combine_chunks().cast(pa.string())

    def _persons(self, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
        person, first = self.index.persons
        found = np.zeros(len(first), bool)
        found[person[keep]] = True
        return found

    def _step(self, reason: str, keep: NDArray[np.bool_], why: dict[str, int]) -> PublicCohort:
        before, left = int(self._persons(self._keep).sum()), int(self._persons(keep).sum())
        said = {name: n for name, n in why.items() if n}
        if not said and before > left:
            said = {"no series left": before - left}
        step = SeriesStep(reason, before, left, said, int(self._keep.sum()), int(keep.sum()))
        return PublicCohort(self.index, keep, [*self._steps, step])

    @property
    def steps(self) -> list[SeriesStep]:
        """From all to those who are left."""
        return list(self._steps)

    @property
    def counts(self) -> dict[str, int]:
        """How many series, studies, patients and collections, and how many bytes.

        Bytes are -1 where the index does not say sizes.
        """
        rows = np.flatnonzero(self._keep)
        study, _ = self.index.codes("StudyInstanceUID")
        collection, _ = self.index.codes("collection_id")
        size = -1
        if "series_size_MB" in self.index.columns:
            sizes = self.index.table(["series_size_MB"])["series_size_MB"].to_numpy()
            size = round(float(np.nansum(sizes[rows])) * 1e6)
        return {
            "series": len(rows),
            "studies": len(np.unique(study[rows])),
            "patients": int(self._persons(self._keep).sum()),
            "collections": len(np.unique(collection[rows])),
            "bytes": size,
        }

    def facets(self, *names: str) -> pd.DataFrame:
        """Count series and patients of each value.

        Parameters
        ----------
        *names : str
            As in `having`; modality, body_part, collection and licence by default.

        Returns
        -------
        pandas.DataFrame
            ``facet``, ``value`` (None where the index says nothing), ``series``, ``patients``.
        """
        asked = names or ("modality", "body_part", "collection", "licence")
        person, first = self.index.persons
        rows = np.flatnonzero(self._keep)
        parts = []
        for name in (one for one in asked if names or COLUMNS[one] in self.index.columns):
            code, texts = codes_of(self.index, name)
            series = np.bincount(code[rows], minlength=len(texts))
            pairs = np.unique(code[rows].astype(np.int64) * len(first) + person[rows])
            patients = np.bincount(pairs // len(first), minlength=len(texts))
            order = [k for k in np.argsort(-series, kind="stable") if series[k]]
            parts.append(
                pd.DataFrame(
                    {"facet": name, "value": pd.Series([texts[k] for k in order], dtype=object),
                     "series": series[order], "patients": patients[order]}
                )
            )  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    def table(self, columns: Iterable[str] | None = None) -> pa.Table:
        """The rows of the index that are left.

        Parameters
        ----------
        columns : iterable of str, optional
            All by default.
        """
        names = self.index.columns if columns is None else columns
        return self.index.table(names).filter(pa.array(self._keep))

    def manifest(self, store: Store | None = None) -> DownloadManifest:
        """What to download.

        Parameters
        ----------
        store : Store, optional
            What it has already (by SeriesInstanceUID) is marked, and not downloaded again.

        Raises
        ------
        NotFoundError
            The index does not say where the series lie (``series_aws_url``).
        """
        wanted = ["collection_id", "PatientID", "StudyInstanceUID", "SeriesInstanceUID",
                  "Modality", "series_aws_url"]  # fmt: skip
        more = ["series_size_MB", "license_short_name", "source_DOI"]
        wanted += [name for name in more if name in self.index.columns]
        frame = self.table(wanted).to_pandas()
        for name in frame.columns:
            if isinstance(frame[name].dtype, pd.CategoricalDtype):
                frame[name] = frame[name].astype(object)
        held = None if store is None else self.held(store)[self._keep]
        return DownloadManifest.of(frame, self.index.source, held)

    def __len__(self) -> int:
        return int(self._keep.sum())

    def __repr__(self) -> str:
        found = self.counts
        return f"<PublicCohort: {found['series']:,} series of {found['patients']:,} patients>"

    def _repr_html_(self) -> str:
        found = self.counts
        size = f", {found['bytes'] / 1e9:,.1f} GB" if found["bytes"] >= 0 else ""
        caption = f"{found['series']:,} series of {found['patients']:,} patients{size}"
        rows = [
            [step.reason, step.before, step.left, step.series_left,
             "; ".join(f"{n:,} {why}" for why, n in step.why.items())]
            for step in self._steps
        ]  # fmt: skip
        head = ["asked", "patients before", "patients left", "series left", "left out"]
        return table_html(head, rows, caption)
