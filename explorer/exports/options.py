"""What is asked of an export, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from explorer.errors import StoreError

Names = Literal["key", "label"]
Overlap = Literal["refuse", "order", "regions"]


@dataclass(frozen=True)
class Options:
    """What is asked of an export.

    Attributes
    ----------
    names : {'key', 'label'}
        What patients are called in files and paths: the store's opaque key (the pseudonym where
        it is de-identified), or what people call them, percent-encoded in paths.
    deidentify : bool
        Pseudonyms, shifted dates, scrubbed texts and headers.
    title : str
        Name of the data set; the cohort's by default.
    licence : str or None
        Terms that you give it under; by default what the patients' own data say.
    channels : tuple of str
        Of nnU-Net and MONAI: the images of a case, ``'CT'`` or ``'MR:T1'`` (modality, and a part
        of the name). By default the modality that most segmentations lie on.
    labels : tuple of str
        Of label maps: the segments' names, from label 1 on; later ones win where masks overlap.
        By default all names, by the alphabet.
    overlap : {'refuse', 'order', 'regions'}
        Of label maps, where masks of a case overlap: leave the case out, let the later label
        win, or give each combination a label of its own and say which labels make a region.
    resample : bool
        Put the other channels onto the first one's grid (linear), and masks of another grid onto
        their image's (nearest voxel).
    number : int
        Of nnU-Net: the data set's number, 1 to 999.
    series : bool
        Of DICOM SEG: also the source series that the masks refer to.
    """

    names: Names = "key"
    deidentify: bool = False
    title: str = ""
    licence: str | None = None
    channels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    overlap: Overlap = "refuse"
    resample: bool = False
    number: int = 1
    series: bool = False

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        """Options from keyword arguments.

        Raises
        ------
        StoreError
            One is unknown, or has a value that is none of its own.
        """
        known = {name: given[name] for name in cls.__dataclass_fields__ if name in given}
        if odd := sorted(set(given) - set(known)):
            raise StoreError(
                f"No option {odd[0]!r} of an export", expected=", ".join(cls.__dataclass_fields__)
            )
        for name in ("channels", "labels"):
            if name in known:
                known[name] = _texts(known[name])
        options = cls(**known)
        for name, kinds in (("names", Names), ("overlap", Overlap)):
            if getattr(options, name) not in get_args(kinds):
                raise StoreError(
                    f"{name} is {getattr(options, name)!r}",
                    expected=", ".join(map(repr, get_args(kinds))),
                )
        if not 0 < options.number < 1000:
            raise StoreError(f"number is {options.number}", expected="1 to 999")
        if options.deidentify and options.names == "label":
            raise StoreError(
                "A de-identified export cannot call patients by their labels",
                do='leave names="label" out: pseudonyms take their place',
            )
        return options

    def document(self) -> dict[str, Any]:
        """The options for a manifest."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
