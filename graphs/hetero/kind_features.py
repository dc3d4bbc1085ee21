"""Which numbers and words of a node are features, by the node's kind."""

from __future__ import annotations

from explorer.readers.absence import STATES

# What is neither said to be there nor not.
STATE_CODES = {state: code for code, state in enumerate(STATES, 1)}
STATED = frozenset(
    {"fact", "treatment", "outcome", "event", "gene set", "measurement", "observation"}
)

_NUMBERS = {
    **dict.fromkeys(
        ("patient", "study", "image", "waveform", "slide", "anatomy", "report", "sentence",
         "finding"), (),
    ),
    "segment": ("volume_mm3", "voxels"),
    "grounding": ("score",),
    "gene set": ("mutations",),
}  # fmt: skip
_EVENT = ("event", "name", "code", "value")
_WORDS: dict[str, tuple[str, ...]] = {
    "patient": ("sex",),
    "study": (),
    "image": ("modality", "body_part", "laterality"),
    "waveform": ("modality",),
    "slide": ("modality",),
    "segment": ("name", "code", "category", "modality"),
    "lesion": ("finding", "code", "assertion"),
    "anatomy": ("structure",),
    "report": (),
    "sentence": (),
    "finding": ("name", "code", "assertion", "change", "laterality"),
    "observation": ("name", "code", "value", "assertion", "laterality"),
    "grounding": ("status", "method", "region"),
    "measurement": ("name", "unit"),
    "fact": ("name", "code", "value"),
    "gene set": ("name",),
    "treatment": _EVENT,
    "outcome": _EVENT,
    "event": _EVENT,
}
# Of these a word counts only where so many training nodes have it: a text that is one patient's
# own would be learnt by heart.
RARE = frozenset({"value"})


def numbers_of(kind: str) -> tuple[str, ...]:
    """Names of a kind's numbers, without the day."""
    return _NUMBERS.get(kind, ("number",))


def words_of(kind: str) -> tuple[str, ...]:
    """Names of a kind's words; kinds that scene graphs bring have those of a scene's node."""
    return _WORDS.get(kind, ("name", "code", "assertion"))
