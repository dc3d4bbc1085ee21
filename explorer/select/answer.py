"""Answer: who fits a question, and of everybody else why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import QueryError
from explorer.facet import NO_RECORD, Ints
from explorer.facet_rows import Pairs
from explorer.readers.absence import STATES

ANOTHER = "another value"
CANNOT_TELL = "cannot tell"
ANY = "any"
_NO_VALUE = "no value: "

#: What `missing` may name: states of absence, 'any' of them, and 'cannot tell'.
MISSING = (
    *(one for one in STATES if one != "present"), NO_RECORD, "no report", "none stated",
    CANNOT_TELL, ANY,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Matches:
    """The rows that made patients fit, for a question about their days.

    Attributes
    ----------
    patient : ndarray of int32, (row,)
        Positions.
    day : ndarray of float, (row,)
        From the patient's time zero; NaN where it is not known.
    """

    patient: Ints
    day: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answer:
    """Who fits.

    Attributes
    ----------
    fits : ndarray of bool, (patient,)
    code : ndarray of int16, (patient,)
        Of those who do not fit, which of `labels` says why.
    labels : tuple of str
        'another value', 'no value: unknown', 'cannot tell: ...' (hostile text).
    admitted : ndarray of bool, (patient,)
        Those who fit though they have no value, since their state was asked for.
    rows : Matches or None
        None where the question is about nothing that has a day.
    words : str
        What the question came to in these data, where it does not say so itself (hostile text):
        'in days: > 21915; 1 year = 365.25 days'.
    """

    fits: NDArray[np.bool_]
    code: NDArray[np.int16]
    labels: tuple[str, ...]
    admitted: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    rows: Matches | None = None
    words: str = ""

    def why(self, out: NDArray[np.bool_]) -> dict[str, int]:
        """How many of some patients did not fit for which reason."""
        counted = np.bincount(self.code[out], minlength=len(self.labels))
        return {
            label: int(n) for label, n in zip(self.labels, counted, strict=True) if n
        }  # fmt: skip


def missing_states(given: str | Iterable[str]) -> tuple[str, ...]:
    """Check what `missing` names.

    Raises
    ------
    QueryError
        There is no such state.
    """
    found = (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))
    for one in found:
        if one not in MISSING:
            raise QueryError(f"No state of absence {one!r}", expected=f"of {', '.join(MISSING)}")
    return found


def settle(
    fits: NDArray[np.bool_],
    told: Sequence[tuple[str, ArrayLike]] = (),
    states: Pairs | None = None,
    *,
    otherwise: str = NO_RECORD,
    missing: Sequence[str] = (),
    rows: Matches | None = None,
) -> Answer:
    """Say of everybody who does not fit why, and let those in whose state was asked for.

    Parameters
    ----------
    fits : ndarray of bool, (patient,)
    told : sequence of (str, array)
        Reasons, and the positions of whom they hold for; the first one counts.
    states : Pairs, optional
        States of absence, of those of whom nothing was told.
    otherwise : str
        The state of whoever is left.
    missing : sequence of str
        States that fit, too.
    rows : Matches, optional
    """
    code = np.full(len(fits), -1, np.int16)
    labels: list[str] = []

    def say(label: str, places: ArrayLike) -> None:
        where = np.asarray(places, np.int64)
        where = where[code[where] < 0]
        if len(where):
            if label not in labels:
                labels.append(label)
            code[where] = labels.index(label)

    for label, places in told:
        say(label, places)
    if states is not None:
        for k, state in enumerate(states.labels):
            say(_NO_VALUE + state, states.patient[states.code == k])
    say(_NO_VALUE + otherwise, np.flatnonzero((code < 0) & ~fits))
    code[code < 0] = 0
    welcome = np.array([_welcome(label, missing) for label in labels], bool)
    admitted = ~fits & welcome[code] if len(labels) else np.zeros(len(fits), bool)
    return Answer(fits | admitted, code, tuple(labels), admitted, rows)


def _welcome(label: str, missing: Sequence[str]) -> bool:
    if label.startswith(CANNOT_TELL):
        return CANNOT_TELL in missing
    state = label.removeprefix(_NO_VALUE)
    return state != label and (ANY in missing or state in missing)


def anybody(where: Ints, count: int) -> NDArray[np.bool_]:
    """Whether any row is a patient's."""
    found = np.zeros(count, bool)
    found[where] = True
    return found
