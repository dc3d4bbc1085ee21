"""FilledTemplate: a structured report filled from a free one; each value knows its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.html import table_html
from graphs.text.template_schema import TemplateSchema

if TYPE_CHECKING:
    import pandas as pd

    from explorer.address import Address
    from explorer.report import Report

Value = str | float | tuple[float, ...] | None


@dataclass(frozen=True)
class Slot:
    """One blank, filled or not.

    Attributes
    ----------
    value : str, float, tuple of float or None
        None where the report does not say; sizes in the item's unit.
    state : {'present', 'not said'}
    start, end : int or None
        The words that say it, in the report; Unicode code points, half-open.
    text : str
        Those words; hostile.
    fault : str or None
        What is wrong with the value's form.
    """

    value: Value = None
    state: str = "not said"
    start: int | None = None
    end: int | None = None
    text: str = ""
    fault: str | None = None

    def address(self, report: Report) -> Address | None:
        """Where in a patient's report it stands; None where it is blank."""
        if self.start is None or self.end is None:
            return None
        return report.address.at(chars=(self.start, self.end))


@dataclass(frozen=True)
class FilledTemplate:
    """What a report says of the items of a template.

    Attributes
    ----------
    schema : TemplateSchema
    rows : tuple of dict of str to Slot
        One, or for a template with rows one a mention (none where nothing is mentioned).
    """

    schema: TemplateSchema
    rows: tuple[dict[str, Slot], ...]

    @property
    def slots(self) -> dict[str, Slot]:
        """The items of a template that is filled once."""
        if self.schema.rows is not None:
            raise ValueError(f"The template {self.schema.name!r} has rows: see `rows`")
        return self.rows[0]

    def values(self) -> list[dict[str, Value]]:
        """The values alone, a dict a row."""
        return [{name: slot.value for name, slot in row.items()} for row in self.rows]

    def faults(self) -> list[tuple[int, str, str]]:
        """Row, item and fault of each value whose form is wrong."""
        return [
            (number, name, slot.fault)
            for number, row in enumerate(self.rows)
            for name, slot in row.items()
            if slot.fault
        ]

    def table(self) -> pd.DataFrame:
        """One line a slot: row, item, title, value, unit, state, start, end, text."""
        import pandas as pd

        units = {item.name: item for item in self.schema.items}
        return pd.DataFrame(
            [
                {
                    "row": number,
                    "item": name,
                    "title": units[name].title,
                    "value": slot.value,
                    "unit": units[name].unit,
                    "state": slot.state,
                    "start": slot.start,
                    "end": slot.end,
                    "text": slot.text,
                }
                for number, row in enumerate(self.rows)
                for name, slot in row.items()
            ],
            columns=["row", "item", "title", "value", "unit", "state", "start", "end", "text"],
        )

    def _repr_html_(self) -> str:
        items = self.schema.items
        if self.schema.rows is not None:
            head = [item.title + (f" ({item.unit})" if item.unit else "") for item in items]
            body = [[_shown(row[item.name]) for item in items] for row in self.rows]
            return table_html(head, body, f"{self.schema.title}: {len(self.rows)} rows")
        cells = [
            (item.title, _shown(self.slots[item.name]), item.unit, self.slots[item.name].text)
            for item in items
        ]
        return table_html(("Item", "Value", "Unit", "In the report"), cells, self.schema.title)


def _shown(slot: Slot) -> object:
    return slot.value if slot.state == "present" else None
