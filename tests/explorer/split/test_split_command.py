from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import explorer
from explorer import cli


def _run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["oncograph", "split", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code if isinstance(end.value.code, int) else 0


def test_a_split_from_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "patients.onco"
    store = explorer.open(place, create=True)
    with store.transaction("synthetic people") as t:
        for k in range(10):
            t.add_facts(t.patient(f"P-{k}"), [{"name": "stage", "value": "I" * (1 + k % 2)}])
    store.cohort().freeze("ten")
    asked = ["--parts", "train=0.6,test=0.4", "--stratify", "facts: stage", "--seed", 3]
    out = tmp_path / "parts.csv"
    assert _run(monkeypatch, place, "ten", *asked, "--keep", "two", "--out", out, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["sizes"] == {"train": 6, "test": 4}
    (kept,) = store.cohort("ten").splits()
    assert kept.digest == document["sha256"]
    assert len(out.read_text().splitlines()) == 11
    assert _run(monkeypatch, place, "ten", *asked) == 0
    assert "facts: stage" in capsys.readouterr().out

    with store.transaction("the same series twice") as t:
        for k in range(10):
            t.add_facts(store[f"P-{k}"].key, [{"name": "SeriesInstanceUID", "value": "1.2.3"}])
    assert _run(monkeypatch, place, *asked, "--json") == 1
    refused = json.loads(capsys.readouterr().out)
    assert refused["refused"]
    assert refused["report"]["leaks"][0]["check"] == "same source"
    assert _run(monkeypatch, place, *asked) == 1
    assert "no split was made" in capsys.readouterr().out
    assert _run(monkeypatch, place, "--parts", "train") == 2
    assert _run(monkeypatch, place, "--parts", "train=0.5,train=0.5") == 2
    assert _run(monkeypatch, place, "--keep", "three") == 2
    assert "frozen COHORT" in capsys.readouterr().err
    assert _run(monkeypatch, place, "ten", "--parts", "train=8,test=2", "--check", "identity") == 0
    assert "shares 8 : 2 of 10, so train 80%, test 20%" in " ".join(
        capsys.readouterr().out.replace("│", "").split()
    )
