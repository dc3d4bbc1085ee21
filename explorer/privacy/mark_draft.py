"""Say in an item what de-identification was done, and what it could not take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.draft import Header, ImageDraft
from explorer.privacy.risks import FACE, face
from explorer.privacy.scrub_dataset import CODES, METHOD


def mark_draft(draft: Any, headers: Sequence[Header]) -> None:
    """Mark a draft whose files were de-identified; any other is left as it is.

    Parameters
    ----------
    draft : Draft
        Its `problems` get what is left to look at, its `meta` the method and the codes of
        DICOM PS3.16 CID 7050.
    headers : sequence of Header
        Of its files.
    """
    said = [h.detail["deidentified"] for h in headers if "deidentified" in h.detail]
    if not said:
        return
    draft.meta["deidentified"] = {
        "patient_identity_removed": "YES",
        "method": METHOD,
        "codes": [f"{value} DCM {meaning}" for value, meaning in CODES],
    }
    risks = [risk for one in said for risk in one["risks"]]
    if isinstance(draft, ImageDraft):
        if any(one["head"] for one in said) and len(draft.shape) >= 3:
            risks.append(FACE)
        elif (found := face(draft)) is not None:
            risks.append(found)
    draft.problems.extend(dict.fromkeys(one for one in risks if one not in draft.problems))
