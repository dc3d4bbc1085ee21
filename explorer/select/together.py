"""together: two sets of one store, joined or held against each other."""

from __future__ import annotations

from explorer.cohort import Cohort
from explorer.patient_set import PatientSet
from explorer.select.ask_set import AskSet
from explorer.select.basis import Basis


def together(one: Cohort, operator: str, other: PatientSet) -> Cohort:
    """Join two sets, or hold one against the other.

    Parameters
    ----------
    one : Cohort
        Whoever is in both is there at this one's version.
    operator : {'or', 'and', 'minus'}
    other : PatientSet
        Of the same store, at whatever time.
    """
    what = _words(other)
    if isinstance(other, Cohort) and other.basis is one.basis:
        return one.then(AskSet(operator, what, question=other.question))
    keys = tuple(sorted(other.keys))
    if operator == "or" and len(one.basis.positions(keys)) < len(keys):
        one = _wider(one, other)
    return one.then(AskSet(operator, what, keys=keys))


def _words(other: PatientSet) -> str:
    if other.name:
        return f"{other.name} ({len(other)} patients)"
    asked = [link.reason for link in other.links] if isinstance(other, Cohort) else []
    return f"({'; '.join(asked) or 'everybody'})"


def _wider(one: Cohort, other: PatientSet) -> Cohort:
    """The same cohort chosen from more patients: those of the other set who were not there."""
    basis = one.basis
    named = dict(zip(basis.keys.to_pylist(), basis.labels, strict=True))
    everybody = Cohort(one.store, basis)
    more = [head for head in other.heads if head.patient not in named]
    heads = {head.patient: head for head in (*everybody.heads, *more)}
    labels = {head.patient: other.labels[head.patient] for head in more} | named
    order = sorted(heads, key=lambda key: (labels[key], key))
    wider = Basis.of_heads(one.store, [heads[key] for key in order], labels)
    places = wider.positions(basis.keys.to_pylist())
    start = one.links or ()
    if not start:
        # 'everybody' was those who were there
        return Cohort(one.store, wider).among(basis.keys.to_pylist(), "everybody then")
    links = [link.moved(places, wider.count) for link in start]
    return Cohort(one.store, wider, links, one._start)
