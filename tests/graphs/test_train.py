"""Real patients, from a written configuration to a kept model and its evaluation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("sksurv")
pytest.importorskip("safetensors")

import typer
from typer.testing import CliRunner

import explorer
from explorer.store import Store
from graphs.commands.evaluate import evaluate
from graphs.commands.train import train as train_command
from graphs.errors import ConfigError, DeviceError
from graphs.models.epoch import Epoch
from graphs.runs.model_config import ModelConfig
from graphs.runs.run_config import RunConfig
from graphs.runs.run_data import run_data
from graphs.train import train

FACTS = ["tumor_stage", "age_at_diagnosis", "race", "project_id"]
SAID: dict[str, Any] = {
    "task": {
        "name": "overall-survival", "kind": "survival",
        "inputs": [f"facts: {name}" for name in FACTS],
        "outcome": {"outcome": "overall survival"},
        "window": {"index": "diagnosis", "outcome": None},
        "metrics": {"c-index": "higher"}, "unit": "days", "known_at_index": FACTS,
    },
    "features": {
        "tumour": {"from": "facts", "names": ["tumor_stage", "project_id"]},
        "person": {"from": "facts", "names": ["age_at_diagnosis", "race"]},
    },
    "primary": "cox", "models": {"cox": {"model": "ridge-cox"}},
    "split": {"folds": 2, "checks": ["identity"]},
    "evaluation": {"controls": ["alone"], "draws": 50, "subgroups": False}, "seed": 3,
}  # fmt: skip


@pytest.fixture
def config(tcga: tuple[pd.DataFrame, Store], tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({**SAID, "store": str(tcga[1].place.path)}), "utf-8")
    return path


def _ran(*words: object) -> tuple[int, Any]:
    app = typer.Typer()
    app.command("train")(train_command)
    app.command("evaluate")(evaluate)
    made = CliRunner().invoke(app, [*map(str, words), "--json"], catch_exceptions=False)
    return made.exit_code, json.loads(made.stdout)


def test_train_keeps_the_model_and_does_not_fit_it_again(config: Path) -> None:
    code, first = _ran("train", config)
    assert code == 0
    (made,) = first["models"]
    about = json.loads((Path(made["folder"]) / "model.json").read_text("utf-8"))["about"]
    assert about["primary"] is True
    assert about["config_sha256"] == RunConfig.read(config).sha256
    assert first["patients"] == about["patients"] > 200
    weights = Path(made["folder"]) / "model.safetensors"
    written = weights.stat().st_mtime_ns
    assert _ran("train", config)[1]["models"][0]["sha256"] == made["sha256"]
    assert weights.stat().st_mtime_ns == written


def test_the_same_configuration_gives_the_same_checkpoint(config: Path) -> None:
    data = run_data(RunConfig.read(config))
    one = train(replace(data.config, out="one"), data=data)
    two = train(replace(data.config, out="two"), data=data)
    assert one.models[0].sha256 == two.models[0].sha256


def test_evaluate_says_what_came_out_and_keeps_it(config: Path) -> None:
    code, said = _ran("evaluate", config)
    assert code == 0
    assert said["primary"] == "cox"
    assert "person + " in said["words"] or "tumour + " in said["words"]
    rows = {row["inputs"]: row["c-index"] for row in said["table"]}
    assert rows["tumour + person"] > 0.6
    kept = json.loads((Path(said["folder"]) / "evaluation.json").read_text("utf-8"))
    assert kept["run"]["config"]["primary"] == "cox"
    page = (Path(said["folder"]) / "evaluation.html").read_text("utf-8")
    assert "c-index" in page
    assert _ran("evaluate", config)[1]["table"] == said["table"]


def test_a_trained_model_is_tried_on_other_patients(
    config: Path, tcga: tuple[pd.DataFrame, Store]
) -> None:
    store = tcga[1]
    store.cohort().with_fact("project_id in ('LUAD', 'LUSC', 'BRCA', 'KIRC')").freeze("some")
    said = json.loads(config.read_text("utf-8"))
    config.write_text(json.dumps({**said, "cohort": "some"}), "utf-8")
    _ran("train", config)
    code, made = _ran("evaluate", config, "--on", store.place.path)
    assert code == 0
    # those who were trained on are not tried
    assert made["patients"] == len(store.cohort()) - len(store.cohort("some"))
    assert "nothing was fitted" in made["words"]
    with pytest.raises(ConfigError, match="Nobody is left"):
        _ran("evaluate", config, "--on", store.place.path, "--cohort", "some")
    other = explorer.open(config.parent / "other.onco", create=True)
    with other.transaction("one without an outcome") as t:
        facts = {"tumor_stage": "stage i", "project_id": "LUAD", "race": "white"}
        age = {"name": "age_at_diagnosis", "value": "20000", "number": 2e4, "unit": "days"}
        told = [{"name": name, "value": value} for name, value in facts.items()]
        t.add_facts(t.patient("X"), [*told, age])
    with pytest.raises(ConfigError, match="of 1 patients 0 have a known outcome"):
        _ran("evaluate", config, "--on", other.place.path)


def test_another_configuration_does_not_overwrite(config: Path) -> None:
    _ran("train", config)
    said = json.loads(config.read_text("utf-8"))
    config.write_text(json.dumps({**said, "seed": 4}), "utf-8")
    with pytest.raises(ConfigError, match="another config"):
        _ran("train", config)


def test_a_device_that_is_not_there_is_told_before_anything_is_read(config: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is CUDA here")
    asked = replace(RunConfig.read(config), device="cuda", store="nowhere")
    with pytest.raises(DeviceError, match="no CUDA"):
        train(asked)


def test_who_stops_gets_no_half_model(config: Path) -> None:
    stop = Event()
    stop.set()
    made = train(RunConfig.read(config), stop=stop)
    assert [one.why for one in made.models] == ["not begun: stopped"]
    assert not list(made.folder.rglob("model.json"))


def test_a_network_that_is_stopped_goes_on_where_it_was(config: Path) -> None:
    pytest.importorskip("lightning")
    models = {"net": {"model": "snn", "settings": {"epochs": 3, "width": 8}}}
    asked = replace(
        RunConfig.read(config), primary="net",
        models={name: ModelConfig.of(name, one) for name, one in models.items()},
    )  # fmt: skip
    data = run_data(asked)
    whole = train(replace(asked, out="whole"), data=data)
    assert (whole.folder / "logs").is_dir()
    stop = Event()
    seen: list[int] = []

    def on_epoch(name: str, epoch: Epoch) -> None:
        seen.append(epoch.number)
        if len(seen) == 1:
            stop.set()

    first = train(asked, data=data, on_epoch=on_epoch, stop=stop)
    assert [one.why for one in first.models] == ["stopped"]
    again: list[int] = []
    second = train(asked, data=data, on_epoch=lambda name, epoch: again.append(epoch.number))
    assert again[0] > 1
    assert second.models[0].sha256 == whole.models[0].sha256
    assert not (second.folder / "unfinished" / "net").exists()


def test_a_task_that_names_every_fact_is_no_leak_of_a_run_that_takes_a_few(config: Path) -> None:
    said = json.loads(config.read_text("utf-8"))
    said["task"]["inputs"] = ["facts"]
    said["split"] = {"folds": 2}
    data = run_data(RunConfig.of(said, config.parent))
    assert len(data.split) == 2
    # what is taken is looked at all the same
    said["task"]["known_at_index"] = FACTS[1:]
    assert "tumor_stage" in set(run_data(RunConfig.of(said, config.parent)).examples.left_out.what)


def test_a_feature_that_is_misspelt_is_named(config: Path) -> None:
    said = json.loads(config.read_text("utf-8"))
    said["features"]["person"]["names"] = ["age_at_diagnosi"]
    with pytest.raises(ConfigError, match=r"'age_at_diagnosi': nobody .*'age_at_diagnosis'"):
        run_data(RunConfig.of(said, config.parent))
