"""The texts of a FHIR DiagnosticReport: its presented forms and its conclusion."""

from __future__ import annotations

import base64
import binascii
import tempfile
from pathlib import Path
from typing import Any

from explorer.draft import Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.fhir_values import Json, concept, period, when
from explorer.readers.pdf_text import pdf_text
from explorer.readers.plain_text import plain_text
from explorer.readers.report_rows import report_row

Row = dict[str, Any]


def fhir_texts(resource: Json, source: Source, number: int) -> tuple[list[Row], list[str]]:
    """Take the texts out of a DiagnosticReport.

    A form is text of any kind (HTML as it stands: it is shown as text), or a PDF with a text
    layer. A form that is only a link is not fetched.

    Parameters
    ----------
    resource : dict
    source : Source
    number : int
        The resource's place in its file, from 1.

    Returns
    -------
    list of dict
        Rows of ``texts``.
    list of str
        What could not be taken, and why.
    """
    name = concept(resource.get("code"))[0] or "report"
    began, _ = period(resource, "effective")
    date, _ = when(began or resource.get("issued"))
    own = resource.get("id") or f"{source.relative} {number}"
    rows, problems = [], []
    for place, form in enumerate(resource.get("presentedForm", []), 1):
        try:
            text, more = _form(form)
        except FileRefusedError as error:
            problems.append(f"report {own}: {error.message}")
            continue
        if text.strip():
            rows.append(
                report_row(
                    item_id("report", "fhir", own, str(place)), text, source,
                    name=form.get("title") or name, date=date, row=number, report=own, **more,
                )
            )  # fmt: skip
    conclusion = resource.get("conclusion")
    if conclusion and conclusion.strip():
        rows.append(
            report_row(
                item_id("report", "fhir", own, "conclusion"), conclusion, source,
                name=f"{name}: conclusion", date=date, row=number, report=own,
            )
        )  # fmt: skip
    return rows, problems


def _form(form: Json) -> tuple[str, Row]:
    kind = (form.get("contentType") or "text/plain").partition(";")[0].strip().lower()
    told: Row = {"content_type": kind, "language_said": form.get("language")}
    if "data" not in form:
        raise FileRefusedError("A presented form is a link, which is not fetched")
    try:
        data = base64.b64decode("".join(str(form["data"]).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FileRefusedError("A presented form is no base64") from error
    if kind == "application/pdf":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "form.pdf"
            path.touch(0o600)
            path.write_bytes(data)
            read = pdf_text(path)
        return read.text, {**told, "pages": read.spans}
    if not kind.startswith("text/") and kind not in ("application/xhtml+xml", "application/xml"):
        raise FileRefusedError(f"A presented form is {kind[:60]!r}", expected="text or PDF")
    decoded = plain_text(data)
    return decoded.text, {**told, "encoding": decoded.encoding, "read": decoded.note}
