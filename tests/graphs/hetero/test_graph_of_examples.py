"""Tables become a graph: a node for what is known of a patient, and near patients to hear of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

torch: Any = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")

from graphs.errors import ExamplesError  # noqa: E402
from graphs.examples.bag import Bag  # noqa: E402
from graphs.examples.block import Block  # noqa: E402
from graphs.examples.examples import Examples  # noqa: E402
from graphs.hetero.graph_of_examples import graph_of_examples  # noqa: E402

KEYS = tuple(f"p{k}" for k in range(30))


def tables() -> Examples:
    rng = np.random.default_rng(0)
    genes = pd.DataFrame(
        rng.normal(size=(30, 6)), index=list(KEYS), columns=[f"g{k}" for k in range(6)]
    )
    block = replace(Block.of("genes", genes), groups={"kinases": ["g0", "g4"], "none": ["h"]},
                    address=lambda key, _: f"onco:{key}/vectors/genes")  # fmt: skip
    clinical = Block.of("clinical", pd.DataFrame({"age": rng.normal(60, 9, 30)}, index=list(KEYS)))
    owner = np.repeat(np.arange(1, 30), 2)
    state = np.where(np.arange(30) > 0, "present", "absent").astype(str)
    bag = Bag("lesions", KEYS, rng.normal(size=(58, 3)).astype(np.float32), owner, ("a", "b", "c"),
              tuple(f"onco:x/lesions/{k}" for k in range(58)), state)  # fmt: skip
    made = Examples(KEYS, {"genes": block, "clinical": clinical, "lesions": bag})
    return made.hide("genes", np.arange(30) == 2)


def test_what_is_known_has_a_node() -> None:
    made = graph_of_examples(tables(), np.arange(20))
    graph = made.graph
    assert set(graph.node_types) == {"patient", "genes", "genes: kinases", "clinical", "lesions"}
    assert graph["genes"].patient.tolist() == [k for k in range(30) if k != 2]
    assert graph["genes: kinases"].x.shape == (29, 2)
    assert graph["lesions"].x.shape == (58, 3)
    assert graph["lesions"].address[57] == "onco:x/lesions/57"
    assert graph["genes"].address[0] == "onco:p0/vectors/genes"
    assert graph["lesions", "of", "patient"].edge_index[:, 0].tolist() == [0, 1]
    assert made.rows.tolist() == list(range(30))


def test_scaling_and_near_patients_are_those_of_training() -> None:
    one = graph_of_examples(tables(), np.arange(30) < 20, nearest=3).graph
    ends = one["patient", "similar_to", "patient"].edge_index
    assert int(ends[0].max()) < 20
    assert np.bincount(ends[1].numpy(), minlength=30).tolist() == [3] * 30
    assert not (ends[0] == ends[1]).any()
    other = tables()
    later = other.blocks["clinical"]
    assert isinstance(later, Block)
    frame = later.frame.copy()
    frame.iloc[20:] = 1e6
    blocks = {**other.blocks, "clinical": replace(later, frame=frame)}
    two = graph_of_examples(replace(other, blocks=blocks), np.arange(30) < 20, nearest=3).graph
    assert abs(float(two["clinical"].x[:20].mean())) < 1e-5


def test_a_modality_called_patient_is_refused() -> None:
    examples = Examples.of_frames({"patient": pd.DataFrame({"a": [1.0, 2]}, index=["x", "y"])})
    with pytest.raises(ExamplesError, match="'patient'"):
        graph_of_examples(examples, [0, 1])
