"""A public index: a table of the series that others hold, to be asked and never written to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from explorer.ask import ask
from explorer.errors import FileRefusedError, NotFoundError, NotInstalledError
from explorer.facet import Ints

if TYPE_CHECKING:
    from explorer.index.public_cohort import PublicCohort

_PACKAGE = "idc-index-data"
_FILE = "idc_index.parquet"
#: What every index has; the other columns are the source's own.
NEEDED = ("collection_id", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "Modality")
# Each value of these stands once or nearly so: a dictionary of them is larger than they are.
_UNIQUE = {"SeriesInstanceUID", "StudyInstanceUID", "crdc_series_uuid", "series_aws_url"}


class PublicIndex:
    """The series of a public archive, a row each; make one with `public_index`.

    Columns are read when they are asked for, and kept. Nothing is ever written.

    Parameters
    ----------
    path : pathlib.Path
        A Parquet file with a row a series.
    source : str
        What it is, for people: 'idc-index-data 25.0.5'.

    Raises
    ------
    FileRefusedError
        It is no Parquet file, or lacks a column that every index has (`NEEDED`).
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path, self.source = path, source
        try:
            about = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise FileRefusedError(
                f"The index cannot be read: {error}",
                expected="a Parquet file with a row a series",
                where=str(path),
            ) from None
        self._schema = about.schema_arrow
        self._rows = int(about.metadata.num_rows)
        missing = [name for name in NEEDED if name not in self._schema.names]
        if missing:
            raise FileRefusedError(
                f"The index has no column {', '.join(missing)}",
                expected=f"the columns {', '.join(NEEDED)}",
                where=str(path),
            )
        self._kept: dict[str, pa.ChunkedArray] = {}
        self._codes: dict[str, tuple[Ints, list[str | None]]] = {}

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return list(self._schema.names)

    def __len__(self) -> int:
        return self._rows

    def table(self, columns: Iterable[str]) -> pa.Table:
        """Some columns; texts that repeat are dictionary-encoded.

        Parameters
        ----------
        columns : iterable of str

        Raises
        ------
        NotFoundError
            It has no such column.
        """
        names = list(dict.fromkeys(columns))
        for name in names:
            if name not in self._schema.names:
                raise NotFoundError(
                    f"The index has no column {name!r}",
                    expected=", ".join(self._schema.names),
                    where=self.source,
                )
        fresh = [name for name in names if name not in self._kept]
        if fresh:
            coded = [name for name in fresh if self._is_text(name) and name not in _UNIQUE]
            found = pq.read_table(self.path, columns=fresh, read_dictionary=coded)
            self._kept |= {name: found[name] for name in fresh}
        return pa.table({name: self._kept[name] for name in names})

    def _is_text(self, name: str) -> bool:
        kind = self._schema.field(name).type
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

    def named(self, columns: set[str] | None) -> list[str]:
        """Its columns among those that a query names (lower case); None: all of them."""
        if columns is None:
            return self.columns
        return [name for name in self.columns if name.lower() in columns] or ["Modality"]

    def sql(self, query: str) -> pd.DataFrame:
        """Answer a SELECT over the table ``idc``.

        Parameters
        ----------
        query : str
            DuckDB SQL, read-only; no file and no network is in reach.

        Raises
        ------
        QueryError
            It is no SELECT, or DuckDB refuses it.
        """
        return ask(query, {"idc": lambda columns: self.table(self.named(columns))}, self.source)

    def cohort(self) -> PublicCohort:
        """All series, to choose from; see `PublicCohort`."""
        from explorer.index.public_cohort import PublicCohort

        return PublicCohort(self)

    def codes(self, column: str) -> tuple[Ints, list[str | None]]:
        """A column of texts as numbers.

        Returns
        -------
        code : ndarray of int32, (series,)
        texts : list of str or None
            What each number stands for (hostile text); None where the index says nothing.
        """
        if column not in self._codes:
            whole: Any = self.table([column])[column].combine_chunks()
            if not pa.types.is_dictionary(whole.type):
                whole = whole.cast(pa.string()).dictionary_encode()
            code = whole.indices.fill_null(-1).to_numpy().astype(np.int32)
            texts: list[str | None] = list(whole.dictionary.to_pylist())
            if (code < 0).any():
                code = np.where(code < 0, len(texts), code).astype(np.int32)
                texts = [*texts, None]
            self._codes[column] = code, texts
        return self._codes[column]

    @cached_property
    def persons(self) -> tuple[Ints, NDArray[np.int64]]:
        """Whose each series is: one PatientID within one collection.

        Returns
        -------
        person : ndarray of int32, (series,)
        first : ndarray of int64, (person,)
            A series of each.
        """
        collection, _ = self.codes("collection_id")
        who, names = self.codes("PatientID")
        both = collection.astype(np.int64) * max(len(names), 1) + who
        _, first, person = np.unique(both, return_index=True, return_inverse=True)
        return person.astype(np.int32), first.astype(np.int64)

    def __repr__(self) -> str:
        return f"<PublicIndex {self.source}: {len(self):,} series>"


def public_index(path_or_package: str | PathLike[str] | None = None) -> PublicIndex:
    """Open a public index.

    Parameters
    ----------
    path_or_package : path or str, optional
        A Parquet file of the form of the Imaging Data Commons' index, or the name of an
        installed package that holds it; PyPI's ``idc-index-data`` by default.

    Returns
    -------
    PublicIndex

    Raises
    ------
    NotInstalledError
        There is no such package.
    NotFoundError
        There is no such file, or the package holds none.
    """
    given = _PACKAGE if path_or_package is None else path_or_package
    if isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", given):
        return _of_package(given)
    path = Path(given)
    if not path.is_file():
        raise NotFoundError(f"No index at {str(given)!r}", expected="a Parquet file")
    return PublicIndex(path, path.name)


def _of_package(name: str) -> PublicIndex:
    try:
        said = f"{name} {version(name)}"
        module = import_module(name.replace("-", "_"))
    except (PackageNotFoundError, ImportError):
        raise NotInstalledError(
            f"The package {name} is not installed", do="pip install 'oncograph[index]'"
        ) from None
    named = getattr(module, "IDC_INDEX_PARQUET_FILEPATH", None)
    path = Path(named) if named else Path(str(module.__file__)).parent / _FILE
    if not path.is_file():
        raise NotFoundError(f"The package {name} holds no index", expected=_FILE)
    return PublicIndex(path, said)
