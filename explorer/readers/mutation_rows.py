"""Somatic mutations of a MAF: the calls as events, the counts as facts, the genes as a vector."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.errors import FileRefusedError
from explorer.readers.absence import absence
from explorer.readers.finite_number import finite_number, whole_number
from explorer.readers.report_rows import detail
from explorer.readers.tab_lines import TabLines
from explorer.readers.table_vectors import features_id

Row = dict[str, Any]
GENE, SAMPLE, CLASS = "Hugo_Symbol", "Tumor_Sample_Barcode", "Variant_Classification"

# The classes that change a protein, as maftools and cBioPortal count them.
NON_SILENT = {
    *("Frame_Shift_Del", "Frame_Shift_Ins", "In_Frame_Del", "In_Frame_Ins", "Missense_Mutation"),
    *("Nonsense_Mutation", "Nonstop_Mutation", "Splice_Site", "Translation_Start_Site"),
}
_MOST_CELLS = 5_000_000  # of genes x samples: more is no vector any longer

# What an event's detail keeps, by the names that the columns go by.
_DETAIL = {
    "classification": (CLASS,),
    "type": ("Variant_Type",),
    "chromosome": ("Chromosome",),
    "start": ("Start_Position",),
    "end": ("End_Position",),
    "reference": ("Reference_Allele",),
    "allele": ("Tumor_Seq_Allele2",),
    "build": ("NCBI_Build",),
    "hgvsc": ("HGVSc",),
    "hgvsp": ("HGVSp",),
    "transcript": ("Transcript_ID", "i_transcript_name"),
    "depth": ("t_depth",),
    "reference_reads": ("t_ref_count",),
    "allele_reads": ("t_alt_count",),
    "normal_sample": ("Matched_Norm_Sample_Barcode",),
    "status": ("Mutation_Status",),
    "dbsnp": ("dbSNP_RS",),
    "impact": ("IMPACT",),
    "callers": ("callers",),
    "filter": ("FILTER",),
    "center": ("Center",),
}
_PROTEIN = ("HGVSp_Short", "Protein_Change", "amino_acid_change", "HGVSp", "HGVSc")
_VAF = ("t_vaf", "tumor_vaf", "vaf", "i_TumorVAF_WU", "tumor_freq", "TVAF")


@dataclass
class Mutations:
    """What a MAF says of each sample.

    Attributes
    ----------
    events, facts, vectors : dict
        Sample to rows.
    features : dict
        As in `RecordsDraft`.
    notes : list of str
    """

    events: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    vectors: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    features: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def of_sample(rows: list[Row], sample: str) -> list[Row]:
    """The facts or vectors of one of a patient's several samples, with its name in theirs."""
    return [{**row, "name": f"{row['name']} of {sample}"} for row in rows]


def is_maf(columns: Iterable[str]) -> bool:
    """Tell whether columns are those of a Mutation Annotation Format file (GDC MAF 1.0.0)."""
    return {GENE, SAMPLE, CLASS} <= set(columns)


def mutation_rows(lines: TabLines) -> Mutations:
    """Read the calls.

    Parameters
    ----------
    lines : TabLines

    Returns
    -------
    Mutations
        An event's ``number`` is the variant allele fraction (0 to 1): allele reads by depth,
        else a column of fractions or per cents. A fact for each class counts the sample's calls;
        the vector counts its non-silent ones by gene.

    Raises
    ------
    FileRefusedError
        Columns are missing.
    """
    if not is_maf(lines.columns):
        raise FileRefusedError(
            "Columns of a MAF are missing", expected=f"{GENE}, {CLASS} and {SAMPLE}"
        )
    at = {name: i for i, name in enumerate(lines.columns)}
    cell = _cells(lines, at)
    table = list(lines.rows())
    percent = _per_cent(lines, at, table)
    found = Mutations()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    genes: dict[str, Counter[str]] = defaultdict(Counter)
    for number, cells in table:
        sample, gene = cells[at[SAMPLE]].strip(), cells[at[GENE]].strip()
        if not sample:
            found.notes.append(f"row {number} names no sample")
            continue
        kind = cells[at[CLASS]].strip()
        counts[sample][kind] += 1
        if kind in NON_SILENT and gene:
            genes[sample][gene] += 1
        found.events[sample].append(_event(cell, cells, number, sample, percent))
    for sample, by_class in counts.items():
        found.facts[sample] = _counts(by_class, len(genes[sample]))
    _vectors(found, genes, sorted(counts))
    return found


