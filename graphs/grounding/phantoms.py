"""Phantoms: made-up pictures with two lesions, and sentences about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE = 64
KINDS = ("nodule", "cyst", "ring", "band")
# Ways of saying it; the last of each is held out of training.
_WORDS = {
    "nodule": ("a bright round nodule", "dense solid nodule", "there is a solid nodule"),
    "cyst": ("a dark round cyst", "lucent cyst", "there is a thin walled cyst"),
    "ring": ("a ring shaped lesion", "cavity with a bright ring", "there is a ring lesion"),
    "band": ("a horizontal band", "linear band of atelectasis", "there is a linear band"),
}
_SIDES = ("left", "right")


@dataclass(frozen=True)
class Phantom:
    """A synthetic frontal picture.

    Attributes
    ----------
    picture : ndarray, (y, x), float32
        About 0 to 1; the patient's left on the right, as radiographs are hung.
    lesions : dict
        ``(kind, side)`` to its mask, bool ``(y, x)``.
    """

    picture: NDArray[np.float32]
    lesions: dict[tuple[str, str], NDArray[np.bool_]]


def phantom(rng: np.random.Generator) -> Phantom:
    """Make a chest of two lungs with two lesions of different kinds, one a side.

    Parameters
    ----------
    rng : numpy.random.Generator
    """
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    picture = np.full((SIZE, SIZE), 0.55, np.float32)
    for middle in (18, 46):
        lung = ((x - middle) / 11) ** 2 + ((y - 32) / 24) ** 2 < 1
        picture[lung] = 0.35
    smooth = rng.normal(0, 0.05, (SIZE // 8, SIZE // 8)).repeat(8, 0).repeat(8, 1)
    picture += (smooth + rng.normal(0, 0.04, picture.shape)).astype(np.float32)
    kinds = rng.choice(len(KINDS), 2, replace=False)
    lesions: dict[tuple[str, str], NDArray[np.bool_]] = {}
    for kind, side in zip(kinds, rng.permutation(_SIDES), strict=True):
        middle = 46 if side == "left" else 18
        at = rng.uniform(16, 48), middle + rng.uniform(-4, 4)
        mask = _draw(picture, KINDS[kind], at, float(rng.uniform(4, 6)), y, x)
        lesions[KINDS[kind], str(side)] = mask
    return Phantom(picture, lesions)


def _draw(
    picture: NDArray[np.float32],
    kind: str,
    at: tuple[float, float],
    radius: float,
    y: NDArray[np.float32],
    x: NDArray[np.float32],
) -> NDArray[np.bool_]:
    far = np.hypot(y - at[0], x - at[1])
    if kind == "band":
        mask: NDArray[np.bool_] = (np.abs(y - at[0]) < 1.5) & (np.abs(x - at[1]) < 1.5 * radius)
        picture[mask] += 0.35
        return mask
    mask = np.asarray(far < radius)
    if kind == "nodule":
        picture[mask] += 0.35
    elif kind == "cyst":
        picture[mask] -= 0.3
    else:
        picture[mask & (far > radius - 2)] += 0.35
    return mask


def sentence(
    kind: str, side: str, rng: np.random.Generator | None = None, *, held_out: bool = False
) -> str:
    """Say that there is a lesion.

    Parameters
    ----------
    kind : {'nodule', 'cyst', 'ring', 'band'}
    side : {'left', 'right'}
    rng : numpy.random.Generator, optional
        Chooses the words; the first ones without it.
    held_out : bool
        Words that no training sentence has in that order.
    """
    ways = _WORDS[kind]
    words = ways[-1] if held_out else ways[0 if rng is None else int(rng.integers(len(ways) - 1))]
    return f"{words} in the {side} lung"
