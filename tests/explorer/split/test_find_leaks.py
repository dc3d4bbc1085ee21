from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.demo import make_demo
from explorer.join import join
from explorer.split.find_leaks import CHECKS, find_leaks
from explorer.split.leak_error import LeakError

pytestmark = pytest.mark.slow
_OTHER = "TCGA-BP-5195"  # a real patient without images


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    """The bundled real patients, into whom leaks are planted."""
    return make_demo(tmp_path_factory.mktemp("demo") / "patients.onco")


def _pairs(store: explorer.Store, check: str) -> set[tuple[str, frozenset[str]]]:
    (found,) = find_leaks(store.cohort(), [check])
    return {
        (one.severity, frozenset({one.one.label, *([one.other.label] if one.other else [])}))
        for one in found.leaks
    }


def test_real_patients_share_nothing(demo: explorer.Store) -> None:
    cohort = demo.cohort()
    split = cohort.split({"train": 0.5, "test": 0.5})
    assert split.report.found == []
    assert split.report.left_out == ("late facts",)
    assert {one["check"] for one in split.report.checked} == set(CHECKS) - {"late facts"}
    assert "near duplicates" in split.report._repr_html_()
    both = cohort.split({"train": 0.5, "test": 0.5}, group="scanner", checks=())
    assert set(both.part_of) == set(cohort.keys)


def test_each_planted_leak_is_found(
    demo: explorer.Store, drafts_in: Callable[..., Any], tmp_path: Path
) -> None:
    drafts = drafts_in(demo, tmp_path)
    source = demo["STS_002"].images["CT"]
    values = source.read((slice(None),) * 3)
    part = np.flip(values[4:-4, 15:, 20:], axis=2).astype(np.float32)
    shown = (np.clip((part + 160) / 400, 0, 1) * 255).astype(np.uint8)  # 8 bits, mirrored, cropped
    z, y, x = source.spacing_mm
    placed = {"affine": np.diag([x, y, z, 1.0]), "synthetic": False}
    thief = demo[_OTHER].key
    with demo.transaction("a mirrored copy under another name") as t:
        draft = drafts.image(shown, "ct-0000c0b1", file="copy.raw", units="1", **placed)
        t.put(thief, draft, copy=True)
    pair = frozenset({"STS_002", _OTHER})
    assert ("leak", pair) in _pairs(demo, "near duplicates")

    with demo.transaction("the same study, reconstructed twice") as t:
        draft = drafts.image(
            values[:, ::2], "ct-0000c0b2", file="recon.raw",
            frame_of_reference=source.frame_of_reference,
            meta={"study_uid": source.study_uid, "series_uid": "1.2.3"}, **placed,
        )  # fmt: skip
        t.put(thief, draft, copy=True)
    assert _pairs(demo, "same study") == {("leak", pair)}
    assert _pairs(demo, "same source") == set()

    with demo.transaction("one series, one vector and one report twice") as t:
        t.add_facts(thief, [{"name": "SeriesInstanceUID", "value": source.series_uid}])
        for key in (thief, demo["brain1"].key):
            t.add_text(key, "report-00000001", "The same long report of a person. " * 10)
    assert ("leak", pair) in _pairs(demo, "same source")
    assert _pairs(demo, "same records") == {("cannot tell", frozenset({_OTHER, "brain1"}))}

    with demo.transaction("made up") as t:
        draft = drafts.image(item="ct-0000c0b3", file="made.raw")
        t.put(demo["LIDC-IDRI-0314"].key, draft, copy=True)
    assert _pairs(demo, "synthetic") == {("leak", frozenset({"LIDC-IDRI-0314"}))}

    with demo.transaction("the same person, spelled otherwise") as t:
        key = t.patient("sts 2002")
        other = t.patient("STS_2002", "another hospital")
        t.add_facts(key, [{"name": "a", "value": "1"}])
        t.add_facts(other, [{"name": "a", "value": "1"}])
    assert ("cannot tell", frozenset({"sts 2002", "STS_2002"})) in _pairs(demo, "identity")
    before = demo.cohort()
    join(demo, key, other, "for the test")
    (late,) = find_leaks(before, ["identity"])
    assert "leak" in {one.severity for one in late.leaks}

    with pytest.raises(LeakError) as refused:
        demo.cohort().split(fixed={"train": ["STS_002"], "test": [_OTHER, "LIDC-IDRI-0314"]})
    checks = {one.check for one in refused.value.found}
    assert checks == {"near duplicates", "same study", "same source", "synthetic"}
    for one in refused.value.found:
        assert one.one.address.startswith("onco:")
    assert _OTHER in str(refused.value)
