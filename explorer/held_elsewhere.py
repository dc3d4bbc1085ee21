"""An item whose files came from another place before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from explorer.draft import Draft, FileStatus
from explorer.privacy.hide import is_hidden
from explorer.source_file import source_is_there


def held_elsewhere(
    draft: Draft,
    known: Mapping[str, Mapping[str, Any]],
    here: Collection[str],
    readable: Collection[str] = (),
) -> list[FileStatus] | None:
    """Say what becomes of a draft whose item the patient has already, of other files.

    Replacing it would lose what only the other place holds; putting both together would be a
    guess. So a copy is skipped, and a different one refused with what to do. Where the other
    place is no longer there, the draft takes over.

    Parameters
    ----------
    draft : ImageDraft or SegmentationDraft
    known : mapping
        The patient's file rows, by uri.
    here : collection of str
        The files of this run.
    readable : collection of str
        Source folders and prefixes that the store may read.

    Returns
    -------
    list of FileStatus or None
        None where the draft is to be written.
    """
    theirs = {uri: row for uri, row in known.items() if row["item"] == draft.item}
    mine = {source.uri for source in draft.sources}
    if not theirs or mine & set(theirs) or set(theirs) & set(here):
        return None
    if not all(
        is_hidden(uri) or source_is_there(uri.partition("!")[0], readable) for uri in theirs
    ):
        return None
    hashes = {row["sha256"] for row in theirs.values()}
    if all(source.sha256 in hashes for source in draft.sources):
        reason = "a copy of files that the store has from another place"
        return [FileStatus(uri, "skipped", reason) for uri in sorted(mine)]
    other = min(theirs)
    reason = (
        f"the store has this item of other files, such as {other}: ingest a folder that holds "
        "both places, so that they are read together"
    )
    return [FileStatus(uri, "refused", reason) for uri in sorted(mine)]
