"""Bring masks of an earlier version back."""

from __future__ import annotations

from explorer.compose import came_as
from explorer.errors import NotFoundError, StoreError
from explorer.patient import Patient
from explorer.records import now
from explorer.segmentation import Segmentation
from widgets.napari.save_edit import draft_of, edited_with, put_edit_run

_WAIT_S = 30.0


def restore_mask(patient: Patient, item: str, version: int, who: str) -> Segmentation:
    """Save the masks of an earlier version as the newest one; what came between stays in history.

    Parameters
    ----------
    patient : Patient
        Its newest version is written to.
    item : str
        The segmentation's id.
    version : int
        Of the patient; `mask_history` lists them.
    who : str

    Returns
    -------
    Segmentation
        As saved.

    Raises
    ------
    NotFoundError
        There is no such version, or it has not these masks.
    StoreError
        `who` is empty.
    """
    if not who.strip():
        raise StoreError("Nobody restores the masks", expected="a name", do="say who you are")
    store, key = patient.store, patient.key
    with store.transaction(f"{who.strip()} went back to version {version} of {item}") as t:
        t.hold(key, _WAIT_S)
        newest = store[key]
        then = newest.at(version).segmentations.get(item)
        if not isinstance(then, Segmentation):
            raise NotFoundError(
                f"Version {version} has no {item!r}", where=f"patient {newest.label}"
            )
        draft = draft_of(then)
        there = newest.segmentations.get(item)
        before = there.meta.get("edits", []) if there is not None else []
        said = {"who": who.strip(), "when": now(), "note": f"back to version {version}",
                "with": edited_with(), "opened_at": newest.version}  # fmt: skip
        draft.meta["edits"] = [*before, said]
        owner = next(
            (came_as(row, key) for row in newest.rows("items") if row["item"] == item), key
        )
        t.put(owner, draft)
        put_edit_run(t, owner, item, said)
    return store[key].segmentations[item]
