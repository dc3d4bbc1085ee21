"""The tags that a PET file's SUV follows from, as they stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from explorer.readers.dicom_values import items, number, text, texts

_GE_CREATOR = "GEMS_PETD_01"
_PHILIPS_CREATOR = "Philips PET Private Group"
_BLOCKS = range(0x10, 0x18)
TAGS: tuple[str | int, ...] = (
    "Units",
    "SUVType",
    "DecayCorrection",
    "CorrectedImage",
    "SeriesDate",
    "SeriesTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "TimezoneOffsetFromUTC",
    "FrameReferenceTime",
    "ActualFrameDuration",
    "PatientWeight",
    "Manufacturer",
    "RadiopharmaceuticalInformationSequence",
    *(0x00090000 | block for block in _BLOCKS),
    *(0x0009000D | block << 8 for block in _BLOCKS),
    *(0x70530000 | block for block in _BLOCKS),
    *(0x70530000 | block << 8 for block in _BLOCKS),
    *(0x70530009 | block << 8 for block in _BLOCKS),
)


@dataclass(frozen=True, slots=True)
class PetTags:
    """Tags of one PET slice; dates and times are DICOM text, None where absent or empty.

    Attributes
    ----------
    units, suv_type, decay_correction : str or None
    corrected : tuple of str
        CorrectedImage.
    series_date, series_time, acquisition_date, acquisition_time : str or None
    timezone : str or None
        TimezoneOffsetFromUTC.
    frame_reference_ms, frame_duration_ms : float or None
    weight_kg, dose_bq, half_life_s : float or None
        As the standard has their units; not checked here.
    weight_text, dose_text, half_life_text : str or None
        What really stands there, for messages.
    injection_time, injection_datetime : str or None
        RadiopharmaceuticalStartTime and RadiopharmaceuticalStartDateTime.
    nuclide : tuple of str
        Code value and meaning of RadionuclideCodeSequence.
    injections : int
        Items of RadiopharmaceuticalInformationSequence.
    ge_scan_datetime : str or None
        Private (0009,xx0D), GEMS_PETD_01.
    philips_suv, philips_activity : float or None
        Private (7053,xx00) and (7053,xx09), Philips PET Private Group.
    """

    units: str | None = None
    suv_type: str | None = None
    decay_correction: str | None = None
    corrected: tuple[str, ...] = ()
    series_date: str | None = None
    series_time: str | None = None
    acquisition_date: str | None = None
    acquisition_time: str | None = None
    timezone: str | None = None
    frame_reference_ms: float | None = None
    frame_duration_ms: float | None = None
    weight_kg: float | None = None
    weight_text: str | None = None
    dose_bq: float | None = None
    dose_text: str | None = None
    half_life_s: float | None = None
    half_life_text: str | None = None
    injection_time: str | None = None
    injection_datetime: str | None = None
    nuclide: tuple[str, ...] = ()
    injections: int = 0
    ge_scan_datetime: str | None = None
    philips_suv: float | None = None
    philips_activity: float | None = None


def read_pet_tags(dataset: Dataset) -> PetTags:
    """Take the tags out of a header that was parsed with `TAGS`."""
    injections = items(dataset, "RadiopharmaceuticalInformationSequence")
    drug = injections[0] if injections else Dataset()
    codes = items(drug, "RadionuclideCodeSequence")
    code = codes[0] if codes else Dataset()
    acquired = text(dataset, "AcquisitionDateTime") or ""
    return PetTags(
        units=_upper(dataset, "Units"),
        suv_type=_upper(dataset, "SUVType"),
        decay_correction=_upper(dataset, "DecayCorrection"),
        corrected=tuple(one.upper() for one in texts(dataset, "CorrectedImage")),
        series_date=text(dataset, "SeriesDate"),
        series_time=text(dataset, "SeriesTime"),
        acquisition_date=text(dataset, "AcquisitionDate") or acquired[:8] or None,
        acquisition_time=text(dataset, "AcquisitionTime") or acquired[8:] or None,
        timezone=text(dataset, "TimezoneOffsetFromUTC"),
        frame_reference_ms=number(dataset, "FrameReferenceTime"),
        frame_duration_ms=number(dataset, "ActualFrameDuration"),
        weight_kg=number(dataset, "PatientWeight"),
        weight_text=text(dataset, "PatientWeight", 32),
        dose_bq=number(drug, "RadionuclideTotalDose"),
        dose_text=text(drug, "RadionuclideTotalDose", 32),
        half_life_s=number(drug, "RadionuclideHalfLife"),
        half_life_text=text(drug, "RadionuclideHalfLife", 32),
        injection_time=text(drug, "RadiopharmaceuticalStartTime"),
        injection_datetime=text(drug, "RadiopharmaceuticalStartDateTime"),
        nuclide=tuple(filter(None, (text(code, "CodeValue", 32), text(code, "CodeMeaning", 64)))),
        injections=len(injections),
        ge_scan_datetime=_private_text(dataset, 0x0009, _GE_CREATOR, 0x0D),
        philips_suv=_private_number(dataset, 0x00),
        philips_activity=_private_number(dataset, 0x09),
    )


def _upper(dataset: Dataset, tag: str) -> str | None:
    found = text(dataset, tag)
    return found.upper() if found else None


def _private(dataset: Dataset, group: int, creator: str, element: int) -> int | None:
    """Tag of a private element: its block is the one that `creator` reserved (PS3.5 7.8.1)."""
    for block in _BLOCKS:
        if text(dataset, group << 16 | block) == creator:
            return group << 16 | block << 8 | element
    return None


def _private_text(dataset: Dataset, group: int, creator: str, element: int) -> str | None:
    tag = _private(dataset, group, creator, element)
    return text(dataset, tag) if tag is not None else None


def _private_number(dataset: Dataset, element: int) -> float | None:
    tag = _private(dataset, 0x7053, _PHILIPS_CREATOR, element)
    return number(dataset, tag) if tag is not None else None
