"""Freeze: patients kept as they are, under a name."""

from __future__ import annotations

import json
import platform
import unicodedata
import uuid
from dataclasses import asdict, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from explorer.errors import StoreError
from explorer.freeze.copied_in import check_referenced, copied_in, refused, still_referenced
from explorer.freeze.frozen_cohort import FrozenCohort
from explorer.freeze.frozen_rows import find_cohort, taken, write_cohort
from explorer.freeze.member_digests import cohort_digest, member_digests, member_leaf
from explorer.freeze.members_at import MembersAt
from explorer.records import now
from explorer.upgrade import upgrade

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_SOFTWARE = ("oncograph", "icechunk", "zarr", "pylance", "duckdb", "numpy", "xarray", "pydicom")
_MOST = 200
_UNSEEN = ("Cc", "Cs", "Cf", "Zl", "Zp")


def freeze(
    members: PatientSet, name: str, *, by_reference: bool = False, note: str = "", who: str = ""
) -> FrozenCohort:
    """Keep patients as they are, under a name, for good.

    Pixels that lie in source files are copied in first, a patient a commit: it can be stopped,
    and goes on at the next call. Then everything is read and hashed once, the versions are
    pinned, so that nothing lets go of them, and at last, in one step, the name is there. A kill
    before that leaves no cohort. What needs a source file even so (the levels of a slide) is
    named in ``by_reference`` of the cohort, which is then not self-contained.

    Parameters
    ----------
    members : PatientSet
    name : str
        New in the store.
    by_reference : bool
        Copy nothing: the sources are hashed now, and again before pixels are read from them. The
        cohort is not self-contained: it can be opened only as long as they stay as they are.
    note : str
        For people.
    who : str
        Who freezes; nobody is named who is not given.

    Returns
    -------
    FrozenCohort

    Raises
    ------
    SourceChangedError
        Source files are gone or were changed: the list. There is no cohort then.
    ConflictError
        The name is taken; or the patients were changed, let go or erased in the meantime.
    StoreError
        It is no name; the set is empty; arrays cannot be read; the store is for reading alone.
    """
    store = members.store
    _check_name(name)
    if store.read_only:
        raise StoreError("The store is open for reading alone", where=store.url)
    if not len(members):
        raise StoreError("The cohort has no patients", do="ask for less")
    upgrade(store)
    if find_cohort(store.records, name) is not None:
        raise taken(name)
    heads = members.heads if by_reference else copied_in(members)
    frozen = MembersAt(store, heads, members.labels)
    check_referenced(frozen)
    listed, left = [], []
    for head, sha256, arrays in member_digests(frozen, "Freeze"):
        listed.append((head, sha256))
        left += [
            {"patient": members.labels[head.patient], "item": item, "reason": reason}
            for item, reason in arrays.faults.items()
        ]
        if head.snapshot is not None and not arrays.faults:
            store.arrays(head.patient).hold(head.snapshot)
    if left:
        raise refused(left)
    digest = cohort_digest([member_leaf(head, sha256) for head, sha256 in listed])
    row = {
        "cohort": uuid.uuid4().hex, "name": name, "time": now(), "sha256": digest,
        "document": json.dumps(_document(members, frozen, note, who), ensure_ascii=False),
    }  # fmt: skip
    write_cohort(store, row, listed)
    return FrozenCohort(store, name)


def _check_name(name: str) -> None:
    plain = name == name.strip() and 0 < len(name) <= _MOST and not name.startswith("~")
    if not plain or any(
        unicodedata.category(one) in ("Cc", "Cs", "Cf", "Zl", "Zp") for one in name
    ):
        raise StoreError(
            f"{name!r} is no name for a cohort",
            expected=f"1 to {_MOST} characters, no control characters, no space around them",
        )


def _document(members: PatientSet, frozen: PatientSet, note: str, who: str) -> dict[str, Any]:
    left = still_referenced(frozen)
    question = getattr(members, "question", None)
    steps = getattr(members, "steps", [])
    return {
        "question": question() if callable(question) else question,
        "steps": [asdict(step) if is_dataclass(step) else step for step in steps],  # type: ignore[arg-type]
        "from": getattr(members, "name", "") or None,
        "patients": len(frozen), "note": note, "who": who or None,
        "software": {"python": platform.python_version(), **_software()},
        "self_contained": not left, "by_reference": left,
    }  # fmt: skip


def _software() -> dict[str, str]:
    found = {}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
