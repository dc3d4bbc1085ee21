"""Attenuation: Hounsfield units to what a millimetre takes from an X-ray beam."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Water at 60 keV: 0.2059 cm2/g (NIST XCOM), the mean energy of a chest X-ray at about 120 kV.
MU_WATER = 0.02059


def attenuation(hu: NDArray[Any], mu_water: float = MU_WATER) -> NDArray[np.float32]:
    """Linear attenuation of one energy.

    ``mu = mu_water * (1 + HU / 1000)``, the definition of the Hounsfield unit; what is thinner
    than air (padding of -2048) counts as air.

    Parameters
    ----------
    hu : ndarray
    mu_water : float
        Per mm.

    Returns
    -------
    ndarray, float32
        Per mm, never negative.
    """
    mu = np.asarray(hu, np.float32) * np.float32(mu_water / 1000)
    mu += np.float32(mu_water)
    np.maximum(mu, 0, out=mu)
    return mu
