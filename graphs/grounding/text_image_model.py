"""What a model that compares places of a picture with a text is."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graphs.producer import Producer


class TextImageModel(Protocol):
    """Gives a similarity for each place of a picture.

    Attributes
    ----------
    producer : Producer
        With the sha256 of the weights.
    trained_on : str
        'phantoms' of a model that has seen no patient; else what its folder says, or 'unknown'.
    """

    producer: Producer
    trained_on: str

    def similarity(self, picture: NDArray[np.float32], text: str) -> NDArray[np.float32]:
        """Compare each place with a text.

        Parameters
        ----------
        picture : ndarray, (y, x), float32
            As `scaled_picture` gives it: about 0 to 1.
        text : str
            Hostile.

        Returns
        -------
        ndarray, (y, x), float32
            On the pixels of the picture; 0 to 1, or cosines of -1 to 1. No probability of disease.
        """
        ...
