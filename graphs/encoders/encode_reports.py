"""encode_reports: vectors of what reports say, by sentence or as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from explorer.derived import text_sha256
from graphs.encoders.encode_items import encode_items
from graphs.encoders.encoder import Encoder
from graphs.encoders.source import Source
from graphs.encoders.taken import taken
from graphs.examples.bag import Bag
from graphs.text.sections import sections
from graphs.text.sentences import sentences

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_TOGETHER = 64


def encode_reports(
    patients: PatientSet,
    encoder: Encoder,
    *,
    by: Literal["sentence", "report"] = "sentence",
    items: Mapping[str, Iterable[str]] | None = None,
    keep: bool | None = None,
    modality: str = "reports",
    stop: Callable[[], bool] | None = None,
) -> Bag:
    """Encode the reports of patients; what was encoded before is read.

    Parameters
    ----------
    patients : PatientSet
    encoder : Encoder
        That takes 'text': `TextEncoder`, `TfidfEncoder`.
    by : {'sentence', 'report'}
        What an instance is. Headers are in no sentence.
    items : mapping of str to iterable of str, optional
        Patient to the ids of the reports that may be used, as a window before an index day leaves
        them; all by default.
    keep : bool, optional
        See `encode_items`.
    modality : str
        Of the bag.
    stop : callable, optional
        Asked between reports; True ends it.

    Returns
    -------
    Bag
        Instances with addresses: ``...#chars=120:148``, or the report's own.

    Raises
    ------
    ExamplesError
        The encoder takes something else.
    """
    taken(encoder, "text")
    columns = ["item", "text", "date", "days", "day_from", "synthetic"]
    allowed = None if items is None else {key: set(some) for key, some in items.items()}
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in patients.rows("texts", columns).to_pylist():
        if allowed is None or row["item"] in allowed.get(row["patient"], ()):
            rows.setdefault(row["patient"], []).append(row)
    read = _sentences if by == "sentence" else _whole
    sources = [
        Source(
            key, "reports", row["item"], text_sha256(row["text"] or ""),
            partial(read, row["text"] or ""),
            {name: row[name] for name in ("date", "days", "day_from")}, bool(row["synthetic"]),
        )
        for key in patients.keys
        for row in sorted(rows.get(key, ()), key=lambda one: (one["date"] or "9999", one["item"]))
    ]  # fmt: skip
    return encode_items(
        patients, encoder, sources, modality=modality, how=f"vectors by {by}", settings={"by": by},
        keep=keep, together=_TOGETHER, stop=stop,
    )  # fmt: skip


def _sentences(text: str) -> tuple[list[str], list[str]]:
    found = sentences(text, sections(text))
    return [f"chars={one.start}:{one.end}" for one in found], [one.of(text) for one in found]


def _whole(text: str) -> tuple[list[str], list[str]]:
    return ([""], [text]) if text.strip() else ([], [])
