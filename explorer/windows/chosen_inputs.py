"""ChosenInputs: which rows a task takes features from, as it names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import TaskError
from explorer.windows.dated_rows import DATED
from explorer.windows.glob_match import glob_match

_NAMES = {"reports": "texts", **{table: table for table in DATED}}
_KINDS = {"images": "image", "segmentations": "segmentation", "waveforms": "waveform",
          "slides": "slide"}  # fmt: skip


@dataclass(frozen=True)
class ChosenInputs:
    """Inputs of a task.

    Attributes
    ----------
    tables : dict of str to list of (str, str)
        Record table to pairs of an item's kind (empty for other tables) and a pattern.
    modalities : tuple of str
        Of images, slides and waveforms: 'CT', 'MR', ...; ``*`` is any.
    """

    tables: dict[str, list[tuple[str, str]]]
    modalities: tuple[str, ...]

    @classmethod
    def of(cls, inputs: Sequence[str]) -> ChosenInputs:
        """Read inputs.

        Parameters
        ----------
        inputs : sequence of str
            ``facts``, ``facts: age*``, ``events: treatment:*``, ``vectors: rna``, ``reports``,
            ``findings: nodule``, ``observations``, ``images: CT``, ``segmentations``, ``slides``,
            ``waveforms``; any other word is a modality of images: ``CT``. None at all is
            everything.

        Raises
        ------
        TaskError
            One of them is empty.
        """
        if not inputs:
            return cls({table: [("", "*")] for table in DATED}, ("*",))
        tables: dict[str, list[tuple[str, str]]] = {}
        modalities = []
        for said in inputs:
            name, colon, pattern = (part.strip() for part in said.partition(":"))
            if not name or (colon and not pattern):
                raise TaskError(f"An input {said!r}", expected="such as 'CT' or 'facts: age*'")
            if name.lower() in _NAMES:
                tables.setdefault(_NAMES[name.lower()], []).append(("", pattern or "*"))
                if name.lower() == "items":
                    modalities.append(pattern or "*")
                continue
            kind = _KINDS.get(name.lower(), "image")
            wanted = (pattern or "*") if name.lower() in _KINDS else said.strip()
            tables.setdefault("items", []).append((kind, wanted))
            if kind != "segmentation":
                modalities.append(wanted)
        return cls(tables, tuple(dict.fromkeys(modalities)))

    def rows(self, table: str, data: pa.Table) -> pa.ChunkedArray | pa.Array:
        """Which rows of a table are features.

        Parameters
        ----------
        table : str
        data : pyarrow.Table
            Of `dated_rows`; of items with ``kind``.

        Returns
        -------
        pyarrow array of bool
        """
        found = pa.array([False] * data.num_rows, pa.bool_())
        for kind, pattern in self.tables.get(table, ()):
            fits = glob_match(data["what"], pattern)
            if table == "events" and ":" not in pattern:  # of the kind, or of the name
                fits = pc.or_(fits, glob_match(data["what"], f"{pattern}:*"))
                fits = pc.or_(fits, glob_match(data["what"], f"*:{pattern}"))
            if kind:
                fits = pc.and_(fits, pc.fill_null(pc.equal(data["kind"], kind), False))
            found = pc.or_(found, fits)
        return found
