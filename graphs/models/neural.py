"""NeuralModel: what networks of any subset of modalities share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import KINDS
from graphs.model_folder import chosen_device
from graphs.models.answers import Answers
from graphs.models.attribution import Attribution
from graphs.models.held_out import held_out
from graphs.models.inputs import Inputs
from graphs.models.model import Model, OnEpoch
from graphs.models.objective import Objective
from graphs.models.quiet_training import quiet_training
from graphs.models.training_digest import training_digest
from graphs.models.training_folder import TrainingFolder

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]
_AT_ONCE = 512

#: Settings that every network has.
TRAINING: dict[str, Any] = {
    "epochs": 25, "batch": 128, "learning_rate": 1e-3, "weight_decay": 0.05, "members": 1,
    "held_out": 0.15, "patience": 8, "loss": "cox", "intervals": 8, "devices": 1, "threads": 1,
}  # fmt: skip


class NeuralModel(Model):
    """Networks on Lightning; an ensemble of them where `members` is above 1.

    A network takes a `Batch` and gives outputs, (patient, output), whose meaning is the
    `Objective`'s. All that is drawn depends on the seed alone; the state of the process's
    generators is left as it was.

    Settings
    --------
    epochs, batch, learning_rate, weight_decay
        AdamW with a cosine schedule; gradients are clipped at a norm of 1.
    members : int
        Networks, of different seeds, whose outputs are averaged.
    held_out : float
        Share of the training patients, balanced by outcome, by which the best epoch is chosen
        where `fit` is given no validation; 0: the last epoch is kept.
    patience : int
        Epochs without a better validation after which training ends; 0: it does not.
    loss : str
        Of times: 'cox', or 'nll' in intervals.
    intervals : int
        At most; cut at quantiles of the training events.
    devices : int
        Where it is above 1, Lightning trains in as many processes (DDP).
    threads : int
        Of the CPU in training: with another number the last digits differ; 0: all.

    Attributes
    ----------
    inputs : Inputs
    objective : Objective
    networks : list of torch.nn.Module
    """

    KINDS = KINDS
    SETTINGS: ClassVar[dict[str, Any]] = TRAINING
    RESUMES: ClassVar[bool] = True
    BAGS: ClassVar[bool] = False

    inputs: Inputs
    objective: Objective
    networks: list[nn.Module]

    def __init__(self, *, seed: int = 0, device: str = "auto", **settings: Any) -> None:
        super().__init__(seed=seed, device=device, **settings)
        self.networks = []

    @abstractmethod
    def network(self) -> nn.Module:
        """An untrained network for `inputs` and `objective`."""

    def learn(self, train: Examples) -> None:
        """Learn scaling and the like of training patients."""
        self.inputs = Inputs.fit(
            train, bags=self.BAGS, components=int(self.settings.get("components", 0))
        )

    def prepare(self, examples: Examples, outcome: Arrays | None = None) -> Any:
        """Patients of whom batches can be had."""
        return self.inputs.prepare(examples, outcome)

    def fit(
        self,
        train: Examples,
        validation: Examples | None = None,
        *,
        on_epoch: OnEpoch | None = None,
        stop: Event | None = None,
        checkpoint: str | Path | None = None,
        logger: Logger | Sequence[Logger] | str | Path | None = None,
    ) -> Self:
        """Train; see `Model.fit`.

        Parameters
        ----------
        train, validation, on_epoch, stop
            As of `Model.fit`.
        checkpoint : path, optional
            Folder in which the training is kept; if one of the same model, seed and patients is
            there, it is taken up where it was.
        logger : path, 'mlflow', Lightning logger or a sequence of them, optional
            Where the losses go; a path is a folder for a CSV file.

        Raises
        ------
        ModelError
            As `Model.fit`; or the folder has another training.
        DeviceError
            CUDA is asked for where there is none.
        """
        from graphs.models.training_loggers import training_loggers

        self.check(train)
        device = chosen_device(self.device)
        target = train.outcome()
        self.objective = Objective.of(
            target, str(self.settings["loss"]), int(self.settings["intervals"])
        )
        self.learn(train)
        data = self.prepare(train, self.objective.outcome(target))
        rows = np.arange(len(train))
        held: tuple[Any, NDArray[np.int64]] | None = None
        if validation is not None:
            known = validation.known()
            outcome = self.objective.outcome(known.outcome())
            held = (self.prepare(known, outcome), np.arange(len(known)))
        elif self.settings["held_out"]:
            rows, apart = held_out(target, float(self.settings["held_out"]), self.seed)
            held = (data, apart) if len(apart) else None
        place = None
        if checkpoint is not None:
            digest = training_digest(self, (train, validation), self.learnt())
            place = TrainingFolder(Path(checkpoint), digest)
        loggers = training_loggers(logger, self.NAME)
        self._train((data, rows), held, device, place, loggers, on_epoch, stop)
        self.objective.settle(self.outputs(train, device), target)
        return self

    def _train(
        self, train: Any, held: Any, device: str, place: TrainingFolder | None,
        loggers: tuple[Logger, ...], on_epoch: OnEpoch | None, stop: Event | None,
    ) -> None:  # fmt: skip
        from graphs.models.train_network import Plan, train_network

        members = int(self.settings["members"])
        self.networks = []
        with quiet_training(int(self.settings["threads"])):
            for member in range(members):
                if member and stop is not None and stop.is_set():
                    break
                network = self._new(member)
                if place is None or not place.load(network, member):
                    folder = place.member(member) if place else None
                    plan = Plan(
                        self.settings, device, self.seed, member, folder, loggers,
                        _shifted(on_epoch, member, members), stop,
                    )  # fmt: skip
                    if train_network(network, self.objective, train, held, plan) and place:
                        place.keep(network, member)
                self.networks.append(network.eval())

    def _new(self, member: int) -> nn.Module:
        """A network whose weights depend on the seed and the member alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(np.random.SeedSequence([self.seed, member]).generate_state(1)[0]))
            made = self.network()
        last = getattr(made, "out", None)
        if isinstance(last, nn.Linear):
            with torch.no_grad():
                last.bias.copy_(torch.as_tensor(self.objective.bias))
        return made

    def outputs(self, examples: Examples, device: str = "cpu") -> list[Floats]:
        """Outputs of each network in eval mode, (patient, output)."""
        if not self.networks:
            raise ModelError(f"The model {self.NAME!r} is not fitted", do="call fit first")
        data = self.prepare(examples)
        found: list[list[Any]] = [[] for _ in self.networks]
        with torch.inference_mode():
            for network in self.networks:
                network.to(device).eval()
            for first in range(0, len(examples), _AT_ONCE):
                rows = np.arange(first, min(first + _AT_ONCE, len(examples)))
                batch = data.batch(rows).to(device)
                for one, network in zip(found, self.networks, strict=True):
                    one.append(network(batch).double().cpu().numpy())
            for network in self.networks:
                network.to("cpu")
        width = self.objective.outputs
        return [np.concatenate(one) if one else np.zeros((0, width)) for one in found]

    def predict(self, examples: Examples) -> Answers:
        """Predict; see `Model.predict`."""
        return self.objective.answers(self.outputs(examples, chosen_device(self.device)))

    def explain(
        self, examples: Examples, *, method: str = "integrated gradients", steps: int = 64
    ) -> Attribution:
        """How much each feature, or instance of a bag, moved the risk.

        Parameters
        ----------
        examples : Examples
        method : str
            'integrated gradients' from the training mean, or 'attention' where the network has
            any: weights that say where it looked, not which way that moved the risk.
        steps : int
            Of the path; more are taken where the shares do not add up.

        Raises
        ------
        ModelError
            The network has no attention, or there is no such method.
        """
        from graphs.models.integrated_gradients import integrated_gradients

        if method == "attention":
            return self.attention(examples)
        if method != "integrated gradients":
            raise ModelError(f"No method {method!r}",
                             expected="'integrated gradients' or 'attention'")  # fmt: skip
        return integrated_gradients(self, examples, steps)

    def attention(self, examples: Examples) -> Attribution:
        """Where the networks looked; each patient's weights sum to 1.

        Raises
        ------
        ModelError
            The network has no attention.
        """
        raise ModelError(f"The model {self.NAME!r} has no attention",
                         do="take 'integrated gradients'")  # fmt: skip

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """See `Model.state`."""
        values, arrays = self.learnt()
        said, more = self.objective.state()
        values |= {"objective": said, "members": len(self.networks)}
        arrays |= {f"objective.{name}": one for name, one in more.items()}
        for k, network in enumerate(self.networks):
            for name, one in network.state_dict().items():
                arrays[f"network{k}.{name}"] = one.cpu().numpy()
        return values, arrays

    def restore(self, values: dict[str, Any], arrays: Arrays) -> None:
        """See `Model.restore`."""
        self.relearn(values, arrays)
        self.objective = Objective.restored(values["objective"], _of("objective.", arrays))
        self.networks = []
        for k in range(int(values["members"])):
            network = self._new(k)
            state = {n: torch.as_tensor(one) for n, one in _of(f"network{k}.", arrays).items()}
            network.load_state_dict(state)
            self.networks.append(network.eval())

    def learnt(self) -> tuple[dict[str, Any], Arrays]:
        """What `learn` learnt, for `state`."""
        said, arrays = self.inputs.state()
        return {"inputs": said}, {f"inputs.{name}": one for name, one in arrays.items()}

    def relearn(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take what `learnt` gave."""
        self.inputs = Inputs.restored(values["inputs"], _of("inputs.", arrays))


def _of(start: str, arrays: Arrays) -> Arrays:
    return {k.removeprefix(start): one for k, one in arrays.items() if k.startswith(start)}


def _shifted(on_epoch: OnEpoch | None, member: int, members: int) -> OnEpoch | None:
    """Progress of one of several trainings as that of the whole."""
    if on_epoch is None:
        return None
    return lambda epoch: on_epoch(epoch.of_member(member, members))
