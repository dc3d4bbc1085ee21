"""What the columns of a table mean: guessed, shown, and said otherwise by a person."""

from __future__ import annotations

from dataclasses import dataclass, field

# What a column can be. 'identifier' and 'features' are said of the table, not of the column.
KINDS = ("number", "text", "date", "days", "code", "report", "skip")
ROWS = ("patient", "event", "features")

CENSORED, HAPPENED = "censored", "event"


@dataclass
class Column:
    """One column.

    Attributes
    ----------
    kind : str
        Of `KINDS`: 'days' counts from `zero`; a 'report' becomes a text of the patient.
    name : str or None
        Of the fact; the column's own by default.
    unit : str or None
    form : str or None
        Of a date: ``%d.%m.%Y``.
    decimal : {'.', ','}
    zero : str or None
        What days count from: 'diagnosis'. None where nobody says it.
    scheme : str or None
        Of a code: 'ICD-10-CM'.
    least, most : float or None
        What a number can be.
    absent : dict
        Codes of this column alone, to states.
    per : {'patient', 'row', ''}
        Whether it is said once of the patient, or of each row; '' until the cells have told.
    why : str
        How it was found, for people.
    """

    kind: str = "text"
    name: str | None = None
    unit: str | None = None
    form: str | None = None
    decimal: str = "."
    zero: str | None = None
    scheme: str | None = None
    least: float | None = None
    most: float | None = None
    absent: dict[str, str] = field(default_factory=dict)
    per: str = ""
    why: str = ""


@dataclass
class Outcome:
    """A time and whether something happened at its end.

    Attributes
    ----------
    name : str
        'overall survival'.
    time : str
        Column of the time where it happened, and where it did not unless `followed` is set.
    event : str
        Column that says whether it happened.
    codes : dict
        That column's texts to 'event' or 'censored'.
    followed : str or None
        Column of the time of those to whom it did not happen (days_to_last_follow_up).
    unit : str or None
        Of the time.
    zero : str or None
        What the time counts from.
    """

    name: str
    time: str
    event: str
    codes: dict[str, str]
    followed: str | None = None
    unit: str | None = None
    zero: str | None = None
    why: str = ""


@dataclass
class Block:
    """Columns that are one vector.

    Attributes
    ----------
    name : str
        'rnaseq'.
    columns : list of str
    features : list of str
        The columns' names without what they share.
    pattern : str or None
        ``*_rnaseq``; ``*`` for every column that is nothing else.
    unit : str or None
    """

    name: str
    columns: list[str]
    features: list[str]
    pattern: str | None = None
    unit: str | None = None


@dataclass
class Meaning:
    """What a table says of whom.

    Attributes
    ----------
    files : str
        Pattern of the file's name.
    sheet : str or None
    rows : str
        Of `ROWS`: one row a patient; a row an event; or a row a feature, a column a sample.
    identifier : str
        The column of the patients' identifiers ('' where the samples are columns).
    part : str or None
        What of the identifier is the patient's: ``TCGA-XX-XXXX``, X any letter or digit.
    features : str or None
        The column of the features' names, where the samples are columns.
    kind, name : str or None
        Of the events that the rows are; `name` is a column.
    time, end, value, unit, code : str or None
        Columns of an event.
    anchor : str or None
        A column of dates that is the patients' time zero; what it is, is its `zero`.
    synthetic : bool
    by : {'guess', 'person'}
    """

    files: str
    sheet: str | None = None
    rows: str = "patient"
    identifier: str = ""
    part: str | None = None
    features: str | None = None
    kind: str | None = None
    name: str | None = None
    time: str | None = None
    end: str | None = None
    value: str | None = None
    unit: str | None = None
    code: str | None = None
    anchor: str | None = None
    separator: str | None = None
    encoding: str | None = None
    absent: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    vectors: list[Block] = field(default_factory=list)
    synthetic: bool = False
    by: str = "guess"
    why: str = ""
    notes: list[str] = field(default_factory=list)

    def codes_of(self, column: str) -> dict[str, str]:
        """The codes of absence that hold in a column."""
        own = self.columns[column].absent if column in self.columns else {}
        return {**self.absent, **own}
