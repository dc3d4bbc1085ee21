"""save_table: the chosen patients with what was asked of them, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from explorer.choice import Choice
from explorer.new_file import new_file
from explorer.patient_cells import patient_cells
from explorer.safe_cell import safe_cell


def save_table(choice: Choice, path: str | PathLike[str], names: Sequence[str] = ()) -> Path:
    """Write the chosen patients, a row each.

    Parameters
    ----------
    choice : Choice
    path : path-like
        A new file; only its owner may read it. No spreadsheet takes a cell of it for a formula.
    names : sequence of str
        Facets that become columns; those that were asked for by default.

    Returns
    -------
    Path

    Raises
    ------
    FileExistsError
        It is there already.
    """
    facets = choice.facets
    names = list(names) or [name for name in choice.conditions if name in facets]
    chosen = choice.mask().nonzero()[0]
    columns = [patient_cells(facets[name], chosen) for name in names]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    titles = [facets[name].title for name in names]
    writer.writerow([safe_cell(one) for one in ("patient", "key", *titles)])
    for row, position in enumerate(chosen.tolist()):
        known = (facets.labels_of[position], facets.keys_of[position])
        writer.writerow([safe_cell(one) for one in (*known, *(cells[row] for cells in columns))])
    return new_file(path, out.getvalue().encode("utf-8", "replace"))
