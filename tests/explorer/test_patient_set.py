from __future__ import annotations

from pathlib import Path

import pytest

from explorer.demo import make_demo
from explorer.errors import NotFoundError


def test_a_set_reads_its_own_versions(tmp_path: Path) -> None:
    store = make_demo(tmp_path / "patients.onco")
    before = store.cohort()
    assert before.heads
    digest, facts = before.digest, before.rows("facts", ["name", "value"])
    with store.transaction("more") as t:
        t.add_facts(store["STS_002"].key, [{"name": "later", "value": "yes"}])
    assert before.digest == digest
    assert before.rows("facts", ["name", "value"]) == facts
    (old,) = [one for one in before.patients(["facts"]) if one.label == "STS_002"]
    assert "later" not in set(old.facts["name"])
    after = store.cohort()
    assert after.rows("facts").num_rows == facts.num_rows + 1
    assert after.digest != digest
    assert before["STS_002"].version + 1 == after["STS_002"].version
    assert "STS_002" in before
    with pytest.raises(NotFoundError):
        before.among(["STS_002"])["LIDC-IDRI-0314"]
