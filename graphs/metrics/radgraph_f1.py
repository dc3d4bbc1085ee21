"""RadGraph-F1: facts in common of two scene graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from graphs.metrics.mean_score import mean_score
from graphs.metrics.score import Score
from graphs.scene import SceneGraph

Level = Literal["entity", "relation", "complete"]
Graph = Mapping[str, Any] | SceneGraph
_ASSERTED = {"present": "DP", "absent": "DA", "uncertain": "U"}


def radgraph_f1(
    graphs: Sequence[Graph], references: Sequence[Graph], level: Level = "relation"
) -> Score:
    """Mean F1 over reports of the facts of given graphs; set arithmetic, no model.

    Parameters
    ----------
    graphs, references : sequences
        Of one report each, in the same order: a `SceneGraph`, or RadGraph's own form
        ``{"entities": {"1": {"tokens", "label", "relations": [["located_at", "2"]]}}}``.
    level : {'entity', 'relation', 'complete'}
        What has to agree: words and label; also whether there is a relation; also each relation
        and the words that it leads to (RG_E, RG_ER and RG_bar_ER of Delbrouck et al. 2022).

    Returns
    -------
    Score
        0 to 1; parts: mean precision and recall.
    """
    values, precisions, recalls = [], [], []
    for one, other in zip(graphs, references, strict=True):
        mine, theirs = facts(one, level), facts(other, level)
        shared = len(mine & theirs)
        precision = shared / len(mine) if mine else 0.0
        recall = shared / len(theirs) if theirs else 0.0
        both = precision + recall
        # two graphs without facts say the same; one of them alone says something else
        values.append(2 * precision * recall / both if both else float(not mine and not theirs))
        precisions.append(precision)
        recalls.append(recall)
    found = mean_score(f"radgraph_f1 ({level})", values)
    parts = {"precision": _mean(precisions), "recall": _mean(recalls)}
    return Score(found.metric, found.value, found.n, found.low, found.high, parts)


def facts(graph: Graph, level: Level) -> set[tuple[str, ...]]:
    """The facts of a graph at one level, words in lower case.

    Parameters
    ----------
    graph : SceneGraph or mapping
    level : {'entity', 'relation', 'complete'}

    Returns
    -------
    set of tuple of str
    """
    found: set[tuple[str, ...]] = set()
    for words, label, relations in _entities(graph):
        if level == "entity" or not relations:
            found.add((words, label))
        elif level == "relation":
            found.add((words, label, "related"))
        else:
            found |= {(words, label, kind, other) for kind, other in relations}
    return found


def _entities(graph: Graph) -> list[tuple[str, str, list[tuple[str, str]]]]:
    if isinstance(graph, SceneGraph):
        return _of_scene(graph)
    entities = graph.get("entities", graph)
    words = {name: str(one["tokens"]).lower() for name, one in entities.items()}
    return [
        (
            words[name],
            str(one["label"]),
            [(str(kind), words[str(other)]) for kind, other in one.get("relations", ())],
        )
        for name, one in entities.items()
    ]


def _of_scene(graph: SceneGraph) -> list[tuple[str, str, list[tuple[str, str]]]]:
    kept = {
        node.id: node for node in graph.nodes.values() if node.kind in ("anatomy", "observation")
    }
    related: dict[str, list[tuple[str, str]]] = {name: [] for name in kept}
    for edge in graph.edges:
        if edge.tail in kept and edge.head in kept:
            related[edge.tail].append((edge.kind, kept[edge.head].name.lower()))
    return [
        (node.name.lower(), _label(node.kind, node.assertion), related[node.id])
        for node in kept.values()
    ]


def _label(kind: str, assertion: str | None) -> str:
    head = "ANAT" if kind == "anatomy" else "OBS"
    return f"{head}-{_ASSERTED.get(assertion or 'present', 'U')}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
