"""Reconstructions: images of the parts of a split by how they were reconstructed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.html import table_html

if TYPE_CHECKING:
    from explorer.split.split import Split

ALL = "all"
_UNTOLD = "not told"


@dataclass(frozen=True)
class Reconstructed:
    """One image, and how it was reconstructed.

    Attributes
    ----------
    patient, item : str
        Key and id.
    address : str
    style : str
        Such as 'STANDARD' (hostile text).
    part : str
    """

    patient: str
    item: str
    address: str
    style: str
    part: str


class Reconstructions:
    """Train on one reconstruction, test on another, still by patient.

    Both reconstructions of a patient lie in his one part: a patient whose sharp images are
    trained on is never tested on by his soft ones.

    Parameters
    ----------
    images : sequence of Reconstructed
    """

    def __init__(self, images: Sequence[Reconstructed]) -> None:
        self.images = list(images)

    @classmethod
    def of(
        cls, split: Split, by: Sequence[str] = ("kernel",), modality: str = ""
    ) -> Reconstructions:
        """Read the images of a split's parts.

        Parameters
        ----------
        split : Split
        by : sequence of str
            What tells reconstructions apart: names of an image's meta ('kernel', 'slice_thickness',
            'manufacturer', 'model', ...) or columns of its row ('name', 'units').
        modality : str
            Only these images; all by default.

        Raises
        ------
        NotFoundError
            No image says any of it.
        """
        columns = ["item", "kind", "modality", "name", "units", "meta"]
        versions, found = split.cohort.versions, []
        for row in split.cohort.rows("items", columns).to_pylist():
            if row["kind"] != "image" or (modality and row["modality"] != modality):
                continue
            key, style = row["patient"], _style(row, by)
            part = split.part_of.get(key)
            if part is not None:
                address = str(Address(key, "images", row["item"], versions[key]))
                found.append(Reconstructed(key, row["item"], address, style, part))
        if not any(one.style != _UNTOLD for one in found):
            raise NotFoundError(
                f"No image of the split says its {' or '.join(by)}",
                do="name what tells the reconstructions apart: by=('name',)",
            )
        return cls(sorted(found, key=lambda one: (one.part, one.patient, one.style, one.item)))

    @property
    def styles(self) -> list[str]:
        """The styles, without images that do not tell theirs."""
        return sorted({one.style for one in self.images} - {_UNTOLD})

    def subset(self, part: str, style: str = ALL) -> list[Reconstructed]:
        """Images of a part in one style, or in all of them ('all').

        Raises
        ------
        NotFoundError
            There is no such part or style.
        """
        parts = {one.part for one in self.images}
        if part not in parts or style not in (ALL, *self.styles):
            raise NotFoundError(
                f"No images of {part!r} in {style!r}",
                expected=f"parts {sorted(parts)}, styles {[ALL, *self.styles]}",
            )
        return [one for one in self.images if one.part == part
                and style in (ALL, one.style)]  # fmt: skip

    def matrix(
        self, train: str = "train", test: str = "test"
    ) -> Iterator[tuple[str, str, list[Reconstructed], list[Reconstructed]]]:
        """Every style to train on against every style to test on, 'all' included.

        Yields
        ------
        tuple
            Style of the training images, style of the test images, and the two lists.
        """
        for mine in (*self.styles, ALL):
            for theirs in (*self.styles, ALL):
                yield mine, theirs, self.subset(train, mine), self.subset(test, theirs)

    def __repr__(self) -> str:
        return f"<Reconstructions: {len(self.images)} images, styles {', '.join(self.styles)}>"

    def _repr_html_(self) -> str:
        parts = sorted({one.part for one in self.images})
        styles = sorted({one.style for one in self.images})
        rows = [[style, *(sum(one.style == style and one.part == part for one in self.images)
                          for part in parts)] for style in styles]  # fmt: skip
        return table_html(["reconstruction", *parts], rows, "images of each part")


def _style(row: dict[str, Any], by: Sequence[str]) -> str:
    meta = {**json.loads(row["meta"] or "{}"), "name": row["name"], "units": row["units"]}
    said = [str(meta[name]) for name in by if meta.get(name) not in (None, "")]
    return ", ".join(said) or _UNTOLD
