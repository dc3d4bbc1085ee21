from __future__ import annotations

from pathlib import Path

import pytest

from explorer.demo import make_demo
from explorer.errors import NotFoundError


def test_some_patients_are_kept_and_the_step_says_so(tmp_path: Path) -> None:
    demo = make_demo(tmp_path / "patients.onco")
    everybody = demo.cohort()
    assert everybody.keys == tuple(demo.keys_and_labels())
    some = everybody.among(["STS_002", "LIDC-IDRI-0314"], "the tumour board")
    assert [one.label for one in some] == ["LIDC-IDRI-0314", "STS_002"]
    (step,) = some.steps
    assert (step.reason, step.before, step.left) == ("the tumour board: 2 patients", 8, 2)
    assert step.why == {"not among them": 6}
    with pytest.raises(NotFoundError):
        everybody.among(["nobody"])
