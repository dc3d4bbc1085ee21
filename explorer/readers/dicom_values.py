"""Values of a dataset that somebody else wrote: the right type, or None."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from warnings import catch_warnings, simplefilter

from pydicom import config
from pydicom.dataset import Dataset

TEXT_LENGTH = 256


@contextmanager
def quiet() -> Iterator[None]:
    """Silence pydicom's remarks on values that break the standard's rules of form.

    Real files break them by the thousand. What matters here is checked here.
    """
    with catch_warnings(), config.disable_value_validation():
        simplefilter("ignore")
        was, config.logger.disabled = config.logger.disabled, True
        try:
            yield
        finally:
            config.logger.disabled = was


def value(dataset: Dataset, tag: str | int) -> Any:
    """Look up an element's value; None where it is absent, empty or cannot be made sense of."""
    try:
        found = dataset[tag].value if tag in dataset else None
    except Exception:  # noqa: BLE001 - a hostile value makes pydicom raise nearly anything
        return None
    if found is None or isinstance(found, int | float):
        return found
    return found if len(found) else None


def items(dataset: Dataset, tag: str | int) -> list[Dataset]:
    """Items of a sequence, none where it is absent or no sequence."""
    found = value(dataset, tag)
    if not isinstance(found, list | tuple) and not hasattr(found, "__iter__"):
        return []
    if isinstance(found, str | bytes):
        return []
    return [item for item in found if isinstance(item, Dataset)]


def texts(dataset: Dataset, tag: str | int, limit: int = TEXT_LENGTH) -> list[str]:
    """All values as text, stripped of padding, NULs and control characters, cut to `limit`."""
    found = value(dataset, tag)
    if found is None or isinstance(found, Dataset):
        return []
    if isinstance(found, bytes):
        found = found.decode("ascii", "replace")
    listed = isinstance(found, list | tuple) or type(found).__name__ == "MultiValue"
    many = found if listed else [found]
    cut = (str(one)[: 4 * limit] for one in many[:1000])
    return ["".join(c for c in one if c.isprintable()).strip()[:limit] for one in cut]


def text(dataset: Dataset, tag: str | int, limit: int = TEXT_LENGTH) -> str | None:
    """Value as one text; whitespace is empty, and empty is None."""
    return "\\".join(texts(dataset, tag, limit)).strip("\\ ")[:limit] or None


def numbers(dataset: Dataset, tag: str | int) -> list[float]:
    """All values as finite numbers; none where one of them is not."""
    found: list[float] = []
    for one in texts(dataset, tag):
        try:
            number = float(one)
        except ValueError:
            return []
        if not math.isfinite(number):
            return []
        found.append(number)
    return found


def number(dataset: Dataset, tag: str | int) -> float | None:
    """First value as a finite number, or None."""
    found = numbers(dataset, tag)
    return found[0] if found else None


def integer(dataset: Dataset, tag: str | int) -> int | None:
    """First value as an integer; None where it is none."""
    found = number(dataset, tag)
    return int(found) if found is not None and found == int(found) else None


def iso_date(dataset: Dataset, *tags: str) -> str | None:
    """First of `tags` that is a real date, as ``YYYY-MM-DD`` (DA and DT, ACR-NEMA's dots too)."""
    for tag in tags:
        digits = (text(dataset, tag) or "").replace(".", "").replace("-", "")[:8]
        if len(digits) == 8 and digits.isascii() and digits.isdigit():
            try:
                return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
            except ValueError:
                continue
    return None
