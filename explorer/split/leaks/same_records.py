"""The check 'same records': one report or one vector under two patients."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, LeakSettings, Sides
from explorer.split.leaks.shared_values import Holder, shared_values

NAME = "same records"
_TEXT = 200  # a shorter report may be a normal one, word for word
_VECTOR = 32


def same_records(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Find measured vectors that are equal in every entry, and long reports that read the same.

    The same report may be a template: 'cannot tell'. A vector of 32 entries or more that is not
    constant is no coincidence.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    texts = cohort.rows("texts", ["item", "text"]).to_pylist()
    vectors = cohort.rows("vectors", ["name", "features", "values", "producer"]).to_pylist()

    def of_texts() -> Iterator[Holder]:
        for row in texts:
            plain = " ".join((row["text"] or "").casefold().split())
            if len(plain) >= _TEXT:
                yield Holder(_digest(plain.encode("utf-8", "surrogatepass")), row["patient"],
                             "reports", row["item"])  # fmt: skip

    def of_vectors() -> Iterator[Holder]:
        for row in vectors:
            if row["producer"]:
                continue  # 'No effusion.' is the same vector of any two patients: its text is told
            values = np.asarray(row["values"] or [], np.float32)
            if len(values) >= _VECTOR and np.ptp(np.nan_to_num(values)) > 0:
                said = (row["features"] or row["name"] or "").encode()
                yield Holder(_digest(said + values.tobytes()), row["patient"], "vectors",
                             row["name"] or "?")  # fmt: skip

    found = Checked(NAME, "reports and vectors", len(texts) + len(vectors))
    found.leaks += shared_values(of_vectors(), sides, NAME, "vector (sha256)")
    found.leaks += shared_values(of_texts(), sides, NAME, "report (sha256)", "cannot tell")
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
