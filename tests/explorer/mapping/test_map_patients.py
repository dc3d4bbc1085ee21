from __future__ import annotations

import hashlib
import json
import linecache
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.draft import Code
from explorer.errors import StoreError
from explorer.mapping.function_error import FunctionError
from explorer.mapping.made import Made, Mask, Volume
from explorer.patient import Patient

Put = Callable[..., Patient]


def mean_value(patient: Patient, above: float = -1e9) -> dict[str, float]:
    image = patient.images["CT"].data.values
    return {"mean": float(image[image > above].mean()), "voxels": int(image.size)}


def bright(image: Any, above: int = 5) -> Mask:
    return Mask(image.data.values > above, "bright", code=Code("52101004", "SCT", "Present"))


def fails_for_one(patient: Patient) -> float:
    if patient.label == "B":
        raise ValueError("no <b>such</b> thing")
    return 1.0


def kills_for_one(patient: Patient) -> float:
    if patient.label == "B":
        os.kill(os.getpid(), signal.SIGKILL)
    return 1.0


@pytest.fixture
def three(store: explorer.Store, drafts: Any, put: Put) -> explorer.Store:
    for n, name in enumerate("ABC"):
        values = np.arange(24, dtype=np.int16).reshape(2, 3, 4) + n
        put(name, drafts.image(values, file=f"{name}.raw"), copy=True)
    return store


def test_numbers_become_observations_that_say_where_they_come_from(three: explorer.Store) -> None:
    result = three.cohort().map(mean_value, version="2", settings={"above": 3})
    assert result.counts == {"made": 3, "unchanged": 0, "refused": 0}
    assert result.ok
    patient = three["A"]
    rows = patient.rows("observations")
    assert [(row["name"], row["number"]) for row in rows] == [("mean", 13.5), ("voxels", 24)]
    (run,) = patient.rows("runs")
    assert rows[0]["origin"] == run["run"]
    assert (run["kind"], run["version"], run["settings"]) == ("map", "2", '{"above": 3}')
    assert run["producer"].endswith("test_map_patients.mean_value")
    detail = json.loads(run["detail"])
    assert detail["inputs"] == ["images/ct-00000001@1"]
    assert (detail["input_version"], detail["made_version"]) == (1, 2)
    source = Path(__file__).read_text()
    begin, end = source.index("def mean_value"), source.index("\n\n\ndef bright")
    digest = hashlib.sha256((source[begin:end] + "\n").encode()).hexdigest()
    assert detail["source_sha256"] == digest
    assert patient.history()["message"][0] == f"map: {run['producer']} 2"
    assert run["synthetic"]  # of a synthetic patient


def test_a_mask_is_a_segmentation_of_its_image(three: explorer.Store) -> None:
    result = three.cohort().map(bright, kind="images", predicted=True)
    assert result.counts["made"] == 3
    patient = three["B"]
    (made,) = patient.segmentations.values()
    assert made.labels == ["bright"]
    assert made.codes["bright"] == Code("52101004", "SCT", "Present")
    assert made.image == "ct-00000001"
    image = patient.images["CT"].data.values
    np.testing.assert_array_equal(made.mask("bright").values, image > 5)
    about = made.meta["derived"]
    assert about["predicted"] is True
    assert about["inputs"] == ["images/ct-00000001@1"]
    assert about["run"] == patient.rows("runs")[0]["run"]
    assert patient.rows("runs")[0]["input"] == "images/ct-00000001"


def test_other_settings_take_the_place_and_older_versions_keep(three: explorer.Store) -> None:
    three.cohort().map(bright, kind="images", name="bright")
    three.cohort().map(bright, kind="images", name="bright", settings={"above": 9})
    patient = three["A"]
    (made,) = patient.segmentations.values()
    assert made.meta["derived"]["settings"] == {"above": 9}
    assert int(made.mask("bright").sum()) == 14
    (before,) = patient.at(2).segmentations.values()
    assert int(before.mask("bright").sum()) == 18
    assert [row["current"] for row in patient.rows("runs")] == [False, True]


