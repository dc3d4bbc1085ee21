"""A slip in a configuration is told before a store is read, by the key that it stands under."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.errors import ConfigError
from graphs.runs.check_models import check_models
from graphs.runs.run_config import RunConfig

pytest.importorskip("sksurv")

SAID: dict[str, Any] = {
    "store": "a.onco", "task": "t", "primary": "cox", "models": {"cox": {"model": "ridge-cox"}},
}  # fmt: skip


def test_models_that_are_there_pass() -> None:
    check_models(RunConfig.of(SAID))
    check_models(RunConfig.of({**SAID, "models": {"cox": {"model": "ridge-cox",
                                                          "settings": {"folds": 4}}}}))  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"model": "ridgecox"}, r"models: cox: No model 'ridgecox'\. Expected: .*ridge-cox"),
        ({"model": "ridge-cox", "settings": {"fold": 3}}, r"models: cox: .*'fold'.*'folds'"),
        ({"model": "ridge-cox", "settings": {"folds": "many"}}, "folds='many'"),
        ({"model": "ridge-cox", "settings": {"folds": -3}}, "folds=-3"),
    ],
)
def test_a_slip_is_named(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check_models(RunConfig.of({**SAID, "models": {"cox": said}}))
