"""FHIR files: a resource, a Bundle, or a resource a line; parsed within bounds and validated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from explorer.errors import FileRefusedError
from explorer.readers.fhir_values import Json
from explorer.readers.one_file import describe
from explorer.readers.plain_text import is_text

FHIR_BYTES = 256 << 20
READ = ("Patient", "Condition", "Observation", "DiagnosticReport", "ImagingStudy")
_MOST = 2_000_000


@dataclass(frozen=True)
class Entry:
    """One resource of a file.

    Attributes
    ----------
    number : int
        Its place in the file, from 1: an entry of the Bundle, a line.
    url : str or None
        The entry's fullUrl.
    resource : dict
        Numbers with a point are `decimal.Decimal`, as the file writes them.
    fault : str or None
        Why it is no R4B resource; it is left out then.
    """

    number: int
    url: str | None
    resource: Json
    fault: str | None = None

    @property
    def kind(self) -> str:
        """Its resourceType."""
        return str(self.resource.get("resourceType"))


def fhir_document(data: bytes) -> list[Entry]:
    """Parse a FHIR file (R4B, JSON; NDJSON as of Bulk Data).

    Resources of the kinds that are read are validated with fhir.resources' models of R4B.

    Parameters
    ----------
    data : bytes
        A Bundle, a single resource, or a resource a line.

    Returns
    -------
    list of Entry
        Bundles within a Bundle are unfolded.

    Raises
    ------
    FileRefusedError
        It is larger than 256 MiB, no JSON, or holds no resource.
    """
    if len(data) > FHIR_BYTES:
        raise FileRefusedError(f"The file is larger than {FHIR_BYTES >> 20} MiB", do="split it")
    if not is_text(data[: 1 << 16]):
        raise FileRefusedError("The file is no text", expected="JSON")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"The file is no UTF-8: {describe(error)}") from error
    entries = [_checked(entry) for entry in _entries(text)]
    if not any(entry.resource for entry in entries):
        raise FileRefusedError("The file holds no resource", expected='objects with "resourceType"')
    return entries


def _entries(text: str) -> Iterator[Entry]:
    whole = _parse(text) if "\n" not in text.strip() else _try(text)
    if whole is not None:
        yield from _unfold(whole, 1, None)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if number > _MOST:
            raise FileRefusedError(f"The file has more than {_MOST} lines", do="split it")
        if not line.strip():
            continue
        try:
            yield from _unfold(_parse(line), number, None)
        except FileRefusedError as error:
            yield Entry(number, None, {}, error.message)


def _try(text: str) -> Any:
    """The text as one document; None where it may be one a line."""
    try:
        return _parse(text)
    except FileRefusedError:
        first = text.lstrip().split("\n", 1)[0].strip()
        if first.startswith("{") and first.endswith("}"):
            return None
        raise


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError as error:
        raise FileRefusedError("The JSON is nested deeper than any resource") from error
    except ValueError as error:
        raise FileRefusedError(f"The JSON is broken: {describe(error)}") from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _unfold(value: Any, number: int, url: str | None) -> Iterator[Entry]:
    """Resources of a Bundle; a queue, not recursion, since a Bundle may hold Bundles."""
    waiting = [(value, number, url)]
    while waiting:
        found, place, full = waiting.pop()
        if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
            yield Entry(place, None, {}, 'it has no "resourceType"')
            continue
        if found["resourceType"] != "Bundle":
            yield Entry(place, full if isinstance(full, str) else None, found)
            continue
        listed = found.get("entry", [])
        if not isinstance(listed, list):
            yield Entry(place, None, {}, "a Bundle whose entry is no list")
            continue
        inner = [
            (one.get("resource"), i if found is value else place, one.get("fullUrl"))
            for i, one in enumerate(listed, 1)
            if isinstance(one, dict) and one.get("resource") is not None
        ]
        waiting += reversed(inner)


def _checked(entry: Entry) -> Entry:
    if entry.fault is not None or entry.kind not in READ:
        return entry
    try:
        _model(entry.kind).model_validate(entry.resource)
    except RecursionError:
        fault = "it is nested deeper than any resource"
    except ValueError as error:
        fault = _first(error)
    else:
        return entry
    named = entry.resource.get("id")
    return Entry(entry.number, None, {}, f"{entry.kind} {named!s:.80} is no R4B: {fault}")


def _first(error: ValueError) -> str:
    """The first of a validation's errors: where, and what."""
    listed = getattr(error, "errors", None)
    if listed is None:
        return describe(error)
    (one, *rest) = listed(include_url=False, include_context=False, include_input=False)
    more = f" (and {len(rest)} more)" if rest else ""
    return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"[:200] + more


@lru_cache(maxsize=8)
def _model(kind: str) -> Any:
    # half a second and 16 MB, so only where a FHIR file is met
    from importlib import import_module

    from fhir.resources import R4B

    return getattr(import_module(f"{R4B.__name__}.{kind.lower()}"), kind)
