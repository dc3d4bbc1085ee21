from __future__ import annotations

import pytest

from graphs.checks.inject import ERROR_KINDS, inject, injectable
from graphs.errors import CheckError

TEXT = """INDICATION: Left chest pain, rule out pneumothorax.

FINDINGS: There is a small right pleural effusion. A 2.3 x 1.1 cm nodule in the left upper lobe. \
No pneumothorax. The heart is normal.

IMPRESSION: 1. Right pleural effusion. 2. Nodule in the left upper lobe."""


@pytest.mark.parametrize("kind", ERROR_KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_one_error_and_nothing_else(kind, seed):
    made = inject(TEXT, kind, seed)
    start, end = made.span
    assert made.kind == kind
    assert made.before == TEXT[start:end]
    assert made.text == TEXT[:start] + made.after + TEXT[end:]
    assert made.text != TEXT
    assert made == inject(TEXT, kind, seed)
    # the question is no statement
    assert start > TEXT.index("FINDINGS")


def test_what_each_kind_does():
    def all_of(kind):
        return {(m.before, m.after) for m in (inject(TEXT, kind, s) for s in range(40))}

    assert {b.lower() for b, _ in all_of("side")} == {"left", "right"}
    assert all({b.lower(), a.lower()} == {"left", "right"} for b, a in all_of("side"))
    assert ("No ", "") in all_of("negation")
    assert ("There is a", "There is no") in all_of("negation")
    assert {b for b, _ in all_of("size")} == {"2.3", "1.1"}
    ratios = [float(a) / float(b) for b, a in all_of("size")]
    assert all(one > 1.5 or one < 0.7 for one in ratios)
    assert all(a == "" and b.endswith(".") for b, a in all_of("omission"))
    swaps = all_of("swap")
    assert all(b.lower() in ("pleural effusion", "nodule") for b, _ in swaps)
    assert all(b[0].isupper() == a[0].isupper() for b, a in swaps)


def test_a_text_without_a_place():
    assert injectable("The heart is normal.") == ()
    with pytest.raises(CheckError, match="no place for an error of kind 'size'"):
        inject("The heart is normal.", "size", 0)
    assert set(injectable(TEXT)) == set(ERROR_KINDS)
