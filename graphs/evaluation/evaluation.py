"""Evaluation: how good models are, with what must stand beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explorer.html import table_html
from explorer.new_file import new_file
from explorer.picture import Picture
from graphs.evaluation.bootstrap import Interval
from graphs.evaluation.calibration import Calibration, calibration
from graphs.evaluation.control_table import control_table, missing_table
from graphs.evaluation.decision_curve import decision_curve
from graphs.evaluation.estimates import Estimates
from graphs.evaluation.evaluation_document import evaluation_document
from graphs.evaluation.figures import (
    calibration_figure,
    decision_figure,
    forest_figure,
    missing_figure,
    risk_figure,
)
from graphs.evaluation.fusion_verdict import FusionVerdict, counted, fusion_verdict
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import Measure, measure_of
from graphs.evaluation.model_table import difference_table, measure_table, model_table
from graphs.evaluation.operating_table import operating_table
from graphs.evaluation.run_folds import WHOLE, Ran
from graphs.evaluation.setting import Setting
from graphs.evaluation.subgroup_table import subgroup_table


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What `graphs.evaluate` gives. Tables are made when they are asked for.

    Attributes
    ----------
    models : tuple of str
    setting : Setting
        Patients, folds, times, seed.
    ran : Ran
        Answers for the patients left out, and what went wrong.
    measure : Measure
        What the task is about; patients are compared within their fold.
    draws : int
        Of the bootstrap over patients (stratified by event or class).
    margin : float or None
        Of non-inferiority.
    columns : tuple of str
        Of `about`, for the subgroups.
    notes : tuple of str
        What a reader of the numbers has to know.
    """

    models: tuple[str, ...]
    setting: Setting
    ran: Ran
    measure: Measure
    draws: int = 1000
    margin: float | None = None
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def estimates(self) -> Estimates:
        """The draws of patients that all intervals are by."""
        return Estimates(self.setting, self.draws)

    @property
    def complete(self) -> bool:
        """Whether every fit was done and none failed."""
        return not self.ran.left and not self.ran.problems

    @cached_property
    def table(self) -> pd.DataFrame:
        """Models, and each modality alone; see `model_table`."""
        return model_table(list(self.models), self.ran, self.estimates, self.measure)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure with its interval, a row each."""
        return measure_table(list(self.models), self.ran, self.estimates)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Each pair of models on the same patients; see `difference_table`."""
        return difference_table(list(self.models), self.ran, self.estimates, self.measure)

    @cached_property
    def controls(self) -> pd.DataFrame:
        """Alone, shuffled, without, permuted outcome; see `control_table`."""
        return control_table(list(self.models), self.ran, self.estimates, self.measure)

    @cached_property
    def missing(self) -> pd.DataFrame:
        """The measure as patients lose a modality; see `missing_table`."""
        return missing_table(list(self.models), self.ran, self.estimates, self.measure)

    @cached_property
    def subgroups(self) -> pd.DataFrame:
        """Sex, age, site, ...; see `subgroup_table`."""
        return subgroup_table(
            list(self.models), self.ran, self.estimates, self.measure, self.columns
        )

    @cached_property
    def operating(self) -> pd.DataFrame:
        """Thresholds that were chosen on other patients; see `operating_table`."""
        return operating_table(list(self.models), self.ran, self.estimates)

    @cached_property
    def verdicts(self) -> tuple[FusionVerdict, ...]:
        """Whether all modalities are better than the best one alone, a model each."""
        return tuple(
            fusion_verdict(name, self.ran, self.estimates, self.measure, self.margin)
            for name in self.models
        )

    @cached_property
    def calibrations(self) -> dict[str, Calibration]:
        """Model to how well its probabilities hold; none of models that say none."""
        found = {name: calibration(self._held(name)) for name in self.models}
        return {name: one for name, one in found.items() if one is not None}

    @cached_property
    def decisions(self) -> dict[str, pd.DataFrame]:
        """Model to its net benefit by threshold; see `decision_curve`."""
        found = {name: decision_curve(self._held(name)) for name in self.models}
        return {name: one for name, one in found.items() if len(one)}

    @cached_property
    def answers(self) -> pd.DataFrame:
        """What was said of each patient by a model that was fitted on others.

        Returns
        -------
        pandas.DataFrame
            model, repeat, fold, patient, risk, and 'chance' of the event by the horizon, or of
            label 1, where one is said.
        """
        keys = np.array(self.setting.examples.keys, object)
        parts = []
        for name in self.models:
            for one in self._held(name):
                chance = one.chance()
                parts.append(pd.DataFrame({
                    "model": name, "repeat": one.repeat + 1, "fold": one.fold + 1,
                    "patient": keys[one.rows], "risk": one.answers.risk,
                    "chance": np.nan if chance is None else chance,
                }))  # fmt: skip
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def compare(self, first: str, second: str, measure: str = "") -> Interval:
        """The paired difference of two models, by one measure.

        Parameters
        ----------
        first, second : str
            Models; 'name: modality' is one modality alone.
        measure : str
            The task's first one by default.
        """
        chosen = measure_of(self.setting.target.kind, measure) if measure else self.measure
        return self.estimates.difference(chosen, self._held(first), self._held(second))

    @property
    def words(self) -> str:
        """What came out, in sentences."""
        setting = self.setting
        everybody = counted(setting, np.arange(len(setting.examples)))
        at = ""
        if setting.target.timed:
            unit = setting.target.unit or "(unit not stated)"
            at = f"; horizon {setting.horizon:g} {unit}"
        lines = [f"{setting.target.name or setting.target.kind}: {everybody}; "
                 f"{len(setting.folds)} fits a model{at}."]  # fmt: skip
        lines += [one.words for one in self.verdicts]
        if self.ran.left:
            lines.append(f"Not finished: {self.ran.left} fits are left.")
        failed = sum(map(len, self.ran.problems.values()))
        if failed:
            lines.append(f"{failed} fits failed; the table says why.")
        return "\n".join([*lines, *self.notes])

    def figure(self, which: str = "forest", model: str = "") -> Picture:
        """Draw what was found.

        Parameters
        ----------
        which : {'forest', 'risk', 'calibration', 'decision', 'missing'}
            Models with intervals; survival by thirds of the predicted risk; probabilities against
            shares; net benefit; hidden modalities.
        model : str
            Whose risk; the first one by default.

        Raises
        ------
        ValueError
            There is no such figure, or there is nothing to draw.
        """
        if which == "forest":
            everybody = counted(self.setting, np.arange(len(self.setting.examples)))
            name = self.setting.target.name or self.setting.target.kind
            return forest_figure(
                self.table, self.measure.name, self.measure.chance, f"{name}: {everybody}"
            )
        if which == "risk":
            held = self._held(model or self.models[0])
            if not held or not self.setting.target.timed:
                raise ValueError("Curves by risk are of times, and of a model that was fitted")
            return risk_figure(held, model or self.models[0], self.setting.target.unit)
        if which == "calibration":
            return calibration_figure(self.calibrations)
        if which == "decision":
            return decision_figure(self.decisions)
        if which == "missing":
            return missing_figure(self.missing, self.measure.name)
        raise ValueError(f"No figure {which!r}: forest, risk, calibration, decision or missing")

    def document(self) -> dict[str, Any]:
        """All of it as JSON-able values; NaN is None."""
        return evaluation_document(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """The document as text, and as a new file where a path is given.

        Raises
        ------
        FileExistsError
            The file is there already.
        """
        text = json.dumps(self.document(), indent=2, ensure_ascii=False, allow_nan=False)
        if path is not None:
            new_file(path, text.encode())
        return text

    def __repr__(self) -> str:
        return f"<Evaluation of {', '.join(self.models)}>\n{self.words}"

    def _repr_html_(self) -> str:
        parts = [f"<p>{'<br>'.join(map(escape, self.words.splitlines()))}</p>",
                 _html(self.table, "models")]  # fmt: skip
        for name in ("differences", "controls", "subgroups", "operating"):
            frame = getattr(self, name)
            if len(frame):
                parts.append(_html(frame, name))
        for name, one in self.calibrations.items():
            parts.append(f"<p>{escape(name)}: calibration {escape(one.words)}</p>")
        return "".join(parts)

    def _held(self, name: str) -> Sequence[HeldOut]:
        if name in self.models:
            return self.ran.held.get((name, WHOLE), [])
        for model in self.models:
            found = self.ran.held.get((model, f"alone: {name.removeprefix(f'{model}: ')}"))
            if found and name.startswith(f"{model}: "):
                return found
        raise ValueError(f"No model {name!r}: one of {list(self.models)}")


def _html(frame: pd.DataFrame, caption: str) -> str:
    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return f"{value:.3f}" if np.isfinite(value) else ""
        return value

    rows = [[cell(one) for one in row] for row in frame.astype(object).to_numpy().tolist()]
    return table_html([str(one) for one in frame.columns], rows, caption)
