"""ReXGroundingCT: findings of chest CT, each with its own channel of a NIfTI mask.

A document is ``{split: [{"name", "seg_path", "findings": {"0": text}, "categories": {"0": "2d"}}]
}``; the finding "k" is channel k of the mask file (Baharoon et al., arXiv 2507.22030).

A graph that was read is one scan: a sentence a finding, 'grounded_in' its channel. `masks` reads
the channels: NIfTI's axes are RAS, ours LPS, and a published preparation turns the arrays as well,
so that which way an array lies is told by its affine alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.item_id import item_id
from explorer.space import flip_ras_lps
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse, pieces
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "rexgroundingct"
_MOST = 1 << 33  # voxels of all channels


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    if not isinstance(found, dict) or not found:
        return False
    first = next(iter(found.values()))
    scan = first[0] if isinstance(first, list) and first else None
    return isinstance(scan, dict) and "name" in scan and isinstance(scan.get("findings"), dict)


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a document.

    Parameters
    ----------
    source : str, bytes or dict
    producer : Producer or None

    Returns
    -------
    list of SceneGraph
        One a scan; ``detail["rexgroundingct"]`` has its ``split``, ``name`` and ``seg_path``.

    Raises
    ------
    FormatError
    """
    top = Place(parse(source))
    by = producer or Producer(NAME, "import")
    lists = pieces(source) if isinstance(top.found, dict) else []
    made = []
    for (split, place), (_, text) in zip(top.items(), lists, strict=True):
        scans = list(place.each())
        for k, (one, (_, own)) in enumerate(zip(scans, pieces(text), strict=True)):
            made.append(_scan(one, by, own, str(split), k))
            made[-1].detail[NAME]["splits"] = list(top.found)  # those without a scan, too
    return made


def _scan(one: Place, by: Producer, text: str, split: str, k: int) -> SceneGraph:
    graph = SceneGraph(by, document=text)
    name = one.value("name", str)
    prefix = item_id(NAME, split, name, str(k))
    kinds = {key: kind.as_(str) for key, kind in one.at("categories").items()} if (
        one.maybe("categories", dict) is not None) else None  # fmt: skip
    for key, said in one.at("findings").items():
        if not (key.isascii() and key.isdigit() and len(key) < 6 and str(int(key)) == key):
            raise FormatError(f"The finding {key!r:.40}", expected="a channel: 0, 1, ...",
                              where=said.path)  # fmt: skip
        about = {"ix": int(key)}
        sentence = graph.add(Node(f"{prefix}.s{key}", "sentence", said.as_(str),
                                  detail={NAME: about}))  # fmt: skip
        kind = kinds.get(key) if kinds is not None else None
        detail = {"channel": int(key), NAME: {"category": kind}}
        region = Node(f"{prefix}.m{key}", "region", kind or "mask", detail=detail)
        graph.connect("grounded_in", sentence, graph.add(region))
    extra = {k: v for k, v in (kinds or {}).items() if f"{prefix}.s{k}" not in graph.nodes}
    graph.detail = {NAME: {
        "split": split, "ix": k, "name": name, "seg_path": one.maybe("seg_path", str),
        "categories": None if kinds is None else extra,
        "other": one.others("name", "findings", *(["categories"] if kinds is not None else [])),
    }}  # fmt: skip
    return graph


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write graphs that were read.

    Raises
    ------
    FormatError
        A graph is of another format.
    """
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for graph in [graphs] if isinstance(graphs, SceneGraph) else graphs:
        about = graph.detail.get(NAME)
        if about is None:
            raise FormatError("A graph that is not of ReXGroundingCT", expected="one by read")
        for split in about["splits"]:
            found.setdefault(split, [])
        made = {"name": about["name"], **about["other"], "findings": {}}
        categories = dict(about["categories"] or {})
        for node in graph.of_kind("sentence"):
            key = str(node.detail[NAME]["ix"])
            made["findings"][key] = node.name
            for _, region in graph.out(node, "grounded_in"):
                if region.detail[NAME]["category"] is not None:
                    categories[key] = region.detail[NAME]["category"]
        if about["categories"] is not None:
            made["categories"] = categories
        found[about["split"]].append((about["ix"], made))
    return dump(
        {
            split: [one for _, one in sorted(scans, key=lambda pair: pair[0])]
            for split, scans in found.items()
        }
    )


@dataclass(frozen=True)
class FindingMasks:
    """The masks of a scan's findings.

    Attributes
    ----------
    masks : ndarray, (finding, z, y, x), bool
    affine : ndarray, (4, 4)
        Takes ``(x, y, z, 1)`` of the masks to mm LPS.
    channels : tuple of int
        Which channel each finding has; the keys of the document.
    """

    masks: NDArray[np.bool_]
    affine: NDArray[np.float64]
    channels: tuple[int, ...]


def masks(graph: SceneGraph, path: Path, *, affine: ArrayLike | None = None) -> FindingMasks:
    """Read the masks of a scan's findings.

    Parameters
    ----------
    graph : SceneGraph
        One that was read; it says which channels there should be.
    path : pathlib.Path
        NIfTI with the findings along the last axis, or along the first.
    affine : array_like, (4, 4), or None
        Of the CT, voxel ``(x, y, z)`` to mm LPS, for a mask with the findings along the first
        axis: the header's own affine is then of other axes.

    Returns
    -------
    FindingMasks

    Raises
    ------
    FormatError
        No NIfTI, or an axis of findings cannot be told.
    GeometryError
        The affine cannot be known, or is none.
    """
    import nibabel as nib

    channels = tuple(sorted(node.detail[NAME]["ix"] for node in graph.of_kind("sentence")))
    try:
        image: Any = nib.load(path)
        shape = tuple(int(n) for n in image.shape)
        if len(shape) not in (3, 4) or np.prod(shape, dtype=float) > _MOST:
            raise FormatError(f"A mask of shape {shape}", expected="four axes", where=path.name)
        stored = np.asanyarray(image.dataobj)
        own = None if image.affine is None else flip_ras_lps(image.affine)
    except (nib.filebasedimages.ImageFileError, OSError, ValueError, EOFError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"Not NIfTI: {error}", expected="NIfTI", where=path.name) from error
    if stored.ndim == 3:
        stored = stored[..., None]
    count = max(channels, default=-1) + 1
    last, first = stored.shape[3] == count, stored.shape[0] == count
    if last == first:
        raise FormatError(
            f"A mask of shape {stored.shape} for {count} findings",
            expected="one axis, the first or the last, with a channel a finding", where=path.name,
        )  # fmt: skip
    if first:
        stored, own = np.moveaxis(stored, 0, 3), None
    known = own if affine is None else np.asarray(affine, float)
    if known is None:
        raise GeometryError(
            "The findings lie along the first axis: the header's affine is of other axes",
            do="give the affine of the CT",
            where=path.name,
        )
    if known.shape != (4, 4) or abs(np.linalg.det(known[:3, :3])) < 1e-12:
        raise GeometryError("The affine does not span space", where=path.name)
    found = np.stack([stored[..., k].transpose(2, 1, 0) > 0 for k in channels]) if channels else (
        np.zeros((0, *stored.shape[2::-1]), bool))  # fmt: skip
    return FindingMasks(found, np.asarray(known, float), channels)
