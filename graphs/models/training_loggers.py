"""training_loggers: where the losses of a training go."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger

from explorer.errors import NotInstalledError


def training_loggers(
    logger: Logger | Sequence[Logger] | str | Path | None, name: str
) -> tuple[Logger, ...]:
    """Lightning's loggers.

    Parameters
    ----------
    logger : path, 'mlflow', Logger or a sequence of them, or None
        A path is a folder for a CSV file; 'mlflow' is the server that MLflow's environment names.
    name : str
        Of the model.

    Raises
    ------
    NotInstalledError
        MLflow is asked for and is not installed.
    """
    if logger is None:
        return ()
    if logger == "mlflow":
        if find_spec("mlflow") is None and find_spec("mlflow_skinny") is None:
            raise NotInstalledError("MLflow is not installed", do="pip install mlflow")
        return (MLFlowLogger(experiment_name=f"oncograph {name}"),)
    if isinstance(logger, str | Path):
        return (CSVLogger(logger, name=name),)
    return (logger,) if isinstance(logger, Logger) else tuple(logger)
