"""FusionTraining: a model that is trained beside the notebook, and can be stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import OncographError
from explorer.facets import Facets
from explorer.split.divide import divide
from explorer.store import Store
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.features.features import features
from graphs.fusion_score import fusion_score
from graphs.models.epoch import Epoch
from graphs.models.model import Model
from graphs.models.refits import refits
from graphs.outcome import Outcome
from graphs.scores import Scores

_FEWEST = 20


class FusionTraining:
    """One run: patients are divided, the model is fitted on one part and scored on the other.

    The same kind of model is then fitted on each modality alone, so that it can be told whether
    taking them together is worth it.

    Parameters
    ----------
    store : Store
    model : Model
        Untrained.
    facets : Facets
        Say which patient stands where in the outcome.
    outcome : Outcome
    called : str
        What the outcome is called.
    chosen : tuple of str
        Keys of the cohort.
    on_change : callable
        Called from the run's thread after each epoch and at the end.
    modalities : sequence of str, optional
        Those to take; all by default.
    spec : object, optional
        Of `graphs.features`; by default all facts and vectors that may be features.
    halves : int
        Models that are fitted on random halves of the training patients, for intervals.

    Attributes
    ----------
    state : {'running', 'stopping', 'stopped', 'failed', 'done'}
    doing : str
        What it is at.
    epochs : list of Epoch
    message : str
        Why it failed, or how many patients it was.
    scores : Scores or None
        Once it is done.
    examples : Examples or None
        Of all patients who count; `tested` are the keys of those held out.
    ensemble : list of Model
        Those on halves.
    """

    def __init__(
        self,
        store: Store,
        model: Model,
        facets: Facets,
        outcome: Outcome,
        called: str,
        chosen: tuple[str, ...],
        on_change: Callable[[], None],
        *,
        modalities: Sequence[str] | None = None,
        spec: Any = None,
        halves: int = 0,
    ) -> None:
        self.store, self.model, self.outcome, self.called = store, model, outcome, called
        self.state, self.message, self.doing = "running", "", "reading the patients"
        self.epochs: list[Epoch] = []
        self.scores: Scores | None = None
        self.examples: Examples | None = None
        self.tested: frozenset[str] = frozenset()
        self._wanted, self.spec, self._halves = modalities, spec, halves
        self.ensemble: list[Model] = []
        self._stop, self._on_change = Event(), on_change
        wanted = set(chosen)
        mine = np.array([key in wanted for key in facets.keys_of], bool)
        known = mine & outcome.known
        self.left_out = int(mine.sum() - known.sum())
        self.keys = [facets.keys_of[k] for k in np.flatnonzero(known)]
        # what people call them is the same in another store; two may be called the same
        times = Counter(facets.labels_of)
        self._names = {
            facets.keys_of[k]: label if times[label := facets.labels_of[k]] == 1
            else facets.keys_of[k]
            for k in np.flatnonzero(known)
        }  # fmt: skip
        self._outcomes = {
            facets.keys_of[k]: (outcome.time[k], outcome.event[k]) for k in np.flatnonzero(known)
        }
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

    def of_patient(self, key: str) -> Examples:
        """The features of any patient of the store, as those that were trained on.

        Parameters
        ----------
        key : str
        """
        if self.examples is not None and key in self.examples.keys:
            return self.examples.take([self.examples.keys.index(key)])
        one = self.store.cohort().among([key])
        return features(one, self.spec, labels=False, like=self.examples).only(
            self.model.modalities
        )

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
        self.examples = examples = self._read()
        train, test = self._divide(examples)
        learn, held = examples.take(train), examples.take(test)
        horizon = float(np.median(learn.outcome().time))
        self._say("training")
        self.model.about = {
            "task": self.called, "unit": self.outcome.unit, "horizon": horizon,
            "snapshot": examples.snapshot, "trained_on": list(learn.keys),
        }  # fmt: skip
        self.model.fit(learn, on_epoch=self._epoch, stop=self._stop)
        alone = {}
        for name in examples.modalities if len(examples.modalities) > 1 else ():
            if self._stop.is_set():
                break
            self._say(f"training on {name} alone, to compare")
            single = type(self.model)(
                seed=self.model.seed, device=self.model.device, **self.model.settings
            )
            own = learn.only([name])
            single.fit(own.take(own.present.any(axis=1)), stop=self._stop)
            alone[name] = single.predict(held.only([name]))
        if self._halves and not self._stop.is_set():
            self._say(f"fitting {self._halves} models on halves, for intervals")
            self.ensemble = refits(self.model, learn, self._halves, stop=self._stop)
        if self._stop.is_set():
            self.state, self.message = "stopped", f"after {len(self.epochs)} epochs"
            return
        self._say("testing")
        self.scores = fusion_score(
            self.model.predict(held), held.outcome(), horizon, alone=alone, seed=self.model.seed
        )
        self.tested = frozenset(held.keys)
        self.message = (
            f"{len(train)} patients to train on, {len(test)} others to test on, by patient, seed "
            f"{self.model.seed}; {self.left_out} of the cohort have no outcome"
        )
        self.state = "done"

    def _read(self) -> Examples:
        found = features(self.store.cohort().among(self.keys), self.spec, labels=False)
        if self._wanted is not None:
            kept = [name for name in found.modalities if name in set(self._wanted)]
            if not kept:
                raise ValueError(f"none of the modalities is there: {list(found.modalities)}")
            found = found.only(kept)
        pairs = [self._outcomes[key] for key in found.keys]
        target = Target.survival(
            [time for time, _ in pairs], [float(event) for _, event in pairs], self.outcome.unit,
            self.called,
        )  # fmt: skip
        # two causes of an event are one here: the outcome says no more than that it happened
        return replace(found, target=target)

    def _say(self, doing: str) -> None:
        self.doing = doing
        self._on_change()

    def _divide(self, examples: Examples) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions to train on and to test on, with the same share of events in both."""
        shares = {"train": 0.7, "test": 0.3}
        event = examples.outcome().event
        names = [self._names[key] for key in examples.keys]
        happened = [str(one) for one in (event > 0).tolist()]
        part = np.array(divide(names, shares, [happened], seed=self.model.seed))
        train, test = (np.flatnonzero(part == name) for name in shares)
        if not event[train].any() or not event[test].any():
            raise ValueError(
                f"{int((event > 0).sum())} events among {len(part)} patients are too few"
            )
        return train, test

    def _epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)
        self._on_change()
