"""models: the models that are installed, by entry point."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from explorer.errors import NotFoundError, NotInstalledError
from graphs.models.model import Model

GROUP = "oncograph.models"


def models() -> dict[str, EntryPoint]:
    """Names of the models that packages have registered; none of them is loaded by this."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


def model_class(name: str) -> type[Model]:
    """The class of a model.

    Raises
    ------
    NotFoundError
        None is so called.
    NotInstalledError
        What it needs is missing, or it is no model.
    """
    found = models()
    if name not in found:
        raise NotFoundError(f"No model {name!r}", expected=f"one of {list(found)}")
    try:
        made = found[name].load()
    except ImportError as error:
        raise NotInstalledError(
            f"The model {name!r} cannot be loaded: {error}",
            do="pip install 'oncograph[models]'",
        ) from error
    if not (isinstance(made, type) and issubclass(made, Model)):
        raise NotInstalledError(f"{name!r} is no Model", do="see graphs.models.model")
    return made


def make_model(name: str, *, seed: int = 0, device: str = "auto", **settings: Any) -> Model:
    """Make an untrained model.

    Parameters
    ----------
    name : str
        One of `models`.
    seed : int
    device : str
        'auto', 'cpu' or 'cuda'.
    **settings
        Of the model.

    Raises
    ------
    NotFoundError, NotInstalledError
        As `model_class`.
    ModelError
        The model has no such setting.
    """
    return model_class(name)(seed=seed, device=device, **settings)
