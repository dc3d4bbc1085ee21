"""fusion_figure: how the loss went, and whether predicted probabilities hold."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from explorer.picture import Picture
from graphs.models.epoch import Epoch
from graphs.scores import Scores
from widgets.palette import BLUE, VERMILION


def fusion_figure(
    epochs: Sequence[Epoch],
    scores: Scores | None,
    title: str = "",
    *,
    ink: str = "#222222",
    ground: str = "#ffffff",
) -> Picture:
    """Draw loss curves and calibration.

    Parameters
    ----------
    epochs : sequence of Epoch
    scores : Scores or None
        None before the model was tested.
    title : str
        Model and cohort (shown as text).
    ink, ground : str
        Colours of text and background.
    """
    figure = Picture((8.4, 3.7), facecolor=ground, layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        axes.set_facecolor(ground)
        axes.tick_params(colors=ink)
        for name, side in axes.spines.items():
            side.set_color(ink)
            side.set_visible(name in ("left", "bottom"))
    _losses(left, epochs, ink, ground)
    _calibration(right, scores, ink)
    figure.suptitle(title.replace("$", r"\$"), fontsize=9.5, color=ink, x=0.01, ha="left")
    return figure


def _losses(axes: Axes, epochs: Sequence[Epoch], ink: str, ground: str) -> None:
    numbers = [one.number for one in epochs]
    mark = "o" if len(epochs) < 3 else ""
    axes.plot(numbers, [one.train for one in epochs], color=BLUE, marker=mark, label="training")
    held = [(one.number, one.validation) for one in epochs if one.validation is not None]
    if held:
        axes.plot(*zip(*held, strict=True), "--", color=VERMILION, marker=mark, label="validation")
    axes.set_xlabel("Epoch", color=ink)
    axes.set_ylabel("Loss (the model's own)", color=ink)
    if not epochs:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "no epochs: the model is not trained yet,\nor it is solved at once",
                  ha="center", va="center", transform=axes.transAxes, color=ink,
                  fontsize=8.5)  # fmt: skip
    else:
        axes.legend(fontsize=8, facecolor=ground, edgecolor="none", labelcolor=ink)


def _calibration(axes: Axes, scores: Scores | None, ink: str) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.plot([0, 1], [0, 1], ":", color=ink, linewidth=1)
    if scores is None or not scores.groups:
        why = "not tested yet" if scores is None else "the model gives no probabilities"
        axes.text(0.5, 0.08, why, ha="center", color=ink, fontsize=8.5)
        axes.set_xlabel("Predicted probability", color=ink)
    else:
        said, seen, low, high, _ = zip(*scores.groups, strict=True)
        below = [a - b for a, b in zip(seen, low, strict=True)]
        above = [b - a for a, b in zip(seen, high, strict=True)]
        axes.errorbar(said, seen, yerr=[below, above], fmt="o", color=BLUE, capsize=3)
        axes.set_xlabel(
            f"Predicted probability up to {scores.horizon:g} {scores.unit}", color=ink
        )  # fmt: skip
    axes.set_ylabel("Observed (Kaplan-Meier, 95 %)", color=ink)
