"""Source: an item of a patient that is to be encoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphs.target_text import target_text


@dataclass(frozen=True)
class Source:
    """A report, an image or a waveform, not read yet.

    Attributes
    ----------
    key : str
        Of the patient.
    kind, item : str
        'reports', 'images' or 'waveforms', and the item's id.
    sha256 : str
        Of its content: another content is encoded anew.
    parts : callable
        Reads it: fragments ('chars=0:12'; '' is the whole), and as many inputs of the encoder.
    when : dict
        Fields of its day, as record tables have them.
    synthetic : bool
    """

    key: str
    kind: str
    item: str
    sha256: str
    parts: Callable[[], tuple[list[str], list[Any]]]
    when: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def input(self) -> str:
        """As runs name what they looked at."""
        return f"{self.kind}/{self.item}"

    def address(self, version: int, part: str) -> str:
        """Of one of its parts."""
        whole = f"onco:{self.key}/{target_text(self.kind, self.item)}@{version}"
        return f"{whole}#{part}" if part else whole
