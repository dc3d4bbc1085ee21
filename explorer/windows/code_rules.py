"""CodeRules: which codes of a code system mean a phenotype."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import TaskError

# What sources call the same system, letters and digits alone (DICOM PS3.16 8, FHIR's URLs).
_SYSTEMS = {
    "i10": "icd10", "httphl7orgfhirsidicd10": "icd10", "icd10who": "icd10",
    "i10c": "icd10cm", "httphl7orgfhirsidicd10cm": "icd10cm",
    "i9": "icd9", "httphl7orgfhirsidicd9": "icd9",
    "i9c": "icd9cm", "httphl7orgfhirsidicd9cm": "icd9cm",
    "sct": "snomedct", "snomed": "snomedct", "srt": "snomedct", "httpsnomedinfosct": "snomedct",
    "snomedctus": "snomedct", "httploincorg": "loinc", "ln": "loinc",
}  # fmt: skip
_NAMES = {
    "phenotype": ("phenotype", "phecode", "phenotype_name", "label"),
    "code": ("code", "icd", "icd10", "icd10cm", "pattern", "concept_code"),
    "system": ("system", "vocabulary_id", "code_scheme", "vocabulary", "coding_system"),
}
_BYTES = 64 << 20


@dataclass(frozen=True)
class CodeRules:
    """Rules for codes, kept as text.

    Attributes
    ----------
    rules : tuple of str
        ``C34*`` (all that begin so), ``C34.1`` (this one), ``C00-C14`` (a range of beginnings of
        one length), ``ICD10:C34*`` (of one system), ``!C34.9`` (never). Points and case do not
        count: ``C34.1`` is ``c341``. A rule without a system is for all systems.
    """

    rules: tuple[str, ...]

    def __post_init__(self) -> None:
        if not any(not rule.startswith("!") for rule in self.rules):
            raise TaskError("Rules for codes that name none", expected="such as C34*")
        for rule in self.rules:
            if not _plain(_split(rule)[2]).strip("*-"):
                raise TaskError(f"A rule {rule!r} for codes", expected="a code, C34*, C00-C14")

    @classmethod
    def of(
        cls,
        codes: CodeRules | str | Iterable[str],
        hierarchy: pd.DataFrame | Mapping[str, Sequence[str]] | None = None,
    ) -> CodeRules:
        """Make rules of what a person wrote.

        Parameters
        ----------
        codes : CodeRules, str or iterable of str
        hierarchy : pandas.DataFrame or mapping, optional
            Columns ``child`` and ``parent``, or parent to children: a code means all below it,
            too, as SNOMED's ``is a`` and ICD's chapters do. Circles do no harm.
        """
        if isinstance(codes, CodeRules):
            return codes
        rules = [codes] if isinstance(codes, str) else [str(one) for one in codes]
        if hierarchy is None:
            return cls(tuple(rules))
        below = _below(hierarchy)
        found = []
        for rule in rules:
            sign, system, code = _split(rule)
            front = sign + (f"{system}:" if system else "")
            todo, seen = [code], {code}
            while todo:
                fresh = [one for one in below.get(todo.pop(), ()) if one not in seen]
                seen.update(fresh)
                todo += fresh
            found += [front + one for one in sorted(seen)]
        return cls(tuple(dict.fromkeys(found)))

    @classmethod
    def read(cls, path: str | Path) -> dict[str, CodeRules]:
        """Read a table of phenotypes: one rule a row, as phecode maps are.

        Parameters
        ----------
        path : path
            CSV or TSV with the columns ``phenotype`` (or ``phecode``), ``code`` (or ``icd``) and,
            where wanted, ``system`` (or ``vocabulary_id``).

        Returns
        -------
        dict of str to CodeRules
            By phenotype.

        Raises
        ------
        TaskError
            The table cannot be read, or lacks a column.
        """
        place = Path(path)
        try:
            if place.stat().st_size > _BYTES:
                raise TaskError("A table of codes that is too long", where=str(path))
            data = pd.read_csv(
                place, dtype=str, keep_default_na=False,
                sep="\t" if place.name.lower().endswith((".tsv", ".tsv.gz")) else ",",
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise TaskError(f"The codes cannot be read: {error}", where=str(path)) from error
        lower = {str(name).strip().lower(): name for name in data.columns}
        column = {
            what: next((lower[name] for name in names if name in lower), None)
            for what, names in _NAMES.items()
        }
        if column["phenotype"] is None or column["code"] is None:
            raise TaskError(
                f"A table with {list(data.columns)[:10]}", expected="phenotype, code, system"
            )
        found: dict[str, list[str]] = defaultdict(list)
        systems = data[column["system"]] if column["system"] else [""] * len(data)
        named = zip(data[column["phenotype"]], data[column["code"]], systems, strict=True)
        for name, code, system in named:
            if code.strip():
                found[name].append(f"{system.strip()}:{code}" if system.strip() else code)
        return {name: cls(tuple(dict.fromkeys(rules))) for name, rules in found.items()}

    def fits(self, code: str, system: str | None = None) -> bool:
        """Whether a code is meant.

        Parameters
        ----------
        code : str
            ``C34.1``, or ``ICD10:C34.1`` where no system is given.
        system : str, optional
        """
        if system is None and ":" in code:
            system, _, code = code.rpartition(":")
        held = False
        for rule in self.rules:
            sign, of, pattern = _split(rule)
            if of and _system(of) != _system(system or ""):
                continue
            if _one(pattern, code):
                if sign:
                    return False
                held = True
        return held

    def mask(
        self, codes: pa.ChunkedArray, systems: pa.ChunkedArray | None = None
    ) -> pa.ChunkedArray | pa.Array:
        """Which codes of a column are meant.

        Parameters
        ----------
        codes : pyarrow array of str
        systems : pyarrow array of str, optional

        Returns
        -------
        pyarrow array of bool
            False where there is no code.
        """
        names = ["code", "system"]
        of = systems if systems is not None else pa.nulls(len(codes), pa.string())
        pairs = pa.table([codes, of], names=names)
        each = pairs.group_by(names).aggregate([]).to_pylist()
        held = [one for one in each if one["code"] and self.fits(one["code"], one["system"])]
        wanted = pa.array([_key(one["code"], one["system"]) for one in held], pa.string())
        key = pc.binary_join_element_wise(pc.fill_null(of, ""), codes, "\x1f")
        return pc.fill_null(pc.is_in(key, value_set=wanted, skip_nulls=True), False)


def _key(code: str, system: str | None) -> str:
    return f"{system or ''}\x1f{code}"


def _split(rule: str) -> tuple[str, str, str]:
    """'!', the system, and the pattern of a rule."""
    sign = "!" if rule.startswith("!") else ""
    system, colon, code = rule[len(sign) :].strip().rpartition(":")
    return sign, system if colon else "", code.strip()


def _plain(code: str) -> str:
    return re.sub(r"[.\s]", "", code).upper()


def _system(name: str) -> str:
    short = re.sub(r"[^a-z0-9]", "", name.lower())
    return _SYSTEMS.get(short, short)


def _one(pattern: str, code: str) -> bool:
    asked, have = _plain(pattern), _plain(code)
    low, dash, high = asked.partition("-")
    if dash and low and len(low) == len(high) and low < high:
        return low <= have[: len(low)] <= high and len(have) >= len(low)
    if asked.endswith("*"):
        return have.startswith(asked[:-1])
    return have == asked


def _below(hierarchy: pd.DataFrame | Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if isinstance(hierarchy, Mapping):
        return {str(parent): [str(one) for one in children]
                for parent, children in hierarchy.items()}  # fmt: skip
    if not {"child", "parent"} <= set(hierarchy.columns):
        raise TaskError(f"A hierarchy with {list(hierarchy.columns)}", expected="child, parent")
    found: dict[str, list[str]] = defaultdict(list)
    named = zip(hierarchy["parent"].astype(str), hierarchy["child"].astype(str), strict=True)
    for parent, child in named:
        found[parent].append(child)
    return found
