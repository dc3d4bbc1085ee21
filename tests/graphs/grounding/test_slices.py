from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from graphs.finding import ImageReference
from graphs.grounding.slices import slices


def _image(name: str, count: int, series: int | None = None, uids: tuple[str, ...] = ()) -> Any:
    rows = [{"sop_uid": uid, "position": k} for k, uid in enumerate(uids)]
    meta = {} if series is None else {"series_number": series}
    return SimpleNamespace(
        id=name, dims=("z", "y", "x"), shape=(count, 8, 8), meta=meta, sources=lambda: rows
    )


def test_a_uid_is_one_slice() -> None:
    image = _image("ct", 3, uids=("1.1", "1.2", "1.3"))
    assert slices([ImageReference(uid="1.2")], [image]) == {"ct": (1,)}
    assert slices([ImageReference(uid="9.9")], [image]) == {}


def test_a_number_may_count_from_either_end_and_from_0_or_1() -> None:
    assert slices([ImageReference(image=10)], [_image("ct", 100)]) == {"ct": (9, 10, 89, 90)}
    # image 100 of 100 can only count from 1
    assert slices([ImageReference(image=100)], [_image("ct", 100)]) == {"ct": (0, 99)}
    assert slices([ImageReference(image=400)], [_image("ct", 100)]) == {}


def test_the_series_number_leaves_its_images_only() -> None:
    ct, pet, planar = _image("ct", 20, 4), _image("pt", 30, 5), _image("dx", 1, 4)
    planar.dims = ("y", "x")
    said = [ImageReference(series=4, image=3)]
    assert set(slices(said, [ct, pet, planar])) == {"ct"}
    assert slices([ImageReference(series=9, image=3)], [ct, pet]) == {}
    unnumbered = [_image("ct", 20), _image("pt", 30)]
    assert set(slices(said, unnumbered)) == {"ct", "pt"}


def test_a_series_alone_is_no_slice() -> None:
    assert slices([ImageReference(series=4)], [_image("ct", 20, 4)]) == {}
