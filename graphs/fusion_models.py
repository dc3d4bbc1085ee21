"""fusion_models: the models that are installed, by entry point."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from explorer.errors import NotFoundError, NotInstalledError
from graphs.fusion_model import FusionModel

GROUP = "oncograph.models"


def fusion_models() -> dict[str, EntryPoint]:
    """Names of the models that packages have registered; none of them is loaded by this."""
    found = sorted(entry_points(group=GROUP))
    # those of graphs.models take examples, and are made by graphs.models.models.make_model
    return {point.name: point for point in found if not point.value.startswith("graphs.models.")}


def make_model(name: str) -> FusionModel:
    """Make an untrained model.

    Parameters
    ----------
    name : str
        One of `fusion_models`.

    Raises
    ------
    NotFoundError
        None is so called.
    NotInstalledError
        What it needs is missing, or it is no model.
    """
    found = fusion_models()
    if name not in found:
        raise NotFoundError(f"No model {name!r}", expected=f"one of {list(found)}")
    try:
        made = found[name].load()()
    except ImportError as error:
        raise NotInstalledError(
            f"The model {name!r} cannot be loaded: {error}", do="install what it needs"
        ) from error
    if not isinstance(made, FusionModel):
        raise NotInstalledError(f"{name!r} is no FusionModel", do="see graphs.fusion_model")
    return made
