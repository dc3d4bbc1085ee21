"""Score: a number that says what it is, of how many, how sure, and how long the text was."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.html import table_html

# A report that is half as long again as what it is compared with is padded, or repeats itself.
ALARM_AT = 1.5


@dataclass(frozen=True)
class Score:
    """What a metric gives.

    Attributes
    ----------
    metric : str
        Its name in the registry.
    value : float
        NaN where there was nothing to count.
    n : int
        Reports, boxes or graphs that it is the mean of.
    low, high : float or None
        95 % interval by bootstrap over the `n`.
    parts : dict
        Name to number: precision, recall, counts.
    length_ratio : float or None
        Words of what was scored over words of the reference; None where there is no text.
    problems : tuple of str
        What a reader of the number has to know.
    """

    metric: str
    value: float
    n: int = 1
    low: float | None = None
    high: float | None = None
    parts: dict[str, float] = field(default_factory=dict)
    length_ratio: float | None = None
    problems: tuple[str, ...] = ()

    @property
    def alarm(self) -> bool:
        """Whether the text is so long that the score is not to be believed alone."""
        return self.length_ratio is not None and self.length_ratio > ALARM_AT

    def __str__(self) -> str:
        interval = "" if self.low is None else f" [{self.low:.3f}, {self.high:.3f}]"
        length = "" if self.length_ratio is None else f", {self.length_ratio:.2f} times as long"
        padded = " (padded?)" if self.alarm else ""
        return f"{self.metric} {self.value:.3f}{interval} of {self.n}{length}{padded}"

    def _repr_html_(self) -> str:
        head = ["metric", "value", "95 % interval", "n", "length ratio", "to know"]
        interval = "" if self.low is None else f"{self.low:.3f} to {self.high:.3f}"
        length = "" if self.length_ratio is None else f"{self.length_ratio:.2f}"
        known = [*self.problems, *(["longer than 1.5 times the reference"] if self.alarm else [])]
        rows = [[self.metric, f"{self.value:.3f}", interval, self.n, length, "; ".join(known)]]
        rows += [
            [f"· {name}", f"{value:.3f}", "", "", "", ""] for name, value in self.parts.items()
        ]
        return table_html(head, rows)
