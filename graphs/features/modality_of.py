"""modality_of: the features of one modality, as a spec names where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.features.as_columns import as_columns, as_names
from graphs.features.event_block import event_block
from graphs.features.fact_block import fact_block
from graphs.features.finding_block import SIZE, finding_block
from graphs.features.known_rows import KnownRows
from graphs.features.lesion_bag import lesion_bag
from graphs.features.measurement_block import measurement_block
from graphs.features.pathways import read_signatures, with_pathways
from graphs.features.vector_block import vector_block

if TYPE_CHECKING:
    from graphs.encoders.encoder import Encoder

_ALL = {"at_least": 1, "most": 1 << 30}  # of a cohort that follows another one's columns


def modality_of(
    known: KnownRows,
    modality: str,
    source: str,
    said: Mapping[str, Any],
    like: Block | Bag | None = None,
) -> Block | Bag:
    """Read features.

    Parameters
    ----------
    known : KnownRows
    modality : str
        What the block is called.
    source : str
        A key of `graphs.features.spec.SOURCES`.
    said : mapping
        What the spec says besides.
    like : Block or Bag, optional
        Give its features.

    Returns
    -------
    Block or Bag
    """
    given = dict(said)
    if source in ("facts", "events", "measurements", "lesions", "findings"):
        given["names"] = given.get("names") or "*"
    return _MAKERS[source](known, modality, given, like)


def _facts(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Block:
    return fact_block(known, modality=name, like=like, **said)


def _vectors(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Block:
    groups, suffixes = said.pop("signatures", None), said.pop("suffixes", ())
    block = vector_block(known, modality=name, like=like, **said)
    if groups is None:
        return block
    sets = groups if isinstance(groups, Mapping) else read_signatures(groups)
    return with_pathways(block, sets, suffixes=suffixes)


def _events(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Block:
    if like is None:
        return event_block(known, modality=name, **said)
    return as_columns(event_block(known, modality=name, **{**said, **_ALL}), like, lambda _: True)


def _findings(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Block:
    if like is None:
        return finding_block(known, modality=name, **said)
    block = finding_block(known, modality=name, **{**said, **_ALL})
    return as_columns(block, like, lambda one: not one.endswith(SIZE))


def _measurements(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Block:
    block = measurement_block(known, modality=name, **said)
    return block if like is None else as_columns(block, like)


def _lesions(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Bag:
    bag = lesion_bag(known, modality=name, **said)
    return bag if like is None else as_names(bag, like)


def _radiomics(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Bag:
    from graphs.features.radiomics_bag import radiomics_bag

    bag = radiomics_bag(known, modality=name, **said)
    return bag if like is None else as_names(bag, like)


def _reports(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Bag:
    from graphs.encoders.encode_reports import encode_reports

    encoder = _encoder(said.pop("encoder"))
    items = known.items("texts")
    return encode_reports(known.patients, encoder, items=items, modality=name, **said)


def _images(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Bag:
    from graphs.encoders.encode_images import encode_images

    encoder, kind = _encoder(said.pop("encoder")), said.pop("modality", "*")
    items = known.items("items", "image")
    return replace(encode_images(known.patients, encoder, kind, items=items, **said), modality=name)


def _waveforms(known: KnownRows, name: str, said: dict[str, Any], like: Any) -> Bag:
    from graphs.encoders.encode_waves import encode_waves

    encoder, kind = _encoder(said.pop("encoder")), said.pop("modality", "*")
    items = known.items("items", "waveform")
    return encode_waves(known.patients, encoder, kind, items=items, name=name, **said)


def _encoder(said: Any) -> Encoder:
    """An encoder as it is, else by its folder or its package's name."""
    if not isinstance(said, str):
        given: Encoder = said
        return given
    from graphs.encoders.load_encoder import load_encoder

    return load_encoder(said)


_MAKERS: dict[str, Callable[[KnownRows, str, dict[str, Any], Any], Block | Bag]] = {
    "facts": _facts,
    "events": _events,
    "vectors": _vectors,
    "measurements": _measurements,
    "lesions": _lesions,
    "radiomics": _radiomics,
    "findings": _findings,
    "reports": _reports,
    "images": _images,
    "waveforms": _waveforms,
}
