"""Spec: which features a modality has, as plain values that can be written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from explorer.plain_yaml import plain_yaml
from graphs.errors import ExamplesError
from graphs.features.known_rows import KnownRows

#: Where features come from, and what may be said of each besides.
SOURCES: dict[str, tuple[str, ...]] = {
    "facts": ("names", "several", "most"),
    "events": ("names", "by", "digits", "flag", "no_record", "at_least", "most"),
    "vectors": ("name", "several", "signatures", "suffixes"),
    "measurements": ("names", "masks", "keep"),
    "lesions": ("names", "masks", "keep"),
    "radiomics": ("segments", "bin_width"),
    "findings": ("names", "extractor", "at_least", "most"),
    "reports": ("encoder", "by", "keep"),
    "images": ("encoder", "modality", "slices", "windows", "keep"),
    "waveforms": ("encoder", "modality", "keep"),
}
_BYTES = 1 << 20


@dataclass(frozen=True)
class Spec:
    """Features by modality.

    Attributes
    ----------
    modalities : dict of str to dict
        Name of the modality to ``from`` (a key of `SOURCES`) and what more is said:
        ``{"clinical": {"from": "facts", "names": ["age*"]},
        "rna": {"from": "vectors", "name": "rna", "signatures": "signatures.csv"}}``.
    """

    modalities: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Spec | Mapping[str, Any] | str | Path) -> Spec:
        """Read a mapping, or a YAML or JSON file.

        Raises
        ------
        ExamplesError
            It is no spec; the message says what is wrong.
        """
        if isinstance(said, Spec):
            return said
        if isinstance(said, str | Path):
            said = _read(Path(said))
        if not isinstance(said, Mapping) or not said:
            raise ExamplesError(f"A spec {said!r:.80}", expected="modality to {'from': ...}")
        return cls({str(name): _checked(str(name), one) for name, one in said.items()})

    @classmethod
    def default(cls, known: KnownRows) -> Spec:
        """What is there and may be a feature: facts, events, vectors, observations, findings.

        Reports, images and waveforms are not among them: which encoder reads them has to be said.
        Nor are outlines that nobody has measured, since that takes long (``masks: true``).
        """
        made: dict[str, dict[str, Any]] = {}
        if known.any("facts"):
            made["clinical"] = {"from": "facts"}
        for name in known.vector_names():
            made[name if name not in made else f"vectors: {name}"] = {
                "from": "vectors", "name": name,
            }  # fmt: skip
        kinds = known.event_kinds()
        if kinds:
            made["events"] = {"from": "events", "names": [f"{kind}:*" for kind in kinds]}
        if known.any("observations"):
            made["measurements"] = {"from": "measurements", "masks": False}
        if known.any("findings"):
            made["findings"] = {"from": "findings"}
        return cls(made)

    def plain(self) -> dict[str, dict[str, Any]]:
        """The same as plain values, for JSON and YAML."""
        copied: dict[str, dict[str, Any]] = json.loads(json.dumps(self.modalities, default=str))
        return copied

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Modality, where it comes from, and what more is said."""
        for name, said in self.modalities.items():
            yield name, said["from"], {k: v for k, v in said.items() if k != "from"}

    def __len__(self) -> int:
        return len(self.modalities)


def _checked(name: str, said: Any) -> dict[str, Any]:
    if not isinstance(said, Mapping) or said.get("from") not in SOURCES:
        raise ExamplesError(
            f"Modality {name!r} with {said!r:.80}", expected=f"from: {', '.join(SOURCES)}"
        )
    source = said["from"]
    unknown = set(said) - {"from", *SOURCES[source]}
    if unknown:
        raise ExamplesError(
            f"Modality {name!r} from {source} with {sorted(map(str, unknown))}",
            expected=", ".join(SOURCES[source]) or "nothing more",
        )
    if source == "vectors" and not isinstance(said.get("name"), str):
        raise ExamplesError(f"Modality {name!r} from vectors of no name", expected="name: rna")
    if "encoder" in SOURCES[source] and not said.get("encoder"):
        raise ExamplesError(
            f"Modality {name!r} from {source} without an encoder",
            expected="encoder: a local folder, or the name of an installed package",
        )
    return dict(said)


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _BYTES:
            raise ExamplesError("A file that is too long for a spec", where=str(path))
        return plain_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise ExamplesError(f"The spec cannot be read: {error}", where=str(path)) from error
