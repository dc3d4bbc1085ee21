"""ModelScore: what one binary model says of one finding on one image."""

from __future__ import annotations

from dataclasses import dataclass

from graphs.producer import Producer


@dataclass(frozen=True)
class ModelScore:
    """A score, and the threshold from which it counts as present.

    Attributes
    ----------
    finding : str
        As in the sentence table: 'pleural effusion'.
    value, threshold : float
        Present where ``value >= threshold``; both on the model's own scale.
    target : str
        Address without key and version of the image that it looked at.
    producer : Producer
        The model, with its checkpoint's sha256.
    """

    finding: str
    value: float
    threshold: float
    target: str
    producer: Producer

    @property
    def present(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.value >= self.threshold
