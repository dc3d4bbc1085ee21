"""Joins and their ends in any order, with news in between: every row with whom it is of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import explorer
from explorer.errors import OncographError
from explorer.join import join
from explorer.unjoin import unjoin
from explorer.verify import verify

NAMES = "abcde"
ONE = st.sampled_from(NAMES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), ONE, ONE),
        st.tuples(st.just("join"), ONE, ONE),
        st.tuples(st.just("undo"), ONE, ONE),
        st.tuples(st.just("fact"), ONE, ONE),
        st.tuples(st.just("image"), ONE, ONE),
        st.tuples(st.just("drop"), ONE, ONE),
    ),
    min_size=4,
    max_size=12,
)


class Model:
    """What a store should hold: who went into whom, and what is whose."""

    def __init__(self) -> None:
        self.into: dict[str, str] = {}
        self.facts: dict[str, set[str]] = {name: {f"{name}-0"} for name in NAMES}
        self.value: dict[str, int | None] = {name: number for number, name in enumerate(NAMES)}

    def root(self, name: str) -> str:
        while name in self.into:
            name = self.into[name]
        return name

    def members(self, root: str) -> list[str]:
        return [name for name in NAMES if self.root(name) == root]

    def check(self, store: explorer.Store) -> None:
        roots = sorted({self.root(name) for name in NAMES})
        assert list(store) == roots
        for root in roots:
            theirs = self.members(root)
            patient = store[root]
            facts = set().union(*(self.facts[name] for name in theirs))
            assert sorted(patient.facts["name"]) == sorted(facts)
            values = [self.value[name] for name in theirs if self.value[name] is not None]
            found = [int(image.data.values.max()) for image in patient.images.values()]
            assert sorted(found) == sorted(values)
            for name in theirs:
                assert store[name].key == patient.key


@settings(
    max_examples=6, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(steps=STEPS)
def test_any_order(
    steps: list[tuple[str, str, str]],
    drafts_in: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder: Path = tmp_path_factory.mktemp("joins")
    store = explorer.open(folder / "s", create=True)
    (folder / "sources").mkdir()
    drafts = drafts_in(store, folder / "sources")
    model = Model()

    def image(name: str, value: int) -> Any:
        # one id for all of them: as if every patient had the same series
        return drafts.image(np.full((2, 3, 4), value, np.int16), file=f"{name}{value}.raw")

    for number, name in enumerate(NAMES):
        with store.transaction("first") as t:
            key = t.patient(name)
            t.put(key, image(name, number), copy=number % 2 == 0)
            t.add_facts(key, [{"name": f"{name}-0", "value": "1"}])
    keys = {name: store[name].key for name in NAMES}
    for number, (do, one, other) in enumerate(steps, start=10):
        if do == "join":
            allowed = one not in model.into and model.root(other) != one
            try:
                join(store, keys[one], keys[other], "told")
            except OncographError:
                assert not allowed
            else:
                assert allowed
                model.into[one] = model.root(other)
        elif do == "undo":
            try:
                unjoin(store, keys[one], "not one")
            except OncographError:
                assert one not in model.into
            else:
                del model.into[one]
        elif do == "drop" and model.value[one] is not None:
            with store.transaction("gone") as t:
                key = t.patient(one)
                t.drop(key, t.rows(key, "items")[0]["item"])
            model.value[one] = None
        elif do == "image":
            with store.transaction("replaced") as t:
                t.put(t.patient(one), image(one, number), copy=number % 2 == 0)
            model.value[one] = number
        elif do == "fact":
            with store.transaction("added") as t:
                t.add_facts(t.patient(one), [{"name": f"{one}-{number}", "value": "1"}])
            model.facts[one].add(f"{one}-{number}")
        model.check(store)
    while model.into:
        one = max(model.into)
        unjoin(store, keys[one], "not one")
        del model.into[one]
    model.check(store)
    assert {name: store[name].key for name in NAMES} == keys
    assert verify(store).ok
