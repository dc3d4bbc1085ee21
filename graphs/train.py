"""train: fit the models of a configuration, and keep them with where they come from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from explorer.errors import OncographError
from graphs.errors import ConfigError
from graphs.models.epoch import Epoch
from graphs.models.model import ABOUT, Model
from graphs.models.models import make_model
from graphs.runs.run_config import RunConfig
from graphs.runs.run_data import RunData, run_data
from graphs.runs.software import software
from graphs.runs.trained_run import TrainedModel, TrainedRun

OnModelEpoch = Callable[[str, Epoch], None]


def train(
    config: RunConfig | str | Path,
    *,
    data: RunData | None = None,
    on_epoch: OnModelEpoch | None = None,
    stop: Event | None = None,
) -> TrainedRun:
    """Fit every model on the run's training patients.

    A model that was kept already of the same configuration and data is not fitted again. One that
    fails does not keep the others from being fitted.

    Parameters
    ----------
    config : RunConfig or path
        A file is read by `RunConfig.read`.
    data : RunData, optional
        What `run_data` gave, where it was read already.
    on_epoch : callable, optional
        Called with the model's name in the run and the epoch.
    stop : Event, optional
        Once it is set, the model at work stops, and is not kept.

    Returns
    -------
    TrainedRun
        A row a model: folder, checkpoint, or why there is none.

    Raises
    ------
    ConfigError
        Another configuration's models stand in the folder of the results.
    DeviceError
        The device is not there.
    LeakError
        The patients cannot be divided without a leak.
    """
    asked = config if isinstance(config, RunConfig) else RunConfig.read(config)
    _device(asked)
    read = run_data(asked) if data is None else data
    about = {
        "config_sha256": asked.sha256, "task": read.task.name, "task_sha256": read.task.sha256,
        "cohort": read.cohort.name, "snapshot": read.examples.snapshot,
        "split_sha256": read.split.digest, "store": read.cohort.store.id,
        "patients": len(read.train), "trained_on": list(read.train.keys),
        "unit": read.task.unit, "software": software(),
        "features": None if asked.features is None else dict(asked.features),
    }  # fmt: skip
    made = []
    for name in asked.models:
        place = asked.results / "models" / name
        if (place / ABOUT).exists():
            made.append(_kept(place, name, asked, about))
            continue
        if stop is not None and stop.is_set():
            made.append(TrainedModel(name, name == asked.primary, why="not begun: stopped"))
            continue
        made.append(_fit(asked, name, read, place, about, on_epoch, stop))
    return TrainedRun(asked.results, made, len(read.train), read.unknown)


def _device(config: RunConfig) -> None:
    """A device that is not there is told before anything is read."""
    if config.device.startswith("cuda"):
        from graphs.model_folder import chosen_device

        chosen_device(config.device)


def _fit(
    config: RunConfig, name: str, data: RunData, place: Path, about: dict[str, Any],
    on_epoch: OnModelEpoch | None, stop: Event | None,
) -> TrainedModel:  # fmt: skip
    primary = name == config.primary

    def told(epoch: Epoch) -> None:
        if on_epoch is not None:
            on_epoch(name, epoch)

    try:
        model = unfitted(config, name)
        more = _network(config, name) if model.RESUMES else {}
        model.fit(data.train, data.validation, on_epoch=told, stop=stop, **more)
        if stop is not None and stop.is_set():
            return TrainedModel(name, primary, why="stopped")
        model.about = {**about, "primary": primary, "name": name}
        sha256 = model.save(place)
        shutil.rmtree(config.results / "unfinished" / name, ignore_errors=True)
    except (OncographError, ValueError, ArithmeticError, RuntimeError, LookupError, TypeError,
            AttributeError, AssertionError) as error:  # fmt: skip
        # a guest's model may fail in any way; the others are fitted all the same
        return TrainedModel(name, primary, why=f"{type(error).__name__}: {error}")
    return TrainedModel(name, primary, place, sha256)


def _network(config: RunConfig, name: str) -> dict[str, Any]:
    """Where a network's losses go, and where its training is kept until it is over."""
    logger = config.results / "logs" if config.logger == "csv" else config.logger or None
    return {"logger": logger, "checkpoint": config.results / "unfinished" / name}


def unfitted(config: RunConfig, name: str) -> Model:
    """One model of a run, as `fit` takes it."""
    said = config.models[name]
    settings = dict(said.settings)
    return make_model(said.model, seed=config.seed, device=config.device, **settings)


def _kept(place: Path, name: str, config: RunConfig, about: dict[str, Any]) -> TrainedModel:
    said = json.loads((place / ABOUT).read_text("utf-8"))["about"]
    for what in ("config_sha256", "snapshot", "split_sha256"):
        if said.get(what) != about[what]:
            raise ConfigError(
                f"A model of another {what.removesuffix('_sha256')} is there already",
                where=str(place), do="say another `out`, or take that folder away",
            )  # fmt: skip
    from graphs.models.load_model import load_model

    return TrainedModel(name, name == config.primary, place, load_model(place).sha256, again=False)
