"""AlignmentView: words and patches of a picture, and what a model connects them by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.picture import Picture
from graphs.alignment import WHOLE, Alignment
from graphs.grounding.scaled_picture import scaled_picture
from widgets.esm import css, esm
from widgets.palette import SELECTED
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from explorer.patient import Patient

_NAME = "AlignmentView"
_NONE = -2


class AlignmentView(WholeWidget):
    """Click a word: its patches light up. Click a patch: its words do.

    Parameters
    ----------
    alignment : Alignment
        Of `graphs.alignment.align`, or read from a Zarr group.
    patient : Patient
        Whose image it is of.
    selection : Selection, optional
        Shared with other views; one of its own by default. A word picks its place in the report,
        where the text is of one; a patch picks its box in the image.

    Attributes
    ----------
    token : int
        The word that is chosen: its number, -1 for the whole text, -2 for none.
    patch : int
        The patch that is chosen, counted along rows; -1 for none.
    lit_patches : list of [int, float]
        Patches of the chosen word and their weights, the strongest first.
    lit_tokens : list of [int, float]
        Words of the chosen patch and their weights; -1 is the whole text.
    width : int
        Of the picture, CSS pixels.

    Raises
    ------
    NotFoundError
        The patient has no such image, or its plane has another shape.
    """

    _esm = esm("alignment.js")
    _css = css("theme.css", "alignment.css")

    token = t.Int(_NONE).tag(sync=True)
    patch = t.Int(-1).tag(sync=True)
    lit_patches: Any = t.List().tag(sync=True)
    lit_tokens: Any = t.List().tag(sync=True)
    width = t.Int(420, min=120).tag(sync=True)
    _about: Any = t.Dict().tag(sync=True)
    _pixels = t.Bytes().tag(sync=True)

    def __init__(
        self,
        alignment: Alignment,
        patient: Patient,
        selection: Selection | None = None,
        **traits: Any,
    ) -> None:
        self.alignment = alignment
        self.patient = patient
        self.selection = Selection() if selection is None else selection
        self._picking = False
        image = patient.images[alignment.image]
        plane = alignment.plane
        inside = plane is None or ("z" in image.dims and plane < image.shape[0])
        if not inside or tuple(image.shape[-2:]) != alignment.shape:
            raise NotFoundError(f"No plane {plane} of {alignment.shape}", where=image.where)
        values = image.data.values if plane is None else image.data.isel(z=plane).values
        scaled = (scaled_picture(values) + 1) / 3
        self._grey = (scaled * 255).astype(np.uint8)
        super().__init__(**traits)
        self._pixels = self._grey.tobytes()
        self._about = self._described()
        self._follow()
        self.on_msg(self._on_message)
        self.selection.observe(self._lit_changed, "lit")

    def figure(self, **options: Any) -> Figure:
        """The picture with what is lit now, and the words below it; sizes in pixels.

        Parameters
        ----------
        **options
            ``width`` in inches; others of `matplotlib.figure.Figure`.
        """
        rows, columns = self.alignment.shape
        width = float(options.pop("width", 5.0))
        figure = Picture(size=(width, width * rows / columns + 1.0), facecolor="white", **options)
        axis = figure.subplots()
        axis.imshow(self._grey, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.set(xlabel="x (pixels)", ylabel="y (pixels)")
        shown = self.lit_patches or ([[self.patch, 1.0]] if self.patch >= 0 else [])
        top = max((abs(weight) for _, weight in shown), default=1.0) or 1.0
        for patch, weight in shown:
            (y0, y1), (x0, x1) = self.alignment.box(patch)
            axis.add_patch(_box(x0, y0, x1 - x0, y1 - y0, 0.15 + 0.5 * abs(weight) / top))
        title = self._words(self.token) if self.token > _NONE else ""
        if self.lit_tokens:
            title = ", ".join(self._words(token) for token, _ in self.lit_tokens[:8])
        axis.set_title(title, fontsize=9, parse_math=False, wrap=True)
        axis.text(
            0, -0.2, f"{self.alignment.producer.name}, trained on {self.alignment.trained_on}",
            transform=axis.transAxes, fontsize=7, parse_math=False,
        )  # fmt: skip
        return figure

    def _words(self, token: int) -> str:
        if token == WHOLE:
            return "the whole text"
        start, end = self.alignment.tokens[token].tolist()
        return self.alignment.text[start:end]

    def _described(self) -> dict[str, Any]:
        one = self.alignment
        image = self.patient.images[one.image]
        return {
            "shape": one.shape, "grid": one.grid, "side": one.side, "text": one.text,
            "tokens": one.tokens.tolist(),
            "image": f"{image.modality} {image.name}".strip()
            + ("" if one.plane is None else f", slice {one.plane}"),
            "model": f"{one.producer.name}, trained on {one.trained_on}", "edges": len(one.patch),
        }  # fmt: skip

    @t.validate("token")
    def _valid_token(self, proposal: Any) -> int:
        token = int(proposal["value"])
        if not _NONE <= token < len(self.alignment.tokens):
            raise t.TraitError(f"token = {token}: there are {len(self.alignment.tokens)} words")
        return token

    @t.validate("patch")
    def _valid_patch(self, proposal: Any) -> int:
        patch = int(proposal["value"])
        rows, columns = self.alignment.grid
        if not -1 <= patch < rows * columns:
            raise t.TraitError(f"patch = {patch}: there are {rows} x {columns} patches")
        return patch

    @t.observe("token", "patch")
    def _follow(self, change: Any = None) -> None:
        """What is lit follows what is chosen; of word and patch the last one counts."""
        if change is not None and change["name"] == "token" and self.token > _NONE:
            self.patch = -1
        elif change is not None and change["name"] == "patch" and self.patch >= 0:
            self.token = _NONE
        with self.hold_sync():
            found = self.alignment.patches_of(self.token) if self.token > _NONE else []
            self.lit_patches = [list(one) for one in found]
            said = self.alignment.tokens_of(self.patch) if self.patch >= 0 else []
            self.lit_tokens = [list(one) for one in said]

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind, k = content.get("kind"), content.get("k")
        if not isinstance(k, int):
            return
        if kind == "token" and _NONE < k < len(self.alignment.tokens):
            self.token = k
            self._pick(self._place_of(k))
        elif kind == "patch" and 0 <= k < self.alignment.grid[0] * self.alignment.grid[1]:
            self.patch = k
            self._pick(self._box_of(k))

    def _pick(self, address: Address | None) -> None:
        if address is None:
            return
        self._picking = True
        try:
            self.selection.pick(address, by=_NAME)
        finally:
            self._picking = False

    def _place_of(self, token: int) -> Address | None:
        one = self.alignment
        if one.report is None:
            return None
        start, end = (0, len(one.text)) if token == WHOLE else one.tokens[token].tolist()
        chars = (one.offset + int(start), one.offset + int(end))
        return Address(self.patient.key, "reports", one.report, None, {"chars": chars})

    def _box_of(self, patch: int) -> Address:
        one = self.alignment
        box: tuple[tuple[int, int], ...] = one.box(patch)
        if one.plane is not None:
            box = ((one.plane, one.plane + 1), *box)
        return Address(self.patient.key, "images", one.image, None, {"box": box})

    def _lit_changed(self, change: Any) -> None:
        """Show the word or the patch that another view has picked."""
        if self._picking:
            return
        for address in (Address.parse(one) for one in change["new"]):
            if address.key != self.patient.key:
                continue
            if (token := self._token_at(address)) is not None:
                self.token = token
                return
            if (patch := self._patch_at(address)) is not None:
                self.patch = patch
                return

    def _token_at(self, address: Address) -> int | None:
        one = self.alignment
        chars: Any = address.fragment.get("chars")
        if address.kind != "reports" or address.item != one.report or chars is None:
            return None
        start, end = (int(at) - one.offset for at in chars)
        hit = (one.tokens[:, 0] < end) & (one.tokens[:, 1] > start)
        if not hit.any():
            return None
        # more than one word was picked: that is nearer to the whole text than to its first word
        return int(np.flatnonzero(hit)[0]) if hit.sum() == 1 else WHOLE

    def _patch_at(self, address: Address) -> int | None:
        one = self.alignment
        if address.kind != "images" or address.item != one.image:
            return None
        voxel: Any = address.fragment.get("voxel")
        box: Any = address.fragment.get("box")
        if box is not None:
            voxel = tuple((start + end - 1) // 2 for start, end in box)
        if voxel is None or (one.plane is not None and tuple(voxel[-3:-2]) != (one.plane,)):
            return None
        y, x = voxel[-2:]
        inside = 0 <= y < one.shape[0] and 0 <= x < one.shape[1]
        return one.patch_at(int(y), int(x)) if inside else None


def _box(x: float, y: float, width: float, height: float, alpha: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x - 0.5, y - 0.5), width, height, facecolor=SELECTED, edgecolor=SELECTED, alpha=alpha
    )
