from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from explorer.split.fingerprint import fingerprint
from explorer.split.match_fingerprints import CERTAIN, match_fingerprints

# synthetic: smooth noise, another one for each seed
SPACING = (3.0, 2.0, 2.0)


def _volume(seed: int) -> NDArray[np.float32]:
    rough = np.random.default_rng(seed).normal(size=(40, 70, 80))
    return np.asarray(gaussian_filter(rough, (1.5, 2.2, 2.2)) * 4000, np.float32)


def test_a_copy_is_found_whatever_was_done_to_it() -> None:
    volume, other = _volume(1), _volume(2)
    shown = np.clip(volume[4:36, 10:64, 12:70] / 8 + 128, 0, 255).astype(np.uint8)
    copies = [volume + np.float32(30), shown, np.flip(shown, 2), volume[:, ::2, ::2]]
    spacings = [SPACING, SPACING, SPACING, (3.0, 4.0, 4.0)]
    prints = [fingerprint(one, size) for one, size in zip(copies, spacings, strict=True)]
    prints = [fingerprint(volume, SPACING), *prints, fingerprint(other, SPACING)]
    found = {(one.one, one.other): one for one in match_fingerprints(prints, range(len(prints)))}
    for copy in (1, 2, 3, 4):
        assert found[0, copy].points >= CERTAIN
        assert not found[0, copy].exact
    assert found[0, 3].mirrored == (2,)
    assert not any(5 in pair and one.points >= CERTAIN for pair, one in found.items())
    straight = match_fingerprints(prints, range(len(prints)), flips=False)
    assert (0, 3) not in {(one.one, one.other) for one in straight}


def test_the_same_values_are_the_same_whatever_the_owner_says_of_them() -> None:
    volume = np.zeros((3, 4, 5), np.int16)
    prints = [fingerprint(volume), fingerprint(volume.copy()), fingerprint(volume)]
    found = match_fingerprints(prints, ["a", "b", "a"])
    assert [(one.one, one.other, one.exact) for one in found] == [(0, 1, True), (1, 2, True)]
    assert match_fingerprints(prints, ["a", "a", "a"]) == []


def test_pictures_are_compared_too() -> None:
    rough = np.random.default_rng(4).normal(size=(500, 400))
    picture = gaussian_filter(rough, 6).astype(np.float32)
    prints = [fingerprint(one, (1.0, 1.0)) for one in (picture, picture[40:460, 30:390] * 2)]
    (match,) = match_fingerprints(prints, [0, 1])
    assert match.points >= CERTAIN
