"""Croissant 1.1: NIfTI and CSV, and a description by which mlcroissant loads the tables.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explorer.errors import StoreError
from explorer.exports.nifti_csv import NiftiCsvExporter
from explorer.exports.run import Run
from explorer.freeze.cohort_tables import METADATA
from explorer.freeze.croissant import croissant
from explorer.licence import licence


class CroissantExporter(NiftiCsvExporter):
    """Writes what NIfTI + CSV writes, and ``croissant.json``.

    Every file is a FileObject with its sha256, every CSV a RecordSet:
    ``mlcroissant.Dataset(folder / "croissant.json").records("facts")`` loads one.
    """

    name = "croissant"
    about = "Croissant 1.1: NIfTI + CSV, and croissant.json, by which mlcroissant loads the tables"

    def finish(self, run: Run) -> None:
        """Write the tables and the metadata, once mlcroissant finds no fault with it.

        Raises
        ------
        StoreError
            It does.
        """
        import mlcroissant as mlc  # it takes seconds

        super().finish(run)
        files, _ = run.whole()
        given = run.options.licence
        terms = [given] if given else [licence(one).terms for one in run.patients]
        hidden = run.options.deidentify
        try:
            document = croissant(
                run.cohort, [_described(run.folder, one) for one in files], name=run.title,
                # what a person noted of the cohort may name somebody
                description=f"{len(run.cohort)} patients, de-identified" if hidden else "",
                licences=terms,
            )  # fmt: skip
            mlc.Dataset(jsonld=document)
        except (ValueError, mlc.ValidationError) as error:
            raise StoreError(
                f"mlcroissant finds fault with the metadata: {error}", where=str(run.place)
            ) from error
        run.add_json(METADATA, document, kind="index")


def _described(folder: Path, one: dict[str, Any]) -> dict[str, Any]:
    if not one["file"].endswith(".csv"):
        return one
    return {**one, "columns": _head(folder / one["file"])}


def _head(path: Path) -> Sequence[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])
