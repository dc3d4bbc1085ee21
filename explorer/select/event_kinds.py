"""check_event: whether a store knows such an event."""

from __future__ import annotations

import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.select.basis import Basis


def check_event(basis: Basis, event: str, *, zero: bool) -> None:
    """See that some patient has an event of a kind.

    Parameters
    ----------
    basis : Basis
    event : str
        The kind, without regard to case.
    zero : bool
        Whether a time zero of that kind will do.

    Raises
    ------
    NotFoundError
        Nobody has one.
    """
    _, data = basis.table("events", "kind")
    known = {str(one) for one in pc.unique(data["kind"]).drop_null().to_pylist()}
    if zero:
        _, said = basis.table("attributes", "anchor_kind")
        known |= {str(one) for one in pc.unique(said["anchor_kind"]).drop_null().to_pylist()}
    if event.casefold() not in {one.casefold() for one in known}:
        raise NotFoundError(
            f"Nobody has an event of the kind {event!r}",
            expected=f"one of {', '.join(map(repr, sorted(known)))}" if known else "an event",
            do="a table's rows become events by a map: 'rows: event', 'kind: "
            f"{' '.join(event.split())[:40]}' (oncograph ingest --map)",
        )
