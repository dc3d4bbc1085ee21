"""taken: refuse an encoder of something else."""

from __future__ import annotations

from graphs.encoders.encoder import Encoder
from graphs.errors import ExamplesError


def taken(encoder: Encoder, *takes: str) -> None:
    """Check what an encoder takes.

    Raises
    ------
    ExamplesError
        It takes something else.
    """
    if encoder.TAKES not in takes:
        raise ExamplesError(
            f"{encoder.name} takes a {encoder.TAKES}",
            expected=f"an encoder of {' or '.join(takes)}",
        )
