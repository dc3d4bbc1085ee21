"""flow_figure: from all patients to the chosen ones, each step with its number and reason."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from matplotlib.patches import FancyBboxPatch

from explorer.choice import Step
from explorer.picture import Picture
from explorer.printable import printable


def flow_figure(
    total: int, steps: Sequence[Step], *, ink: str = "#222222", ground: str = "#ffffff"
) -> Picture:
    """Draw a flow, as CONSORT and STROBE ask for.

    Parameters
    ----------
    total : int
        All patients.
    steps : sequence of Step
    ink, ground : str
        Colours of text and background.

    Returns
    -------
    Picture
        A box a step from top to bottom, beside it who was left out there and why.
    """
    boxes = [[f"All patients: n = {total}"]]
    boxes += [[*_lines(step.reason, 44), f"n = {step.left}"] for step in steps]
    outs: list[list[str]] = []
    for step in steps:
        why = [
            line for text, number in step.why.items() for line in _lines(f"{text}: {number}", 36)
        ]
        outs.append([f"Left out: {step.before - step.left}", *why])
    heights = [0.2 * len(lines) + 0.22 for lines in boxes]
    gaps = [max(0.34, 0.2 * len(lines) + 0.42) for lines in outs]
    high = sum(heights) + sum(gaps) + 0.3
    figure = Picture((7.4, high), facecolor=ground)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, 7.4), ylim=(0, high))
    axes.set_axis_off()
    y = high - 0.15
    for k, (lines, height) in enumerate(zip(boxes, heights, strict=True)):
        _box(axes, 0.2, y - height, 3.9, height, lines, ink, ground)
        y -= height
        if k < len(outs):
            middle = y - gaps[k] / 2
            _arrow(axes, (2.15, y), (2.15, y - gaps[k]), ink)
            _arrow(axes, (2.15, middle), (4.4, middle), ink)
            tall = 0.2 * len(outs[k]) + 0.16
            _box(axes, 4.4, middle - tall / 2, 2.85, tall, outs[k], ink, ground)
            y -= gaps[k]
    return figure


def _box(
    axes: object, x: float, y: float, width: float, height: float, lines: list[str], ink: str,
    ground: str,
) -> None:  # fmt: skip
    patch = FancyBboxPatch(
        (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.06", linewidth=1,
        edgecolor=ink, facecolor=ground,
    )  # fmt: skip
    axes.add_patch(patch)  # type: ignore[attr-defined]
    text = "\n".join(lines)
    axes.text(  # type: ignore[attr-defined]
        x + 0.1, y + height / 2, text, va="center", ha="left", fontsize=8.5, color=ink
    )


def _arrow(axes: object, start: tuple[float, float], end: tuple[float, float], ink: str) -> None:
    style = {"arrowstyle": "-|>", "color": ink, "lw": 1, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style)  # type: ignore[attr-defined]


def _lines(text: str, width: int) -> list[str]:
    shown = printable(text).replace("\n", " ").replace("$", r"\$")
    return wrap(shown, width, max_lines=4, placeholder=" …") or [""]
