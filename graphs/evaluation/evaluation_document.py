"""evaluation_document: an evaluation as JSON-able values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from graphs.evaluation.evaluation import Evaluation

FORMAT = 1


def evaluation_document(found: Evaluation) -> dict[str, Any]:
    """All that an evaluation found.

    Parameters
    ----------
    found : Evaluation

    Returns
    -------
    dict
        NaN is None.
    """
    setting = found.setting
    said = {
        "format": FORMAT, "task": setting.target.name, "kind": setting.target.kind,
        "unit": setting.target.unit, "patients": len(setting.examples),
        "snapshot": setting.examples.snapshot, "examples_sha256": setting.digest,
        "horizon": setting.horizon, "seed": setting.seed, "draws": found.draws,
        "measure": found.measure.name, "complete": found.complete, "words": found.words,
        "verdicts": [{"model": one.model, "said": one.said, "best": one.best,
                      "difference": one.difference.value, "low": one.difference.low,
                      "high": one.difference.high, "p": one.difference.p,
                      "inferior": one.inferior} for one in found.verdicts],
        "calibration": {name: {"slope": vars(one.slope), "large": vars(one.large),
                               "ici": one.ici, "groups": one.groups.to_dict("records")}
                        for name, one in found.calibrations.items()},
    }  # fmt: skip
    for name in ("table", "measures", "differences", "controls", "missing", "subgroups",
                 "operating"):  # fmt: skip
        said[name] = getattr(found, name).to_dict("records")
    plain: dict[str, Any] = _plain(said)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating | float):
        return float(value) if np.isfinite(value) else None
    return value
