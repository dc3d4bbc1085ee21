"""A run is written down before it is made, and what is wrong in it is said."""

from pathlib import Path

import pytest
import yaml

from explorer.store import Store
from graphs.errors import ConfigError
from graphs.runs.run_config import RunConfig

SAID = {
    "store": "lung.onco", "task": "overall survival", "primary": "stack",
    "models": {"stack": None, "deep": {"model": "snn", "settings": {"epochs": 3}}},
    "features": {"clinical": {"from": "facts", "names": ["age*"]}},
    "split": {"folds": 3}, "seed": 7, "out": "results",
}  # fmt: skip


def test_it_is_read_and_places_are_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(SAID), "utf-8")
    config = RunConfig.read(path)
    assert config.place == str(tmp_path / "lung.onco")
    assert config.results == tmp_path / "results"
    assert config.models["stack"].model == "stack"
    assert config.models["deep"].settings == {"epochs": 3}
    assert config.split.folds == 3


def test_the_hash_is_of_what_decides_the_result() -> None:
    plain = RunConfig.of(SAID).sha256
    assert RunConfig.of({**SAID, "device": "cpu", "out": "elsewhere"}).sha256 == plain
    assert RunConfig.of({**SAID, "seed": 8}).sha256 != plain
    assert RunConfig.of({**SAID, "primary": "deep"}).sha256 != plain


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"primary": "other"}, "primary model 'other' is not among"),
        ({"models": {}}, "without a model"),
        ({"models": {"../x": None}}, "A model called"),
        ({"models": {"stack": {"layers": 3}}}, "layers"),
        ({"gpu": True}, "gpu"),
        ({"device": "tpu"}, "device 'tpu'"),
        ({"seed": -1}, "seed -1"),
        ({"split": {"folds": 1}}, "1 folds"),
        ({"split": {"folds": 3, "kept": "a"}}, "folds and kept"),
        ({"split": {"parts": {"train": 0.5, "test": 0.2}}}, "shares"),
        ({"split": {"parts": {"train": 0.5, "other": 0.5}}}, "other"),
        ({"task": {"name": "x"}}, "task"),
        ({"features": ["age"]}, "features"),
        ({"logger": "wandb"}, "logger"),
        ({"features": {"a": {"from": "fact"}}}, "features: Modality 'a'.*facts"),
        ({"features": {"a": {"from": "facts", "name": "age"}}}, "name.*names"),
        ({"evaluation": {"draw": 3}}, "evaluation: .*draw"),
        ({"split": {"folds": 3, "checks": ["identityy"]}}, "checks: .*identityy.*identity"),
        ({"split": {"folds": 3, "allow": "late"}}, "allow: .*late facts"),
        ({"split": {"folds": 3, "group": 3}}, "group: 3"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        RunConfig.of({**SAID, **change})


def test_a_file_that_is_no_configuration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("- a\n- b\n", "utf-8")
    with pytest.raises(ConfigError, match=r"run\.yaml"):
        RunConfig.read(path)
    path.write_text("store: a\nfeatures:\n  rna: {from: facts}\n  rna: {from: facts}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"'rna' stands here twice[\s\S]*line 4"):
        RunConfig.read(path)
    path.write_text("!!python/object/apply:os.system ['true']", "utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        RunConfig.read(path)


def test_a_task_is_looked_up_when_the_store_is_there(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "a.onco")
    with pytest.raises(ConfigError, match="No task 'no such'"):
        RunConfig.of({**SAID, "task": "no such"}).task_in(store)
