"""DataCard: the description of a cohort, as JSON for programs and as a page for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from explorer.new_file import new_file


@dataclass(frozen=True, eq=False)
class DataCard:
    """What a cohort holds.

    Attributes
    ----------
    document : dict
        Plain JSON: about, flow, table_one, contents, missing, balance, diversity, licences, mind.
    """

    document: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """One of 'table_one', 'contents', 'missing' and 'licences' as a table."""
        part = self.document[name]
        return pd.DataFrame(part["rows"], columns=part["columns"])

    @property
    def mind(self) -> list[str]:
        """What a reader must not overlook."""
        return list(self.document["mind"])

    def to_json(self) -> str:
        """The document as text."""
        return json.dumps(self.document, indent=1, ensure_ascii=False)

    def to_html(self) -> str:
        """One page, with nothing loaded from elsewhere."""
        from explorer.card.card_html import card_page

        return card_page(self.document)

    def figure(self) -> Any:
        """Balance, missingness and the flow as a figure (`explorer.picture.Picture`)."""
        from explorer.card.card_figure import card_figure

        return card_figure(self.document)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write it to a new file: ``.json``, else a page.

        Raises
        ------
        FileExistsError
            It is there already.
        """
        text = self.to_json() if Path(path).suffix == ".json" else self.to_html()
        return new_file(path, text.encode("utf-8", "surrogatepass"))

    def __repr__(self) -> str:
        about = self.document["about"]
        return f"<DataCard {about['name'] or 'of a cohort'!r}: {about['patients']} patients>"

    def _repr_html_(self) -> str:
        from explorer.card.card_html import card_html

        return card_html(self.document)
