from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.address import Address
from explorer.errors import AddressError

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
index = st.integers(0, 10**6)
span = st.tuples(index, index).map(sorted).map(tuple)
real = st.floats(allow_nan=False, allow_infinity=False)
fragments = st.fixed_dictionaries(
    {},
    optional={
        "point": st.tuples(real, real, real),
        "voxel": st.lists(index, min_size=2, max_size=4).map(tuple),
        "box": st.lists(span, min_size=2, max_size=3).map(tuple),
        "chars": span,
        "label": words,
        "row": words,
        "node": words,
    },
)


@given(
    key=words.filter(lambda text: text != "~"),
    kind=words,
    item=words,
    version=st.none() | st.integers(1, 10**18 - 1),
    fragment=fragments,
)
def test_what_is_printed_parses_to_the_same(
    key: str, kind: str, item: str, version: int | None, fragment: dict[str, Any]
) -> None:
    address = Address(key, kind, item, version, fragment)
    text = str(address)
    assert text.isascii()
    assert not set(text) & set(" <>\"'")
    assert Address.parse(text) == address
    assert hash(Address.parse(text)) == hash(address)


def test_an_address_by_hand() -> None:
    address = Address.parse("onco:3f9a/images/ct-1@4#voxel=12,80,70&label=GTV%20Mass")
    assert address == Address(
        "3f9a", "images", "ct-1", 4, {"voxel": (12, 80, 70), "label": "GTV Mass"}
    )
    assert str(address) == "onco:3f9a/images/ct-1@4#voxel=12,80,70&label=GTV%20Mass"


def test_forms_of_the_fragment() -> None:
    def fragment(text: str) -> object:
        (value,) = Address.parse(f"onco:k/images/i#{text}").fragment.values()
        return value

    assert fragment("point=-1.5,2,3e2") == (-1.5, 2.0, 300.0)
    assert fragment("voxel=0,1,2,3") == (0, 1, 2, 3)
    assert fragment("box=0:4,2:2,1:9") == ((0, 4), (2, 2), (1, 9))
    assert fragment("chars=120:148") == (120, 148)
    assert fragment("row=a%26b%3Dc") == "a&b=c"


def test_what_belongs_to_no_patient() -> None:
    assert Address.parse("onco:~/cohort/lung").kind == "cohort"
    with pytest.raises(AddressError, match="names nothing"):
        Address.parse("onco:~/images/lung")


def test_the_order_of_fragments_makes_no_difference() -> None:
    a = Address.parse("onco:k/segmentations/s#label=a&voxel=1,2,3")
    b = Address.parse("onco:k/segmentations/s#voxel=1,2,3&label=a")
    assert a == b
    assert len({a, b}) == 1


def test_pointing_into_an_item() -> None:
    address = Address("k", "images", "i").at(voxel=(1, 2, 3))
    assert str(address) == "onco:k/images/i#voxel=1,2,3"
    assert address.at(voxel=(4, 5, 6)).fragment == {"voxel": (4, 5, 6)}
    with pytest.raises(AddressError, match="voxel"):
        Address("k", "images", "i").at(voxel=(1.5, 2, 3))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "images/ct-1",
        "http://k/images/i",
        "onco:k/images",
        "onco:k/images/i/j",
        "onco:k//i",
        "onco:k/images/i@0",
        "onco:k/images/i@-1",
        "onco:k/images/i@two",
        "onco:k/images/@2",
        "onco:%FF/images/i",
        "onco:k/images/%C3%28",
        "onco:k/images/i@" + "9" * 5000,
        "onco:k/images/i#",
        "onco:k/images/i#voxel",
        "onco:k/images/i#voxel=1",
        "onco:k/images/i#voxel=1,2,3,4,5",
        "onco:k/images/i#voxel=1,2,-3",
        "onco:k/images/i#voxel=1,2,x",
        "onco:k/images/i#voxel=1,2," + "9" * 5000,
        "onco:k/images/i#voxel=1,2,3&voxel=1,2,3",
        "onco:k/images/i#point=1,2",
        "onco:k/images/i#point=1,2,nan",
        "onco:k/images/i#point=1,2,inf",
        "onco:k/images/i#box=1:2",
        "onco:k/images/i#box=2:1,0:1,0:1",
        "onco:k/images/i#chars=5",
        "onco:k/images/i#label=%FF",
        "onco:k/images/i#colour=red",
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text: str) -> None:
    if text == "onco:k/images/i#":
        assert Address.parse(text).fragment == {}
        return
    with pytest.raises(AddressError):
        Address.parse(text)
