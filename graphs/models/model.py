"""Model: what every model offers, from a ridge to a graph transformer."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from explorer.new_file import new_file
from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.models.answers import Answers
from graphs.models.attribution import Attribution
from graphs.models.epoch import Epoch

OnEpoch = Callable[[Epoch], None]
WEIGHTS, ABOUT = "model.safetensors", "model.json"
FORMAT = 1


class Model(ABC):
    """A model of any subset of modalities.

    Whatever it learns, scaling and filling included, it learns in `fit`, of the training examples
    alone. The same settings, seed and examples give the same model.

    Parameters
    ----------
    seed : int
    device : str
        'auto', 'cpu' or 'cuda'; models that use no torch take no notice.
    **settings
        The model's own; JSON-able, with defaults (``SETTINGS``).

    Attributes
    ----------
    about : dict
        JSON-able provenance that the caller adds: snapshot, split, task, software.
    modalities : tuple of str
        Of the examples that it was fitted on, in their order.
    """

    NAME: ClassVar[str]
    KINDS: ClassVar[tuple[str, ...]]
    SETTINGS: ClassVar[Mapping[str, Any]] = {}
    NEEDS_GRAPH: ClassVar[bool] = False
    # whether it makes one of the features where the examples have none
    MAKES_GRAPH: ClassVar[bool] = False
    # whether `fit` takes ``checkpoint=`` and ``logger=``: it can be taken up where it was stopped
    RESUMES: ClassVar[bool] = False

    def __init__(self, *, seed: int = 0, device: str = "auto", **settings: Any) -> None:
        unknown = set(settings) - set(self.SETTINGS)
        if unknown:
            raise ModelError(
                f"The model {self.NAME!r} has no setting {sorted(unknown)}",
                expected=f"some of {list(self.SETTINGS)}",
            )
        for name, value in settings.items():
            if not _alike(self.SETTINGS[name], value):
                raise ModelError(
                    f"The model {self.NAME!r} with {name}={value!r}",
                    expected=f"such as the default, {self.SETTINGS[name]!r}",
                )
        self.seed, self.device = seed, device
        self.settings: dict[str, Any] = {**self.SETTINGS, **settings}
        self.about: dict[str, Any] = {}
        self.modalities: tuple[str, ...] = ()

    @abstractmethod
    def fit(
        self,
        train: Examples,
        validation: Examples | None = None,
        *,
        on_epoch: OnEpoch | None = None,
        stop: Event | None = None,
    ) -> Self:
        """Learn from examples whose outcome is known.

        Parameters
        ----------
        train : Examples
        validation : Examples, optional
            For early stopping; a model that wants one and is given none holds a part of `train`
            out, by its seed.
        on_epoch : callable, optional
            Called after each epoch, or each step of a path.
        stop : Event, optional
            Once it is set, `fit` returns at the next batch with what it has.

        Raises
        ------
        ModelError
            The outcome is of a kind that the model is not for, or there are too few events.
        """

    @abstractmethod
    def predict(self, examples: Examples) -> Answers:
        """Predict, whatever of the modalities a patient lacks.

        What it says of a patient does not depend on who else is among the examples.
        """

    @abstractmethod
    def explain(self, examples: Examples) -> Attribution:
        """How much each feature of each patient moved the prediction."""

    @abstractmethod
    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What was learnt: JSON-able values, and arrays by name."""

    @abstractmethod
    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""

    def check(self, train: Examples) -> None:
        """Whether `fit` can begin; called first of all by every `fit`.

        Raises
        ------
        ModelError
        """
        target = train.outcome()
        if target.kind not in self.KINDS:
            raise ModelError(
                f"The model {self.NAME!r} is not for {target.kind}",
                expected=f"one of {list(self.KINDS)}",
            )
        if not target.known.all():
            raise ModelError("Examples whose outcome is not known", do="fit on examples.known()")
        if target.timed and int((target.event > 0).sum()) < 2:
            raise ModelError("Fewer than 2 events to learn from", expected="more patients")
        if not target.timed and len(np.unique(target.label)) < 2:
            raise ModelError("All labels are the same: nothing to learn", do="take other patients")
        if self.NEEDS_GRAPH and not self.MAKES_GRAPH and train.graph is None:
            raise ModelError(
                f"The model {self.NAME!r} needs the patients' graph", do="graphs.to_hetero(cohort)"
            )
        self.modalities = train.modalities

    def save(self, folder: str | Path) -> str:
        """Write the model: weights as safetensors, all else as JSON.

        Parameters
        ----------
        folder : path
            Made if it is not there; must not hold a model yet.

        Returns
        -------
        str
            The checkpoint's sha256: of all that was learnt and of the settings.

        Raises
        ------
        ModelError
            There is a model in the folder.
        """
        from safetensors.numpy import save

        values, arrays = self.state()
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        data = save({name: np.ascontiguousarray(one) for name, one in arrays.items()})
        about = {
            "format": FORMAT, "model": self.NAME, "seed": self.seed, "settings": self.settings,
            "modalities": list(self.modalities), "about": self.about, "state": values,
            "weights_sha256": hashlib.sha256(data).hexdigest(),
        }  # fmt: skip
        text = json.dumps(about, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False)
        try:
            for name, content in ((WEIGHTS, data), (ABOUT, text.encode())):
                new_file(place / name, content)
        except FileExistsError as error:
            raise ModelError(
                "There is a model already", where=str(place), do="take another folder"
            ) from error
        return self.sha256

    @property
    def sha256(self) -> str:
        """The checkpoint's name: what was learnt, the settings and the seed; not the device."""
        from safetensors.numpy import save

        values, arrays = self.state()
        data = save({name: np.ascontiguousarray(one) for name, one in arrays.items()})
        said = [self.NAME, self.seed, self.settings, list(self.modalities), values]
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(data + text.encode()).hexdigest()

    def __repr__(self) -> str:
        fitted = f", fitted on {', '.join(self.modalities)}" if self.modalities else ""
        return f"<{type(self).__name__} {self.NAME!r}{fitted}>"


def _alike(default: Any, value: Any) -> bool:
    """Whether a setting can be a value: no text for a number, none below 0 for one that is not."""
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int | float):
        if isinstance(value, str | bool):
            return False
        return not isinstance(value, int | float) or default < 0 or value >= 0
    return not (isinstance(default, list | tuple | dict) and isinstance(value, str | bool))
