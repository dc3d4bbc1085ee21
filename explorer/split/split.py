"""Split: patients of a set in parts, none in two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.split.leak_report import LeakReport
from explorer.split.part_set import PartSet
from explorer.split.shares_words import shares_words

if TYPE_CHECKING:
    from explorer.picture import Picture
    from explorer.split.reconstructions import Reconstructions


class Split(Mapping[str, PatientSet]):
    """Parts of a cohort by name; each is a `PatientSet` at the cohort's versions.

    Made by ``cohort.split(...)``, read again by `Split.load` or ``frozen.splits()``.

    Parameters
    ----------
    cohort : PatientSet
    members : mapping
        Part to the keys in it. Folds are parts, too: 'fold 1', and of nested folds
        'fold 1/inner 2'.
    settings : mapping
        What was asked for, as JSON.
    report : LeakReport
    strata : mapping, optional
        Column to key to label: what was balanced.
    name : str
    """

    def __init__(
        self,
        cohort: PatientSet,
        members: Mapping[str, tuple[str, ...]],
        settings: Mapping[str, Any],
        report: LeakReport,
        strata: Mapping[str, Mapping[str, str]] | None = None,
        name: str = "",
    ) -> None:
        self.cohort = cohort
        self.members = {part: tuple(keys) for part, keys in members.items()}
        self.settings = dict(settings)
        self.report = report
        self.strata = {column: dict(labels) for column, labels in (strata or {}).items()}
        self.name = name

    def __getitem__(self, part: str) -> PatientSet:
        if part not in self.members:
            raise NotFoundError(
                f"No part {part!r}", expected=f"one of {list(self.members)}", where=self.name
            )
        return PartSet(self.cohort, self.members[part], part)

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def part_of(self) -> dict[str, str]:
        """Key to part; of a patient of the folds his fold, if he has no other part."""
        found: dict[str, str] = {}
        for part, keys in self.members.items():
            for key in keys:
                found.setdefault(key, part)
        return found

    def folds(self, within: str = "") -> list[tuple[PatientSet, PatientSet]]:
        """Cross-validation: for each fold the others to train on, and the fold to test on.

        Parameters
        ----------
        within : str
            Of nested folds the outer one, such as 'fold 1': the pairs are of those who are
            trained on then.

        Returns
        -------
        list of (PatientSet, PatientSet)
        """
        head = f"{within}/inner " if within else "fold "
        names = [
            one for one in self.members if one.startswith(head) and "/" not in one[len(head) :]
        ]
        pairs: list[tuple[PatientSet, PatientSet]] = []
        for name in names:
            rest = [key for other in names if other != name for key in self.members[other]]
            pairs.append((PartSet(self.cohort, rest, f"without {name}"), self[name]))
        return pairs

    @property
    def digest(self) -> str:
        """The split hash: a sha256 of who is in which part, in this store."""
        return digest_of(self.cohort.store.id, self.members)

    @property
    def synthetic(self) -> dict[str, tuple[str, ...]]:
        """Part to the keys of those of whom anything was made up."""
        from explorer.split.synthetic_of import synthetic_of

        flagged = synthetic_of(self.cohort)
        return {part: tuple(key for key in keys if key in flagged)
                for part, keys in self.members.items()}  # fmt: skip

    @cached_property
    def reconstructions(self) -> Reconstructions:
        """The images of the parts by how they were reconstructed; see `Reconstructions`."""
        from explorer.split.reconstructions import Reconstructions

        return Reconstructions.of(self, by=self.settings.get("across_by") or ("kernel",))

    def table(self) -> pd.DataFrame:
        """Sizes and balance.

        Returns
        -------
        pandas.DataFrame
            One row a label of what was balanced ('all' first): column, label, patients, and for
            each part how many and which share of the label.
        """
        from explorer.split.split_table import split_table

        return split_table(self)

    def figure(self) -> Picture:
        """How each label is divided among the parts, as bars."""
        from explorer.split.split_figure import split_figure

        return split_figure(self)

    def document(self, *, names: bool = True) -> dict[str, Any]:
        """The split as JSON; see `split_document`."""
        from explorer.split.split_document import split_document

        return split_document(self, names=names)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write it as a new JSON file that only its owner reads.

        Raises
        ------
        FileExistsError
            It is there already.
        """
        from explorer.split.split_document import save_split

        return save_split(self, path)

    def to_csv(self, path: str | PathLike[str]) -> Path:
        """Write patient, key and part as a new CSV file; no cell is a formula.

        Raises
        ------
        FileExistsError
            It is there already.
        """
        from explorer.split.split_document import save_parts

        return save_parts(self, path)

    @classmethod
    def load(cls, cohort: PatientSet, path: str | PathLike[str]) -> Split:
        """Read what `save` wrote.

        Parameters
        ----------
        cohort : PatientSet
            That it was made of.
        path : path-like

        Raises
        ------
        SplitError
            It is of other patients or versions, or was changed by hand.
        """
        from explorer.split.split_document import load_split

        return load_split(cohort, path)

    def keep(self, name: str) -> Split:
        """Keep it in the store under a name, with the frozen cohort that it divides.

        Raises
        ------
        SplitError
            The cohort is not frozen, or the name is taken.
        """
        from explorer.split.kept_splits import keep_split

        return keep_split(self, name)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{part} {len(keys)}" for part, keys in self.members.items()
                          if "/" not in part)  # fmt: skip
        named = f" {self.name!r}" if self.name else ""
        shares = shares_words(self.settings.get("parts") or {})
        said = f"; {shares}" if shares else ""
        return f"<Split{named}: {sizes}{said}; sha256 {self.digest[:12]}>"

    def _repr_html_(self) -> str:
        from explorer.split.split_table import split_html

        return split_html(self)


def digest_of(store: str, members: Mapping[str, tuple[str, ...]]) -> str:
    """The sha256 of who is in which part.

    Parameters
    ----------
    store : str
        Its id.
    members : mapping
    """
    lines = sorted(f"{key} {part}" for part, keys in members.items() for key in keys)
    text = "\n".join([store, *lines])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
