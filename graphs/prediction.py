"""Prediction: what a model says of one patient; never a measurement."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from explorer.address import Address
from explorer.html import table_html
from explorer.item_id import item_id
from explorer.run_draft import RunDraft
from graphs.explanation.evidence import Evidence
from graphs.provenance import Provenance

#: Kind of the runs, and of their nodes.
KIND, PIECE = "prediction", "evidence"
PREDICTED = "predicted"


@dataclass(frozen=True)
class Prediction:
    """A model's answer for one patient.

    In the store it is a run of the kind 'prediction' with a node of the kind 'prediction', which
    holds the value, and a node of the kind 'evidence' a piece, whose target is its address. It is
    in no table of facts or observations.

    Attributes
    ----------
    patient : str
        Key.
    task : str
        Name of what is predicted (hostile text).
    kind : str
        Of the task; see `graphs.examples.target.KINDS`.
    value : float
        What `what` says, in `unit`; higher is more, or sooner.
    lower, upper : float or None
        Interval of the value; None where there is none.
    interval : str
        What kind of interval it is, or why there is none.
    what, unit : str
        'log hazard against the mean of the training patients'; empty where it has no unit.
    probability : float or None
        Of the event up to the horizon, or of the label; None where the model gives none.
    probability_of : str
        'the event up to 1000 days'.
    evidence : tuple of Evidence
        The heaviest first; modalities that the patient lacks, last.
    provenance : Provenance
    seen : str
        Whether the model was trained on the patient, as far as it is known.
    settings : str
        The model's, as JSON.
    input : str
        Names the state of the patient's data that was looked at.
    current : bool
        False once a newer checkpoint of the model has predicted the same.
    address : str
        Of the prediction in the store; empty where it was not kept.
    """

    patient: str
    task: str
    kind: str
    value: float
    lower: float | None
    upper: float | None
    interval: str
    what: str
    unit: str
    probability: float | None
    probability_of: str
    evidence: tuple[Evidence, ...]
    provenance: Provenance
    seen: str = "not known whether the model was trained on this patient"
    settings: str = "{}"
    input: str = ""
    current: bool = True
    address: str = ""

    def run(self, *, synthetic: bool = False) -> RunDraft:
        """As a run for `Transaction.put_run`: the same checkpoint and task replace it.

        Parameters
        ----------
        synthetic : bool
            Whether the patient is made up.
        """
        made = self.provenance
        settings = {"seed": made.seed, "snapshot": made.snapshot, "task": self.task,
                    "settings": json.loads(self.settings)}  # fmt: skip
        about = {
            name: getattr(self, name)
            for name in ("task", "kind", "what", "lower", "upper", "interval", "probability",
                         "probability_of", "seen", "input")
        }  # fmt: skip
        node = item_id("prediction", self.patient, made.model, made.checkpoint, self.task)
        rows: list[dict[str, Any]] = [{
            "node": node, "kind": KIND, "name": self.task, "assertion": PREDICTED,
            "number": self.value, "unit": self.unit or None, "detail": _json(about),
        }]  # fmt: skip
        for number, one in enumerate(self.evidence, 1):
            rows.append({
                "node": f"{node}.{number}", "kind": PIECE, "name": one.modality,
                "assertion": PREDICTED, "target": _target(one.address, self.patient),
                "number": one.weight,
                "detail": _json({
                    **asdict(one), "of": node, "at": number,
                    "address": one.address if _target(one.address, self.patient) else "",
                }),
            })  # fmt: skip
        return RunDraft(
            KIND, made.model, made.version, input=f"tasks/{self.task or 'unnamed'}",
            checkpoint=made.checkpoint, settings=settings, detail=about, synthetic=synthetic,
            nodes=rows,
        )  # fmt: skip

    @classmethod
    def of_rows(cls, run: dict[str, Any], nodes: list[dict[str, Any]]) -> Self:
        """Read it back from its row of ``runs`` and the rows of ``nodes`` of that run."""
        settings, key = json.loads(run["settings"]), run["patient"]
        head = next(row for row in nodes if row["kind"] == KIND)
        about = json.loads(head["detail"])
        pieces = [(json.loads(row["detail"]), row) for row in nodes if row["kind"] == PIECE]
        pieces.sort(key=lambda pair: pair[0]["at"])
        evidence = tuple(
            Evidence(
                one["modality"], _address(one["address"], row["target"], key),
                one["text"], row["number"], one["state"], tuple(one["parts"]),
            )
            for one, row in pieces
        )  # fmt: skip
        made = Provenance(
            run["producer"], run["version"], run["checkpoint"] or "", settings["snapshot"],
            settings["seed"],
        )  # fmt: skip
        return cls(
            patient=key, value=head["number"], unit=head["unit"] or "", evidence=evidence,
            provenance=made, settings=_json(settings["settings"]), current=bool(run["current"]),
            address=f"onco:{key}/nodes/{head['node']}", **about,
        )  # fmt: skip

    @property
    def words(self) -> str:
        """The answer as a sentence; that it is predicted stands first."""
        unit = f" {self.unit}" if self.unit else ""
        between = (
            f"no interval: {self.interval}" if self.lower is None
            else f"{self.lower:.3g} to {self.upper:.3g}, {self.interval}"
        )  # fmt: skip
        chance = (
            "" if self.probability is None
            else f"; probability of {self.probability_of}: {100 * self.probability:.1f} %"
        )  # fmt: skip
        return f"Predicted, not measured: {self.what} {self.value:+.3g}{unit} ({between}){chance}"

    def _repr_html_(self) -> str:
        rows = [
            [one.modality, one.text, f"{one.weight:+.3g}", one.address or None]
            for one in self.evidence
        ]
        head = ["modality", "evidence", "share of the risk", "address"]
        made = self.provenance
        return table_html(head, rows, f"{self.task}. {self.words}") + table_html(
            ["made by", ""],
            [["model", f"{made.model} {made.version}"], ["checkpoint", made.checkpoint],
             ["trained on", made.snapshot or None], ["seed", made.seed], ["patient", self.seen],
             ["newest of its model", "yes" if self.current else "no"]],
        )  # fmt: skip


def _target(address: str, key: str) -> str | None:
    """Without key and version: a target of the patient's own; another's address is not kept."""
    place = f"onco:{key}/"
    if not address.startswith(place):
        return None
    return str(replace(Address.parse(address), version=None)).removeprefix(place)


def _address(said: str, target: str | None, key: str) -> str:
    """With the version that was looked at, unless the item is called otherwise by now."""
    if not target:
        return ""
    return said if _target(said, key) == target else f"onco:{key}/{target}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
