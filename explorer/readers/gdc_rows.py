"""The rows of a GDC clinical table: what it says of a case, once, though it repeats it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from explorer.errors import FileRefusedError
from explorer.readers.absence import absence, state_of
from explorer.readers.finite_number import finite_number, whole_number
from explorer.readers.report_rows import detail
from explorer.readers.tab_lines import TabLines

Row = dict[str, Any]
CASES = ("case_submitter_id", "cases.submitter_id")
_ABSENT = "'--"
_TREATMENT = (
    "treatment_", "therapeutic_agents", "regimen_or_line_of_therapy", "days_to_treatment",
    "initial_disease_status", "number_of_cycles", "reason_treatment", "chemo_concurrent",
    "route_of_administration", "protocol_identifier", "course_number", "prescribed_dose",
    "number_of_fractions", "drug_category", "timepoint_category", "embolic_agent",
)  # fmt: skip
_SEX = {"male": "M", "female": "F"}
_NO_FACTS = {"case_id", "case_submitter_id", "submitter_id", "index_date"}


class GdcCase:
    """What a table says of one case.

    Attributes
    ----------
    facts, events : list of dict
    attributes : dict
    """

    def __init__(self) -> None:
        self.facts: list[Row] = []
        self.events: list[Row] = []
        self.attributes: Row = {}
        self._seen: set[tuple[Any, ...]] = set()

    def once(self, rows: list[Row], *what: Any, **row: Any) -> None:
        """Add a row, unless `what` was said before."""
        if what not in self._seen:
            self._seen.add(what)
            rows.append(row)


def gdc_rows(lines: TabLines) -> dict[str, GdcCase]:
    """Read a clinical, exposure, family history or follow-up table of a GDC cart.

    A row is a case's diagnosis and treatment, so that what is said of the case is repeated. Days
    are counted from the case's index date, which is its diagnosis unless a column says otherwise
    (GDC Data Dictionary, case.index_date).

    Parameters
    ----------
    lines : TabLines

    Returns
    -------
    dict
        Case to what is said of it. ``'--`` is no value; a column that has none for any case is
        left out.

    Raises
    ------
    FileRefusedError
        No column names the case.
    """
    case_column = lines.find(*CASES)
    if case_column is None:
        raise FileRefusedError("No column names the case", expected=" or ".join(CASES))
    table = list(lines.rows())
    filled = [
        (i, name)
        for i, name in enumerate(lines.columns)
        if any(cells[i] != _ABSENT and cells[i].strip() for _, cells in table)
    ]
    at = lines.columns.index(case_column)
    found: dict[str, GdcCase] = defaultdict(GdcCase)
    for number, cells in table:
        if cells[at].strip() and cells[at] != _ABSENT:
            said = {name: cells[i] for i, name in filled}
            _row(found[cells[at].strip()], said, number)
    return dict(found)


def _row(case: GdcCase, said: Row, number: int) -> None:
    plain = {_short(name): (name, cell) for name, cell in said.items()}
    index = _value(plain, "index_date") or "diagnosis"
    for short, (name, cell) in plain.items():
        if short in _NO_FACTS or _of_treatment(name):
            continue
        case.once(case.facts, short, cell, **_fact(short, name, cell), row=number)
    sex = (_value(plain, "gender") or _value(plain, "sex_at_birth") or "").lower()
    if sex in _SEX:
        case.attributes["sex"] = _SEX[sex]
    when = {"day_from": index.lower(), "row": number, "state": "present"}
    _diagnosis(case, plain, when)
    _treatment(case, plain, said, when)
    for kind, column in (
        ("death", "days_to_death"), ("last follow-up", "days_to_last_follow_up"),
        ("follow-up", "days_to_follow_up"), ("recurrence", "days_to_recurrence"),
    ):  # fmt: skip
        days = whole_number(_value(plain, column))
        if days is not None:
            value = _value(plain, "disease_response") if kind == "follow-up" else None
            case.once(case.events, kind, days, kind=kind, name=kind, value=value, days=days, **when)


def _diagnosis(case: GdcCase, plain: dict[str, tuple[str, str]], when: Row) -> None:
    name = _value(plain, "primary_diagnosis")
    if name is None:
        return
    code = _value(plain, "icd_10_code")
    kept = {
        one: _value(plain, one)
        for one in (
            "morphology", "tissue_or_organ_of_origin", "site_of_resection_or_biopsy", "tumor_grade",
            "ajcc_pathologic_stage", "ajcc_staging_system_edition", "laterality",
            "classification_of_tumor", "diagnosis_id", "figo_stage",
        )
    }  # fmt: skip
    days = whole_number(_value(plain, "days_to_diagnosis"))
    case.once(
        case.events, "diagnosis", name, days, tuple(kept.values()), kind="diagnosis", name=name,
        code=code, code_scheme="ICD-10" if code else None, days=days, detail=detail(**kept), **when,
    )  # fmt: skip


def _treatment(case: GdcCase, plain: dict[str, tuple[str, str]], said: Row, when: Row) -> None:
    kind = _value(plain, "treatment_type")
    agents = _value(plain, "therapeutic_agents")
    if kind is None and agents is None:
        return
    given = plain.get("treatment_or_therapy", ("", ""))[1].strip().lower()
    kept = {
        _short(name): cell
        for name, cell in said.items()
        if _of_treatment(name) and cell != _ABSENT and absence(cell) is None
    }
    state = {"no": "absent", "yes": "present", "": "present"}.get(given, "unknown")
    case.once(
        case.events, "treatment", tuple(sorted(kept.items())), kind="treatment",
        name=agents or kind, value=kind if agents else None,
        days=whole_number(_value(plain, "days_to_treatment_start")),
        end_days=whole_number(_value(plain, "days_to_treatment_end")),
        detail=detail(**kept), **{**when, "state": state},
    )  # fmt: skip


def _short(name: str) -> str:
    """A column without the entity that newer carts put before it: ``demographic.gender``."""
    entity, dot, rest = name.rpartition(".")
    if dot and rest in ("submitter_id",) and entity != "cases":
        return name
    return rest if dot else name


def _of_treatment(name: str) -> bool:
    return name.startswith("treatments.") or _short(name).startswith(_TREATMENT)


def _value(plain: dict[str, tuple[str, str]], short: str) -> str | None:
    cell = plain.get(short, ("", _ABSENT))[1]
    return None if cell == _ABSENT or absence(cell) is not None else cell


def _fact(short: str, name: str, cell: str) -> Row:
    state = "absent" if cell == _ABSENT else absence(cell)
    days = short.startswith("days_to_") or short == "age_at_diagnosis"
    return {
        "name": short, "column": name, "value": None if state else cell,
        "number": None if state else finite_number(cell), "unit": "days" if days else None,
        "state": "present" if state is None else state_of(None if cell == _ABSENT else cell, state),
    }  # fmt: skip
