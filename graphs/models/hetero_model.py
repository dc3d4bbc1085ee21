"""HeteroModel: what networks over the patient graph share."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.hetero.neighbour_sampler import NeighbourSampler
from graphs.models.attribution import Attribution
from graphs.models.hetero_net import EdgeType, HeteroNet, Layout
from graphs.models.inputs import Inputs
from graphs.models.kept_apart import kept_apart
from graphs.models.neural import TRAINING, Arrays, NeuralModel
from graphs.models.own_graph import OwnGraph
from graphs.models.reduce import Reduce
from graphs.models.surrounded import Surrounded
from graphs.models.with_reverse import with_reverse

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

    from graphs.hetero.hetero_scaler import HeteroScaler


class HeteroModel(NeuralModel):
    """A network over the patient graph (`graphs.to_hetero`), read out at the patients.

    Messages reach a patient from the patient's own nodes, from the training patients, and from
    what is shared among those; never from another patient who was not trained on (`kept_apart`).
    So nothing of validation and test patients enters the training, and a prediction does not
    depend on which others the graph holds. The whole neighbourhood is read in prediction.

    Examples without a graph get one that is made of their features (`OwnGraph`), without edges
    between patients; a model that was trained on such a graph makes it of whomever it is asked
    about. A given graph should be made with ``train=`` the training patients; a graph of another
    cohort with ``like=model.graph_scaler``. The model keeps hashes of the training patients' keys.

    Settings
    --------
    hidden, layers, heads : int
        Size of a state; layers, and so hops; heads of attention ('hgt').
    dropout : float
    fuse : bool
        Whether the examples' blocks join the patient's state at the readout.
    modality_dropout : float
        Of the blocks of training patients.
    components : int
        Blocks of more columns are described by so many principal components.
    fan_out : list of int
        Most neighbours of each edge type in training, a hop after the other; none: all.
    transductive : bool
        Whether other patients who were not trained on send messages, in training and prediction.

    The others are those of `NeuralModel`.
    """

    NEEDS_GRAPH: ClassVar[bool] = True
    MAKES_GRAPH: ClassVar[bool] = True
    CONV: ClassVar[str]
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "hidden": 64, "layers": 2, "heads": 4, "dropout": 0.3, "fuse": True,
        "modality_dropout": 0.2, "components": 50, "fan_out": [], "transductive": False,
        "epochs": 60, "batch": 1024, "learning_rate": 2e-3, "held_out": 0.0,
    }  # fmt: skip

    layout: Layout
    known_as: list[str]
    own: OwnGraph | None = None

    def learn(self, train: Examples) -> None:
        """What the graph has, and the scaling of the blocks."""
        self.inputs = Inputs()
        if self.settings["fuse"] and train.present.any():
            self.inputs = Inputs.fit(train, components=int(self.settings["components"]))
        if "graph" in train.modalities:
            raise ModelError("A modality called 'graph'", do="call it otherwise")
        self.own = None
        if train.graph is None:
            self.own = OwnGraph.fit(train, int(self.settings["components"]))
            train = self.own.of(train)
        graph = self._seen(train.graph)
        scaler = getattr(train.graph, "scaler", None)
        # as text: the order of words is that of the codes' columns, and JSON objects get sorted
        self._scaler = "" if scaler is None else json.dumps(scaler.plain(), ensure_ascii=False)
        self.layout = _layout(graph, scaler, self._reduce())
        self.known_as = sorted(_hash(key) for key in train.keys)
        self._training = True

    def _reduce(self) -> list[int]:
        # in double precision: a row does not depend on how many there are beside it
        self._layers = [Reduce.of(self.inputs, name).double() for name in self.inputs.modalities]
        return [one.width for one in self._layers]

    @property
    def graph_scaler(self) -> HeteroScaler | None:
        """What the training graph was scaled with: ``like=`` of another cohort's graph."""
        from graphs.hetero.hetero_scaler import HeteroScaler

        return HeteroScaler.of(json.loads(self._scaler)) if self._scaler else None

    def _seen(self, graph: HeteroData) -> HeteroData:
        """The graph with its edges both ways."""
        return with_reverse(graph)

    def graphed(self, examples: Examples) -> Examples:
        """The examples with the graph that is read: the model's own, or theirs."""
        return examples if self.own is None else self.own.of(examples)

    def prepare(self, examples: Examples, outcome: Arrays | None = None) -> Surrounded:
        """Patients with their surroundings.

        Raises
        ------
        ModelError
            The examples have no graph, or one of other features.
        """
        examples = self.graphed(examples)
        if examples.graph is None or len(examples.rows) != len(examples):
            raise ModelError("Examples without a graph, or without the rows of their patients",
                             do="graphs.to_hetero(cohort, like=model.graph_scaler)")  # fmt: skip
        graph = self._seen(examples.graph)
        self._fits(graph)
        if not self.settings["transductive"]:
            graph = kept_apart(graph, self._learnt_rows(graph, examples))
        layers = int(self.settings["layers"])
        # training is prepared first, and once
        fan_out = list(self.settings["fan_out"]) if self._training else []
        self._training = False
        sampler = NeighbourSampler(graph, fan_out or [-1] * layers)
        vectors, present = self._vectors(examples)
        known = {name: torch.as_tensor(one) for name, one in (outcome or {}).items()}
        return Surrounded(
            sampler, self.layout, examples.rows, vectors, present, known, self.seed
        )  # fmt: skip

    def _fits(self, graph: HeteroData) -> None:
        for name, width in self.layout.widths.items():
            if name not in graph.node_types or "x" not in graph[name]:
                continue
            found = graph[name]["x"].shape[1]
            if found != width:
                raise ModelError(
                    f"{found} numbers of a node {name!r}", expected=f"{width}, as in training",
                    do="graphs.to_hetero(cohort, like=model.graph_scaler)",
                )  # fmt: skip

    def _learnt_rows(self, graph: HeteroData, examples: Examples) -> NDArray[np.bool_]:
        """Which patient nodes are those of training patients."""
        learnt = np.zeros(int(graph["patient"].num_nodes), bool)
        known = set(self.known_as)
        if "key" in graph["patient"]:
            found = [_hash(str(key)) in known for key in graph["patient"]["key"]]
            return np.array(found, bool)
        learnt[examples.rows] = [_hash(key) in known for key in examples.keys]
        return learnt

    def _vectors(self, examples: Examples) -> tuple[list[Tensor], Tensor]:
        found = self.inputs.prepare(examples)
        made = [
            (layer(found.vectors[name].double()) * found.present[:, k, None]).float()
            for k, (name, layer) in enumerate(
                zip(self.inputs.modalities, self._layers, strict=True)
            )
        ]
        return made, found.present

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        said = self.settings
        return HeteroNet(
            self.layout, self.CONV, hidden=said["hidden"], layers=said["layers"],
            outputs=self.objective.outputs, heads=said["heads"], dropout=said["dropout"],
            modality_dropout=said["modality_dropout"],
        )  # fmt: skip

    def explain(
        self, examples: Examples, *, method: str = "integrated gradients", steps: int = 32
    ) -> Attribution:
        """Integrated gradients of the nodes and of the blocks' features.

        ``weights["graph"]`` holds what each node around a patient adds, against its saying
        nothing, with its address: `Attribution.owners` and `addresses`.

        Raises
        ------
        ModelError
            There is no such method.
        """
        from graphs.models.hetero_explained import hetero_explained

        if method != "integrated gradients":
            raise ModelError(f"No method {method!r}", expected="'integrated gradients'")
        return hetero_explained(self, examples, steps)

    def learnt(self) -> tuple[dict[str, Any], Arrays]:
        """Scaling, and what the graph has."""
        values, arrays = super().learnt()
        layout = self.layout
        # lists, since the order counts and JSON's keys are sorted
        values |= {
            "widths": [[name, width] for name, width in layout.widths.items()],
            "sizes": [[name, list(sizes)] for name, sizes in layout.sizes.items()],
            "edges": [list(edge) for edge in layout.edges], "scaler": self._scaler,
            "known_as": self.known_as,
        }  # fmt: skip
        if self.own is not None:
            values["own"], more = self.own.state()
            arrays |= {f"own.{name}": one for name, one in more.items()}
        return values, arrays

    def relearn(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take what `learnt` gave."""
        super().relearn(values, arrays)
        edges = [(str(a), str(b), str(c)) for a, b, c in values["edges"]]
        self.layout = Layout(dict(values["widths"]), dict(values["sizes"]), edges, self._reduce())
        self._scaler, self._training = str(values["scaler"]), False
        self.known_as = list(map(str, values["known_as"]))
        self.own = None
        if "own" in values:
            self.own = OwnGraph.restored(values["own"], _own(arrays))


def _layout(graph: HeteroData, scaler: Any, block: list[int]) -> Layout:
    widths: dict[str, int] = {}
    sizes: dict[str, list[int]] = {}
    for name in graph.node_types:
        store = graph[name]
        widths[name] = int(store["x"].shape[1]) if "x" in store else 0
        sizes[name] = []
        if "category" in store:
            codes = store["category"]
            sizes[name] = (
                [int(codes[:, k].max()) + 1 if len(codes) else 1 for k in range(codes.shape[1])]
                if scaler is None
                else list(scaler.sizes(name).values())
            )
    edges: list[EdgeType] = list(graph.edge_types)
    return Layout(widths, sizes, edges, block)


def _hash(key: str) -> str:
    return hashlib.sha256(b"reference patient\0" + key.encode()).hexdigest()[:24]


def _own(arrays: Arrays) -> Arrays:
    """What the model's own graph was scaled by."""
    return {k.removeprefix("own."): one for k, one in arrays.items() if k.startswith("own.")}
