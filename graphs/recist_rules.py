"""The rules of RECIST 1.1 as data: numbers, words, and where each stands in the guideline."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

_RULES = Path(__file__).with_name("data") / "recist11.yaml"


def recist_rule(name: str) -> str:
    """A rule in words, with the section of the guideline that it comes from."""
    rule = recist_data()["rules"][name]
    return f"{rule['says']} ({recist_data()['source']}, section {rule['section']})"


def recist_organ(structure: str | None) -> str | None:
    """The organ that a structure of the ontology counts to: both lungs are one."""
    if structure is None:
        return None
    for begin, organ in recist_data()["organs"].items():
        if structure.startswith(begin):
            return str(organ)
    return structure.removesuffix("_left").removesuffix("_right")


@lru_cache(maxsize=1)
def recist_data() -> dict[str, Any]:
    """The file of the rules: 'measurable', 'targets', 'response', 'rules', 'organs'."""
    import yaml

    found: dict[str, Any] = yaml.safe_load(_RULES.read_text("utf-8"))
    return found
