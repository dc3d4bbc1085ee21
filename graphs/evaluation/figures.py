"""Figures of an evaluation; each has its units on its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from explorer.okabe_ito import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from explorer.picture import Picture
from explorer.printable import printable
from graphs.evaluation.calibration import Calibration
from graphs.evaluation.held_out import HeldOut
from graphs.kaplan_meier import kaplan_meier
from graphs.survival_figure import survival_figure

_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
_DASHES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (8, 2, 2, 2)), (0, (4, 4)), (0, (1, 1)))
_LONG = 42


def forest_figure(table: pd.DataFrame, measure: str, chance: float, caption: str) -> Picture:
    """Every model and modality with its interval."""
    rows = table[np.isfinite(table["low"])]
    figure, axes = _new((7.6, 1.4 + 0.3 * max(len(rows), 1)))
    for k, row in enumerate(rows.itertuples(index=False)):
        value, low, high = row[2], row[3], row[4]
        axes.plot([low, high], [k, k], color=BLUE, linewidth=1.6)
        axes.plot([value], [k], "s", color=BLUE, markersize=5)
    labels = [f"{model}: {inputs}" for model, inputs in zip(rows["model"], rows["inputs"],
                                                            strict=True)]  # fmt: skip
    axes.set_yticks(range(len(rows)), [_text(one) for one in labels])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    if np.isfinite(chance):
        axes.axvline(chance, color=GREY, linewidth=1, linestyle=":")
    axes.set_xlabel(f"{measure} (95 % interval over patients; no unit)")
    axes.set_title(_text(caption, 100), loc="left", fontsize=9.5)
    return figure


def risk_figure(held: Sequence[HeldOut], name: str, unit: str, groups: int = 3) -> Picture:
    """Kaplan-Meier curves by thirds of the predicted risk, with numbers at risk.

    The thirds are of each fold by itself, since risks of two models have no common zero.
    """
    mine = [one for one in held if one.repeat == held[0].repeat]
    words = {2: ("lower risk", "higher risk"), 3: ("low risk", "middle risk", "high risk")}.get(
        groups, tuple(f"risk group {k + 1}" for k in range(groups))
    )
    said: list[str] = []
    for one in mine:
        place = np.argsort(np.argsort(one.answers.risk, kind="stable"), kind="stable")
        said += [words[min(k * groups // len(one), groups - 1)] for k in place.tolist()]
    time = np.concatenate([one.target.time for one in mine])
    event = np.concatenate([one.target.event for one in mine])
    curves = kaplan_meier(time, event == 1, said, words)
    return survival_figure(curves, unit, f"{name}: risk predicted out of fold")


def calibration_figure(found: Mapping[str, Calibration]) -> Picture:
    """Predicted against observed, by fifths."""
    figure, axes = _new((5.0, 4.6))
    top = 0.05
    for k, (name, one) in enumerate(found.items()):
        table = one.groups
        color = _COLORS[k % len(_COLORS)]
        reach = [table["observed"] - table["low"], table["high"] - table["observed"]]
        axes.errorbar(table["predicted"], table["observed"], np.maximum(reach, 0), fmt="o-",
                      color=color, linewidth=1.2, capsize=2, label=_text(name))  # fmt: skip
        top = max(top, float(np.nanmax(table[["predicted", "high"]].to_numpy(float))))
    axes.plot([0, top], [0, top], ":", color=GREY, linewidth=1)
    first = next(iter(found.values()), None)
    by = ""
    if first is not None and np.isfinite(first.horizon):
        by = f" by {first.horizon:g} {first.unit or '(unit not stated)'}"
    axes.set_xlabel(f"Predicted probability of the event{by}")
    axes.set_ylabel("Observed share (95 % interval)")
    if found:
        axes.legend(fontsize=8, frameon=False)
    return figure


def decision_figure(curves: Mapping[str, pd.DataFrame]) -> Picture:
    """Net benefit of acting on each model, on everybody, on nobody."""
    figure, axes = _new((6.2, 4.0))
    longest = max(curves.values(), key=len, default=None)
    if longest is not None:
        axes.plot(longest["threshold"], longest["all"], color=GREY, linestyle=(0, (4, 2)),
                  label="everybody")  # fmt: skip
        axes.axhline(0, color=GREY, linewidth=1, label="nobody")
    best = 0.0
    for k, (name, table) in enumerate(curves.items()):
        axes.plot(table["threshold"], table["model"], color=_COLORS[k % len(_COLORS)],
                  linestyle=_DASHES[k % len(_DASHES)], label=_text(name))  # fmt: skip
        best = max(best, float(table["model"].max()))
    axes.set_ylim(-0.1 * max(best, 0.05), 1.15 * max(best, 0.05))
    axes.set_xlabel("Threshold probability")
    axes.set_ylabel("Net benefit (true positives a patient)")
    if curves:
        axes.legend(fontsize=8, frameon=False)
    return figure


def missing_figure(table: pd.DataFrame, measure: str) -> Picture:
    """The measure as a growing share of patients lose each modality."""
    figure, axes = _new((6.4, 4.0))
    for k, ((model, modality), rows) in enumerate(table.groupby(["model", "modality"], sort=False)):
        color, dash = _COLORS[k % len(_COLORS)], _DASHES[k % len(_DASHES)]
        share = 100 * rows["share"]
        axes.plot(share, rows["value"], color=color, linestyle=dash, marker="o", markersize=3,
                  label=_text(f"{model} without {modality}"))  # fmt: skip
        axes.fill_between(share, rows["low"], rows["high"], color=color, alpha=0.12, linewidth=0)
    axes.set_xlabel("Patients whose modality is hidden (% of those who have it)")
    axes.set_ylabel(f"{measure} (95 % interval)")
    if len(table):
        axes.legend(fontsize=8, frameon=False)
    return figure


def _new(size: tuple[float, float]) -> tuple[Picture, Any]:
    figure = Picture(size, layout="constrained")
    axes: Axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _text(label: str, most: int = _LONG) -> str:
    """Text that matplotlib takes neither for mathematics nor for a line without a name."""
    short = printable(label).replace("\n", " ")
    short = short if len(short) <= most else f"{short[: most - 1]}…"
    return (" " if short.startswith("_") else "") + short.replace("$", r"\$")
