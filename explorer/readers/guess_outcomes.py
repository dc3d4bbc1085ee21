"""Outcomes in a table: a column of times, and one that says whether it happened."""

from __future__ import annotations

import re
from collections.abc import Mapping

from explorer.readers.guess_column import Profile
from explorer.readers.table_meaning import CENSORED, HAPPENED, Column, Outcome

_ENDPOINTS = {
    "os": "overall survival", "overallsurvival": "overall survival", "death": "overall survival",
    "survival": "overall survival", "pfs": "progression-free survival",
    "progfreesurv": "progression-free survival", "pfi": "progression-free interval",
    "dfs": "disease-free survival", "dfi": "disease-free interval",
    "dss": "disease-specific survival", "rfs": "recurrence-free survival",
    "mfs": "metastasis-free survival", "efs": "event-free survival", "ttp": "time to progression",
    "": "outcome",
}  # fmt: skip
_TIME = re.compile(r"(time|months?|days?|years?|duration|weeks?|\d+|[_ .()\[\]/-])", re.IGNORECASE)
_EVENT = re.compile(
    r"(event|status|censorship|censored|censoring|cens|indicator|\d+|[_ .()\[\]/-])", re.IGNORECASE
)
_TIMED = re.compile(r"(time|months?|days?|years?|duration|weeks?)", re.IGNORECASE)
_WORDS = {
    "0": CENSORED, "1": HAPPENED, "0.0": CENSORED, "1.0": HAPPENED,
    "false": CENSORED, "true": HAPPENED, "no": CENSORED, "yes": HAPPENED,
    "alive": CENSORED, "living": CENSORED, "dead": HAPPENED, "deceased": HAPPENED,
    "censored": CENSORED, "event": HAPPENED,
    "0:living": CENSORED, "1:deceased": HAPPENED, "0:alive": CENSORED, "1:dead": HAPPENED,
    "0:censored": CENSORED, "1:progression": HAPPENED, "0:diseasefree": CENSORED,
    "1:recurred/progressed": HAPPENED, "1:event": HAPPENED,
}  # fmt: skip
_ENOUGH = 0.95


def guess_outcomes(
    columns: Mapping[str, Column], profiles: Mapping[str, Profile]
) -> tuple[list[Outcome], list[str]]:
    """Find outcomes.

    Parameters
    ----------
    columns, profiles : mapping
        By the column's name.

    Returns
    -------
    outcomes : list of Outcome
    notes : list of str
        Pairs of which the codes are not known, for the person to say.
    """
    found, notes = [], []
    vital = _vital(columns, profiles)
    if vital is not None:
        found.append(vital)
    times = {
        name: stem
        for name, column in columns.items()
        if column.kind in ("number", "days") and (stem := _stem(name, _TIME, _TIMED)) is not None
    }
    for event in columns:
        stem = _event_stem(event)
        matches = [time for time, its in times.items() if stem is not None and its == stem]
        if len(matches) != 1 or event in (matches[0], "vital_status"):
            continue
        codes = event_codes(event, profiles[event])
        if codes is None:
            values = ", ".join(map(repr, list(profiles[event].texts)[:4]))
            notes.append(f"{matches[0]!r} with {event!r}: what {values} mean is not said")
            continue
        time = columns[matches[0]]
        found.append(
            Outcome(
                _ENDPOINTS.get(stem or "", stem or "outcome"), matches[0], event, codes,
                unit=time.unit or ("days" if time.kind == "days" else None), zero=time.zero,
                why=f"time {matches[0]!r}, and whether it happened {event!r}",
            )
        )  # fmt: skip
    return found, notes


def _stem(name: str, strip: re.Pattern[str], needs: re.Pattern[str] | None) -> str | None:
    if needs is not None and not needs.search(name):
        return None
    stem = strip.sub("", name).lower()
    return stem if stem in _ENDPOINTS else None


def _event_stem(name: str) -> str | None:
    """The endpoint of a column that says whether it happened; 'OS' alone is one, '' is not."""
    stem = _stem(name, _EVENT, None)
    if stem == "" and not re.search(r"(event|censor)", name, re.IGNORECASE):
        return None
    if stem == "" and re.search("censor", name, re.IGNORECASE):
        return "survival"
    return stem


def event_codes(name: str, one: Profile) -> dict[str, str] | None:
    """What the cells of an event column mean, where they are the usual ones.

    Returns
    -------
    dict or None
        Each text to 'event' or 'censored'; texts that are none of them are left out, and are
        faults if they are few. None where they are many, or unusual (1 and 2).
    """
    turned = re.search("cens", name, re.IGNORECASE) is not None
    codes, known = {}, 0
    for text, count in one.texts.items():
        said = _WORDS.get(text.strip().lower())
        if said is None:
            continue
        if turned and text.strip() in ("0", "1", "0.0", "1.0"):
            said = HAPPENED if said == CENSORED else CENSORED
        codes[text] = said
        known += count
    return codes if one.held and known >= _ENOUGH * one.held else None


def _vital(columns: Mapping[str, Column], profiles: Mapping[str, Profile]) -> Outcome | None:
    """GDC's form: vital_status, days_to_death, days_to_last_follow_up."""
    by_name = {re.sub(r"[^a-z]", "", name.lower()): name for name in columns}

    def first(*names: str) -> str | None:
        return next((by_name[name] for name in names if name in by_name), None)

    status = first("vitalstatus", "demographicvitalstatus")
    death = first("daystodeath", "demographicdaystodeath", "deathdaysto")
    followed = first("daystolastfollowup", "diagnosesdaystolastfollowup", "lastcontactdaysto")
    if status is None or death is None or followed is None:
        return None
    if columns[death].kind not in ("days", "number"):
        return None
    codes = event_codes(status, profiles[status])
    if codes is None:
        return None
    return Outcome(
        "overall survival", death, status, codes, followed, "days", columns[death].zero,
        why=f"{status!r}, {death!r} of the dead, {followed!r} of the others",
    )  # fmt: skip
