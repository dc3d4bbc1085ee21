"""split_table: sizes of the parts, and how what was balanced came out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from explorer.html import table_html

if TYPE_CHECKING:
    from explorer.split.split import Split

_SHOWN = 40


def split_table(split: Split) -> pd.DataFrame:
    """See `Split.table`."""
    parts = [part for part in split.members if "/" not in part]
    rows = []
    columns = {"all": dict.fromkeys(split.cohort.keys, "all patients"), **split.strata}
    for column, label_of in columns.items():
        counts = {part: Counter(label_of[key] for key in split.members[part] if key in label_of)
                  for part in parts}  # fmt: skip
        total = Counter(label_of.values())
        for label, count in sorted(total.items(), key=lambda pair: (-pair[1], pair[0])):
            row: dict[str, object] = {"column": column, "label": label, "patients": count}
            for part in parts:
                row[part] = counts[part][label]
                row[f"{part} share"] = counts[part][label] / count
            rows.append(row)
    return pd.DataFrame(rows)


def split_html(split: Split) -> str:
    """The table, what was asked for, and what the checks say."""
    frame = split_table(split)
    shares = [name for name in frame.columns if str(name).endswith(" share")]
    for name in shares:
        frame[name] = [f"{value:.1%}" for value in frame[name]]
    said = [[name, _plain(value)] for name, value in split.settings.items() if value]
    more = f" ({_SHOWN} of {len(frame)} rows shown)" if len(frame) > _SHOWN else ""
    html = table_html(list(map(str, frame.columns)), frame.head(_SHOWN).to_numpy().tolist(),
                      repr(split)[1:-1] + more)  # fmt: skip
    return html + table_html(["asked for", ""], said) + split.report._repr_html_()


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
