"""Hidden names: nobody in them, and a mask is still a mask."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.found import Found
from explorer.privacy.hide import hide, hide_name, hide_uri, is_hidden
from explorer.privacy.secret import Secret
from explorer.readers.volume_names import read_name

SECRET = Secret(b"h" * 32)


def test_a_patient_folder_is_called_like_the_patient() -> None:
    assert hide_name("STS_002", SECRET) == SECRET.pseudonym("STS_002")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("volume-7.nii", "segmentation-7.nii"),
        ("img0001.nii.gz", "label0001.nii.gz"),
        ("Smith_ct.nii.gz", "Smith_ct_seg.nii.gz"),
    ],
)
def test_an_image_and_its_mask_keep_one_subject(one: str, other: str) -> None:
    names = [read_name(hide_name(name, SECRET)) for name in (one, other)]
    assert names[0].subject == names[1].subject
    assert [name.mask for name in names] == [False, True]


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_different_names_stay_different(one: str, other: str) -> None:
    if one != other:
        assert hide_name(one, SECRET) != hide_name(other, SECRET)


def test_a_number_is_glued_on_or_not() -> None:
    assert hide_name("img0001.nii", SECRET) != hide_name("img-0001.nii", SECRET)


def test_a_tree_stays_a_tree_and_a_reason_names_no_file() -> None:
    assert hide_uri("/data/Smith/x.dcm", SECRET).startswith(hide_uri("/data/Smith", SECRET) + "/")
    assert is_hidden(hide_uri("/data", SECRET))
    found = Found("/d/Smith.zip!Smith/1.dcm", "Smith.zip!Smith/1.dcm", "/d", Path("/d/Smith.zip"),
                  7, 1234567, refused="cannot be read: [Errno 13] '/d/Smith.zip'")  # fmt: skip
    hidden = hide(found, SECRET)
    assert "Smith" not in hidden.uri + hidden.relative + hidden.root + str(hidden.refused)
    assert hidden.mtime_ns != found.mtime_ns
    assert hide(found, SECRET) == hidden
