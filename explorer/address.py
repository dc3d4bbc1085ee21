"""Address: one string for anything that can be pointed at.

Grammar: ``onco:<key>/<kind>/<item>[@<version>][#<fragment>]``, each part percent-encoded.
Fragments, joined by ``&``: ``point=x,y,z`` (mm LPS, in the item's frame of reference),
``voxel=[t,]z,y,x``, ``box=z0:z1,y0:y1,x0:x1`` (voxel edges, half-open), ``label=<segment>``,
``chars=120:148`` (Unicode code points, half-open), ``row=<primary key>``, ``node=<stable id>``.
Objects that are no patient's: ``onco:~/cohort/<name>``, ``~/model/<sha256>``, ``~/table/<name>``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from explorer.errors import AddressError

if TYPE_CHECKING:
    from explorer.store import Store
    from explorer.target import Target

Value = str | tuple[float, ...] | tuple[int, ...] | tuple[tuple[int, int], ...]

_SHARED_KINDS = ("cohort", "model", "table")
_INT = re.compile(r"\d{1,18}\Z")


@dataclass(frozen=True)
class Address:
    """Where something stands.

    Attributes
    ----------
    key : str
        The patient's opaque key, or ``~`` for objects that are no patient's.
    kind : str
        'images', 'segmentations', 'reports', 'facts', ...
    item : str
    version : int or None
        Of the patient; None means the newest.
    fragment : dict
        Name to value: 'point' 3 floats, 'voxel' 3 or 4 ints, 'box' 3 pairs of ints, 'chars' 2
        ints, 'label', 'row' and 'node' text.
    """

    key: str
    kind: str
    item: str
    version: int | None = None
    fragment: dict[str, Value] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address.

        Parameters
        ----------
        text : str

        Returns
        -------
        Address

        Raises
        ------
        AddressError
            It does not follow the grammar; the message says where.
        """
        if not text.startswith("onco:"):
            raise AddressError(f"{text!r} is not an address", expected="onco:<key>/<kind>/<item>")
        body, _, tail = text[5:].partition("#")
        parts = body.split("/")
        if len(parts) != 3 or not all(parts):
            raise AddressError(
                f"{text!r} has {len(parts)} parts", expected="onco:<key>/<kind>/<item>[@version]"
            )
        name, at, version = parts[2].partition("@")
        if at and not re.fullmatch(r"[1-9]\d{0,17}", version):
            raise AddressError(f"{version!r} in {text!r} is not a version", expected="1, 2, ...")
        try:
            key, kind, item = (unquote(p, errors="strict") for p in (parts[0], parts[1], name))
        except UnicodeDecodeError as error:
            raise AddressError(
                f"{text!r} is not UTF-8", expected="percent-encoded UTF-8"
            ) from error
        if not item or (key == "~" and kind not in _SHARED_KINDS):
            raise AddressError(
                f"{text!r} names nothing", expected=f"an item, or ~/ one of {_SHARED_KINDS}"
            )
        fragment: dict[str, Value] = {}
        for piece in tail.split("&") if tail else ():
            label, equals, value = piece.partition("=")
            if not equals or label in fragment:
                raise AddressError(f"{piece!r} in {text!r}", expected="name=value, each name once")
            fragment[label] = _read(label, value, text)
        return cls(key, kind, item, int(version) if at else None, fragment)

    def __str__(self) -> str:
        body = "/".join(quote(part, safe="~") for part in (self.key, self.kind, self.item))
        version = "" if self.version is None else f"@{self.version}"
        pieces = [f"{name}={_write(name, value)}" for name, value in self.fragment.items()]
        return f"onco:{body}{version}" + ("#" + "&".join(pieces) if pieces else "")

    def __hash__(self) -> int:
        plain = (self.key, self.kind, self.item, self.version)
        return hash((plain, frozenset(self.fragment.items())))

    def at(self, **fragment: Value) -> Address:
        """The same item with a fragment, such as ``address.at(voxel=(12, 80, 70))``."""
        made = Address(self.key, self.kind, self.item, self.version, {**self.fragment, **fragment})
        return Address.parse(str(made))

    def resolve(self, store: Store) -> Target:
        """Look up what it points at.

        Parameters
        ----------
        store : Store

        Returns
        -------
        Target
            The patient, the item, and the value at the fragment.

        Raises
        ------
        NotFoundError
            There is no such patient, version or item.
        AddressError
            The fragment does not fit the item, or points outside of it.
        """
        from explorer.target import resolve

        return resolve(self, store)


def _read(name: str, value: str, text: str) -> Value:
    try:
        if name == "point":
            numbers = tuple(float(part) for part in value.split(","))
            if len(numbers) == 3 and all(math.isfinite(number) for number in numbers):
                return numbers
        elif name == "voxel":
            indices = tuple(_integer(part) for part in value.split(","))
            if len(indices) in (2, 3, 4):
                return indices
        elif name == "box":
            box = tuple(_span(part) for part in value.split(","))
            if len(box) in (2, 3):
                return box
        elif name == "chars":
            return _span(value)
        elif name in ("label", "row", "node"):
            return unquote(value, errors="strict")
    except ValueError as error:
        raise AddressError(f"{name}={value} in {text!r}: {error}", expected=_FORMS[name]) from error
    raise AddressError(
        f"{name}={value} in {text!r}", expected=_FORMS.get(name, f"one of {sorted(_FORMS)}")
    )


_FORMS = {
    "point": "point=x,y,z in mm LPS",
    "voxel": "voxel=[t,]z,y,x (y,x in a single plane)",
    "box": "box=z0:z1,y0:y1,x0:x1 with each end after its start",
    "chars": "chars=start:end",
    "label": "label=<segment>",
    "row": "row=<primary key>",
    "node": "node=<stable id>",
}


def _integer(text: str) -> int:
    if not _INT.match(text):
        raise ValueError(f"{text!r} is not an index")
    return int(text)


def _span(text: str) -> tuple[int, int]:
    start, colon, end = text.partition(":")
    pair = (_integer(start), _integer(end))
    if not colon or pair[1] < pair[0]:
        raise ValueError(f"{text!r} is not start:end")
    return pair


def _write(name: str, value: Value) -> str:
    if isinstance(value, str):
        return quote(value, safe="~")
    if name == "chars":
        return ":".join(str(part) for part in value)
    if name == "box":
        return ",".join(f"{pair[0]}:{pair[1]}" for pair in value)  # type: ignore[index]
    if name == "point":
        return ",".join(repr(float(part)) for part in value)  # type: ignore[arg-type]
    return ",".join(str(part) for part in value)
