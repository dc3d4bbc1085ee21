"""The secret: stable, private, and gone when it is forgotten."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID

from explorer.errors import NotFoundError, StoreError
from explorer.privacy.secret import Secret, forget_secret


@given(st.text(max_size=80))
def test_what_is_derived_is_stable_and_well_formed(text: str) -> None:
    one, other = Secret(b"a" * 32), Secret(b"b" * 32)
    assert one.pseudonym(text) == Secret(b"a" * 32).pseudonym(text) != other.pseudonym(text)
    assert UID(one.uid(text)).is_valid
    assert -3652 <= one.shift(one.pseudonym(text)) <= -1
    assert 0 <= one.number(text) < 1 << 62


def test_a_file_of_its_own_mode(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(NotFoundError):
        Secret.of(path)
    made = Secret.of(path, create=True)
    assert Secret.of(path, create=True) == made
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.key.hex() not in repr(made)
    assert forget_secret(path)
    assert not forget_secret(path)
    assert Secret.of(path, create=True) != made
    path.write_text("not hexadecimal")
    with pytest.raises(StoreError):
        Secret.of(path)
