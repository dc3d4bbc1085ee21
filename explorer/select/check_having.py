"""check_having: whether a word is a kind of data that a patient could have."""

from __future__ import annotations

import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.select.basis import Basis
from explorer.select.dicom_modalities import DICOM_MODALITIES
from explorer.select.kinds_of_data import ITEM_KINDS, TABLES
from explorer.select.near import near

_ALIKE = 0.6  # codes have two letters, and most are a bit like most


def check_having(basis: Basis, what: str) -> None:
    """See that some patient has such data, or that its name is one which patients may have.

    Any modality of DICOM may be asked for, though nobody has it; so may what a fact says that
    there is none of.

    Parameters
    ----------
    basis : Basis
    what : str
        See `AskHaving`.

    Raises
    ------
    NotFoundError
        It is no kind and no modality, and nobody's vector is called so.
    """
    word = what.casefold()
    if word in ITEM_KINDS or word in TABLES or word.upper() in DICOM_MODALITIES:
        return
    there = _names(basis, "items", "modality") | _names(basis, "vectors", "name")
    if word in {one.casefold() for one in there} or word in _said_absent(basis):
        return
    kinds = sorted({*ITEM_KINDS.values(), *(one.rstrip("s") for one in TABLES)})
    meant = [code for code, words in DICOM_MODALITIES.items() if word and word in words.split()]
    like = [*meant, *near(what, {*there, *kinds, *DICOM_MODALITIES}, _ALIKE)]
    shown = list(dict.fromkeys(like))[:8]
    here = f" (the patients have {', '.join(map(repr, sorted(there)[:20]))})" * bool(there)
    any_ = "a modality, the name of a vector, or a kind: " + ", ".join(kinds)
    raise NotFoundError(
        f"Nobody has {what!r}, and it is no modality of DICOM",
        expected=(f"one of {', '.join(map(repr, shown))}" if shown else any_) + here,
        do=f"ask for {any_}" if shown else None,
    )


def _names(basis: Basis, table: str, column: str) -> set[str]:
    _, data = basis.table(table, column)
    return {str(one) for one in pc.unique(data[column]).drop_null().to_pylist() if one}


def _said_absent(basis: Basis) -> set[str]:
    """Names of facts that say why something is not there: 'RNA: not acquired'."""
    _, data = basis.table("facts", "name", "state")
    gone = pc.not_equal(pc.fill_null(data["state"], "present"), "present")
    names = pc.unique(data["name"].filter(gone)).drop_null().to_pylist()
    return {str(one).casefold() for one in names}
