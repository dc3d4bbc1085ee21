from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from explorer.errors import NotFoundError


def test_an_item_by_its_id_or_by_what_only_it_is(put: Callable[..., Any], drafts: Any) -> None:
    images = put(
        "Anna",
        drafts.image(item="ct-1", name="Chest"),
        drafts.image(item="mr-1", modality="MR", name="T1"),
        drafts.image(item="mr-2", modality="MR", name="T2"),
    ).images
    assert images["ct-1"] is images["CT"] is images["ct"] is images["chest"]
    assert images["t2"].id == "mr-2"
    with pytest.raises(NotFoundError, match=r"2 images called 'MR'.*'mr-1', 'mr-2'.*Anna"):
        images["MR"]
    with pytest.raises(NotFoundError, match="No images called 'PT'"):
        images["PT"]
    # what stands in other rows is an id, and never a guess
    assert images.get("CT") is None
    assert images.get(None) is None
    assert "CT" not in images
    assert "ct-1" in images
    assert len(images) == 3
    assert repr(images).startswith("3 images of patient Anna")


def test_an_id_goes_before_a_name(put: Callable[..., Any], drafts: Any) -> None:
    images = put("Anna", drafts.image(item="a", name="b"), drafts.image(item="b", name="a")).images
    assert images["a"].id == "a"
