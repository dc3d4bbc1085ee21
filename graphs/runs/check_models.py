"""check_models: whether the models of a configuration are there and have its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import NotFoundError, NotInstalledError
from graphs.errors import ConfigError, ModelError
from graphs.models.models import make_model

if TYPE_CHECKING:
    from graphs.runs.run_config import RunConfig


def check_models(config: RunConfig) -> None:
    """Make each model once, before a store is read; what is missing here is told by the run.

    Raises
    ------
    ConfigError
        There is no such model or setting, or a setting cannot be that; the message names it.
    """
    for name, one in config.models.items():
        try:
            make_model(one.model, seed=config.seed, **one.settings)
        except NotInstalledError:
            continue  # the others are fitted all the same, and the run says why this one is not
        except (NotFoundError, ModelError) as error:
            raise ConfigError(
                f"models: {name}: {error.found}", expected=error.expected, do=error.do
            ) from error
