"""Put a measurement that a person made among the rows of the patient."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from explorer.address import Address
from explorer.image import Image
from explorer.item_id import item_id
from explorer.records import now
from explorer.run_draft import RunDraft
from graphs.errors import MeasureError
from graphs.hand_measures import HandMeasures, Shape, hand_measures
from graphs.target_text import target_text

PERSON = "person"
KIND = "measure"


def put_measurement(
    image: Image,
    shape: Shape,
    points_lps: ArrayLike,
    by: str,
    *,
    label: str = "",
    finding: str | None = None,
    finding_code: str | None = None,
    site: str | None = None,
    tracking: str | None = None,
    note: str = "",
    time: int = 0,
) -> Address:
    """Store a measurement made by hand; one commit, with who and when.

    The numbers are computed here from the points and the stored pixels. Measuring once more
    stands beside it; `withdraw_measurement` takes it back.

    Parameters
    ----------
    image : Image
    shape : {'distance', 'ellipse', 'box'}
    points_lps : array_like, (n, 3)
        mm LPS, as `hand_measures` has them.
    by : str
        Who.
    label : str
        What people call it; hostile text.
    finding, finding_code, site : str, optional
        What was measured, its code (``SCT:4147007``), and where.
    tracking : str, optional
        Tracking UID of a lesion: measurements that share it are of one lesion, where a finding is
        named.
    note : str
    time : int
        Time point of the image.

    Returns
    -------
    Address
        Of its first number; without ``#row=1`` of all of them.

    Raises
    ------
    MeasureError
        Nobody is named, or the shape cannot be measured.

    Examples
    --------
    >>> put_measurement(image, "distance", [(0, 0, 0), (30, 40, 0)], "A. Reader")
    """
    if not by.strip():
        raise MeasureError("Nobody is named", expected="who measured")
    measured = hand_measures(image, shape, points_lps, time=time)
    patient, made = image.patient, now()
    points = np.asarray(points_lps, float).tolist()
    uid = item_id("by-hand", patient.key, image.id, repr((shape, points, time)), by, made)
    about: dict[str, Any] = {
        "measured": {
            "id": uid, "shape": shape, "points_lps": points, "time": time, "by": by, "at": made,
            "note": note, "image": str(image.address), "problems": list(measured.problems),
        }
    }  # fmt: skip
    draft = RunDraft(
        KIND, PERSON, by, input=target_text("images", image.id, node=uid),
        settings={"measurement": uid}, detail=about, synthetic=image.synthetic,
        observations=_rows(image, measured, about, {
            "group": label or None, "group_uid": tracking, "finding": finding,
            "finding_code": finding_code, "site": site,
        }),
    )  # fmt: skip
    with patient.store.transaction(f"{shape} measured on {image.id} by hand") as t:
        run = t.put_run(patient.key, draft)
    return Address(patient.key, "observations", run, None, {"row": "1"})


def _rows(
    image: Image, measured: HandMeasures, about: dict[str, Any], said: dict[str, Any]
) -> list[dict[str, Any]]:
    box: Any = measured.box if "z" in image.dims else measured.box[1:]
    common = {
        **said,
        "state": "present",
        "method": f"{measured.shape}, by hand",
        "target": target_text("images", image.id, box=box),
        "date": image.acquired,
        "synthetic": image.synthetic,
    }
    return [
        {
            **common, "row": number, "name": name, "code": code, "number": value, "unit": unit,
            "detail": json.dumps(about, ensure_ascii=False, sort_keys=True)
            if number == 1 else None,
        }
        for number, (name, code, value, unit) in enumerate(measured.rows, 1)
    ]  # fmt: skip
