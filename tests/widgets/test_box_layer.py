from __future__ import annotations

import pytest

from widgets.box_layer import box_layer, inside

SHAPE = (10, 20, 30)


def test_every_field_is_set_and_what_reaches_out_is_cut_off() -> None:
    (one,) = box_layer([{"box": [(-3, 4), (5, 99), (0, 30)]}], SHAPE)
    assert one["box"] == [[0, 4], [5, 20], [0, 30]]
    assert (one["address"], one["label"], one["dashed"]) == ("", "", False)
    assert one["color"].startswith("#")


def test_a_single_plane_has_two_pairs() -> None:
    assert inside([[1, 2], [3, 4]], (1, 20, 30)) == [[0, 1], [1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("box", "told"),
    [
        ({"box": [[1, 1], [0, 2], [0, 2]]}, "empty"),
        ({"box": [[10, 12], [0, 2], [0, 2]]}, "outside"),
        ({"box": [[0, 2], [0, 2]]}, "expected"),
        ({"box": "onco:"}, "expected"),
        ({"box": [[0, 2]] * 3, "color": "red;} body{"}, "#rrggbb"),
        ({"box": [[0, 2]] * 3, "html": "x"}, "fields"),
        ({}, "fields"),
    ],
)
def test_what_is_no_box_is_refused(box: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        box_layer([box], SHAPE)
