"""What a program hands to the store when it has looked at a patient: the rows of one run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from explorer.draft import ImageDraft, SegmentationDraft
from explorer.item_id import item_id
from explorer.records_draft import RecordsDraft
from explorer.waveform_draft import WaveformDraft

Row = dict[str, Any]


@dataclass
class RunDraft:
    """Rows that one producer derived from one input.

    A row has the fields of its table (`explorer.layout.RECORDS`); ``run``, ``current`` and
    ``synthetic`` are filled in. The same producer, version and settings on the same input replace
    what they said before; another version stands beside it, and becomes the current one.

    Attributes
    ----------
    kind : str
        'findings', 'scene', 'grounding', 'check', 'measure', 'follow', 'describe', 'import',
        'review', ...
    producer, version : str
        Who: a program and its version, or 'person' and a reader's name.
    input : str
        Address without key and version of what was looked at (``reports/r-1``); empty for the
        whole patient.
    input_sha256 : str or None
        Of the UTF-8 bytes of a report's text: rows of a report that reads otherwise by now are
        kept and no longer shown.
    checkpoint : str or None
        sha256 of a model's weights.
    settings : dict
        JSON-able.
    state : str
        'present', or why there is nothing: 'refused: the answer is no JSON', ...
    document : str or None
        The original of what was imported, every character.
    detail : dict
        JSON-able: counts, seconds, seeds.
    synthetic : bool
        Whether what it says is of a made-up input.
    findings, groundings, nodes, edges, verdicts : list of dict
    observations, texts, facts, vectors : list of dict
        Rows of the tables of the same names: measurements, generated reports, ...
    features : dict
        Names of the vectors' entries; see `RecordsDraft`.
    items : list of ImageDraft, SegmentationDraft or WaveformDraft
        Their `meta` will have ``derived``: the run, producer, version, settings and input.
    """

    kind: str
    producer: str
    version: str
    input: str = ""
    input_sha256: str | None = None
    checkpoint: str | None = None
    settings: Row = field(default_factory=dict)
    state: str = "present"
    document: str | None = None
    detail: Row = field(default_factory=dict)
    synthetic: bool = False
    findings: list[Row] = field(default_factory=list)
    groundings: list[Row] = field(default_factory=list)
    nodes: list[Row] = field(default_factory=list)
    edges: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    vectors: list[Row] = field(default_factory=list)
    features: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    items: list[ImageDraft | SegmentationDraft | WaveformDraft] = field(default_factory=list)

    def run(self, key: str) -> str:
        """The run's id in a patient: the same for the same producer, settings and input."""
        settings = json.dumps(self.settings, sort_keys=True, ensure_ascii=False)
        named = (self.kind, self.producer, self.version, self.checkpoint or "", settings)
        return item_id("run", key, *named, self.input)

    def rows(self, table: str, key: str, time: str) -> list[Row]:
        """The rows of one derived table as the store keeps them."""
        run = self.run(key)
        shared = {"run": run, "current": True, "synthetic": self.synthetic}
        if table != "runs":
            said: list[Row] = getattr(self, table)
            synthetic = [bool(row.get("synthetic")) or self.synthetic for row in said]
            return [
                {**row, **shared, "synthetic": made}
                for row, made in zip(said, synthetic, strict=True)
            ]
        return [
            {
                **shared,
                "kind": self.kind,
                "producer": self.producer,
                "version": self.version,
                "checkpoint": self.checkpoint,
                "settings": json.dumps(self.settings, sort_keys=True, ensure_ascii=False),
                "input": self.input,
                "input_sha256": self.input_sha256,
                "time": time,
                "state": self.state,
                "document": self.document,
                "detail": json.dumps(self.detail, sort_keys=True, ensure_ascii=False),
            }
        ]

    def records(self, key: str) -> RecordsDraft:
        """Its observations, texts, facts and vectors; their origin is the run."""
        return RecordsDraft(
            self.run(key),
            f"{self.producer} {self.version}",
            [],
            observations=self.observations,
            texts=self.texts,
            facts=self.facts,
            vectors=self.vectors,
            features=self.features,
            synthetic=self.synthetic,
        )
