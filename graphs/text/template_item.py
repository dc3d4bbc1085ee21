"""TemplateItem: one blank of a structured report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

KINDS = ("choice", "yes_no", "number", "size", "code", "text")
FROM = (
    "entity",
    "location",
    "laterality",
    "assertion",
    "change",
    "size",
    "prior_size",
    "suvmax",
    "series",
    "image",
)
UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0}


@dataclass(frozen=True)
class TemplateItem:
    """What one blank asks for, and the words that answer it.

    Attributes
    ----------
    name, title : str
    kind : {'choice', 'yes_no', 'number', 'size', 'code', 'text'}
    words : tuple of str
        What the report calls it; the value is looked for beside them. A text without words is the
        section itself.
    along : tuple of str
        One of these must stand in the same sentence as well.
    choices : dict of str to tuple of str
        The values of a 'choice', each with the words that say it.
    sections : tuple of str
        Names of sections to look in; all where it is empty, or where the report has none of them.
    unit : str or None
        Of a number as words ('HU'); of a size 'mm' or 'cm', to which the report's is converted.
    least, most : float or None
        What a number must lie between.
    pattern : re.Pattern or None
        Where a code stands in a text; its first group, where it has one, is the code.
    form : re.Pattern or None
        What a code alone looks like; `pattern` where it is not given.
    take : {'first', 'last', 'largest'}
        Which of several answers.
    source : str or None
        Attribute of a `graphs.finding.Finding` that answers it where findings are given.
    """

    name: str
    title: str
    kind: str
    words: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sections: tuple[str, ...] = ()
    unit: str | None = None
    least: float | None = None
    most: float | None = None
    pattern: re.Pattern[str] | None = None
    form: re.Pattern[str] | None = None
    take: str = "first"
    source: str | None = None

    def fault(self, value: object) -> str | None:
        """What is wrong with a value's form; None where nothing is, or where it is blank.

        Parameters
        ----------
        value : object
            Text, a number, or the numbers of a size in the item's unit.
        """
        if value is None or value == "":
            return None
        if self.kind == "choice":
            return None if value in self.choices else f"{value!r} is none of {list(self.choices)}"
        if self.kind == "yes_no":
            ok = value in ("yes", "no", "uncertain")
            return None if ok else f"{value!r} is not yes, no or uncertain"
        if self.kind == "code":
            form = self.form or self.pattern
            whole = isinstance(value, str) and form is not None and form.fullmatch(value)
            return None if whole else f"{value!r} is not of the form of: {self.title}"
        if self.kind == "text":
            return None if isinstance(value, str) else f"{value!r} is no text"
        return self._number_fault(value)

    def _number_fault(self, value: object) -> str | None:
        values = value if isinstance(value, tuple | list) else (value,)
        if self.kind == "number" and len(values) != 1:
            return f"{value!r} is not one number"
        if not 1 <= len(values) <= 3:
            return f"{value!r} is not one to three numbers"
        for one in values:
            if isinstance(one, bool) or not isinstance(one, int | float) or one != one:
                return f"{one!r} is no number"
            if self.least is not None and one < self.least:
                return f"{one:g} is less than {self.least:g}"
            if self.most is not None and one > self.most:
                return f"{one:g} is more than {self.most:g}"
        return None
