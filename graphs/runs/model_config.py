"""ModelConfig: one model of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphs.errors import ConfigError
from graphs.runs.mapping_of import mapping_of


@dataclass(frozen=True)
class ModelConfig:
    """One model of a run.

    Attributes
    ----------
    model : str
        One of `graphs.models.models.models`.
    settings : dict
        Of the model; what is not said is its default.
    """

    model: str
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, said: Any) -> ModelConfig:
        """Read ``{model: stack, settings: {...}}``; all of it may be left out.

        Raises
        ------
        ConfigError
        """
        given = dict(mapping_of(f"models: {name}", {} if said is None else said))
        unknown = set(given) - {"model", "settings"}
        if unknown:
            raise ConfigError(
                f"The model {name!r} with {sorted(map(str, unknown))}",
                expected="model, settings",
            )
        settings = dict(mapping_of(f"models: {name}: settings", given.get("settings") or {}))
        return cls(str(given.get("model", name)), settings)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {"model": self.model, "settings": self.settings}
