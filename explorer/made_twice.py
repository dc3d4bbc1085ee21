"""Two files of one run that both say that they are the same object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.draft import Draft, FileStatus, Source


def made_twice(draft: Draft, holders: Mapping[str, Sequence[Source]]) -> list[FileStatus] | None:
    """Say what becomes of a draft whose item has been made of other files.

    DICOM files have copies, and now and then two that differ bear one SOPInstanceUID. The
    second must not take the place of the first in silence.

    Parameters
    ----------
    draft : Draft
    holders : mapping
        Item to the files that it was made of, of this run or as they stood.

    Returns
    -------
    list of FileStatus or None
        None where the draft is to be written.
    """
    theirs = holders.get(draft.item, ())
    if not theirs or {one.uri for one in theirs} & {one.uri for one in draft.sources}:
        return None
    first = min(one.uri for one in theirs)
    if {one.sha256 for one in draft.sources} <= {one.sha256 for one in theirs}:
        reason = f"the same file twice: equal to {first}"
        return [FileStatus(one.uri, "skipped", reason) for one in draft.sources]
    reason = (
        f"it bears the identity of {first} and has other contents: which of the two is right "
        "cannot be known"
    )
    return [FileStatus(one.uri, "refused", reason) for one in draft.sources]