def test_what_was_made_is_not_computed_again(three: explorer.Store, put: Put, drafts: Any) -> None:
    calls = []

    def note(patient: Patient) -> float:
        calls.append(patient.label)
        return float(len(calls))

    three.cohort().map(note)
    three.cohort().map(mean_value)  # what another one made is to be seen: `note` looks again
    result = three.cohort().map(note)
    assert calls == [*"ABC", *"ABC"]
    assert three.cohort().map(note).counts["unchanged"] == 3
    put("B", drafts.image(np.zeros((2, 3, 4), np.int16), file="B.raw"))
    result = three.cohort().map(note)
    assert calls[6:] == ["B"]
    assert list(result.table["status"]) == ["unchanged", "made", "unchanged"]
    assert [row["number"] for row in three["B"].rows("observations")][-1] == 7.0


def test_a_change_elsewhere_does_not_compute_an_image_again(three: explorer.Store) -> None:
    three.cohort().map(bright, kind="images")
    three.cohort().map(mean_value)
    result = three.cohort().map(bright, kind="images")
    assert result.counts == {"made": 0, "unchanged": 3, "refused": 0}


def test_another_source_of_the_function_is_computed_again(three: explorer.Store) -> None:
    functions = []
    for number in (1, 2):
        scope: dict[str, Any] = {}
        path = f"<made {number}>"
        text = f"def f(patient):\n    return {number}\n"
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
        exec(compile(text, path, "exec"), scope)
        functions.append(scope["f"])
    three.cohort().map(functions[0], name="f")
    assert three.cohort().map(functions[1], name="f").counts["made"] == 3
    assert [row["number"] for row in three["A"].rows("observations")] == [2.0]


def test_one_that_fails_is_said_and_tried_again(three: explorer.Store) -> None:
    result = three.cohort().map(fails_for_one)
    assert list(result.table["status"]) == ["made", "refused", "made"]
    assert list(result.failures["reason"]) == ["ValueError: no <b>such</b> thing"]
    assert "<b>such" not in result._repr_html_()
    (run,) = three["B"].rows("runs")
    assert run["state"] == "refused: ValueError: no <b>such</b> thing"
    again = three.cohort().map(fails_for_one)
    assert again.counts == {"made": 0, "unchanged": 2, "refused": 1}
    assert three["B"].version == 2  # and saying it again is no change


def test_results_that_cannot_be_kept_are_refused_alone(three: explorer.Store) -> None:
    def shapes(patient: Patient) -> Any:
        wrong = np.zeros((1, 1, 1), bool)
        values = {"A": object(), "B": {"x": float("inf")}}
        return values.get(patient.label) or Mask(wrong, "x", patient.images["CT"])

    said = list(three.cohort().map(shapes).failures["reason"])
    assert said[0].startswith("The function gave a object")
    assert "infinite" in said[1]
    assert "shape (1, 1, 1)" in said[2]

    def rows(patient: Patient) -> Made:
        return Made(facts=[{"name": "x", "value": 1, "no such": 2}])

    assert "No such field in facts" in three.cohort().map(rows).failures["reason"][0]


