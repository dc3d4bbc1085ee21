"""Inputs: features of every modality as tensors, scaled by what training patients show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from graphs.errors import ModelError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.models.batch import Batch, pad
from graphs.models.scaler import Scaler

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Patients of whom batches can be had.

    Attributes
    ----------
    vectors : dict of str to Tensor
        (patient, column).
    bags : dict of str to (Tensor, Tensor)
        Instances, (instance, column), and the offsets of the patients, (patient + 1,).
    present : Tensor of bool, (patient, modality)
    outcome : dict of str to Tensor
    """

    vectors: dict[str, Tensor]
    bags: dict[str, tuple[Tensor, Tensor]]
    present: Tensor
    outcome: dict[str, Tensor]

    def __len__(self) -> int:
        return len(self.present)

    def batch(self, rows: Any) -> Batch:
        """Some patients, by position."""
        chosen = torch.as_tensor(rows, dtype=torch.int64)
        bags, masks = {}, {}
        for name, (instances, offsets) in self.bags.items():
            bags[name], masks[name] = pad(instances, offsets, chosen)
        return Batch(
            {name: one[chosen] for name, one in self.vectors.items()}, bags, masks,
            self.present[chosen], {name: one[chosen] for name, one in self.outcome.items()},
        )  # fmt: skip


@dataclass
class Inputs:
    """Scaling of each modality, learnt of training patients alone.

    Attributes
    ----------
    scalers : dict of str to Scaler
        By modality, in the order of the examples; of a bag that stays one, over its instances.
    bags : list of str
        Modalities whose instances are kept apart; other bags are averaged.
    means : dict of str to ndarray of float32, (column,)
        Of the scaled numbers in training, of patients or of instances.
    groups : dict of str to dict of str to list of int
        Columns of each named set of features of a modality.
    axes : dict of str to ndarray of float32, (component, column)
        Of wide modalities: principal components, over their standard deviations.
    """

    scalers: dict[str, Scaler] = field(default_factory=dict)
    bags: list[str] = field(default_factory=list)
    means: Arrays = field(default_factory=dict)
    groups: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    axes: Arrays = field(default_factory=dict)

    @classmethod
    def fit(cls, train: Examples, *, bags: bool = False, components: int = 0) -> Self:
        """Learn of training patients.

        Parameters
        ----------
        train : Examples
        bags : bool
            Whether instances of bags are kept apart.
        components : int
            Modalities of more columns are described by so many principal components; 0: none is.

        Raises
        ------
        ModelError
            No patient has anything.
        """
        made = cls()
        for name, block in train.blocks.items():
            if not block.present.any():
                continue
            kept = bags and isinstance(block, Bag)
            table = _instances(block) if kept else train.vectors(name)
            scaler = Scaler().fit(table)
            numbers = scaler.transform(table)[table.present]
            if not numbers.shape[1]:
                continue
            made.scalers[name] = scaler
            made.means[name] = numbers.mean(axis=0, dtype=np.float64).astype(np.float32)
            if kept:
                made.bags.append(name)
            elif 0 < components < numbers.shape[1]:
                made.axes[name] = _axes(numbers - made.means[name], components)
            place = {feature: k for k, feature in enumerate(scaler.names)}
            made.groups[name] = {
                group: np.flatnonzero(
                    np.isin(scaler.source, [place[one] for one in members if one in place])
                ).tolist()
                for group, members in getattr(block, "groups", {}).items()
            }
        if not made.scalers:
            raise ModelError("No training patient has anything of any modality")
        return made

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those that are used, in order."""
        return tuple(self.scalers)

    def width(self, modality: str) -> int:
        """Columns of a modality."""
        return len(self.scalers[modality].columns)

    def prepare(self, examples: Examples, outcome: Arrays | None = None) -> Prepared:
        """Any patients as tensors; a modality that the examples lack is absent of all.

        Raises
        ------
        ModelError
            A modality lacks a feature that training had.
        """
        count = len(examples)
        vectors, bags = {}, {}
        present = torch.zeros((count, len(self.scalers)), dtype=torch.bool)
        for at, (name, scaler) in enumerate(self.scalers.items()):
            block = examples.blocks.get(name)
            if name in self.bags:
                instances = torch.zeros((0, self.width(name)))
                offsets = torch.zeros(count + 1, dtype=torch.int64)
                if isinstance(block, Bag):
                    instances = torch.as_tensor(scaler.transform(_instances(block)))
                    offsets = torch.as_tensor(block.offsets)
                elif block is not None:
                    raise ModelError("One vector a patient", expected="a bag, as in training",
                                     where=name)  # fmt: skip
                bags[name] = (instances, offsets)
            elif block is None:
                vectors[name] = torch.zeros((count, self.width(name)))
            else:
                vectors[name] = torch.as_tensor(scaler.transform(examples.vectors(name)))
            if block is not None:
                present[:, at] = torch.as_tensor(block.present)
        known = {name: torch.as_tensor(one) for name, one in (outcome or {}).items()}
        return Prepared(vectors, bags, present, known)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """JSON-able values, and arrays by name."""
        names = list(self.scalers)
        values = {
            "names": names, "scalers": [self.scalers[name].plain() for name in names],
            "bags": self.bags, "groups": [self.groups[name] for name in names],
            "reduced": [name for name in names if name in self.axes],
        }  # fmt: skip
        # by number: names of modalities are anybody's
        arrays = {f"mean {k}": self.means[name] for k, name in enumerate(names)}
        arrays |= {f"axes {k}": self.axes[n] for k, n in enumerate(names) if n in self.axes}
        return values, arrays

    @classmethod
    def restored(cls, values: dict[str, Any], arrays: Arrays) -> Self:
        """What `state` gave."""
        made = cls(bags=list(values["bags"]))
        for k, name in enumerate(values["names"]):
            made.scalers[name] = Scaler.of(values["scalers"][k])
            made.means[name] = arrays[f"mean {k}"]
            made.groups[name] = values["groups"][k]
            if name in values["reduced"]:
                made.axes[name] = arrays[f"axes {k}"]
        return made


def _instances(bag: Block | Bag) -> Block:
    """The instances of a bag as if each were a patient."""
    values = bag.values if isinstance(bag, Bag) else bag.frame.to_numpy()
    frame = pd.DataFrame(values, columns=list(bag.names))
    return Block(bag.modality, frame, np.full(len(frame), "present"))


def _axes(numbers: NDArray[np.float32], components: int) -> NDArray[np.float32]:
    from sklearn.decomposition import PCA

    most = max(min(components, numbers.shape[0] - 1, numbers.shape[1]), 1)
    # a seed of its own: the axes are of the data, and all members of an ensemble share them
    found = PCA(most, random_state=0).fit(numbers)
    spread = np.sqrt(found.explained_variance_)
    kept = spread > 1e-6 * max(float(spread[0]), 1e-30)
    axes: NDArray[np.float32] = (found.components_[kept] / spread[kept, None]).astype(np.float32)
    return axes
