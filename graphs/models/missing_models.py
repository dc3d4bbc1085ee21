"""missing_models: registered models that cannot be loaded here, and what to install."""

from __future__ import annotations

from importlib.util import find_spec

from explorer.errors import NotInstalledError
from graphs.models.models import model_class, models

# What the models that oncograph brings need: where all are there, none has to be tried.
_NEEDED = ("torch", "lightning", "torch_geometric", "torchsurv", "sksurv", "safetensors", "captum")


def missing_models() -> dict[str, str]:
    """Find models whose packages are missing.

    Returns
    -------
    dict of str to str
        Name to why, with what to install. Empty where all that oncograph's models need is
        installed: to load every model only to see that it can be would take seconds.
    """
    if all(find_spec(name) is not None for name in _NEEDED):
        return {}
    found = {}
    for name in models():
        try:
            model_class(name)
        except NotInstalledError as error:
            found[name] = str(error)
    return found
