"""PNG and JPEG pictures, radiographs as a rule."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import FileStatus, Grid, Header, ImageDraft, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.decoder import shared_decoder
from explorer.readers.layouts import Placed, find_placed
from explorer.readers.one_file import read_each
from explorer.readers.picture_header import picture_kind, read_picture_header

_SUFFIXES = (".png", ".jpg", ".jpeg")
_SORTS = re.compile(
    r"(png|jpe?g|image|picture|photo|frame|slice|view|stud(y|ies)|series|ses(sion)?|visit|exam|scan"
    r"|frontal|lateral|train|val(id|idation)?|test|data|raw|cxr|x-?rays?|radiographs?|downloads?)"
    r"s?[-_ ]?\d*",
    re.IGNORECASE,
)


class PictureReader:
    """Reads PNG and JPEG pictures: ``(y, x)`` in grey, ``(c, y, x)`` in colour, 8 or 16 bits.

    Whose a picture is, in this order: the layout that it lies in (`find_placed`); ``--patient``;
    the name of its folder, where that is not the source itself and does not only sort (``png``,
    ``images_001``, ``study1``); else it is of a patient of its own. Whether a picture shows a
    patient at all (and not a logo) cannot be told from it.
    """

    name = "picture"

    def peek(self, source: Source) -> Header | None:
        """Claim files by their first bytes and suffix.

        Raises
        ------
        FileRefusedError
            It is called a picture, and its header cannot be taken.
        """
        if not source.path.name.lower().endswith(_SUFFIXES):
            return None
        with source.path.open("rb") as file:
            if picture_kind(file.read(16)) is None:
                raise FileRefusedError("It is called a picture, and is neither PNG nor JPEG")
        read_picture_header(source.path)
        placed = find_placed(source)
        hint = _hint(source) if placed is None else PatientHint(placed.patient, note=placed.note)
        return Header(
            source=source,
            reader=self.name,
            kind="image",
            group=f"{self.name}:{source.uri}",
            patient=hint,
            study=placed.study if placed else None,
            detail={"placed": placed},
            note=hint.note,
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a picture into an image."""
        return read_each(headers, _read)


def _hint(source: Source) -> PatientHint:
    *folders, _ = PurePosixPath(source.relative.replace("\\", "/").replace("!", "/")).parts
    if not folders or _SORTS.fullmatch(folders[-1]):
        return PatientHint(None, note="whose the picture is was not said")
    issuer = "folder " + ("/".join(folders[:-1]) or ".")
    return PatientHint(
        folders[-1][:128], issuer, note="the patient is taken from the folder's name"
    )


def _read(header: Header) -> tuple[ImageDraft, FileStatus]:
    source = header.source
    picture = _Picture(source)
    placed: Placed | None = header.detail.get("placed")
    values = picture()
    about = picture.header
    problems = ["pixel spacing is not known: coordinates count pixels"]
    if about.orientation != 1:
        problems.append(f"turned as EXIF's orientation {about.orientation} says")
    if picture.note:
        problems.append(picture.note)
    identity = placed.identity if placed else (source.relative,)
    modality = placed.modality if placed else "unknown"
    draft = ImageDraft(
        item=item_id(modality if placed else "picture", *identity),
        modality=modality,
        name=placed.name if placed else PurePosixPath(source.path.name).stem,
        dims=("y", "x") if values.ndim == 2 else ("c", "y", "x"),
        shape=values.shape,
        dtype=values.dtype,
        affine=np.eye(4),
        load=picture,
        sources=[source],
        units="1",
        units_reason="a picture does not say what its values mean",
        bits_stored=about.bits,
        problems=problems,
        meta={
            "format": "PNG" if about.kind == "image/png" else "JPEG",
            "photometric": "MONOCHROME2" if values.ndim == 2 else "RGB",
            **(placed.meta if placed else {}),
        },
    )
    return draft, FileStatus(source.uri, "ingested", "; ".join(problems), draft.item)


class _Picture:
    """Decodes a picture in the child process.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source) -> None:
        self._path = source.path
        self.header = read_picture_header(source.path)
        self.note = ""

    def __call__(self) -> NDArray[Any]:
        """Give it as ``(y, x)`` or ``(c, y, x)``, the right way up."""
        about = self.header
        height, width = about.shape
        found = shared_decoder().decode(
            about.kind, self._path.read_bytes(), height * width, about.bits
        )
        channels = found.shape[2] if found.ndim == 3 else 1
        if found.shape[:2] != about.shape or found.dtype.kind != "u" or channels > 4:
            raise FileRefusedError(
                f"The picture has {found.shape} values of {found.dtype}", expected=f"{about.shape}"
            )
        return np.ascontiguousarray(self._plain(oriented(found, about.orientation)))

    def _plain(self, values: NDArray[Any]) -> NDArray[Any]:
        if values.ndim == 2:
            return values
        if values.shape[2] == 4 and self.header.kind == "image/jpeg":
            raise FileRefusedError(
                "The picture is of printing colours (CMYK)", expected="grey, RGB"
            )
        if values.shape[2] in (2, 4):
            if (values[..., -1] != np.iinfo(values.dtype).max).any():
                self.note = "it is transparent in parts; that is left out"
            values = values[..., :-1]
        if (values == values[..., :1]).all():
            return values[..., 0]
        return np.moveaxis(values, -1, 0)


def oriented(values: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn ``(y, x, ...)`` as EXIF's orientation (CIPA DC-008, tag 0x0112) says."""
    turned = values.swapaxes(0, 1) if orientation >= 5 else values
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return turned
