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
    counts : {'words', 'facts', 'places', 'outcomes'}
    source : str
    place : str
        ``module:function``; of outcomes the module is one of `graphs.evaluation`.
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
        where = module if "." in module else f"graphs.metrics.{module}"
        found: Callable[..., Any] = getattr(import_module(where), name)
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
    *(
        Metric(name, definition, better, span, needs, "outcomes", source,
               f"graphs.evaluation.{place}")
        for name, definition, better, span, needs, source, place in (
            ("c-index", "share of comparable pairs that the risk orders rightly", "higher",
             "0 to 1; chance .5", "times and risks", "Harrell et al. 1996",
             "concordance:harrell"),
            ("c-index (IPCW)", "the same, weighted by the chance of censoring", "higher",
             "0 to 1; chance .5", "times and risks", "Uno et al. 2011", "concordance:uno"),
            ("c-index (Wolbers)", "the same with competing events, which are never late", "higher",
             "0 to 1; chance .5", "times, causes and risks", "Wolbers et al. 2009",
             "concordance:wolbers"),
            ("AUC at the horizon", "do cases by a time rank above those without it", "higher",
             "0 to 1; chance .5", "times and risks", "Uno et al. 2007",
             "dynamic_auc:dynamic_auc"),
            ("integrated Brier", "squared error of the predicted curve over time", "lower",
             "0 to 1", "times and curves", "Graf et al. 1999",
             "integrated_brier:integrated_brier"),
            ("Brier skill", "share of the error without features that is saved", "higher",
             "up to 1; 0 as without features", "times and curves", "Graf et al. 1999",
             "integrated_brier:brier_skill"),
            ("AUROC", "does who has the label rank above who has not", "higher",
             "0 to 1; chance .5", "labels and risks", "Hanley and McNeil 1982", "auroc:auroc"),
            ("AUPRC", "mean precision at each recall", "higher", "0 to 1; chance the prevalence",
             "labels and risks", "Davis and Goadrich 2006", "auprc:auprc"),
            ("Brier", "mean squared error of a probability", "lower", "0 to 1",
             "labels and probabilities", "Brier 1950", "probability_error:brier"),
            ("accuracy", "share of cases whose likeliest class is right", "higher", "0 to 1",
             "classes and probabilities", "simple matching", "macro_f1:accuracy"),
            ("macro AUROC", "mean AUROC of each class against the others", "higher",
             "0 to 1; chance .5", "classes and probabilities", "Hand and Till 2001",
             "auroc:macro_auroc"),
            ("macro F1", "mean F1 of the classes", "higher", "0 to 1",
             "classes and probabilities", "van Rijsbergen 1979", "macro_f1:macro_f1"),
            ("log loss", "minus the log of the true class's probability", "lower", "0 up, nats",
             "classes and probabilities", "Good 1952", "probability_error:log_loss"),
            ("R2", "share of the squared deviation that is explained", "higher", "up to 1",
             "values", "Wright 1921", "regression_error:r_squared"),
            ("Spearman", "correlation of ranks", "higher", "-1 to 1", "values", "Spearman 1904",
             "regression_error:spearman"),
            ("MAE", "mean absolute error", "lower", "0 up, in the value's unit", "values",
             "Willmott and Matsuura 2005", "regression_error:absolute_error"),
        )
    ),
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
