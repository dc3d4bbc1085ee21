"""The survival part of a cohort view: what was asked, what came of it, and what is offered."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from explorer.choice import Choice
from explorer.errors import NotFoundError, OncographError
from explorer.picture import Picture
from explorer.store import Store
from graphs.guess_outcome import guess_outcome
from graphs.kaplan_meier import Survival
from graphs.outcome import UNITS, Outcome
from graphs.outcomes import outcomes
from graphs.survival_figure import MOST_GROUPS, survival_figure, survival_text
from graphs.survival_of import survival_of

_ASKED = ("time", "other", "event", "unit", "by")


class CohortSurvival:
    """An outcome, groups, and the curves of the patients of a choice.

    Nothing is drawn before a person has named the outcome: a guess is only offered.

    Parameters
    ----------
    store : Store
    choice : Choice

    Attributes
    ----------
    outcomes : dict of str to Outcome
        Those that tables were read as.
    result : Survival or None
        Of the last `draw`.
    left_out : dict of str to int
        Chosen patients who are not counted in it, by why.
    """

    def __init__(self, store: Store, choice: Choice) -> None:
        self.store = store
        self.look_at(choice)
        self.asked: dict[str, Any] = dict.fromkeys(_ASKED, "") | {"happened": []}
        self.colors = {"ink": "#222222", "ground": "#ffffff"}
        self.message = ""

    def look_at(self, choice: Choice) -> None:
        """Take another choice of the same store."""
        self.choice = choice
        self.outcomes = outcomes(self.store, choice.facets)
        self.result: Survival | None = None
        self.outcome: Outcome | None = None
        self.left_out: dict[str, int] = {}

    def ask(
        self,
        time: str | Iterable[str],
        event: str = "",
        happened: Iterable[str] = (),
        *,
        unit: str = "",
        by: str = "",
    ) -> None:
        """Say what to draw; see `CohortView.survival`.

        Raises
        ------
        NotFoundError
            There is no such facet, or its unit is not said.
        """
        times = [time] if isinstance(time, str) else list(time)
        self.asked = {
            "time": times[0] if times else "", "other": times[1] if len(times) > 1 else "",
            "event": event, "happened": list(happened), "unit": unit, "by": by,
        }  # fmt: skip
        self.outcome = self._outcome(times)
        if not self.outcome.unit:
            raise NotFoundError(
                "The unit of the times is not said", expected=f"one of {UNITS}",
                do="name it, as the source's documentation has it",
            )  # fmt: skip
        if by and by not in self.choice.facets:
            raise NotFoundError(f"No facet {by!r}", expected="a name in view.choice.facets")

    def _outcome(self, times: list[str]) -> Outcome:
        unit = str(self.asked["unit"])
        if unit and unit not in UNITS:
            raise NotFoundError(f"No unit {unit!r}", expected=f"one of {UNITS}")
        if len(times) == 1 and times[0] in self.outcomes:
            one = self.outcomes[times[0]]
            return Outcome(one.title, one.unit or unit, one.time, one.event, one.why)
        event, happened = self.asked["event"], self.asked["happened"]
        if not times or not event or not happened:
            raise NotFoundError(
                "The outcome is not named",
                expected="a time, a fact that says whether it happened, and its values for 'yes'",
            )
        return Outcome.of_facts(self.choice.facets, times, event, happened, unit)

    def draw(self) -> Survival:
        """Estimate anew, for the patients who are chosen now.

        Raises
        ------
        NotFoundError
            No outcome was named, or there are more groups than can be told apart.
        """
        self.result = None
        if self.outcome is None:
            raise NotFoundError("The outcome is not named", do="view.survival(time, event, ...)")
        by = self.choice.facets[self.asked["by"]] if self.asked["by"] else None
        self.result, self.left_out = survival_of(self.outcome, self.choice.mask(), by, MOST_GROUPS)
        return self.result

    def figure(self, **options: Any) -> Picture:
        """The curves of the last `draw`."""
        if self.result is None or self.outcome is None:
            raise NotFoundError("Nothing was drawn", do="view.survival(time, event, ...)")
        return survival_figure(self.result, self.outcome.unit, self.outcome.title, **options)

    def browser(self, message: dict[str, Any]) -> None:
        """What was chosen in the browser; a fault is told there."""
        self.colors = {name: str(message.get(name) or self.colors[name]) for name in self.colors}
        if "time" not in message:  # other patients, or another theme
            self.message = ""
            if self.outcome is None:
                return
        try:
            if "time" in message:
                times = [str(message[name]) for name in ("time", "other") if message.get(name)]
                happened = [str(one) for one in message.get("happened", ())]
                self.outcome = self.result = None
                self.message = ""
                self.ask(
                    times, str(message.get("event", "")), happened,
                    unit=str(message.get("unit", "")), by=str(message.get("by", "")),
                )  # fmt: skip
            self.draw()
        except (OncographError, ValueError) as error:
            self.result = None
            self.message = str(error)

    def shown(self) -> dict[str, Any]:
        """Everything as plain data for the browser."""
        facets = self.choice.facets
        facts = [one for one in facets.values() if one.group in ("facts", "patient", "data")]
        made: dict[str, Any] = {
            "outcomes": [[name, one.unit] for name, one in self.outcomes.items()],
            "times": [[one.name, one.title, one.unit] for one in facts if one.numeric],
            "events": [
                [one.name, one.title, list(one.labels[: one.values])]
                for one in facts
                if one.group == "facts" and not one.numeric and 0 < one.values <= _MOST_VALUES
            ],
            "groups": [[one.name, one.title] for one in facts],
            "units": list(UNITS), "asked": self.asked, "guess": self._guess(),
            "message": self.message, "picture": "", "text": "", "out": [],
        }  # fmt: skip
        if self.result is not None and self.outcome is not None:
            png = self.figure(**self.colors)._repr_png_()
            made["picture"] = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
            made["text"] = survival_text(self.result, self.outcome.unit, self.outcome.title)
            made["out"] = [[why, number] for why, number in self.left_out.items()]
        return made

    def _guess(self) -> dict[str, Any] | None:
        paired = [(-int(one.known.sum()), name) for name, one in self.outcomes.items() if one.unit]
        if paired:
            name = min(paired)[1]
            return {"time": name, "event": "", "happened": [], "why": "its table was read as one"}
        found = guess_outcome(self.choice.facets)
        if found is None:
            return None
        return {
            "time": found.time, "event": found.event, "happened": list(found.happened),
            "why": "the names of its columns look like one",
        }  # fmt: skip


_MOST_VALUES = 12  # a fact with more of them says no 'yes' or 'no'
