"""What a de-identifying ingest knows while it runs, and forgets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, overload

from explorer.deidentify import TABLES, TEXTS, Deidentification, Known, secret_of
from explorer.found import Found
from explorer.privacy.hide import hide, hide_uri
from explorer.privacy.identifiers import Identifiers
from explorer.privacy.look import copy_of, learn
from explorer.progress import progress
from explorer.readers.volume_names import has_volume_suffix

if TYPE_CHECKING:
    from explorer.pool import Pool
    from explorer.store import Store

_SPOKEN = (*TEXTS, *TABLES, ".nrrd")  # files whose texts may name the patients of other files


@dataclass
class PrivacyOfRun:
    """Hides names, and knows by what the patients of the run can be told.

    Attributes
    ----------
    how : Deidentification
    known : Known
    sources : dict
        Hidden name to the file that it stands for: for the person's screen, never written.
    """

    how: Deidentification
    known: Known = field(default_factory=Known)
    sources: dict[str, str] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """What stands in the store for a path."""
        return hide_uri(path, self.how.secret)

    @overload
    def shown(self, identifier: str) -> str: ...
    @overload
    def shown(self, identifier: None) -> None: ...
    def shown(self, identifier: str | None) -> str | None:
        """What stands in the store for an identifier, or for an issuer."""
        return identifier and self.how.secret.pseudonym(identifier)

    def pairs(self, pairs: Mapping[str, str]) -> dict[str, str]:
        """Mask to image, as they are called in the store."""
        return {self.name(mask): self.name(image) for mask, image in pairs.items()}

    def files(self, met: Iterable[Found], pool: Pool) -> list[Found]:
        """Hide the files of a source, and learn what they say where texts have to be cleaned."""
        found = []
        for one in met:
            hidden = hide(one, self.how.secret)
            self.sources[hidden.uri] = one.uri
            found.append(hidden)
            if has_volume_suffix(PurePath(hidden.relative).name) or _suffix(hidden) in TEXTS:
                # whose a file is may be told by those beside it: all copies have to be there
                copy = copy_of(hidden, self.how)
                copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                copy.touch(mode=0o600)
        if any(_suffix(one) in _SPOKEN for one in found):
            calls = [(one, self.how) for one in found]
            with progress("Identifiers", len(calls)) as step:
                for said in pool.map(learn, calls, _nothing):
                    for identifier, own in said:
                        self.known.add(identifier, own, self.how.secret)
                    step("")
        return found

    def people(self, found: Found) -> dict[str, Identifiers]:
        """Who may be spoken of in a file."""
        if _suffix(found) not in _SPOKEN:
            return {}
        if _suffix(found) in TABLES:
            return self.known.people
        return self.known.of(found.relative, self.shown(self.how.patient))


@contextmanager
def privacy_of_run(
    store: Store, scratch: Path, patient: str | None, refuse_burned_in: bool
) -> Iterator[PrivacyOfRun]:
    """Begin a de-identifying run; what its archives unpack to lies outside of the store."""
    with tempfile.TemporaryDirectory(prefix="oncograph-") as outside:
        copies = scratch / "deidentified"
        how = Deidentification(secret_of(store), copies, Path(outside), patient, refuse_burned_in)
        yield PrivacyOfRun(how)


def _nothing(*_: object) -> list[tuple[str, Identifiers]]:
    return []


def _suffix(found: Found) -> str:
    return PurePath(found.relative).suffix.lower()
