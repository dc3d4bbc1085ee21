"""What a DICOM image says about itself besides geometry and values; no person's name in it."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from explorer.readers.dicom_values import integer, iso_date, items, number, numbers, text, texts

_TEXT = {
    "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID",
    "study_description": "StudyDescription",
    "body_part": "BodyPartExamined",
    "photometric": "PhotometricInterpretation",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "view_position": "ViewPosition",
    "patient_position": "PatientPosition",
    "contrast_agent": "ContrastBolusAgent",
    "scanning_sequence": "ScanningSequence",
    "sequence_name": "SequenceName",
    "presentation_intent": "PresentationIntentType",
}
_NUMBER = {
    "slice_thickness": "SliceThickness",
    "kvp": "KVP",
    "repetition_time_ms": "RepetitionTime",
    "echo_time_ms": "EchoTime",
    "field_strength_t": "MagneticFieldStrength",
}
_LIMIT = 256
TAGS = (
    *_TEXT.values(),
    *_NUMBER.values(),
    "StudyDate",
    "SeriesDate",
    "SeriesNumber",
    "ImageLaterality",
    "FrameLaterality",
    "Laterality",
    "ConvolutionKernel",
    "WindowCenter",
    "WindowWidth",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "ImageType",
    "BurnedInAnnotation",
    "LossyImageCompression",
    "PatientID",
    "IssuerOfPatientID",
    "PatientSex",
    "PatientBirthDate",
)


def read_meta(dataset: Dataset) -> dict[str, Any]:
    """Collect a JSON-able dict from a header that was parsed with `TAGS`.

    Absent tags have no key. ``window`` is a list of ``[center, width]``, in the values' units.
    """
    meta: dict[str, Any] = {key: text(dataset, tag, _LIMIT) for key, tag in _TEXT.items()}
    meta |= {key: number(dataset, tag) for key, tag in _NUMBER.items()}
    meta["study_date"] = iso_date(dataset, "StudyDate", "SeriesDate")
    meta["series_number"] = integer(dataset, "SeriesNumber")
    meta["laterality"] = text(dataset, "ImageLaterality", 16) or text(dataset, "Laterality", 16)
    meta["kernel"] = text(dataset, "ConvolutionKernel", 64)
    shown = _window_group(dataset)
    centers, widths = numbers(shown, "WindowCenter"), numbers(shown, "WindowWidth")
    meta["window"] = [
        [center, width] for center, width in zip(centers, widths, strict=False) if width > 0
    ][:16] or None
    meta["pixel_padding"] = integer(dataset, "PixelPaddingValue")
    meta["pixel_padding_limit"] = integer(dataset, "PixelPaddingRangeLimit")
    meta["image_type"] = [one[:16] for one in texts(dataset, "ImageType")][:8] or None
    meta["burned_in_annotation"] = text(dataset, "BurnedInAnnotation", 16)
    meta["lossy"] = text(dataset, "LossyImageCompression", 16) == "01" or None
    return {key: found for key, found in meta.items() if found is not None}


def _window_group(dataset: Dataset) -> Dataset:
    """Find the data set with the window: enhanced files keep it in functional groups."""
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in items(dataset, name)[:1]:
            if found := items(group, "FrameVOILUTSequence"):
                return found[0]
    return dataset
