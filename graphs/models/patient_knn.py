"""PatientKnn: a graph network over the training patients who are most like a patient."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.models.attribution import Attribution
from graphs.models.inputs import Inputs
from graphs.models.knn_net import KnnBatch, KnnNet, NearestGraph
from graphs.models.nearest_references import nearest_references
from graphs.models.neural import TRAINING, Arrays, NeuralModel
from graphs.models.reduce import Reduce

Has = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NearPatients:
    """Patients of whom batches can be had.

    Attributes
    ----------
    asked, graph, present, outcome
        As of `KnnBatch`.
    similarity : ndarray of float64, (patient, neighbour)
    vectors : dict of str to Tensor
        Scaled columns of each modality, (patient, column).
    """

    asked: NearestGraph
    graph: NearestGraph
    present: Tensor
    outcome: dict[str, Tensor]
    similarity: NDArray[np.float64]
    vectors: dict[str, Tensor]

    def batch(self, rows: Any) -> KnnBatch:
        """Some patients, by position."""
        at = torch.as_tensor(rows, dtype=torch.int64)
        own = self.asked
        return KnnBatch(
            NearestGraph(own.numbers[at], own.index[at], own.weight[at]), self.graph,
            self.present[at], {name: one[at] for name, one in self.outcome.items()},
        )  # fmt: skip


class PatientKnn(NeuralModel):
    """What patients like this one add to what is known of the patient (GraphSAGE, means).

    The graph of the training patients is frozen and is part of the checkpoint: their scaled
    features, so that a checkpoint is as confidential as they are, and hashes of their keys. A
    patient who is predicted for hears of the nearest of them alone, by the cosine over the
    modalities that both have; never of others that are asked about at the same time. A training
    patient is not a neighbour of himself.

    Settings
    --------
    neighbours, depth : int
        Neighbours a patient; layers, and so hops.
    hidden : int
    dropout, modality_dropout : float
        Of features and states; of whole modalities of the training patients.
    components : int
        Modalities of more columns are described by so many principal components.
    similar_by : list of str
        Modalities whose likeness counts; all where none is named.
    shares : mapping of str to float
        How much the likeness of a modality counts; 1 where nothing is said.
    transductive : bool
        Patients who are predicted for together are neighbours of each other too. What is said of
        one then depends on the others.

    The others are those of `NeuralModel`; a cohort of up to ``batch`` patients is trained as a
    whole, for all epochs unless some are ``held_out``.
    """

    NAME: ClassVar[str] = "patient-knn"
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "neighbours": 10, "depth": 1, "hidden": 64, "dropout": 0.3,
        "modality_dropout": 0.2, "components": 50, "similar_by": [], "shares": {},
        "transductive": False, "members": 2, "epochs": 60, "batch": 4096, "learning_rate": 2e-3,
        "held_out": 0.0,
    }  # fmt: skip

    reference: NearestGraph
    reference_has: Has
    known_as: list[str]

    def learn(self, train: Examples) -> None:
        """Scaling, components, and the graph of the training patients."""
        self.inputs = Inputs.fit(train, components=int(self.settings["components"]))
        names = self.inputs.modalities
        unknown = {*self.settings["similar_by"], *self.settings["shares"]} - set(names)
        if unknown:
            raise ModelError(
                f"Likeness by {sorted(unknown)}, of which no training patient has anything",
                expected=f"some of {list(names)}",
            )
        self._reduce()
        vectors, has = self._vectors(train)
        for name, one in self._reduced(vectors, has).items():
            # each modality weighs the same in likeness and in the first layer, wide or narrow
            power = float((one[has[:, names.index(name)]] ** 2).sum(dim=1).mean())
            self.factors[name] = (self._width / len(names) / max(power, 1e-9)) ** 0.5
        self.known_as = [_hash(key) for key in train.keys]
        self._freeze(self.numbers(vectors, has), has.numpy())

    def _reduce(self) -> None:
        names = self.inputs.modalities
        self.factors = dict.fromkeys(names, 1.0)
        # in double precision: a row does not depend on how many there are beside it
        self._layers = {name: Reduce.of(self.inputs, name).double() for name in names}
        self._width = sum(one.width for one in self._layers.values())

    def _freeze(self, numbers: Tensor, has: Has) -> None:
        index, _ = self._likeness(numbers, has, numbers, has, np.arange(len(has)))
        self.reference, self.reference_has = NearestGraph(numbers, *_mean_of(index)), has

    def _vectors(self, examples: Examples) -> tuple[dict[str, Tensor], Tensor]:
        found = self.inputs.prepare(examples)
        return found.vectors, found.present

    def _reduced(self, vectors: Mapping[str, Tensor], has: Tensor) -> dict[str, Tensor]:
        """Centred at the mean of training; 0 where a patient has nothing of the modality."""
        return {
            name: (layer.to(vectors[name].device)(vectors[name].double()) * self.factors[name]
                   * has[:, k, None]).float()
            for k, (name, layer) in enumerate(self._layers.items())
        }  # fmt: skip

    def numbers(self, vectors: Mapping[str, Tensor], has: Tensor) -> Tensor:
        """What enters the network, (patient, number), of scaled columns of each modality."""
        return torch.cat(list(self._reduced(vectors, has).values()), dim=1)

    @property
    def spans(self) -> dict[str, slice]:
        """Which numbers are those of each modality."""
        made, at = {}, 0
        for name, layer in self._layers.items():
            made[name] = slice(at, at + layer.width)
            at += layer.width
        return made

    def _likeness(
        self, numbers: Tensor, has: Has, other: Tensor, other_has: Has, same: Ints
    ) -> tuple[Ints, NDArray[np.float64]]:
        names = self.inputs.modalities
        by = [name for name in names if name in (self.settings["similar_by"] or names)]
        columns, spans = [names.index(name) for name in by], self.spans
        mine, theirs = numbers.double().numpy(), other.double().numpy()
        return nearest_references(
            {name: mine[:, spans[name]] for name in by},
            {name: theirs[:, spans[name]] for name in by},
            int(self.settings["neighbours"]), known=(has[:, columns], other_has[:, columns]),
            same=same, shares=self.settings["shares"],
        )  # fmt: skip

    def prepare(self, examples: Examples, outcome: Arrays | None = None) -> NearPatients:
        """Patients with their neighbours."""
        vectors, has = self._vectors(examples)
        numbers, graph, graph_has = self.numbers(vectors, has), self.reference, self.reference_has
        place = {one: k for k, one in enumerate(self.known_as)}
        same = np.array([place.get(_hash(key), -1) for key in examples.keys], np.int64)
        if self.settings["transductive"]:
            fresh = same < 0
            same[fresh] = len(graph_has) + np.arange(fresh.sum())
            both = torch.cat([graph.numbers, numbers[torch.as_tensor(fresh)]])
            graph_has = np.concatenate([graph_has, has.numpy()[fresh]])
            own = np.arange(len(both))
            index, _ = self._likeness(both, graph_has, both, graph_has, own)
            graph = NearestGraph(both, *_mean_of(index))
        index, near = self._likeness(numbers, has.numpy(), graph.numbers, graph_has, same)
        known = {name: torch.as_tensor(one) for name, one in (outcome or {}).items()}
        asked = NearestGraph(numbers, *_mean_of(index))
        return NearPatients(asked, graph, has, known, near, vectors)

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        said = self.settings
        return KnnNet(
            list(self.spans.values()), said["hidden"], said["depth"], self.objective.outputs,
            said["dropout"], said["modality_dropout"],
        )  # fmt: skip

    def neighbours(self, examples: Examples, among: tuple[str, ...] = ()) -> pd.DataFrame:
        """The training patients that each patient hears of.

        Parameters
        ----------
        examples : Examples
        among : tuple of str
            Keys of the store that the model was trained on. The checkpoint holds no keys: a
            neighbour is named where its key is given here.

        Returns
        -------
        pandas.DataFrame
            A row a neighbour, the nearest first: ``patient``, ``reference`` (its place among the
            training patients), ``key`` ('' where not told), ``similarity`` (-1 to 1).
        """
        found = self.prepare(examples)
        told = {_hash(key): key for key in among}
        rows, places = np.nonzero(found.asked.weight.numpy())
        which = found.asked.index.numpy()[rows, places]
        names = [self.known_as[k] if k < len(self.known_as) else "" for k in which]
        return pd.DataFrame({
            "patient": [examples.keys[row] for row in rows], "reference": which,
            "key": [told.get(name, "") for name in names],
            "similarity": found.similarity[rows, places],
        })  # fmt: skip

    def explain(
        self, examples: Examples, *, method: str = "integrated gradients", steps: int = 64
    ) -> Attribution:
        """Integrated gradients of the patient's own features and of the neighbours' states.

        The neighbours stay those that they are; ``weights["neighbours"]`` holds what each of them
        adds, in the order of `neighbours`. Their addresses are not told, since a checkpoint may
        have left its store. `Attribution.base` is the risk of a patient who is as the mean of the
        training and is like nobody; base and shares add up to the risk.

        Raises
        ------
        ModelError
            There is no such method.
        """
        from graphs.models.knn_explained import knn_explained

        if method != "integrated gradients":
            raise ModelError(f"No method {method!r}", expected="'integrated gradients'")
        return knn_explained(self, examples, steps)

    def learnt(self) -> tuple[dict[str, Any], Arrays]:
        """Scaling, and the training patients' graph."""
        values, arrays = super().learnt()
        values |= {"factors": list(self.factors.values()), "known_as": self.known_as}
        arrays["reference"] = self.reference.numbers.numpy()
        arrays["reference has"] = self.reference_has.astype(np.uint8)
        return values, arrays

    def relearn(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take what `learnt` gave."""
        super().relearn(values, arrays)
        self._reduce()
        self.factors = dict(zip(self.factors, map(float, values["factors"]), strict=True))
        self.known_as = list(map(str, values["known_as"]))
        has = arrays["reference has"].astype(bool)
        self._freeze(torch.as_tensor(arrays["reference"]), has)


def _mean_of(index: Ints) -> tuple[Tensor, Tensor]:
    """Neighbours with the weights of a mean; who is missing weighs nothing."""
    real = index >= 0
    weight = (real / np.maximum(real.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    return torch.as_tensor(np.maximum(index, 0)), torch.as_tensor(weight)


def _hash(key: str) -> str:
    return hashlib.sha256(b"reference patient\0" + key.encode()).hexdigest()[:24]
