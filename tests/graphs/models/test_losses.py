"""Losses equal those that are written out by hand."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from graphs.models.losses import cox_loss, discrete_loss  # noqa: E402

RNG = np.random.default_rng(0)
RISK = torch.tensor(RNG.normal(size=(9, 2)), dtype=torch.float64)
EVENT = np.array([1, 0, 2, 1, 1, 0, 1, 2, 1])


def efron(risk: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
    """As Efron (1977) writes it: of m who die together, the k-th leaves k/m of them behind."""
    found = []
    for moment in np.unique(time[event]):
        dead = event & (time == moment)
        at_risk = np.exp(risk[time >= moment]).sum()
        own = np.exp(risk[dead]).sum()
        count = int(dead.sum())
        below = sum(np.log(at_risk - k / count * own) for k in range(count))
        found.append(risk[dead].sum() - below)
    return -float(np.sum(found)) / int(event.sum())


@pytest.mark.parametrize(
    "time",
    [
        np.arange(9.0),
        np.array([1, 1, 1, 2, 2, 3, 3, 3, 3.0]),
        np.array([1, 2, 3, 4, 5, 4, 6, 7, 8.0]),
    ],
    ids=["no ties", "ties", "a tie with a censored one"],
)
def test_cox_equals_a_hand_written_one(time: np.ndarray) -> None:
    loss = cox_loss(RISK, torch.tensor(time), torch.tensor(EVENT))
    assert loss is not None
    parts = [efron(RISK[:, k].numpy(), time, k + 1 == EVENT) for k in (0, 1)]
    assert float(loss) == pytest.approx(sum(parts), rel=1e-6)  # torchsurv takes float32


def test_large_log_hazards_do_not_overflow() -> None:
    loss = cox_loss(RISK.float() * 20 + 500, torch.arange(9), torch.tensor(EVENT))
    assert loss is not None
    assert torch.isfinite(loss)


def test_a_batch_without_events_says_nothing() -> None:
    none = torch.zeros(9, dtype=torch.int64)
    assert cox_loss(RISK, torch.arange(9), none) is None
    assert cox_loss(RISK[:1], torch.arange(1), torch.tensor([1])) is None


def test_intervals_equal_a_hand_written_likelihood() -> None:
    logits = torch.tensor(RNG.normal(size=(3, 2, 4)))
    place, event = [2, 0, 3], [2, 0, 1]
    exposure = [0.3, 0.25, 0.9]
    total = 0.0
    for k in range(3):
        power = np.exp(logits[k].numpy())
        hazard, none = power / (1 + power.sum(axis=0)), 1 / (1 + power.sum(axis=0))
        total += np.log(none[: place[k]]).sum()
        own = hazard[event[k] - 1, place[k]] if event[k] else none[place[k]] ** exposure[k]
        total += np.log(own)
    loss = discrete_loss(
        logits, torch.tensor(place), torch.tensor(exposure, dtype=torch.float64),
        torch.tensor(event),
    )  # fmt: skip
    assert float(loss) == pytest.approx(-total / 3, abs=1e-9)
