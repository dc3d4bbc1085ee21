"""A waveform for people to look at: what it is, and a small figure with units on its axes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import OncographError
from explorer.html import Raw, cell, table_html

if TYPE_CHECKING:
    from explorer.waveform import Waveform

_SECONDS, _MOST_CHANNELS, _POINTS = 10.0, 15, 2000


def waveform_html(wave: Waveform) -> str:
    """HTML of a waveform.

    Parameters
    ----------
    wave : Waveform

    Returns
    -------
    str
    """
    facts: list[list[object]] = [
        ["Name", wave.name or "unnamed"],
        ["Channels", ", ".join(wave.channels)],
        ["Units", ", ".join(dict.fromkeys(wave.channel_units))],
        ["Length", f"{wave.duration_s:.3g} s at {wave.sampling_hz:g} Hz"],
        ["Day", wave.day if wave.day is not None else wave.day_state],
    ]
    facts += [["Remark", problem] for problem in wave.problems]
    flag = " &middot; <b>synthetic</b>" if wave.synthetic else ""
    table = table_html(["", ""], facts, caption=f"{wave.modality} {wave.id}")
    return f'<div class="oncograph">{table}{flag}{waveform_figure(wave)}</div>'


def waveform_figure(wave: Waveform, seconds: float = _SECONDS, width: float = 7.0) -> Raw:
    """The first seconds of a waveform as an ``<img>`` with its bytes in it.

    Parameters
    ----------
    wave : Waveform
    seconds : float
        From the start of the recording.
    width : float
        Inches.

    Returns
    -------
    Raw
        One row a channel, at most 15; time in s, values in each channel's unit.
    """
    from explorer.picture import Picture

    count = min(len(wave.channels), _MOST_CHANNELS)
    samples = min(wave.shape[1], max(2, int(seconds * wave.sampling_hz)))
    step = max(1, samples // _POINTS)
    try:
        part = wave.data[:count, :samples].values
    except (OncographError, OSError):
        return Raw("unreadable")
    time = np.asarray(wave.data["time"][:samples:step])
    figure = Picture((width, 0.55 * count + 0.6))
    axes = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    for axis, name, unit, values in zip(
        axes, wave.channels, wave.channel_units, part, strict=False
    ):
        axis.plot(time, values[::step], linewidth=0.6, color="black")
        shown = name if unit == "1" else f"{name}\n{unit}"
        # a channel's name is text, whatever is in it
        axis.set_ylabel(shown, rotation=0, ha="right", va="center", fontsize=7, parse_math=False)
        axis.tick_params(labelsize=6)
    axes[-1].set_xlabel("time (s)", fontsize=8)
    figure.subplots_adjust(0.16, 0.5 / (0.55 * count + 0.6), 0.99, 0.99, 0.15)
    data = base64.b64encode(figure._repr_png_()).decode("ascii")
    left = len(wave.channels) - count
    more = f"<div>{left} more channels</div>" if left else ""
    alt = cell(f"{wave.modality}: {', '.join(wave.channels[:count])}")
    return Raw(f'<img alt="{alt}" src="data:image/png;base64,{data}">{more}')
