"""Losses of the outcomes that networks learn; each is a mean over what is known in a batch."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor
from torch.nn import functional


def cox_loss(log_hazard: Tensor, time: Tensor, event: Tensor) -> Tensor | None:
    """Negative log partial likelihood over the events of a batch, ties by Efron's method.

    Cox, D.R. (1972), J R Stat Soc B 34, 187-220; Efron, B. (1977), JASA 72, 557-565; computed by
    torchsurv. With several causes, the sum over them: each censors the others.

    Parameters
    ----------
    log_hazard : Tensor, (patient, cause)
    time : Tensor, (patient,)
    event : Tensor of int, (patient,)
        0 censored, else the cause from 1.

    Returns
    -------
    Tensor or None
        None where the batch has no event with anybody to compare it with.
    """
    if len(time) < 2:
        return None
    parts = []
    for cause in range(log_hazard.shape[1]):
        happened = event == cause + 1
        if happened.any():
            # it depends on differences alone, and exp() overflows without this
            risk = log_hazard[:, cause] - log_hazard[:, cause].detach().max()
            parts.append(_partial(risk, happened, time))
    return torch.stack(parts).sum() if parts else None


def hazards(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Log hazards of intervals, and logs of the probability to get through each.

    Parameters
    ----------
    logits : Tensor, (patient, cause, interval)
        Against no event, whose logit is 0.

    Returns
    -------
    Tensor, (patient, cause, interval)
    Tensor, (patient, interval)
    """
    none = torch.zeros_like(logits[:, :1])
    logs = functional.log_softmax(torch.cat([none, logits], dim=1), dim=1)
    return logs[:, 1:], logs[:, 0]


def discrete_loss(logits: Tensor, place: Tensor, exposure: Tensor, event: Tensor) -> Tensor:
    """Negative log likelihood of times in intervals, with one cause or several.

    The logistic hazard of Gensheimer and Narasimhan (PeerJ 2019, 7:e6257); with several causes
    each interval ends in one of them or in none (Tutz and Schmid, Modeling Discrete
    Time-to-Event Data, 2016, chapter 8). A censored patient counts for the part of his interval
    in which he was followed.

    Parameters
    ----------
    logits : Tensor, (patient, cause, interval)
    place : Tensor of int, (patient,)
        Interval in which the time lies.
    exposure : Tensor, (patient,)
        Share of that interval in which the patient was followed, 0 to 1.
    event : Tensor of int, (patient,)
        0 censored, else the cause from 1.
    """
    log_hazard, log_through = hazards(logits)
    steps = torch.arange(logits.shape[2], device=logits.device)
    through = (steps < place[:, None]).to(logits.dtype)
    own = (steps == place[:, None]).to(logits.dtype)
    followed = through + own * (exposure * (event == 0))[:, None]
    total = (followed * log_through).sum(dim=1)
    rows = torch.arange(len(place), device=logits.device)
    hit = log_hazard[rows, (event - 1).clamp(min=0), place]
    return -(total + torch.where(event > 0, hit, torch.zeros_like(hit))).mean()


def binary_loss(logit: Tensor, label: Tensor) -> Tensor:
    """Binary cross entropy of log odds, (patient,)."""
    return functional.binary_cross_entropy_with_logits(logit, label.to(logit.dtype))


def class_loss(logits: Tensor, label: Tensor) -> Tensor:
    """Cross entropy of classes, (patient, class)."""
    return functional.cross_entropy(logits, label.long())


def value_loss(value: Tensor, label: Tensor) -> Tensor:
    """Mean squared error, (patient,)."""
    return functional.mse_loss(value, label.to(value.dtype))


def _partial(risk: Tensor, happened: Tensor, time: Tensor) -> Tensor:
    with warnings.catch_warnings():
        # torchsurv 0.2 is written for an older torch
        warnings.filterwarnings("ignore", ".*torch.jit.script.* is deprecated")
        from torchsurv.loss.cox import neg_partial_log_likelihood

    # Ranks, in which who is censored comes after those who have the event at the same time: he is
    # at risk then, and torchsurv leaves that to the order of its sorting.
    rank = 2 * torch.unique(time, return_inverse=True)[1] + (~happened).long()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Ties in `time` detected")
        found: Tensor = neg_partial_log_likelihood(
            risk, happened, rank.to(risk.dtype), ties_method="efron", reduction="sum"
        )
    return found / happened.sum()
