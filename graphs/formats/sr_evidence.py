"""Evidence: the DICOM instances behind a patient's items, as a structured report names them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.errors import AddressError, NotFoundError
from explorer.image import Image
from explorer.item import Item
from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_values import text
from explorer.segmentation import Segmentation
from graphs.errors import FormatError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from explorer.patient import Patient

_CLASS = "1.2.840.10008.5.1.4.1.1."
SEG = _CLASS + "66.4"
# Where each slice is a file of its own, the modality says the class (PS3.4 B.5).
_ONE_SLICE = {"CT": _CLASS + "2", "MR": _CLASS + "4", "PT": _CLASS + "128"}
Row = dict[str, Any]


class SrEvidence:
    """Finds the instances that a target lies in, and remembers each that was used.

    Parameters
    ----------
    patient : Patient
    """

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.used: dict[str, Dataset] = {}

    def instance(self, item: Item, row: Row, sop_class: str | None = None) -> tuple[str, str]:
        """SOP class and instance of one source file of an item; it is evidence from now on."""
        from pydicom.dataset import Dataset

        uid = row["sop_uid"]
        if uid not in self.used:
            patient = self.patient
            found = Dataset()
            found.SOPInstanceUID = uid
            found.SOPClassUID = sop_class or self._sop_class(item, row)
            found.StudyInstanceUID, found.SeriesInstanceUID = item.study_uid, item.series_uid
            found.PatientID, found.PatientName = patient.label[:64], ""
            found.PatientSex = patient.attributes.get("sex") or ""
            found.PatientBirthDate = found.AccessionNumber = found.StudyID = ""
            found.StudyTime = found.ReferringPhysicianName = ""
            day = item.meta.get("study_date") or item.acquired or ""
            found.StudyDate = day.replace("-", "")
            found.SpecificCharacterSet = "ISO_IR 192"
            self.used[uid] = found
        return str(self.used[uid].SOPClassUID), uid

    def files(self, item: Item) -> list[Row]:
        """The item's source files, each with its SOP instance.

        Raises
        ------
        FormatError
            It does not come from DICOM.
        """
        rows = item.sources()
        if not rows or not all(row["sop_uid"] for row in rows):
            raise FormatError(
                f"{item.collection}/{item.id} does not come from DICOM: a structured report can "
                "only point at DICOM instances by their UIDs",
                expected="an image that was read from DICOM",
                where=item.where,
                do="use another format (RadFact, JSON), or convert the image to DICOM first",
            )
        if not item.study_uid or not item.series_uid:
            raise FormatError("The DICOM study or series has no UID", where=item.where)
        return rows

    def slices(self, image: Image, planes: Sequence[int]) -> list[tuple[str, str, list[int]]]:
        """Class, instance and frame numbers of planes along z.

        Raises
        ------
        FormatError
            The image is no volume of DICOM slices.
        """
        rows = self.files(image)
        if image.dims not in (("z", "y", "x"), ("y", "x")):
            raise FormatError(
                f"An image of dims {image.dims}", expected="(z, y, x) or (y, x)", where=image.where
            )
        count = image.shape[0] if len(image.shape) == 3 else 1
        if len(rows) == count:
            return [(*self.instance(image, rows[z]), []) for z in planes]
        if len(rows) != 1:
            raise FormatError(f"{len(rows)} files for {count} slices", where=image.where)
        numbers = image.meta.get("frame_numbers") or list(range(1, count + 1))
        return [(*self.instance(image, rows[0]), [int(numbers[z])]) for z in planes]

    def resolve(self, target: str) -> tuple[Item, Address]:
        """The item of a target.

        Raises
        ------
        FormatError
            There is no such image or segmentation.
        """
        try:
            address = Address.parse(f"onco:{self.patient.key}/{target}")
            found: Item
            if address.kind == "images":
                found = self.patient.images[address.item]
            elif address.kind == "segmentations":
                found = self.patient.segmentations[address.item]
            else:
                raise FormatError(
                    f"{target!r} is no image or segmentation", where=self.patient.label
                )
        except (AddressError, NotFoundError) as error:
            raise FormatError(f"{target!r}: {error.message}", where=self.patient.label) from error
        return found, address

    def any_instance(self) -> None:
        """Make some instance of the patient evidence: a report has to belong to a study.

        Raises
        ------
        FormatError
            None of the patient's items is DICOM.
        """
        items: list[Item] = [*self.patient.images.values(), *self.patient.segmentations.values()]
        for item in items:
            rows = item.sources()
            if item.study_uid and item.series_uid and rows and rows[0]["sop_uid"]:
                sop_class = (
                    SEG if isinstance(item, Segmentation) and item.modality == "SEG" else None
                )
                self.instance(item, rows[0], sop_class)
                return
        raise FormatError(
            "The patient has no DICOM image: a structured report belongs to a DICOM study",
            where=f"patient {self.patient.label}",
            do="use FHIR or another format",
        )

    def _sop_class(self, item: Item, row: Row) -> str:
        many = len(item.shape) == 3 and item.shape[0] > 1
        if many and len(item.sources()) == item.shape[0] and item.modality in _ONE_SLICE:
            return _ONE_SLICE[item.modality]
        item.check_trust()
        path = Path(row["uri"])
        parsed = parse_dicom(path, ("SOPClassUID", "SOPInstanceUID")) if path.is_file() else None
        if parsed is None or text(parsed.dataset, "SOPInstanceUID", 128) != row["sop_uid"]:
            raise FormatError(
                f"The SOP class of {row['sop_uid']} is not known: its file is not there",
                expected="the source file, or a CT, MR or PET of one slice a file",
                where=item.where,
            )
        found = text(parsed.dataset, "SOPClassUID", 128)
        if found is None:
            raise FormatError("The source file has no SOP class", where=item.where)
        return found


def outlines(mask: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Outlines of a plane's mask along the voxels' edges, closed; holes are filled.

    Parameters
    ----------
    mask : ndarray, (y, x), bool

    Returns
    -------
    list of ndarray, (n, 2), float64
        (column, row) in pixels from the top left corner of the first pixel (PS3.3 C.18.6.1.1).
    """
    from scipy.ndimage import binary_fill_holes
    from skimage.measure import find_contours

    # an outline of a hole would be read as one more region
    padded = np.pad(binary_fill_holes(mask), 1).astype(float)
    contours: Any = find_contours  # it has half of its types
    # a voxel's centre is at 0.5, and the padding has moved all by one
    return [np.asarray(one)[:, ::-1] - 0.5 for one in contours(padded, 0.5)]
