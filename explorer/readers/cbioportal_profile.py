"""A cBioPortal study's matrices: genes in rows, samples in columns, a vector a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.errors import FileRefusedError
from explorer.readers.tab_lines import TabLines

_NAMES = ("hugo_symbol", "composite.element.ref", "entity_stable_id", "gene_symbol", "gene")
_BESIDE = {
    *("entrez_gene_id", "cytoband", "locus id", "gene symbol", "name", "description", "url"),
    *("confidence_statement", "transcript_id", "gene_panel"),
}
_MOST_CELLS = 60_000_000
_NONE = {"", "na", "nan", "null", "[not available]", "n/a"}


@dataclass(frozen=True)
class Profile:
    """A matrix.

    Attributes
    ----------
    genes, samples : list of str
    values : ndarray, (sample, gene), float32
        NaN for missing.
    odd : int
        Cells that are neither numbers nor missing.
    """

    genes: list[str]
    samples: list[str]
    values: NDArray[np.float32]
    odd: int


def cbioportal_profile(lines: TabLines) -> Profile:
    """Read a matrix (docs.cbioportal.org, File Formats, Discrete Copy Number and Expression).

    Parameters
    ----------
    lines : TabLines

    Returns
    -------
    Profile

    Raises
    ------
    FileRefusedError
        No column names the genes, there are no samples, or there are too many cells.
    """
    names = [column.lower() for column in lines.columns]
    key = next((names.index(one) for one in _NAMES if one in names), None)
    entrez = names.index("entrez_gene_id") if "entrez_gene_id" in names else None
    first = key if key is not None else entrez
    if first is None:
        raise FileRefusedError("No column names the genes", expected="Hugo_Symbol in the head")
    at = [i for i, n in enumerate(names) if i != first and n not in _BESIDE]
    if not at:
        raise FileRefusedError("No column is a sample's")
    genes: list[str] = []
    rows: list[NDArray[np.float32]] = []
    odd = 0
    for number, cells in lines.rows():
        gene = cells[first].strip() or (cells[entrez].strip() if entrez is not None else "")
        genes.append(gene or f"row {number}")
        values, strange = _numbers([cells[i] for i in at])
        rows.append(values)
        odd += strange
        if len(rows) * len(at) > _MOST_CELLS:
            raise FileRefusedError(
                f"The matrix has more than {_MOST_CELLS} cells", do="split it by samples"
            )
    matrix = np.stack(rows, axis=1) if rows else np.empty((len(at), 0), np.float32)
    return Profile(_unique(genes), [lines.columns[i] for i in at], matrix, odd)


def _numbers(cells: list[str]) -> tuple[NDArray[np.float32], int]:
    try:
        return np.array(cells, np.float32), 0
    except ValueError:
        pass  # one of them is no number: each by itself
    values = np.full(len(cells), np.nan, np.float32)
    odd = 0
    for i, cell in enumerate(cells):
        plain = cell.strip().lower()
        try:
            values[i] = np.nan if plain in _NONE else np.float32(plain)
        except ValueError:
            odd += 1
    return values, odd


def _unique(genes: list[str]) -> list[str]:
    """Names with a count where a gene stands in several rows: ``TP53``, ``TP53 (2)``."""
    seen: dict[str, int] = {}
    names = []
    for gene in genes:
        seen[gene] = seen.get(gene, 0) + 1
        names.append(gene if seen[gene] == 1 else f"{gene} ({seen[gene]})")
    return names
