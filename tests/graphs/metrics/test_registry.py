from __future__ import annotations

from pathlib import Path

import graphs.metrics
from graphs.evaluation.measures import MEASURES
from graphs.metrics.registry import metrics


def test_every_metric_can_be_computed_and_says_what_it_is() -> None:
    for one in metrics():
        assert callable(one.function)
        assert all((one.definition, one.better, one.range, one.needs, one.source))
    assert "Papineni" in metrics()._repr_html_()


def test_none_is_missing() -> None:
    helpers = {"__init__", "card", "entailment", "mean_score", "registry", "score", "consistency",
               "claims"}  # fmt: skip
    here = {path.stem for path in Path(graphs.metrics.__path__[0]).glob("*.py")}
    places = {one.place.partition(":")[0] for one in metrics()}
    assert here - helpers == {one for one in places if "." not in one}


def test_measures_of_outcomes_are_those_that_models_are_judged_by() -> None:
    used = {one.name: (one.better, one.sums) for kind in MEASURES.values() for one in kind}
    listed = {one.name: (one.better, one.function) for one in metrics() if one.counts == "outcomes"}
    assert listed == used
