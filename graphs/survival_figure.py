"""survival_figure: Kaplan-Meier curves with numbers at risk under the axis."""

from __future__ import annotations

import numpy as np

from explorer.okabe_ito import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from explorer.picture import Picture
from explorer.printable import printable
from graphs.kaplan_meier import Survival

_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
_DASHES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (8, 2, 2, 2)), (0, (4, 4)), (0, (1, 1)))
#: So many groups can be told apart.
MOST_GROUPS = len(_COLORS)
_LONG = 26
_CROWD = 300  # censored times that would hide the curve


def survival_figure(
    survival: Survival,
    unit: str,
    title: str = "",
    *,
    ink: str = "#222222",
    ground: str = "#ffffff",
) -> Picture:
    """Draw survival curves.

    Parameters
    ----------
    survival : Survival
        At most `MOST_GROUPS` groups.
    unit : str
        Of the times: 'days', 'months'; 'unit not stated' where it is empty.
    title : str
        What happens, and to whom (shown as text).
    ink, ground : str
        Colours of text and background.

    Returns
    -------
    Picture
        Steps with 95 % bands, ticks at censored times, colour and dash by group, numbers at risk.

    Raises
    ------
    ValueError
        There are more groups than can be told apart.
    """
    curves = survival.curves
    if len(curves) > MOST_GROUPS:
        raise ValueError(f"{len(curves)} groups: at most {MOST_GROUPS} can be told apart")
    rows = max(len(curves), 1)
    figure = Picture((7.6, 4.2 + 0.24 * rows), facecolor=ground)
    top, bottom = figure.subplots(
        2, 1, height_ratios=[4.0, 0.28 * rows + 0.2], sharex=True
    )  # fmt: skip
    for axes in (top, bottom):
        axes.set_facecolor(ground)
        axes.tick_params(colors=ink)
        for side in axes.spines.values():
            side.set_color(ink)
            side.set_visible(False)
    for k, curve in enumerate(curves):
        label = f"{_text(curve.label)} (n = {curve.n}, {curve.events} events)"
        top.step(curve.times, curve.survival, where="post", color=_COLORS[k],
                 linestyle=_DASHES[k], linewidth=1.8, label=label)  # fmt: skip
        top.fill_between(curve.times, curve.lower, curve.upper, step="post", alpha=0.16,
                         color=_COLORS[k], linewidth=0)  # fmt: skip
        ticks = np.unique(curve.censored)
        top.plot(
            ticks, [curve.at(one) for one in ticks], "|", color=_COLORS[k], markersize=6,
            markeredgewidth=0.7, alpha=1.0 if len(ticks) < _CROWD else 0.45,
        )  # fmt: skip
    last = max((float(curve.spent[-1]) for curve in curves), default=1.0) or 1.0
    top.set(xlim=(0, last * 1.02), ylim=(0, 1.03))
    top.set_ylabel("Share without the event", color=ink)
    top.spines[["left", "bottom"]].set_visible(True)
    top.tick_params(labelbottom=True)
    top.set_title(_text(title, 90), loc="left", fontsize=10, color=ink)
    if curves:
        top.legend(loc="best", fontsize=8.5, facecolor=ground, edgecolor="none", labelcolor=ink)
    ticks = np.array([one for one in top.get_xticks() if 0 <= one <= last])
    bottom.set(ylim=(rows - 0.5, -0.5), yticks=range(len(curves)))
    bottom.set_yticklabels([_text(curve.label) for curve in curves])
    for k, curve in enumerate(curves):
        for time, number in zip(ticks, curve.at_risk(ticks), strict=True):
            bottom.text(time, k, str(number), ha="center", va="center", fontsize=8.5, color=ink)
    bottom.tick_params(length=0, labelbottom=False, labelsize=8.5, pad=22)
    bottom.set_title("At risk", loc="left", fontsize=8.5, color=ink)
    top.set_xlabel(f"Time ({unit or 'unit not stated'})", color=ink)
    figure.supxlabel(
        f"{survival.test}; n = {survival.n}, {survival.events} events; 95 % intervals (log-log)",
        fontsize=8.5, color=ink, x=0.01, ha="left",
    )  # fmt: skip
    figure.set_layout_engine("constrained")
    return figure


def survival_text(survival: Survival, unit: str, title: str) -> str:
    """The same in words, for who cannot see the figure (hostile text)."""
    named = unit or "unit not stated"
    parts = []
    for curve in survival.curves:
        middle = "not reached" if np.isinf(curve.median) else f"{curve.median:g} {named}"
        parts.append(f"{curve.label}: {curve.n} patients, {curve.events} events, median {middle}")
    parts += [f"{label}: nobody" for label in survival.empty]
    return f"Kaplan-Meier curves of {title}. {'; '.join(parts)}. {survival.test}."


def _text(label: str, most: int = _LONG) -> str:
    """Text that matplotlib takes neither for mathematics nor for a curve without a name."""
    short = printable(label).replace("\n", " ")
    short = short if len(short) <= most else f"{short[: most - 1]}…"
    return (" " if short.startswith("_") else "") + short.replace("$", r"\$")
