"""Measurements of lesions, from observations and from masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.store import Store
from explorer.tasks.task import Task
from graphs.features.known_rows import KnownRows
from graphs.features.lesion_bag import lesion_bag
from graphs.features.measured import NO_LESION
from graphs.features.measurement_block import measurement_block
from graphs.lesions import lesions


def test_real_outlines_of_four_readers(lidc: Store) -> None:
    cohort = lidc.cohort()
    block = measurement_block(cohort)
    (patient,) = list(cohort)
    found = lesions(patient, keep=False)
    volumes = [one.measures.volume_mm3 for one in found]
    row = block.frame.iloc[0]
    assert row["outlines"] == len(found) == 4
    assert row["largest: Volume (mm3)"] == pytest.approx(max(volumes))
    assert row["sum: Volume (mm3)"] == pytest.approx(sum(volumes))
    largest = found[int(np.argmax(volumes))]
    assert row["largest: Maximum (HU)"] == largest.measures.maximum
    address = Address.parse(block.address(block.keys[0], "largest: Maximum (HU)"))
    assert address.kind == "segmentations"
    assert address.fragment["label"] == largest.label
    lesions(patient)
    kept = measurement_block(lidc.cohort())
    assert kept.frame.iloc[0].to_dict() == pytest.approx(row.to_dict())
    at = Address.parse(kept.address(kept.keys[0], "largest: Maximum (HU)"))
    assert at.resolve(lidc).value["number"].iloc[0] == largest.measures.maximum


def _said(name: str, number: float, uid: str, days: int, unit: str = "mm") -> dict[str, Any]:
    return {"name": name, "number": number, "unit": unit, "group_uid": uid, "days": days,
            "finding": "nodule"}  # fmt: skip


def test_lesions_by_tracking_uid_and_day(made: Callable[..., Store]) -> None:
    store = made({
        "a": {"observations": [
            _said("Longest diameter", 11.5, "1.1", -9), _said("Longest diameter", 9.5, "1.1", -1),
            _said("Longest diameter", 2.5, "1.2", -1, "cm"),
            _said("SUVmax", 4.5, "1.2", -1, "g/ml"),
            _said("Longest diameter", 80.5, "1.2", 6),
        ]},
        "b": {"observations": [_said("Longest diameter", 5.5, "1.9", 2)]},
    })  # fmt: skip
    cohort = store.cohort()
    known = KnownRows(cohort, Task("t", "binary"))
    block = measurement_block(known)
    row = block.frame.set_axis(list(cohort.labels.values())).loc["a"].to_dict()
    assert row == {
        "largest: Longest diameter (mm)": 25.0, "largest: SUVmax (g/ml)": 4.5,
        "sum: Longest diameter (mm)": 34.5, "outlines": 2.0,
    }  # fmt: skip
    bag = lesion_bag(known)
    assert sorted(np.nan_to_num(bag.values).tolist()) == [[9.5, 0.0], [25.0, 4.5]]
    assert bag.state.tolist() == block.state.tolist()
    pooled = bag.pooled().frame.dropna()
    assert pooled.to_numpy().tolist() == [[17.25, 4.5]]
    assert len(bag.addresses) == 2
    assert set(known.left_out["why"]) == {"after the index"}


def test_an_outline_of_nobody_knows_what_stays_out(visits: Any, visit: Any, ball_at: Any) -> None:
    ball = ball_at((15, 40, 40), 6)
    patient = visits.patient("measured", [visit("2020-01-01", {"label 4": ball, "nodule": ball})])
    lesions(patient)
    cohort = visits.store.cohort().among([patient.key])
    known = KnownRows(cohort)
    assert measurement_block(known).frame["outlines"].tolist() == [1.0]
    assert NO_LESION in set(known.left_out["why"])
