"""The check 'near duplicates': one picture under two patients, whatever was done to it."""

from __future__ import annotations

from explorer.errors import OncographError
from explorer.patient_set import PatientSet
from explorer.progress import progress
from explorer.split.fingerprint import Fingerprint, fingerprint_of
from explorer.split.leak import Checked, Leak, LeakSettings, Sides
from explorer.split.match_fingerprints import CERTAIN, FEWEST, match_fingerprints

NAME = "near duplicates"
_AXES = {2: "yx", 3: "zyx"}


def near_duplicates(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Read every image once, and find those that show the same under two patients.

    First by the sha256 of the values, then by points and what is around them, which stay when an
    image is cropped, resampled, windowed, compressed or mirrored; see `fingerprint`. Images that
    are too small or too plain for that, and those whose pixels cannot be read, are counted as
    'cannot tell'; so are pairs of which some points agree, as those of two heads may.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    rows = cohort.rows("items", ["kind"])
    total = sum(kind == "image" for kind in rows["kind"].to_pylist())
    found = Checked(NAME, "images")
    prints: list[Fingerprint] = []
    owners: list[str] = []
    items: list[str] = []
    # of one patient alone nothing is compared
    with progress("fingerprints", total) as step:
        for patient in cohort.patients(["items", "files"]) if len(cohort) > 1 else ():
            for image in patient.images.values():
                step(image.where)
                try:
                    one = fingerprint_of(image)
                except (OncographError, OSError, MemoryError) as error:
                    why = f"pixels cannot be read ({type(error).__name__})"
                    found.cannot[why] = found.cannot.get(why, 0) + 1
                    continue
                if len(one) < FEWEST:
                    why = "too small or too plain for more than an exact comparison"
                    found.cannot[why] = found.cannot.get(why, 0) + 1
                prints.append(one)
                owners.append(patient.key)
                items.append(image.id)
    found.looked_at = len(prints)
    for match in match_fingerprints(prints, owners, flips=settings.flips):
        if match.exact:
            said = "the same values, voxel by voxel"
        else:
            axes = "".join(_AXES[prints[match.one].dims][axis] for axis in match.mirrored)
            turned = f", mirrored along {axes}" if axes else ""
            said = f"alike{turned}: {match.points} points agree in one shift"
        one_side, other_side = (sides.of(owners[k], "images", items[k])
                                for k in (match.one, match.other))  # fmt: skip
        certain = match.exact or match.points >= CERTAIN
        severity = "leak" if certain else "cannot tell"
        found.leaks.append(Leak(NAME, severity, one_side, other_side, said))
    return found
