"""Count the elements of an encoded DICOM sequence without making any of them."""

from __future__ import annotations

from struct import Struct

_ITEM_GROUP = 0xFFFE
_UNDEFINED = 0xFFFFFFFF
_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}


def count_elements(value: bytes, implicit: bool, little_endian: bool, limit: int) -> int:
    """Count elements, those of nested sequences included.

    pydicom parses a sequence when it is looked into, at some 10 microseconds an element. A
    hostile one of a few dozen megabytes holds millions: this tells before.

    Parameters
    ----------
    value : bytes
        Items of the sequence, as they are encoded (DICOM PS3.5 7.5).
    implicit, little_endian : bool
    limit : int
        Where to stop counting.

    Returns
    -------
    int
        At most ``limit + 1``.
    """
    order = "<" if little_endian else ">"
    tag_and_length = Struct(f"{order}HHL").unpack_from
    short, long = Struct(f"{order}H").unpack_from, Struct(f"{order}L").unpack_from
    at, end, count = 0, len(value), 0
    while at + 8 <= end and count <= limit:
        count += 1
        group, _, length = tag_and_length(value, at)
        if group == _ITEM_GROUP:  # an item or a delimiter: step in
            at += 8
            continue
        vr = value[at + 4 : at + 6]
        if implicit or not vr.isalpha():
            at += 8
            sequence = length == _UNDEFINED or value[at : at + 4] == _ITEM[little_endian]
        elif vr == b"SQ":
            at, sequence = at + 12, True
        elif vr in _LONG:
            if at + 12 > end:
                break
            (length,) = long(value, at + 8)
            at, sequence = at + 12, length == _UNDEFINED
        else:
            (length,) = short(value, at + 6)
            at, sequence = at + 8, False
        if not sequence:
            at += length
    return count


_ITEM = {True: b"\xfe\xff\x00\xe0", False: b"\xff\xfe\xe0\x00"}
