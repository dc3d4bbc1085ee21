"""DialogueView: questions about a patient, answered by rules, each answer with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from explorer.address import Address
from explorer.derived import derived
from explorer.errors import AddressError
from explorer.picture import Picture
from graphs.findings import findings
from graphs.grounding.dialogue import Dialogue
from widgets.esm import css, esm
from widgets.report_content import place_words
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from explorer.patient import Patient
    from graphs.grounding.answer import Answer

_NAME = "DialogueView"
_MOST = 2000  # characters of a question


class DialogueView(WholeWidget):
    """Ask whether there is something, where, how large, and whether it has changed.

    No language model: `graphs.grounding.dialogue.Dialogue` looks up what is stored, remembers
    what 'it' is, and says so where it does not know. What an answer rests on stands below it, to
    be clicked: findings, places, boxes and nodes by their addresses.

    Parameters
    ----------
    patient : Patient
    selection : Selection, optional
        Shared with other views; one of its own by default.

    Attributes
    ----------
    turns : list of dict
        ``{'question': ..., 'answer': ..., 'cited': [{'label': ..., 'address': ...}]}``, the
        oldest first. Text in it is hostile.
    height : int
        Of the conversation, CSS pixels.
    """

    _esm = esm("dialogue.js")
    _css = css("theme.css", "dialogue.css")

    turns: Any = t.List().tag(sync=True)
    height = t.Int(320, min=120).tag(sync=True)
    _suggested: Any = t.List().tag(sync=True)
    _lit: Any = t.List().tag(sync=True)

    def __init__(self, patient: Patient, selection: Selection | None = None, **traits: Any) -> None:
        self.selection = Selection() if selection is None else selection
        super().__init__(**traits)
        self.patient = patient
        self._begin()
        self.on_msg(self._on_message)
        self.selection.observe(self._lit_changed, "lit")
        self._lit = list(self.selection.lit)

    def ask(self, question: str) -> Answer:
        """Put a question; the answer is added to `turns`.

        Parameters
        ----------
        question : str
            English; hostile.

        Returns
        -------
        Answer
        """
        said = question.strip()[:_MOST]
        answer = self._dialogue.ask(said)
        turn = {"question": said, "answer": answer.text, "cited": self._cited(answer)}
        self.turns = [*self.turns, turn]
        return answer

    def refresh(self) -> None:
        """Speak of the newest version of the patient; what was said stays."""
        self.patient = self.patient.store[self.patient.key]
        self._begin()

    def clear(self) -> None:
        """Begin a new conversation."""
        self.turns = []
        self._begin()

    def figure(self, **options: Any) -> Figure:
        """The conversation as a static figure; `width` in inches."""
        import textwrap

        width = float(options.pop("width", 8.0))
        columns = int(width * 13)
        lines: list[tuple[str, str]] = []
        for turn in self.turns:
            lines += [("bold", one) for one in textwrap.wrap("Q: " + turn["question"], columns)]
            lines += [("normal", one) for one in textwrap.wrap("A: " + turn["answer"], columns)]
            cited = "; ".join(one["label"] for one in turn["cited"]) or "nothing"
            lines += [("light", one) for one in textwrap.wrap("rests on " + cited, columns)]
        lines = lines or [("light", "No question was asked.")]
        figure = Picture(size=(width, 0.2 * (len(lines) + 2)), facecolor="white", **options)
        for k, (weight, text) in enumerate(lines):
            figure.text(
                0.02, 1 - (k + 1) / (len(lines) + 2), text, family="DejaVu Sans Mono", fontsize=8,
                weight=weight, parse_math=False,
            )  # fmt: skip
        return figure

    def _begin(self) -> None:
        self._dialogue = Dialogue(self.patient)
        said = {one.id: one for one in findings(self.patient)}
        known = sorted(said.values(), key=lambda one: one.assertion != "present")
        names = list(dict.fromkeys(one.entity for one in known))[:3]
        follow = ["Where is it?", "How large is it?", "Has it changed?"] if names else []
        self._suggested = [f"Is there a {name}?" for name in names] + follow

    def _cited(self, answer: Answer) -> list[dict[str, str]]:
        """What an answer rests on, each address once, with a few words for it."""
        key = self.patient.key
        words = {one.id: one for one in findings(self.patient)}
        found: dict[str, str] = {}
        for name in answer.findings:
            one = words.get(name)
            label = f"finding: {one.text}" if one else "finding"
            found[str(Address(key, "findings", name))] = label
        for name in answer.groundings:
            found[str(Address(key, "groundings", name))] = "grounding"
        for target in answer.targets:
            found[f"onco:{key}/{target}"] = f"region: {place_words(self.patient, target)}"
        if answer.address is not None:
            found[answer.address] = "box: " + place_words(self.patient, _bare(answer.address))
        rows = {row["node"]: row for row in derived(self.patient, "nodes")} if answer.nodes else {}
        for name in answer.nodes:
            row = rows.get(name)
            if row is not None and row["target"]:
                found.setdefault(f"onco:{key}/{row['target']}", f"node: {row['name'] or name}")
        return [{"address": a, "label": label} for a, label in found.items() if _is_address(a)]

    def _lit_changed(self, change: Any) -> None:
        self._lit = list(change["new"])

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind = content.get("kind")
        if kind == "ask" and str(content.get("question", "")).strip():
            self.ask(str(content["question"]))
        elif kind == "pick":
            # only what was cited: the browser may not name anything else
            cited = {one["address"] for turn in self.turns for one in turn["cited"]}
            if content.get("address") in cited:
                self.selection.pick(content["address"], by=_NAME)
        elif kind == "clear":
            self.clear()


def _bare(address: str) -> str:
    return address.split("/", 1)[1]


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except AddressError:
        return False
    return True