def test_everything_that_can_be_made(three: explorer.Store) -> None:
    def all_of_it(patient: Patient) -> list[Any]:
        image = patient.images["ct-00000001"]
        return [
            {"age guess": None, "side": "left"},
            pd.Series([1.0, np.nan], index=["a", "b"], name="embedding"),
            Volume(image.data.values.astype(np.float32) / 2, "half", image),
            Mask(image.data.values > 3, "one", image), Mask(image.data.values > 5, "two", image),
            Made(texts={"summary": "nothing <i>new</i>"}, facts=[{"name": "grade", "value": 2}]),
        ]  # fmt: skip

    result = three.cohort().among(["A"]).map(all_of_it)
    assert result.table["made"][0] == {
        "items": 2, "observations": 2, "vectors": 1, "texts": 1, "facts": 1,
    }  # fmt: skip
    patient = three["A"]
    assert [row["state"] for row in patient.rows("observations")] == ["unknown", "present"]
    assert list(patient.vectors["embedding"].index) == ["a", "b"]
    (seg,) = patient.segmentations.values()
    assert seg.labels == ["one", "two"]
    half = next(i for i in patient.images.values() if i.name == "half")
    np.testing.assert_array_equal(half.data.values, patient.images["ct-00000001"].data.values / 2)
    run = patient.rows("runs")[0]["run"]
    assert patient.rows("facts")[0]["origin"] == run
    assert next(iter(patient.reports.values())).text == "nothing <i>new</i>"
    again = three.cohort().among(["A"]).map(all_of_it, version="2")
    assert again.ok
    newest = three["A"]
    assert len(newest.images) == 2
    assert len(newest.segmentations) == len(newest.reports) == len(newest.rows("facts")) == 1
    assert len(newest.rows("vectors")) == 1


def test_an_older_version_is_shown_and_named(three: explorer.Store, put: Put, drafts: Any) -> None:
    cohort = three.cohort()
    assert len(cohort.versions) == 3
    put("A", drafts.image(np.zeros((2, 3, 4), np.int16), file="A.raw"))
    cohort.map(mean_value)
    run = three["A"].rows("runs")[0]
    assert run["kind"] == "map of version 1"
    assert json.loads(run["detail"])["input_version"] == 1
    assert three["A"].rows("observations")[0]["number"] == 11.5
    assert three["B"].rows("runs")[0]["kind"] == "map"
    assert cohort.map(mean_value).counts["unchanged"] == 3
    three.cohort().map(mean_value)  # of the present one, beside it
    assert {row["number"] for row in three["A"].rows("observations")} == {11.5, 0.0, 24.0}


def test_a_call_that_takes_too_long_is_given_up(three: explorer.Store) -> None:
    def slow(patient: Patient) -> float:
        end = time.monotonic() + (600 if patient.label == "B" else 0)
        while time.monotonic() < end:
            sum(range(1000))
        return 1.0

    result = three.cohort().map(slow, timeout_s=3)
    assert list(result.table["status"]) == ["made", "refused", "made"]
    assert result.failures["reason"][0] == "took longer than 3 s"


def test_it_is_stopped_and_goes_on(three: explorer.Store) -> None:
    calls: list[str] = []

    def interrupted(patient: Patient) -> float:
        calls.append(patient.label)
        if calls == ["A", "B"]:
            raise KeyboardInterrupt
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        three.cohort().map(interrupted)
    assert three.cohort().map(interrupted).ok
    assert calls == ["A", "B", "B", "C"]


def test_what_cannot_be_mapped_is_said_at_once(three: explorer.Store) -> None:
    with pytest.raises(FunctionError, match="No kind 'series'"):
        three.cohort().map(mean_value, kind="series")
    with pytest.raises(FunctionError, match="settings are no JSON"):
        three.cohort().map(mean_value, settings={"above": object()})
    three.read_only = True
    with pytest.raises(StoreError, match="reading alone"):
        three.cohort().map(mean_value)


@pytest.mark.slow
def test_processes_take_functions_of_any_kind_and_one_that_kills_is_refused_alone(
    three: explorer.Store,
) -> None:
    offset = 3

    def local(patient: Patient) -> dict[str, float]:
        return {"pid": float(os.getpid()), "offset": float(offset)}

    assert three.cohort().map(local, workers=1).ok
    rows = three["A"].rows("observations")
    assert rows[0]["number"] != os.getpid()
    assert rows[1]["number"] == 3.0
    result = three.cohort().map(kills_for_one, workers=1)
    assert list(result.table["status"]) == ["made", "refused", "made"]
    assert result.failures["reason"].iloc[0].startswith("the process that computed it died")
    assert three["B"].rows("runs")[-1]["state"].startswith("refused: the process")
    held = threading.Lock()
    with pytest.raises(FunctionError, match="cannot be sent to other processes"):
        three.cohort().map(lambda _: held.locked(), name="held", workers=1)
