"""OwnGraph: the graph that a model makes of features, where no other is given."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.hetero.graph_of_examples import graph_of_examples, graph_parts
from graphs.models.inputs import Inputs


class OwnGraph:
    """Nodes of a patient's own: a modality, a named group of it, an instance of a bag each.

    No edge leads from one patient to another, so that what is said of one depends on him alone.
    Scaling and components are those of the training patients.

    Parameters
    ----------
    inputs : Inputs
        Of the parts of the training examples.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs

    @classmethod
    def fit(cls, train: Examples, components: int) -> Self:
        """Learn of training patients."""
        return cls(Inputs.fit(graph_parts(train), bags=True, components=components))

    def of(self, examples: Examples) -> Examples:
        """Any patients with their graph; one that they had is not looked at."""
        every = np.arange(len(examples))
        return graph_of_examples(examples, every, inputs=self.inputs)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able values, and arrays by name."""
        return self.inputs.state()

    @classmethod
    def restored(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """What `state` gave."""
        return cls(Inputs.restored(values, arrays))
