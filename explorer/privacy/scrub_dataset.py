"""De-identify a DICOM data set, nested sequences to any depth (DICOM PS3.15 E, table E.1-1).

What is done to an attribute is said by dicom-anonymizer's table of 2026c; here stand the options
that are taken, what a pseudonym, a UID and a date become, and what the table does not list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pydicom.datadict import dictionary_has_tag, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from explorer.privacy.identifiers import Identifiers
from explorer.privacy.mark import CODES, METHOD, mark
from explorer.privacy.rule_of import TABLE, rule_of
from explorer.privacy.scrub_text import clean_label, own_out, scrub_text
from explorer.privacy.secret import Secret

__all__ = ["CODES", "METHOD", "TABLE", "Scrub", "mark"]

_SAFE_PRIVATE = ("113111", "Retain Safe Private Option")
# Numbers that SUV depends on, and the time that GE corrects decay to: group, creator, element.
_SAFE = (
    (0x7053, "Philips PET Private Group", 0x00),
    (0x7053, "Philips PET Private Group", 0x09),
    (0x0009, "GEMS_PETD_01", 0x0D),
)
_STANDARD = "1.2.840.10008."


def _tags(*keywords: str) -> frozenset[int]:
    found = [tag_for_keyword(keyword) for keyword in keywords]
    return frozenset(tag for tag in found if tag is not None)


# Clean Structured Content, and sequences that carry references: looked into, not removed.
_LOOK_INTO = _tags("ContentSequence", "AcquisitionContextSequence", "SpecimenPreparationSequence",
                   "ReferencedImageSequence", "SourceImageSequence")  # fmt: skip
# Clean Descriptors: what is wanted of them is kept word by word; all others are removed.
_LABELS = _tags(
    "SeriesDescription", "StudyDescription", "ProtocolName", "ROIName", "ROIObservationLabel",
    "ROIDescription", "StructureSetLabel", "StructureSetName", "ContrastBolusAgent",
    "TreatmentSite", "SegmentLabel", "SegmentDescription", "TrackingID", "ContentLabel",
    "ContentDescription", "DerivationDescription",
)  # fmt: skip
_CHARACTERISTICS: dict[int, Callable[[str], bool]] = {
    0x00100040: lambda v: v in ("M", "F", "O"),  # PatientSex
    0x00101020: lambda v: 0 < _real(v) < 3,  # PatientSize, m
    0x00101030: lambda v: 0 < _real(v) < 500,  # PatientWeight, kg
    0x001021A0: lambda v: v in ("YES", "NO", "UNKNOWN"),  # SmokingStatus
}
_AGE, _BIRTH, _PATIENT_ID, _PATIENT_NAME, _ISSUER = (
    0x00101010, 0x00100030, 0x00100020, 0x00100010, 0x00100021)  # fmt: skip
_ZONE, _TEXT_VALUE = 0x00080201, 0x0040A160
_BYTES_KEPT = _tags(
    "PixelData", "FloatPixelData", "DoublePixelData", "LUTData", "WaveformData",
    "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "AlphaPaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData", "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData", "ICCProfile", "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths", "SpectroscopyData",
)  # fmt: skip
_TIME = re.compile(r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?")
_DATETIME = re.compile(r"(\d{8})(\d{2,6}(?:\.\d{1,6})?)?([+-]\d{4})?")
_DOTTED = re.compile(r"(\d{4})[.\-](\d{2})[.\-](\d{2})")  # of ACR-NEMA
_NARRATIVE = {"LT", "ST", "UT", "UC"}
_TEXT = {"LO", "SH", "CS"}
_CONTENT = 0x0040A730
# Observer's name, organization and place, device's name, serial number and place; order and
# accession numbers; subject's name, identifier and birth date (PS3.16 D, DCM).
_WHO = {"121008", "121009", "121013", "121016", "121017", "121020", "121021", "121022", "121029",
        "121030", "121031", "121036"}  # fmt: skip
_DEPTH = 32
_NAMED = {"ROIName": 0x30060022, "SegmentLabel": 0x00620004}
_NAMED_AS = {"ROIName": "ROI", "SegmentLabel": "Segment"}


@dataclass
class Scrub:
    """De-identifies the data sets of one patient.

    Parameters
    ----------
    secret : Secret
    own : Identifiers
        What the patient can be told by, for the texts that stay.
    shift : int
        Days.
    """

    secret: Secret
    own: Identifiers
    shift: int
    free_text: bool = False
    """Whether free text was left in, without the patient's own identifiers."""
    _seen: dict[str, bool] = field(default_factory=dict)

    codes: tuple[tuple[str, str], ...] = CODES

    def __call__(self, dataset: Dataset, depth: int = 0) -> None:
        """De-identify in place.

        Raises
        ------
        RecursionError
            Sequences are nested deeper than any real ones.
        """
        if depth > _DEPTH:
            raise RecursionError("nested too deep")
        safe = self._safe(dataset) if depth == 0 else []
        if _CONTENT in dataset:
            self._observers(dataset)
        for tag in list(dataset.keys()):
            if tag.is_private or not (tag.group & 0xFF00 == 0x6000 or dictionary_has_tag(tag)):
                del dataset[tag]  # private, or of no meaning that is known
                continue
            try:
                self._element(dataset, tag, depth)
            except RecursionError:
                raise
            except Exception:  # noqa: BLE001 - what cannot be understood cannot be kept
                if tag in dataset:
                    del dataset[tag]
        for name, number in _NAMED.items():
            # a structure whose name told somebody still needs one
            if number in dataset and not str(dataset.get(name) or "").strip():
                setattr(dataset, name, f"{_NAMED_AS[name]} {dataset[number].value}")
        for group, creator, offset, value in safe:
            dataset.private_block(group, creator, create=True).add_new(offset, *value)
        if safe:
            self.codes = (*CODES, _SAFE_PRIVATE)

    def _safe(self, dataset: Dataset) -> list[tuple[int, str, int, tuple[str, str]]]:
        """Private attributes that stay: positive numbers, and a date that is shifted."""
        found = []
        for group, creator, offset in _SAFE:
            try:
                element = dataset.private_block(group, creator)[offset]
                value = element.value
                said = value.decode("ascii") if isinstance(value, bytes) else str(value)
            except Exception:  # noqa: BLE001 - absent, or nothing that is known to be safe
                continue
            if group == 0x7053 and 0 < _real(said.strip("\0 ")) < math.inf:
                found.append((group, creator, offset, ("DS", said.strip("\0 "))))
            elif group == 0x0009 and (moved := self._date(said.strip("\0 "))):
                found.append((group, creator, offset, ("DT", moved)))
        return found

    def _element(self, dataset: Dataset, tag: BaseTag, depth: int) -> None:
        element = dataset[tag]
        rule = rule_of(tag)
        number = int(tag)
        if element.VR == "SQ":
            if rule is None or number in _LOOK_INTO:
                for item in element.value:
                    self(item, depth + 1)
            else:
                del dataset[tag]
        elif number in _BYTES_KEPT and rule is None:
            return
        elif number in (_PATIENT_ID, _ISSUER):
            said = _one(element)
            element.value = self.secret.pseudonym(said) if said else ""
        elif number == _PATIENT_NAME:
            element.value = ""
        elif element.VR == "UI":
            self._uid(dataset, element, rule)
        elif number == _BIRTH:
            element.value = ""
        elif number == _AGE:
            element.value = _age(_one(element))
        elif number in _CHARACTERISTICS:
            if not _CHARACTERISTICS[number](_one(element)):
                element.value = "" if element.VR == "CS" else None
        elif element.VR in ("DA", "DT", "TM") or number == _ZONE:
            self._time(dataset, element)
        elif number in _LABELS:
            _each(element, lambda text: clean_label(text, self.own))
        elif rule is not None:
            rule(dataset, (tag.group, tag.element))
        else:
            self._unlisted(dataset, element)

    def _observers(self, dataset: Dataset) -> None:
        """Take content items out that say who was examined, by whom and where (PS3.16 TID 1002)."""
        kept = []
        for item in dataset[_CONTENT].value:
            names = item.get("ConceptNameCodeSequence") or []
            if not any(str(one.get("CodeValue")) in _WHO for one in names):
                kept.append(item)
        dataset[_CONTENT].value = kept

    def _tells(self, text: str) -> bool:
        """Whether a short text has one of the patient's identifiers in it."""
        if text not in self._seen:
            self._seen[text] = own_out(text, self.own) != text
        return self._seen[text]

    def _uid(self, dataset: Dataset, element: DataElement, rule: Any) -> None:
        # an instance's UID is never the standard's, whatever it begins with
        listed = rule is not None
        if listed and rule.__name__ == "delete":
            del dataset[element.tag]
            return

        def one(uid: str) -> str:
            bare = uid.strip()
            return bare if not bare or (not listed and bare.startswith(_STANDARD)) else (
                self.secret.uid(bare))  # fmt: skip

        _each(element, one)

    def _time(self, dataset: Dataset, element: DataElement) -> None:
        if element.VR in ("DA", "DT"):
            _each(element, self._date)
        elif element.VR == "TM":
            _each(element, lambda v: v if _TIME.fullmatch(v.strip()) else "")
        elif not re.fullmatch(r"[+-]\d{4}", _one(element)):
            del dataset[element.tag]

    def _date(self, value: str) -> str:
        """Shift a DA or DT; a part of a date (a year) cannot be shifted, and goes."""
        found = _DATETIME.fullmatch(_DOTTED.sub(r"\1\2\3", value.strip()))
        if found is None:
            return ""
        day = found[1]
        try:
            old = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            moved = (old + timedelta(days=self.shift)).isoformat().replace("-", "")
        except (ValueError, OverflowError):
            return ""
        return moved + (found[2] or "") + (found[3] or "")

    def _unlisted(self, dataset: Dataset, element: DataElement) -> None:
        """Attributes that the table does not have: what can hold text is scrubbed, or goes."""
        vr = str(element.VR)
        if vr in ("PN", "AE", "UR", "OB", "OW", "UN", "OB or OW"):
            del dataset[element.tag]
        elif vr in _NARRATIVE:
            if element.tag == _TEXT_VALUE and _one(element):
                self.free_text = True
                _each(element, lambda text: scrub_text(text, self.own, self.shift))
            else:
                _each(element, lambda text: clean_label(text, self.own))
        elif vr in _TEXT:
            _each(element, lambda text: "" if self._tells(text) else text)
        elif vr in ("DS", "IS") and not all(math.isfinite(_real(v)) for v in _all(element)):
            del dataset[element.tag]


def _all(element: DataElement) -> list[str]:
    value = element.value
    if value is None:
        return []
    return [str(one) for one in (value if isinstance(value, MultiValue | list) else [value])]


def _one(element: DataElement) -> str:
    return "".join(c for c in "\\".join(_all(element)) if c.isprintable()).strip()


def _each(element: DataElement, change: Callable[[str], str]) -> None:
    values = [change(one) for one in _all(element)]
    element.value = values if len(values) > 1 else (values[0] if values else "")


def _real(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _age(age: str) -> str:
    """Keep an age; everybody of 90 and over is 90 (45 CFR 164.514(b)(2)(i)(C))."""
    if not re.fullmatch(r"\d{3}[DWMY]", age):
        return ""
    years = int(age[:3]) / {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}[age[3]]
    return "090Y" if years >= 90 else age
