from __future__ import annotations

import numpy as np
import pytest

from graphs.collate_prior import collate_prior
from graphs.errors import FollowError

WIDTH = 8


def samples():
    rng = np.random.default_rng(0)
    return [
        {
            "id": "A",
            "frontal": rng.normal(size=(5, WIDTH)),
            "lateral": rng.normal(size=(3, WIDTH)),
            "prior frontal": rng.normal(size=(4, WIDTH)),
            "prior lateral state": "not acquired",
        },
        {"id": "B", "frontal": rng.normal(size=(6, WIDTH)), "prior frontal": None},
    ]


def attend(batch):
    """One head of attention with fixed weights, a vector a sample: what a model would do."""
    rng = np.random.default_rng(1)
    query, key, value = (rng.normal(size=(WIDTH, WIDTH)) for _ in range(3))
    places = rng.normal(size=(len(batch["slots"]) + 1, WIDTH))
    x = batch["tokens"] + places[batch["slot"]]
    score = (x @ query) @ (x @ key).swapaxes(1, 2)
    score = np.where(batch["mask"][:, None, :], score, -np.inf)
    weight = np.exp(score - score.max(-1, keepdims=True))
    out = (weight / weight.sum(-1, keepdims=True)) @ (x @ value)
    real = batch["mask"][..., None]
    return (out * real).sum(1) / real.sum(1)


def test_masks_slots_and_states():
    batch = collate_prior(samples(), absent=np.full(WIDTH, 0.5))
    assert batch["tokens"].shape == (2, 13, WIDTH)
    assert batch["mask"].sum(1).tolist() == [5 + 3 + 4 + 1, 6 + 1 + 1 + 1]
    assert batch["slot"][0].tolist() == [0] * 5 + [1] * 3 + [2] * 4 + [3]
    assert batch["slot"][1].tolist() == [0] * 6 + [1, 2, 3] + [-1] * 4
    assert batch["present"].tolist() == [[True, True, True, False], [True, False, False, False]]
    # an absent slot is a token that is attended to, padding is not
    assert (batch["tokens"][batch["absent_token"]] == 0.5).all()
    assert batch["absent_token"].sum(1).tolist() == [1, 3]
    assert (batch["mask"] | ~batch["absent_token"]).all()
    assert not batch["tokens"][~batch["mask"]].any()
    assert batch["state"][0]["prior lateral"] == "not acquired"
    assert batch["state"][1]["prior frontal"] == "absent"


@pytest.mark.parametrize("gone", ["prior frontal", "lateral"])
def test_dropping_a_slot_of_one_changes_nothing_of_the_other(gone):
    whole = attend(collate_prior(samples()))
    less = samples()
    less[0][gone] = None
    dropped = attend(collate_prior(less))
    assert np.abs(dropped[1] - whole[1]).max() < 1e-6
    assert np.abs(dropped[0] - whole[0]).max() > 1e-3
    alone = attend(collate_prior(samples()[1:]))
    assert np.abs(alone[0] - whole[1]).max() < 1e-6


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [{"id": "A", "frontal": np.ones((2, 3))}, {"id": "B", "frontal": np.ones((2, 4))}],
        [{"id": "A", "frontal": np.array([[np.nan]])}],
        [{"id": "A", "oblique": np.ones((2, 3))}],
        [{"id": "A"}],
    ],
)
def test_what_cannot_be_put_together(wrong):
    with pytest.raises(FollowError):
        collate_prior(wrong)
