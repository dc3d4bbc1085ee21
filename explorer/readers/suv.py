"""PET activity to the standardised uptake value by body weight, SUVbw.

DICOM PS3.3 C.8.9.1 (Units, SUV Type, Decay Correction) and the vendor-neutral pseudo-code of the
QIBA FDG-PET/CT SUV task force ("happy path", https://qibawiki.rsna.org, SUV calculation):
SUVbw [g/ml] = activity [Bq/ml] x weight [g] / dose decayed to the reference time [Bq].
Nothing is guessed: one impossible or missing tag, and the units stay what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import OncographError
from explorer.readers.dicom_time import dicom_datetime, dicom_time
from explorer.readers.pet_tags import PetTags
from explorer.readers.scan_time import scan_time

# Half-lives in s (Decay Data Evaluation Project, LNHB), by CID 4020 codes SCT and SRT.
_HALF_LIFE = {
    **dict.fromkeys(("77004003", "C-111A1"), 6586.2),
    **dict.fromkeys(("40565003", "C-105A1"), 1221.7),
    **dict.fromkeys(("21576001", "C-107A1"), 597.9),
    **dict.fromkeys(("129504001", "C-B1038"), 122.5),
    **dict.fromkeys(("35337001", "C-131A3"), 4062.0),
    **dict.fromkeys(("63360001", "C-168A4"), 282276.0),
    **dict.fromkeys(("40937006", "C-114A5"), 360806.0),
    **dict.fromkeys(("3932008", "C-127A2"), 45721.0),
    **dict.fromkeys(("79197006", "C-159A2"), 76.4),
}
_SAME_IN_SERIES = (
    "units",
    "suv_type",
    "decay_correction",
    "weight_kg",
    "dose_bq",
    "half_life_s",
    "injection_time",
    "injection_datetime",
)


class _Impossible(OncographError, ValueError):
    """A tag is missing or cannot be right; the message becomes the reason."""


@dataclass(frozen=True)
class SuvConversion:
    """What became of a PET series' units.

    Attributes
    ----------
    factor : ndarray, (slices,), float64, or None
        Multiply the rescaled values by it; None where they stay what they are.
    units : str
        'SUVbw', or the units that stay.
    reason : str or None
        Why the values are not SUVbw.
    provenance : dict
        JSON-able: the tags and times that the factor came from.
    """

    factor: NDArray[np.float64] | None
    units: str
    reason: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)


def suv(slices: Sequence[PetTags]) -> SuvConversion:
    """Work out the factors to SUVbw of one series.

    Parameters
    ----------
    slices : sequence of PetTags
        All slices of the series, in any order.

    Returns
    -------
    SuvConversion
        The factor per slice in the order given.

    Notes
    -----
    Units GML passes unchanged: SUVbw where SUVType is absent or BW. BQML needs attenuation and
    decay correction, to START or to ADMIN. CNTS needs Philips' private factors.
    """
    first = slices[0]
    stays = first.units or "1"
    try:
        _check_same(slices)
        if first.units == "GML":
            return _grams_per_ml(slices)
        if first.units == "BQML":
            return _from_activity(slices, np.ones(len(slices)))
        if first.units == "CNTS":
            return _from_counts(slices)
        raise _Impossible(
            f"Units (0054,1001) is {first.units or 'missing'}", expected="GML, BQML or CNTS"
        )
    except _Impossible as error:
        return SuvConversion(None, stays, str(error), {"from": stays, "converted": False})


def _check_same(slices: Sequence[PetTags]) -> None:
    for name in _SAME_IN_SERIES:
        found = {getattr(one, name) for one in slices}
        if len(found) > 1:
            listed = ", ".join(sorted(str(one) for one in found)[:4])
            raise _Impossible(
                f"The slices of one series disagree in {name}: {listed}", expected="one value"
            )


def _grams_per_ml(slices: Sequence[PetTags]) -> SuvConversion:
    kind = slices[0].suv_type or "BW"
    if kind == "BW":
        about = {"from": "GML", "converted": False, "suv_type": slices[0].suv_type}
        return SuvConversion(None, "SUVbw", None, about)
    return SuvConversion(
        None,
        f"SUV{kind.lower()}",
        f"SUVType (0054,1006) is {kind}. Expected: BW or absent for SUVbw.",
        {"from": "GML", "converted": False, "suv_type": kind},
    )


def _from_counts(slices: Sequence[PetTags]) -> SuvConversion:
    factors = [one.philips_suv for one in slices]
    if all(one is not None and one > 0 for one in factors):
        _check_corrected(slices[0])
        about = {"from": "CNTS", "converted": True, "by": "(7053,xx00) Philips SUV scale factor"}
        return SuvConversion(np.array(factors, float), "SUVbw", None, about)
    activity = [one.philips_activity for one in slices]
    if all(one is not None and one > 0 for one in activity):
        found = _from_activity(slices, np.array(activity, float))
        found.provenance["by"] = "(7053,xx09) Philips activity concentration scale factor"
        return found
    raise _Impossible(
        "Units (0054,1001) is CNTS without a positive factor in (7053,xx00) or (7053,xx09)",
        expected="the private SUV or activity factor of Philips scanners in every slice",
    )


def _from_activity(slices: Sequence[PetTags], activity: NDArray[np.float64]) -> SuvConversion:
    tags = slices[0]
    _check_corrected(tags)
    weight = _number(tags.weight_kg, tags.weight_text, "PatientWeight (0010,1030)", 0, 500, "kg")
    if tags.injections > 1:
        raise _Impossible(
            f"RadiopharmaceuticalInformationSequence (0054,0016) has {tags.injections} items",
            expected="one injection",
        )
    dose = _number(
        tags.dose_bq, tags.dose_text, "RadionuclideTotalDose (0018,1074)", 1e6, 1e11, "Bq"
    )
    half_life = _half_life(tags)
    about: dict[str, Any] = {
        "from": tags.units,
        "converted": True,
        "weight_kg": weight,
        "dose_bq": dose,
        "half_life_s": half_life,
        "decay_correction": tags.decay_correction,
    }
    decay = 0.0
    if tags.decay_correction == "START":
        scan, how = scan_time(slices, half_life)
        if scan is None:
            raise _Impossible(how, expected="the time that the decay is corrected to")
        injected, from_tag = _injection(tags, scan, half_life)
        decay = (scan - injected).total_seconds()
        about |= {"scan_time": scan.isoformat(), "scan_time_from": how}
        about |= {"injection_time": injected.isoformat(), "injection_time_from": from_tag}
        about |= {"decay_s": decay}
    elif tags.decay_correction == "ADMIN":
        scan, how = scan_time(slices, half_life)
        if scan is not None:  # not needed for the factor, but a contradiction disproves the tags
            _injection(tags, scan, half_life, needed=False)
    else:
        raise _Impossible(
            f"DecayCorrection (0054,1102) is {tags.decay_correction or 'missing'}",
            expected="START or ADMIN",
        )
    about["decayed_dose_bq"] = dose * 2.0 ** (-decay / half_life)
    factor = weight * 1000.0 / about["decayed_dose_bq"]
    return SuvConversion(activity * factor, "SUVbw", None, about)


def _check_corrected(tags: PetTags) -> None:
    missing = [one for one in ("ATTN", "DECY") if one not in tags.corrected]
    if missing:
        raise _Impossible(
            f"CorrectedImage (0028,0051) is {'/'.join(tags.corrected) or 'missing'}",
            expected=f"{' and '.join(missing)} too",
        )


def _number(
    value: float | None, text: str | None, tag: str, low: float, high: float, unit: str
) -> float:
    if value is None or not low < value <= high:
        raise _Impossible(
            f"{tag} is {text or 'missing'}", expected=f"above {low:g} and up to {high:g} {unit}"
        )
    return value


def _half_life(tags: PetTags) -> float:
    found = _number(
        tags.half_life_s, tags.half_life_text, "RadionuclideHalfLife (0018,1075)", 10, 1e8, "s"
    )
    known = next((_HALF_LIFE[code] for code in tags.nuclide if code in _HALF_LIFE), None)
    if known is not None and abs(found / known - 1) > 0.05:
        raise _Impossible(
            f"RadionuclideHalfLife (0018,1075) is {found:g} s for {' '.join(tags.nuclide)}",
            expected=f"about {known:g} s",
        )
    return found


def _injection(
    tags: PetTags, scan: datetime, half_life: float, needed: bool = True
) -> tuple[datetime, str]:
    tag = "RadiopharmaceuticalStartDateTime (0018,1078)"
    text = tags.injection_datetime
    injected = dicom_datetime(text, tags.timezone)
    if text is None:
        tag, text = "RadiopharmaceuticalStartTime (0018,1072)", tags.injection_time
        injected = dicom_time(scan.strftime("%Y%m%d"), text)
        # A time of day alone: an injection late in the evening, the scan after midnight.
        if injected is not None and injected > scan:
            before = injected - timedelta(days=1)
            injected = before if scan - before <= timedelta(hours=6) else injected
    if injected is None:
        if text is None and not needed:
            return scan, "not needed"
        raise _Impossible(f"{tag} is {text or 'missing'}", expected="the time of the injection")
    gap = (scan - injected).total_seconds()
    if gap < 0 or gap > 10 * half_life:
        when = "after" if gap < 0 else f"{gap / half_life:.1f} half-lives before"
        raise _Impossible(
            f"{tag} is {text}, {when} the scan at {scan.isoformat(sep=' ')}",
            expected="an injection before the scan, by at most 10 half-lives",
        )
    return injected, tag
