"""DownloadManifest: which series to fetch, how large they are, and under what terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.errors import StoreError
from explorer.html import Raw, table_html

if TYPE_CHECKING:
    from explorer.ingest_result import IngestResult
    from explorer.store import Store

Form = Literal["s5cmd", "idc-index", "json"]
FORMS: tuple[Form, ...] = ("s5cmd", "idc-index", "json")

# What may stand in a line that a shell-like tool reads: nothing that it could take for more.
_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)+(/\*)?")
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NON_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial", re.IGNORECASE)
_PLAIN_CC = re.compile(r"CC0|CC[ -]BY", re.IGNORECASE)
_SHOWN = 100


@dataclass(frozen=True, eq=False)
class DownloadManifest:
    """Series to download; make one with `PublicCohort.manifest`.

    Attributes
    ----------
    series : pandas.DataFrame
        A row a series that is to be downloaded, with the index's columns (hostile text).
    held : pandas.DataFrame
        The series that the store has already.
    refused : list of (str, str)
        SeriesInstanceUID and reason, of series whose address or identifiers could be taken for
        something else by a program that reads a manifest.
    index : str
        Of which index, and of which version.
    """

    series: pd.DataFrame
    held: pd.DataFrame
    refused: list[tuple[str, str]]
    index: str

    @classmethod
    def of(
        cls, frame: pd.DataFrame, index: str, held: NDArray[np.bool_] | None = None
    ) -> DownloadManifest:
        """Sort rows of an index into what is downloaded, held, and refused."""
        mine = np.zeros(len(frame), bool) if held is None else held
        asked = frame[~mine]
        why = [_fault(*one) for one in zip(*(asked[name] for name in _HELD_TO), strict=True)]
        good = np.array([reason is None for reason in why], bool)
        uids = asked["SeriesInstanceUID"].tolist()
        refused = [(str(uid), said) for uid, said in zip(uids, why, strict=True) if said]
        return cls(
            asked[good].reset_index(drop=True), frame[mine].reset_index(drop=True), refused, index
        )

    @property
    def bytes(self) -> int:
        """How much there is to download; -1 where the index does not say it."""
        if "series_size_MB" not in self.series:
            return -1
        return round(float(self.series["series_size_MB"].sum()) * 1e6)

    @property
    def licences(self) -> pd.DataFrame:
        """What is to be downloaded, by its terms.

        Returns
        -------
        pandas.DataFrame
            ``terms`` (hostile text; 'unknown' where the index says none), ``use``
            ('attribution', 'non-commercial', 'own terms: read them', 'unknown'), ``series``,
            ``patients``, ``bytes``, ``dois``: what to cite.
        """
        frame = self.series
        terms = (
            frame["license_short_name"].fillna("unknown")
            if "license_short_name" in frame
            else pd.Series("unknown", frame.index, dtype=object)
        )
        rows = []
        for said, part in frame.groupby(terms, sort=True):
            size = part["series_size_MB"].sum() * 1e6 if "series_size_MB" in part else -1
            dois = part["source_DOI"].dropna() if "source_DOI" in part else pd.Series([], dtype=str)
            people = part[["collection_id", "PatientID"]].drop_duplicates()
            rows.append([said, use_of(str(said)), len(part), len(people), round(size),
                         sorted(set(dois))])  # fmt: skip
        head = ["terms", "use", "series", "patients", "bytes", "dois"]
        return pd.DataFrame(rows, columns=head)

    def s5cmd(self) -> str:
        """The manifest for s5cmd, and for ``idc download``.

        ``s5cmd --no-sign-request run FILE`` makes a folder a series, below that of its
        collection; no name of a patient stands in a folder's name.
        """
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"# {len(self.series)} series, {max(self.bytes, 0)} bytes"
        for terms in self.licences["use"].unique():
            count = int(self.licences.loc[self.licences["use"] == terms, "series"].sum())
            yield f"# {terms}: {count} series"
        for row in self.series[[*_HELD_TO]].itertuples(index=False):
            url, series, study, collection, modality = row
            yield f"cp {url} {collection}/{study}/{modality}_{series}/"

    def idc_index(self) -> str:
        """What PyPI's idc-index does the same with: a few lines of Python."""
        uids = json.dumps(self.series["SeriesInstanceUID"].tolist(), indent=1)
        return (
            "from idc_index import IDCClient\n\n"
            f"series = {uids}\n"
            'IDCClient().download_from_selection(downloadDir=".", seriesInstanceUID=series)\n'
        )

    def document(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {
            "index": self.index,
            "series": self.series["SeriesInstanceUID"].tolist(),
            "bytes": self.bytes,
            "held": len(self.held),
            "refused": [{"series": uid, "reason": why} for uid, why in self.refused],
            "licences": self.licences.to_dict("records"),
        }

    def text(self, form: Form = "s5cmd") -> str:
        """The manifest in one of its forms: 's5cmd', 'idc-index', 'json'."""
        if form == "json":
            return json.dumps(self.document(), indent=1) + "\n"
        return self.s5cmd() if form == "s5cmd" else self.idc_index()

    def save(self, path: str | Path, form: Form = "s5cmd") -> Path:
        """Write it to a new file.

        Raises
        ------
        StoreError
            There is a file of that name.
        """
        place = Path(path)
        try:
            with place.open("x", encoding="utf-8") as file:
                file.write(self.text(form))
        except FileExistsError:
            raise StoreError("There is such a file already", where=str(place)) from None
        return place

    def ingest(
        self, store: Store | str | Path, *, copy: bool = False, workers: int = 1
    ) -> IngestResult:
        """Take the series into a store from their bucket; uncompressed pixels stay there.

        See `explorer.index.ingest_series.ingest_series`; credentials, server and region come from
        the environment (``AWS_SKIP_SIGNATURE=true`` for a public bucket).
        """
        from explorer.index.ingest_series import ingest_series

        return ingest_series(self, store, copy=copy, workers=workers)

    def __len__(self) -> int:
        return len(self.series)

    def __repr__(self) -> str:
        return f"<DownloadManifest: {len(self)} series, {max(self.bytes, 0) / 1e9:.1f} GB>"

    def _repr_html_(self) -> str:
        size = f", {self.bytes / 1e9:,.2f} GB" if self.bytes >= 0 else ""
        caption = f"{len(self):,} series to download{size}; {len(self.held):,} held already"
        rows = [
            [row["terms"], _flagged(row["use"]), row["series"], row["patients"],
             f"{row['bytes'] / 1e9:,.2f}", ", ".join(row["dois"][:_SHOWN])]
            for row in self.licences.to_dict("records")
        ]  # fmt: skip
        head = ["licence", "use", "series", "patients", "GB", "cite (DOI)"]
        found = table_html(head, rows, caption)
        if self.refused:
            shown = self.refused[:_SHOWN]
            found += table_html(["series", "reason"], shown, f"{len(self.refused)} refused")
        return found


_HELD_TO = (
    "series_aws_url", "SeriesInstanceUID", "StudyInstanceUID", "collection_id", "Modality",
)  # fmt: skip


def _flagged(use: str) -> str:
    """What is no plain attribution is to be seen; the words are this package's own."""
    return use if use == "attribution" else Raw(f"<strong>{use}</strong>")


def use_of(terms: str) -> str:
    """What terms of data allow, as far as their short name says it."""
    if terms == "unknown":
        return "unknown"
    if _NON_COMMERCIAL.search(terms):
        return "non-commercial"
    return "attribution" if _PLAIN_CC.match(terms) else "own terms: read them"


def _fault(url: Any, series: Any, study: Any, collection: Any, modality: Any) -> str | None:
    """Why a row cannot stand in a manifest."""
    if not isinstance(url, str) or not _URL.fullmatch(url):
        return "its address is not a plain s3://bucket/name"
    for uid in (series, study):
        if not isinstance(uid, str) or len(uid) > 64 or not _UID.fullmatch(uid):
            return "a UID is not digits and dots"
    for name, value in (("collection", collection), ("modality", modality)):
        if not isinstance(value, str) or not _WORD.fullmatch(value):
            return f"its {name} is not a plain word"
    return None
