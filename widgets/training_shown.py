"""training_shown: a training as the fusion view has it in the browser."""

from __future__ import annotations

import base64
from typing import Any

from widgets.fusion_training import FusionTraining

_MOST = 12  # features of a modality that are named


def training_shown(run: FusionTraining, title: str, png: bytes) -> dict[str, Any]:
    """How far a training is, how well it did, and what it was made of.

    Parameters
    ----------
    run : FusionTraining
    title : str
        Model and patients.
    png : bytes
        Picture of its losses and calibration.

    Returns
    -------
    dict
    """
    last, score = (run.epochs[-1] if run.epochs else None), run.scores
    text = ""
    if score is not None:
        text = (
            f"c-index {score.concordance:.3f} ({score.lower:.3f} to {score.upper:.3f}) on "
            f"{score.n} patients with {score.events} events that were not trained on"
        )
    return {
        "state": run.state, "message": run.message, "score": text, "doing": run.doing,
        "gain": score.gain if score is not None else "", "features": _features(run),
        "epoch": last.number if last else 0, "of": last.of if last else 0,
        "train": last.train if last else None,
        "picture": f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}",
        "alt": f"Loss and calibration of {title}. {text}",
    }  # fmt: skip


def _features(run: FusionTraining) -> list[str]:
    """What each modality is made of, for people."""
    if run.examples is None:
        return []
    said = []
    for name, block in run.examples.blocks.items():
        more = f", and {len(block.names) - _MOST} more" if len(block.names) > _MOST else ""
        said.append(
            f"{name}: {int(block.present.sum())} patients, {len(block.names)} features: "
            f"{', '.join(block.names[:_MOST])}{more}"
        )
    return said
