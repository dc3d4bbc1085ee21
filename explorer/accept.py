"""Accept: a person's word on proposals; each becomes a join that can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import NotFoundError
from explorer.join import Join, join
from explorer.match import match
from explorer.progress import progress
from explorer.proposal import Proposal

if TYPE_CHECKING:
    from explorer.store import Store

SAFE = "safe"


def accept(store: Store, wanted: Iterable[str], reason: str | None = None) -> list[Join]:
    """Join the pairs of proposals.

    Parameters
    ----------
    store : Store
    wanted : iterable of str
        Ids of proposals; 'safe' stands for all of those rules that may be taken without a look
        at each pair (`explorer.match.SAFE_RULES`), where nothing speaks against it.
    reason : str, optional
        The person's; by default the rule and the evidence.

    Returns
    -------
    list of Join
        Without those whose patients were one already, by an earlier pair.

    Raises
    ------
    NotFoundError
        There is no such proposal; nothing was joined.
    """
    chosen = _chosen(match(store), list(dict.fromkeys(wanted)), store)
    done = []
    with progress("Joins", len(chosen)) as step:
        for proposal in chosen:
            lead = store.records.hidden()
            patient = lead.get(proposal.patient, proposal.patient)
            into = lead.get(proposal.into, proposal.into)
            why = reason or f"accepted by a person ({proposal.rule}: {proposal.id})"
            if patient != into:
                done.append(join(store, patient, into, why))
            step(proposal.id)
    return done


def accepted_in(what: str) -> list[str]:
    """The ids that ``--accept-matches`` names.

    Parameters
    ----------
    what : str
        'safe', or a file: ids apart by white space, or the JSON of ``oncograph match --json``.

    Returns
    -------
    list of str

    Raises
    ------
    NotFoundError
        The file cannot be read.
    """
    if what == SAFE:
        return [SAFE]
    try:
        text = Path(what).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFoundError(
            f"The accepted matches cannot be read: {error}", expected=f"{SAFE!r}, or a file of ids"
        ) from error
    if not text.lstrip().startswith("{"):
        return text.split()
    try:
        return [str(one["id"]) for one in json.loads(text)["proposals"]]
    except (ValueError, KeyError, TypeError) as error:
        raise NotFoundError(
            f"It is not what oncograph match --json prints: {error}", where=what
        ) from error


def _chosen(found: list[Proposal], wanted: list[str], store: Store) -> list[Proposal]:
    by_id = {proposal.id: proposal for proposal in found}
    unknown = [name for name in wanted if name != SAFE and name not in by_id]
    if unknown:
        raise NotFoundError(
            f"No proposal {', '.join(map(repr, unknown))}",
            where=store.url,
            do="list them: oncograph match STORE",
        )
    return [p for p in found if p.id in wanted or (SAFE in wanted and p.safe)]
