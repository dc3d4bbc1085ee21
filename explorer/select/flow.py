"""Flow: from all patients to those who were chosen, as a table and as a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from explorer.choice import Step
from explorer.html import table_html
from explorer.picture import Picture


class Flow(Sequence[Step]):
    """Steps, each with who was left out and why.

    Parameters
    ----------
    total : int
        All patients.
    steps : sequence of Step
    """

    def __init__(self, total: int, steps: Sequence[Step]) -> None:
        self.total = total
        self.steps = list(steps)

    @property
    def left(self) -> int:
        """Who was chosen."""
        return self.steps[-1].left if self.steps else self.total

    def figure(self, *, ink: str = "#222222", ground: str = "#ffffff") -> Picture:
        """A box a step, as CONSORT and STROBE ask for; see `flow_figure`."""
        from explorer.select.flow_figure import flow_figure

        return flow_figure(self.total, self.steps, ink=ink, ground=ground)

    def document(self) -> dict[str, Any]:
        """The same as JSON: all, chosen, steps (reason, before, left, why)."""
        return {
            "all": self.total, "chosen": self.left, "steps": [asdict(step) for step in self.steps],
        }  # fmt: skip

    def __getitem__(self, index: Any) -> Any:
        return self.steps[index]

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __repr__(self) -> str:
        lines = [f"all patients: {self.total}"]
        for step in self.steps:
            lines.append(f"{step.reason}: {step.left} ({moved(step)})")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows: list[list[Any]] = [["all patients", self.total, None, None]]
        rows += [
            [step.reason, step.left, abs(step.before - step.left) or None, reasons(step)]
            for step in self.steps
        ]
        caption = f"{self.left} of {self.total} patients"
        return table_html(["step", "left", "left out (or added)", "why"], rows, caption)


def reasons(step: Step) -> str | None:
    """Why patients were left out at a step: 'another value: 3; no value: unknown: 2'."""
    if step.left > step.before:
        return f"added: {step.left - step.before}"
    return "; ".join(f"{text}: {number}" for text, number in step.why.items()) or None


def moved(step: Step) -> str:
    """How many went, or came, and why."""
    why = reasons(step)
    out = step.before - step.left
    return f"left out {out}" + (f": {why}" if why else "") if out >= 0 else str(why)
