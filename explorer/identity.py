"""Keys and aliases: who a patient is, without the name standing in any path."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext

from explorer.errors import ErasedError, NotFoundError
from explorer.lock import lock
from explorer.records import Records, now, quote

LOCAL = "local"


def new_key() -> str:
    """A random, opaque key for a patient (80 bits, hexadecimal)."""
    return secrets.token_hex(10)


class Identity:
    """The alias table: (issuer, identifier) to key.

    Only the same identifier from the same issuer is the same patient.

    Parameters
    ----------
    records : Records
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def reserve(
        self,
        issuer: str,
        identifiers: Iterable[str],
        erased: Callable[[str, list[str]], set[str]] | None = None,
    ) -> dict[str, str]:
        """Find the keys of identifiers; unknown ones get a new key at once.

        A reserved key is invisible until a first version is committed under it, so that two
        processes that meet the same new patient write to the same key.

        Parameters
        ----------
        issuer : str
        identifiers : iterable of str
        erased : callable, optional
            ``erased(issuer, names)``: those of the names whose patients were erased.

        Returns
        -------
        dict
            Identifier to key.

        Raises
        ------
        ErasedError
            A fresh name is that of somebody who was erased. Nothing was reserved.
        """
        wanted = list(dict.fromkeys(identifiers))
        found = self.known(issuer, wanted)
        if len(found) == len(wanted):
            return found
        local = self._records.place.local
        with lock(self._records.place, "identity") if local else nullcontext():
            found = self.known(issuer, wanted)
            fresh = {name: new_key() for name in wanted if name not in found}
            back = erased(issuer, list(fresh)) if erased else set()
            if back:
                raise ErasedError(
                    f"{len(back)} of the patients were erased from this store",
                    where=", ".join(sorted(back)[:3]),
                    do="oncograph ingest --again, if they are to come back",
                )
            time = now()
            rows = [
                {"issuer": issuer, "identifier": name, "patient": key, "time": time}
                for name, key in fresh.items()
            ]
            self._records.insert_new("aliases", rows)
        # on S3 nobody is waited for: of two that add one identifier, one does, and both read it
        return {**found, **fresh} if local else self.known(issuer, wanted)

    def known(self, issuer: str, identifiers: list[str]) -> dict[str, str]:
        """Keys of the identifiers that are known already, visible or reserved."""
        where = f"issuer = {quote(issuer)}"
        if len(identifiers) <= 64:
            where += f" AND identifier IN ({', '.join(quote(name) for name in identifiers)})"
        table = self._records.read("aliases", where, ["identifier", "patient"])
        known = dict(
            zip(table["identifier"].to_pylist(), table["patient"].to_pylist(), strict=True)
        )
        return {name: known[name] for name in identifiers if name in known}

    def names(self, key: str) -> list[tuple[str, str]]:
        """What a key is called, visible or reserved: (issuer, identifier)."""
        rows = self._records.read("aliases", f"patient = {quote(key)}").to_pylist()
        return [(row["issuer"], row["identifier"]) for row in rows]

    def find(self, name: str) -> list[tuple[str, str]]:
        """Visible patients that `name` may mean, as (issuer, key): an identifier or a key.

        What a joined patient was called leads to the one that it went into.
        """
        lead = self._records.hidden()
        if self._records.head(name) is not None:
            return [("", lead.get(name, name))]
        rows = self._records.read("aliases", f"identifier = {quote(name)}").to_pylist()
        found = {
            lead.get(row["patient"], row["patient"]): row["issuer"]
            for row in rows
            if self._records.head(row["patient"]) is not None
        }
        return [(issuer, key) for key, issuer in found.items()]

    def add(self, issuer: str, identifier: str, key: str) -> None:
        """Call a patient by another name, too."""
        self.add_all(issuer, {identifier: key})

    def add_all(self, issuer: str, keys: Mapping[str, str]) -> None:
        """Call patients by other names, too; a name that is taken stays with whom it has."""
        if len(self.known(issuer, list(keys))) == len(keys):
            return
        with lock(self._records.place, "identity"):
            known, time = self.known(issuer, list(keys)), now()
            rows = [
                {"issuer": issuer, "identifier": name, "patient": key, "time": time}
                for name, key in keys.items()
                if name not in known
            ]
            self._records.insert_new("aliases", rows)

    def called(self, name: str, issuer: str | None = None) -> set[str]:
        """Keys that an identifier was given to, joined or not."""
        where = f"identifier = {quote(name)}"
        if issuer is not None:
            where += f" AND issuer = {quote(issuer)}"
        return set(self._records.read("aliases", where, ["patient"])["patient"].to_pylist())

    def resolve(self, name: str) -> str:
        """The key of the one visible patient that `name` means.

        Raises
        ------
        NotFoundError
            None has that name, or several sources use it for patients of their own.
        """
        found = self.find(name)
        if len(found) == 1:
            return found[0][1]
        if not found:
            raise NotFoundError(
                f"No patient {name!r}",
                where=str(self._records.place),
                do="list the store's patients with list(store)",
            )
        keys = ", ".join(f"{key} (from {issuer})" for issuer, key in found)
        raise NotFoundError(
            f"{len(found)} patients are called {name!r}: {keys}",
            expected="one; the same identifier from different sources is not joined by a guess",
            do="name the one that you mean by its key",
        )
