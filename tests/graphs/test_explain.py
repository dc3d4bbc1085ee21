from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.errors import NotFoundError
from graphs.errors import ModelError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.explain import explain

pytest.importorskip("sksurv")

from graphs.models.ridge_cox import RidgeCox

COUNT = 160
NASTY = "<img src=x onerror=alert(1)> $x$"


@pytest.fixture(scope="module")
def examples() -> Examples:
    rng = np.random.default_rng(3)
    keys = [f"p{n}" for n in range(COUNT)]
    facts = pd.DataFrame(
        {"age": rng.normal(60, 9, COUNT), NASTY: rng.choice(["a", "b"], COUNT)}, index=keys
    )
    genes = pd.DataFrame(
        rng.normal(size=(COUNT, 6)).astype(np.float32), keys, [f"gene {n}" for n in range(6)]
    )
    time = rng.exponential(np.exp(-1.5 * genes["gene 0"].to_numpy()))
    owner = np.repeat(np.arange(1, COUNT), 2)  # the first patient has no report
    sentences = Bag(
        "reports", tuple(keys), rng.normal(size=(len(owner), 4)).astype(np.float32), owner,
        tuple("abcd"), tuple(f"onco:p{one}/reports/r-1#chars={k}:{k + 9}" for one in range(1, COUNT)
                             for k in (0, 9)),
        np.array(["not acquired", *["present"] * (COUNT - 1)]),
    )  # fmt: skip
    rna = replace(
        Block.of("rna", genes), groups={"A": ["gene 0", "gene 1"], "B": ["gene 1", "gene 2"]},
        address=lambda key, name: f"onco:{key}/vectors/rna",
    )  # fmt: skip
    blocks = {"clinical": Block.of("clinical", facts), "rna": rna, "reports": sentences}
    return Examples(tuple(keys), blocks, Target.survival(time, np.ones(COUNT), "months"))


@pytest.fixture(scope="module")
def model(examples: Examples) -> RidgeCox:
    return RidgeCox().fit(examples)


def test_what_carries_the_signal_is_named_first(model: RidgeCox, examples: Examples) -> None:
    found = explain(model, examples)
    assert len(found) == COUNT
    sums = found.by_modality()
    assert sums.abs().mean().idxmax() == "rna"
    first = found.most().iloc[0]
    assert (first["modality"], first["evidence"]) == ("rna", "A")
    assert found.groups("rna").abs().mean().idxmax() == "A"
    # pieces add up to the modality, and with the base to the risk, where nothing is absent
    pieces = found.pieces("p5")
    for name in examples.modalities:
        total = sum(one.weight for one in pieces if one.modality == name)
        assert total == pytest.approx(sums.loc["p5", name])
    told = sum(one.weight for one in found.of("p5"))
    assert told + found.attribution.base == pytest.approx(found.risk[5], abs=1e-5)
    assert pieces[0].address == "onco:p5/vectors/rna"
    assert "A: 2 of 2 features" in {one.text.partition(";")[0] for one in pieces}
    (rest,) = [one for one in pieces if one.modality == "rna" and one.parts == (3, 4, 5)]
    assert rest.text.startswith("3 features; most gene")


def test_what_is_absent_is_named_with_its_state(model: RidgeCox, examples: Examples) -> None:
    found = explain(model, examples, patient="p0")
    (gone,) = [one for one in found.of("p0") if one.modality == "reports"]
    assert (gone.state, gone.address) == ("not acquired", "")
    assert "not acquired" in gone.text
    hidden = explain(model, examples.hide("rna"), patient="p3").of("p3")
    assert [one.state for one in hidden if one.modality == "rna"] == ["withheld"]


def test_only_the_heaviest_are_told_and_the_rest_is_summed(
    model: RidgeCox, examples: Examples
) -> None:
    short = explain(model, examples, patient="p7", top=1)
    told = short.of("p7")
    assert sum(one.weight for one in told) == pytest.approx(
        sum(one.weight for one in short.pieces("p7"))
    )
    assert "more, each less" in told[-1].text


def test_hostile_names_are_shown_as_text(model: RidgeCox, examples: Examples) -> None:
    for found in (explain(model, examples, patient="p2"), explain(model, examples)):
        html = found._repr_html_()
        assert "<img" not in html
        assert "&lt;img" in html
        found.figure()._repr_png_()  # type: ignore[attr-defined]


def test_what_cannot_be_explained(model: RidgeCox, examples: Examples) -> None:
    with pytest.raises(ModelError, match="not fitted"):
        explain(RidgeCox(), examples)
    with pytest.raises(NotFoundError):
        explain(model, examples, patient="nobody")
    with pytest.raises(NotFoundError, match="no groups"):
        explain(model, examples).groups("clinical")
