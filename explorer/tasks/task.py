"""Task: what is to be predicted, from what, by when, and how it is scored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from explorer.errors import TaskError
from explorer.html import table_html
from explorer.plain_yaml import plain_yaml
from explorer.tasks.endpoint import Endpoint
from explorer.windows.chosen_inputs import ChosenInputs
from explorer.windows.window import Window

KINDS = (
    "survival", "competing risks", "binary", "multi-class", "multi-label", "regression",
    "segmentation", "detection", "report generation", "retrieval",
)  # fmt: skip
_BYTES = 1 << 20


@dataclass(frozen=True)
class Task:
    """A task, as plain values that can be written down and hashed.

    Attributes
    ----------
    name : str
        Letters, digits, dots, dashes and underscores.
    kind : str
        One of `KINDS`.
    inputs : tuple of str
        What features may come from: ``CT``, ``images: MR``, ``facts: age*``, ``events``,
        ``vectors: rna``, ``reports``, ...; none is everything; see `ChosenInputs`.
    outcome : Endpoint
        May be given as a mapping; see `Endpoint.of`.
    window : Window
        May be given as a mapping; see `Window.of`. By default time zero is the index day, and
        there is no outcome window.
    metrics : dict of str to str
        Name to which way is better: 'higher' or 'lower'. The first is what the task is about.
    unit : str
        Of the label: 'days', 'mm', ...
    classes : tuple of str
        Of a label, in order.
    known_at_index : tuple of str
        Patterns of facts and vectors without a day that a person says were known on the index
        day: sex, stage, the expression of the tumour at diagnosis.
    never : tuple of str
        Patterns of names and columns that are never features, besides those that rules find.
    licence : str
        What may be done with the data that the task was made for.
    note, source : str
        For people; where the task comes from.
    """

    name: str
    kind: str
    inputs: tuple[str, ...] = ()
    outcome: Endpoint = field(default_factory=Endpoint)
    window: Window = field(default_factory=lambda: Window(outcome=None))
    metrics: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    classes: tuple[str, ...] = ()
    known_at_index: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    licence: str = ""
    note: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(r"[\w.-]{1,100}", self.name):
            raise TaskError(
                f"A task of the name {self.name!r}",
                expected="letters, digits, dots, dashes and underscores",
            )
        if self.kind not in KINDS:
            raise TaskError(f"A task of the kind {self.kind!r}", expected=", ".join(KINDS))
        for one in ("inputs", "classes", "known_at_index", "never"):
            object.__setattr__(self, one, _texts(one, getattr(self, one)))
        object.__setattr__(self, "outcome", Endpoint.of(self.outcome))
        if not isinstance(self.window, Window):
            object.__setattr__(self, "window", Window.of(_mapping("window", self.window)))
        metrics = {str(k): str(v) for k, v in _mapping("metrics", self.metrics).items()}
        for name, better in metrics.items():
            if better not in ("higher", "lower"):
                raise TaskError(f"Metric {name!r}: {better!r} is better", expected="higher, lower")
        object.__setattr__(self, "metrics", metrics)
        for one in ("unit", "licence", "note", "source"):
            if not isinstance(getattr(self, one), str):
                raise TaskError(f"{one}: {getattr(self, one)!r}", expected="text")
        ChosenInputs.of(self.inputs)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Task:
        """Read a mapping of plain values.

        Raises
        ------
        TaskError
            It is no task; the message says what is wrong.
        """
        given = dict(_mapping("a task", said))
        sha256 = given.pop("sha256", None)
        unknown = set(given) - {one.name for one in fields(cls)}
        if unknown:
            expected = ", ".join(one.name for one in fields(cls))
            raise TaskError(f"A task with {sorted(map(str, unknown))}", expected=expected)
        if "name" not in given or "kind" not in given:
            raise TaskError("A task without a name or a kind", expected=", ".join(KINDS))
        made = cls(**{key: value for key, value in given.items() if value is not None})
        if sha256 is not None and sha256 != made.sha256:
            raise TaskError(
                f"Task {made.name!r} has been changed since it was written",
                expected=f"the sha256 {sha256}", do="take the line sha256 away if that is meant",
            )  # fmt: skip
        return made

    @classmethod
    def read(cls, path: str | Path) -> Task:
        """Read a task from a YAML or JSON file.

        Parameters
        ----------
        path : path

        Raises
        ------
        TaskError
            The file cannot be read, or is no task.
        """
        place = Path(path)
        try:
            if place.stat().st_size > _BYTES:
                raise TaskError("A file that is too long for a task", where=str(path))
            said = plain_yaml(place.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            raise TaskError(f"The task cannot be read: {error}", where=str(path)) from error
        return cls.of(_mapping("a task", said))

    def plain(self) -> dict[str, Any]:
        """The same as plain values, for JSON and YAML."""
        return {
            "name": self.name, "kind": self.kind, "inputs": list(self.inputs),
            "outcome": self.outcome.plain(), "window": self.window.plain(),
            "metrics": dict(self.metrics), "unit": self.unit, "classes": list(self.classes),
            "known_at_index": list(self.known_at_index), "never": list(self.never),
            "licence": self.licence, "note": self.note, "source": self.source,
        }  # fmt: skip

    def to_json(self) -> str:
        """The task and its sha256 as one JSON document."""
        return json.dumps({**self.plain(), "sha256": self.sha256}, indent=2, ensure_ascii=False)

    def to_yaml(self) -> str:
        """The task and its sha256 as YAML."""
        said = {**self.plain(), "sha256": self.sha256}
        return str(yaml.safe_dump(said, sort_keys=False, allow_unicode=True))

    @property
    def sha256(self) -> str:
        """Of all that it says, whatever order it was written in."""
        try:
            text = json.dumps(
                {**self.plain(), "metrics": list(self.metrics.items())},
                sort_keys=True, ensure_ascii=False, allow_nan=False,
            )  # fmt: skip
        except (TypeError, ValueError) as error:
            raise TaskError(f"Task {self.name!r} is no plain text: {error}") from error
        return hashlib.sha256(text.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.sha256)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Of the images, slides and waveforms among its inputs; ``*`` is any."""
        return ChosenInputs.of(self.inputs).modalities

    def _repr_html_(self) -> str:
        metrics = ", ".join(f"{name} ({better} is better)" for name, better in self.metrics.items())
        rows: list[list[Any]] = [
            ["kind", self.kind], ["inputs", ", ".join(self.inputs) or "everything"],
            ["outcome", str(self.outcome)], ["window", str(self.window)], ["metrics", metrics],
            ["unit", self.unit or None], ["classes", ", ".join(self.classes) or None],
            ["known at the index", ", ".join(self.known_at_index) or None],
            ["never features", ", ".join(self.never) or None],
            ["licence", self.licence or None], ["note", self.note or None],
            ["sha256", self.sha256],
        ]  # fmt: skip
        return table_html(["", ""], rows, f"Task {self.name}")


def _mapping(name: str, said: Any) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise TaskError(f"{name}: {said!r}", expected="names with values")
    return said


def _texts(name: str, said: Any) -> tuple[str, ...]:
    if isinstance(said, str):
        return (said,)
    if not isinstance(said, list | tuple) or not all(isinstance(one, str) for one in said):
        raise TaskError(f"{name}: {said!r}", expected="a list of texts")
    return tuple(said)
