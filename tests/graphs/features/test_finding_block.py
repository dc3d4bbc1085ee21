"""Findings of reports, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphs
from explorer.address import Address
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.features.features import features
from graphs.features.finding_block import finding_block
from graphs.features.sentence_bag import sentence_bag

TEXT = "There is a 2.3 cm nodule in the left upper lobe. No pleural effusion."


def _patients(visits: Any, visit: Any, label: str, *texts: tuple[str, str]) -> Any:
    return visits.patient(label, [visit(day, text=text) for day, text in texts])


def test_counts_sizes_and_who_was_read(visits: Any, visit: Any) -> None:
    one = _patients(visits, visit, "read", ("2020-01-01", TEXT))
    two = _patients(visits, visit, "not read", ("2020-01-01", TEXT))
    three = _patients(visits, visit, "no report", ("2020-01-01", ""))
    graphs.extract(one)
    cohort = visits.store.cohort().among([one.key, two.key, three.key])
    block = finding_block(cohort)
    place = {key: k for k, key in enumerate(block.keys)}
    assert block.state[place[one.key]] == "present"
    assert block.state[place[two.key]] == "not extracted"
    assert block.state[place[three.key]] == "unknown"
    row = block.frame.iloc[place[one.key]]
    assert row["nodule: present"] == 1
    assert row["nodule left: present"] == 1
    assert row["nodule: size (mm)"] == 23
    assert row[[n for n in block.names if n.endswith("effusion: absent")]].sum() == 1
    assert block.frame.iloc[place[two.key]].isna().all()
    at = Address.parse(block.address(one.key, "nodule: size (mm)")).resolve(visits.store).value
    assert '"value": [2.3]' in at["measurements"].iloc[0]
    with pytest.raises(ExamplesError, match="No findings by 'nobody'"):
        finding_block(cohort, extractor="nobody")
    said = sentence_bag(cohort)
    assert [t for t, k in zip(said.texts, said.owner, strict=True) if k == place[one.key]] == [
        "There is a 2.3 cm nodule in the left upper lobe.", "No pleural effusion.",
    ]  # fmt: skip
    first = list(said.owner).index(place[one.key])
    assert Address.parse(said.addresses[first]).resolve(visits.store).value == said.texts[first]


def test_a_report_of_after_the_index_day_does_not_count(visits: Any, visit: Any) -> None:
    late = "There is a mass in the right lung."
    one = _patients(visits, visit, "two reports", ("2020-01-01", TEXT), ("2021-01-01", late))
    graphs.extract(one)
    cohort = visits.store.cohort().among([one.key])
    task = Task("t", "binary", window={"index": "first study", "outcome": None})
    every, known = finding_block(cohort), finding_block(cohort, task=task)
    assert "mass: present" in every.names
    assert not any(name.startswith("mass") for name in known.names)
    assert known.frame["nodule: present"].tolist() == [1.0]
    assert len(sentence_bag(cohort, task=task).texts) == 2
    like = features(cohort, {"findings": {"from": "findings"}})
    again = features(cohort, {"findings": {"from": "findings"}}, task=task, labels=False, like=like)
    frame = again.vectors("findings").frame
    assert frame["mass: present"].tolist() == [0.0]
    assert np.isfinite(frame["nodule: size (mm)"]).all()
