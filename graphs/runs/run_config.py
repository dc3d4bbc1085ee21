"""RunConfig: what is to be trained, on whom, and how it will be judged, written before the run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from explorer.errors import TaskError
from explorer.plain_yaml import plain_yaml
from explorer.store import Store
from explorer.tasks.task import Task
from explorer.tasks.tasks import tasks
from graphs.errors import ConfigError, ExamplesError
from graphs.features.spec import Spec
from graphs.runs.evaluation_wishes import evaluation_wishes
from graphs.runs.mapping_of import mapping_of
from graphs.runs.model_config import ModelConfig
from graphs.runs.split_config import SplitConfig

_BYTES = 1 << 20


@dataclass(frozen=True)
class RunConfig:
    """A run, as plain values that can be written down and hashed.

    Attributes
    ----------
    store : str
        A folder, relative to the file of the configuration, or ``s3://bucket/prefix``.
    task : Task or str
        A task (in the file: its own file, or all that it says), or the name of a registered one.
    primary : str
        The model of `models` that the run is about, declared before it: its result is the result.
    models : mapping of str to ModelConfig
    features : mapping
        Modality to where it comes from; see `graphs.features`. What the task and the store offer
        by default.
    cohort : str
        A frozen one; all patients by default.
    split : SplitConfig
        May be given as a mapping.
    evaluation : mapping
        Further wishes of `graphs.evaluate`: controls, draws, margin, operating.
    seed : int
    device : str
        'auto', 'cpu', 'cuda'.
    logger : str
        'csv', 'mlflow' or '' (nowhere): where the losses of networks go.
    out : str
        Folder of the results, relative to the file.
    folder : Path
        Of the file: relative places are below it.
    """

    store: str
    task: Task | str
    primary: str
    models: Mapping[str, ModelConfig]
    features: Mapping[str, Any] | None = None
    cohort: str = ""
    split: SplitConfig = field(default_factory=SplitConfig)
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    logger: str = "csv"
    out: str = "run"
    folder: Path = field(default_factory=Path)

    def __post_init__(self) -> None:
        if not self.models:
            raise ConfigError("A run without a model", expected="models: {name: {...}}")
        for name in self.models:
            if not re.fullmatch(r"[\w.-]{1,60}", name):
                raise ConfigError(
                    f"A model called {name!r}", expected="letters, digits, dots, dashes"
                )
        if self.primary not in self.models:
            raise ConfigError(
                f"The primary model {self.primary!r} is not among the models",
                expected=f"one of {list(self.models)}",
                do="declare the model that the run is about before you run it",
            )
        if self.device != "auto" and not re.fullmatch(r"cpu|cuda(:\d+)?", self.device):
            raise ConfigError(f"The device {self.device!r}", expected="auto, cpu or cuda")
        if self.logger not in ("", "csv", "mlflow"):
            raise ConfigError(f"The logger {self.logger!r}", expected="csv, mlflow or nothing")

    @classmethod
    def read(cls, path: str | Path) -> RunConfig:
        """Read a YAML or JSON file.

        Raises
        ------
        ConfigError
            The file cannot be read, or says something else than a run.
        """
        place = Path(path)
        try:
            if place.stat().st_size > _BYTES:
                raise ConfigError("A file that is too long", where=str(path))
            said = plain_yaml(place.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            raise ConfigError(
                f"The configuration cannot be read: {error}", where=str(path)
            ) from error
        try:
            return cls.of(said, place.resolve().parent)
        except ConfigError as error:
            raise ConfigError(
                error.found, expected=error.expected, where=str(path), do=error.do
            ) from error

    @classmethod
    def of(cls, said: Any, folder: str | Path = ".") -> RunConfig:
        """Read a mapping of plain values.

        Parameters
        ----------
        said : mapping
        folder : path
            Below which relative places are.

        Raises
        ------
        ConfigError
        """
        given = dict(mapping_of("a configuration", said))
        known = {one.name for one in fields(cls)} - {"folder"}
        unknown = set(given) - known
        if unknown:
            raise ConfigError(
                f"A configuration with {sorted(map(str, unknown))}",
                expected=", ".join(sorted(known)),
            )
        lacking = {"store", "task", "primary", "models"} - set(given)
        if lacking:
            raise ConfigError(f"A configuration without {sorted(lacking)}", expected="all of them")
        models = mapping_of("models", given["models"])
        seed = given.get("seed", 0)
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise ConfigError(f"The seed {seed!r}", expected="a whole number, 0 or more")
        return cls(
            store=str(given["store"]), task=_task(given["task"], Path(folder)),
            primary=str(given["primary"]),
            models={str(name): ModelConfig.of(str(name), one) for name, one in models.items()},
            features=_features(given.get("features")),
            cohort=str(given.get("cohort") or ""),
            split=SplitConfig.of(given.get("split") or {}),
            evaluation=evaluation_wishes(given.get("evaluation") or {}),
            seed=seed, device=str(given.get("device", "auto")),
            logger=str(given.get("logger", "csv") or ""), out=str(given.get("out", "run")),
            folder=Path(folder),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """All that decides the result, as JSON: places, the device and the logger do not."""
        return {
            "task": self.task if isinstance(self.task, str) else self.task.plain(),
            "primary": self.primary,
            "models": {name: one.plain() for name, one in self.models.items()},
            "features": None if self.features is None else dict(self.features),
            "cohort": self.cohort, "split": self.split.plain(),
            "evaluation": dict(self.evaluation), "seed": self.seed,
        }  # fmt: skip

    @property
    def sha256(self) -> str:
        """Of what decides the result; a result that names it can be made again."""
        text = json.dumps(self.plain(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def task_in(self, store: Store) -> Task:
        """The task; of one that is named, what the store or oncograph knows under the name.

        Raises
        ------
        ConfigError
            There is no such task.
        """
        if isinstance(self.task, Task):
            return self.task
        known = {one.task.name: one.task for one in tasks(store)}
        if self.task not in known:
            raise ConfigError(
                f"No task {self.task!r}", expected=f"a file, or one of {sorted(known)}"
            )
        return known[self.task]

    @property
    def place(self) -> str:
        """Of the store."""
        return self.store if "://" in self.store else str(self.folder / self.store)

    @property
    def results(self) -> Path:
        """The folder of the results."""
        return self.folder / self.out


def _features(said: Any) -> dict[str, Any] | None:
    """Looked through before a store is opened; taken as they were written."""
    if said is None:
        return None
    given = dict(mapping_of("features", said))
    try:
        Spec.of(given)
    except ExamplesError as error:
        raise ConfigError(f"features: {error.found}", expected=error.expected) from error
    return given


def _task(said: Any, folder: Path) -> Task | str:
    try:
        if isinstance(said, Mapping):
            return Task.of(said)
        name = str(said)
        if name.endswith((".yaml", ".yml", ".json")):
            return Task.read(folder / name)
    except TaskError as error:
        raise ConfigError(f"task: {error.found}", expected=error.expected, do=error.do) from error
    return name
