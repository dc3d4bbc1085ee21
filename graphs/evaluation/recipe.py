"""Recipe: how to make an unfitted model, as often as folds need one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphs.errors import ModelError
from graphs.models.model import Model
from graphs.models.models import model_class


@dataclass(frozen=True)
class Recipe:
    """One model of an evaluation.

    Attributes
    ----------
    name : str
        As it stands in the tables.
    make : callable
        A seed to an unfitted model.
    """

    name: str
    make: Callable[[int], Model]

    def said(self, seed: int) -> list[Any]:
        """What makes the model, as JSON-able values."""
        made = self.make(seed)
        return [type(made).__module__, type(made).__qualname__, made.NAME, made.settings, made.seed]


def recipes(models: Any, device: str = "auto") -> list[Recipe]:
    """Read what models were asked for.

    Parameters
    ----------
    models : str, class, callable, tuple, or a sequence or mapping of these
        Name of a registered model; a class of `Model`; such a one with settings, as a pair; a
        callable that returns an unfitted model. The keys of a mapping are the names in the tables.
    device : str

    Returns
    -------
    list of Recipe

    Raises
    ------
    ModelError
        It is none of these, or two have one name.
    NotFoundError, NotInstalledError
        As `make_model`.
    """
    if isinstance(models, Mapping):
        found = [_recipe(one, device, str(name)) for name, one in models.items()]
    elif isinstance(models, Sequence) and not isinstance(models, str) and not _pair(models):
        found = [_recipe(one, device) for one in models]
    else:
        found = [_recipe(models, device)]
    names = [one.name for one in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice or not found:
        raise ModelError(
            f"Models of one name: {sorted(twice)}" if twice else "No models",
            do="give a mapping of names to models",
        )
    return found


def _pair(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], Mapping)


def _recipe(one: Any, device: str, name: str = "") -> Recipe:
    settings: Mapping[str, Any] = {}
    if _pair(one):
        one, settings = one
    if isinstance(one, str):
        one = model_class(one)
    if isinstance(one, type) and issubclass(one, Model):
        kind = one

        def make(seed: int) -> Model:
            return kind(seed=seed, device=device, **settings)

        make(0)  # a setting that it does not have is told before anything is fitted
        return Recipe(name or kind.NAME, make)
    if not callable(one) or isinstance(one, Model) or settings:
        raise ModelError(f"{one!r} makes no model", expected="a name, a class, or a factory")
    factory = one
    sample = factory()
    if not isinstance(sample, Model):
        raise ModelError(f"{one!r} makes {type(sample).__name__}", expected="a Model")

    def again(seed: int) -> Model:
        made: Model = factory()
        return made

    return Recipe(name or sample.NAME, again)
