"""encode_items: vectors of items, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ConflictError, OncographError
from explorer.progress import progress
from explorer.readers.table_vectors import features_id
from explorer.run_draft import RunDraft
from graphs.encoders.encoder import Encoder
from graphs.encoders.kept_vectors import kept_vectors
from graphs.encoders.source import Source
from graphs.encoders.why_none import why_none
from graphs.errors import ExamplesError
from graphs.examples.bag import Bag

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

Found = tuple[NDArray[np.float32], list[str]]

# A commit takes about as long whether it is of one patient or of hundreds.
_EACH_S = 20.0
_MOST_WAITING = 512


def encode_items(
    patients: PatientSet,
    encoder: Encoder,
    sources: Sequence[Source],
    *,
    modality: str,
    how: str,
    settings: dict[str, Any],
    keep: bool | None = None,
    together: int = 1,
    stop: Callable[[], bool] | None = None,
) -> Bag:
    """Encode what is not encoded yet, and read the rest.

    It can be stopped at any time: what was committed, every 20 seconds, is not encoded again. An
    item that cannot be read is left out, not kept, and tried again next time.

    Parameters
    ----------
    patients : PatientSet
    encoder : Encoder
    sources : sequence of Source
    modality : str
        Of the bag.
    how : str
        Kind of the runs: 'vectors by sentence'. A run of one kind, encoder and item stands for
        the one before it.
    settings : dict
        Besides the encoder's: what the parts depend on.
    keep : bool, optional
        Write vectors to the store. By default those of encoders that came trained or learnt
        nothing; not of what was fitted on patients of this store, since every fold has its own.
    together : int
        How many items are read before the encoder is called.
    stop : callable, optional
        Asked between items; True ends it, and what is left is 'not extracted'.

    Returns
    -------
    Bag
        Patients in the order of the set; instances by source, in the order given.
    """
    kept = not encoder.trained_on if keep is None else keep
    drafts = [_draft(one, encoder, how, settings) for one in sources]
    runs = [draft.run(one.key) for draft, one in zip(drafts, sources, strict=True)]
    known = kept_vectors(
        patients.store, {run: one.sha256 for run, one in zip(runs, sources, strict=True)}
    )
    todo = [k for k, run in enumerate(runs) if run not in known]
    writer = _Writer(patients, encoder, f"{modality} by {encoder.name}") if kept else None
    failed: dict[str, str] = {}
    try:
        with progress(f"{modality} by {encoder.name}", len(todo)) as step:
            for first in range(0, len(todo), together):
                if stop is not None and stop():
                    break
                some = todo[first : first + together]
                made = _encode(encoder, [sources[k] for k in some], failed)
                for k, found in zip(some, made, strict=True):
                    if found is not None:
                        known[runs[k]] = found
                        if writer is not None:
                            writer.put(sources[k], drafts[k], found)
                    step(sources[k].input)
    finally:
        if writer is not None:
            writer.flush()
    return _bag(patients, encoder, sources, runs, known, modality, failed)


def _draft(one: Source, encoder: Encoder, how: str, settings: dict[str, Any]) -> RunDraft:
    return RunDraft(
        how, encoder.name, encoder.version, input=one.input, input_sha256=one.sha256,
        checkpoint=encoder.sha256, settings={**encoder.settings, **settings},
        synthetic=one.synthetic,
    )  # fmt: skip


def _encode(encoder: Encoder, some: Sequence[Source], failed: dict[str, str]) -> list[Found | None]:
    read: list[tuple[list[str], list[Any]] | None] = []
    for one in some:
        try:
            read.append(one.parts())
        except (OncographError, OSError) as error:
            failed[one.key] = f"{one.input}: {error}"
            read.append(None)
    inputs = [each for found in read if found is not None for each in found[1]]
    values = encoder.encode(inputs) if inputs else np.zeros((0, encoder.dim), np.float32)
    if values.shape != (len(inputs), encoder.dim):
        raise ExamplesError(
            f"{encoder.name} gave {values.shape}", expected=f"({len(inputs)}, {encoder.dim})"
        )
    made: list[Found | None] = []
    at = 0
    for found in read:
        if found is None:
            made.append(None)
            continue
        made.append((values[at : at + len(found[1])], found[0]))
        at += len(found[1])
    return made


class _Writer:
    """Collects runs, and commits them from time to time."""

    def __init__(self, patients: PatientSet, encoder: Encoder, message: str) -> None:
        self._store, self._encoder, self._message = patients.store, encoder, message
        self._features = features_id(encoder.name, list(encoder.features))
        self._waiting: list[tuple[str, RunDraft]] = []
        self._last = monotonic()

    def put(self, one: Source, draft: RunDraft, found: Found) -> None:
        values, parts = found
        encoder = self._encoder
        draft.detail = {"parts": parts}
        if encoder.trained_on is not None:
            # whether this patient is among them is all that a check for leaks asks
            draft.detail["trained_on"] = sorted(encoder.trained_on & {one.key})
        if not parts:
            draft.state = "absent: nothing to encode"
        draft.features = {self._features: (encoder.name, list(encoder.features))}
        draft.vectors = [
            {**one.when, "name": encoder.name, "features": self._features, "values": row.tolist(),
             "state": "present", "producer": encoder.said, "synthetic": one.synthetic, "row": k}
            for k, row in enumerate(values)
        ]  # fmt: skip
        self._waiting.append((one.key, draft))
        if len(self._waiting) >= _MOST_WAITING or monotonic() - self._last > _EACH_S:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._commit(waiting)
        except ConflictError:  # somebody else wrote meanwhile: on top of what he left
            self._commit(waiting)
        self._last = monotonic()

    def _commit(self, waiting: Iterable[tuple[str, RunDraft]]) -> None:
        with self._store.transaction(self._message) as t:
            t.begin({key for key, _ in waiting})
            for key, draft in waiting:
                t.put_run(key, draft)


def _bag(
    patients: PatientSet, encoder: Encoder, sources: Sequence[Source], runs: Sequence[str],
    known: dict[str, Found], modality: str, failed: dict[str, str],
) -> Bag:  # fmt: skip
    place = {key: k for k, key in enumerate(patients.keys)}
    versions = patients.versions
    mine: list[list[tuple[Source, Found]]] = [[] for _ in place]
    state = why_none(patients, modality)
    for one, run in zip(sources, runs, strict=True):
        at = place[one.key]
        if run not in known:
            state[at] = "not extracted"
        elif known[run][1]:
            mine[at].append((one, known[run]))
        elif state[at] == "unknown":
            state[at] = "absent"
    values = [found[0] for some in mine for _, found in some]
    count = np.array([sum(len(found[1]) for _, found in some) for some in mine], np.int64)
    present = np.where(count > 0, "present", np.asarray(state, object)).astype(str)
    return Bag(
        modality, tuple(place),
        np.concatenate(values) if values else np.zeros((0, encoder.dim), np.float32),
        np.repeat(np.arange(len(place)), count).astype(np.int64), encoder.features,
        tuple(one.address(versions[one.key], part)
              for some in mine for one, found in some for part in found[1]),
        present, encoder.said,
    )  # fmt: skip
