"""Registry: every metric, what it means, which way is better, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from explorer.shown_list import ShownList


@dataclass(frozen=True)
class Metric:
    """One metric as people look it up.

    Attributes
    ----------
    name, definition : str
    better : str
        'higher' or 'lower'.
    range : str
    needs : str
        What it takes beyond numpy: 'nothing', 'findings', ... None needs a download.
    counts : {'words', 'facts', 'places'}
    source : str
    place : str
        ``module:function``.
    """

    name: str
    definition: str
    better: str
    range: str
    needs: str
    counts: str
    source: str
    place: str

    @property
    def function(self) -> Callable[..., Any]:
        """The function that computes it."""
        module, _, name = self.place.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"graphs.metrics.{module}"), name)
        return found


_METRICS = (
    Metric("iou", "intersection over union of two masks", "higher", "0 to 1", "masks", "places",
           "Jaccard 1912", "iou:iou"),
    Metric("box_iou", "intersection over union of two boxes", "higher", "0 to 1", "boxes",
           "places", "Jaccard 1912", "iou:box_iou"),
    Metric("dice", "twice the intersection over the sum of two masks", "higher", "0 to 1",
           "masks", "places", "Dice 1945", "dice:dice"),
    Metric("map_iou", "mean over thresholds of the IoU of a heat map with a region", "higher",
           "0 to 1", "a heat map and a mask", "places", "Boecking et al. 2022", "map_iou:map_iou"),
    Metric("cnr", "contrast of a heat map inside and outside of a region, over its noise",
           "higher", "0 up", "a heat map and a mask", "places", "Boecking et al. 2022", "cnr:cnr"),
    Metric("pointing_game", "whether a map's maximum lies in the region", "higher", "0 or 1",
           "a heat map and a mask", "places", "Zhang et al. 2018", "pointing_game:pointing_game"),
    Metric("average_precision", "area under precision by recall of ranked regions", "higher",
           "0 to 1", "ranked boxes or masks", "places", "Lin et al. 2014; Everingham et al. 2010",
           "average_precision:average_precision"),
    Metric("bleu", "n-grams in common, with a penalty for shortness", "higher", "0 to 1",
           "two texts", "words", "Papineni et al. 2002; Post 2018", "bleu:bleu"),
    Metric("rouge", "n-grams, or the longest sequence, in common", "higher", "0 to 1",
           "two texts", "words", "Lin 2004", "rouge:rouge"),
    Metric("radgraph_f1", "facts in common of two scene graphs", "higher", "0 to 1",
           "two graphs, from any extractor", "facts", "Jain et al. 2021; Delbrouck et al. 2022",
           "radgraph_f1:radgraph_f1"),
    Metric("radfact", "statements that follow from the other report, and their boxes", "higher",
           "0 to 1, six scores", "two grounded reports; entailment given or by rules", "facts",
           "Bannur et al. 2024", "radfact:radfact"),
    Metric("longitudinal", "observations, attributes and their visits in common", "higher",
           "0 to 1", "findings of each visit", "facts", "oncograph's own",
           "longitudinal:longitudinal"),
    Metric("reader_study", "share of texts that blinded readers find equivalent or better",
           "higher", "0 to 1", "votes of readers", "facts", "Yang et al. 2024; Wilson 1927",
           "reader_study:reader_study"),
    Metric("preference", "log odds of being preferred, of methods that were voted on in pairs",
           "higher", "any number", "pairwise votes", "facts", "Bradley and Terry 1952",
           "preference:preference"),
    Metric("length_ratio", "words over the reference's words", "nearer to 1", "0 up",
           "two texts", "words", "shown beside every score of a text", "length:length_ratio"),
)  # fmt: skip


_SHOWN = ("definition", "better", "range", "needs", "counts", "source")


def metrics() -> ShownList[Metric]:
    """Every metric that is here.

    Returns
    -------
    ShownList of Metric
    """
    return ShownList(_METRICS, ["metric", *_SHOWN], _cells, "metrics")


def _cells(one: Metric) -> list[str]:
    return [one.name, *(getattr(one, name) for name in _SHOWN)]
