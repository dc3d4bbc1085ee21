"""Alignment: which patches of a picture a model connects with which words, as sparse edges."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import GroundingError
from graphs.grounding.scaled_picture import scaled_picture
from graphs.producer import Producer

if TYPE_CHECKING:
    from explorer.image import Image
    from graphs.grounding.text_image_model import TextImageModel

FORMAT = "oncograph.alignment"
WHOLE = -1
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Alignment:
    """Edges between patches and words: local ones, and those of the whole text (global).

    The form of UAR's patch-word alignment, kept sparse: an edge is a patch, a token and a weight.
    A model's similarity is no probability, and no proof that anything is there.

    Attributes
    ----------
    image : str
        The image's id.
    plane : int or None
        Index along z; None of a ``(y, x)`` picture.
    shape : tuple of int
        ``(y, x)`` of the plane, pixels.
    side : int
        Of a patch, pixels; the last row and column may be cut.
    text : str
        Hostile.
    report : str or None
        The report's id, where the text is a part of one; it begins at `offset` there (Unicode
        code points).
    offset : int
    tokens : ndarray of int, (tokens, 2)
        Where each word stands in `text`: code points, half-open.
    patch, token : ndarray of int, (edges,)
        The ends of the edges; patches are counted along rows, token -1 is the whole text.
    weight : ndarray of float32, (edges,)
        The model's similarity, mean over the patch's pixels.
    producer : Producer
    trained_on : str
    """

    image: str
    plane: int | None
    shape: tuple[int, int]
    side: int
    text: str
    report: str | None
    offset: int
    tokens: NDArray[np.int64]
    patch: NDArray[np.int64]
    token: NDArray[np.int64]
    weight: NDArray[np.float32]
    producer: Producer
    trained_on: str

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return -(-self.shape[0] // self.side), -(-self.shape[1] // self.side)

    def patches_of(self, token: int) -> list[tuple[int, float]]:
        """Patches of a word (-1: of the whole text), the strongest first."""
        return self._ends(self.token == token, self.patch)

    def tokens_of(self, patch: int) -> list[tuple[int, float]]:
        """Words of a patch, the strongest first; -1 is the whole text."""
        return self._ends(self.patch == patch, self.token)

    def box(self, patch: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """A patch as a box ``(y0, y1), (x0, x1)``: pixel edges, half-open."""
        row, column = divmod(patch, self.grid[1])
        y, x = row * self.side, column * self.side
        return (y, min(y + self.side, self.shape[0])), (x, min(x + self.side, self.shape[1]))

    def patch_at(self, y: int, x: int) -> int:
        """The patch that a pixel lies in."""
        return (y // self.side) * self.grid[1] + x // self.side

    def write(self, path: str | Path) -> Path:
        """Write it as a Zarr group (v3): arrays ``tokens``, ``patch``, ``token``, ``weight``.

        Parameters
        ----------
        path : str or Path
            Of the new group.

        Raises
        ------
        GroundingError
            There is something already.
        """
        import zarr

        place = Path(path)
        if place.exists():
            raise GroundingError(f"{place} is there already", do="choose another path")
        group = zarr.open_group(place, mode="w-", zarr_format=3)
        for name in ("tokens", "patch", "token", "weight"):
            group.create_array(name, data=getattr(self, name))
        group.attrs.update({
            "format": FORMAT, "version": 1, "image": self.image, "plane": self.plane,
            "shape": list(self.shape), "side": self.side, "text": self.text,
            "report": self.report, "offset": self.offset, "trained_on": self.trained_on,
            "producer": json.dumps(vars(self.producer)),
        })  # fmt: skip
        return place

    @classmethod
    def read(cls, path: str | Path) -> Alignment:
        """Read what `write` wrote.

        Raises
        ------
        GroundingError
            It is something else, or its parts do not fit each other.
        """
        import zarr

        try:
            group = zarr.open_group(Path(path), mode="r")
            about: dict[str, Any] = dict(group.attrs)
            arrays = {
                name: np.asarray(group[name]) for name in ("tokens", "patch", "token", "weight")
            }
            found = cls(
                image=str(about["image"]), plane=about["plane"],
                shape=(int(about["shape"][0]), int(about["shape"][1])), side=int(about["side"]),
                text=str(about["text"]), report=about["report"], offset=int(about["offset"]),
                trained_on=str(about["trained_on"]),
                producer=Producer(**json.loads(about["producer"])), **arrays,
            )  # fmt: skip
        except (OSError, KeyError, TypeError, ValueError, IndexError) as error:
            raise GroundingError(f"No alignment: {error!r}", where=str(path)) from error
        if about.get("format") != FORMAT or not found._fits():
            raise GroundingError("No alignment, or a broken one", where=str(path))
        return found

    def _ends(self, mine: NDArray[np.bool_], ends: NDArray[np.int64]) -> list[tuple[int, float]]:
        found = zip(ends[mine].tolist(), self.weight[mine].tolist(), strict=True)
        return sorted(((int(end), float(w)) for end, w in found), key=lambda one: (-one[1], one[0]))

    def _fits(self) -> bool:
        edges = len(self.patch)
        if not (len(self.token) == len(self.weight) == edges) or self.side < 1:
            return False
        spans = self.tokens
        inside = spans.ndim == 2 and spans.shape[1] == 2 and (spans[:, 0] <= spans[:, 1]).all()
        if not inside or (spans.size and (spans.min() < 0 or spans.max() > len(self.text))):
            return False
        if not edges:
            return True
        rows, columns = self.grid
        return bool(
            self.patch.min() >= 0
            and self.patch.max() < rows * columns
            and self.token.min() >= WHOLE
            and self.token.max() < len(spans)
            and np.isfinite(self.weight).all()
        )


def align(
    model: TextImageModel,
    image: Image,
    text: str,
    *,
    plane: int | None = None,
    report: str | None = None,
    offset: int = 0,
    side: int = 16,
    most: int = 12,
) -> Alignment:
    """Ask a model of each word, and of the whole text, which patches it speaks of.

    Parameters
    ----------
    model : TextImageModel
    image : Image
        ``(y, x)`` or ``(z, y, x)``.
    text : str
        A sentence: the model is asked once a different word.
    plane : int, optional
        Along z; the middle by default.
    report : str, optional
        Id of the report that `text` is a part of, which begins at `offset` there.
    offset : int
    side : int
        Of a patch, pixels.
    most : int
        Edges a word: its strongest patches, and only those above the mean of all patches.

    Returns
    -------
    Alignment

    Raises
    ------
    GroundingError
        The image has a time axis or colours, or the plane is outside of it.
    """
    if image.dims not in (("y", "x"), ("z", "y", "x")):
        raise GroundingError(f"An image with the dims {image.dims}", where=image.where)
    at = None if len(image.dims) == 2 else image.shape[0] // 2 if plane is None else plane
    if at is not None and not 0 <= at < image.shape[0]:
        raise GroundingError(f"Plane {at} of {image.shape[0]}", where=image.where)
    values = image.data.values if at is None else image.data.isel(z=at).values
    picture = scaled_picture(values)
    spans = [match.span() for match in _WORD.finditer(text)]
    said: dict[str, list[int]] = {}
    for k, (start, end) in enumerate(spans):
        said.setdefault(text[start:end].casefold(), []).append(k)
    patch: list[int] = []
    token: list[int] = []
    weight: list[float] = []
    for words, mine in [*said.items(), (text, [WHOLE])]:
        means = _patches(model.similarity(picture, words), side)
        best = np.argsort(-means, kind="stable")[:most]
        best = best[means[best] > means.mean()]
        for one in mine:
            patch += best.tolist()
            token += [one] * len(best)
            weight += means[best].tolist()
    rows, columns = picture.shape
    return Alignment(
        image.id, at, (rows, columns), side, text, report, offset,
        np.array(spans, np.int64).reshape(-1, 2), np.array(patch, np.int64),
        np.array(token, np.int64), np.array(weight, np.float32), model.producer, model.trained_on,
    )  # fmt: skip


def _patches(values: NDArray[np.float32], side: int) -> NDArray[np.float64]:
    """The mean of each patch, along rows; patches that the edge cuts count what they have."""
    edges = [np.arange(0, size, side) for size in values.shape]
    sums = np.add.reduceat(np.add.reduceat(values.astype(float), edges[0], 0), edges[1], 1)
    sizes = [np.diff(np.append(e, n)) for e, n in zip(edges, values.shape, strict=True)]
    return np.asarray(sums / np.outer(*sizes)).ravel()
