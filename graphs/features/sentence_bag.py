"""sentence_bag: the sentences of the reports that were known, with their addresses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.features.known_rows import KnownRows
from graphs.text.sections import sections
from graphs.text.sentences import sentences


@dataclass(frozen=True, eq=False)
class Sentences:
    """Texts by patient, in the order of a set; an encoder makes a `Bag` of them.

    Attributes
    ----------
    keys : tuple of str
    owner : ndarray of int64, (sentence,)
        Position of each one's patient; ascending.
    texts : tuple of str
        Hostile.
    addresses : tuple of str
        ``...#chars=120:148``.
    """

    keys: tuple[str, ...]
    owner: NDArray[np.int64]
    texts: tuple[str, ...]
    addresses: tuple[str, ...]


def sentence_bag(source: PatientSet | KnownRows, *, task: Task | None = None) -> Sentences:
    """Split the reports of patients.

    Parameters
    ----------
    source : PatientSet or KnownRows
    task : Task, optional
        See `KnownRows`.

    Returns
    -------
    Sentences
        Headers are in none of them.
    """
    known = KnownRows.of(source, task)
    data = known.rows("texts", ("item", "text"))
    who = data["who"].to_numpy().astype(np.int64)
    items, texts = data["item"].to_pylist(), data["text"].to_pylist()
    owner: list[int] = []
    said: list[str] = []
    addresses: list[str] = []
    for row in np.argsort(who, kind="stable").tolist():
        text, key = texts[row] or "", known.keys[who[row]]
        for one in sentences(text, sections(text)):
            owner.append(int(who[row]))
            said.append(one.of(text))
            part = {"chars": (one.start, one.end)}
            address = Address(key, "reports", items[row], known.versions[key], {**part})
            addresses.append(str(address))
    return Sentences(known.keys, np.array(owner, np.int64), tuple(said), tuple(addresses))
