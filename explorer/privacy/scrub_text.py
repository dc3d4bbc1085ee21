"""Take a patient's own identifiers, and dates, out of free text."""

from __future__ import annotations

import re
from datetime import date, timedelta

from explorer.privacy.identifiers import Identifiers
from explorer.privacy.vocabulary import is_known

# an underscore joins words in file names and series, and ends none of them
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"
_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS = {
    form: number for number, name in enumerate(_NAMES, 1) for form in {name, name[:3], name[:4]}
} | {"sept": 9}
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"((?:18|19|20)\d\d)"
_ISO = re.compile(rf"(?<!\d){_YEAR}[-./](\d{{1,2}})[-./](\d{{1,2}})(?!\d)")
_COMPACT = re.compile(rf"(?<![\d.]){_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d|\.\d)")
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ \-./]+(?:of )?{_MONTH}[ \-,./]+{_YEAR}\b", re.I
)
_MONTH_FIRST = re.compile(rf"\b{_MONTH} +(\d{{1,2}})(?:st|nd|rd|th)?,? +{_YEAR}\b", re.I)
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})([-./])(\d{1,2})\2((?:18|19|20)?\d\d)(?![\d]|\.\d)")
_MONTH_YEAR = re.compile(
    rf"\b{_MONTH}[ \-,./]+{_YEAR}\b|(?<![\d/])(?:0?[1-9]|1[0-2])/{_YEAR}\b", re.I
)
_BARE_YEAR = re.compile(
    r"(?<![\d.,#])(?:19|20)\d\d(?![\d.,]*\d)(?!\s*(?:mm|cm|ml|cc|mg|g|hu|bq|kbq|mbq|ms|s|%|cgy|gy)\b)",
    re.I,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINK = re.compile(r"\bhttps?://\S{1,500}", re.I)
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d[\d ()/-]{7,18}\d(?!\w)")
_OLD = re.compile(
    r"\b(9\d|1[0-4]\d)(?=[\s-]*(?:years?|yrs?|y)[\s./-]*(?:old|of age|o\b)|\s*y/?o\b|[\s-]+year)|"
    r"(?<=\baged )(9\d|1[0-4]\d)\b|(?<=\bage )(9\d|1[0-4]\d)\b",
    re.I,
)


def scrub_text(text: str, own: Identifiers, shift: int | None) -> str:
    """Replace identifiers by placeholders, and shift dates.

    ``[NAME]``, ``[ID]``, ``[ADDRESS]``, ``[PHONE]``, ``[MAIL]``, ``[LINK]``, ``[AGE 90+]``; a
    whole date that can be read in one way becomes ``[DATE YYYY-MM-DD]``, shifted like all others
    of the patient; other dates, months and years become ``[DATE]``.

    Names of people that no header knows stay: free text is not proven clean.

    Parameters
    ----------
    text : str
    own : Identifiers
        Of the patient.
    shift : int or None
        Days; None removes every date.

    Returns
    -------
    str
    """
    text = own_out(text, own)
    text = _LINK.sub("[LINK]", _MAIL.sub("[MAIL]", text))
    text = scrub_dates(text, shift)
    text = _PHONE.sub(_phone, text)
    return _OLD.sub("[AGE 90+]", text)


def scrub_dates(text: str, shift: int | None) -> str:
    """Shift the dates that can be read in one way, and remove the others; see `scrub_text`."""

    def moved(year: str, month: str, day: str) -> str:
        try:
            old = date(int(year), int(month), int(day))
            return "[DATE]" if shift is None else f"[DATE {old + timedelta(days=shift)}]"
        except (ValueError, OverflowError):
            return "[DATE]"

    kept: list[str] = []

    def keep(done: str) -> str:
        # a date that was written is not to be read as one again
        kept.append(done)
        return f"\x00{len(kept) - 1}\x00"

    def numeric(found: re.Match[str]) -> str:
        first, second, year = int(found[1]), int(found[3]), found[4]
        if len(year) == 4 and first > 12 >= second:
            return keep(moved(year, found[3], found[1]))
        if len(year) == 4 and second > 12 >= first:
            return keep(moved(year, found[1], found[3]))
        return keep("[DATE]")

    text = text.replace("\x00", " ")
    text = _ISO.sub(lambda m: keep(moved(m[1], m[2], m[3])), text)
    text = _COMPACT.sub(lambda m: keep(moved(m[1], m[2], m[3])), text)
    text = _DAY_FIRST.sub(lambda m: keep(moved(m[3], _month(m[2]), m[1])), text)
    text = _MONTH_FIRST.sub(lambda m: keep(moved(m[3], _month(m[1]), m[2])), text)
    text = _NUMERIC.sub(numeric, text)
    text = _MONTH_YEAR.sub(lambda m: keep("[DATE]"), text)
    text = _BARE_YEAR.sub(lambda m: keep("[DATE]"), text)
    return re.sub("\x00(\\d+)\x00", lambda m: kept[int(m[1])], text)


def clean_label(label: str, own: Identifiers) -> str:
    """Keep the words of a name or description that are known to name nobody.

    What is between kept words stays; every other word goes, with the separators before it.
    """
    for one in own.numbers | own.places:
        label = _word(one).sub(" ", label)
    parts = re.findall(r"([^0-9A-Za-z\u0080-\uffff]*)([0-9A-Za-z\u0080-\uffff]+)", label)
    kept = [(gap, w) for gap, w in parts if is_known(w) and not own.names_word(w)]
    return "".join((gap if n else "") + word for n, (gap, word) in enumerate(kept))[:64].strip()


def own_out(text: str, own: Identifiers) -> str:
    """Replace the patient's own identifiers by placeholders; dates but the birth date stay."""
    for one in sorted(own.places, key=len, reverse=True):
        text = _word(one).sub("[ADDRESS]", text)
    for one in sorted(own.numbers, key=len, reverse=True):
        text = _word(one).sub("[ID]", text)
    for digits in sorted(own.phones, key=len, reverse=True):
        spaced = r"[\s()/.+-]{0,3}".join(digits)
        text = re.sub(rf"(?<!\d)\+?\(?{spaced}(?!\d)", "[PHONE]", text)
    for birth in own.births:
        text = _birth(text, birth)
    for one in sorted(own.names, key=len, reverse=True):
        # a name of two letters is a word of some language: only as names are written
        flags = re.IGNORECASE if len(one) > 2 else re.NOFLAG
        for form in {one} if len(one) > 2 else {one.title(), one.upper()}:
            text = re.sub(_START + re.escape(form) + _END, "[NAME]", text, flags=flags)
    return text


def _birth(text: str, birth: str) -> str:
    year, month, day = birth.split("-")
    forms = (f"{year}{month}{day}", f"{day}{month}{year}", f"{month}{day}{year}")
    for form in forms:
        text = re.sub(rf"(?<!\d){form}(?!\d)", "[BIRTH DATE]", text)
    d, m = f"0?{int(day)}", f"0?{int(month)}"
    gap = r"[-./ ]"
    for form in (f"{year}{gap}{m}{gap}{d}", f"{d}{gap}{m}{gap}{year}", f"{m}{gap}{d}{gap}{year}"):
        text = re.sub(rf"(?<!\d){form}(?!\d)", "[BIRTH DATE]", text)

    def written(found: re.Match[str], at: int) -> str:
        said = (found[3], _month(found[2 - at]).zfill(2), found[1 + at].zfill(2))
        return "[BIRTH DATE]" if "-".join(said) == birth else found[0]

    text = _DAY_FIRST.sub(lambda f: written(f, 0), text)
    return _MONTH_FIRST.sub(lambda f: written(f, 1), text)


def _word(text: str) -> re.Pattern[str]:
    spaced = r"\s+".join(re.escape(part) for part in text.split())
    return re.compile(_START + spaced + _END, re.IGNORECASE)


def _month(name: str) -> str:
    return str(_MONTHS[name.lower().rstrip(".")])


def _phone(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if not 9 <= len(digits) <= 15:
        return found[0]
    return "[ID]" if digits == found[0] else "[PHONE]"
