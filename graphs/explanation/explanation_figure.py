"""Figures of an explanation: bars of shares of the risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.picture import Picture

if TYPE_CHECKING:
    from graphs.explanation.explanation import Explanation

# Okabe and Ito's, told apart by those who cannot tell red from green.
_RAISES, _LOWERS, _PLAIN = "#d55e00", "#0072b2", "#0072b2"
_MOST, _LONG = 15, 60


def patient_figure(explanation: Explanation, key: str) -> Picture:
    """Draw a patient's evidence, the heaviest on top."""
    shown = [one for one in explanation.of(key) if one.state == "present"][:_MOST][::-1]
    picture = Picture((8.4, 1.2 + 0.28 * max(len(shown), 2)), layout="constrained")
    axes = picture.subplots()
    weights = [one.weight for one in shown]
    axes.barh(range(len(shown)), weights, color=[_RAISES if w > 0 else _LOWERS for w in weights])
    axes.set_yticks(
        range(len(shown)), [_plain(f"{one.modality}: {one.text}") for one in shown], fontsize=8
    )
    axes.axvline(0, color="#222222", linewidth=0.8)
    axes.set_xlabel(f"Share of the risk ({explanation.attribution.method}); right raises it")
    risk = explanation.risk[explanation.keys.index(key)]
    axes.set_title(_plain(f"{explanation.model}: risk {risk:+.3g}"), fontsize=9.5, loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return picture


def all_figure(explanation: Explanation) -> Picture:
    """Draw the mean size of the shares: modalities at the left, evidence at the right."""
    most = explanation.most().head(_MOST)[::-1]
    picture = Picture((10, 1.6 + 0.26 * max(len(most), 3)), layout="constrained")
    left, right = picture.subplots(1, 2)
    sizes = explanation.by_modality().abs().mean().sort_values()
    left.barh(range(len(sizes)), sizes, color=_PLAIN)
    left.set_yticks(range(len(sizes)), [_plain(str(name)) for name in sizes.index], fontsize=8)
    right.barh(range(len(most)), most["mean of |share|"], color=_PLAIN)
    names = [f"{a}: {b}" for a, b in zip(most["modality"], most["evidence"], strict=True)]
    right.set_yticks(range(len(most)), [_plain(name) for name in names], fontsize=8)
    for axes in (left, right):
        axes.set_xlabel("Mean of |share of the risk|")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    picture.suptitle(
        _plain(f"{explanation.model}, {len(explanation)} patients"), fontsize=9.5, x=0.01, ha="left"
    )
    return picture


def _plain(text: str) -> str:
    """Hostile text: no mathematics, one line."""
    line = " ".join(text.split())
    return (line if len(line) <= _LONG else f"{line[: _LONG - 1]}…").replace("$", r"\$")
