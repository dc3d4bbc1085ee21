"""A MINDS manifest.json: patients with the files that public archives list for them.

The form is MINDS's (Tripathi et al., Sensors 2024, 10.3390/s24051634): a list with an object a
patient, ``PatientID`` and, by kind of data, rows of files. Nothing of its code is used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from explorer.errors import FileRefusedError
from explorer.html import table_html

if TYPE_CHECKING:
    from explorer.index.public_cohort import PublicCohort
    from explorer.index.public_index import PublicIndex
    from explorer.store import Store

_MOST_BYTES = 512 << 20
_MOST_TEXT = 512
_WHO = "PatientID"
# Names that the form has had for one thing.
_FIELDS = {
    "id": ("file_id", "id"), "name": ("file_name",), "bytes": ("file_size",), "md5": ("md5sum",),
    "series_uid": ("SeriesInstanceUID",), "url": ("AWS_URL", "aws_url", "GCS_URL", "gcs_url"),
    "collection": ("Collection_ID", "collection_id"),
}  # fmt: skip
_COLUMNS = ("patient", "kind", "row", *_FIELDS)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, eq=False)
class MindsManifest:
    """What a manifest lists; read one with `read_minds_manifest`.

    Attributes
    ----------
    origin, sha256 : str
        The file's name, and its hash.
    patients : dict of str to int
        PatientID (hostile text) to the place of its object in the file, counted from 1.
    files : pandas.DataFrame
        A row a file: patient, kind ('CT', 'Slide Image'), row (the patient's object), and what
        there is of id, name, bytes, md5, series_uid, url, collection (hostile text).
    refused : list of (str, str)
        Place in the file and reason, of what could not be understood.
    """

    origin: str
    sha256: str
    patients: dict[str, int]
    files: pd.DataFrame
    refused: list[tuple[str, str]]

    @property
    def kinds(self) -> list[str]:
        """The kinds of data, by name."""
        return sorted(set(self.files["kind"]))

    def having(self, *kinds: str) -> list[str]:
        """Patients who have files of all of some kinds."""
        held = self.files.groupby("patient")["kind"].agg(set).to_dict()
        return [name for name in self.patients if set(kinds) <= held.get(name, set())]

    @property
    def counts(self) -> pd.DataFrame:
        """Patients, files and bytes of each kind; bytes are those that the manifest says."""
        each = self.files.assign(bytes=pd.to_numeric(self.files["bytes"], errors="coerce"))
        found = each.groupby("kind").agg(
            patients=("patient", "nunique"), files=("row", "size"), bytes=("bytes", "sum")
        )
        return found.reset_index()

    def series(self, index: PublicIndex) -> PublicCohort:
        """The series of a public index that the manifest lists; those it lacks are told."""
        from explorer.index.public_cohort import PublicCohort

        listed = set(self.files["series_uid"].dropna())
        known = index.table(["SeriesInstanceUID"])["SeriesInstanceUID"].to_pylist()
        there = [uid for uid in known if uid in listed]
        gone = len(listed) - len(set(there))
        what = f"a manifest ({gone} of its series are not in the index)" if gone else "a manifest"
        return PublicCohort(index).series(there, what)

    def gdc(self) -> str:
        """The files of the Genomic Data Commons, in the form that its ``gdc-client`` reads.

        Rows whose id, name or hash is no plain one are left out, and stand in `refused`.
        """
        head = "id\tfilename\tmd5\tsize\tstate\n"
        return head + "".join(f"{line}\n" for line in self._gdc_lines())

    def _gdc_lines(self) -> Iterator[str]:
        for row in self.files.itertuples(index=False):
            plain = _plain(row.id, _UUID) and _plain(row.name, _NAME) and _plain(row.md5, _MD5)
            if plain and str(row.bytes).isdigit():
                yield f"{row.id}\t{row.name}\t{row.md5}\t{row.bytes}\tvalidated"

    def put(self, store: Store, issuer: str) -> list[str]:
        """Keep in a store what is listed for whom: a fact a kind of data.

        ``files listed: CT`` has the number of files, or the state 'unknown' where the manifest
        lists none: that an archive has no CT does not say that none was made. Each names the
        manifest, its hash, and the patient's place in it.

        Parameters
        ----------
        store : Store
        issuer : str
            Who gave out the PatientIDs; patients of the store who have one of that issuer get
            the facts, and others are made.

        Returns
        -------
        list of str
            The patients' keys.
        """
        number = self.files.groupby(["patient", "kind"]).size().to_dict()
        kinds = self.kinds
        with store.transaction(f"manifest {self.origin}") as t:
            keys = t.patients(self.patients, issuer)
            for name, row in self.patients.items():
                facts = [self._fact(kind, number.get((name, kind), 0), row) for kind in kinds]
                t.add_facts(keys[name], facts)
        return list(keys.values())

    def _fact(self, kind: str, count: int, row: int) -> dict[str, Any]:
        said = {"value": str(count), "number": count} if count else {"state": "unknown"}
        found = {"origin": self.origin, "sha256": self.sha256, "row": row}
        return {"name": f"files listed: {kind}", "value": None, **said, **found}

    def __repr__(self) -> str:
        return f"<MindsManifest {self.origin!r}: {len(self.patients)} patients>"

    def _repr_html_(self) -> str:
        rows = [list(row) for row in self.counts.itertuples(index=False)]
        caption = f"{len(self.patients)} patients, {len(self.refused)} entries refused"
        return table_html(["kind", "patients", "files", "bytes"], rows, caption)


def read_minds_manifest(path: str | PathLike[str]) -> MindsManifest:
    """Read a MINDS ``manifest.json``.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    MindsManifest

    Raises
    ------
    FileRefusedError
        It is too large, no JSON, or not of that form.
    """
    place = Path(path)
    if place.stat().st_size > _MOST_BYTES:
        raise FileRefusedError("The manifest is larger than 512 MiB", where=str(place))
    data = place.read_bytes()
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(f"The manifest is no JSON: {error}", where=str(place)) from None
    if not isinstance(entries, list):
        raise FileRefusedError(
            "The file is not a MINDS manifest", expected="a list of patients", where=str(place)
        )
    patients: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    refused: list[tuple[str, str]] = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get(_WHO) if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name.strip() or len(name) > _MOST_TEXT:
            refused.append((f"entry {number}", "it names no patient"))
        elif name in patients:
            refused.append((f"entry {number}", f"its patient has entry {patients[name]} already"))
        else:
            patients[name] = number
            rows += _rows(name, number, entry, refused)
    frame = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
    digest = hashlib.sha256(data).hexdigest()
    return MindsManifest(place.name, digest, patients, frame, refused)


def _rows(
    name: str, number: int, entry: Mapping[str, Any], refused: list[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    for kind, files in entry.items():
        if kind == _WHO or not isinstance(files, list):
            continue  # a patient's other identifiers
        for place, one in enumerate(files, start=1):
            where = f"entry {number}, {kind[:80]!r}, file {place}"
            if not isinstance(one, dict):
                refused.append((where, "it is no object"))
                continue
            found = {field: _first(one, names) for field, names in _FIELDS.items()}
            if found["id"] is None and found["series_uid"] is None and found["name"] is None:
                refused.append((where, "it names no file and no series"))
                continue
            yield {"patient": name, "kind": kind[:_MOST_TEXT], "row": number, **found}


def _first(one: Mapping[str, Any], names: Iterable[str]) -> str | None:
    for name in names:
        value = one.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)[:_MOST_TEXT]
    return None


def _plain(value: Any, form: re.Pattern[str]) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
