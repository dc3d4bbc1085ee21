"""Pathways: named sets of genes, from files, over the features of a block."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from graphs.errors import ExamplesError
from graphs.examples.block import Block

_BYTES = 64 << 20


def read_gmt(path: str | Path) -> dict[str, list[str]]:
    """Read a file of gene sets: MSigDB's Hallmarks, Reactome, one's own.

    Parameters
    ----------
    path : path
        GMT (Broad Institute): a line a set, separated by tabs: name, description, genes.

    Returns
    -------
    dict of str to list of str
        Each gene once, in the order of the file.

    Raises
    ------
    ExamplesError
        It is no such file, or one set stands in it twice.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        cells = [one.strip() for one in line.rstrip("\r\n").split("\t")]
        if len(cells) < 3 or not cells[0]:
            raise ExamplesError(
                f"Line {number} is no gene set", where=str(path),
                expected="name, description and genes, separated by tabs",
            )  # fmt: skip
        if cells[0] in found:
            raise ExamplesError(f"The set {cells[0]!r} twice", where=f"{path}, line {number}")
        found[cells[0]] = list(dict.fromkeys(one for one in cells[2:] if one))
    return _some(found, path)


def read_signatures(path: str | Path) -> dict[str, list[str]]:
    """Read gene sets from a CSV file: a column a set, its name on top, a gene a cell.

    The six families of Chen et al. (Cancer Cell 2022; MCAT, ICCV 2021) are written so.

    Parameters
    ----------
    path : path
        GMT as well, by the ending ``.gmt``.

    Returns
    -------
    dict of str to list of str

    Raises
    ------
    ExamplesError
        It is no such file.
    """
    if Path(path).suffix.lower() == ".gmt":
        return read_gmt(path)
    rows = list(csv.reader(_lines(path)))
    head = [one.strip() for one in rows[0]] if rows else []
    if not all(head) or len(set(head)) < len(head):
        raise ExamplesError(
            f"A head of {head[:6]}", expected="a name for each column, each once", where=str(path)
        )
    found = {
        name: list(dict.fromkeys(
            row[k].strip() for row in rows[1:] if k < len(row) and row[k].strip()
        ))
        for k, name in enumerate(head)
    }  # fmt: skip
    return _some(found, path)


def with_pathways(
    block: Block, groups: Mapping[str, Sequence[str]], *, suffixes: Sequence[str] = ()
) -> Block:
    """Give a block groups of its features.

    A gene belongs to a set by its very name; ``suffixes`` are what names of features have behind
    it: 'TP53_mut', 'TP53_cnv' and 'TP53_rnaseq' are all of TP53.

    Parameters
    ----------
    block : Block
    groups : mapping of str to sequence of str
        Sets may overlap, and name genes that the block lacks. A set of which it has none is no
        group.
    suffixes : sequence of str

    Returns
    -------
    Block

    Raises
    ------
    ExamplesError
        The block has no gene of any set: the names are of another kind (Ensembl, Entrez).
    """
    of: dict[str, list[str]] = {}
    for name in block.names:
        ends = [end for end in suffixes if name.endswith(end) and len(name) > len(end)]
        gene = name[: -len(max(ends, key=len))] if ends else name
        of.setdefault(gene, []).append(name)
        if ends:
            of.setdefault(name, []).append(name)
    made = {
        group: list(dict.fromkeys(name for gene in genes for name in of.get(gene, ())))
        for group, genes in groups.items()
    }
    left = {group: names for group, names in made.items() if names}
    if not left:
        genes = [gene for some in groups.values() for gene in some]
        raise ExamplesError(
            "The block has no gene of any of the sets", where=block.modality,
            expected=f"names such as {genes[:3]}, not {list(block.names[:3])}",
        )  # fmt: skip
    return replace(block, groups=left)


def pathway_scores(block: Block, modality: str = "pathways") -> Block:
    """The mean of each group's features, of those that a patient has.

    The numbers are raw means: features of different spread count differently, and a patient who
    lacks some has the mean of the others. Bring the block to mean 0 and standard deviation 1 by
    what `graphs.models.scaler.Scaler` learnt of the training patients first where that matters.

    Parameters
    ----------
    block : Block
        With groups of numbers.
    modality : str

    Returns
    -------
    Block
        A column a group.

    Raises
    ------
    ExamplesError
        The block has no groups.
    """
    if not block.groups:
        raise ExamplesError("A block without groups", where=block.modality,
                            do="with_pathways(block, read_gmt(path))")  # fmt: skip
    made = {}
    for group, names in block.groups.items():
        values = block.frame[list(names)].to_numpy(np.float64)
        count = np.isfinite(values).sum(axis=1)
        total = np.where(np.isfinite(values), values, 0).sum(axis=1)
        made[group] = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    frame = pd.DataFrame(made, index=block.frame.index)
    first = {group: names[0] for group, names in block.groups.items()}
    state = np.where(block.present & frame.notna().any(axis=1), "present",
                     np.where(block.present, "unknown", block.state)).astype(str)  # fmt: skip
    return Block(
        modality, frame, state, lambda key, group: block.address(key, first.get(group, "")),
        producer=f"means of {block.modality}", predicted=block.predicted,
    )  # fmt: skip


def _lines(path: str | Path) -> list[str]:
    place = Path(path)
    try:
        if place.stat().st_size > _BYTES:
            raise ExamplesError("A file that is too long for gene sets", where=str(path))
        return place.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ExamplesError(f"The gene sets cannot be read: {error}", where=str(path)) from error


def _some(found: dict[str, list[str]], path: str | Path) -> dict[str, list[str]]:
    left = {name: genes for name, genes in found.items() if genes}
    if not left:
        raise ExamplesError("No gene set with a gene", where=str(path))
    return left
