"""split_figure: how each label is divided among the parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.picture import Picture
from explorer.printable import printable

if TYPE_CHECKING:
    from explorer.split.split import Split

_MOST = 40
# Okabe and Ito: told apart by the colour-blind, too
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")


def split_figure(split: Split) -> Picture:
    """See `Split.figure`."""
    frame = split.table().head(_MOST)
    parts = [part for part in split.members if "/" not in part]
    names = [
        printable(f"{row['label']} ({row['patients']})"
                  if row["column"] == "all" else
                  f"{row['column']} = {row['label']} ({row['patients']})")[:60].replace("$", r"\$")
        for _, row in frame.iterrows()
    ]  # fmt: skip
    picture = Picture((8, 1.2 + 0.26 * len(frame)), layout="constrained")
    axes = picture.add_subplot()
    at = np.arange(len(frame))
    left = np.zeros(len(frame))
    for k, part in enumerate(parts):
        width = 100 * frame[f"{part} share"].to_numpy(float)
        axes.barh(at, width, left=left, color=_COLOURS[k % len(_COLOURS)],
                  label=printable(part).replace("$", r"\$"), edgecolor="white")  # fmt: skip
        left = left + width
    axes.set_yticks(at, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("patients of the label (%)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=max(len(parts), 1),
                frameon=False)  # fmt: skip
    return picture
