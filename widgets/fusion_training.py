"""FusionTraining: a model that is trained beside the notebook, and can be stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Event, Thread

import numpy as np

from explorer.errors import OncographError
from explorer.facets import Facets
from explorer.split.divide import divide
from explorer.store import Store
from graphs.fusion_model import CohortRows, Epoch, FusionModel, Prediction, Scores
from graphs.fusion_score import fusion_score
from graphs.outcome import Outcome

_FEWEST = 20


class FusionTraining:
    """One run: patients are divided, the model is fitted on one part and scored on the other.

    Parameters
    ----------
    store : Store
    model : FusionModel
        Untrained.
    facets : Facets
        Say which patient stands where in the outcome.
    outcome : Outcome
    chosen : tuple of str
        Keys of the cohort.
    on_change : callable
        Called from the run's thread after each epoch and at the end.
    seed : int

    Attributes
    ----------
    state : {'running', 'stopping', 'stopped', 'failed', 'done'}
    epochs : list of Epoch
    message : str
        Why it failed, or how many patients it was.
    scores : Scores or None
        Once it is done.
    """

    def __init__(
        self,
        store: Store,
        model: FusionModel,
        facets: Facets,
        outcome: Outcome,
        chosen: tuple[str, ...],
        on_change: Callable[[], None],
        seed: int = 0,
    ) -> None:
        self.store, self.model, self.seed = store, model, seed
        self.state, self.message = "running", ""
        self.epochs: list[Epoch] = []
        self.scores: Scores | None = None
        self.predictions: list[Prediction] = []
        self.outcome = outcome
        self._stop, self._on_change = Event(), on_change
        wanted = set(chosen)
        mine = np.array([key in wanted for key in facets.keys_of], bool)
        known = mine & outcome.known
        self.left_out = int(mine.sum() - known.sum())
        self.keys = [facets.keys_of[k] for k in np.flatnonzero(known)]
        # what people call them is the same in another store; two may be called the same
        called = Counter(facets.labels_of)
        self._names = [
            label if called[label] == 1 else key
            for key, label in ((facets.keys_of[k], facets.labels_of[k])
                               for k in np.flatnonzero(known))
        ]  # fmt: skip
        self._time, self._event = outcome.time[known], outcome.event[known]
        versions = [facets.versions_of[k] for k in np.flatnonzero(known)]
        self._snapshot = snapshot_of(store, self.keys, versions)
        self._thread = Thread(target=self._run, name="oncograph training", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the model to stop; `wait` for it."""
        if self.state == "running":
            self.state = "stopping"
            self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the run is over; whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._fit()
        except (OncographError, ValueError, ArithmeticError, RuntimeError, LookupError) as error:
            # a guest's model may fail in any way; the person is told
            self.state, self.message = "failed", f"{type(error).__name__}: {error}"
        self._on_change()

    def _fit(self) -> None:
        if len(self.keys) < _FEWEST:
            raise ValueError(f"{len(self.keys)} patients with the outcome: at least {_FEWEST}")
        train, test = self._divide()
        tables = self.model.tables
        patients = self.store.patients([self.keys[k] for k in (*train, *test)], tables)
        horizon = float(np.median(self._time[train]))

        def rows(part: np.ndarray, some: list[object]) -> CohortRows:
            return CohortRows(
                tuple(some), self._time[part], self._event[part], self.outcome.unit, horizon,  # type: ignore[arg-type]
                self._snapshot, self.seed,
            )  # fmt: skip

        self.model.fit(rows(train, [*patients[: len(train)]]), self._epoch, self._stop)
        if self._stop.is_set():
            self.state, self.message = "stopped", f"after {len(self.epochs)} epochs"
            return
        scores, self.predictions = fusion_score(self.model, rows(test, [*patients[len(train) :]]))
        self.scores = scores
        self.message = (
            f"{len(train)} patients to train on, {len(test)} others to test on, by patient, seed "
            f"{self.seed}; {self.left_out} of the cohort have no outcome"
        )
        self.state = "done"

    def _divide(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions to train on and to test on, with the same share of events in both."""
        shares = {"train": 0.7, "test": 0.3}
        happened = [str(one) for one in self._event.tolist()]
        part = np.array(divide(self._names, shares, [happened], seed=self.seed))
        train, test = (np.flatnonzero(part == name) for name in shares)
        if not self._event[train].any() or not self._event[test].any():
            raise ValueError(
                f"{int(self._event.sum())} events among {len(part)} patients are too few"
            )
        return train, test

    def _epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)
        self._on_change()


def snapshot_of(store: Store, keys: list[str], versions: list[int]) -> str:
    """A name for the state of some patients: the store, and a hash of keys and versions."""
    import hashlib

    text = "\n".join(f"{key} {version}" for key, version in zip(keys, versions, strict=True))
    return f"{store.id}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
