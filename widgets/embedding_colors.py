"""embedding_colors: colours of points by a column, with a legend that says what is unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

from widgets.palette import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, YELLOW

_COLORS = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW)
_OTHER = "#4d4d4d"
_BINS = 6


@dataclass(frozen=True, eq=False)
class EmbeddingColors:
    """A colour a point.

    Attributes
    ----------
    code : Series of int, (point,)
        Place in the legend.
    legend : list of (str, str)
        Label (hostile text) and colour; 'unknown' is grey and last.
    """

    code: pd.Series
    legend: list[tuple[str, str]]


def embedding_colors(column: pd.Series | None, count: int) -> EmbeddingColors:
    """Colours that people of any colour vision tell apart.

    Parameters
    ----------
    column : Series or None
        Numbers become six steps of equal width (cividis), text its seven most frequent values
        and 'other'; missing is unknown.
    count : int
        Points.

    Returns
    -------
    EmbeddingColors
    """
    if column is None:
        return EmbeddingColors(pd.Series(np.zeros(count, int)), [("all points", BLUE)])
    missing = column.isna().to_numpy()
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if numeric and column.nunique() > len(_COLORS):
        values = column.to_numpy(float, na_value=np.nan)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        edges = np.linspace(low, high, _BINS + 1)
        code = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, _BINS - 1)
        shades = colormaps["cividis"](np.linspace(0, 1, _BINS))
        legend = [
            (f"{edges[k]:.4g} to {edges[k + 1]:.4g}", to_hex(shades[k])) for k in range(_BINS)
        ]
    else:
        texts = column.astype(object).where(~missing, None).map(str, na_action="ignore")
        order = sorted(texts.value_counts().items(), key=lambda pair: (-pair[1], str(pair[0])))
        named = [str(label) for label, _ in order[: len(_COLORS)]]
        place = {label: k for k, label in enumerate(named)}
        code = np.array([place.get(text, len(named)) for text in texts.tolist()], int)
        legend = list(zip(named, _COLORS, strict=False))
        if len(order) > len(named):
            legend.append((f"other ({len(order) - len(named)} values)", _OTHER))
    if missing.any():
        code = np.where(missing, len(legend), code)
        legend.append(("unknown", GREY))
    return EmbeddingColors(pd.Series(np.asarray(code, int)), legend)
