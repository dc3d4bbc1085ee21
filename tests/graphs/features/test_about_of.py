"""By what results are divided."""

from __future__ import annotations

from typing import Any

from graphs.features.about_of import about_of


def _facts(age: float, unit: str, **more: Any) -> dict[str, Any]:
    rows = [{"name": name, "value": value} for name, value in more.items()]
    return {"facts": [{"name": "age", "number": age, "unit": unit}, *rows]}


def test_sex_age_and_site(made: Any) -> None:
    cohort = made({
        "a": _facts(59.9, "years", sex="f", site="X"),
        "b": _facts(21915, "days", sex="m", site="Y"),
        "c": _facts(300, "years"),
    }).cohort()  # fmt: skip
    found = about_of(cohort, {"arm": ("facts: arm", "facts: site")})
    found.index = list(cohort.labels.values())
    assert found.loc["a", ["sex", "age group", "site"]].tolist() == ["f", "50 to 59", "X"]
    assert found.loc["b", ["sex", "age group", "arm"]].tolist() == ["m", "60 to 69", "Y"]
    assert found.loc["c"].isna().all()
    assert "scanner" not in found
