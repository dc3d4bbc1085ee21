from __future__ import annotations

import pytest

from explorer.readers.cine_kind import CineKind, cine_kind

STORAGE = "1.2.840.10008.5.1.4.1.1."


@pytest.mark.parametrize(
    ("sop_class", "modality", "color", "expected"),
    [
        ("3.1", "US", False, CineKind("US")),
        ("6.1", "", True, CineKind("US")),
        ("12.1", "XA", False, CineKind("XA")),
        ("12.2", "OT", False, CineKind("RF")),  # the class says what it is
        ("7", "XA", False, CineKind("XA", secondary=True)),
        ("7.2", "US", False, CineKind("US", secondary=True)),
        ("7.4", "", True, CineKind("OT", secondary=True)),
        ("7", "CT", True, CineKind("CT", secondary=True)),
        ("7", "CT", False, None),
        ("7", "NM", False, None),
        ("2", "CT", True, None),
        ("6.2", "US", False, None),  # a volume
    ],
)
def test_kinds(sop_class: str, modality: str, color: bool, expected: CineKind | None) -> None:
    assert cine_kind(STORAGE + sop_class, modality, color) == expected


def test_without_a_class() -> None:
    assert cine_kind("", "US", False) == CineKind("US")
    assert cine_kind("", "CT", False) is None
