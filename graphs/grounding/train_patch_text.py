"""Train a PatchText on phantoms: pictures and sentences, without a box."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch.nn import functional

from graphs.grounding.patch_text import PatchText
from graphs.grounding.phantoms import KINDS, phantom, sentence
from graphs.grounding.scaled_picture import scaled_picture
from graphs.model_folder import chosen_device

_SIDES = ("left", "right")
_EVERY = [(kind, side) for kind in KINDS for side in _SIDES]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are split by the number of threads, and the weights would depend on the machine's."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@_one_thread()
def train_patch_text(
    seed: int = 0, *, phantoms: int = 512, steps: int = 150, batch: int = 16, device: str = "auto"
) -> PatchText:
    """Learn which sentence is true of which picture; where it is true, comes of itself.

    Each sentence is held against every picture of a batch, and is true of some of them (the
    sigmoid loss of SigLIP, Zhai et al., ICCV 2023).

    Parameters
    ----------
    seed : int
        Of the phantoms and of the weights.
    phantoms, steps, batch : int
    device : str
        'auto', 'cpu', 'cuda'.

    Returns
    -------
    PatchText
        With the seed and what it was trained on in its settings. It has seen no patient.
    """
    rng = np.random.default_rng(seed)
    place = chosen_device(device)
    settings: dict[str, object] = {"trained_on": "phantoms", "seed": seed, "phantoms": phantoms}
    settings |= {"steps": steps, "batch": batch}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = PatchText(settings=settings)
    model = model.to(place).train()
    made = [phantom(rng) for _ in range(phantoms)]
    pictures = torch.as_tensor(
        np.stack([scaled_picture(one.picture) for one in made]), device=place
    )
    true = torch.tensor([[key in one.lesions for key in _EVERY] for one in made], device=place)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-2, total_steps=steps)
    for _ in range(steps):
        chosen = torch.as_tensor(rng.choice(phantoms, batch, replace=False), device=place)
        said = [sentence(kind, side, rng) for kind, side in _EVERY]
        logits = model.scores(pictures[chosen], said)
        loss = functional.binary_cross_entropy_with_logits(logits, true[chosen].float())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return model.eval()
