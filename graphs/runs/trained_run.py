"""TrainedRun: what became of each model of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.html import table_html

HEAD = ["model", "primary", "checkpoint", "folder", "why there is none"]


@dataclass(frozen=True)
class TrainedModel:
    """One model of a run.

    Attributes
    ----------
    name : str
    primary : bool
        Whether the run is about it.
    folder : Path or None
        Where it was kept; see `graphs.models.load_model`.
    sha256 : str
        The checkpoint's name.
    why : str
        Why there is none.
    again : bool
        False where it was there already.
    """

    name: str
    primary: bool
    folder: Path | None = None
    sha256: str = ""
    why: str = ""
    again: bool = True

    def row(self) -> list[Any]:
        """As it stands in tables, under `HEAD`."""
        kept = "" if self.again or self.why else " (was there)"
        return [self.name, "primary" if self.primary else None, self.sha256[:16] + kept or None,
                None if self.folder is None else str(self.folder), self.why or None]  # fmt: skip


@dataclass(frozen=True)
class TrainedRun:
    """Every model of a run.

    Attributes
    ----------
    folder : Path
        Of the results.
    models : sequence of TrainedModel
    patients : int
        Whom they were fitted on.
    unknown : int
        Patients of the cohort whose outcome is not known.
    """

    folder: Path
    models: Sequence[TrainedModel]
    patients: int
    unknown: int

    @property
    def failed(self) -> list[TrainedModel]:
        """Those that are not there."""
        return [one for one in self.models if one.why]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "folder": str(self.folder), "patients": self.patients, "outcome_unknown": self.unknown,
            "models": [
                {"name": one.name, "primary": one.primary, "sha256": one.sha256 or None,
                 "folder": None if one.folder is None else str(one.folder), "why": one.why or None}
                for one in self.models
            ],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        title = f"Trained on {self.patients} patients"
        return table_html(HEAD, [one.row() for one in self.models], title)