Cell = Callable[[list[str], tuple[str, ...]], str | None]


def _cells(lines: TabLines, at: dict[str, int]) -> Cell:
    lower = {name.lower(): i for name, i in reversed(at.items())}

    def cell(cells: list[str], names: tuple[str, ...]) -> str | None:
        for name in names:
            place = lower.get(name.lower())
            if place is not None and absence(cells[place], text_due=False) is None:
                return cells[place]
        return None

    return cell


def _event(
    cell: Cell, cells: list[str], number: int, sample: str, percent: tuple[str, float] | None
) -> Row:
    said = {name: cell(cells, columns) for name, columns in _DETAIL.items()}
    gene = cell(cells, (GENE,)) or ""
    entrez = cell(cells, ("Entrez_Gene_Id",))
    change = cell(cells, _PROTEIN)
    if change is None:
        change = f"{said['chromosome']}:{said['start']} {said['reference']}>{said['allele']}"
    return {
        "kind": "mutation", "name": gene, "value": change, "state": "present",
        "code": entrez, "code_scheme": "NCBI Gene" if entrez else None,
        "number": _fraction(cell, cells, percent), "unit": "1", "row": number,
        "detail": detail(sample=sample, **said),
    }  # fmt: skip


def _fraction(cell: Cell, cells: list[str], percent: tuple[str, float] | None) -> float | None:
    reads, depth = (whole_number(cell(cells, (n,))) for n in ("t_alt_count", "t_depth"))
    rest = whole_number(cell(cells, ("t_ref_count",)))
    if depth is None and reads is not None and rest is not None:
        depth = reads + rest
    if reads is not None and depth and 0 <= reads <= depth:
        return round(reads / depth, 6)
    if percent is None:
        return None
    found = finite_number(cell(cells, (percent[0],)))
    return None if found is None or not 0 <= found <= percent[1] else round(found / percent[1], 6)


def _per_cent(
    lines: TabLines, at: dict[str, int], table: list[tuple[int, list[str]]]
) -> tuple[str, float] | None:
    """The column of fractions, and what is one in it: 1, or 100 where any is above 1."""
    column = lines.find(*_VAF)
    if column is None:
        return None
    most = max((finite_number(cells[at[column]]) or 0.0 for _, cells in table), default=0.0)
    return column, 100.0 if most > 1 else 1.0


def _counts(by_class: Counter[str], genes: int) -> list[Row]:
    rows: list[Row] = [
        {"name": "mutations", "value": str(by_class.total()), "number": float(by_class.total())},
        {"name": "mutated genes", "value": str(genes), "number": float(genes)},
    ]
    for kind, count in sorted(by_class.items()):
        name = f"mutations: {kind or 'unclassified'}"
        rows.append({"name": name, "value": str(count), "number": float(count)})
    return [{**row, "unit": "1", "state": "present", "column": CLASS} for row in rows]


def _vectors(found: Mutations, genes: dict[str, Counter[str]], samples: list[str]) -> None:
    names = sorted({gene for counter in genes.values() for gene in counter})
    if not names:
        return
    if len(names) * len(samples) > _MOST_CELLS:
        found.notes.append(
            f"{len(names)} genes of {len(samples)} samples are too many for a vector a sample: "
            "the calls are in, their counts by gene are not"
        )
        return
    key = features_id("genes", names)
    found.features[key] = ("genes", names)
    place = {name: i for i, name in enumerate(names)}
    for sample in samples:
        values = np.zeros(len(names), np.float32)
        for gene, count in genes[sample].items():
            values[place[gene]] = count
        found.vectors[sample].append(
            {
                "name": "non-silent mutations", "features": key, "values": values.tolist(),
                "unit": "1", "state": "present", "producer": detail(sample=sample),
            }
        )  # fmt: skip
