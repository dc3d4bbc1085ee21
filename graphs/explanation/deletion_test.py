"""deletion_test: whether removing the named evidence changes predictions more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.explanation.deletion import Deletion
from graphs.explanation.explanation import Explanation
from graphs.explanation.without import without

if TYPE_CHECKING:
    from graphs.models.attribution import Attribution
    from graphs.models.model import Model

Mask = NDArray[np.bool_]
_FEWEST = 10


def deletion_test(
    model: Model,
    examples: Examples,
    attribution: Attribution | None = None,
    *,
    top: int = 3,
    draws: int = 20,
    within: bool = False,
    seed: int = 0,
) -> Deletion:
    """Remove what an attribution names, and as much that is drawn at random, patient by patient.

    Of each patient the heaviest `top` pieces of evidence are removed: a block's features become
    missing, a bag's instances go. The change of the risk is compared with the mean change over
    draws of as many known features and as many instances of the same patient.

    Parameters
    ----------
    model : Model
        Fitted, best on other patients than these.
    examples : Examples
    attribution : Attribution, optional
        The one to be tested; the model's own by default.
    top : int
        Pieces of evidence that are removed.
    draws : int
        Random removals.
    within : bool
        Draw as many of the same modality: harder, since to name the right modality is then not
        enough. By default they are drawn of all features, and all instances, of a patient.
    seed : int

    Returns
    -------
    Deletion

    Raises
    ------
    ExamplesError
        Fewer than 10 patients have anything to choose from.
    """
    rng = np.random.default_rng(seed)
    weights = model.explain(examples) if attribution is None else attribution
    before = np.asarray(model.predict(examples).risk, float)
    explanation = Explanation(model.NAME, examples, weights, before)
    known = {name: _known(block) for name, block in examples.blocks.items()}
    named = {name: np.zeros(mask.shape, bool) for name, mask in known.items()}
    for at, key in enumerate(examples.keys):
        _name(explanation, key, at, top, known, named)
    pools = [_pools(examples, known, named, at, within) for at in range(len(examples))]
    # a patient whose evidence is all that is known leaves nothing to compare with
    choice = np.array([bool(own) and any(n < len(pool) for pool, n in own) for own in pools], bool)
    if choice.sum() < _FEWEST:
        raise ExamplesError(
            f"{int(choice.sum())} patients have more than what is named",
            expected=f"at least {_FEWEST}", do="name less (top), or take more patients",
        )  # fmt: skip

    def change(masks: dict[str, Mask]) -> NDArray[np.float64]:
        after = np.asarray(model.predict(without(examples, masks)).risk, float)
        found: NDArray[np.float64] = np.abs(after - before)
        return found

    by_name = change(named)
    total = np.zeros(len(examples))
    for _ in range(draws):
        masks = {name: np.zeros(mask.shape, bool) for name, mask in known.items()}
        for own in pools:
            for pool, count in own:
                for place in rng.choice(len(pool), count, replace=False).tolist():
                    name, *where = pool[place]
                    masks[name][tuple(where)] = True
        total += change(masks)
    keys = tuple(key for key, told in zip(examples.keys, choice.tolist(), strict=True) if told)
    return Deletion(
        model.NAME, weights.method, keys, by_name[choice], (total / draws)[choice], top, draws,
        within, seed, len(examples) - len(keys),
    )  # fmt: skip


def _known(block: Block | Bag) -> Mask:
    if isinstance(block, Bag):
        return np.ones(len(block.owner), bool)
    found: Mask = block.frame.notna().to_numpy() & block.present[:, None]
    return found


def _name(
    explanation: Explanation, key: str, at: int, top: int, known: dict[str, Mask],
    named: dict[str, Mask],
) -> None:  # fmt: skip
    """Mark the heaviest pieces of a patient of which anything can be removed."""
    left = top
    for one in explanation.pieces(key, texts=False):
        if left == 0 or one.weight == 0 or one.state != "present":
            break
        block = explanation.examples.blocks.get(one.modality)
        if block is None:  # a node or a neighbour, which cannot be taken from one patient alone
            continue
        parts = np.array(one.parts, int)
        place: Any
        place = (block.offsets[at] + parts,) if isinstance(block, Bag) else (at, parts)
        there = known[one.modality][place]
        if there.any():
            named[one.modality][place] |= there
            left -= 1


Pool = tuple[list[tuple[object, ...]], int]


def _pools(
    examples: Examples, known: dict[str, Mask], named: dict[str, Mask], at: int, within: bool
) -> list[Pool]:
    """What can be drawn of a patient, and how many of it: as places in the masks."""
    found: dict[object, tuple[list[tuple[object, ...]], list[int]]] = {}
    for name, block in examples.blocks.items():
        bag = isinstance(block, Bag)
        where = block.of(at) if isinstance(block, Bag) else at
        own, counts = found.setdefault(name if within else bag, ([], []))
        counts.append(int(named[name][where].sum()))
        for part in np.flatnonzero(known[name][where]).tolist():
            own.append((name, block.offsets[at] + part) if isinstance(block, Bag)
                       else (name, at, part))  # fmt: skip
    return [(own, sum(counts)) for own, counts in found.values() if sum(counts)]
