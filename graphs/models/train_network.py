"""train_network: one network's training by Lightning, which can be stopped and taken up again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import Logger
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Sampler

from graphs.models.epoch import Epoch
from graphs.models.model import OnEpoch
from graphs.models.objective import Objective

Rows = NDArray[np.int64]


class Batches(Protocol):
    """Patients of whom batches can be had; a batch has `outcome` and can be moved by `to`."""

    def batch(self, rows: Any) -> Any:
        """Some patients, by position."""


@dataclass(frozen=True, eq=False)
class Plan:
    """How a network is trained.

    Attributes
    ----------
    settings : mapping
        epochs, batch, learning_rate, weight_decay, patience, devices.
    device : str
        'cpu', 'cuda' or 'cuda:1'.
    seed, member : int
        What is drawn depends on these, the epoch and the batch alone.
    folder : Path or None
        Where the training is kept, to be taken up again.
    loggers : list of Logger
    on_epoch : callable or None
    stop : Event or None
    """

    settings: Mapping[str, Any]
    device: str
    seed: int
    member: int = 0
    folder: Path | None = None
    loggers: tuple[Logger, ...] = ()
    on_epoch: OnEpoch | None = None
    stop: Event | None = None


def train_network(
    network: nn.Module,
    objective: Objective,
    train: tuple[Batches, Rows],
    validation: tuple[Batches, Rows] | None,
    plan: Plan,
) -> bool:
    """Train in place: the weights are those of the best epoch, or of the last without validation.

    Parameters
    ----------
    network : Module
        Takes a batch, gives outputs, (patient, output).
    objective : Objective
    train : (Batches, ndarray of int)
        Patients, and the positions of those to learn of.
    validation : (Batches, ndarray of int) or None
    plan : Plan

    Returns
    -------
    bool
        False where `stop` ended it.
    """
    settings = plan.settings
    task = _Task(network, objective, plan)
    order = _Order(len(train[1]), (plan.seed, plan.member))
    with ExitStack() as stack:
        made = None if plan.folder else stack.enter_context(tempfile.TemporaryDirectory())
        place = Path(made) if made else plan.folder
        callbacks, best = _callbacks(settings, place, validation is not None, plan.folder)
        trainer = _trainer(plan, callbacks)
        loader = _loader(*train, settings["batch"], order)
        other = None if validation is None else _loader(*validation, 1024, None)
        last = plan.folder / "last.ckpt" if plan.folder else None
        try:
            trainer.fit(
                task, loader, other, ckpt_path=last if last and last.exists() else None,
                # a checkpoint that could run code is not read
                weights_only=True,
            )  # fmt: skip
            finished = True
        except _StopError:
            finished = False
        if best is not None and best.best_model_path and Path(best.best_model_path).exists():
            kept = torch.load(best.best_model_path, weights_only=True, map_location="cpu")
            task.load_state_dict(kept["state_dict"])
        # another process must not look for the folder after it is gone
        trainer.strategy.barrier()
    network.to("cpu")
    network.eval()
    return finished


class _StopError(Exception):
    """The training was asked to stop."""


class _Order(Sampler[int]):
    """Patients in an order that depends on the seed and the epoch alone."""

    def __init__(self, count: int, seed: tuple[int, int]) -> None:
        self.count, self.seed, self.epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng([*self.seed, self.epoch])
        return iter(rng.permutation(self.count).tolist())


class _Task(pl.LightningModule):
    def __init__(self, network: nn.Module, objective: Objective, plan: Plan) -> None:
        super().__init__()
        self.network = network
        self._objective, self._plan = objective, plan
        self._losses: list[float] = []
        self._seen: list[tuple[Tensor, dict[str, Tensor]]] = []

    def on_train_epoch_start(self) -> None:
        self._losses = []

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if self._plan.stop is not None and self._plan.stop.is_set():
            raise _StopError
        # by the batch, so that a training that is taken up again draws what it would have drawn
        parts = [
            self._plan.seed,
            self._plan.member,
            self.current_epoch,
            batch_idx,
            self.global_rank,
        ]
        torch.manual_seed(int(np.random.SeedSequence(parts).generate_state(1)[0]))

    def training_step(self, batch: Any, batch_idx: int) -> Tensor | None:
        outputs = self.network(batch)
        loss = self._objective.loss(outputs, batch.outcome)
        if loss is None:
            # nothing to learn of; other processes wait for gradients, if only of 0
            return None if self.trainer.world_size == 1 else outputs.sum() * 0
        self._losses.append(float(loss.detach()))
        self.log("train", loss, on_step=False, on_epoch=True, batch_size=len(batch))
        return loss

    def on_validation_epoch_start(self) -> None:
        self._seen = []

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        self._seen.append((self.network(batch).float(), batch.outcome))

    def on_validation_epoch_end(self) -> None:
        # of all at once: a partial likelihood is not the mean of those of its parts
        outputs = torch.cat([one for one, _ in self._seen])
        outcome = {
            name: torch.cat([one[name] for _, one in self._seen]) for name in self._seen[0][1]
        }
        if self.trainer.world_size > 1:
            outputs = self._of_all(outputs)
            outcome = {name: self._of_all(one) for name, one in outcome.items()}
        loss = self._objective.loss(outputs, outcome)
        value = float("inf") if loss is None else loss
        self.log("validation", value, batch_size=len(outputs))

    def _of_all(self, own: Tensor) -> Tensor:
        found = self.all_gather(own)
        return found.flatten(0, 1) if isinstance(found, Tensor) else own

    def on_train_epoch_end(self) -> None:
        if self._plan.on_epoch is None or self.global_rank:
            return
        found = self.trainer.callback_metrics.get("validation")
        mean = float(np.mean(self._losses)) if self._losses else float("nan")
        self._plan.on_epoch(
            Epoch(
                self.current_epoch + 1, int(self._plan.settings["epochs"]), mean,
                None if found is None else float(found),
            )
        )  # fmt: skip

    def configure_optimizers(self) -> Any:
        settings = self._plan.settings
        optimizer = torch.optim.AdamW(
            self.network.parameters(), settings["learning_rate"],
            weight_decay=settings["weight_decay"],
        )  # fmt: skip
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings["epochs"])
        return {"optimizer": optimizer, "lr_scheduler": schedule}


def _loader(data: Batches, rows: Rows, size: int, order: _Order | None) -> DataLoader[Any]:
    def collate(places: list[int]) -> Any:
        return data.batch(rows[places])

    dataset: Any = range(len(rows))
    return DataLoader(dataset, size, sampler=order, collate_fn=collate)


def _callbacks(
    settings: Mapping[str, Any], place: Path | None, validated: bool, kept: Path | None
) -> tuple[list[Callback], ModelCheckpoint | None]:
    made: list[Callback] = []
    best = None
    if validated:
        if settings["patience"]:
            made.append(EarlyStopping("validation", patience=settings["patience"], mode="min"))
        best = ModelCheckpoint(
            place, "best", monitor="validation", mode="min", save_weights_only=True,
            enable_version_counter=False,
        )  # fmt: skip
        made.append(best)
    if kept is not None:
        # after the other, so that what it writes knows of the best
        made.append(ModelCheckpoint(place, "last", enable_version_counter=False))
    return made, best


def _trainer(plan: Plan, callbacks: list[Callback]) -> pl.Trainer:
    cuda = plan.device.startswith("cuda")
    devices: Any = int(plan.settings["devices"])
    if ":" in plan.device:
        devices = [int(plan.device.split(":")[1])]
    precision: Any = "32-true"
    if cuda:
        precision = "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
        # what has no such form on CUDA is computed all the same
        torch.use_deterministic_algorithms(True, warn_only=True)
    else:
        torch.use_deterministic_algorithms(True)
    return pl.Trainer(
        accelerator="gpu" if cuda else "cpu", devices=devices,
        strategy="ddp" if devices != 1 and not isinstance(devices, list) else "auto",
        precision=precision, max_epochs=plan.settings["epochs"], gradient_clip_val=1.0,
        logger=list(plan.loggers) or False, callbacks=callbacks,
        enable_checkpointing=any(isinstance(one, ModelCheckpoint) for one in callbacks),
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
        log_every_n_steps=1,
    )  # fmt: skip
